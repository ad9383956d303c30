use super::detect;
use crate::sample::{Sample, entity, ids};

fn zero() -> Sample {
    Sample::default().api(
        "Deployment/shop/import",
        r#"{"spec":{"replicas":0,"selector":{"matchLabels":{"app":"import"}},"template":{"metadata":{"labels":{"app":"import"}}}},"status":{}}"#,
    )
}

#[test]
fn zero_on_purpose_is_no_fault() {
    assert!(zero().found(detect).is_empty());
}

#[test]
fn zero_that_an_incident_is_about_is() {
    let mut world = zero();
    world.0.incident.about.push(entity("Deployment/shop/import"));
    assert_eq!(ids(&world.found(detect)), ["rollout.needed-but-zero"]);
}

#[test]
fn a_new_revision_that_is_not_ready_beside_an_old_one_is_stuck() {
    let owner = r#""ownerReferences":[{"kind":"Deployment","name":"api","controller":true}]"#;
    let world = Sample::default()
        .api("Deployment/shop/api", r#"{"spec":{"replicas":2},"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}}"#)
        .api("ReplicaSet/shop/api-1", &format!(r#"{{"metadata":{{{owner}}},"spec":{{"replicas":2}},"status":{{"readyReplicas":2}}}}"#));
    assert_eq!(ids(&world.found(detect)), ["rollout.deadline-exceeded"]);
}
