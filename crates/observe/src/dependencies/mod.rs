//! A workload and the servers that it needs (databases, caches, brokers): both sides compared.

mod clients;
mod names;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Binding, World};
use firstfault_model::{Entity, Finding, Relation};

use crate::merge::Merged;
use crate::registry::declare;

pub(crate) use servers::servers;

declare! {
    /// The configured port is not one of the server's Service.
    PORT_WRONG = "dependency.port-differs", "is configured with a port that its server does not serve", Never, State;
    /// User or password are not those that the server's other clients use.
    CREDENTIALS_DIFFER = "dependency.credentials-differ", "is configured with other credentials than the server knows", Never, State;
    /// The server's log says that it turned this client away.
    DENIED_BY_SERVER = "dependency.denied-by-server", "is turned away by a server for its credentials", Rarely, Infrastructure;
    /// The configured host is none that the cluster knows.
    HOST_UNKNOWN = "dependency.host-unknown", "is configured with a server's host that does not exist", Never, State;
    /// A name that its log says does not resolve is none of the Services that there are.
    NO_SUCH_SERVICE = "dependency.name-has-no-service", "asks for a name that does not resolve and that no Service has", Never, State;
    /// It has no settings for a server, and falls back to a default.
    BINDING_MISSING = "dependency.binding-missing", "has no settings for a server that its peers are configured with", Never, State;
    /// Several clients, or the server itself, say that it accepts no writes.
    READ_ONLY = "database.is-read-only", "accepts no writes", Never, Infrastructure;
    /// Several clients, or the server itself, say that it has no connection left.
    NO_CONNECTIONS = "database.has-no-connections-left", "has no connection left for its clients", Never, Infrastructure;
    /// Several clients cannot connect.
    UNREACHABLE = "database.unreachable-for-clients", "cannot be reached by several of its clients", Rarely, Infrastructure;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let view = View::new(world);
    let mut merged = Merged::default();
    clients::detect(&view, &mut merged);
    names::detect(world, &mut merged);
    servers::detect(&view, &mut merged);
    merged.into(findings);
}

/// What both sides are compared by.
pub(crate) struct View<'a> {
    pub(crate) world: &'a World,
    pub(crate) bindings: &'a [Binding],
    /// The workload behind each Service.
    pub(crate) behind: BTreeMap<Entity, Entity>,
    /// Workloads whose own log says that a server turned them away.
    pub(crate) denied: BTreeSet<Entity>,
}

impl<'a> View<'a> {
    fn new(world: &'a World) -> Self {
        let says = |id: &'static str| {
            let of = move |log: &&firstfault_gather::Log| log.digest.hits.iter().any(|hit| hit.finding.id == id);
            world.logs.iter().filter(of).map(|log| world.carrier_of(&log.entity))
        };
        Self { world, bindings: world.bindings(), behind: behind(world), denied: says("log.access-denied").collect() }
    }

    /// The workload that a binding leads to.
    pub(crate) fn server(&self, binding: &Binding) -> Option<&Entity> {
        self.behind.get(binding.service.as_ref()?)
    }

    /// The same server's bindings of other workloads.
    pub(crate) fn peers<'b>(&'b self, of: &'b Binding) -> impl Iterator<Item = &'b Binding> {
        let server = self.server(of);
        self.bindings.iter().filter(move |other| {
            let same = other.service == of.service || (server.is_some() && self.server(other) == server);
            other.client != of.client && other.service.is_some() && same
        })
    }
}

/// The workload behind each Service.
fn behind(world: &World) -> BTreeMap<Entity, Entity> {
    let selects = world.relations.iter().filter(|(_, relation, _, _)| *relation == Relation::Selects);
    selects.map(|(service, _, workload, _)| (service.clone(), world.carrier_of(workload))).collect()
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, ids};

    const SERVICE: &str = r#"{"spec":{"selector":{"app":"db"},"ports":[{"port":5432}]}}"#;

    fn client(port: &str, password: &str) -> String {
        let variable = |name: &str, value: &str| format!(r#"{{"name":"DB_{name}","value":"{value}"}}"#);
        let list =
            [variable("HOST", "db"), variable("PORT", port), variable("USER", "app"), variable("PASSWORD", password)];
        format!(
            r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"app","env":[{}]}}]}}}}}}}}"#,
            list.join(",")
        )
    }

    #[test]
    fn a_port_that_the_service_does_not_have_is_the_clients_fault() {
        let sample = Sample::default()
            .api("Service/shop/db", SERVICE)
            .api("Deployment/shop/cart", &client("5433", "s3"))
            .api("Deployment/shop/order", &client("5432", "s3"));
        let found = sample.found(detect);
        assert_eq!(ids(&found), ["dependency.port-differs"]);
        assert_eq!((found[0].entity.name.as_str(), found[0].field("expected")), ("cart", "5432"));
    }

    #[test]
    fn one_password_unlike_its_peers_is_found_and_never_shown() {
        let sample = Sample::default()
            .api("Service/shop/db", SERVICE)
            .api("Deployment/shop/cart", &client("5432", "hunter2"))
            .api("Deployment/shop/order", &client("5432", "s3"))
            .api("Deployment/shop/stock", &client("5432", "s3"));
        let found = sample.found(detect);
        assert_eq!(ids(&found), ["dependency.credentials-differ"]);
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }

    #[test]
    fn equal_settings_are_no_finding() {
        let sample = Sample::default()
            .api("Service/shop/db", SERVICE)
            .api("Deployment/shop/cart", &client("5432", "s3"))
            .api("Deployment/shop/order", &client("5432", "s3"));
        assert!(sample.found(detect).is_empty());
    }

    #[test]
    fn a_host_is_unknown_only_when_services_were_listed() {
        let sample = Sample::default().api("Deployment/shop/cart", &client("5432", "s3"));
        assert!(sample.found(detect).is_empty());
        let sample = Sample::default().api("Deployment/shop/cart", &client("5432", "s3")).listed(&["Service"]);
        assert_eq!(ids(&sample.found(detect)), ["dependency.host-unknown"]);
    }
}
