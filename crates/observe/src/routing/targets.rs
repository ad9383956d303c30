//! Host names of the cluster: which Service they mean, or that there is none.

use std::collections::BTreeMap;
use std::net::IpAddr;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Name};

use super::nearness::{extends, mistyped};

/// Resolves host names as cluster DNS would, as far as Services were seen.
pub(crate) struct Targets<'w> {
    world: &'w World,
    by_address: BTreeMap<Name, &'w Object>,
}

/// What a host name means.
#[derive(Debug)]
pub(crate) enum Target<'w> {
    /// A Service that is there.
    Service(&'w Object),
    /// A Service that certainly is not there.
    Missing(Entity),
    /// Something else, or nobody looked.
    Elsewhere,
}

/// Names that are no Service's although they look like one.
const OWN_NAMES: [&str; 8] =
    ["localhost", "kubernetes", "localhost6", "broadcasthost", "host", "hostname", "none", "null"];

impl<'w> Targets<'w> {
    /// Reads the Services.
    pub(crate) fn of(world: &'w World) -> Self {
        let mut by_address = BTreeMap::new();
        for service in world.kind("Service") {
            if let Some(address) = service.at("spec.clusterIP").as_name().filter(|a| a.parse::<IpAddr>().is_ok()) {
                by_address.insert(address.clone(), service);
            }
        }
        Self { world, by_address }
    }

    /// What `host` means for a pod in `namespace`.
    pub(crate) fn resolve(&self, host: &str, namespace: &str) -> Target<'w> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.parse::<IpAddr>().is_ok() {
            return self.by_address.get(host.as_str()).map_or(Target::Elsewhere, |service| Target::Service(service));
        }
        let parts: Vec<&str> = host.split('.').collect();
        if !parts.iter().all(|part| is_label(part)) {
            return Target::Elsewhere;
        }
        match (parts.as_slice(), parts.iter().position(|part| *part == "svc")) {
            (_, Some(at)) if at >= 2 => self.service(parts[at - 2], parts[at - 1]),
            ([name], _) if !OWN_NAMES.contains(name) => self.service(name, namespace),
            ([name, other], _) if self.is_namespace(other) => self.service(name, other),
            ([_, service], _) => match self.service(service, namespace) {
                Target::Service(service) => Target::Service(service), // a pod of a headless Service
                _ => Target::Elsewhere,
            },
            _ => Target::Elsewhere,
        }
    }

    fn service(&self, name: &str, namespace: &str) -> Target<'w> {
        let missing = || Target::Missing(Entity::namespaced("Service", namespace, name));
        if self.world.coverage.complete("Namespace", None) && self.world.is_missing("Namespace", None, namespace) {
            return missing();
        }
        match self.world.object("Service", Some(namespace), name) {
            _ if self.world.is_missing("Service", Some(namespace), name)
                && !self.world.object("Service", Some(namespace), name).is_some_and(Object::is_live) =>
            {
                missing()
            }
            Some(service) => Target::Service(service),
            None => Target::Elsewhere,
        }
    }

    fn is_namespace(&self, name: &str) -> bool {
        self.world.object("Namespace", None, name).is_some()
            || self.world.kind_in("Service", Some(name)).next().is_some()
    }

    /// The Service whose name comes nearest to a name that no Service has; whether it is
    /// one mistyped, rather than one with a word more or less.
    pub(crate) fn nearest(&self, name: &str, namespace: &str) -> Option<(&'w Object, bool)> {
        let from = (Name::from("Service"), Some(Name::from(namespace)), Name::default());
        let here = self.world.objects.range(from..).map(|(_, object)| object);
        let live = here.take_while(|o| o.kind == "Service" && o.namespace.as_deref() == Some(namespace));
        let live: Vec<&'w Object> = live.filter(|s| s.name.as_str() != name).collect();
        let live = || live.iter().copied();
        let typo = live().find(|s| mistyped(&s.name, name)).map(|s| (s, true));
        typo.or_else(|| live().filter(|s| extends(&s.name, name)).max_by_key(|s| s.name.len()).map(|s| (s, false)))
    }
}

/// A DNS label with a letter in it.
pub(crate) fn is_label(text: &str) -> bool {
    text.len() <= 63
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The numbers of a Service's ports; empty where they are not known.
pub(crate) fn ports_of(service: &Object) -> Vec<i64> {
    service.at("spec.ports").list().iter().filter_map(|port| port.get("port").as_int()).collect()
}
