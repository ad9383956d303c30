//! Traffic that workloads need and that NetworkPolicies do not let through.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Object, Outcome, World};
use firstfault_model::{Entity, Finding, Grade, Relation, Value};

use super::backends::{Backend, Backends};
use super::policies::{Denial, Direction, Lacks, applies, covers, denied, end, end_of, opens, selects};
use super::references::Reference;
use super::service_ports::declared;
use super::targets::{Target, Targets};
use crate::registry::declare;

declare! {
    /// It does not let a caller through that is known to call.
    BLOCKS = "policy.blocks-traffic", "does not let through a connection that is needed", Never, State;
    /// What is known to be called is closed to a caller.
    BLOCKED = "workload.traffic-blocked", "cannot be reached by a caller because of a NetworkPolicy", Never, State;
    /// Its rules name labels that no pod has.
    ALLOWS_NOBODY = "policy.allows-nobody", "lets in only pods with labels that no pod has", Rarely, State;
    /// A workload with egress rules cannot ask cluster DNS.
    BLOCKS_DNS = "policy.blocks-dns", "closes the way to cluster DNS", Rarely, State;
    /// The controller that serves an Ingress cannot reach its backend.
    BLOCKS_INGRESS = "policy.blocks-ingress-controller", "does not let the ingress controller reach its backend", Never, State;
    /// It allows a port on which its pods do not serve.
    OPENS_OTHER_PORT = "policy.opens-other-port", "opens only ports on which its pods do not listen", Never, State;
}

/// A connection that somebody needs.
struct Need<'b, 'w> {
    from: &'b Backend<'w>,
    to: &'b Backend<'w>,
    port: Option<i64>,
    certain: bool,
}

/// Evaluates the policies for every connection that is known to be needed.
pub(super) fn detect(world: &World, backends: &Backends, references: &[Reference], findings: &mut Vec<Finding>) {
    if world.kind("NetworkPolicy").next().is_none() {
        return;
    }
    let mut seen = BTreeSet::new();
    for need in needs(world, backends, references) {
        for direction in [Direction::Ingress, Direction::Egress] {
            let key = (need.from.entity.clone(), need.to.entity.clone(), direction.word());
            if let Some(denial) = judge(world, &need, direction)
                && seen.insert(key)
            {
                say(&need, direction, &denial, findings);
            }
        }
    }
    for policy in world.kind("NetworkPolicy").filter(|p| p.has_spec()) {
        findings.extend(allows_nobody(world, backends, policy));
        findings.extend(opens_other_port(backends, policy));
    }
    dns(world, backends, references, findings);
    ingress_controller(world, backends, findings);
}

fn judge<'w>(world: &'w World, need: &Need<'_, 'w>, direction: Direction) -> Option<Denial<'w>> {
    let (here, there) = match direction {
        Direction::Ingress => (need.to, need.from),
        Direction::Egress => (need.from, need.to),
    };
    let host_network = |b: &Backend| b.specs().any(|spec| spec.at("hostNetwork").as_bool() == Some(true));
    if host_network(need.from)
        || host_network(need.to)
        || !there.labels_are_whole() && here.entity.namespace == there.entity.namespace
    {
        return None; // policies do not cover the host's network; unknown labels decide nothing
    }
    let open = |entry: &Value| need.port.is_none_or(|port| opens(entry, port, "TCP", need.to));
    let denial = denied(world, end(world, here), end(world, there), direction, &open)?;
    if direction == Direction::Ingress && matches!(denial.lacks, Lacks::Rules) && was_reached(world, need.to) {
        return None; // a policy that nobody enforces blocks nothing
    }
    (!excluded_by_address(denial.policy, there)).then_some(denial)
}

/// Whether a check from outside the evidence's own pods got through to a Service of the backend.
fn was_reached(world: &World, backend: &Backend) -> bool {
    let services: Vec<&str> = world.services_selecting(backend.object).map(|s| s.name.as_str()).collect();
    world.reaches.iter().any(|reach| {
        let host = reach.host.split('.').next().unwrap_or_default();
        reach.outcome == Outcome::Reached && services.contains(&host)
    })
}

