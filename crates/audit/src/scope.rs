//! What is audited: each workload once, with its pods, its Services and how far its fault reaches.

use std::collections::BTreeMap;

use firstfault_gather::{Form, Object, World};
use firstfault_model::shell::quote;
use firstfault_model::{Entity, Relation, Value};
use jiff::Timestamp;

use crate::check::{Check, Remark};
use crate::reach::{Dependence, Reach};

/// How far a kind was seen, so that its absence means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// It was listed as a whole.
    Listed,
    /// Nothing is live here: these manifests are all there is to judge.
    Manifests,
    /// It may exist without having been seen.
    Unknown,
}

/// The world, arranged for checks.
pub(crate) struct Scope<'a> {
    pub(crate) world: &'a World,
    pub(crate) now: Option<Timestamp>,
    pub(crate) dependence: Dependence,
    pub(crate) workloads: Vec<Workload<'a>>,
    /// The ConfigMaps that each workload reads.
    pub(crate) reads: BTreeMap<&'a Entity, Vec<&'a Object>>,
    /// A workload that mounts each claim.
    pub(crate) mounts: BTreeMap<&'a Entity, &'a Entity>,
    live: bool,
}

/// A workload, or a pod that nobody owns.
pub(crate) struct Workload<'a> {
    pub(crate) entity: Entity,
    /// Whose spec is judged: the workload's own object, or one of its pods where only these were seen.
    pub(crate) object: &'a Object,
    /// The spec of its pods.
    pub(crate) spec: &'a Value,
    /// The labels of its pods.
    pub(crate) labels: &'a Value,
    /// Its live pods.
    pub(crate) pods: Vec<&'a Object>,
    /// How many replicas there are at least; `None` where that is unknown or means nothing.
    pub(crate) replicas: Option<i64>,
    /// Its Services.
    pub(crate) services: Vec<&'a Object>,
    /// How far the fault of all of it reaches.
    pub(crate) reach: Reach,
}

impl<'a> Scope<'a> {
    /// Arranges a world.
    pub(crate) fn new(world: &'a World, now: Option<Timestamp>) -> Self {
        let dependence = Dependence::of(world);
        let live = world.objects.values().any(Object::is_live);
        let (mut reads, mut mounts) = (BTreeMap::<&Entity, Vec<&Object>>::new(), BTreeMap::new());
        for (subject, relation, object, _) in &world.relations {
            match relation {
                Relation::ReadsConfig if object.kind == "ConfigMap" => {
                    reads.entry(subject).or_default().extend(world.object_of(object));
                }
                Relation::Mounts => {
                    mounts.entry(object).or_insert(subject);
                }
                _ => {}
            }
        }
        let mut scope = Self { world, now, dependence, workloads: Vec::new(), reads, mounts, live };
        scope.workloads = scope.find();
        scope
    }

    /// Workloads that run until somebody stops them.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Workload<'a>> {
        self.workloads.iter().filter(|w| !w.is_batch())
    }

    /// How far a kind was seen in a namespace.
    pub(crate) fn listing(&self, kind: &str, namespace: Option<&str>) -> Listing {
        match self.world.coverage.complete(kind, namespace) {
            true => Listing::Listed,
            false if !self.live => Listing::Manifests,
            false => Listing::Unknown,
        }
    }

    /// The objects of a kind that are the user's own.
    pub(crate) fn own(&self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.world.kind(kind).filter(|o| !is_platform(o.namespace.as_deref()) && !is_leaving(o))
    }

    /// The nodes on which ordinary pods may run.
    pub(crate) fn nodes(&self) -> Vec<&'a Object> {
        let closed = |node: &Object| {
            node.at("spec.unschedulable").as_bool() == Some(true)
                || node.at("spec.taints").list().iter().any(|t| t.get("effect").text() != "PreferNoSchedule")
        };
        self.world.kind("Node").filter(|n| n.is_live() && !closed(n)).collect()
    }

    fn find(&self) -> Vec<Workload<'a>> {
        // Of what has another template (a bare ReplicaSet, a DeploymentConfig), the pods are judged.
        const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"];
        let mut found: BTreeMap<Entity, &'a Object> = BTreeMap::new();
        for object in KINDS.iter().flat_map(|kind| self.world.kind(kind)) {
            let entity = self.world.carrier(object);
            if is_known(object, self.world.pod_spec(object)) && !is_over(object) && !is_static(object) {
                // The workload's own object comes before its pods, which come last.
                found.entry(entity).or_insert(object);
            }
        }
        let mut pods = self.pods();
        let mut pods_of = |entity: &Entity| pods.remove(entity).unwrap_or_default();
        found
            .into_iter()
            .map(|(entity, object)| (pods_of(&entity), entity, object))
            .filter(|(_, entity, object)| !is_platform(entity.namespace.as_deref()) && !is_leaving(object))
            .map(|(pods, entity, object)| Workload {
                spec: self.world.pod_spec(object),
                labels: World::pod_labels(object),
                replicas: self.replicas(&entity, object, pods.len()),
                pods,
                services: self.dependence.services_of(&entity).filter_map(|s| self.world.object_of(s)).collect(),
                reach: self.dependence.reach(&entity),
                entity,
                object,
            })
            .filter(|w| w.replicas != Some(0))
            .collect()
    }

    /// The live pods that have not ended, by whom they belong to.
    fn pods(&self) -> BTreeMap<Entity, Vec<&'a Object>> {
        let mut pods: BTreeMap<Entity, Vec<&'a Object>> = BTreeMap::new();
        for pod in self.world.kind("Pod").filter(|pod| pod.is_live() && !is_over(pod)) {
            pods.entry(self.world.carrier(pod)).or_default().push(pod);
        }
        pods
    }

    /// How many replicas there are at least: an autoscaler may go down to its minimum.
    fn replicas(&self, entity: &Entity, object: &Object, pods: usize) -> Option<i64> {
        if object.kind == "Pod" {
            // Only pods were seen: as many as there are, if all of them were listed.
            let namespace = entity.namespace.as_deref();
            let whole = entity.kind == "Pod" || self.world.coverage.complete("Pod", namespace);
            return (whole && entity.kind != "DaemonSet").then(|| pods.max(1) as i64);
        }
        if !matches!(&*object.kind, "Deployment" | "StatefulSet") {
            return None;
        }
        let asked = object.at("spec.replicas").as_int().unwrap_or(1);
        if asked == 0 {
            return Some(0);
        }
        let scales = |scaler: &Object| {
            let target = scaler.at("spec.scaleTargetRef");
            let kind = target.get("kind").as_str().unwrap_or("Deployment");
            scaler.namespace == entity.namespace && entity.kind == kind && entity.name == *target.get("name").text()
        };
        let least = |kind: &'static str, field: &str, unset: i64| {
            let scalers = self.world.kind(kind).filter(|scaler| scales(scaler));
            scalers.map(|scaler| scaler.at(field).as_int().unwrap_or(unset)).min()
        };
        let by_load = least("HorizontalPodAutoscaler", "spec.minReplicas", 1);
        let by_events = least("ScaledObject", "spec.minReplicaCount", 0);
        Some(by_load.into_iter().chain(by_events).min().unwrap_or(asked))
    }
}

