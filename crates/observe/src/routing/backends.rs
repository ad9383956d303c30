//! Workloads as Services and policies see them: by their pods' labels and ports.

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Name, Value};

use super::nearness::{extends, mistyped};

/// Kinds that run pods that serve.
const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"];

/// All workloads and bare pods, by namespace.
pub(crate) struct Backends<'w>(BTreeMap<Name, Vec<Backend<'w>>>);

/// A workload with its pods, or a bare pod.
pub(crate) struct Backend<'w> {
    /// The workload, or the pod.
    pub(crate) entity: Entity,
    /// Its object, or the first pod.
    pub(crate) object: &'w Object,
    /// Its pods that have not ended.
    pub(crate) pods: Vec<&'w Object>,
}

/// Whether labels fit a selector, as far as the labels are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    No,
    Unknown,
}

impl<'w> Backends<'w> {
    /// Reads them from the world.
    pub(crate) fn of(world: &'w World) -> Self {
        let mut found: BTreeMap<Entity, Backend<'w>> = BTreeMap::new();
        for kind in WORKLOADS {
            for object in world.kind(kind) {
                let entity = object.entity();
                if world.carrier(object) == entity && !is_gone(world, object) {
                    found.insert(entity.clone(), Backend { entity, object, pods: Vec::new() });
                }
            }
        }
        for pod in world.kind("Pod").filter(|pod| !has_ended(pod)) {
            let entity = world.carrier(pod);
            if matches!(entity.kind.as_str(), "Job" | "CronJob" | "Node") {
                continue;
            }
            found.entry(entity.clone()).or_insert(Backend { entity, object: pod, pods: Vec::new() }).pods.push(pod);
        }
        let mut by_namespace: BTreeMap<Name, Vec<Backend<'w>>> = BTreeMap::new();
        for (entity, backend) in found {
            by_namespace.entry(entity.namespace.unwrap_or_default()).or_default().push(backend);
        }
        Self(by_namespace)
    }

    /// Those of a namespace.
    pub(crate) fn in_namespace(&self, namespace: Option<&str>) -> &[Backend<'w>] {
        self.0.get(namespace.unwrap_or_default()).map_or(&[], Vec::as_slice)
    }

    /// All.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Backend<'w>> {
        self.0.values().flatten()
    }

    /// Those that a Service selects.
    pub(crate) fn selected_by(&self, service: &Object) -> Vec<&Backend<'w>> {
        let selector = service.at("spec.selector");
        if selector.entries().next().is_none() {
            return Vec::new();
        }
        let here = self.in_namespace(service.namespace.as_deref());
        here.iter().filter(|backend| backend.fits(selector) == Fit::Yes).collect()
    }

    /// The workload that a Service was meant for: the one of its name, or the one whose
    /// labels come nearest to its selector.
    pub(crate) fn meant_by(&self, service: &Object) -> Option<&Backend<'w>> {
        let here = self.in_namespace(service.namespace.as_deref());
        let scored = here.iter().map(|backend| (backend.nearness(service), backend)).filter(|(score, _)| *score >= 10);
        scored.rev().max_by_key(|(score, _)| *score).map(|(_, backend)| backend)
    }
}

