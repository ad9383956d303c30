//! Suppressions, and the shape of what is printed.

use jiff::Timestamp;
use serde_json::Value;

use super::{GOOD, catalog, live};
use crate::{Suppressions, audit};

fn now() -> Option<Timestamp> {
    Some("2026-05-04T12:00:00Z".parse().expect("a time"))
}

fn suppress(entity: &str, until: &str) -> Suppressions {
    let text = format!(
        "[[audit.suppress]]\ncode = \"FF401\"\nentity = \"{entity}\"\nreason = \"a stall, open in summer\"\nuntil = {until}\n"
    );
    Suppressions::parse(&text).expect("it is good")
}

fn alone() -> String {
    GOOD.replace("replicas: 3", "replicas: 1").replace("maxUnavailable: 1", "maxUnavailable: 100%")
}

#[test]
fn a_suppression_takes_its_remark_out_and_says_so() {
    let world = live(&alone());
    let left =
        audit(&world, &catalog(), &suppress("Deployment/bakery/till", "2026-09-01"), now()).expect("it can be judged");
    assert!(left.remarks.is_empty() && left.notes.is_empty(), "{left:?}");
    assert_eq!(left.suppressed[0].reason, "a stall, open in summer");
}

#[test]
fn one_that_is_over_or_matches_nothing_is_said() {
    let world = live(&alone());
    let over = audit(&world, &catalog(), &suppress("Deployment/bakery/till", "2026-05-01"), now()).expect("judged");
    assert_eq!(over.remarks.len(), 1);
    assert!(over.notes[0].contains("over since 2026-05-01"), "{:?}", over.notes);
    let unused = audit(&world, &catalog(), &suppress("Deployment/bakery/oven", "2026-09-01"), now()).expect("judged");
    assert_eq!(unused.remarks.len(), 1);
    assert!(unused.notes[0].contains("matches no remark"), "{:?}", unused.notes);
}

/// The properties that SARIF 2.1.0 requires, and the types of those that are used.
#[test]
fn the_log_is_sarif() {
    let world = live(&alone());
    let audit = audit(&world, &catalog(), &suppress("Deployment/bakery/oven", "2026-09-01"), now()).expect("judged");
    let log: Value = serde_json::from_str(&crate::sarif(&audit)).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().is_some_and(|s| s.ends_with("sarif-schema-2.1.0.json")));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "firstfault");
    let rules = driver["rules"].as_array().expect("rules");
    for rule in rules {
        assert!(rule["id"].is_string() && rule["shortDescription"]["text"].is_string() && rule["helpUri"].is_string());
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().is_some_and(|t| !t.is_empty()));
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("a level")));
        assert!((0.0..=100.0).contains(&result["rank"].as_f64().expect("a rank")));
        let location = &result["locations"][0];
        let region = &location["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64() >= Some(1) && region["endLine"].as_u64() >= region["startLine"].as_u64());
        assert!(location["physicalLocation"]["artifactLocation"]["uri"].is_string());
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "Deployment/bakery/till");
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert!(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].is_string());
}

#[test]
fn names_of_the_evidence_stay_one_word_of_a_command_and_no_markup() {
    let text = alone().replace(
        "name: till, namespace: bakery}\nspec:\n  replicas",
        "name: \"till;$(reboot)\\u001b[2J\\n<script>\", namespace: bakery}\nspec:\n  replicas",
    );
    let audit = audit(&live(&text), &catalog(), &Suppressions::default(), now()).expect("judged");
    let remark = audit.remarks.iter().find(|r| r.code == "FF401").expect("one replica");
    assert!(remark.mend.contains("'deployment/till;$(reboot)"), "{}", remark.mend);
    let plain = crate::terminal(&audit);
    assert!(!plain.contains("\u{1b}[2J"), "{plain}");
    // Between backticks it is code, elsewhere it has to be escaped.
    let page = crate::markdown(&audit);
    assert!(page.split('`').step_by(2).all(|outside| !outside.replace("\\<", "").contains("<script")), "{page}");
}
