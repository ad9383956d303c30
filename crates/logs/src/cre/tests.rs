use jiff::Timestamp;

use super::{Match, Matcher, RuleError, Rules};

fn load(text: &str) -> (Rules, Vec<RuleError>) {
    Rules::load(&[("rules.yaml".to_owned(), text.to_owned())])
}

fn rule(id: &str, body: &str) -> String {
    format!("rules:\n- cre:\n    id: {id}\n    title: T\n  rule:\n{body}\n")
}

/// Records at given seconds.
fn run(rules: &Rules, records: &[(i64, &str)]) -> Vec<Match> {
    let mut matcher = Matcher::new(rules);
    for (nth, (second, text)) in records.iter().enumerate() {
        let time = Timestamp::from_second(*second).expect("a time");
        matcher.record(Some(time), text, u32::try_from(nth).expect("few") + 1);
    }
    matcher.finish()
}

fn count(body: &str, records: &[(i64, &str)]) -> u64 {
    let (rules, errors) = load(&rule("R-1", body));
    assert_eq!(errors, []);
    run(&rules, records).first().map_or(0, |m| m.count)
}

#[test]
fn one_positive_hits_on_every_record() {
    let body = "    set:\n      match:\n      - value: lost";
    assert_eq!(count(body, &[(1, "lost a"), (1, "found"), (2, "lost b"), (0, "lost late")]), 3);
}

#[test]
fn a_set_needs_all_its_positives_within_the_window() {
    let body = "    set:\n      window: 10s\n      match:\n      - value: a\n      - regex: 'b+'\n        count: 2";
    assert_eq!(count(body, &[(0, "bb"), (5, "b"), (10, "a")]), 1, "exactly the window old stays");
    assert_eq!(count(body, &[(0, "bb"), (5, "b"), (11, "a")]), 0);
    assert_eq!(count(body, &[(0, "ab"), (1, "ab"), (2, "ab"), (3, "ab")]), 2, "used records are gone");
}

#[test]
fn equal_items_are_counted_together() {
    let body = "    set:\n      window: 10s\n      match:\n      - value: a\n      - value: a";
    assert_eq!(count(body, &[(0, "a")]), 0);
    assert_eq!(count(body, &[(0, "a"), (1, "a")]), 1);
}

#[test]
fn a_sequence_needs_its_order() {
    let body = "    sequence:\n      window: 10s\n      order:\n      - value: first\n      - value: second\n        count: 2\n      - value: third";
    assert_eq!(count(body, &[(0, "first"), (1, "second"), (2, "second"), (3, "third")]), 1);
    assert_eq!(count(body, &[(0, "second"), (1, "first"), (2, "second"), (3, "third")]), 0);
    assert_eq!(count(body, &[(0, "first"), (1, "second"), (2, "second"), (30, "third")]), 0, "too late");
    assert_eq!(count(body, &[(0, "first"), (0, "second"), (0, "second"), (0, "third")]), 1, "equal times are in order");
    assert_eq!(count(body, &[(0, "first second third"), (0, "first second third"), (0, "first second third")]), 0);
}

#[test]
fn a_negative_takes_the_anchor_away() {
    let body = "    set:\n      match:\n      - value: bad\n      negate:\n      - value: known\n        window: 5s";
    assert_eq!(count(body, &[(0, "bad"), (3, "known"), (20, "other")]), 0);
    assert_eq!(count(body, &[(0, "bad"), (6, "known")]), 1);
    assert_eq!(count(body, &[(0, "bad")]), 1, "the end of the log ends the wait");
    assert_eq!(count(body, &[(0, "bad known"), (9, "x")]), 0);
}

#[test]
fn a_negative_may_look_back() {
    let body = "    set:\n      match:\n      - value: bad\n      negate:\n      - value: planned\n        slide: -10s\n        window: 10s";
    assert_eq!(count(body, &[(0, "planned"), (5, "bad"), (30, "x")]), 0);
    assert_eq!(count(body, &[(0, "planned"), (15, "bad"), (30, "x")]), 1);
}

#[test]
fn terms_stand_for_items_and_may_be_given_twice_only_once() {
    let text = format!(
        "{}terms:\n  broken:\n    regex: 'brok(en|e)'\n    field: message\n---\nterms:\n  broken:\n    value: x\n",
        rule("R-1", "    set:\n      match:\n      - broken")
    );
    let (rules, errors) = load(&text);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].what.contains("given twice") && errors[0].line > 8, "{errors:?}");
    assert_eq!(run(&rules, &[(0, "it broke")])[0].count, 1);
}

