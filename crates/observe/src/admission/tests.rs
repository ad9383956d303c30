//! Refusals as events, conditions and missing objects tell them.

use firstfault_model::State;

use super::detect;
use crate::sample::{Sample, ids};

const LACKING: &str = r#"{"spec":{"replicas":3},"status":{"replicas":1}}"#;

#[test]
fn a_quota_stands_on_the_quota_and_the_workload_creates_no_pods() {
    let sample = Sample::default().api("ReplicaSet/shop/api-7", LACKING).event(
        "ReplicaSet/shop/api-7",
        "FailedCreate",
        r#"Error creating: pods "api-7-x" is forbidden: exceeded quota: team, requested: requests.cpu=2, used: requests.cpu=9, limited: requests.cpu=10"#,
    );
    let found = sample.found(detect);
    assert_eq!(ids(&found), ["admission.cpu-quota-exceeded", "workload.creates-no-pods"]);
    let quota = found.iter().find(|f| f.id == "admission.cpu-quota-exceeded").expect("just seen");
    assert_eq!(quota.entity.to_string(), "ResourceQuota/shop/team");
    assert_eq!((quota.field("requested"), quota.field("limit")), ("2", "10"));
}

#[test]
fn a_refusal_that_healed_explains_nothing() {
    let sample = Sample::default().api("ReplicaSet/shop/api-7", r#"{"spec":{"replicas":2},"status":{"replicas":2}}"#).event(
        "ReplicaSet/shop/api-7",
        "FailedCreate",
        r#"Error creating: pods "api-7-" is forbidden: error looking up service account shop/api: serviceaccount "api" not found"#,
    );
    assert!(sample.found(detect).iter().all(|finding| finding.state == State::Recovered));
}

#[test]
fn an_account_that_exists_now_is_no_fault_and_one_that_does_not_is() {
    let message = r#"Error creating: pods "api-7-" is forbidden: error looking up service account shop/api: serviceaccount "api" not found"#;
    let lacking = || {
        Sample::default().api("ReplicaSet/shop/api-7", LACKING).event("ReplicaSet/shop/api-7", "FailedCreate", message)
    };
    let gone = lacking().found(detect);
    assert!(gone.iter().any(|f| f.id == "admission.service-account-missing" && f.state == State::Current));
    let back = lacking().api("ServiceAccount/shop/api", "{}").found(detect);
    assert!(back.iter().all(|f| f.state == State::Recovered));
}

#[test]
fn a_service_that_a_full_quota_keeps_out_leaves_no_event() {
    let quota = |used: &str| format!(r#"{{"status":{{"hard":{{"services":"5"}},"used":{{"services":"{used}"}}}}}}"#);
    let sample = |used: &str| {
        Sample::default()
            .api("ResourceQuota/shop/objects", &quota(used))
            .manifest("Service/shop/search", r#"{"spec":{"ports":[{"port":80}]}}"#)
            .listed(&["Service"])
    };
    assert_eq!(ids(&sample("5").found(detect)), ["admission.service-quota-exceeded"]);
    assert_eq!(ids(&sample("4").found(detect)), Vec::<&str>::new());
}

#[test]
fn a_claim_larger_than_what_is_left_is_named() {
    let sample = |size: &str| {
        Sample::default()
            .api(
                "ResourceQuota/shop/disk",
                r#"{"status":{"hard":{"requests.storage":"10Gi"},"used":{"requests.storage":"8Gi"}}}"#,
            )
            .manifest(
                "PersistentVolumeClaim/shop/data",
                &format!(r#"{{"spec":{{"resources":{{"requests":{{"storage":"{size}"}}}}}}}}"#),
            )
            .listed(&["PersistentVolumeClaim"])
    };
    assert_eq!(ids(&sample("4Gi").found(detect)), ["admission.storage-quota-exceeded"]);
    assert_eq!(ids(&sample("2Gi").found(detect)), Vec::<&str>::new());
}

#[test]
fn a_condition_tells_it_where_events_are_gone() {
    let sample = Sample::default().api(
        "Deployment/shop/web",
        r#"{"spec":{"replicas":2},"status":{"replicas":0,"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate",
            "message":"pods \"web-1\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true"}]}}"#,
    );
    assert_eq!(ids(&sample.found(detect)), ["admission.pod-security-denied", "workload.creates-no-pods"]);
}
