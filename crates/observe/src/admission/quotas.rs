//! Quotas: what was refused for one, and what silently does not exist because one is full.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, Value};

use super::denial::{Amount, Denial};
use super::refusals::{Refusal, lacks_pods};
use super::{CREATES_NO_PODS, QUOTA_CPU, QUOTA_MEMORY, QUOTA_OBJECTS, QUOTA_PODS, QUOTA_SERVICES, QUOTA_STORAGE};
use crate::merge::Merged;
use crate::pod::is_ready;
use crate::scheduling::ask::{add, amounts, template};
use firstfault_model::Quantity;

/// The finding for what a quota counts.
fn declaration(resource: &str) -> &'static Declaration {
    let counted = resource.strip_prefix("count/").unwrap_or(resource);
    let counted = counted.split('.').next().filter(|_| resource.starts_with("count/")).unwrap_or(counted);
    match counted {
        "cpu" | "requests.cpu" | "limits.cpu" => &QUOTA_CPU,
        "memory" | "requests.memory" | "limits.memory" => &QUOTA_MEMORY,
        "pods" => &QUOTA_PODS,
        "requests.storage" | "persistentvolumeclaims" => &QUOTA_STORAGE,
        _ if counted.contains("storageclass.storage.k8s.io/") => &QUOTA_STORAGE,
        _ if counted == "services" || counted.starts_with("services.") => &QUOTA_SERVICES,
        _ => &QUOTA_OBJECTS,
    }
}

/// The finding for a refusal; it stands on the quota.
pub(super) fn refused(refusal: &Refusal) -> Option<Finding> {
    let Denial::Quota { quota, requested, used, limited } = &refusal.denial else { return None };
    let resource = exceeded(requested, used, limited)?;
    let value =
        |amounts: &[Amount]| amounts.iter().find(|(r, _)| r == resource).map_or(String::new(), |(_, v)| v.clone());
    let entity = Entity {
        kind: "ResourceQuota".into(),
        namespace: refusal.namespace.clone().map(Into::into),
        name: quota.as_str().into(),
    };
    Some(
        Finding::new(declaration(resource), entity, refusal.evidence.clone())
            .in_state(refusal.state)
            .seen(refusal.seen.0, refusal.seen.1)
            .about(refusal.carrier.clone())
            .with("quota", quota)
            .with("resource", resource)
            .with("requested", value(requested))
            .with("used", value(used))
            .with("limit", value(limited))
            .with("wanted_by", refusal.carrier.to_string()),
    )
}

/// The first resource of which too much was asked for.
fn exceeded<'a>(requested: &'a [Amount], used: &[Amount], limited: &[Amount]) -> Option<&'a str> {
    let of = |amounts: &[Amount], resource: &str| {
        amounts.iter().find(|(r, _)| r == resource).and_then(|(_, amount)| Quantity::parse(amount))
    };
    let over = requested.iter().find(|(resource, amount)| {
        let (Some(asked), Some(limit)) = (Quantity::parse(amount), of(limited, resource)) else { return false };
        asked + of(used, resource).unwrap_or_default() > limit
    });
    over.or(requested.first()).map(|(resource, _)| resource.as_str())
}

/// Objects that manifests ask for, that do not exist, and for which a quota has no room: no event tells of them.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    for quota in world.kind("ResourceQuota").filter(|quota| quota.is_live()) {
        let room = Room::of(quota);
        services(world, &room, merged);
        claims(world, &room, merged);
        others(world, &room, merged);
        pods(world, &room, merged);
        next_claims(world, &room, merged);
    }
}

/// What a quota has left.
struct Room<'w> {
    quota: &'w Object,
    hard: BTreeMap<String, Quantity>,
    used: BTreeMap<String, Quantity>,
}

impl<'w> Room<'w> {
    fn of(quota: &'w Object) -> Self {
        let hard = amounts(quota.at("status.hard"));
        let hard = if hard.is_empty() { amounts(quota.at("spec.hard")) } else { hard };
        Self { quota, hard, used: amounts(quota.at("status.used")) }
    }

