//! systemd units that should run on a node and do not.

use std::collections::BTreeMap;

use firstfault_gather::{Unit, World};
use firstfault_model::{Declaration, Finding, Grade, Name};

use super::{
    API_STOPPED, CONTROLLERS_STOPPED, ETCD_STOPPED, KUBELET_STOPPED, PROXY_STOPPED, RUNTIME_STOPPED, SCHEDULER_STOPPED,
    node_of,
};
use crate::merge::Merged;

/// Units of container runtimes: one that runs is enough.
const RUNTIMES: &[&str] = &["containerd", "crio", "cri-o", "docker", "cri-docker", "k3s-agent"];

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let mut hosts: BTreeMap<&Name, Vec<&Unit>> = BTreeMap::new();
    for unit in &world.units {
        hosts.entry(&unit.host).or_default().push(unit);
    }
    for (host, units) in hosts {
        for unit in units.iter().filter(|unit| is_down(unit)) {
            let Some(declaration) = declaration(unit, &units) else { continue };
            merged.add(
                Finding::new(declaration, node_of(world, host), unit.evidence.clone())
                    .graded(Grade::Certain)
                    .seen(unit.since, None)
                    .with("unit", unit.name.as_str())
                    .with("state", format!("{} ({})", unit.active, unit.sub))
                    .with("node", host.as_str())
                    .with("result", unit.result.clone().unwrap_or_default()),
            );
        }
    }
}

/// Stopped, failed, or started again and again. A unit that is not installed is no fault.
fn is_down(unit: &Unit) -> bool {
    match &*unit.active {
        "inactive" => &*unit.sub == "dead",
        "failed" => true,
        "activating" => &*unit.sub == "auto-restart",
        _ => false,
    }
}

fn declaration(unit: &Unit, others: &[&Unit]) -> Option<&'static Declaration> {
    Some(match stem(unit) {
        "kubelet" => &KUBELET_STOPPED,
        "kube-proxy" => &PROXY_STOPPED,
        "kube-scheduler" => &SCHEDULER_STOPPED,
        "kube-controller-manager" => &CONTROLLERS_STOPPED,
        "kube-apiserver" => &API_STOPPED,
        "etcd" => &ETCD_STOPPED,
        name if RUNTIMES.contains(&name) => {
            let another_runs = others.iter().any(|o| RUNTIMES.contains(&stem(o)) && &*o.active == "active");
            (!another_runs).then_some(&RUNTIME_STOPPED)?
        }
        _ => return None,
    })
}

fn stem(unit: &Unit) -> &str {
    unit.name.trim_end_matches(".service").trim_start_matches("snap.").trim_start_matches("microk8s.daemon-")
}