impl<'a> Workload<'a> {
    /// Whether it ends by itself.
    pub(crate) fn is_batch(&self) -> bool {
        matches!(&*self.entity.kind, "Job" | "CronJob")
            || self.entity.kind == "Pod" && !matches!(self.spec.get("restartPolicy").text(), "" | "Always")
    }

    /// One on each node.
    pub(crate) fn is_daemon(&self) -> bool {
        self.entity.kind == "DaemonSet"
    }

    /// How many replicas a fault of one has beside it.
    pub(crate) fn reach_of_one(&self) -> Reach {
        let replicas = self.replicas.unwrap_or_else(|| self.pods.len().max(1) as i64);
        self.reach.of_one_in(replicas)
    }

    /// Its containers that run beside each other.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.spec.get("containers").list().iter()
    }

    /// All its containers, also those that run before the others.
    pub(crate) fn all_containers(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.spec.get("initContainers").list().iter().chain(self.containers())
    }

    /// The custom resource whose operator makes it.
    fn owner(&self) -> Option<String> {
        let object = (self.object.kind == self.entity.kind).then_some(self.object)?;
        let owners = object.at("metadata.ownerReferences").list();
        let owner = owners.iter().find(|o| o.get("controller").as_bool() == Some(true))?;
        Some(format!("{} {}", owner.get("kind").text(), owner.get("name").text()))
    }

    /// What a check found wrong with it.
    pub(crate) fn remark(&self, check: &'static Check, reach: Reach, what: &str) -> Remark {
        let evidence = self.object.cite(&format!("{} {}: {what}", self.object.kind, self.object.name));
        Remark::new(check, self.entity.clone(), what, reach, evidence).owned_by(self.owner())
    }
}

/// `kubectl -n shop VERB deployment/web`, quoted.
pub(crate) fn kubectl(entity: &Entity, verb: &str) -> String {
    let what = quote(&format!("{}/{}", entity.kind.to_lowercase(), &*entity.name));
    match &entity.namespace {
        Some(namespace) => format!("kubectl -n {} {verb} {what}", quote(namespace)),
        None => format!("kubectl {verb} {what}"),
    }
}

/// Namespaces of the cluster itself and of its network, which are not the user's to tune.
pub(crate) fn is_platform(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|n| {
        n == "openshift"
            || ["kube-", "openshift-", "calico-", "cilium"].iter().any(|start| n.starts_with(start))
            || matches!(n, "tigera-operator" | "local-path-storage" | "gke-managed-system")
    })
}

/// Whether the whole spec is known: the API or a manifest gave it, and it is no patch of one.
fn is_known(object: &Object, spec: &Value) -> bool {
    let told = object.origins.iter().any(|o| matches!(o.form, Form::Api | Form::Manifest));
    let containers = spec.get("containers").list();
    told && !containers.is_empty() && containers.iter().all(|c| !c.get("image").text().is_empty())
}

/// A pod or Job that has ended.
fn is_over(object: &Object) -> bool {
    let done = |kind: &str| {
        object
            .at("status.conditions")
            .list()
            .iter()
            .any(|c| c.get("type").text() == kind && c.get("status").text() == "True")
    };
    match &*object.kind {
        "Pod" => matches!(object.at("status.phase").text(), "Succeeded" | "Failed"),
        "Job" => done("Complete") || done("Failed"),
        _ => false,
    }
}

/// A pod that a kubelet starts from its own files: part of the control plane.
fn is_static(object: &Object) -> bool {
    object.kind == "Pod"
        && (!object.at("metadata.annotations").get("kubernetes.io/config.mirror").is_null()
            || object.at("metadata.ownerReferences").list().iter().any(|o| o.get("kind").text() == "Node"))
}

fn is_leaving(object: &Object) -> bool {
    !object.at("metadata.deletionTimestamp").is_null()
}
