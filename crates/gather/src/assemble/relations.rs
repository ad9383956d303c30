use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::{Entity, Evidence, Name, Relation, Value};

use super::names::Names;
use crate::world::{Object, World};

/// Ties entities as the objects' fields, traces and service maps say.
pub(crate) fn set(world: &mut World, calls: Vec<(Entity, Entity, Evidence)>) {
    let mut ties = Ties::default();
    pods(world, &mut ties);
    workloads(world, &mut ties);
    services(world, &mut ties);
    bindings(world, &mut ties);
    routes(world, &mut ties);
    aggregated_apis(world, &mut ties);
    autoscalers(world, &mut ties);
    claims(world, &mut ties);
    owners(world, &mut ties);
    namespaces(world, &mut ties);
    called(world, calls, &mut ties);
    let traced = traced(world);
    spans(world, &traced, &mut ties);
    world.traced = traced;
    world.relations = ties.list;
}

#[derive(Default)]
struct Ties {
    list: Vec<(Entity, Relation, Entity, Evidence)>,
    known: BTreeSet<(Entity, Relation, Entity)>,
}

impl Ties {
    fn add(&mut self, subject: Entity, relation: Relation, object: Entity, evidence: impl FnOnce() -> Evidence) {
        if subject != object && self.known.insert((subject.clone(), relation, object.clone())) {
            self.list.push((subject, relation, object, evidence()));
        }
    }
}

fn pods(world: &World, ties: &mut Ties) {
    for pod in world.kind("Pod").filter(|p| p.is_live()) {
        let carrier = world.carrier(pod);
        if let Some(node) = pod.at("spec.nodeName").as_str().filter(|n| !n.is_empty()) {
            ties.add(carrier.clone(), Relation::RunsOn, Entity::new("Node", node), || pod.cite_at("spec.nodeName"));
        }
    }
}

fn workloads(world: &World, ties: &mut Ties) {
    for (workload, spec) in world.pod_specs() {
        let carrier = world.carrier(workload);
        let here = |kind: &str, name: &str| Entity {
            kind: kind.into(),
            namespace: workload.namespace.clone(),
            name: name.into(),
        };
        let cite = || workload.cite(&format!("{} {}", workload.kind, workload.name));
        for volume in spec.get("volumes").list() {
            for (path, kind, relation) in [
                ("persistentVolumeClaim.claimName", "PersistentVolumeClaim", Relation::Mounts),
                ("configMap.name", "ConfigMap", Relation::ReadsConfig),
                ("secret.secretName", "Secret", Relation::ReadsConfig),
            ] {
                if let Some(name) = volume.at(path).as_str() {
                    ties.add(carrier.clone(), relation, here(kind, name), cite);
                }
            }
        }
        if let Some(account) = spec.get("serviceAccountName").as_str() {
            ties.add(carrier.clone(), Relation::AuthenticatesWith, here("ServiceAccount", account), cite);
        }
        for container in containers(spec) {
            for source in container.get("envFrom").list() {
                for (path, kind) in [("configMapRef.name", "ConfigMap"), ("secretRef.name", "Secret")] {
                    if let Some(name) = source.at(path).as_str() {
                        ties.add(carrier.clone(), Relation::ReadsConfig, here(kind, name), cite);
                    }
                }
            }
            for variable in container.get("env").list() {
                for (path, kind) in
                    [("valueFrom.configMapKeyRef.name", "ConfigMap"), ("valueFrom.secretKeyRef.name", "Secret")]
                {
                    if let Some(name) = variable.at(path).as_str() {
                        ties.add(carrier.clone(), Relation::ReadsConfig, here(kind, name), cite);
                    }
                }
                let value = variable.get("value").text();
                if tells_address(variable.get("name").text(), value) {
                    let setting = || workload.cite(&format!("{}={value}", variable.get("name").text()));
                    addresses(world, value, workload, |service| {
                        ties.add(carrier.clone(), Relation::Calls, service.entity(), setting);
                    });
                    if let Some(service) = missing_service(world, value, workload) {
                        ties.add(carrier.clone(), Relation::Calls, service, setting);
                    }
                }
            }
            // A bare word in an argument is a word.
            for argument in container.get("args").list().iter().chain(container.get("command").list()) {
                let argument = argument.text();
                if !has_form_of_address(argument) {
                    continue;
                }
                addresses(world, argument, workload, |service| {
                    ties.add(carrier.clone(), Relation::Calls, service.entity(), || workload.cite(argument));
                });
            }
        }
    }
    configured(world, ties);
}

