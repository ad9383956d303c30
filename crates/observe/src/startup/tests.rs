use super::detect;
use crate::sample::{Sample, ids};

fn pod(status: &str) -> Sample {
    Sample::default().api(
        "Pod/shop/api-1",
        &format!(r#"{{"spec":{{"nodeName":"n","containers":[{{"name":"api","image":"a","envFrom":[{{"secretRef":{{"name":"db"}}}}]}}]}},"status":{status}}}"#),
    )
}

fn waiting(reason: &str, message: &str) -> Sample {
    let message = message.replace('"', "\\\"");
    pod(&format!(
        r#"{{"phase":"Pending","containerStatuses":[{{"name":"api","ready":false,"restartCount":0,"state":{{"waiting":{{"reason":"{reason}","message":"{message}"}}}}}}]}}"#
    ))
}

#[test]
fn a_missing_secret_is_named() {
    let found = waiting("CreateContainerConfigError", "secret \"db\" not found").found(detect);
    assert_eq!(ids(&found), ["startup.config-error", "startup.secret-missing"]);
    assert_eq!(found[1].field("object"), "db");
}

#[test]
fn a_missing_key_is_named_with_its_object() {
    let found = waiting("CreateContainerConfigError", "couldn't find key PASS in Secret shop/db").found(detect);
    assert_eq!(ids(&found), ["startup.config-error", "startup.key-missing"]);
    assert_eq!((found[1].field("key"), found[1].field("object")), ("PASS", "db"));
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let message = r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown"#;
    let found = waiting("RunContainerError", message).found(detect);
    assert_eq!(ids(&found), ["startup.command-not-found", "startup.start-error"]);
    assert_eq!(found[0].field("command"), "serve");
}

#[test]
fn an_object_that_a_listing_lacks_is_missing_and_one_nobody_looked_for_is_not() {
    let creating = || {
        pod(
            r#"{"phase":"Pending","containerStatuses":[{"name":"api","ready":false,"state":{"waiting":{"reason":"ContainerCreating"}}}]}"#,
        )
    };
    assert!(creating().found(detect).is_empty());
    assert_eq!(ids(&creating().listed(&["Secret"]).found(detect)), ["startup.secret-missing"]);
}

#[test]
fn a_mount_that_failed_before_the_pod_came_up_is_recovered() {
    let found = pod(r#"{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}"#)
        .event(
            "Pod/shop/api-1",
            "FailedMount",
            "MountVolume.SetUp failed for volume \"c\" : configmap \"conf\" not found",
        )
        .found(detect);
    assert_eq!(found[0].state, firstfault_model::State::Recovered);
}