/// An address block of the policy may still let the peer's pods in.
fn excluded_by_address(policy: &Object, peer: &Backend) -> bool {
    let rules = policy.at("spec.ingress").list().iter().chain(policy.at("spec.egress").list());
    let blocks = rules
        .flat_map(|r| r.get("from").list().iter().chain(r.get("to").list()))
        .map(|e| e.get("ipBlock"))
        .filter(|b| !b.is_null());
    let address = peer.pods.iter().map(|p| p.at("status.podIP").text()).find(|ip| !ip.is_empty()).unwrap_or_default();
    blocks.into_iter().any(|block| covers(block, address) == Some(true))
}

fn say(need: &Need, direction: Direction, denial: &Denial, findings: &mut Vec<Finding>) {
    let policy = denial.policy;
    let port = need.port.map_or_else(|| "any".into(), |p: i64| p.to_string());
    let lacks = match denial.lacks {
        Lacks::Rules => "it has no rule that allows anything",
        Lacks::Peer => "no rule names the caller",
        Lacks::Port => "its rules open other ports",
    };
    let field = if direction == Direction::Ingress { "spec.ingress" } else { "spec.egress" };
    let evidence = || {
        policy.cite(&format!("NetworkPolicy {}: {}: {}", policy.name, direction.word(), cut(&policy.at(field).show())))
    };
    let labels = crate::selector::show_labels(need.from.labels()).join(",");
    let grade = if need.certain { Grade::Certain } else { Grade::Strong };
    let fill = |finding: Finding| {
        finding
            .graded(grade)
            .with("from", need.from.entity.name.to_string())
            .with("to", need.to.entity.name.to_string())
            .with("port", port.clone())
            .with("direction", direction.word())
            .with("policy", policy.name.to_string())
            .with("why", lacks)
            .with("labels", labels.clone())
            .citing([need.from.object.cite(&format!("{}: labels: {labels}", need.from.entity))])
    };
    let held = if direction == Direction::Ingress { need.to } else { need.from };
    findings.push(fill(Finding::new(&BLOCKS, policy.entity(), evidence())).about(held.entity.clone()));
    findings.push(fill(Finding::new(&BLOCKED, need.to.entity.clone(), evidence())).about(policy.entity()));
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Connections that are needed: seen calls, configured addresses, and what the symptom names.
fn needs<'b, 'w>(world: &'w World, backends: &'b Backends<'w>, references: &[Reference]) -> Vec<Need<'b, 'w>> {
    let mut by_entity: BTreeMap<&Entity, &'b Backend<'w>> = BTreeMap::new();
    for backend in backends.all() {
        by_entity.insert(&backend.entity, backend);
    }
    let guarded: BTreeSet<&str> = world.kind("NetworkPolicy").filter_map(|p| p.namespace.as_deref()).collect();
    let is_guarded = |b: &Backend| b.entity.namespace.as_deref().is_some_and(|n| guarded.contains(n));
    let mut needs = Vec::new();
    for (from, relation, to, _) in &world.relations {
        if *relation == Relation::Calls
            && let (Some(from), Some(to)) = (by_entity.get(from), by_entity.get(to))
            && (is_guarded(from) || is_guarded(to))
        {
            needs.push(Need { from, to, port: None, certain: true });
        }
    }
    let targets = Targets::of(world);
    for reference in references {
        let namespace = reference.caller.namespace.as_deref().unwrap_or_default();
        let Target::Service(service) = targets.resolve(&reference.address.host, namespace) else { continue };
        let Some(from) = by_entity.get(&reference.caller) else { continue };
        for to in backends
            .selected_by(service)
            .into_iter()
            .filter(|to| to.entity != from.entity && (is_guarded(to) || is_guarded(from)))
        {
            needs.push(Need { from, to, port: pod_port(service, reference.address.port, to), certain: true });
        }
    }
    needs.extend(from_symptom(world, backends).into_iter().filter(|n| is_guarded(n.to) || is_guarded(n.from)));
    needs
}

/// The port of the pods that a Service's port leads to.
fn pod_port(service: &Object, port: Option<u16>, to: &Backend) -> Option<i64> {
    let ports = service.at("spec.ports").list();
    let entry = ports
        .iter()
        .find(|p| p.get("port").as_int() == port.map(i64::from))
        .or_else(|| (ports.len() == 1).then(|| &ports[0]))?;
    let target = entry.get("targetPort");
    match target.as_int() {
        Some(number) => Some(number),
        None if target.is_null() => entry.get("port").as_int(),
        None => declared(to).iter().find(|d| d.name == target.text()).and_then(|d| d.number),
    }
}

/// "A times out connecting to B": two workloads whose names the symptom holds, in that order.
fn from_symptom<'b, 'w>(world: &'w World, backends: &'b Backends<'w>) -> Vec<Need<'b, 'w>> {
    let Some(symptom) = world.incident.symptom.as_deref() else { return Vec::new() };
    let symptom = symptom.to_ascii_lowercase();
    let is_connection = ["connect", "time", "reach", "refus", "call", "talk", "unreachable", "no answer"]
        .iter()
        .any(|w| symptom.contains(w));
    if !is_connection {
        return Vec::new();
    }
    let words: Vec<&str> = symptom.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    let at = |b: &Backend| words.iter().position(|w| *w == b.entity.name.as_str());
    let mut named: Vec<(usize, &Backend)> = backends.all().filter_map(|b| at(b).map(|i| (i, b))).collect();
    named.sort_by(|a, b| (a.0, &a.1.entity).cmp(&(b.0, &b.1.entity)));
    let mut needs = Vec::new();
    for (i, (_, from)) in named.iter().enumerate().take(4) {
        for (_, to) in named.iter().skip(i + 1).take(4).filter(|(_, to)| to.entity != from.entity) {
            let port = declared(to).first().and_then(|d| d.number);
            needs.push(Need { from, to, port, certain: false });
        }
    }
    needs
}

/// All peers of its rules are labels that no pod of its namespace has.
fn allows_nobody(world: &World, backends: &Backends, policy: &Object) -> Option<Finding> {
    let namespace = policy.namespace.as_deref();
    let here = backends.in_namespace(namespace);
    if !applies(policy, Direction::Ingress) || here.is_empty() || here.iter().any(|b| !b.labels_are_whole()) {
        return None;
    }
    let closed = world.coverage.complete("Pod", namespace) || here.iter().all(|b| !b.object.is_live());
    let held = here.iter().find(|b| selects(policy.at("spec.podSelector"), b.labels()))?;
    let entries: Vec<&Value> = policy.at("spec.ingress").list().iter().flat_map(|r| r.get("from").list()).collect();
    let has_open_rule = policy.at("spec.ingress").list().iter().any(|r| r.get("from").list().is_empty());
    if entries.is_empty() || has_open_rule || !closed {
        return None;
    }
    let nobody = |entry: &&Value| {
        let local = entry.get("namespaceSelector").is_null() && entry.get("ipBlock").is_null();
        let selector = entry.get("podSelector");
        // Pods of finished or future jobs may be meant: only workloads that are there count.
        local && !selector.is_null() && !here.iter().any(|b| selects(selector, b.labels()))
    };
    let entry = entries.iter().find(|e| nobody(e))?;
    if !entries.iter().all(nobody) {
        return None;
    }
    let shown = crate::selector::show(entry.get("podSelector"));
    Some(
        Finding::new(
            &ALLOWS_NOBODY,
            policy.entity(),
            policy.cite(&format!("NetworkPolicy {}: from: podSelector: {shown}", policy.name)),
        )
        .with("selector", shown)
        .with("to", held.entity.name.to_string())
        .about(held.entity.clone()),
    )
}

/// The ports that it opens are none that the selected pods declare.
fn opens_other_port(backends: &Backends, policy: &Object) -> Option<Finding> {
    if !applies(policy, Direction::Ingress) {
        return None;
    }
    let rules = policy.at("spec.ingress").list();
    let ports: Vec<&Value> = rules.iter().flat_map(|r| r.get("ports").list()).collect();
    if ports.is_empty() || rules.iter().any(|r| r.get("ports").list().is_empty()) {
        return None;
    }
    let here = backends.in_namespace(policy.namespace.as_deref());
    let selected: Vec<_> =
        here.iter().filter(|b| b.labels_are_whole() && selects(policy.at("spec.podSelector"), b.labels())).collect();
    let held = selected.first()?;
    let serves = |b: &Backend| {
        let all = declared(b);
        all.is_empty() || all.iter().any(|d| d.number.is_some_and(|n| ports.iter().any(|p| opens(p, n, d.protocol, b))))
    };
    if selected.iter().any(|b| serves(b)) {
        return None;
    }
    let opened: Vec<String> = ports.iter().map(|p| p.get("port").show()).collect();
    let listens: Vec<String> = declared(held).iter().filter_map(|d| d.number).map(|n| n.to_string()).collect();
    Some(
        Finding::new(
            &OPENS_OTHER_PORT,
            policy.entity(),
            policy.cite(&format!("NetworkPolicy {}: ports: {}", policy.name, opened.join(", "))),
        )
        .with("opens", opened.join(", "))
        .with("listens", listens.join(", "))
        .with("to", held.entity.name.to_string())
        .about(held.entity.clone()),
    )
}

/// Workloads whose egress is restricted, and that name things in the cluster, must reach port 53.
fn dns(world: &World, backends: &Backends, references: &[Reference], findings: &mut Vec<Finding>) {
    let with_names: BTreeSet<&Entity> = references.iter().map(|r| &r.caller).collect();
    let dns_labels = world
        .kind_in("Pod", Some("kube-system"))
        .find(|pod| pod.label("k8s-app") == "kube-dns")
        .map(|pod| pod.at("metadata.labels").clone())
        .unwrap_or_else(kube_dns);
    for backend in backends.all() {
        let here = end(world, backend);
        let there = End53(&dns_labels);
        let Some(denial) = denied(world, here, there.end(world), Direction::Egress, &|entry| opens_53(entry)) else {
            continue;
        };
        let policy = denial.policy;
        let names_something = with_names.contains(&backend.entity);
        let allows_something = !policy.at("spec.egress").list().is_empty();
        let grade = match (names_something, allows_something) {
            (true, _) => Grade::Strong,
            (false, true) => Grade::Fair,
            (false, false) => continue,
        };
        let finding = Finding::new(
            &BLOCKS_DNS,
            policy.entity(),
            policy.cite(&format!("NetworkPolicy {}: egress: {}", policy.name, cut(&policy.at("spec.egress").show()))),
        );
        findings.push(
            finding
                .graded(grade)
                .with("from", backend.entity.name.to_string())
                .with("policy", policy.name.to_string())
                .about(backend.entity.clone()),
        );
    }
}

/// The labels that cluster DNS has by convention.
fn kube_dns() -> Value {
    let mut labels = Value::default();
    labels.entry("k8s-app").clone_from(&Value::str("kube-dns"));
    labels
}

/// Cluster DNS as an end of a connection.
struct End53<'v>(&'v Value);

