//! Parts of the control plane that run as static pods (kubeadm and its kin): what the API shows of
//! them, and what the container runtime of their node lists where the API does not answer.

use std::collections::BTreeSet;

use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, kind};

use super::{API_STOPPED, CONTROLLERS_STOPPED, ETCD_STOPPED, SCHEDULER_STOPPED, node_of};
use crate::merge::Merged;
use crate::pod::{containers, is_leaving, is_new, is_ready};

/// The parts, by the name of their container.
const PARTS: &[(&str, &Declaration)] = &[
    ("kube-apiserver", &API_STOPPED),
    ("etcd", &ETCD_STOPPED),
    ("kube-scheduler", &SCHEDULER_STOPPED),
    ("kube-controller-manager", &CONTROLLERS_STOPPED),
];

pub(super) fn detect(world: &World, merged: &mut Merged) {
    of_pods(world, merged);
    of_runtime(world, merged);
}

/// A mirror pod in kube-system whose container waits to be started again, or has ended.
fn of_pods(world: &World, merged: &mut Merged) {
    for pod in world.kind_in("Pod", Some("kube-system")).filter(|pod| pod.is_live() && !is_leaving(pod)) {
        let Some((part, declaration, node)) = part_of(world, pod) else { continue };
        if is_ready(pod) != Some(false) {
            continue;
        }
        let all = containers(pod);
        let Some(down) = all.iter().find(|c| c.ended().is_some() && !c.runs() || c.waiting() == "CrashLoopBackOff")
        else {
            continue;
        };
        if is_new(world, pod) && down.restarts() == 0 {
            continue;
        }
        let state = if down.waiting().is_empty() { "ended" } else { down.waiting() };
        let what = format!("Pod {}: {part}: {state}, {} restarts", pod.name, down.restarts());
        merged.add(
            Finding::new(declaration, node.clone(), pod.cite(&what))
                .graded(Grade::Strong)
                .with("unit", part)
                .with("state", state)
                .with("node", node.name.as_str())
                .about(pod.entity()),
        );
    }
}

/// `kube-apiserver-NODE`: the pod's own name says its node. Of a name alone it is not enough: others run an etcd too.
fn part_of(world: &World, pod: &Object) -> Option<(&'static str, &'static Declaration, Entity)> {
    PARTS.iter().find_map(|(part, declaration)| {
        let node = pod.name.strip_prefix(part)?.strip_prefix('-')?;
        let placed = pod.at("spec.nodeName").text();
        let is_mirror = placed == node
            || placed.is_empty() && world.object("Node", None, node).is_some()
            || !pod.at("metadata.annotations").get("kubernetes.io/config.mirror").is_null();
        is_mirror.then(|| (*part, *declaration, node_of(world, &node.into())))
    })
}

/// `crictl ps -a`: exited, and no newer attempt runs on that host.
fn of_runtime(world: &World, merged: &mut Merged) {
    let listed = &world.host.containers;
    let running: BTreeSet<(&Entity, &str)> =
        listed.iter().filter(|c| c.state == "running").map(|c| (&c.on, c.name.as_str())).collect();
    for container in listed.iter().filter(|c| matches!(c.state.as_str(), "exited" | "dead" | "restarting")) {
        let name = container.name.trim_start_matches("k8s_").split('_').next().unwrap_or_default();
        let Some((part, declaration)) = PARTS.iter().find(|(part, _)| *part == name) else { continue };
        let of_cluster = container.namespace.as_deref().is_none_or(|namespace| namespace == "kube-system");
        if !of_cluster || running.contains(&(&container.on, container.name.as_str())) {
            continue;
        }
        let node = match &*container.on.kind {
            "Node" => container.on.clone(),
            kind::HOST if !container.on.name.is_empty() => node_of(world, &container.on.name),
            // The pod of a static manifest bears its node's name.
            _ => match container.pod.as_deref().and_then(|pod| pod.strip_prefix(part)?.strip_prefix('-')) {
                Some(node) => node_of(world, &node.into()),
                None => continue,
            },
        };
        merged.add(
            Finding::new(declaration, node.clone(), container.evidence.clone())
                .graded(Grade::Strong)
                .seen(container.finished, None)
                .with("unit", *part)
                .with("state", container.state.as_str())
                .with("node", node.name.as_str()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, entity};

    fn found(sample: &Sample) -> Vec<String> {
        let mut merged = Merged::default();
        detect(&sample.0, &mut merged);
        let mut findings = Vec::new();
        merged.into(&mut findings);
        findings.iter().map(|f| format!("{} {}", f.id, f.entity)).collect()
    }

    const WAITS: &str = r#"{"spec":{"nodeName":"cp-1","containers":[{"name":"etcd"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"etcd","ready":false,"restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}"#;

    #[test]
    fn a_static_pod_that_waits_is_its_nodes_control_plane() {
        let sample = Sample::default().api("Pod/kube-system/etcd-cp-1", WAITS);
        assert_eq!(found(&sample), ["control-plane.etcd-stopped Node/cp-1"]);
        // Somebody's own etcd is no part of the control plane.
        assert!(found(&Sample::default().api("Pod/kube-system/etcd-0", WAITS)).is_empty());
        assert!(found(&Sample::default().api("Pod/shop/etcd-cp-1", WAITS)).is_empty());
        let runs = WAITS
            .replace("\"False\"", "\"True\"")
            .replace("\"ready\":false", "\"ready\":true")
            .replace("{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}", "{\"running\":{}}");
        assert!(found(&Sample::default().api("Pod/kube-system/etcd-cp-1", &runs)).is_empty());
    }

    #[test]
    fn an_earlier_attempt_beside_a_running_one_is_none() {
        let list = |newest: &str| {
            let text = format!(
                "CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD\n4a1f6c2d9e7b8       c2e17b8d0f4a3       2 minutes ago       {newest:<20}kube-apiserver      9                   7d8e9f0a1b2c3       kube-apiserver-cp-1\n9b8c7d6e5f4a3       c2e17b8d0f4a3       8 minutes ago       Exited              kube-apiserver      8                   7d8e9f0a1b2c3       kube-apiserver-cp-1\n"
            );
            let mut sample = Sample::default().api("Node/cp-1", "{}");
            let out = firstfault_gather::read_one_text("a.txt", Some("ssh cp-1 crictl ps -a"), &text);
            sample.0.host = out.host;
            found(&sample)
        };
        assert_eq!(list("Exited"), [format!("control-plane.api-server-stopped {}", entity("Node/cp-1"))]);
        assert!(list("Running").is_empty());
    }
}