    /// The first of `resources` that the quota limits and of which `wanted` is more than is left.
    fn lacks<'r>(&self, resources: &[&'r str], wanted: Quantity) -> Option<&'r str> {
        resources.iter().copied().find(|resource| {
            let (Some(hard), Some(used)) = (self.hard.get(*resource), self.used.get(*resource)) else { return false };
            *used + wanted > *hard
        })
    }

    /// The resources of pods of which nothing is left, each with the least that a pod can ask for.
    fn exhausted(&self) -> BTreeMap<String, Quantity> {
        const OF_PODS: &[&str] =
            &["pods", "cpu", "requests.cpu", "limits.cpu", "memory", "requests.memory", "limits.memory"];
        let used_up = |resource: &&&str| {
            self.hard.get(**resource).zip(self.used.get(**resource)).is_some_and(|(hard, used)| used >= hard)
        };
        OF_PODS.iter().filter(used_up).map(|r| ((*r).to_owned(), Quantity::ONE)).collect()
    }

    fn finding(&self, resource: &str, wanted: &str, wanting: &Object, grade: Grade) -> Finding {
        let show =
            |amounts: &BTreeMap<String, Quantity>| amounts.get(resource).copied().unwrap_or_default().show(resource);
        let (used, hard) = (show(&self.used), show(&self.hard));
        let what = format!("ResourceQuota {}: {resource}: used {used} of {hard}", self.quota.name);
        let asks = wanting.cite(&format!("{} {} asks for {resource}: {wanted}", wanting.kind, wanting.name));
        Finding::new(declaration(resource), self.quota.entity(), self.quota.cite(&what))
            .citing([asks])
            .graded(grade)
            .about(wanting.entity())
            .with("quota", self.quota.name.as_str())
            .with("resource", resource)
            .with("requested", wanted)
            .with("used", used)
            .with("limit", hard)
            .with("wanted_by", wanting.entity().to_string())
    }
}

/// Whether a quota has no room for a claim that only a manifest asks for.
pub(crate) fn keeps_out(world: &World, claim: &Object) -> bool {
    let quotas = world.kind_in("ResourceQuota", claim.namespace.as_deref()).filter(|quota| quota.is_live());
    let size = Quantity::of(claim.at("spec.resources.requests.storage")).unwrap_or_default();
    quotas.into_iter().any(|quota| {
        let room = Room::of(quota);
        room.lacks(&["requests.storage"], size).or(room.lacks(&["persistentvolumeclaims"], Quantity::ONE)).is_some()
    })
}

fn is_not_there(world: &World, object: &Object) -> bool {
    !object.is_live() && world.is_missing(&object.kind, object.namespace.as_deref(), &object.name)
}

fn services(world: &World, room: &Room<'_>, merged: &mut Merged) {
    for service in world.kind_in("Service", room.quota.namespace.as_deref()).filter(|s| is_not_there(world, s)) {
        let mut counted = vec!["services", "count/services"];
        match service.at("spec.type").text() {
            "LoadBalancer" => counted.extend(["services.loadbalancers", "services.nodeports"]),
            "NodePort" => counted.push("services.nodeports"),
            _ => {}
        }
        if let Some(resource) = room.lacks(&counted, Quantity::ONE) {
            merged.add(room.finding(resource, "1", service, Grade::Certain));
        }
    }
}

fn claims(world: &World, room: &Room<'_>, merged: &mut Merged) {
    let all = world.kind_in("PersistentVolumeClaim", room.quota.namespace.as_deref());
    let unlisted: Vec<&Object> = all.filter(|claim| !claim.is_live()).collect();
    if unlisted.is_empty() {
        return;
    }
    // Without a listing, the scheduler tells which claims do not exist.
    let waiting = crate::scheduling::waiting(world);
    let said: BTreeSet<&str> =
        waiting.values().flatten().filter_map(|w| w.said.as_ref()?.missing_claim.as_deref()).collect();
    for claim in unlisted.into_iter().filter(|c| said.contains(c.name.as_str()) || is_not_there(world, c)) {
        let size = Quantity::of(claim.at("spec.resources.requests.storage")).unwrap_or_default();
        let class = claim.at("spec.storageClassName").text();
        let by_class = format!("{class}.storageclass.storage.k8s.io/requests.storage");
        let count_by_class = format!("{class}.storageclass.storage.k8s.io/persistentvolumeclaims");
        if let Some(resource) = room.lacks(&["requests.storage", &by_class], size) {
            merged.add(room.finding(resource, &size.show("storage"), claim, Grade::Certain));
        } else if let Some(resource) =
            room.lacks(&["persistentvolumeclaims", "count/persistentvolumeclaims", &count_by_class], Quantity::ONE)
        {
            merged.add(room.finding(resource, "1", claim, Grade::Certain));
        }
    }
}

/// Kinds that a quota can count besides.
const COUNTED: &[(&str, &[&str])] = &[
    ("Secret", &["secrets", "count/secrets"]),
    ("ConfigMap", &["configmaps", "count/configmaps"]),
    ("Deployment", &["count/deployments.apps"]),
    ("StatefulSet", &["count/statefulsets.apps"]),
    ("Job", &["count/jobs.batch"]),
    ("CronJob", &["count/cronjobs.batch"]),
    ("Ingress", &["count/ingresses.networking.k8s.io"]),
];

fn others(world: &World, room: &Room<'_>, merged: &mut Merged) {
    for (kind, resources) in COUNTED {
        let Some(resource) = room.lacks(resources, Quantity::ONE) else { continue };
        let missing = world.kind_in(kind, room.quota.namespace.as_deref()).find(|object| is_not_there(world, object));
        if let Some(object) = missing {
            merged.add(room.finding(resource, "1", object, Grade::Certain));
        }
    }
}