/// Calls to addresses that stand in the ConfigMaps that a workload reads.
fn configured(world: &World, ties: &mut Ties) {
    let readers: Vec<(Entity, Entity)> = ties
        .list
        .iter()
        .filter(|(_, r, o, _)| *r == Relation::ReadsConfig && &*o.kind == "ConfigMap")
        .map(|(s, _, o, _)| (s.clone(), o.clone()))
        .collect();
    for (reader, config) in readers {
        let Some(map) = world.object_of(&config) else { continue };
        for (key, value) in map.at("data").entries() {
            let text = value.text();
            let end = (0..=LONGEST_CONFIG.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
            for line in text[..end].lines().filter(|l| !l.trim_start().starts_with('#')) {
                if line.len() == text.len() && !tells_address(key, line) {
                    continue;
                }
                addresses(world, line, map, |service| {
                    ties.add(reader.clone(), Relation::Calls, service.entity(), || {
                        map.cite(&format!("{key}: {}", line.trim()))
                    });
                });
            }
        }
    }
}

/// Configuration longer than this is data.
const LONGEST_CONFIG: usize = 64 << 10;

/// Whether a variable holds an address: its form says so, or its name does.
fn tells_address(name: &str, value: &str) -> bool {
    const NAMES: &[&str] = &[
        "HOST",
        "ADDR",
        "URL",
        "URI",
        "ENDPOINT",
        "SERVER",
        "DSN",
        "BROKER",
        "BOOTSTRAP",
        "UPSTREAM",
        "BACKEND",
        "TARGET",
    ];
    let name = name.to_uppercase();
    has_form_of_address(value) || NAMES.iter().any(|n| name.contains(n))
}

fn has_form_of_address(value: &str) -> bool {
    value.contains("://")
        || value.contains(".svc")
        || value
            .rsplit_once(':')
            .is_some_and(|(host, rest)| !host.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The Services that a text names as addresses: `--db=db:5432`, `kafka-0.kafka:9092,kafka-1.kafka:9092`, a URL.
fn addresses<'a>(world: &'a World, text: &str, from: &Object, mut found: impl FnMut(&'a Object)) {
    let whole = text.trim();
    if let Some(service) = world.service_of_address(whole, from.namespace.as_deref()) {
        // A single bare word in an argument is an address only by its form.
        if has_form_of_address(whole) || !whole.contains(' ') {
            return found(service);
        }
    }
    let parts = whole.split(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | ';' | '"' | '\'' | '(' | ')'));
    for part in parts.filter(|p| has_form_of_address(p)) {
        if let Some(service) = world.service_of_address(part, from.namespace.as_deref()) {
            found(service);
        }
    }
}

/// The Service that an address means and that certainly is not there, although a workload of its
/// name is: it is called all the same.
fn missing_service(world: &World, address: &str, from: &Object) -> Option<Entity> {
    let (host, _) = crate::host_and_port(address.trim())?;
    let mut parts = host.trim_end_matches('.').split('.');
    let name = parts.next().filter(|name| !name.is_empty())?;
    let namespace = parts.next().or(from.namespace.as_deref())?;
    let namesake = || {
        ["Deployment", "StatefulSet", "DaemonSet"]
            .iter()
            .any(|kind| world.object(kind, Some(namespace), name).is_some())
    };
    let missing = parts.next().is_none_or(|svc| svc == "svc") && world.is_missing("Service", Some(namespace), name);
    (missing && namesake()).then(|| Entity::namespaced("Service", namespace, name))
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    spec.get("initContainers").list().iter().chain(spec.get("containers").list())
}

fn services(world: &World, ties: &mut Ties) {
    // By namespace and one label, so that a cluster of thousands of pods is not walked once a Service.
    type Labelled<'a> = BTreeMap<(Option<&'a Name>, &'a Name, &'a str), Vec<&'a Object>>;
    let mut labelled: Labelled<'_> = BTreeMap::new();
    for (workload, _) in world.pod_specs() {
        for (key, value) in World::pod_labels(workload).entries() {
            labelled.entry((workload.namespace.as_ref(), key, value.text())).or_default().push(workload);
        }
    }
    for service in world.kind("Service") {
        let selector: Vec<(&Name, &Value)> = service.at("spec.selector").entries().collect();
        let candidates =
            selector.iter().filter_map(|(key, value)| labelled.get(&(service.namespace.as_ref(), *key, value.text())));
        let Some(fewest) = candidates.min_by_key(|c| c.len()) else { continue };
        for workload in fewest {
            let labels = World::pod_labels(workload);
            if selector.iter().all(|(key, value)| labels.get(key) == *value) {
                ties.add(service.entity(), Relation::Selects, world.carrier(workload), || {
                    service.cite_at("spec.selector")
                });
            }
        }
    }
}

/// A workload calls the server that its settings name, and what stands behind its Service.
fn bindings(world: &World, ties: &mut Ties) {
    let mut behind: BTreeMap<Entity, Vec<Entity>> = BTreeMap::new();
    for (service, _, workload, _) in ties.list.iter().filter(|(_, relation, ..)| *relation == Relation::Selects) {
        behind.entry(service.clone()).or_default().push(workload.clone());
    }
    for binding in world.bindings() {
        let Some(service) = &binding.service else { continue };
        ties.add(binding.client.clone(), Relation::Calls, service.clone(), || binding.evidence.clone());
        for server in behind.get(service).into_iter().flatten() {
            ties.add(binding.client.clone(), Relation::Calls, server.clone(), || binding.evidence.clone());
        }
    }
}

fn routes(world: &World, ties: &mut Ties) {
    for ingress in world.kind("Ingress") {
        let rules = ingress.at("spec.rules").list().iter().flat_map(|r| r.at("http.paths").list());
        let names = rules.map(|p| p.at("backend.service.name")).chain([ingress.at("spec.defaultBackend.service.name")]);
        for name in names.filter_map(Value::as_str) {
            let service = Entity { kind: "Service".into(), namespace: ingress.namespace.clone(), name: name.into() };
            ties.add(ingress.entity(), Relation::RoutesTo, service, || ingress.cite_at("spec.rules"));
        }
    }
    for kind in ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"] {
        for route in world.kind(kind) {
            for reference in route.at("spec.rules").list().iter().flat_map(|r| r.get("backendRefs").list()) {
                let namespace = reference.get("namespace").as_name().cloned().or_else(|| route.namespace.clone());
                let service = Entity { kind: "Service".into(), namespace, name: reference.get("name").text().into() };
                ties.add(route.entity(), Relation::RoutesTo, service, || route.cite_at("spec.rules"));
            }
        }
    }
}

