//! Pods that no scheduler has tried to place: what that looks like where their specs were not printed.
//!
//! A scheduler that finds no node says so, in an event and in the condition `PodScheduled`. Where it has
//! placed other pods meanwhile and says nothing of this one, it does not see it: a gate holds the pod, or the
//! pod names another scheduler. The API server sets the condition of a gated pod itself, so that a pod without
//! any condition names another scheduler.

use std::collections::BTreeMap;

use firstfault_gather::{Event, Form, Object, World};
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::waiting::Waiting;
use super::{SCHEDULER, UNSCHEDULED, UNTRIED};
use crate::pod::{condition, event_age, time};

/// A scheduler takes up a new pod within seconds.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// Events are kept for an hour; of what is nearly as old, some may be gone.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(50);

/// A described pod that waits, without a single condition, while pods made no earlier have a node.
pub(super) fn by_conditions(world: &World, carrier: &Entity, pods: &[Waiting<'_>]) -> Option<Finding> {
    let pod = pods.iter().filter(|waiting| waiting.said.is_none()).find_map(|waiting| {
        let pod = waiting.ask.pod?;
        let described = pod.origins.iter().any(|origin| origin.form == Form::Describe) && !pod.is_whole();
        (described && pod.at("status.conditions").list().is_empty()).then_some(pod)
    })?;
    let owner = world.object_of(carrier)?;
    let made = time(owner.at("metadata.creationTimestamp"))?;
    let late = condition(owner, "Progressing").get("reason").text() == "ProgressDeadlineExceeded";
    let waits = late || world.now.is_some_and(|now| now.duration_since(made) > PATIENCE);
    let younger = world.kind("Pod").find(|other| {
        let placed = !other.at("spec.nodeName").text().is_empty() && world.carrier(other).kind != "DaemonSet";
        placed && time(other.at("status.startTime")).is_some_and(|start| start >= made)
    })?;
    let what = format!("Pod {}: Pending, no conditions: no scheduler has looked at it", pod.name);
    let works = format!("Pod {}: has a node, and was placed later", younger.name);
    waits.then(|| {
        Finding::new(&SCHEDULER, carrier.clone(), pod.cite(&what))
            .citing([younger.cite(&works)])
            .graded(Grade::Strong)
            .with("pod", pod.name.as_str())
    })
}

/// Pods that were created and of which nothing was heard since, in a whole list of events.
pub(super) fn by_events(world: &World, findings: &mut Vec<Finding>) {
    let mut silent: BTreeMap<Entity, Vec<(&str, &Event)>> = BTreeMap::new();
    for event in world.events.iter().filter(|event| event.reason == "SuccessfulCreate") {
        let (Some(name), Some(age)) = (created(&event.message), event_age(world, event)) else { continue };
        let namespace = event.about.namespace.clone();
        let pod = Entity { kind: "Pod".into(), namespace, name: name.into() };
        let heard = world.events_about(&pod).next().is_some() || world.object_of(&pod).is_some_and(Object::is_live);
        let listed = world.coverage.complete("Event", pod.namespace.as_deref());
        let unseen = !world.coverage.complete("Pod", pod.namespace.as_deref());
        if listed && unseen && !heard && age > PATIENCE && age < REMEMBERED && !was_deleted(world, &pod) {
            silent.entry(world.carrier_of(&pod)).or_default().push((name, event));
        }
    }
    for (carrier, pods) in silent {
        let oldest = pods.iter().filter_map(|(_, event)| event_age(world, event)).max();
        // The scheduler has acted since, and on a node that no DaemonSet's controller chose.
        let acted = world.events.iter().find(|event| {
            event.reason == "Scheduled"
                && event_age(world, event) <= oldest
                && world.carrier_of(&event.about) != carrier
        });
        let (Some(acted), Some((name, event))) = (acted, pods.first()) else { continue };
        let places = || pods.iter().take(3).map(|(_, event)| event.cite());
        let count = pods.len().to_string();
        let (since, until) = (event.first, event.last);
        let Some(first) = places().next() else { continue };
        let finding = |declaration| {
            Finding::new(declaration, carrier.clone(), first.clone())
                .citing(places().skip(1))
                .seen(since, until)
                .graded(Grade::Strong)
                .with("pod", *name)
                .with("count", count.clone())
        };
        findings.push(finding(&UNTRIED).citing([acted.cite()]));
        findings.push(finding(&UNSCHEDULED));
    }
}

/// `Created pod: web-1`, or `create Pod web-1 in StatefulSet web successful`.
fn created(message: &str) -> Option<&str> {
    let name = message.strip_prefix("Created pod: ");
    let name = name.or_else(|| message.strip_prefix("create Pod ")?.split(" in StatefulSet ").next());
    name.map(str::trim).filter(|name| !name.is_empty() && !name.contains(' '))
}

fn was_deleted(world: &World, pod: &Entity) -> bool {
    let deleted = |event: &Event| event.reason == "SuccessfulDelete" && event.message.contains(pod.name.as_str());
    world.events.iter().any(deleted)
}
