use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, State};
use jiff::SignedDuration;

use super::{EVICTED, EVICTED_OWN};
use crate::merge::Merged;
use crate::pod::{age, is_done, is_ready, time};

/// An eviction that is older than this is another story, if its workload has gone on.
const LATELY: SignedDuration = SignedDuration::from_hours(2);

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for pod in world.kind("Pod").filter(|pod| pod.is_live() && pod.at("status.reason").text() == "Evicted") {
        let message = pod.at("status.message").text();
        let when = time(pod.at("status.startTime")).or_else(|| time(pod.at("metadata.creationTimestamp")));
        let last = world.events_about(&pod.entity()).filter(|e| e.reason == "Evicted").filter_map(|e| e.last).max();
        let lately = age(world, last.or(when)).is_none_or(|age| age < LATELY);
        let current = lately && !goes_on(world, &world.carrier(pod));
        let resource = resource_of(message);
        merged.add(
            Finding::new(
                meaning(message),
                world.carrier(pod),
                pod.cite(&format!("Pod {}: Evicted: {message}", pod.name)),
            )
            .graded(Grade::Certain)
            .in_state(if current { State::Current } else { State::Recovered })
            .seen(last.or(when), last)
            .with("pod", pod.name.as_str())
            .with("resource", resource)
            .with("node", pod.at("spec.nodeName").text()),
        );
    }
    for event in world.events.iter().filter(|e| e.reason == "Evicted" && e.about.kind == "Pod") {
        if world.object_of(&event.about).is_some_and(|pod| pod.at("status.reason").text() == "Evicted") {
            continue;
        }
        let current = age(world, event.last).is_none_or(|age| age < LATELY);
        merged.add(
            Finding::new(meaning(&event.message), world.carrier_of(&event.about), event.cite())
                .in_state(if current { State::Current } else { State::Recovered })
                .seen(event.first, event.last)
                .with("pod", event.about.name.as_str())
                .with("resource", resource_of(&event.message)),
        );
    }
}

/// So many evictions of one workload are no single event that is over.
const AGAIN: usize = 3;

/// Whether the workload runs on with other pods that are all ready.
fn goes_on(world: &World, carrier: &Entity) -> bool {
    let evicted = |pod: &&Object| pod.at("status.reason").text() == "Evicted";
    let (gone, left): (Vec<&Object>, Vec<&Object>) = world.pods_of(carrier).partition(evicted);
    gone.len() < AGAIN && !left.is_empty() && left.iter().all(|pod| is_ready(pod) == Some(true) || is_done(pod))
}

fn meaning(message: &str) -> &'static Declaration {
    let own =
        ["exceeds the total limit of containers", "exceeded its local ephemeral storage limit", "exceeds the limit"];
    if own.iter().any(|text| message.contains(text)) { &EVICTED_OWN } else { &EVICTED }
}

/// "The node was low on resource: memory."
fn resource_of(message: &str) -> &str {
    let after = message.split_once("low on resource: ").map_or("", |(_, rest)| rest);
    let word = after.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or("");
    match word {
        "" if message.contains("ephemeral") => "ephemeral-storage",
        "" if message.contains("EmptyDir") => "emptyDir",
        word => word,
    }
}