/// The API server passes requests for an aggregated API on to its Service.
fn aggregated_apis(world: &World, ties: &mut Ties) {
    for api in world.kind("APIService") {
        let service = api.at("spec.service");
        if let Some(name) = service.get("name").as_str() {
            let service = Entity::namespaced("Service", service.get("namespace").text(), name);
            ties.add(api.entity(), Relation::RoutesTo, service, || api.cite_at("spec.service"));
        }
    }
}

fn autoscalers(world: &World, ties: &mut Ties) {
    for scaler in world.kind("HorizontalPodAutoscaler") {
        let target = scaler.at("spec.scaleTargetRef");
        if let Some(name) = target.get("name").as_str() {
            let target = Entity {
                kind: target.get("kind").text().into(),
                namespace: scaler.namespace.clone(),
                name: name.into(),
            };
            ties.add(scaler.entity(), Relation::Scales, target, || scaler.cite_at("spec.scaleTargetRef"));
        }
    }
}

fn claims(world: &World, ties: &mut Ties) {
    for claim in world.kind("PersistentVolumeClaim") {
        if let Some(volume) = claim.at("spec.volumeName").as_str().filter(|v| !v.is_empty()) {
            let volume = Entity::new("PersistentVolume", volume);
            ties.add(claim.entity(), Relation::BoundTo, volume, || claim.cite_at("spec.volumeName"));
        }
    }
}

