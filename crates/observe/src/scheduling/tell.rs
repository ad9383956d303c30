//! From a decision to the finding that says it.

use std::collections::BTreeSet;

use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, State, Value};
use jiff::Timestamp;

use super::cluster::Cluster;
use super::constraint::Constraint;
use super::filters::{self, required_node_affinity};
use super::verdict::{self, Decision};
use super::waiting::Waiting;
use super::{
    ANTI_AFFINITY, CORDON, CPU, DAEMON, EPHEMERAL, EXTENDED, FIRST_POD, HOST_PORT, ILL, MEMORY, NODE_AFFINITY,
    POD_AFFINITY, PODS, SELECTOR, SELECTOR_OR_AFFINITY, SPREAD, SPREAD_LABEL, TAINT, TOO_LARGE, UNSCHEDULED, VOLUME,
    VOLUME_LIMIT,
};
use crate::selector;

/// At most so many places are cited for one finding.
const PLACES: usize = 5;

/// The state itself: pods without a node.
pub(crate) fn unscheduled(carrier: &Entity, pods: &[Waiting<'_>]) -> Option<Finding> {
    let cited = pods.iter().filter_map(|waiting| match waiting.event {
        Some(event) => Some(event.cite()),
        None => waiting.ask.pod.map(|pod| pod.cite(&format!("Pod {}: phase: Pending, no node", pod.name))),
    });
    let mut cited = cited.take(PLACES);
    let finding = Finding::new(&UNSCHEDULED, carrier.clone(), cited.next()?).citing(cited);
    let (since, until) = sight(pods);
    let pod = pods.first()?.pod.name.to_string();
    Some(finding.graded(Grade::Certain).seen(since, until).with("pod", pod).with("count", pods.len().to_string()))
}

fn sight(pods: &[Waiting<'_>]) -> (Option<Timestamp>, Option<Timestamp>) {
    let created = |waiting: &Waiting<'_>| {
        let at = waiting.ask.pod.map(|pod| pod.at("metadata.creationTimestamp").text());
        at.and_then(|text| text.parse().ok())
    };
    let since = pods.iter().filter_map(|w| created(w).or(w.event.and_then(|event| event.first))).min();
    let until = pods.iter().filter_map(|w| w.event.and_then(|event| event.last)).max();
    (since, until)
}

/// Pods of sets differ in volumes and nodes, others are alike: so many are evaluated.
fn evaluated(pods: &[Waiting<'_>]) -> usize {
    let alike = pods.first().is_some_and(|w| !matches!(w.ask.carrier.kind.as_str(), "DaemonSet" | "StatefulSet"));
    if alike { 1 } else { 8 }
}

/// The one constraint that keeps each pod out; one finding for each constraint.
pub(crate) fn why<'w>(world: &'w World, cluster: &Cluster<'_>, pods: &[Waiting<'w>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    // The pod that was spoken of last shows the present best.
    let spoken = pods.iter().rev().filter(|waiting| waiting.said.is_some());
    let silent = pods.iter().filter(|waiting| waiting.said.is_none());
    for waiting in spoken.chain(silent).take(evaluated(pods)) {
        for finding in why_one(world, cluster, waiting) {
            match findings.iter_mut().find(|known| known.id == finding.id) {
                Some(known) if known.evidence.len() < PLACES => known.evidence.extend(finding.evidence),
                Some(_) => {}
                None => findings.push(finding),
            }
        }
    }
    findings
}

fn why_one<'w>(world: &'w World, cluster: &Cluster<'_>, waiting: &Waiting<'w>) -> Vec<Finding> {
    let waits_for_claim = match &waiting.said {
        Some(said) => said.unbound_claims || said.missing_claim.is_some(),
        None => waiting.ask.claims().iter().any(|claim| is_unbound(world, &waiting.ask, claim)),
    };
    let held = !waiting.ask.spec("schedulingGates").list().is_empty();
    let foreign = waiting.said.is_none()
        && waiting.ask.spec("schedulerName").as_str().is_some_and(|scheduler| scheduler != "default-scheduler");
    if waits_for_claim || held || foreign {
        return Vec::new();
    }
    let matrix = filters::matrix(world, cluster, &waiting.ask);
    let Some(decision) =
        verdict::decide(cluster, &matrix, &waiting.ask, waiting.said.as_ref(), &homes(world, &waiting.ask))
    else {
        return super::unprinted::why(world, cluster, waiting, &matrix);
    };
    findings_of(cluster, waiting, &decision)
}

