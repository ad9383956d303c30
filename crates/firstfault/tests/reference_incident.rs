//! The reference incident: a cache without eviction fills the memory of `auth` until the kernel
//! kills its pods, and every request fails. What must be said of it is checked here.

mod support;

use serde_json::Value;
use support::{investigate, root};

fn case() -> Value {
    let (case, code) = investigate(&root().join("examples/incidents/auth-token-cache"));
    assert_eq!(code, 1, "an incident");
    case
}

fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|item| item[key].as_str()).collect()
}

#[test]
fn a_memory_leak_of_auth_is_named_first_with_its_numbers() {
    let case = case();
    let first = &case["hypotheses"][0];
    assert_eq!(first["failure_mode"], "performance.memory-leak");
    assert_eq!(first["entity"], serde_json::json!({"kind": "Deployment", "namespace": "platform", "name": "auth"}));
    assert!(first["probability"].as_f64() > Some(0.9));
    let summary = first["summary"].as_str().unwrap_or_default();
    for part in [
        "11.7 MB a minute",
        "95 % interval",
        "3 of 3 measured replicas",
        "2.95 GB, 98 % of its limit of 3.00 GB",
        "after each restart it is full again within 1 min",
        "revision 42: auth 2.14.0",
        "for each of 412 requests a second",
    ] {
        assert!(summary.contains(part), "{part:?} is not in {summary:?}");
    }
}

#[test]
fn it_is_a_sev_1_since_every_request_at_the_edge_fails() {
    let case = case();
    assert_eq!(case["severity"]["level"], 1);
    let reasons = case["severity"]["reasons"].to_string();
    assert!(reasons.contains("100 % of the requests to Deployment platform/gateway fail"), "{reasons}");
    assert!(reasons.contains("for 18 minutes"), "{reasons}");
    assert_eq!(case["over"], false);
}

#[test]
fn the_chain_leads_from_the_leak_over_the_kills_to_the_gateway() {
    let case = case();
    let chain = case["hypotheses"][0]["chain"].as_array().expect("a chain");
    let at = |name: &str, what: &str| {
        chain
            .iter()
            .position(|link| link["entity"]["name"] == name && link["what"].as_str().unwrap_or("").contains(what))
    };
    let leak = at("auth", "keeps memory").expect("the leak");
    let killed = at("auth", "was killed because it went over its memory limit").expect("the kills");
    let edge = chain.iter().position(|link| link["entity"]["name"] == "gateway").expect("the gateway");
    assert!(leak < killed && killed < edge);
    assert!(texts(&case["affected"], "name").contains(&"gateway"));
    assert!(texts(&case["unaffected"], "name").contains(&"orders"));
}

#[test]
fn the_profile_and_the_level_traffic_are_among_its_proof() {
    let case = case();
    let found = texts(&case["hypotheses"][0]["evidence"], "finding");
    for finding in ["memory.grows-to-limit", "profile.heap-in-one-place", "traffic.steady", "container.oom-killed"] {
        assert!(found.contains(&finding), "{finding} is not in {found:?}");
    }
    assert!(case["hypotheses"][0]["evidence"].to_string().contains("TokenCache"));
}

#[test]
fn a_surge_and_a_mere_kill_are_ruled_out_with_a_reason() {
    let case = case();
    let hypotheses = case["hypotheses"].as_array().expect("a list");
    for (mode, reason) in
        [("performance.request-surge", "traffic.steady"), ("container.oom-killed", "memory.grows-to-limit")]
    {
        let rival =
            hypotheses.iter().find(|h| h["failure_mode"] == mode).unwrap_or_else(|| panic!("{mode} is weighed"));
        assert!(texts(&rival["against"], "finding").contains(&reason), "{mode}");
        assert!(rival["probability"].as_f64() < Some(0.05));
    }
}

#[test]
fn the_clock_that_is_an_hour_late_is_noted_and_does_not_turn_cause_and_effect() {
    let case = case();
    let notes = case["notes"].to_string();
    assert!(notes.contains("60 minutes later than logs and metrics"), "{notes}");
    let at = |what: &str| {
        let moments = case["timeline"].as_array().expect("a list").iter();
        moments.filter(|m| m["what"].as_str().unwrap_or("").contains(what)).find_map(|m| m["at"].as_str()).unwrap_or("")
    };
    assert_eq!(at("was killed because it went over its memory limit"), "2026-11-17T14:32:08Z");
    assert_eq!(at("fails its readiness probe"), "2026-11-17T14:32:00Z", "an age is told from now, on neither clock");
    let late = texts(&case["timeline"], "at").into_iter().filter(|at| *at > "2026-11-17T14:50:00Z").count();
    assert_eq!(late, 0, "nothing lies behind the end of the window");
}

#[test]
fn there_is_a_next_check_and_every_remedy_has_its_undo() {
    let case = case();
    let first = &case["hypotheses"][0];
    assert!(texts(&first["tests"], "command")[0].starts_with("kubectl -n platform top pods"));
    let kinds = texts(&first["remedies"], "kind");
    assert_eq!((kinds.first(), kinds.last()), (Some(&"restore"), Some(&"fix")));
    assert!(texts(&first["remedies"], "rollback").iter().all(|undo| undo.contains("rollout undo")));
    let prevents = first["prevents"].to_string();
    for part in ["10 * 1024 * 1024", "million", "bound and a lifetime", "load test", "runbook"] {
        assert!(prevents.contains(part), "{part:?} is not in {prevents}");
    }
}
