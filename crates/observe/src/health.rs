//! How workloads, services and nodes were seen to be, and which kinds of source were seen of them.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Log, Object, World};
use firstfault_model::{Entity, Health, Trust};

use crate::losses;
use crate::pod::{containers, is_new, is_replaced, is_spare};

/// The state of every workload, bare pod and node that was looked at.
#[must_use]
pub fn health(world: &World) -> BTreeMap<Entity, Health> {
    let mut health: BTreeMap<Entity, Health> = BTreeMap::new();
    for pod in world.kind("Pod").filter(|pod| pod.is_live() && !is_replaced(world, pod)) {
        let carrier = world.carrier(pod);
        let entry = health.entry(carrier).or_insert(Health::Unknown);
        *entry = worse(*entry, pod_health(world, pod));
    }
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        for workload in world.kind(kind).filter(|w| w.is_live()) {
            let entry = health.entry(workload.entity()).or_insert(Health::Unknown);
            *entry = worse(*entry, workload_health(world, workload));
        }
    }
    for node in world.kind("Node").filter(|node| node.is_live()) {
        health.insert(node.entity(), node_health(node));
    }
    health
}

/// The kinds of source that were seen for an entity, so that absence there says something.
#[must_use]
pub fn looked(world: &World) -> BTreeSet<(Entity, Trust)> {
    let mut looked = BTreeSet::new();
    for object in world.objects.values().filter(|o| o.is_live()) {
        looked.insert((world.carrier(object), Trust::State));
    }
    let lost = losses::losses(world);
    let hidden = |log: &Log| losses::hide(&lost, world, log, log.digest.first, log.digest.last);
    for log in world.logs.iter().filter(|log| !hidden(log)) {
        looked.insert((world.carrier_of(&log.entity), Trust::Application));
    }
    looked
}

/// Unwell beats well, and either beats unknown.
fn worse(a: Health, b: Health) -> Health {
    match (a, b) {
        (Health::Unwell, _) | (_, Health::Unwell) => Health::Unwell,
        (Health::Well, _) | (_, Health::Well) => Health::Well,
        _ => Health::Unknown,
    }
}

fn pod_health(world: &World, pod: &Object) -> Health {
    match pod.at("status.phase").text() {
        // It has had no time yet, or waits because it comes last.
        "Pending" if is_new(world, pod) || is_spare(world, pod) => return Health::Unknown,
        "Succeeded" => return Health::Well,
        "Pending" | "Failed" | "Unknown" => return Health::Unwell,
        "" => return Health::Unknown,
        _ => {}
    }
    let ready = pod.at("status.conditions").list().iter().find(|c| c.get("type").text() == "Ready");
    let by_condition = ready.map(|c| c.get("status").text() == "True");
    let statuses = pod.at("status.containerStatuses").list();
    let by_containers =
        (!statuses.is_empty()).then(|| statuses.iter().all(|c| c.get("ready").as_bool() != Some(false)));
    match by_condition.or(by_containers) {
        Some(true) => Health::Well,
        Some(false) if is_new(world, pod) && containers(pod).iter().all(|c| c.restarts() == 0) => Health::Unknown,
        Some(false) => Health::Unwell,
        None => Health::Unknown,
    }
}

fn workload_health(world: &World, workload: &Object) -> Health {
    let wanted =
        workload.at("spec.replicas").as_int().or_else(|| workload.at("status.desiredNumberScheduled").as_int());
    let ready = workload.at("status.readyReplicas").as_int().or_else(|| workload.at("status.numberReady").as_int());
    match (wanted, ready) {
        (Some(0), _) => Health::Unknown,
        (Some(wanted), Some(ready)) if ready >= wanted => Health::Well,
        // In its first seconds nothing is ready yet.
        _ if is_new(world, workload) => Health::Unknown,
        (Some(_), Some(_)) => Health::Unwell,
        (Some(_), None) if workload.is_whole() => Health::Unwell,
        _ => Health::Unknown,
    }
}

fn node_health(node: &Object) -> Health {
    let ready = node.at("status.conditions").list().iter().find(|c| c.get("type").text() == "Ready");
    match ready.map(|c| c.get("status").text()) {
        Some("True") => Health::Well,
        Some(_) => Health::Unwell,
        None => Health::Unknown,
    }
}
