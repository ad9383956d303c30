//! Addresses in a workload's settings against the Services that there are.

use std::collections::BTreeMap;

use firstfault_gather::{Object, Outcome, World};
use firstfault_model::{Entity, Finding, Grade, Masked};

use super::backends::Backends;
use super::references::{Reference, Written};
use super::service_ports::declared;
use super::services::{MISSING, PORT_UNEXPECTED};
use super::targets::{Target, Targets, ports_of};
use crate::registry::declare;

declare! {
    /// It is told to use a host name that no Service has.
    HOST_UNKNOWN = "config.host-unknown", "is told to use a host name that no Service has", Rarely, State;
    /// It is told to use a port that the Service does not have.
    PORT_UNKNOWN = "config.port-unknown", "is told to use a port that the Service does not have", Rarely, State;
    /// It is told to call itself where its peers name a Service.
    HOST_LOCAL = "config.host-is-localhost", "is told to find at localhost what others find at a Service", Rarely, State;
    /// Its setting differs from that of its peers, and both exist.
    DIFFERS = "config.address-differs-from-peers", "is told another address than its peers for the same thing", Rarely, State;
}

/// References by what they name, so that peers can be compared.
struct Peers<'r> {
    by_key: BTreeMap<(Option<String>, &'r str), Vec<&'r Reference>>,
}

/// Looks at every address that a workload is told to use.
pub(super) fn detect(world: &World, backends: &Backends, all: &[Reference], findings: &mut Vec<Finding>) {
    findings.extend(merged(judged(world, backends, all)));
}

/// What is said of each reference, one by one.
fn judged(world: &World, backends: &Backends, all: &[Reference]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let targets = Targets::of(world);
    let mut by_key: BTreeMap<_, Vec<&Reference>> = BTreeMap::new();
    for reference in all {
        by_key.entry((namespace_of(reference), reference.key.as_str())).or_default().push(reference);
    }
    let peers = Peers { by_key };
    let mut wanted_ports: BTreeMap<(Entity, u16), Vec<&Reference>> = BTreeMap::new();
    let mut right_ports: BTreeMap<Entity, usize> = BTreeMap::new();
    for reference in all {
        let namespace = reference.caller.namespace.as_deref().unwrap_or_default();
        if is_local(&reference.address.host) {
            findings.extend(local(&targets, &peers, reference, namespace));
            continue;
        }
        if is_aliased(backends, reference) {
            continue;
        }
        match targets.resolve(&reference.address.host, namespace) {
            Target::Missing(service) => findings.push(missing(world, backends, &targets, &peers, reference, service)),
            Target::Service(service) => {
                match port_of(backends, reference, service) {
                    Some((_, true)) => *right_ports.entry(service.entity()).or_default() += 1,
                    Some((port, false)) => wanted_ports.entry((service.entity(), port)).or_default().push(reference),
                    None => {}
                }
                findings.extend(differs(&targets, &peers, reference, service, namespace));
            }
            Target::Elsewhere => {}
        }
    }
    for ((service, port), callers) in wanted_ports {
        wrong_port(world, &service, port, &callers, right_ports.get(&service).copied().unwrap_or(0), &mut findings);
    }
    findings
}

fn namespace_of(reference: &Reference) -> Option<String> {
    reference.caller.namespace.as_ref().map(ToString::to_string)
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.")
}

/// Whether the pod's own hosts file answers for the name.
fn is_aliased(backends: &Backends, reference: &Reference) -> bool {
    let here = backends.in_namespace(reference.caller.namespace.as_deref());
    let caller = here.iter().find(|b| b.entity == reference.caller);
    caller.is_some_and(|backend| {
        backend
            .specs()
            .flat_map(|spec| spec.at("hostAliases").list())
            .any(|alias| alias.at("hostnames").list().iter().any(|name| name.text() == reference.address.host))
    })
}

/// The port that is used, and whether the Service has it. For a headless Service the pods' own count as well.
fn port_of(backends: &Backends, reference: &Reference, service: &Object) -> Option<(u16, bool)> {
    let port = reference.address.port?;
    let ports = ports_of(service);
    if ports.is_empty() || service.at("spec.type").text() == "ExternalName" {
        return None;
    }
    let has = |number: i64| number == i64::from(port);
    let headless = service.at("spec.clusterIP").text() == "None";
    let of_pods =
        || backends.selected_by(service).iter().any(|b| declared(b).iter().any(|d| d.number.is_some_and(has)));
    if !reference.address.port_written && reference.form == Written::File {
        return None; // a URL somewhere in a file need not be one that is called
    }
    Some((port, ports.iter().copied().any(has) || headless && of_pods()))
}