/// The nodes on which pods of the same workload are or were, by their objects and by what was said of them.
fn homes<'w>(world: &'w World, ask: &super::ask::Ask<'w>) -> BTreeSet<&'w str> {
    let assigned = world.events.iter().filter(|event| event.reason == "Scheduled" && event.about.kind == "Pod");
    let said = assigned
        .filter(|event| world.carrier_of(&event.about) == ask.carrier)
        .filter_map(|event| event.message.rsplit_once(" to ").map(|(_, node)| node.trim()));
    let pods = world.kind_in("Pod", ask.namespace).filter(|pod| world.carrier(pod) == ask.carrier);
    said.chain(pods.filter_map(|pod| pod.at("spec.nodeName").as_str())).collect()
}

fn is_unbound(world: &World, ask: &super::ask::Ask<'_>, claim: &str) -> bool {
    match world.object("PersistentVolumeClaim", ask.namespace, claim) {
        Some(claim) => claim.at("status.phase").text() == "Pending",
        None => world.is_missing("PersistentVolumeClaim", ask.namespace, claim),
    }
}

fn findings_of(cluster: &Cluster<'_>, waiting: &Waiting<'_>, decision: &Decision) -> Vec<Finding> {
    let ask = &waiting.ask;
    let (declaration, path, fields) = wording(cluster, waiting, decision);
    let what = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ");
    let what = if what.is_empty() { "status: Pending".to_owned() } else { what };
    let spec = ask.cite_field(path, &what);
    let nodes = decision
        .nodes
        .iter()
        .take(3)
        .map(|&i| cluster.nodes[i].object.cite(&node_words(cluster.nodes[i].object, &decision.constraint)));
    let said = waiting.event.map(firstfault_gather::Event::cite);
    let mut cited = spec.into_iter().chain(nodes).chain(said);
    let Some(first) = cited.next() else { return Vec::new() };
    let (since, until) = sight(std::slice::from_ref(waiting));
    let mut finding = Finding::new(declaration, ask.carrier.clone(), first)
        .citing(cited)
        .graded(decision.grade)
        .in_state(State::Current)
        .seen(since, until)
        .with("pod", waiting.pod.name.to_string());
    for (name, value) in fields {
        finding = finding.with(name, value);
    }
    if let Some(&node) = decision.nodes.first() {
        finding = finding.about(cluster.nodes[node].object.entity());
    }
    let mut findings = vec![finding];
    if verdict::exceeds_every_node(cluster, ask, &decision.constraint) {
        let mut larger = findings[0].clone();
        larger.id = TOO_LARGE.id;
        findings.push(larger);
    }
    findings
}

/// What a node shows of a constraint.
fn node_words(node: &Object, constraint: &Constraint) -> String {
    let name = &node.name;
    match constraint {
        Constraint::Cordon => format!("Node {name}: unschedulable: true"),
        Constraint::Taint(_) | Constraint::Ill(_) => format!("Node {name}: taints: {}", taints(node)),
        Constraint::Resource(resource) => {
            format!("Node {name}: allocatable {resource}: {}", node.at("status.allocatable").get(resource).show())
        }
        _ => format!("Node {name}: labels: {}", selector::show_labels(node.at("metadata.labels")).join(",")),
    }
}

fn taints(node: &Object) -> String {
    node.at("spec.taints").list().iter().map(show_taint).collect::<Vec<_>>().join(", ")
}

fn show_taint(taint: &Value) -> String {
    let value = taint.at("value");
    let value = if value.is_null() { String::new() } else { format!("={}", value.show()) };
    format!("{}{value}:{}", taint.at("key").text(), taint.at("effect").text())
}

