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
        let names = self.pods_by_carrier.get(carrier).map_or(&[][..], Vec::as_slice);
        names.iter().filter_map(move |name| self.object("Pod", carrier.namespace.as_deref(), name))
    }

    /// The Services whose selector matches the pods of a workload (or a bare pod).
    pub fn services_selecting<'a>(&'a self, workload: &'a Object) -> impl Iterator<Item = &'a Object> {
        let labels = Self::pod_labels(workload);
        self.kind_in("Service", workload.namespace.as_deref()).filter(move |service| {
            let mut selector = service.at("spec.selector").entries().peekable();
            selector.peek().is_some() && selector.all(|(key, value)| labels.get(key) == value)
        })
    }

    /// The Service that an address names: `redis:6379`, `http://api.shop.svc.cluster.local/x`, `api.shop`.
    #[must_use]
    pub fn service_of_address(&self, address: &str, namespace: Option<&str>) -> Option<&Object> {
        let (host, _) = host_and_port(address)?;
        if host.parse::<std::net::Ipv4Addr>().is_ok() {
            return self.kind("Service").find(|service| service.at("spec.clusterIP").text() == host);
        }
        let mut parts = host.trim_end_matches('.').split('.');
        let first = parts.next()?;
        let own = parts.next().or(namespace);
        // `db-0.db.shop.svc`: a pod of a headless Service.
        match parts.next() {
            Some(third) if third != "svc" => self.object("Service", Some(third), own?),
            _ => self.object("Service", own, first),
        }
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
    let plausible =
        !host.is_empty() && host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    plausible.then_some((host, port))
}

impl World {
    /// Whether the API said of an object that it does not exist.
    #[must_use]
    pub fn said_not_found(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        if self.not_found.is_empty() {
            return false;
        }
        let kind = kind.to_lowercase();
        let plural = match kind.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if kind.ends_with('s') && !kind.ends_with("endpoints") => format!("{kind}es"),
            None if kind.ends_with('s') => kind.clone(),
            None => format!("{kind}s"),
        };
        // The command may not have said in which namespace it asked.
        let said = |kind: &str, namespace: Option<&str>| {
            self.not_found.contains(&(kind.to_owned(), namespace.map(str::to_owned), name.to_owned()))
        };
        [plural.as_str(), kind.as_str()].iter().any(|kind| said(kind, namespace) || said(kind, None))
    }

    /// Names of all namespaces that live objects lie in.
    #[must_use]
    pub fn namespaces(&self) -> std::collections::BTreeSet<&Name> {
        self.objects.values().filter(|o| o.is_live()).filter_map(|o| o.namespace.as_ref()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_of_addresses() {
        assert_eq!(host_and_port("redis:6379"), Some(("redis", Some(6379))));
        assert_eq!(host_and_port("postgres://u:p@db.shop.svc:5432/orders?x=1"), Some(("db.shop.svc", Some(5432))));
        assert_eq!(host_and_port("http://api/v1"), Some(("api", None)));
        assert_eq!(host_and_port("some text"), None);
    }

    #[test]
    fn not_found_is_of_one_namespace() {
        let mut world = World::default();
        world.not_found.insert(("secrets".to_owned(), Some("shop".to_owned()), "tls".to_owned()));
        assert!(world.is_missing("Secret", Some("shop"), "tls"));
        assert!(!world.is_missing("Secret", Some("other"), "tls"));
        assert!(!world.is_missing("Secret", Some("shop"), "other"));
    }
}
