use super::detect;
use crate::sample::{Sample, ids};

/// A container with two probes, running and not ready.
fn pod(liveness: &str, readiness: &str, ready: bool) -> Sample {
    Sample::default().api(
        "Pod/shop/api-1",
        &format!(
            r#"{{"spec":{{"nodeName":"n","containers":[{{"name":"api","ports":[{{"containerPort":8080}}],"livenessProbe":{liveness},"readinessProbe":{readiness}}}]}},
            "status":{{"phase":"Running","containerStatuses":[{{"name":"api","ready":{ready},"restartCount":3,"state":{{"running":{{}}}},
            "lastState":{{"terminated":{{"exitCode":137,"startedAt":"2030-01-01T00:00:00Z","finishedAt":"2030-01-01T00:00:06Z"}}}}}}]}}}}"#
        ),
    )
}

fn found(sample: &Sample) -> Vec<&'static str> {
    ids(&sample.found(detect))
}

const RIGHT: &str = r#"{"httpGet":{"path":"/","port":8080},"periodSeconds":10,"failureThreshold":3}"#;

#[test]
fn a_port_that_the_container_does_not_serve_is_wrong() {
    let world = pod(r#"{"httpGet":{"path":"/","port":8081}}"#, RIGHT, true).event(
        "Pod/shop/api-1",
        "Unhealthy",
        "Liveness probe failed: Get \"http://10.0.0.1:8081/\": dial tcp 10.0.0.1:8081: connect: connection refused",
    );
    assert_eq!(found(&world), ["probe.liveness-failing", "probe.liveness-port-wrong"]);
}

#[test]
fn an_answer_in_another_protocol_is_told_from_a_wrong_port() {
    let world = pod(r#"{"grpc":{"port":8080}}"#, RIGHT, false).event(
        "Pod/shop/api-1",
        "Unhealthy",
        "Readiness probe failed: Get \"http://10.0.0.1:8080/\": net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x00\"",
    );
    assert_eq!(found(&world), ["probe.readiness-failing", "probe.readiness-protocol-wrong"]);
}

#[test]
fn a_missing_path_and_a_sick_application_are_told_apart() {
    let with = |code: &str| {
        found(&pod(RIGHT, RIGHT, false).event(
            "Pod/shop/api-1",
            "Unhealthy",
            &format!("Readiness probe failed: HTTP probe failed with statuscode: {code}"),
        ))
    };
    assert_eq!(with("404"), ["probe.readiness-failing", "probe.readiness-path-wrong"]);
    assert_eq!(with("503"), ["probe.readiness-failing", "probe.reports-sick-application"]);
}

#[test]
fn one_failure_at_once_is_impatient() {
    let hasty =
        r#"{"httpGet":{"path":"/","port":8080},"initialDelaySeconds":1,"periodSeconds":1,"failureThreshold":1}"#;
    let world = pod(hasty, RIGHT, false).event(
        "Pod/shop/api-1",
        "Unhealthy",
        "Liveness probe failed: Get \"http://10.0.0.1:8080/\": dial tcp 10.0.0.1:8080: connect: connection refused",
    );
    assert_eq!(found(&world), ["probe.liveness-failing", "probe.liveness-too-impatient"]);
}

#[test]
fn a_failure_before_the_pod_became_ready_has_healed() {
    let world =
        pod(RIGHT, RIGHT, true).event("Pod/shop/api-1", "Unhealthy", "Readiness probe failed: connection refused");
    let all = world.found(detect);
    assert!(all.iter().all(|f| f.state == firstfault_model::State::Recovered), "{all:?}");
}

#[test]
fn a_late_answer_that_a_table_says_is_an_hour_old_has_healed() {
    let mut world = pod(RIGHT, RIGHT, true).event("Pod/shop/api-1", "Unhealthy", "Liveness probe failed: i/o timeout");
    world.0.events[0].ago = Some((jiff::SignedDuration::from_mins(70), jiff::SignedDuration::from_mins(60)));
    let all = world.found(detect);
    assert!(all.iter().all(|f| f.state == firstfault_model::State::Recovered), "{all:?}");
}
