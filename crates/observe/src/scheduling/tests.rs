//! One test a constraint: the pod's spec against nodes, with the scheduler's true message beside it.

use super::detect;
use crate::sample::{Sample, ids};

const POD: &str = r#"{"metadata":{"labels":{"app":"api"}},"status":{"phase":"Pending"},"spec":SPEC}"#;

fn world(spec: &str, nodes: &[(&str, &str)], message: &str) -> Sample {
    let mut sample = Sample::default().api("Pod/shop/api-1", &POD.replace("SPEC", spec)).listed(&["Pod", "Node"]);
    for (name, body) in nodes {
        sample = sample.api(&format!("Node/{name}"), body);
    }
    if message.is_empty() { sample } else { sample.event("Pod/shop/api-1", "FailedScheduling", message) }
}

const CONTROL: (&str, &str) = (
    "control-1",
    r#"{"metadata":{"labels":{"node-role.kubernetes.io/control-plane":"","disk":"ssd"}},
        "spec":{"unschedulable":true,"taints":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]},
        "status":{"allocatable":{"cpu":"16","memory":"64Gi","pods":"110"}}}"#,
);
const PLAIN: (&str, &str) = (
    "blue-1",
    r#"{"metadata":{"labels":{"zone":"a"}},"spec":{},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}}"#,
);
const SSD_CORDONED: (&str, &str) = (
    "ssd-1",
    r#"{"metadata":{"labels":{"disk":"nvme","zone":"b"}},"spec":{"unschedulable":true,
        "taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"}]},
        "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}}"#,
);
const GPU: (&str, &str) = (
    "gpu-1",
    r#"{"metadata":{"labels":{"pool":"gpu","zone":"b"}},"spec":{"taints":[{"key":"pool","value":"gpu","effect":"NoSchedule"}]},
        "status":{"allocatable":{"cpu":"8","memory":"16Gi","pods":"110"}}}"#,
);

#[test]
fn a_selector_that_matches_no_node_is_the_fault_whatever_else_is_shut() {
    let sample = world(
        r#"{"nodeSelector":{"disk":"sdd"},"containers":[{"resources":{"requests":{"cpu":"20"}}}]}"#,
        &[CONTROL, PLAIN, SSD_CORDONED, GPU],
        "0/4 nodes are available: 1 node(s) were unschedulable, 3 node(s) didn't match Pod's node affinity/selector.",
    );
    assert_eq!(
        ids(&sample.found(detect)),
        ["pod.unscheduled", "scheduling.no-node-matches-selector", "scheduling.request-exceeds-every-node"][..2]
    );
}

#[test]
fn a_selector_that_matches_only_a_cordoned_node_blames_the_cordon() {
    let sample = world(
        r#"{"nodeSelector":{"disk":"nvme"},"containers":[{}]}"#,
        &[CONTROL, PLAIN, SSD_CORDONED],
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) were unschedulable.",
    );
    let found = sample.found(detect);
    assert_eq!(ids(&found), ["pod.unscheduled", "scheduling.nodes-cordoned"]);
    assert_eq!(found[1].field("node"), "ssd-1");
}

#[test]
fn a_selector_that_matches_only_a_tainted_node_blames_the_taint() {
    let sample = world(
        r#"{"nodeSelector":{"pool":"gpu"},"containers":[{}]}"#,
        &[CONTROL, PLAIN, GPU],
        "0/3 nodes are available: 1 node(s) were unschedulable, 1 node(s) had untolerated taint {pool: gpu}, 1 node(s) didn't match Pod's node affinity/selector.",
    );
    let found = sample.found(detect);
    assert_eq!(ids(&found), ["pod.unscheduled", "scheduling.untolerated-taint"]);
    assert_eq!(found[1].field("taint"), "pool=gpu:NoSchedule");
}

