use firstfault_catalog::Catalog;
use firstfault_model::case::Case;
use serde_json::{Value, json};

use crate::plan::{Phase, Step};
use crate::{Audience, Progress, message, plan};

fn remedy(kind: &str, title: &str, step: &str) -> Value {
    json!({"kind": kind, "title": title, "steps": [step], "risk": "low",
           "rollback": "kubectl -n shop rollout undo deployment/api",
           "verification": "kubectl -n shop get pods shows them ready for ten minutes"})
}

fn theory(rank: usize, mode: &str, probability: f64, check: &str) -> Value {
    json!({"rank": rank, "failure_mode": mode, "title": format!("It is {mode}"), "area": "a",
           "entity": {"kind": "Deployment", "namespace": "shop", "name": "api"}, "probability": probability,
           "score": 1.0, "summary": format!("{mode} is so."), "independent": false, "chain": [], "evidence": [],
           "against": [], "weights": [],
           "tests": [{"command": check, "decides": "whether it is", "outcomes": ["it is", "it is not"]}],
           "remedies": [remedy("restore", "Restart it", "kubectl -n shop rollout restart deployment/api"),
                        remedy("fix", "Correct it", "kubectl -n shop apply -f api.yaml")],
           "prevents": [], "twins": [], "references": []})
}

fn case(status: &str, over: bool, theories: &[Value]) -> Case {
    serde_json::from_value(json!({
        "schema": "firstfault.case/v1", "status": status, "over": over,
        "severity": {"level": 2, "reasons": []}, "window": {"from": null, "to": null}, "symptoms": [],
        "hypotheses": theories, "none_probability": 0.1, "affected": [], "unaffected": [], "timeline": [],
        "changes": [], "coverage": [], "collect": [], "unexplained": [], "notes": [],
        "evidence": {"paths": [], "hash": ""}, "sources": []}))
    .expect("a case")
}

fn composed(case: &Case) -> Vec<Step> {
    let catalog = Catalog::embedded(std::iter::empty()).expect("the catalogue loads");
    plan(case, &catalog).steps
}

#[test]
fn competing_theories_are_told_apart_before_anything_is_changed() {
    let case = case(
        "incident",
        false,
        &[theory(1, "a.first", 0.5, "kubectl -n shop get pods"), theory(2, "a.second", 0.4, "kubectl get nodes")],
    );
    let steps = composed(&case);
    let phases: Vec<Phase> = steps.iter().map(|s| s.phase).collect();
    use Phase::{Confirm, Decide, Fix, Restore};
    assert_eq!(phases, [Decide, Decide, Restore, Restore, Fix, Fix, Confirm]);
    assert!(steps[..2].iter().all(|s| !s.changes()));
    // Whoever follows it knows which of the two restores to take.
    assert!(steps[2].when.as_deref().is_some_and(|w| w.contains("It is a.first")));
    assert!(steps[3].when.as_deref().is_some_and(|w| w.contains("It is a.second")));
}

#[test]
fn a_sure_cause_is_mended_at_once_and_a_weak_rival_is_left_out() {
    let case = case(
        "incident",
        false,
        &[theory(1, "a.first", 0.9, "kubectl -n shop get pods"), theory(2, "a.second", 0.08, "kubectl get nodes")],
    );
    let steps = composed(&case);
    assert_eq!(steps.iter().map(|s| s.phase).collect::<Vec<_>>(), [Phase::Restore, Phase::Fix, Phase::Confirm]);
    assert_eq!(steps[0].when, None);
    assert_eq!(steps[0].verification.as_ref().and_then(|v| v.wait.as_deref()), Some("10 minutes"));
}

#[test]
fn what_is_over_is_only_kept_from_coming_back() {
    let case = case("incident", true, &[theory(1, "a.first", 0.9, "kubectl -n shop get pods")]);
    assert!(composed(&case).iter().all(|s| s.phase != Phase::Restore));
}

#[test]
fn nothing_is_done_about_what_is_well() {
    assert!(composed(&case("healthy", false, &[])).is_empty());
}

#[test]
fn a_message_says_no_more_than_is_known() {
    let unsure = case("incident", false, &[theory(1, "a.first", 0.5, "kubectl get pods")]);
    assert_eq!(Progress::of(&unsure), Progress::Investigating);
    assert_eq!(
        message(&unsure, Audience::Customers, Progress::of(&unsure)),
        "Investigating: We see a problem with a part of our service. We are looking for the cause. We write again within an hour.\n"
    );
    let sure = case("incident", false, &[theory(1, "a.first", 0.9, "kubectl get pods")]);
    assert_eq!(Progress::of(&sure), Progress::Identified);
    assert!(
        message(&sure, Audience::Executives, Progress::Identified).contains("Cause (90 %): It is a.first, in api.")
    );
}