/// The name has no Service: a mistyped address, a missing Service, or something that is not used.
fn missing(
    world: &World,
    backends: &Backends,
    targets: &Targets,
    peers: &Peers,
    reference: &Reference,
    service: Entity,
) -> Finding {
    let host = reference.address.host.as_str();
    let namespace = service.namespace.as_deref();
    let namesake = backends.in_namespace(namespace).iter().find(|b| b.entity.name == service.name);
    if let Some(workload) = namesake.filter(|b| b.entity.kind != "Pod" && b.entity != reference.caller) {
        return Finding::new(&MISSING, service, reference.evidence.clone())
            .graded(Grade::Strong)
            .with("name", host)
            .with("workload", workload.entity.name.to_string())
            .with("caller", reference.caller.name.to_string())
            .about(workload.entity.clone());
    }
    let by_peer = peer_service(targets, peers, reference, namespace.unwrap_or_default());
    let near = targets.nearest(&service.name, namespace.unwrap_or_default());
    let same_port = |s: &Object| reference.address.port.is_some_and(|p| ports_of(s).contains(&i64::from(p)));
    let complains = complaint(world, &reference.caller, host);
    let unresolved = world.reaches.iter().find(|r| r.host == host && r.outcome == Outcome::NotResolved);
    let (meant, mut grade) = match (by_peer, near) {
        (Some(peer), _) => (Some(peer), Grade::Certain),
        (None, Some((near, true))) if same_port(near) => (Some(near), Grade::Certain),
        (None, Some((near, false))) if same_port(near) => (Some(near), Grade::Strong),
        (None, Some((near, true))) => {
            (Some(near), if reference.address.port.is_none() { Grade::Strong } else { Grade::Fair })
        }
        (None, Some((near, false))) => (Some(near), Grade::Weak),
        (None, None) => (None, Grade::Weak),
    };
    if complains.is_some() {
        grade = Grade::Certain;
    } else if unresolved.is_some() {
        grade = grade.max(Grade::Strong);
    }
    if reference.form == Written::File && complains.is_none() {
        grade = grade.min(Grade::Fair);
    }
    let finding = Finding::new(&HOST_UNKNOWN, reference.caller.clone(), reference.evidence.clone())
        .graded(grade)
        .with("key", reference.key.clone())
        .with("host", host)
        .with("address", shown(reference))
        .citing(complains)
        .citing(unresolved.map(|r| r.evidence.clone()));
    let finding = match meant {
        Some(meant) => finding
            .with("service", meant.name.to_string())
            .citing([meant.cite(&format!("Service {} exists", meant.name))]),
        None => finding,
    };
    finding.about(meant.map_or(service, Object::entity))
}

fn shown(reference: &Reference) -> String {
    match reference.address.port {
        Some(port) if reference.address.port_written => format!("{}:{port}", reference.address.host),
        _ => reference.address.host.clone(),
    }
}

/// What another workload names by the same setting, if it is a Service.
fn peer_service<'w>(
    targets: &Targets<'w>,
    peers: &Peers,
    reference: &Reference,
    namespace: &str,
) -> Option<&'w Object> {
    let alike = peers.by_key.get(&(namespace_of(reference), reference.key.as_str()))?;
    if matches!(reference.form, Written::File) || reference.key.len() < 4 {
        return None;
    }
    alike.iter().filter(|peer| peer.caller != reference.caller).find_map(|peer| {
        match targets.resolve(&peer.address.host, namespace) {
            Target::Service(service) => Some(service),
            _ => None,
        }
    })
}

/// An error line of the caller that names the host.
fn complaint(world: &World, caller: &Entity, host: &str) -> Option<firstfault_model::Evidence> {
    let logs = world.logs.iter().filter(|log| world.carrier_of(&log.entity) == *caller);
    for log in logs {
        let named = |text: &Masked| text.as_str().contains(host);
        let shapes = log.digest.warnings().map(|s| &s.example);
        let hits = log.digest.hits.iter().flat_map(|h| [&h.first, &h.latest]);
        if let Some(words) =
            shapes.chain(hits).chain(&log.digest.last_words).find(|w| named(&w.text) && complains(w.text.as_str()))
        {
            let place = firstfault_model::Place::line(&log.path, words.line);
            return Some(firstfault_model::Evidence { place, excerpt: words.text.clone() });
        }
    }
    None
}