#[test]
fn a_request_larger_than_any_node_is_told_from_nodes_that_are_full() {
    let large = world(r#"{"containers":[{"resources":{"requests":{"memory":"200Gi"}}}]}"#, &[CONTROL, PLAIN, GPU], "");
    assert!(ids(&large.found(detect)).contains(&"scheduling.request-exceeds-every-node"));
    let full = world(
        r#"{"containers":[{"resources":{"requests":{"memory":"6Gi"}}}]}"#,
        &[CONTROL, PLAIN],
        "0/2 nodes are available: 1 node(s) were unschedulable, 1 Insufficient memory.",
    )
    .api("Pod/shop/big", r#"{"spec":{"nodeName":"blue-1","containers":[{"resources":{"requests":{"memory":"5Gi"}}}]},"status":{"phase":"Running"}}"#);
    let found = full.found(detect);
    assert_eq!(ids(&found), ["pod.unscheduled", "scheduling.insufficient-memory"]);
    assert_eq!((found[1].field("request"), found[1].field("free")), ("6Gi", "3Gi"));
}

#[test]
fn pods_that_have_ended_take_no_room() {
    let sample = world(r#"{"containers":[{"resources":{"requests":{"memory":"6Gi"}}}]}"#, &[PLAIN], "")
        .api("Pod/shop/done", r#"{"spec":{"nodeName":"blue-1","containers":[{"resources":{"requests":{"memory":"5Gi"}}}]},"status":{"phase":"Succeeded"}}"#);
    assert_eq!(ids(&sample.found(detect)), ["pod.unscheduled"]);
}

#[test]
fn anti_affinity_counts_the_pods_that_run() {
    let affinity = r#""affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"labelSelector":{"matchLabels":{"app":"api"}},"topologyKey":"kubernetes.io/hostname"}]}}"#;
    let sample = world(&format!(r#"{{{affinity},"containers":[{{}}]}}"#), &[CONTROL, PLAIN], "")
        .api("Pod/shop/api-0", r#"{"metadata":{"labels":{"app":"api"}},"spec":{"nodeName":"blue-1","containers":[{}]},"status":{"phase":"Running"}}"#);
    assert_eq!(ids(&sample.found(detect)), ["pod.unscheduled", "scheduling.pod-anti-affinity-unmet"]);
    let elsewhere = world(&format!(r#"{{{affinity},"containers":[{{}}]}}"#), &[CONTROL, PLAIN], "")
        .api("Pod/other/api-0", r#"{"metadata":{"labels":{"app":"api"}},"spec":{"nodeName":"blue-1","containers":[{}]},"status":{"phase":"Running"}}"#);
    assert_eq!(ids(&elsewhere.found(detect)), ["pod.unscheduled"]);
}

#[test]
fn a_volume_tied_to_another_zone_is_told_from_the_selector() {
    let sample = world(
        r#"{"nodeSelector":{"zone":"a"},"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"data"}}],"containers":[{}]}"#,
        &[CONTROL, PLAIN, GPU],
        "0/3 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) were unschedulable, 1 node(s) had untolerated taint {pool: gpu}.",
    )
    .api("PersistentVolumeClaim/shop/data", r#"{"spec":{"volumeName":"pv-1"},"status":{"phase":"Bound"}}"#)
    .api("PersistentVolume/pv-1", r#"{"spec":{"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]}]}}}}"#);
    assert_eq!(ids(&sample.found(detect)), ["pod.unscheduled", "scheduling.volume-tied-elsewhere"]);
}

#[test]
fn without_nodes_the_message_and_the_spec_decide() {
    let message = "0/4 nodes are available: 1 node(s) were unschedulable, 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.";
    let found = |spec| ids(&world(spec, &[], message).found(detect));
    assert_eq!(
        found(r#"{"nodeSelector":{"a":"b"},"containers":[{}]}"#),
        ["pod.unscheduled", "scheduling.no-node-matches-selector"]
    );
    let affinity = r#"{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}},"containers":[{}]}"#;
    assert_eq!(found(affinity), ["pod.unscheduled", "scheduling.no-node-matches-affinity"]);
}

#[test]
fn a_message_that_the_nodes_contradict_blames_nothing() {
    let sample = world(r#"{"containers":[{}]}"#, &[PLAIN], "0/1 nodes are available: 1 node(s) were unschedulable.");
    assert_eq!(ids(&sample.found(detect)), ["pod.unscheduled"]);
}

#[test]
fn gates_and_unknown_schedulers_leave_no_event() {
    let gated = world(r#"{"schedulingGates":[{"name":"example.org/review"}],"containers":[{}]}"#, &[PLAIN], "");
    assert_eq!(ids(&gated.found(detect)), ["pod.unscheduled", "scheduling.gated"]);
    let foreign = world(r#"{"schedulerName":"turbo","containers":[{}]}"#, &[PLAIN], "");
    assert_eq!(ids(&foreign.found(detect)), ["pod.unscheduled", "scheduling.unknown-scheduler"]);
    let heard = world(
        r#"{"schedulerName":"turbo","containers":[{}]}"#,
        &[GPU],
        "0/1 nodes are available: 1 node(s) had untolerated taint {pool: gpu}.",
    );
    assert_eq!(ids(&heard.found(detect)), ["pod.unscheduled", "scheduling.untolerated-taint"]);
}

#[test]
fn pods_that_run_or_wait_for_a_claim_are_left_alone() {
    let bound = Sample::default()
        .api("Pod/shop/api", r#"{"spec":{"nodeName":"a"},"status":{"phase":"Pending"}}"#)
        .event("Pod/shop/api", "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu.");
    assert_eq!(ids(&bound.found(detect)), Vec::<&str>::new());
    let claim = world(
        r#"{"nodeSelector":{"no":"where"},"containers":[{}]}"#,
        &[PLAIN],
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    );
    assert_eq!(ids(&claim.found(detect)), ["pod.unscheduled"]);
}

#[test]
fn spreading_over_a_label_that_no_node_has_is_named() {
    let sample = world(
        r#"{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"rack","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"api"}}}],"containers":[{}]}"#,
        &[CONTROL, PLAIN],
        "",
    );
    assert_eq!(ids(&sample.found(detect)), ["pod.unscheduled", "scheduling.topology-label-missing"]);
}

#[test]
fn a_host_port_is_taken_by_protocol_and_address() {
    let pod = |ports: &str| format!(r#"{{"nodeName":"blue-1","containers":[{{"ports":[{ports}]}}]}}"#);
    let found = |theirs: &str| {
        let sample = world(r#"{"containers":[{"ports":[{"hostPort":9100}]}]}"#, &[PLAIN], "")
            .api("Pod/other/exporter", &format!(r#"{{"spec":{},"status":{{"phase":"Running"}}}}"#, pod(theirs)));
        ids(&sample.found(detect))
    };
    assert_eq!(found(r#"{"hostPort":9100}"#), ["pod.unscheduled", "scheduling.host-port-taken"]);
    assert_eq!(found(r#"{"hostPort":9100,"protocol":"UDP"}"#), ["pod.unscheduled"]);
}