/// Workloads without the pods they want, whose next pod would pass a quota, although no event was collected.
fn pods(world: &World, room: &Room<'_>, merged: &mut Merged) {
    if !room.quota.at("spec.scopes").list().is_empty() || !room.quota.at("spec.scopeSelector").is_null() {
        return;
    }
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "Job"] {
        let lacking = world.kind_in(kind, room.quota.namespace.as_deref()).filter(|w| w.is_live());
        for workload in lacking.filter(|w| creates_too_few(world, w)) {
            let spec = template(workload).at("spec");
            let spec = if workload.has_spec() { spec } else { &Value::Null };
            // Of a workload that only a table shows, any resource of which nothing is left may be the one.
            let wants = if spec.is_null() { room.exhausted() } else { asked(spec) };
            for (resource, wanted) in wants {
                if wanted > Quantity::ZERO && room.lacks(&[&resource], wanted).is_some() {
                    let shown = if spec.is_null() { "more".to_owned() } else { wanted.show(&resource) };
                    merged.add(room.finding(&resource, &shown, workload, Grade::Fair));
                    let what = format!("{kind} {}: fewer pods than wanted", workload.name);
                    let finding = Finding::new(&CREATES_NO_PODS, workload.entity(), workload.cite(&what));
                    merged.add(finding.graded(Grade::Fair).about(room.quota.entity()));
                }
            }
        }
    }
}

/// Sets that lack a pod and its claim, where the claims of the pods that are there show how much the next asks for.
fn next_claims(world: &World, room: &Room<'_>, merged: &mut Merged) {
    let namespace = room.quota.namespace.as_deref();
    if !world.coverage.complete("PersistentVolumeClaim", namespace) {
        return;
    }
    let sets = world.kind_in("StatefulSet", namespace).filter(|set| set.is_live() && creates_too_few(world, set));
    for set in sets {
        let marker = format!("-{}-", set.name);
        let claims: Vec<(&Object, &str, u32)> = world
            .kind_in("PersistentVolumeClaim", namespace)
            .filter_map(|claim| {
                let (volume, ordinal) = claim.name.as_str().rsplit_once(&marker)?;
                Some((claim, volume, ordinal.parse().ok()?))
            })
            .collect();
        let Some((last, volume, ordinal)) = claims.iter().max_by_key(|(_, _, ordinal)| *ordinal) else { continue };
        let follows = world.object("Pod", namespace, &format!("{}-{ordinal}", set.name));
        let amount = Quantity::of(last.at("spec.resources.requests.storage"));
        let amount = amount.or_else(|| Quantity::of(last.at("status.capacity.storage")));
        let (Some(amount), true) = (amount, follows.is_some_and(|pod| is_ready(pod) == Some(true))) else { continue };
        if let Some(resource) = room.lacks(&["requests.storage"], amount) {
            let like =
                last.cite(&format!("PersistentVolumeClaim {}: {volume} of {}", last.name, amount.show("storage")));
            merged.add(room.finding(resource, &amount.show("storage"), set, Grade::Strong).citing([like]));
            let what = format!("StatefulSet {}: pod {}-{} does not exist", set.name, set.name, ordinal + 1);
            let finding = Finding::new(&CREATES_NO_PODS, set.entity(), set.cite(&what));
            merged.add(finding.graded(Grade::Strong).about(room.quota.entity()));
        }
    }
}

/// Whether pods were not created (rather than created and not ready).
fn creates_too_few(world: &World, workload: &Object) -> bool {
    if lacks_pods(world, &workload.entity()) != Some(true) {
        return false;
    }
    let Some(wanted) = workload.at("spec.replicas").as_int().or_else(|| workload.at("spec.parallelism").as_int())
    else {
        return false;
    };
    let namespace = workload.namespace.as_deref();
    let pods = world.kind_in("Pod", namespace).filter(|pod| world.carrier(pod) == workload.entity()).count();
    world.coverage.complete("Pod", namespace) && i64::try_from(pods).unwrap_or(i64::MAX) < wanted
}

/// What one pod counts towards each resource of a quota.
fn asked(spec: &Value) -> BTreeMap<String, Quantity> {
    let mut counted = BTreeMap::from([("pods".to_owned(), Quantity::ONE), ("count/pods".to_owned(), Quantity::ONE)]);
    for container in spec.at("containers").list() {
        let limits = amounts(container.at("resources.limits"));
        let mut requests = limits.clone();
        requests.extend(amounts(container.at("resources.requests")));
        for (prefix, amounts) in [("limits.", limits), ("requests.", requests.clone()), ("", requests)] {
            let named = amounts.into_iter().map(|(resource, amount)| (format!("{prefix}{resource}"), amount)).collect();
            add(&mut counted, &named);
        }
    }
    counted
}
