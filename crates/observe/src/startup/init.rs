use firstfault_gather::{Object, World};
use jiff::SignedDuration;

use super::{INIT_FAILING, INIT_WAITING, SIDECAR_NOT_READY, from_pod};
use crate::images::is_pull_trouble;
use crate::merge::Merged;
use crate::pod::{Container, age, containers, time};

/// An init container that is still running after this long waits for something.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// Names that are given to helpers of a mesh, of logs or of secrets, as a whole or as an end.
const HELPERS: &[&str] = &[
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "envoy-sidecar",
    "consul-dataplane",
    "vault-agent",
    "cloud-sql-proxy",
    "daprd",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "otc-container",
    "oauth2-proxy",
];

pub(super) fn judge(world: &World, pod: &Object, merged: &mut Merged) {
    let all = containers(pod);
    for container in all.iter().filter(|c| c.init) {
        init(world, pod, container, merged);
    }
    sidecar(world, pod, &all, merged);
}

fn init(world: &World, pod: &Object, container: &Container<'_>, merged: &mut Merged) {
    let code = container.ended().and_then(|e| e.get("exitCode").as_int());
    let done = container.status.at("state.terminated.exitCode").as_int() == Some(0);
    let loops = matches!(container.waiting(), "CrashLoopBackOff" | "Error" | "RunContainerError");
    let failed = container.status.at("state.terminated.exitCode").as_int().is_some_and(|c| c != 0)
        || container.status.at("state.terminated.reason").text() == "Error";
    let again = container.restarts() >= 1 && code.is_some_and(|c| c != 0);
    if !done && (loops || failed || again) {
        let what = format!("init container {} ends with an error (exit code {})", container.name, shown(code));
        merged.add(
            from_pod(world, &INIT_FAILING, pod, &what).with("container", container.name).with("exit_code", shown(code)),
        );
    } else if container.runs() || container.waiting().is_empty() && is_waiting_by_table(pod, container) {
        let since =
            time(container.status.at("state.running.startedAt")).or_else(|| time(pod.at("metadata.creationTimestamp")));
        if age(world, since).is_some_and(|age| age > PATIENCE) && !is_pull_trouble(container.waiting()) {
            let what = format!("init container {} is still running", container.name);
            merged.add(
                from_pod(world, &INIT_WAITING, pod, &what).with("container", container.name).seen(since, world.now),
            );
        }
    }
}

/// `Init:0/1` tells only that it is not done.
fn is_waiting_by_table(pod: &Object, container: &Container<'_>) -> bool {
    container.name.is_empty()
        && container.ready() == Some(false)
        && !pod.is_whole()
        && !pod.at("spec.nodeName").is_null()
}

fn shown(code: Option<i64>) -> String {
    code.map_or_else(|| "unknown".to_owned(), |code| code.to_string())
}

fn sidecar(world: &World, pod: &Object, all: &[Container<'_>], merged: &mut Merged) {
    let of_helper = |c: &&Container<'_>| {
        c.spec.get("restartPolicy").text() == "Always" || HELPERS.contains(&c.name) || c.name.ends_with("-sidecar")
    };
    let main_ready = all.iter().filter(|c| !c.init && !of_helper(c)).all(|c| c.ready() == Some(true));
    for helper in all.iter().filter(of_helper).filter(|c| c.ready() == Some(false)) {
        if main_ready {
            let what = format!("sidecar {} is not ready while the other containers are", helper.name);
            merged.add(from_pod(world, &SIDECAR_NOT_READY, pod, &what).with("container", helper.name));
        }
    }
}
