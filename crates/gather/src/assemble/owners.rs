use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::{Entity, Name};

use crate::world::World;

/// The letters that Kubernetes makes generated name suffixes from.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Finds the workload at the top of each pod's, ReplicaSet's and Job's owners.
pub(crate) fn set(world: &mut World) {
    let mut direct: BTreeMap<Entity, Entity> = BTreeMap::new();
    for object in world.objects.values() {
        if !matches!(&*object.kind, "Pod" | "ReplicaSet" | "Job") {
            continue;
        }
        let references = object.at("metadata.ownerReferences").list();
        let owner = references.iter().find(|r| r.get("controller").as_bool() == Some(true)).or_else(|| references.first());
        let owner = owner.map(|r| Entity {
            kind: r.get("kind").text().into(),
            namespace: object.namespace.clone(),
            name: r.get("name").text().into(),
        });
        let entity = object.entity();
        // A static pod is owned by its node; it carries its own faults.
        let owner = owner.filter(|o| &*o.kind != "Node" && !o.name.is_empty());
        if let Some(owner) = owner.or_else(|| by_shape(world, &entity, object.label("pod-template-hash"))) {
            direct.insert(entity, owner);
        }
    }
    let subjects: BTreeSet<Entity> = world.events.iter().map(|e| e.about.clone()).collect();
    let mentioned = subjects.into_iter().filter(|e| matches!(&*e.kind, "Pod" | "ReplicaSet" | "Job"));
    for entity in mentioned.chain(replica_sets(&direct)) {
        if !direct.contains_key(&entity)
            && let Some(owner) = by_shape(world, &entity, "")
        {
            direct.insert(entity, owner);
        }
    }
    world.owners = direct.keys().map(|entity| (entity.clone(), top(&direct, entity))).collect();
}

/// Pods that are gone but were mentioned by a log, a series or an alert.
pub(crate) fn add_mentioned(world: &mut World) {
    let logs = world.logs.iter().map(|l| &l.entity);
    let series = world.series.iter().map(|s| &s.entity);
    let alerts = world.alerts.iter().filter_map(|a| a.about.as_ref());
    let mentioned: BTreeSet<&Entity> =
        logs.chain(series).chain(alerts).filter(|e| matches!(&*e.kind, "Pod" | "ReplicaSet" | "Job")).collect();
    let new: Vec<(Entity, Entity)> = mentioned
        .into_iter()
        .filter(|e| !world.owners.contains_key(*e))
        .filter_map(|e| Some((e.clone(), by_shape(world, e, "")?)))
        .map(|(e, owner)| (e, world.carrier_of(&owner)))
        .collect();
    world.owners.extend(new);
}

/// Indexes live pods by the workload that they belong to.
pub(crate) fn index_pods(world: &mut World) {
    let mut index: BTreeMap<Entity, Vec<Name>> = BTreeMap::new();
    for pod in world.kind("Pod").filter(|p| p.is_live()) {
        index.entry(world.carrier(pod)).or_default().push(pod.name.clone());
    }
    world.pods_by_carrier = index;
}

/// ReplicaSets and Jobs that are only known as somebody's owner.
fn replica_sets(direct: &BTreeMap<Entity, Entity>) -> Vec<Entity> {
    let owners: BTreeSet<&Entity> = direct.values().collect();
    owners.into_iter().filter(|o| matches!(&*o.kind, "ReplicaSet" | "Job") && !direct.contains_key(o)).cloned().collect()
}

fn top(direct: &BTreeMap<Entity, Entity>, entity: &Entity) -> Entity {
    let mut at = entity;
    for _ in 0..8 {
        match direct.get(at) {
            Some(owner) => at = owner,
            None => break,
        }
    }
    at.clone()
}

/// The owner by the shape of a generated name.
pub(crate) fn by_shape(world: &World, entity: &Entity, template_hash: &str) -> Option<Entity> {
    let namespace = entity.namespace.as_deref();
    let known = |kind: &str, name: &str| world.object(kind, namespace, name).is_some();
    let owner = |kind: &str, name: &str| Entity { kind: kind.into(), namespace: entity.namespace.clone(), name: Name::from(name) };
    let (stem, last) = entity.name.rsplit_once('-')?;
    match &*entity.kind {
        "ReplicaSet" => (known("Deployment", stem) || is_hash(last)).then(|| owner("Deployment", stem)),
        "Job" => (known("CronJob", stem) && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())).then(|| owner("CronJob", stem)),
        "Pod" => {
            if !template_hash.is_empty()
                && let Some(deployment) = stem.strip_suffix(template_hash).and_then(|s| s.strip_suffix('-'))
            {
                return Some(owner("Deployment", deployment));
            }
            if let Some((deployment, hash)) = stem.rsplit_once('-') {
                let listed = known("Deployment", deployment) || known("ReplicaSet", stem);
                if (is_hash(hash) && is_suffix(last)) || (listed && is_suffix(last)) || (known("Deployment", deployment) && last.is_empty()) {
                    return Some(owner("Deployment", deployment));
                }
            }
            if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) && known("StatefulSet", stem) {
                return Some(owner("StatefulSet", stem));
            }
            ["DaemonSet", "Job", "StatefulSet", "ReplicaSet"].into_iter().find(|kind| known(kind, stem) && is_suffix(last)).map(|kind| owner(kind, stem))
        }
        _ => None,
    }
}

/// A pod template's hash: eight to ten safe letters, with a digit or without vowels anyway.
fn is_hash(text: &str) -> bool {
    (6..=10).contains(&text.len()) && text.chars().all(|c| SAFE.contains(c) || c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_digit())
}

pub(crate) fn is_suffix(text: &str) -> bool {
    text.len() == 5 && text.chars().all(|c| SAFE.contains(c))
}

/// Indexes events by what they are about.
pub(crate) fn index_events(world: &mut World) {
    let mut index: BTreeMap<Entity, Vec<u32>> = BTreeMap::new();
    for (i, event) in world.events.iter().enumerate() {
        index.entry(event.about.clone()).or_default().push(u32::try_from(i).unwrap_or(u32::MAX));
    }
    world.events_about = index;
}
