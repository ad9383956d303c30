use firstfault_gather::{Outcome, Reach, Unit};
use firstfault_model::{Evidence, Masked, Place};

use super::detect;
use crate::sample::{Sample, ids};

fn evidence() -> Evidence {
    Evidence { place: Place::line(&"units.txt".into(), 1), excerpt: Masked::new("unit") }
}

fn unit(host: &str, name: &str, active: &str, sub: &str) -> Unit {
    Unit {
        host: host.into(),
        name: name.into(),
        active: active.into(),
        sub: sub.into(),
        since: None,
        result: None,
        evidence: evidence(),
    }
}

fn found(units: Vec<Unit>) -> Vec<&'static str> {
    let mut sample = Sample::default().api("Node/blue-1", "{}");
    sample.0.units = units;
    ids(&sample.found(detect))
}

#[test]
fn a_dead_kubelet_is_a_fault_of_its_node() {
    assert_eq!(found(vec![unit("blue-1", "kubelet.service", "inactive", "dead")]), ["node.kubelet-stopped"]);
    assert_eq!(found(vec![unit("blue-1", "kubelet.service", "activating", "auto-restart")]), ["node.kubelet-stopped"]);
}

#[test]
fn units_that_run_or_are_not_installed_are_none() {
    assert!(found(vec![unit("blue-1", "kubelet.service", "active", "running")]).is_empty());
    assert!(found(vec![unit("blue-1", "kube-proxy.service", "inactive", "not-found")]).is_empty());
}

#[test]
fn a_second_runtime_may_be_off() {
    let units = |other: &str| {
        vec![unit("blue-1", "containerd.service", "active", "running"), unit("blue-1", other, "inactive", "dead")]
    };
    assert!(found(units("docker.service")).is_empty());
    assert_eq!(found(vec![unit("blue-1", "crio.service", "failed", "failed")]), ["node.runtime-stopped"]);
}

fn reach(from: &str, host: &str, outcome: Outcome) -> Reach {
    Reach {
        tool: "nc",
        from: Some(from.to_owned()),
        host: host.to_owned(),
        port: Some(80),
        outcome,
        evidence: evidence(),
    }
}

#[test]
fn a_node_that_alone_reaches_nothing_is_cut_off() {
    let mut sample = Sample::default().api("Node/blue-1", "{}").api("Node/blue-2", "{}");
    for host in ["shop", "cart"] {
        sample.0.reaches.push(reach("blue-1", host, Outcome::Reached));
        sample.0.reaches.push(reach("blue-2", host, Outcome::TimedOut));
    }
    assert_eq!(ids(&sample.found(detect)), ["node.services-unreachable-from"]);
}

#[test]
fn a_target_that_nobody_reaches_accuses_no_node() {
    let mut sample = Sample::default().api("Node/blue-1", "{}").api("Node/blue-2", "{}");
    for host in ["shop", "cart"] {
        sample.0.reaches.push(reach("blue-1", host, Outcome::Refused));
        sample.0.reaches.push(reach("blue-2", host, Outcome::Refused));
    }
    assert!(sample.found(detect).is_empty());
}

#[test]
fn conditions_are_read_by_type_and_status() {
    let node = |condition: &str| {
        let body = format!(r#"{{"status": {{"conditions": [{condition}]}}}}"#);
        ids(&Sample::default().api("Node/blue-1", &body).found(detect))
    };
    assert!(node(r#"{"type": "Ready", "status": "True"}"#).is_empty());
    assert_eq!(node(r#"{"type": "Ready", "status": "Unknown"}"#), ["node.not-ready", "node.silent"]);
    assert_eq!(node(r#"{"type": "DiskPressure", "status": "True"}"#), ["node.disk-pressure"]);
    assert!(node(r#"{"type": "DiskPressure", "status": "False"}"#).is_empty());
    let cni = r#"{"type": "Ready", "status": "False", "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized"}"#;
    assert_eq!(node(cni), ["node.network-unready", "node.not-ready"]);
}
