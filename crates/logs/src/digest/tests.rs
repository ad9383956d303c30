use firstfault_model::{Assume, Background, Declaration, SignatureSpec, Trust};

use super::*;
use crate::Signatures;

fn signatures() -> Signatures {
    let spec = |name: &str, literal: &str, pattern: &str| SignatureSpec {
        finding: Declaration { id: "log.test", says: "", background: Background::Rarely, trust: Trust::Application },
        name: name.to_owned(),
        literals: vec![literal.to_owned()],
        pattern: Some(pattern.to_owned()),
    };
    Signatures::compile(&[spec("refused", "refused", r"refused by (?P<host>\S+)")])
}

fn digest(text: &str) -> Digest {
    let signatures = signatures();
    let mut builder = DigestBuilder::new(&signatures, &Assume::default(), None, 1);
    text.lines().for_each(|l| builder.line(l));
    builder.finish()
}

fn templates(digest: &Digest) -> Vec<(&str, u64)> {
    digest.shapes.iter().map(|s| (s.template.as_str(), s.count)).collect()
}

#[test]
fn a_stack_trace_is_one_record_with_its_root() {
    let digest = digest(
        "2026-01-01T00:00:00Z ERROR request failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: Connection refused\n\tat x.Y(Z.java:2)\n2026-01-01T00:00:01Z INFO ok\n",
    );
    assert_eq!((digest.lines, digest.records), (6, 2));
    assert_eq!(digest.warnings().count(), 1);
    assert_eq!(digest.shapes[0].trace.as_ref().map(|t| t.exception.as_str()), Some("java.net.ConnectException"));
    assert!(digest.shapes[0].example.text.as_str().ends_with("x.Y(Z.java:2)"));
    assert_eq!(digest.last_words.len(), 2);
}

#[test]
fn records_that_are_alike_are_counted_together_whatever_their_level() {
    let digest = digest("ERROR failed after 3 tries\nERROR failed after 9 tries\nINFO fine\nINFO fine\nWARN fine\n");
    assert_eq!(templates(&digest), [("failed after <num> tries", 2), ("fine", 1), ("fine", 2)]);
    let levels: Vec<_> = digest.shapes.iter().map(|s| s.level).collect();
    assert_eq!(levels, [Some(Level::Error), Some(Level::Warn), Some(Level::Info)]);
    assert_eq!(digest.warnings().count(), 2);
}

#[test]
fn words_that_stand_in_one_place_are_values_of_one_shape() {
    let lines: String = (0..40)
        .map(|s| {
            let user = ["ann", "bob", "eve"][s % 3];
            format!("2026-01-01T00:00:{s:02}Z INFO page {s} was shown to user {user} today\n")
        })
        .collect();
    let digest = digest(&lines);
    assert_eq!(templates(&digest), [("page <num> was shown to user <*> today", 40)]);
    let [page, user] = digest.shapes[0].varying.as_slice() else {
        panic!("two places: {:?}", digest.shapes[0].varying)
    };
    assert_eq!(
        user.values.iter().map(|(v, h)| (v.as_str(), h.total())).collect::<Vec<_>>(),
        [("ann", 14), ("bob", 13), ("eve", 13)]
    );
    assert!(page.values.len() <= 16);
    assert_eq!(digest.shapes[0].history.total(), 40);
}

#[test]
fn known_messages_are_counted_by_what_they_name() {
    let digest = digest(
        "2026-01-01T00:00:00Z ERROR refused by db\n2026-01-01T00:00:01Z ERROR refused by mail\n2026-01-01T00:00:02Z ERROR refused by db\n2026-01-01T00:00:03Z ERROR refused\n",
    );
    let hits: Vec<_> =
        digest.hits.iter().map(|h| (h.fields["host"].as_str(), h.count, h.first.line, h.latest.line)).collect();
    assert_eq!(hits, [("db", 2, 1, 3), ("mail", 1, 2, 2)]);
}

#[test]
fn what_is_counted_beside_is_the_same() {
    let lines: Vec<String> = (0..30_000)
        .map(|i| {
            let s = i / 600;
            match i % 7 {
                0 => format!("2026-01-01T00:00:{s:02}Z ERROR request {i} was refused by host-{}", i % 3),
                1 => "\tat a.B.c(B.java:1)".to_owned(),
                _ => format!("2026-01-01T00:00:{s:02}Z INFO request {i} took {} ms", i % 90),
            }
        })
        .collect();
    let signatures = signatures();
    let all = |mut builder: DigestBuilder<'_>| {
        lines.iter().for_each(|line| builder.line(line));
        format!("{:?}", builder.finish())
    };
    let here = all(DigestBuilder::new(&signatures, &Assume::default(), None, 1));
    let beside = std::thread::scope(|scope| all(DigestBuilder::beside(scope, &signatures, &Assume::default(), None)));
    assert_eq!(here, beside);
    assert!(here.contains("host-2"));
}

/// A log of nothing but new messages costs no more than its bounds.
#[test]
fn more_kinds_than_are_told_apart_are_counted_together() {
    let word = |mut i: usize| {
        let mut word = String::new();
        for _ in 0..5 {
            word.push((b'a' + (i % 26) as u8) as char);
            i /= 26;
        }
        word
    };
    let lines: String = (0..6000)
        .map(|i| format!("2026-01-01T00:00:00Z {} {} went {}\n", word(i * 7919), word(i), word(i * 31)))
        .collect();
    let digest = digest(&lines);
    assert_eq!(digest.records, 6000);
    assert!(digest.shapes.len() <= 1000);
}

