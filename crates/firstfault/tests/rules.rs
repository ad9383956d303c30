//! Rules of others that are run on the logs of an incident.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{firstfault, root};

const RULES: &str = "rules:
- cre:
    id: OURS-1
    severity: 1
    title: The ledger was not balanced
    cause: Two writers, password=hunter2hunter2
    mitigation: |
      $ ledger --repair
  rule:
    set:
      window: 10s
      match:
      - value: ledger opened
      - regex: 'imbalance of \\d+'
- cre:
    id: OURS-2
    title: Never seen
  rule: {set: {match: [{value: something else}]}}
- cre:
    id: OURS-3
    title: Rejected
  rule: {set: {match: []}}
";

/// Evidence with one log, and a rules file beside it.
fn prepared(log: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (evidence, rules) = (folder.path().join("evidence"), folder.path().join("ours.yaml"));
    fs::create_dir_all(evidence.join("logs")).expect("a folder");
    fs::write(evidence.join("logs/books.log"), log).expect("written");
    fs::write(&rules, RULES).expect("written");
    (folder, evidence, rules)
}

fn investigate(evidence: &Path, rules: Option<&Path>, format: &str) -> String {
    let mut arguments = vec!["investigate", evidence.to_str().expect("plain"), "--format", format, "--no-color"];
    if let Some(rules) = rules {
        arguments.extend(["--rules", rules.to_str().expect("plain")]);
    }
    String::from_utf8(firstfault(&arguments).stdout).expect("text")
}

const HIT: &str = "2026-11-24T10:00:00Z INFO ledger opened\n2026-11-24T10:00:03Z INFO imbalance of 17 found\n2026-11-24T10:00:04Z INFO done\n";
const NEAR_MISS: &str = "2026-11-24T10:00:00Z INFO ledger opened\n2026-11-24T10:00:30Z INFO imbalance of 17 found\n2026-11-24T10:00:31Z INFO done\n";

#[test]
fn a_rule_that_matches_is_shown_first_where_nothing_is_explained() {
    let (_folder, evidence, rules) = prepared(HIT);
    let case: Value = serde_json::from_str(&investigate(&evidence, Some(&rules), "json")).expect("JSON");
    let rule = &case["rules"][0];
    assert_eq!((&rule["rule"], &rule["severity"], &rule["count"]), (&json!("OURS-1"), &json!(1), &json!(1)));
    let fact = &rule["evidence"][0];
    assert_eq!((&fact["path"], &fact["lines"]), (&json!("logs/books.log"), &json!([2, 2])));
    assert_eq!((&fact["since"], &fact["until"]), (&json!("2026-11-24T10:00:00Z"), &json!("2026-11-24T10:00:03Z")));
    assert_eq!(case["rules"].as_array().map(Vec::len), Some(1), "the others did not match");
    assert_eq!(case["unexplained"][0]["finding"], "log.rule");
    assert_eq!(case["status"], "insufficient");
    assert_eq!(case["hypotheses"], json!([]), "a rule makes no theory");
    for format in ["terminal", "markdown", "html"] {
        let shown = investigate(&evidence, Some(&rules), format);
        for wanted in ["Rules that matched", "The ledger was not balanced", "logs/books.log:2", "mitigation, says"] {
            assert!(shown.contains(wanted), "{format} lacks {wanted}: {shown}");
        }
        assert!(!shown.contains("hunter2hunter2"), "{format} shows a secret");
    }
}

#[test]
fn a_rule_that_does_not_match_changes_nothing() {
    let (_folder, evidence, rules) = prepared(NEAR_MISS);
    let mut with: Value = serde_json::from_str(&investigate(&evidence, Some(&rules), "json")).expect("JSON");
    let without: Value = serde_json::from_str(&investigate(&evidence, None, "json")).expect("JSON");
    assert_eq!(with["rules"], json!([]));
    with["coverage"].as_array_mut().expect("lines").pop();
    assert_eq!(with, without);
}

#[test]
fn a_rejected_rule_is_told_with_file_and_line() {
    let (_folder, evidence, rules) = prepared(HIT);
    let case: Value = serde_json::from_str(&investigate(&evidence, Some(&rules), "json")).expect("JSON");
    let coverage = case["coverage"].as_array().and_then(|lines| lines.last()).expect("a line").clone();
    assert_eq!((&coverage["what"], &coverage["items"]), (&json!("rules of others"), &json!(2)));
    let problem = coverage["problems"][0].as_str().expect("a problem");
    assert!(problem.contains("ours.yaml:19: OURS-3: it has no positive"), "{problem}");
}

#[test]
fn a_rule_never_outranks_the_catalogue() {
    let evidence = root().join("scenarios/application.disk-full/hit/evidence");
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("r.yaml");
    fs::write(&rules, "rules:\n- cre: {id: R, title: T}\n  rule: {set: {match: [{regex: '.'}]}}\n").expect("written");
    let mut with: Value = serde_json::from_str(&investigate(&evidence, Some(&rules), "json")).expect("JSON");
    let without: Value = serde_json::from_str(&investigate(&evidence, None, "json")).expect("JSON");
    assert_ne!(with["rules"], json!([]), "it matches every record");
    for part in ["status", "hypotheses", "unexplained", "affected"] {
        assert_eq!(with[part].take(), without[part], "{part}");
    }
}
