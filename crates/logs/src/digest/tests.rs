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
