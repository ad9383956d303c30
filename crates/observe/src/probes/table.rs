//! Readiness where only a row of a table was seen of a pod.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::READINESS_FAILING;
use crate::merge::Merged;
use crate::pod::{condition, containers, is_ready, pods_at_work};

/// A slow start takes less; a startup probe that never passes has the container restarted before.
const STARTED: SignedDuration = SignedDuration::from_mins(10);

/// `0/1 Running 0 21m`: the container runs, was never started again, and is not ready. Nothing but its readiness
/// probe decides that.
pub(super) fn unready(world: &World, merged: &mut Merged) {
    for pod in pods_at_work(world).filter(|pod| !pod.has_spec() && is_ready(pod) == Some(false)) {
        let age = pod.at("metadata.printedAge").as_int().map(SignedDuration::from_secs);
        let entity = pod.entity();
        let steady = pod.at("status.phase").text() == "Running"
            && containers(pod).iter().all(|c| c.restarts() == 0 && c.waiting().is_empty() && c.ended().is_none());
        let silent = world.events_about(&entity).next().is_none();
        if steady && silent && age.is_some_and(|age| age > STARTED) && is_served(world, pod) && !is_gated(pod) {
            let minutes = age.unwrap_or_default().as_mins();
            let what = format!("Pod {}: Running for {minutes} minutes, restarted 0 times, not ready", pod.name);
            merged.add(
                Finding::new(&READINESS_FAILING, world.carrier(pod), pod.cite(&what))
                    .graded(Grade::Fair)
                    .with("pod", pod.name.as_str()),
            );
        }
    }
}

/// A node that is ready reports what its pods are; of one that is not, they are unready without a probe.
fn is_served(world: &World, pod: &Object) -> bool {
    let node = Entity::new("Node", pod.at("spec.nodeName").text());
    world.object_of(&node).is_some_and(|node| condition(node, "Ready").get("status").text() == "True")
}

/// A readiness gate keeps a pod unready although its containers are ready.
fn is_gated(pod: &Object) -> bool {
    containers(pod).iter().all(|container| container.ready() == Some(true))
}