#[test]
fn a_bad_rule_is_said_with_its_line_and_the_others_run() {
    let set = |inner: &str| format!("    set:\n{inner}");
    let bad = [
        set("      match: []"),
        set("      window: 5s\n      match:\n      - value: a"),
        set("      match:\n      - value: a\n      - value: b"),
        set("      match:\n      - regex: '(a'"),
        set("      match:\n      - regex: a\n        value: b"),
        set("      match:\n      - jq: '.a |'"),
        set("      match:\n      - value: a\n      negate:\n      - value: b\n        count: 2"),
        set("      match:\n      - value: a\n      negate:\n      - value: b\n        anchor: 1"),
        set("      window: soon\n      match:\n      - value: a\n      - value: b"),
        "    sequence:\n      order:\n      - value: a\n      - value: b".to_owned(),
        "    other: 1".to_owned(),
    ];
    let mut text = String::new();
    for (nth, body) in bad.iter().enumerate() {
        text.push_str(&rule(&format!("BAD-{nth}"), body));
        text.push_str("---\n");
    }
    text.push_str(&rule("GOOD", "    set:\n      match:\n      - value: a"));
    let (rules, errors) = load(&text);
    assert_eq!(errors.len(), bad.len(), "{errors:#?}");
    for (nth, error) in errors.iter().enumerate() {
        assert_eq!(error.rule.as_deref(), Some(format!("BAD-{nth}").as_str()));
        assert!(error.line > 0, "{error:?}");
    }
    assert!(errors.windows(2).all(|e| e[0].line < e[1].line), "each error names its own place: {errors:#?}");
    assert_eq!(run(&rules, &[(0, "a")])[0].rule, "GOOD");
}

#[test]
fn text_that_is_no_yaml_is_an_error_and_the_next_document_is_read() {
    let (rules, errors) = load(&format!("rules: [\n---\n{}", rule("R", "    set:\n      match:\n      - a")));
    assert_eq!((errors.len(), rules.len()), (1, 1), "{errors:?}");
}

#[test]
fn a_rule_with_both_is_a_sequence() {
    let body = "    set:\n      match:\n      - value: z\n    sequence:\n      window: 5s\n      order:\n      - value: a\n      - value: b";
    assert_eq!(count(body, &[(0, "z")]), 0);
    assert_eq!(count(body, &[(0, "a"), (1, "b")]), 1);
}

#[test]
fn the_prefilter_changes_no_match() {
    let patterns = [
        "value: Lost",
        "regex: '(?i)LOST (task|kid)s?'",
        "regex: '^x|y$'",
        "regex: 'a.*b'",
        "value: 'ost t'",
        "regex: '(?i)\u{17f}top'",
        "regex: '\\d{3}-[a-f]+ code'",
    ];
    let text: String = patterns
        .iter()
        .enumerate()
        .map(|(n, p)| format!("{}---\n", rule(&format!("R{n}"), &format!("    set:\n      match:\n      - {p}"))))
        .collect();
    let (rules, errors) = load(&text);
    assert_eq!(errors, []);
    let mut scratch = rules.patterns.scratch();
    for line in [
        "Lost task",
        "lost TASKS",
        "x",
        "my y",
        "a then b",
        "STOP",
        "ſtop",
        "123-abc code",
        "",
        "lost KIDS",
        "loſt kid",
    ] {
        rules.patterns.search(line, &mut scratch);
        assert_eq!(scratch.matched, rules.patterns.search_plainly(line), "{line}");
    }
}

#[test]
fn a_match_shows_a_record_of_the_first_hit_and_what_the_author_says() {
    let text = rule("R-1", "    set:\n      window: 10s\n      match:\n      - value: a\n      - value: b")
        .replace("title: T", "title: T\n    cause: why\n    mitigation: |\n      do this");
    let (rules, errors) = load(&text);
    assert_eq!(errors, []);
    let matches = run(&rules, &[(0, "an old a"), (50, "a 1"), (51, "nothing"), (52, "b 1"), (53, "a 2"), (54, "b 2")]);
    assert_eq!(matches[0].shown, Some((4, "b 1".to_owned())), "what completed it");
    assert_eq!((matches[0].count, &matches[0].lines), (2, &vec![2, 4, 5, 6]));
    let words = &matches[0].words;
    assert_eq!(
        (words.file.as_str(), words.cause.as_str(), words.mitigation.as_str()),
        ("rules.yaml", "why", "do this")
    );
}
