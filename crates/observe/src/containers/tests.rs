use super::detect;
use crate::sample::{Sample, ids};

fn pod(containers: &str, statuses: &str) -> Sample {
    let mut sample = Sample::default().api(
        "Pod/shop/api-1",
        &format!(
            r#"{{"spec":{{"nodeName":"n","containers":{containers}}},"status":{{"phase":"Running","containerStatuses":{statuses}}}}}"#
        ),
    );
    sample.0.now = "2030-05-01T10:00:00Z".parse().ok();
    sample
}

#[test]
fn an_oom_kill_is_said_with_its_limit() {
    let found = pod(
        r#"[{"name":"api","resources":{"limits":{"memory":"256Mi"}}}]"#,
        r#"[{"name":"api","ready":false,"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2030-05-01T09:59:00Z"}}}]"#,
    )
    .found(detect);
    assert_eq!(ids(&found), ["container.oom-killed"]);
    assert_eq!(found[0].field("limit"), "256Mi");
}

#[test]
fn exit_code_137_alone_is_no_oom_kill() {
    let found = pod(
        r#"[{"name":"api"}]"#,
        r#"[{"name":"api","ready":false,"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"reason":"Error","exitCode":137,"finishedAt":"2030-05-01T09:59:00Z"}}}]"#,
    )
    .found(detect);
    assert_eq!(ids(&found), ["container.killed"]);
}

#[test]
fn an_oom_kill_of_last_week_has_healed() {
    let found = pod(
        r#"[{"name":"api"}]"#,
        r#"[{"name":"api","ready":true,"restartCount":1,"state":{"running":{}},"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2030-04-24T09:59:00Z"}}}]"#,
    )
    .found(detect);
    assert_eq!(found[0].state, firstfault_model::State::Recovered);
}

#[test]
fn an_oom_kill_inside_a_sandbox_error_is_one() {
    let found = pod(
        r#"[{"name":"api","resources":{"limits":{"memory":"4Mi"}}}]"#,
        r#"[{"name":"api","ready":false,"restartCount":0,"state":{"waiting":{"reason":"ContainerCreating"}}}]"#,
    )
    .event("Pod/shop/api-1", "FailedCreatePodSandBox", "runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown")
    .found(detect);
    assert_eq!(ids(&found), ["container.memory-limit-tiny", "container.oom-killed-at-start"]);
}

#[test]
fn two_containers_on_one_port_are_told() {
    let found = pod(
        r#"[{"name":"api","ports":[{"containerPort":8080}]},{"name":"metrics","ports":[{"containerPort":8080}]}]"#,
        r#"[{"name":"api","ready":true,"state":{"running":{}}},{"name":"metrics","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}]"#,
    )
    .found(detect);
    assert_eq!(ids(&found), ["container.exits-with-error", "container.same-port"]);
}
