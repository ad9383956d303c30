//! What is known of a Service's endpoints, from whichever source printed them.

use std::collections::BTreeMap;

use firstfault_gather::{Object, Outcome, World};
use firstfault_model::{Evidence, Name};

use super::backends::Backend;

/// Endpoints of all Services, by namespace and Service.
pub(crate) struct Endpoints<'w>(BTreeMap<(Option<Name>, Name), Addresses<'w>>);

/// What is known of one Service's endpoints.
#[derive(Default)]
pub(crate) struct Addresses<'w> {
    /// How many are ready.
    pub(crate) ready: usize,
    /// How many are not.
    pub(crate) not_ready: usize,
    /// There are ready addresses, and not one port for them.
    pub(crate) without_ports: bool,
    /// The objects that say so.
    pub(crate) objects: Vec<&'w Object>,
}

impl<'w> Endpoints<'w> {
    /// Reads Endpoints and EndpointSlices.
    pub(crate) fn of(world: &'w World) -> Self {
        let mut found: BTreeMap<_, Addresses<'w>> = BTreeMap::new();
        for slice in world.kind("EndpointSlice").filter(|o| o.is_live()) {
            let Some(service) = service_of(world, slice) else { continue };
            let entry = found.entry((slice.namespace.clone(), service)).or_default();
            let endpoints = slice.at("endpoints").list();
            let ready = endpoints.iter().filter(|e| e.at("conditions.ready").as_bool() != Some(false)).count();
            entry.ready += ready;
            entry.not_ready += endpoints.len() - ready;
            entry.without_ports |= ready > 0 && slice.is_whole() && slice.at("ports").list().is_empty();
            entry.objects.push(slice);
        }
        for object in world.kind("Endpoints").filter(|o| o.is_live()) {
            let entry = found.entry((object.namespace.clone(), object.name.clone())).or_default();
            let count = |field| object.at("subsets").list().iter().map(|s| s.get(field).list().len()).sum::<usize>();
            let (ready, not_ready) = (count("addresses"), count("notReadyAddresses"));
            entry.ready = entry.ready.max(ready);
            entry.not_ready = entry.not_ready.max(not_ready);
            let portless =
                |s: &firstfault_model::Value| !s.get("addresses").list().is_empty() && s.get("ports").list().is_empty();
            let printed_in_full = object.origins.iter().any(|o| o.form != firstfault_gather::Form::Table);
            entry.without_ports |= printed_in_full && object.at("subsets").list().iter().any(portless);
            entry.objects.push(object);
        }
        Self(found)
    }

    /// Those of a Service, if anything printed them.
    pub(crate) fn of_service(&self, service: &Object) -> Option<&Addresses<'w>> {
        self.0.get(&(service.namespace.clone(), service.name.clone()))
    }

    /// Whether a Service's slices name a pod of a workload.
    pub(crate) fn hold_a_pod_of(&self, service: &Object, backend: &Backend) -> bool {
        let objects = self.of_service(service).into_iter().flat_map(|addresses| &addresses.objects);
        let mut targets = objects.flat_map(|o| o.at("endpoints").list()).map(|e| e.at("targetRef.name").text());
        targets.any(|name| backend.pods.iter().any(|pod| &*pod.name == name))
    }

    /// Whether a Service was seen to have no ready address.
    pub(crate) fn none_ready(&self, service: &Object) -> bool {
        self.of_service(service).is_some_and(|addresses| addresses.ready == 0)
    }
}

/// The Service that a slice belongs to: by its label, its owner, or its generated name.
fn service_of(world: &World, slice: &Object) -> Option<Name> {
    let label = slice.label("kubernetes.io/service-name");
    if !label.is_empty() {
        return Some(label.into());
    }
    let owners = slice.at("metadata.ownerReferences").list();
    if let Some(owner) = owners.iter().find(|o| o.get("kind").text() == "Service") {
        return owner.get("name").as_name().cloned();
    }
    let (stem, suffix) = slice.name.rsplit_once('-')?;
    let is_service = world.object("Service", slice.namespace.as_deref(), stem).is_some();
    (suffix.len() == 5 && is_service).then(|| stem.into())
}

/// What trying a Service's port from inside gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// At least one attempt got through.
    Works,
    /// All failed.
    Fails(Evidence),
    /// Nobody tried.
    Unknown,
}

/// Looks up attempts to reach a port of a Service.
pub(crate) fn tried(world: &World, service: &Object, port: i64) -> Tried {
    let mut failed = None;
    for reach in &world.reaches {
        if !is_name_of(&reach.host, service) || reach.port.is_some_and(|p| i64::from(p) != port) {
            continue;
        }
        match reach.outcome {
            Outcome::Reached | Outcome::Status(_) | Outcome::Tls(_) => return Tried::Works,
            Outcome::Refused | Outcome::TimedOut | Outcome::Failed => failed = failed.or(Some(reach.evidence.clone())),
            Outcome::NotResolved | Outcome::Lossy(_) => {}
        }
    }
    failed.map_or(Tried::Unknown, Tried::Fails)
}

/// Whether a host name or address means a Service (`web`, `web.shop`, `web.shop.svc.cluster.local`).
pub(crate) fn is_name_of(host: &str, service: &Object) -> bool {
    if host == service.at("spec.clusterIP").text() && !host.is_empty() && host != "None" {
        return true;
    }
    let mut parts = host.split('.');
    parts.next() == Some(&*service.name)
        && parts.next().is_none_or(|namespace| Some(namespace) == service.namespace.as_deref())
        && parts.next().is_none_or(|svc| svc == "svc")
}