/// Custom resources own the workloads that their operators made.
fn owners(world: &World, ties: &mut Ties) {
    for object in
        world.objects.values().filter(|o| !matches!(&*o.kind, "Pod" | "ReplicaSet" | "EndpointSlice" | "Lease"))
    {
        for reference in object.at("metadata.ownerReferences").list() {
            let (kind, name) = (reference.get("kind").text(), reference.get("name").text());
            if name.is_empty() || kind == "Node" {
                continue;
            }
            let local = Entity { kind: kind.into(), namespace: object.namespace.clone(), name: name.into() };
            let owner = if world.object_of(&local).is_none() && world.object(kind, None, name).is_some() {
                Entity::new(kind, name)
            } else {
                local
            };
            ties.add(owner, Relation::Owns, object.entity(), || {
                object.cite(&format!("ownerReferences: {kind}/{name}"))
            });
        }
    }
}

/// A namespace's fault reaches its workloads.
fn namespaces(world: &World, ties: &mut Ties) {
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "PersistentVolumeClaim"] {
        for object in world.kind(kind) {
            if let Some(namespace) = &object.namespace {
                ties.add(Entity::new("Namespace", namespace), Relation::Contains, object.entity(), || {
                    object.cite(&format!("namespace: {namespace}"))
                });
            }
        }
    }
}

/// Calls by name: both the service and the workload behind it are called.
fn called(world: &World, calls: Vec<(Entity, Entity, Evidence)>, ties: &mut Ties) {
    let names = Names::new(world);
    let resolve = |entity: &Entity| names.find(entity).map_or_else(|| entity.clone(), |found| world.carrier_of(&found));
    for (caller, callee, evidence) in calls {
        let caller = resolve(&caller);
        if let Some(service) = names.service(&callee) {
            ties.add(caller.clone(), Relation::Calls, service, || evidence.clone());
        }
        ties.add(caller, Relation::Calls, resolve(&callee), || evidence);
    }
}

/// What the names of services in spans stand for, each looked up once.
fn traced(world: &World) -> BTreeMap<Name, Entity> {
    let names = Names::new(world);
    let said = world.spans.iter().flat_map(|span| std::iter::once(&span.service).chain(&span.peer));
    let said: BTreeSet<&Name> = said.collect();
    said.into_iter()
        .map(|name| {
            let mut entity = Entity::new(firstfault_model::kind::SERVICE, name);
            names.replace(&mut entity);
            (name.clone(), world.carrier_of(&entity))
        })
        .collect()
}

fn spans(world: &World, traced: &BTreeMap<Name, Entity>, ties: &mut Ties) {
    let by_id: BTreeMap<(&Name, &Name), &firstfault_traces::Span> =
        world.spans.iter().map(|s| ((&s.trace, &s.id), s)).collect();
    let entity = |name: &Name| traced[name].clone();
    for span in &world.spans {
        let evidence = || Evidence {
            place: span.place.clone(),
            excerpt: firstfault_model::Masked::new(&format!("{} {}", span.service, span.operation)),
        };
        let parent = span.parent.as_ref().and_then(|p| by_id.get(&(&span.trace, p)));
        if let Some(parent) = parent.filter(|p| p.service != span.service) {
            ties.add(entity(&parent.service), Relation::Calls, entity(&span.service), evidence);
        }
        if let Some(peer) = span.peer.as_ref().filter(|p| **p != span.service) {
            ties.add(entity(&span.service), Relation::Calls, entity(peer), evidence);
        }
    }
}