#[test]
fn rules_of_others_run_on_the_same_pass() {
    let text = "rules:\n- cre: {id: R-1, title: T}\n  rule: {set: {match: [{value: lost}]}}\n";
    let (rules, _) = crate::cre::Rules::load(&[("r.yaml".to_owned(), text.to_owned())]);
    let signatures = Signatures::default().with_rules(rules);
    let mut builder = DigestBuilder::new(&signatures, &Assume::default(), None, 11);
    "2026-01-01T00:00:00Z up\n2026-01-01T00:00:01Z lost\n".lines().for_each(|l| builder.line(l));
    let matches: Vec<_> = builder.finish().rules.into_iter().map(|m| (m.rule, m.count, m.lines)).collect();
    assert_eq!(matches, [("R-1".to_owned(), 1, vec![12])]);
    assert!(digest("2026-01-01T00:00:01Z lost\n").rules.is_empty(), "without rules there is no match");
}

#[test]
fn a_line_that_holds_many_records_is_one_line() {
    let record =
        |second: u32| format!("{{\"timestamp\":\"2026-01-01T00:00:0{second}Z\",\"message\":\"refused by h{second}\"}}");
    let filler = format!("{{\"timestamp\":\"2026-01-01T00:00:04Z\",\"message\":\"{}\"}}", "x".repeat(20_000));
    let digest = digest(&format!("{{\"Records\":[{},{filler},{}]}}\nend\n", record(1), record(2)));
    assert_eq!((digest.lines, digest.records), (2, 4), "long lines are cut only after they were taken apart");
    assert_eq!(digest.hits.iter().map(|hit| hit.first.line).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_stack_trace_is_read_where_loggers_put_it() {
    let java = r"java.lang.E: no\n\tat com.shop.Cart.total(Cart.java:41)\nCaused by: java.net.ConnectException: refused\n\tat com.shop.Db.open(Db.java:7)\n\t... 1 more";
    let python =
        r#"Traceback (most recent call last):\n  File \"/srv/db.py\", line 7, in open\n    x()\nOSError: refused"#;
    let go = r"main.open\n\t/src/db.go:7\nmain.main\n\t/src/main.go:3";
    for (line, frame) in [
        (format!(r#"{{"level":"ERROR","message":"failed","stack_trace":"{java}"}}"#), "com.shop.Db.open (Db.java:7)"),
        (format!(r#"{{"log.level":"error","message":"failed","error":{{"type":"E","message":"no","stack_trace":"{java}"}}}}"#), "com.shop.Db.open (Db.java:7)"),
        (format!(r#"{{"severityText":"ERROR","body":{{"stringValue":"failed"}},"attributes":[{{"key":"a","value":{{"stringValue":"b\nc"}}}},{{"key":"exception.stacktrace","value":{{"stringValue":"{java}"}}}}]}}"#), "com.shop.Db.open (Db.java:7)"),
        (format!(r#"{{"levelname":"ERROR","message":"failed","exc_info":"{python}"}}"#), "open (/srv/db.py:7)"),
        (format!(r#"{{"level":"error","msg":"failed","error":"refused","stacktrace":"{go}"}}"#), "main.open (/src/db.go:7)"),
        (r#"{"level":50,"err":{"type":"Error","message":"refused","stack":"Error: refused\n    at open (/app/db.js:7:1)"},"msg":"failed"}"#.to_owned(), "open (/app/db.js:7)"),
    ] {
        let digest = digest(&format!("{line}\n"));
        let trace = digest.shapes[0].trace.as_ref().unwrap_or_else(|| panic!("no trace in {line}: {:?}", digest.shapes));
        assert_eq!(trace.frame.as_deref(), Some(frame), "{line}");
        assert_eq!(digest.last_words[0].trace.as_ref(), Some(trace));
    }
}

#[test]
fn the_root_of_a_long_trace_is_found() {
    let frames = |class: &str| format!("\tat com.shop.{class}.run(X.java:1)\n").repeat(90);
    let text = format!(
        "2026-01-01T00:00:00Z ERROR failed\ncom.shop.OuterException: a\n{}Caused by: com.shop.InnerException: b\n{}2026-01-01T00:00:01Z INFO up\n",
        frames("Outer"),
        frames("Inner")
    );
    let digest = digest(&text);
    assert_eq!(digest.records, 2);
    let trace = digest.shapes[0].trace.as_ref().expect("a trace");
    assert_eq!(trace.exception, "com.shop.InnerException");
}

#[test]
fn lines_of_several_containers_are_joined_by_their_own() {
    let text = "[pod/a-0/app] 2026-01-01T00:00:00Z ERROR java.lang.IllegalStateException: no\n[pod/b-0/app] 2026-01-01T00:00:00Z INFO up\n[pod/a-0/app] \tat com.shop.Cart.total(Cart.java:41)\n";
    let digest = digest(text);
    assert_eq!(digest.records, 2);
    let trace = digest.shapes[0].trace.as_ref().expect("a trace");
    assert_eq!(trace.frame.as_deref(), Some("com.shop.Cart.total (Cart.java:41)"));
}
