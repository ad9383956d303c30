//! Pods that no scheduler has looked at. A scheduler that finds no node says so within seconds,
//! in the pod's conditions and in an event; one that does not run says nothing.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::NEVER_CONSIDERED;
use crate::merge::Merged;
use crate::pod::is_ready;

/// A pod younger than this may just have been made.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let waiting: Vec<&Object> = world.kind("Pod").filter(|pod| is_overlooked(world, pod)).collect();
    if waiting.is_empty() {
        return;
    }
    let master = control_plane(world);
    for pod in &waiting {
        let what = format!("Pod {}: Pending, on no node, and no scheduler has said why", pod.name);
        let finding = Finding::new(&NEVER_CONSIDERED, world.carrier(pod), pod.cite(&what)).graded(Grade::Strong);
        let finding = finding.with("pod", pod.name.as_str());
        merged.add(match &master {
            Some(master) => finding.about(master.clone()),
            None => finding,
        });
    }
}

/// Pending, unassigned, of the default scheduler, and nobody has given a reason although one would be seen.
fn is_overlooked(world: &World, pod: &Object) -> bool {
    let unassigned = pod.at("spec.nodeName").text().is_empty() || pod.at("spec.nodeName").text() == "<none>";
    let pending = pod.is_live() && pod.at("status.phase").text() == "Pending" && unassigned;
    if !pending || pod.origins.iter().all(|o| o.form == firstfault_gather::Form::Table) {
        return false;
    }
    let other_scheduler = !matches!(pod.at("spec.schedulerName").text(), "" | "default-scheduler");
    let gated = !pod.at("spec.schedulingGates").list().is_empty();
    let told = pod.at("status.conditions").list().iter().any(|c| c.get("type").text() == "PodScheduled");
    let spoken = world.events_about(&pod.entity()).any(|e| matches!(&*e.reason, "FailedScheduling" | "Scheduled"));
    !other_scheduler && !gated && !told && !spoken && !is_young(world, pod) && events_were_collected(world)
}

fn is_young(world: &World, pod: &Object) -> bool {
    let made: Option<jiff::Timestamp> = pod.at("metadata.creationTimestamp").text().parse().ok();
    made.zip(world.now).is_some_and(|(made, now)| now.duration_since(made) < PATIENCE)
}

/// Where no event was collected at all, silence says nothing.
fn events_were_collected(world: &World) -> bool {
    !world.events.is_empty()
}

/// The scheduler that was seen not to run: its node, its pod; else the node with the control plane, if it is one.
fn control_plane(world: &World) -> Option<Entity> {
    let stopped = world.units.iter().find(|u| u.name.starts_with("kube-scheduler") && &*u.active != "active");
    if let Some(unit) = stopped {
        return Some(super::node_of(world, &unit.host));
    }
    // kubeadm runs it as a static pod, which carries its own faults.
    let is_scheduler = |pod: &&Object| pod.name.starts_with("kube-scheduler") && is_ready(pod) == Some(false);
    if let Some(pod) = world.kind_in("Pod", Some("kube-system")).find(is_scheduler) {
        return Some(world.carrier(pod));
    }
    let is_master = |node: &&Object| {
        let labels = node.at("metadata.labels");
        let roles = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];
        roles.iter().any(|role| !labels.get(role).is_null())
            || labels.get("kubernetes.io/role").text() == "master"
            || node.at("status.roles").text().split(',').any(|r| matches!(r, "control-plane" | "master"))
    };
    let masters: Vec<Entity> = world.kind("Node").filter(is_master).map(Object::entity).collect();
    match masters.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}
