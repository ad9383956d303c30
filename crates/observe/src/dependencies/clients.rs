//! Faults of a client's own settings.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Binding, Object};
use firstfault_model::{Entity, Finding, Grade};

use super::{BINDING_MISSING, CREDENTIALS_DIFFER, HOST_UNKNOWN, PORT_WRONG, View};
use crate::merge::Merged;

pub(super) fn detect(view: &View<'_>, merged: &mut Merged) {
    for binding in view.bindings {
        for finding in [port(view, binding), credentials(view, binding), host(view, binding)].into_iter().flatten() {
            merged.add(finding);
        }
    }
    missing_bindings(view, merged);
}

fn begin(declaration: &firstfault_model::Declaration, binding: &Binding, excerpt: &str) -> Finding {
    let finding = Finding::new(declaration, binding.client.clone(), binding.cite(excerpt))
        .with("server", binding.target().as_str())
        .with("host", binding.host.as_str())
        .with("source", format!("{} {}", binding.source.kind, binding.source.name));
    match &binding.service {
        Some(service) => finding.about(service.clone()),
        None => finding,
    }
}

/// A port that the server's Service does not have.
fn port(view: &View<'_>, binding: &Binding) -> Option<Finding> {
    let configured: i64 = binding.port.as_deref()?.parse().ok()?;
    let service = view.world.object_of(binding.service.as_ref()?)?;
    let ports: Vec<i64> = service.at("spec.ports").list().iter().filter_map(|p| p.get("port").as_int()).collect();
    if ports.is_empty() || ports.contains(&configured) {
        return None;
    }
    let of_peers = view.peers(binding).filter_map(|peer| peer.port.as_deref()?.parse::<i64>().ok());
    let right = of_peers.filter(|port| ports.contains(port)).max();
    // A headless Service hands out addresses only: its ports bind nobody.
    let headless = service.at("spec.clusterIP").text().eq_ignore_ascii_case("none");
    if headless && right.is_none() {
        return None;
    }
    let expected = right.unwrap_or(ports[0]);
    let excerpt = format!(
        "{} {}: port {configured} for {}, whose Service has {expected}",
        binding.source.kind, binding.source.name, binding.host
    );
    let finding = begin(&PORT_WRONG, binding, &excerpt)
        .with("port", configured.to_string())
        .with("expected", expected.to_string());
    let grade = if right.is_some() { Grade::Certain } else { Grade::Strong };
    Some(finding.graded(grade).citing([service.cite_at("spec.ports")]))
}

/// Credentials that neither the peers nor the server have.
fn credentials(view: &View<'_>, binding: &Binding) -> Option<Finding> {
    let user = binding.user.as_deref()?;
    let password = binding.password.as_deref()?;
    let denied = view.denied.contains(&binding.client);
    let peers: Vec<&Binding> = view.peers(binding).filter(|p| p.password.is_some()).collect();
    let same_user: Vec<&&Binding> = peers.iter().filter(|p| p.user.as_deref() == Some(user)).collect();
    let mut passwords: BTreeMap<&str, usize> = BTreeMap::new();
    for peer in &same_user {
        *passwords.entry(peer.password.as_deref().unwrap_or("")).or_default() += 1;
    }
    let (common, count) = passwords.iter().max_by_key(|(_, count)| **count).map_or(("", 0), |(p, c)| (*p, *c));
    let alone = count > 0 && common != password && !passwords.contains_key(password);
    let certain_peers = alone && count >= 2;
    let server = own_credentials(view, binding);
    let against_server = server.as_ref().is_some_and(|(u, p)| u == user && p != password);
    let stranger = same_user.is_empty() && peers.len() >= 2 && peers.windows(2).all(|w| w[0].user == w[1].user);
    let (what, grade) = match (certain_peers, alone || against_server, stranger) {
        (true, _, _) => ("password", if denied { Grade::Certain } else { Grade::Strong }),
        (false, true, _) if denied => ("password", Grade::Strong),
        (false, false, true) if denied => ("user", Grade::Strong),
        (false, false, true) if peers.len() >= 4 => ("user", Grade::Fair),
        _ => return None,
    };
    let excerpt = format!(
        "{} {}: the {what} for {} is not the one that its other clients use",
        binding.source.kind, binding.source.name, binding.host
    );
    let others = peers
        .iter()
        .take(2)
        .map(|p| p.cite(&format!("{} {}: the {what} that others use", p.source.kind, p.source.name)));
    let finding = begin(&CREDENTIALS_DIFFER, binding, &excerpt).with("user", user).with("what", what).graded(grade);
    Some(finding.citing(others.collect::<Vec<_>>()))
}

