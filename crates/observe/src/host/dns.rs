//! What DNS answered: no such name, a failure, or nothing at all.

use std::collections::BTreeSet;

use firstfault_gather::{Answer, Lookup, World};
use firstfault_model::{Entity, Finding, Grade, Relation, kind};

use super::{NO_SUCH_NAME, SERVER_FAILED, SERVER_SILENT};
use crate::merge::Merged;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for lookup in &world.host.lookups {
        match lookup.answer {
            Answer::NoSuchName => no_such_name(world, lookup, merged),
            Answer::ServerFailed | Answer::Refused => server(world, lookup, merged),
            Answer::NoReply => server(world, lookup, merged),
            Answer::Records(_) | Answer::Nothing => {}
        }
    }
}

/// Whether the same name was found by another question.
fn found_elsewhere(world: &World, name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let found = |l: &&Lookup| matches!(l.answer, Answer::Records(_)) && l.name.trim_end_matches('.') == name;
    world.host.lookups.iter().any(|l| found(&l))
}

fn no_such_name(world: &World, lookup: &Lookup, merged: &mut Merged) {
    if found_elsewhere(world, &lookup.name) {
        return;
    }
    let users = users(world, lookup);
    let name = lookup.name.trim_end_matches('.');
    let dns_name = Entity::new(kind::DNS_NAME, name);
    let say = |entity: Entity, grade| {
        let finding = Finding::new(&NO_SUCH_NAME, entity, lookup.evidence.clone()).graded(grade).with("host", name);
        match &lookup.server {
            Some(server) => finding.with("server", server.as_str()),
            None => finding,
        }
    };
    if users.is_empty() {
        // Nobody is known to need it: somebody may have tried a name.
        merged.add(say(dns_name, Grade::Fair));
        return;
    }
    for user in users {
        merged.add(say(user, Grade::Strong).about(dns_name.clone()));
    }
}

/// Workloads that need a name: the one whose pod asked, and those whose logs miss it.
fn users(world: &World, lookup: &Lookup) -> BTreeSet<Entity> {
    let mut users = BTreeSet::new();
    let asker = world.carrier_of(&lookup.on);
    if asker.kind != "Pod" && asker.kind != kind::HOST && asker.kind != "Node" && world.object_of(&asker).is_some() {
        users.insert(asker);
    }
    let wanted = lookup.name.trim_end_matches('.');
    for log in &world.logs {
        let misses = |hit: &firstfault_logs::Hit| {
            hit.finding.id == "log.name-not-resolved"
                && hit.fields.values().any(|host| {
                    host == wanted || wanted.strip_prefix(host.as_str()).is_some_and(|rest| rest.starts_with('.'))
                })
        };
        if log.digest.hits.iter().any(misses) {
            users.insert(world.carrier_of(&log.entity));
        }
    }
    users
}

fn server(world: &World, lookup: &Lookup, merged: &mut Merged) {
    let is_silent = lookup.answer == Answer::NoReply;
    let declaration = if is_silent { &SERVER_SILENT } else { &SERVER_FAILED };
    let (entity, address) = server_of(world, lookup);
    // It answers others, or for other names: then it is not the server as a whole.
    let answers = world.host.lookups.iter().any(|l| {
        matches!(l.answer, Answer::Records(_) | Answer::NoSuchName | Answer::Nothing) && server_of(world, l).0 == entity
    });
    let grade = if answers { Grade::Weak } else { Grade::Strong };
    let mut finding =
        Finding::new(declaration, entity, lookup.evidence.clone()).graded(grade).with("host", lookup.name.as_str());
    if let Some(address) = address {
        finding = finding.with("server", address);
    }
    merged.add(finding);
}

/// The DNS server that was asked: the cluster's own, a named one, or that of the machine.
fn server_of(world: &World, lookup: &Lookup) -> (Entity, Option<String>) {
    let own = world.kind("Service").find(|service| match &lookup.server {
        Some(address) => service.at("spec.clusterIP").text() == address.as_str(),
        None => {
            let asks_as_pod = matches!(lookup.on.kind.as_str(), "Pod" | "Deployment" | "StatefulSet" | "DaemonSet");
            asks_as_pod && is_cluster_dns(service)
        }
    });
    if let Some(service) = own {
        let entity = service.entity();
        let workload = world
            .relations
            .iter()
            .find(|(s, r, ..)| *r == Relation::Selects && *s == entity)
            .map(|(.., w, _)| world.carrier_of(w));
        return (workload.unwrap_or(entity), lookup.server.clone());
    }
    match &lookup.server {
        Some(address) => (Entity::new(kind::EXTERNAL, address), Some(address.clone())),
        None if matches!(lookup.on.kind.as_str(), "Node" | kind::HOST) => (lookup.on.clone(), None),
        None => (Entity::new(kind::CLUSTER, "dns"), None),
    }
}

/// The Service that pods are told to ask.
fn is_cluster_dns(service: &firstfault_gather::Object) -> bool {
    let named = matches!(service.name.as_str(), "kube-dns" | "coredns" | "rke2-coredns-rke2-coredns" | "dns-default");
    let namespace = service.namespace.as_deref().unwrap_or("");
    (named || service.label("k8s-app") == "kube-dns") && matches!(namespace, "kube-system" | "openshift-dns")
}
