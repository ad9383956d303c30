//! Which pods wait for a node, now?

use std::collections::BTreeMap;

use firstfault_gather::{Event, Object, World};
use firstfault_model::Entity;

use super::ask::Ask;
use super::message::{Said, parse};

/// A pod that waits for a node, with the newest thing that the scheduler said about it.
pub(crate) struct Waiting<'w> {
    pub(crate) pod: Entity,
    pub(crate) ask: Ask<'w>,
    pub(crate) event: Option<&'w Event>,
    pub(crate) said: Option<Said>,
}

/// Waiting pods by who carries their faults.
pub(crate) fn groups(world: &World) -> BTreeMap<Entity, Vec<Waiting<'_>>> {
    let latest = latest_words(world);
    let mut groups: BTreeMap<Entity, Vec<Waiting<'_>>> = BTreeMap::new();
    for pod in world.kind("Pod").filter(|pod| is_unscheduled(pod)) {
        let ask = Ask::of_pod(world, pod);
        let event = latest.get(&pod.entity()).copied().filter(|event| event.reason == "FailedScheduling");
        let said = event.map(|event| event.message.as_str()).or_else(|| condition_message(pod)).map(parse);
        groups.entry(ask.carrier.clone()).or_default().push(Waiting { pod: pod.entity(), ask, event, said });
    }
    for (pod, event) in latest {
        if event.reason == "FailedScheduling" && is_only_heard_of(world, pod) {
            let ask = Ask::of_entity(world, pod);
            let said = Some(parse(&event.message));
            groups.entry(ask.carrier.clone()).or_default().push(Waiting {
                pod: pod.clone(),
                ask,
                event: Some(event),
                said,
            });
        }
    }
    groups
}

/// The last that was said of each pod's scheduling (events are in order of last sight).
fn latest_words(world: &World) -> BTreeMap<&Entity, &Event> {
    let mut latest = BTreeMap::new();
    for event in &world.events {
        let about_scheduling = matches!(event.reason.as_str(), "FailedScheduling" | "Scheduled");
        if about_scheduling && event.about.kind == "Pod" {
            latest.insert(&event.about, event);
        }
    }
    latest
}

/// Whether no listing contradicts that the pod exists and waits.
fn is_only_heard_of(world: &World, pod: &Entity) -> bool {
    world.object_of(pod).is_none() && !world.coverage.complete("Pod", pod.namespace.as_deref())
}

/// Whether a pod has no node yet.
pub(crate) fn is_unscheduled(pod: &Object) -> bool {
    if !pod.is_live() || !pod.at("metadata.deletionTimestamp").is_null() {
        return false;
    }
    let node = pod.at("spec.nodeName").text();
    let placed = !node.is_empty() && node != "<none>";
    let pending = pod.at("status.phase").text() == "Pending";
    let started = pod.at("status.containerStatuses").list().iter().chain(pod.at("status.initContainerStatuses").list());
    let has_container = started
        .into_iter()
        .any(|status| !status.at("state.waiting.reason").is_null() || !status.at("state.running").is_null());
    pending && !placed && !has_container && condition(pod, "True").is_none()
}

fn condition<'w>(pod: &'w Object, status: &str) -> Option<&'w firstfault_model::Value> {
    let conditions = pod.at("status.conditions").list().iter();
    conditions.into_iter().find(|c| c.at("type").text() == "PodScheduled" && c.at("status").text() == status)
}

fn condition_message(pod: &Object) -> Option<&str> {
    condition(pod, "False").and_then(|c| c.at("message").as_str())
}

/// Whether the pod's own condition shows that a scheduler has looked at it.
pub(crate) fn is_judged(pod: &Object) -> bool {
    condition(pod, "False").is_some_and(|c| c.at("reason").text() == "Unschedulable")
}

/// Whether the pod's own condition says that a gate holds it.
pub(crate) fn is_gated(pod: &Object) -> bool {
    condition(pod, "False").is_some_and(|c| c.at("reason").text() == "SchedulingGated")
}