impl<'w> Backend<'w> {
    /// The pod template, or `Null`.
    fn template(&self) -> &'w Value {
        if self.object.kind == "Pod" { &Value::Null } else { self.object.at("spec.template") }
    }

    /// The pod spec of the template and of the first pod that has one; either may lack what
    /// the other has (`describe` leaves things out, webhooks add some).
    pub(crate) fn specs(&self) -> impl Iterator<Item = &'w Value> {
        let template = self.template().at("spec");
        let pod = self.pods.iter().map(|pod| pod.at("spec")).find(|spec| !spec.at("containers").is_null());
        [Some(template), pod].into_iter().flatten().filter(|spec| !spec.is_null())
    }

    /// All containers that keep running, those of the template first.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'w Value> {
        self.specs().flat_map(|spec| {
            let sidecars = spec.at("initContainers").list().iter();
            spec.at("containers").list().iter().chain(sidecars.filter(|c| c.at("restartPolicy").text() == "Always"))
        })
    }

    /// How many pods are wanted, where it is known.
    pub(crate) fn wanted(&self) -> Option<i64> {
        if self.object.kind == "Pod" {
            return Some(1);
        }
        self.object.at("spec.replicas").as_int().or_else(|| self.object.at("status.desiredNumberScheduled").as_int())
    }

    /// Labels of its pods: those of the pods themselves, else of the template.
    pub(crate) fn labels(&self) -> &'w Value {
        let of_pod = self.pods.iter().map(|pod| pod.at("metadata.labels")).find(|labels| !labels.is_null());
        let template = self.template().at("metadata.labels");
        let selector = self.object.at("spec.selector.matchLabels");
        of_pod.unwrap_or(if template.is_null() { selector } else { template })
    }

    /// Whether all labels of its pods are known, or only those of its own selector.
    pub(crate) fn labels_are_whole(&self) -> bool {
        self.pods.iter().any(|pod| !pod.at("metadata.labels").is_null())
            || !self.template().at("metadata.labels").is_null()
    }

    /// Whether its pods fit a map of labels.
    pub(crate) fn fits(&self, selector: &Value) -> Fit {
        let mut known =
            self.pods.iter().map(|pod| pod.at("metadata.labels")).filter(|labels| !labels.is_null()).peekable();
        if known.peek().is_some() {
            return if known.any(|labels| fit(selector, labels, true) == Fit::Yes) { Fit::Yes } else { Fit::No };
        }
        fit(selector, self.labels(), self.labels_are_whole())
    }

    /// How likely a Service was meant for this workload.
    fn nearness(&self, service: &Object) -> i32 {
        let (mine, its) = (self.entity.name.as_str(), service.name.as_str());
        let by_name = if mine == its {
            100
        } else if extends(mine, its) || mistyped(mine, its) {
            40
        } else {
            0
        };
        let labels = self.labels();
        let by_labels: i32 =
            service.at("spec.selector").entries().map(|(key, value)| label_nearness(labels.get(key), value)).sum();
        by_name + by_labels
    }
}

/// A value's nearness: equal, mistyped, or a word more or less.
fn label_nearness(label: &Value, wanted: &Value) -> i32 {
    let (label, wanted) = (label.text(), wanted.text());
    match label {
        "" => 0,
        _ if label == wanted => 20,
        _ if mistyped(label, wanted) || extends(label, wanted) => 15,
        _ => 0,
    }
}

/// Whether labels hold all that a selector wants.
pub(crate) fn fit(selector: &Value, labels: &Value, whole: bool) -> Fit {
    let mut result = Fit::Yes;
    for (key, wanted) in selector.entries() {
        let label = labels.get(key);
        if label.is_null() && !whole {
            result = Fit::Unknown;
        } else if label.show() != wanted.show() || label.is_null() {
            return Fit::No;
        }
    }
    result
}

/// A pod that ran to its end, or that only a manifest of a workload's kind would make.
pub(crate) fn has_ended(pod: &Object) -> bool {
    matches!(pod.at("status.phase").text(), "Succeeded" | "Failed")
}

/// Whether only a manifest asks for it although its kind was listed.
fn is_gone(world: &World, object: &Object) -> bool {
    !object.is_live() && world.is_missing(&object.kind, object.namespace.as_deref(), &object.name)
}

/// Whether a pod is ready, where that is known.
pub(crate) fn is_ready(pod: &Object) -> Option<bool> {
    match pod.at("status.phase").text() {
        "Pending" | "Failed" | "Succeeded" => return Some(false),
        _ => {}
    }
    let ready = pod.at("status.conditions").list().iter().find(|c| c.get("type").text() == "Ready");
    let statuses = pod.at("status.containerStatuses").list();
    let by_containers =
        (!statuses.is_empty()).then(|| statuses.iter().all(|c| c.get("ready").as_bool() != Some(false)));
    ready.map(|c| c.get("status").text() == "True").or(by_containers)
}
