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
        let owner =
            references.iter().find(|r| r.get("controller").as_bool() == Some(true)).or_else(|| references.first());
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
    by_creation(world, &mut direct);
    by_siblings(world, &mut direct);
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

/// Controllers say which pods and Jobs they made.
fn by_creation(world: &World, direct: &mut BTreeMap<Entity, Entity>) {
    for event in world.events.iter().filter(|e| &*e.reason == "SuccessfulCreate") {
        let words: Vec<&str> = event.message.split_whitespace().collect();
        let (kind, name) = match words.as_slice() {
            ["Created", "pod:", name] => ("Pod", *name),
            ["Created", "job", name] => ("Job", *name),
            // A StatefulSet's words.
            [_, "Pod", name, "in", "StatefulSet", ..] => ("Pod", *name),
            _ => continue,
        };
        let made = Entity { kind: kind.into(), namespace: event.about.namespace.clone(), name: name.into() };
        direct.entry(made).or_insert_with(|| event.about.clone());
    }
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

/// Pods of which only names and nodes are known: `agent-x2k4q` and `agent-b7v5n` on two nodes are a
/// DaemonSet's, `db-0` and `db-1` a StatefulSet's; unless these kinds were listed and are not there.
fn by_siblings(world: &World, direct: &mut BTreeMap<Entity, Entity>) {
    let mut families: BTreeMap<(Option<Name>, &str, &'static str), Vec<&crate::Object>> = BTreeMap::new();
    for pod in world.kind("Pod").filter(|p| !p.is_whole() && !direct.contains_key(&p.entity())) {
        let Some((stem, last)) = pod.name.rsplit_once('-') else { continue };
        let ordinal = !last.is_empty() && last.len() < 4 && last.bytes().all(|b| b.is_ascii_digit());
        let kind = if ordinal { "StatefulSet" } else { "DaemonSet" };
        if (ordinal || is_suffix(last)) && !world.coverage.complete(kind, pod.namespace.as_deref()) {
            families.entry((pod.namespace.clone(), stem, kind)).or_default().push(pod);
        }
    }
    for ((namespace, stem, kind), pods) in families {
        let nodes: BTreeSet<&str> =
            pods.iter().map(|p| p.at("spec.nodeName").text()).filter(|n| !n.is_empty()).collect();
        let first = format!("{stem}-0");
        let fits =
            if kind == "DaemonSet" { nodes.len() == pods.len() } else { pods.iter().any(|p| p.name == first.as_str()) };
        if pods.len() > 1 && fits {
            let owner = Entity { kind: kind.into(), namespace, name: stem.into() };
            direct.extend(pods.into_iter().map(|p| (p.entity(), owner.clone())));
        }
    }
}

/// ReplicaSets and Jobs that are only known as somebody's owner.
fn replica_sets(direct: &BTreeMap<Entity, Entity>) -> Vec<Entity> {
    let owners: BTreeSet<&Entity> = direct.values().collect();
    owners
        .into_iter()
        .filter(|o| matches!(&*o.kind, "ReplicaSet" | "Job") && !direct.contains_key(o))
        .cloned()
        .collect()
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
    let owner = |kind: &str, name: &str| Entity {
        kind: kind.into(),
        namespace: entity.namespace.clone(),
        name: Name::from(name),
    };
    let (stem, last) = entity.name.rsplit_once('-')?;
    match &*entity.kind {
        "ReplicaSet" => (known("Deployment", stem) || is_hash(last)).then(|| owner("Deployment", stem)),
        "Job" => (is_minutes(last)
            || known("CronJob", stem) && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
        .then(|| owner("CronJob", stem)),
        "Pod" => {
            if !template_hash.is_empty()
                && let Some(deployment) = stem.strip_suffix(template_hash).and_then(|s| s.strip_suffix('-'))
            {
                return Some(owner("Deployment", deployment));
            }
            if known("Job", stem) && is_suffix(last) {
                return Some(owner("Job", stem));
            }
            if let Some((cron_job, minutes)) = stem.rsplit_once('-')
                && is_suffix(last)
                && is_minutes(minutes)
                && (known("CronJob", cron_job) || !is_hash(minutes))
            {
                return Some(owner("CronJob", cron_job));
            }
            if let Some((deployment, hash)) = stem.rsplit_once('-') {
                let listed = known("Deployment", deployment) || known("ReplicaSet", stem);
                if (is_hash(hash) && is_suffix(last))
                    || (listed && is_suffix(last))
                    || (known("Deployment", deployment) && last.is_empty())
                {
                    return Some(owner("Deployment", deployment));
                }
            }
            if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) && known("StatefulSet", stem) {
                return Some(owner("StatefulSet", stem));
            }
            ["DaemonSet", "Job", "StatefulSet", "ReplicaSet"]
                .into_iter()
                .find(|kind| known(kind, stem) && is_suffix(last))
                .map(|kind| owner(kind, stem))
        }
        _ => None,
    }
}

/// A pod template's hash: six to ten of the letters and digits that such names are made from.
fn is_hash(text: &str) -> bool {
    (6..=10).contains(&text.len()) && text.chars().all(|c| SAFE.contains(c)) && text.chars().any(|c| c.is_ascii_digit())
}

/// A CronJob names its Jobs by the minutes since 1970: eight digits until the year 2160.
fn is_minutes(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) && text.starts_with(['2', '3'])
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

#[cfg(test)]
mod tests {
    use firstfault_model::{Place, Value};

    use super::*;
    use crate::world::{Form, Object, Origin};

    fn world(objects: &[(&str, &str, &str)]) -> World {
        let mut world = World::default();
        for (kind, name, node) in objects {
            let mut body = Value::default();
            if !node.is_empty() {
                body.set("spec.nodeName", Value::str(node));
            }
            let origins = vec![Origin { place: Place::line(&"a".into(), 1), form: Form::Table }];
            let object =
                Object { kind: (*kind).into(), namespace: Some("shop".into()), name: (*name).into(), body, origins };
            world.objects.insert((object.kind.clone(), object.namespace.clone(), object.name.clone()), object);
        }
        set(&mut world);
        world
    }

    fn owner(world: &World, pod: &str) -> String {
        world.carrier_of(&Entity::namespaced("Pod", "shop", pod)).to_string()
    }

    #[test]
    fn names_of_pods_tell_their_deployment() {
        let world = world(&[("Pod", "web-api-7d9c5b8f6d-x2k4q", ""), ("Pod", "tool", ""), ("Pod", "my-tool", "")]);
        assert_eq!(owner(&world, "web-api-7d9c5b8f6d-x2k4q"), "Deployment/shop/web-api");
        assert_eq!(owner(&world, "tool"), "Pod/shop/tool");
        assert_eq!(owner(&world, "my-tool"), "Pod/shop/my-tool");
    }

    #[test]
    fn siblings_tell_their_daemon_set_or_stateful_set() {
        let world = world(&[
            ("Pod", "agent-x2k4q", "n1"),
            ("Pod", "agent-b7v5n", "n2"),
            ("Pod", "db-0", "n1"),
            ("Pod", "db-1", "n1"),
            ("Pod", "lone-x2k4q", "n1"),
        ]);
        assert_eq!(owner(&world, "agent-b7v5n"), "DaemonSet/shop/agent");
        assert_eq!(owner(&world, "db-1"), "StatefulSet/shop/db");
        assert_eq!(owner(&world, "lone-x2k4q"), "Pod/shop/lone-x2k4q");
    }

    #[test]
    fn a_job_of_a_cron_job_belongs_to_it() {
        let world =
            world(&[("CronJob", "report", ""), ("Job", "report-29012345", ""), ("Pod", "report-29012345-x2k4q", "")]);
        assert_eq!(owner(&world, "report-29012345-x2k4q"), "CronJob/shop/report");
    }
}