fn complains(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "unknownhost",
        "no such host",
        "not resolve",
        "name or service not known",
        "getaddrinfo",
        "enotfound",
        "eai_again",
        "name resolution",
        "not known",
        "nxdomain",
        "refused",
        "timed out",
        "timeout",
        "unavailable",
        "unreachable",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// `localhost` where a peer names a Service by the same setting.
fn local(targets: &Targets, peers: &Peers, reference: &Reference, namespace: &str) -> Option<Finding> {
    if reference.form != Written::Variable {
        return None;
    }
    let service = peer_service(targets, peers, reference, namespace)?;
    Some(
        Finding::new(&HOST_LOCAL, reference.caller.clone(), reference.evidence.clone())
            .graded(Grade::Fair)
            .with("key", reference.key.clone())
            .with("address", shown(reference))
            .with("service", service.name.to_string())
            .about(service.entity()),
    )
}

/// Two or more peers agree on one Service, and this one names another.
fn differs(
    targets: &Targets,
    peers: &Peers,
    reference: &Reference,
    service: &Object,
    namespace: &str,
) -> Option<Finding> {
    if reference.form != Written::Variable || reference.source.is_some() {
        return None;
    }
    let alike = peers.by_key.get(&(namespace_of(reference), reference.key.as_str()))?;
    let others: Vec<_> = alike.iter().filter(|peer| peer.caller != reference.caller).collect();
    let first = others.first()?;
    let agreed = others.len() >= 2 && others.iter().all(|o| o.address.host == first.address.host);
    if !agreed || first.address.host == reference.address.host {
        return None;
    }
    let Target::Service(theirs) = targets.resolve(&first.address.host, namespace) else { return None };
    if theirs.entity() == service.entity() {
        return None;
    }
    Some(
        Finding::new(&DIFFERS, reference.caller.clone(), reference.evidence.clone())
            .graded(if others.len() >= 3 { Grade::Strong } else { Grade::Fair })
            .with("key", reference.key.clone())
            .with("address", shown(reference))
            .with("peers", shown(first))
            .citing([first.evidence.clone()])
            .about(theirs.entity()),
    )
}

/// Callers name a port that the Service does not have: theirs is wrong, or the Service's.
fn wrong_port(
    world: &World,
    service: &Entity,
    port: u16,
    callers: &[&Reference],
    right: usize,
    findings: &mut Vec<Finding>,
) {
    let Some(object) = world.object_of(service) else { return };
    let has = ports_of(object).iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let cite = object.cite(&format!("Service {}: ports: {has}", service.name));
    let mut distinct: Vec<&Entity> = callers.iter().map(|r| &r.caller).collect();
    distinct.dedup();
    if distinct.len() >= 2 && right == 0 {
        findings.push(
            Finding::new(&PORT_UNEXPECTED, service.clone(), cite)
                .graded(Grade::Certain)
                .with("port", port.to_string())
                .with("has", has)
                .with("callers", distinct.len().to_string())
                .citing(callers.iter().take(4).map(|r| r.evidence.clone())),
        );
        return;
    }
    for reference in callers {
        let complains = complaint(world, &reference.caller, &reference.address.host);
        let grade = if reference.form == Written::File && complains.is_none() {
            Grade::Fair
        } else if reference.address.port_written && (right > 0 || complains.is_some()) {
            Grade::Certain
        } else {
            Grade::Strong
        };
        findings.push(
            Finding::new(&PORT_UNKNOWN, reference.caller.clone(), reference.evidence.clone())
                .graded(grade)
                .with("key", reference.key.clone())
                .with("address", shown(reference))
                .with("host", reference.address.host.clone())
                .with("port", port.to_string())
                .with("has", has.clone())
                .with("service", service.name.to_string())
                .citing([cite.clone()])
                .citing(complains)
                .about(service.clone()),
        );
    }
}

/// One finding for one thing said of one entity.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: BTreeMap<(&'static str, Entity, String), Finding> = BTreeMap::new();
    for finding in findings {
        let key = (finding.id, finding.entity.clone(), finding.field("address").to_owned());
        match kept.get_mut(&key) {
            Some(kept) => {
                kept.grade = kept.grade.max(finding.grade);
                if kept.evidence.len() < 5 {
                    kept.evidence.extend(finding.evidence.into_iter().take(1));
                }
            }
            None => {
                kept.insert(key, finding);
            }
        }
    }
    kept.into_values().collect()
}