/// The user and password that the server itself was set up with.
fn own_credentials(view: &View<'_>, binding: &Binding) -> Option<(String, String)> {
    const NAMES: &[(&str, &str)] = &[
        ("MYSQL_USER", "MYSQL_PASSWORD"),
        ("MARIADB_USER", "MARIADB_PASSWORD"),
        ("POSTGRES_USER", "POSTGRES_PASSWORD"),
        ("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"),
        ("RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"),
    ];
    let server = view.world.object_of(view.server(binding)?)?;
    let variables = view.world.variables(server, view.world.pod_spec(server));
    let of = |(user, password): &(&str, &str)| {
        let password = variables.get(*password)?.value.clone();
        let user = variables.get(*user).map(|v| v.value.clone());
        user.or_else(|| password_of_default(&variables)).map(|user| (user, password))
    };
    NAMES.iter().find_map(of)
}

/// PostgreSQL's image makes the user `postgres` where none is named.
fn password_of_default(variables: &BTreeMap<String, firstfault_gather::Variable<'_>>) -> Option<String> {
    variables.contains_key("POSTGRES_PASSWORD").then(|| "postgres".to_owned())
}

/// A host inside the cluster that no Service has.
fn host(view: &View<'_>, binding: &Binding) -> Option<Finding> {
    if binding.service.is_some()
        || binding.host.contains("localhost")
        || binding.host.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let mut parts = binding.host.split('.');
    let name = parts.next()?;
    let namespace = parts.next();
    let inside = namespace.is_none() || binding.host.ends_with(".svc") || binding.host.contains(".svc.cluster.");
    let namespace = namespace.or(binding.client.namespace.as_deref());
    // `pod-0.service` names a pod of a StatefulSet.
    let of_pod = view.world.object("Service", binding.client.namespace.as_deref(), namespace.unwrap_or("")).is_some();
    if !inside || of_pod || !view.world.is_missing("Service", namespace, name) {
        return None;
    }
    let excerpt =
        format!("{} {}: host {}, which no Service has", binding.source.kind, binding.source.name, binding.host);
    Some(begin(&HOST_UNKNOWN, binding, &excerpt).about(Entity::namespaced("Service", namespace.unwrap_or(""), name)))
}

/// Hits that say that a client has no server to talk to.
const WITHOUT_SERVER: &[&str] = &[
    "log.connection-refused",
    "log.connection-lost",
    "log.name-not-resolved",
    "log.config-missing",
    "log.access-denied",
    "log.connection-timed-out",
];

/// A workload without settings for a server although a Secret or ConfigMap that bears its name holds some,
/// or although nearly all its peers have some; and its log misses the server.
fn missing_bindings(view: &View<'_>, merged: &mut Merged) {
    let bound: BTreeSet<&Entity> = view.bindings.iter().map(|b| &b.client).collect();
    let referred: BTreeSet<(&str, &str)> = view
        .world
        .relations
        .iter()
        .filter(|(_, relation, _, _)| *relation == firstfault_model::Relation::ReadsConfig)
        .map(|(_, _, object, _)| (object.namespace.as_deref().unwrap_or(""), object.name.as_str()))
        .collect();
    for workload in view.world.workloads().filter(|w| w.has_spec() && !bound.contains(&w.entity())) {
        let Some((log, hit)) = misses_a_server(view, &workload.entity()) else { continue };
        let unused = ["Secret", "ConfigMap"]
            .into_iter()
            .flat_map(|kind| view.world.kind_in(kind, workload.namespace.as_deref()))
            .find(|source| {
                source.is_live()
                    && named_after(source, workload)
                    && !referred.contains(&(source.namespace.as_deref().unwrap_or(""), source.name.as_str()))
                    && !view.world.bindings_in(source).is_empty()
            });
        let Some(source) = unused else { continue };
        merged.add(
            Finding::new(
                &BINDING_MISSING,
                workload.entity(),
                source.cite(&format!("{} {} is referred to by nobody", source.kind, source.name)),
            )
            .with("source", format!("{} {}", source.kind, source.name))
            .with("object", source.name.as_str())
            .about(source.entity())
            .citing([crate::application::cite(log, &hit.latest)]),
        );
    }
}

fn named_after(source: &Object, workload: &Object) -> bool {
    let rest = source.name.strip_prefix(workload.name.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        || workload
            .name
            .strip_suffix("-service")
            .is_some_and(|stem| source.name.strip_prefix(stem).is_some_and(|r| r.starts_with('-')))
}

fn misses_a_server<'a>(
    view: &View<'a>,
    workload: &Entity,
) -> Option<(&'a firstfault_gather::Log, &'a firstfault_logs::Hit)> {
    view.world.logs.iter().filter(|log| view.world.carrier_of(&log.entity) == *workload).find_map(|log| {
        let hit = log.digest.hits.iter().find(|hit| WITHOUT_SERVER.contains(&hit.finding.id))?;
        Some((log, hit))
    })
}
