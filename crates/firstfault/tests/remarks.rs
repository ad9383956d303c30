//! What could be meant is said, and changes nothing.

mod support;

use support::{firstfault, investigate, root};

#[test]
fn a_suspended_schedule_that_nobody_misses_is_a_remark_in_a_healthy_cluster() {
    let evidence = root().join("scenarios/healthy/nightly-jobs-and-a-retry/evidence");
    let (case, code) = investigate(&evidence);
    assert_eq!((case["status"].as_str(), code), (Some("healthy"), 0));
    assert_eq!(case["remarks"][0]["finding"], "job.schedule-suspended");
    let shown = firstfault(&["investigate", evidence.to_str().expect("a plain path"), "--no-color"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("Could be meant"));
}

#[test]
fn what_the_answer_already_blames_is_no_remark() {
    let (case, _) = investigate(&root().join("scenarios/job.suspended/hit-events/evidence"));
    assert_eq!(case["hypotheses"][0]["failure_mode"], "job.suspended");
    assert_eq!(case["remarks"], serde_json::json!([]));
}