type Fields = Vec<(&'static str, String)>;

/// The declaration, the field of the spec to cite, and the facts.
fn wording(
    cluster: &Cluster<'_>,
    waiting: &Waiting<'_>,
    decision: &Decision,
) -> (&'static Declaration, &'static str, Fields) {
    let ask = &waiting.ask;
    let names = || {
        let names: Vec<&str> = decision.nodes.iter().take(4).map(|&i| cluster.nodes[i].name()).collect();
        if names.is_empty() { Vec::new() } else { vec![("node", names.join(", "))] }
    };
    let selector = || vec![("selector", selector::show_labels(ask.spec("nodeSelector")).join(","))];
    match &decision.constraint {
        Constraint::Selector => (&SELECTOR, "nodeSelector", selector()),
        Constraint::NodeAffinity => {
            (&NODE_AFFINITY, "affinity.nodeAffinity", affinity_fields(required_node_affinity(ask)))
        }
        Constraint::SelectorOrAffinity => (&SELECTOR_OR_AFFINITY, "nodeSelector", Vec::new()),
        Constraint::Cordon => (&CORDON, "nodeSelector", names()),
        Constraint::Taint(key) => {
            let known = decision.nodes.iter().flat_map(|&i| cluster.nodes[i].object.at("spec.taints").list());
            let known = known.into_iter().find(|taint| taint.at("key").text() == key.as_str()).map(show_taint);
            let said = waiting
                .said
                .as_ref()
                .and_then(|said| said.taint(key))
                .map(|(key, value)| if value.is_empty() { key.to_owned() } else { format!("{key}={value}") });
            let mut fields = vec![("taint", known.or(said).unwrap_or_else(|| key.clone()))];
            fields.extend(names());
            (&TAINT, "tolerations", fields)
        }
        Constraint::Ill(key) => {
            let mut fields = vec![("taint", key.clone())];
            fields.extend(names());
            (&ILL, "nodeSelector", fields)
        }
        Constraint::Resource(resource) => resource_wording(cluster, waiting, decision, resource),
        Constraint::HostPort => {
            let ports: Vec<String> = ask.host_ports().iter().map(|(_, _, port)| port.to_string()).collect();
            (&HOST_PORT, "containers", vec![("port", ports.join(", "))])
        }
        Constraint::Volume => {
            let mut fields = vec![("claim", ask.claims().join(", "))];
            fields.extend(names());
            (&VOLUME, "volumes", fields)
        }
        Constraint::VolumeLimit => (&VOLUME_LIMIT, "volumes", vec![("claim", ask.claims().join(", "))]),
        Constraint::PodAffinity => (&POD_AFFINITY, "affinity.podAffinity", pod_terms(ask.spec("affinity.podAffinity"))),
        Constraint::PodAntiAffinity => {
            (&ANTI_AFFINITY, "affinity.podAntiAffinity", pod_terms(ask.spec("affinity.podAntiAffinity")))
        }
        Constraint::Spread => {
            (&SPREAD, "topologySpreadConstraints", spread_fields(ask.spec("topologySpreadConstraints")))
        }
        Constraint::SpreadLabel => {
            (&SPREAD_LABEL, "topologySpreadConstraints", spread_fields(ask.spec("topologySpreadConstraints")))
        }
    }
}

fn affinity_fields(terms: &Value) -> Fields {
    let terms: Vec<String> = terms
        .list()
        .iter()
        .map(|term| {
            term.at("matchExpressions").list().iter().map(selector::show_requirement).collect::<Vec<_>>().join(" and ")
        })
        .filter(|text| !text.is_empty())
        .collect();
    if terms.is_empty() { Vec::new() } else { vec![("affinity", terms.join(" or "))] }
}

fn pod_terms(affinity: &Value) -> Fields {
    let terms = affinity.at("requiredDuringSchedulingIgnoredDuringExecution").list();
    let Some(term) = terms.first() else { return Vec::new() };
    vec![("selector", selector::show(term.at("labelSelector"))), ("topology", term.at("topologyKey").text().to_owned())]
}

fn spread_fields(constraints: &Value) -> Fields {
    let keys: Vec<String> = constraints.list().iter().map(|c| c.at("topologyKey").text().to_owned()).collect();
    if keys.is_empty() { Vec::new() } else { vec![("topology", keys.join(", "))] }
}

fn resource_wording(
    cluster: &Cluster<'_>,
    waiting: &Waiting<'_>,
    decision: &Decision,
    resource: &str,
) -> (&'static Declaration, &'static str, Fields) {
    let asked = waiting.ask.requests().get(resource).copied();
    let (largest, free) = verdict::room(cluster, &decision.nodes, resource);
    let mut fields = vec![("resource", resource.to_owned())];
    fields.extend(asked.map(|amount| ("request", amount.show(resource))));
    fields.extend(largest.map(|amount| ("largest", amount.show(resource))));
    fields.extend(free.map(|amount| ("free", amount.show(resource))));
    let declaration = match resource {
        _ if waiting.ask.carrier.kind == "DaemonSet" => {
            fields.extend(decision.nodes.first().map(|&i| ("node", cluster.nodes[i].name().to_owned())));
            &DAEMON
        }
        "cpu" => &CPU,
        "memory" => &MEMORY,
        "ephemeral-storage" => &EPHEMERAL,
        "pods" => &PODS,
        _ => &EXTENDED,
    };
    (declaration, "containers", fields)
}

/// An ordered StatefulSet whose first pod waits creates no other.
pub(crate) fn waits_for_first(world: &World, carrier: &Entity, pods: &[Waiting<'_>]) -> Option<Finding> {
    let set = world.object_of(carrier).filter(|owner| owner.kind == "StatefulSet")?;
    let wanted = set.at("spec.replicas").as_int()?;
    let parallel = set.at("spec.podManagementPolicy").text() == "Parallel";
    let first = pods.iter().find(|waiting| waiting.pod.name.as_str() == format!("{}-0", carrier.name))?;
    let second = world.object("Pod", first.pod.namespace.as_deref(), &format!("{}-1", carrier.name));
    let evidence =
        set.cite(&format!("StatefulSet {}: replicas: {wanted}, first pod {} is Pending", set.name, first.pod.name));
    (wanted > 1 && !parallel && second.is_none())
        .then(|| Finding::new(&FIRST_POD, carrier.clone(), evidence).with("pod", first.pod.name.to_string()))
}
