//! When what was changed on purpose took effect, where its own source does not say.

use std::collections::BTreeMap;

use firstfault_model::{Entity, Value};
use jiff::Timestamp;

use super::names::Names;
use crate::world::World;

/// Resolves whom changes are about, and dates the newest revision of a roll-out history by the
/// ReplicaSet or pods that it made.
pub(crate) fn set(world: &mut World) {
    let names = Names::new(world);
    let mut changes = std::mem::take(&mut world.changes);
    let mut newest: BTreeMap<Entity, (u64, usize)> = BTreeMap::new();
    for (at, change) in changes.iter_mut().enumerate() {
        names.replace(&mut change.entity);
        change.entity = world.carrier_of(&change.entity);
        if let Some(revision) = revision(&change.what) {
            let known = newest.entry(change.entity.clone()).or_insert((revision, at));
            if revision >= known.0 {
                *known = (revision, at);
            }
        }
    }
    for (entity, (revision, at)) in newest {
        if changes[at].at.is_none() {
            changes[at].at = made_by(world, &entity, revision).or_else(|| first_start(world, &entity));
        }
    }
    world.changes = changes;
}

/// The number of `revision 42: …`.
fn revision(what: &str) -> Option<u64> {
    what.strip_prefix("revision ")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn made_by(world: &World, entity: &Entity, revision: u64) -> Option<Timestamp> {
    let sets = world.kind_in("ReplicaSet", entity.namespace.as_deref());
    let revision = revision.to_string();
    sets.filter(|set| world.carrier(set) == *entity)
        .find(|set| set.at("metadata.annotations").get("deployment.kubernetes.io/revision").text() == revision)
        .and_then(|set| time(set.at("metadata.creationTimestamp")))
}

/// When the oldest of its pods was started: the revision is not younger.
fn first_start(world: &World, entity: &Entity) -> Option<Timestamp> {
    let started =
        |pod: &crate::Object| time(pod.at("status.startTime")).or_else(|| time(pod.at("metadata.creationTimestamp")));
    world.pods_of(entity).filter_map(started).min()
}

fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
}
