//! What detectors ask the World.

use firstfault_model::{Entity, Name, Value};

use crate::world::{Object, World};

/// Kinds that hold a pod template, and where.
const TEMPLATES: &[(&str, &str)] = &[
    ("Deployment", "spec.template"),
    ("StatefulSet", "spec.template"),
    ("DaemonSet", "spec.template"),
    ("Job", "spec.template"),
    ("CronJob", "spec.jobTemplate.spec.template"),
];

impl World {
    /// The pod spec of a workload or pod; `Null` where it was not printed.
    #[must_use]
    pub fn pod_spec<'a>(&'a self, object: &'a Object) -> &'a Value {
        match TEMPLATES.iter().find(|(kind, _)| object.kind == *kind) {
            Some((_, path)) => object.at(path).get("spec"),
            None => object.at("spec"),
        }
    }

    /// The labels that an object's pods have.
    #[must_use]
    pub fn pod_labels(object: &Object) -> &Value {
        match TEMPLATES.iter().find(|(kind, _)| object.kind == *kind) {
            Some((_, path)) => object.at(path).at("metadata.labels"),
            None => object.at("metadata.labels"),
        }
    }

    /// All workloads and pods with their pod specs, workloads first.
    pub fn pod_specs(&self) -> impl Iterator<Item = (&Object, &Value)> {
        let kinds = TEMPLATES.iter().map(|(kind, _)| *kind).chain(["Pod"]);
        kinds.flat_map(|kind| self.kind(kind)).map(|object| (object, self.pod_spec(object)))
    }

    /// All Deployments, StatefulSets and DaemonSets.
    pub fn workloads(&self) -> impl Iterator<Item = &Object> {
        ["Deployment", "StatefulSet", "DaemonSet"].into_iter().flat_map(|kind| self.kind(kind))
    }

    /// The live pods of a workload, or the pod itself.
    pub fn pods_of<'a>(&'a self, carrier: &'a Entity) -> impl Iterator<Item = &'a Object> {
        self.kind_in("Pod", carrier.namespace.as_deref()).filter(move |pod| pod.is_live() && self.carrier(pod) == *carrier)
    }

    /// The Service that an address names: `redis:6379`, `http://api.shop.svc.cluster.local/x`, `api.shop`.
    #[must_use]
    pub fn service_of_address(&self, address: &str, namespace: Option<&str>) -> Option<&Object> {
        let (host, _) = host_and_port(address)?;
        let mut parts = host.split('.');
        let name = parts.next()?;
        let own = parts.next().or(namespace);
        self.object("Service", own, name)
    }
}

/// Host and port of an address or URL; `None` where it holds no host.
#[must_use]
pub fn host_and_port(address: &str) -> Option<(&str, Option<u16>)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next()?;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (rest, None),
    };
    let plausible = !host.is_empty() && host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    plausible.then_some((host, port))
}

impl World {
    /// Whether the API said of an object that it does not exist.
    #[must_use]
    pub fn said_not_found(&self, kind: &str, name: &str) -> bool {
        let plural = format!("{}s", kind.to_lowercase());
        self.not_found.contains(&(plural, name.to_owned())) || self.not_found.contains(&(kind.to_lowercase(), name.to_owned()))
    }

    /// Names of all namespaces that live objects lie in.
    #[must_use]
    pub fn namespaces(&self) -> std::collections::BTreeSet<&Name> {
        self.objects.values().filter(|o| o.is_live()).filter_map(|o| o.namespace.as_ref()).collect()
    }
}