impl<'v> End53<'v> {
    fn end<'w>(&self, world: &'w World) -> super::policies::End<'w>
    where
        'v: 'w,
    {
        end_of(world, "kube-system", self.0)
    }
}

fn opens_53(entry: &Value) -> bool {
    let port = entry.get("port");
    let number = port.as_int();
    let to = entry.get("endPort").as_int().or(number);
    port.is_null()
        || port.text() == "dns"
        || number.zip(to).is_some_and(|(from, to)| (from..=to).contains(&53) || (from..=to).contains(&5353))
}

/// The pods that serve Ingresses live in another namespace; a policy must let that one in.
fn ingress_controller(world: &World, backends: &Backends, findings: &mut Vec<Finding>) {
    const CONTROLLERS: [&str; 6] = ["ingress-nginx", "traefik", "haproxy-ingress", "kong", "contour", "nginx-ingress"];
    let is_controller = |b: &&Backend| {
        let labels = b.labels();
        let name = labels.get("app.kubernetes.io/name").text();
        let app = labels.get("app").text();
        CONTROLLERS.iter().any(|c| *c == name || *c == app)
    };
    let Some(controller) = backends.all().find(is_controller) else { return };
    let mut seen = BTreeSet::new();
    for ingress in world.kind("Ingress") {
        for (name, _) in super::ingress::backend_services(ingress) {
            let Some(service) = world.object("Service", ingress.namespace.as_deref(), &name) else { continue };
            for to in backends.selected_by(service) {
                let need = Need { from: controller, to, port: None, certain: true };
                if let Some(denial) = judge(world, &need, Direction::Ingress)
                    && seen.insert((denial.policy.entity(), to.entity.clone()))
                {
                    let policy = denial.policy;
                    let excerpt =
                        format!("NetworkPolicy {}: ingress: {}", policy.name, cut(&policy.at("spec.ingress").show()));
                    findings.push(
                        Finding::new(&BLOCKS_INGRESS, policy.entity(), policy.cite(&excerpt))
                            .graded(Grade::Strong)
                            .with("from", controller.entity.to_string())
                            .with("to", to.entity.name.to_string())
                            .with("ingress", ingress.name.to_string())
                            .with("policy", policy.name.to_string())
                            .about(to.entity.clone()),
                    );
                }
            }
        }
    }
}
