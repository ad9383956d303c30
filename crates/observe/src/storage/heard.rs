//! Claims that were only heard of: their events say why they have no volume.

use std::collections::BTreeMap;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::claims::{clip, meaning, quoted};
use super::fit::class;
use super::{BOUND_ELSEWHERE, CLASS_MISSING, NO_VOLUME, PROVISIONING_FAILED, RELEASED};
use crate::merge::Merged;
use crate::pod::event_age;

/// The controller tries again every few minutes; what it said longer ago no longer holds.
const LATELY: SignedDuration = SignedDuration::from_mins(30);

/// Reads the last event of each claim of which no object was collected.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    let mut last: BTreeMap<&Entity, &Event> = BTreeMap::new();
    for event in world.events.iter().filter(|event| event.about.kind == "PersistentVolumeClaim") {
        last.insert(&event.about, event);
    }
    for (claim, event) in last {
        let seen = world.object_of(claim).is_some_and(Object::is_live)
            || world.is_missing("PersistentVolumeClaim", claim.namespace.as_deref(), &claim.name);
        if !seen && event_age(world, event).is_none_or(|age| age < LATELY) {
            why(world, claim, event).into_iter().for_each(|finding| merged.add(finding));
        }
    }
}

fn why(world: &World, claim: &Entity, event: &Event) -> Option<Finding> {
    let message = event.message.as_str();
    let carrier = user(world, claim).unwrap_or_else(|| claim.clone());
    let finding = |declaration| {
        Finding::new(declaration, carrier.clone(), event.cite())
            .about(claim.clone())
            .graded(Grade::Strong)
            .seen(event.first, event.last)
            .with("claim", claim.name.as_str())
    };
    let unknown = (message.contains("storageclass.storage.k8s.io") && message.contains("not found"))
        .then(|| quoted(message, '"'))
        .flatten();
    if let Some(class) = unknown {
        let exists = world.object("StorageClass", None, class).is_some_and(Object::is_live);
        return (!exists).then(|| finding(&CLASS_MISSING).with("class", class));
    }
    if let Some(declaration) = meaning(message) {
        if declaration.id == NO_VOLUME.id && may_fit(world, message) {
            return None; // what keeps the two apart stands on the claim
        }
        let named = quoted(message, '"').filter(|_| message.contains("volume \""));
        let volume = named.and_then(|name| world.object("PersistentVolume", None, name)).filter(|v| v.is_live());
        let released = volume.filter(|volume| volume.at("status.phase").text() == "Released");
        let mut finding = match released {
            Some(volume) if declaration.id == BOUND_ELSEWHERE.id => {
                finding(&RELEASED).citing([volume.cite(&format!("PersistentVolume {}: Released", volume.name))])
            }
            _ => finding(declaration),
        };
        if let Some(name) = named {
            finding = finding.with("volume", name);
        }
        return Some(finding);
    }
    (event.reason == "ProvisioningFailed").then(|| finding(&PROVISIONING_FAILED).with("error", clip(message)))
}

/// Whether a volume is free that the claim could mean for all that was said of it.
fn may_fit(world: &World, message: &str) -> bool {
    let no_class = message.contains("no storage class is set");
    let free = |volume: &&Object| volume.is_live() && volume.at("status.phase").text() == "Available";
    world.kind("PersistentVolume").filter(free).any(|volume| !no_class || class(volume).is_empty())
}

/// The one workload of the namespace whose pods wait for a claim.
fn user(world: &World, claim: &Entity) -> Option<Entity> {
    let waiting = crate::scheduling::waiting(world);
    let mut users = waiting.iter().filter(|(carrier, pods)| {
        carrier.namespace == claim.namespace
            && pods.iter().any(|waiting| waiting.said.as_ref().is_some_and(|said| said.unbound_claims))
    });
    let (user, _) = users.next()?;
    users.next().is_none().then(|| user.clone())
}
