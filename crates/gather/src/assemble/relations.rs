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
    autoscalers(world, &mut ties);
    claims(world, &mut ties);
    namespaces(world, &mut ties);
    called(world, calls, &mut ties);
    spans(world, &mut ties);
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
        let here = |kind: &str, name: &str| Entity { kind: kind.into(), namespace: workload.namespace.clone(), name: name.into() };
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
                for (path, kind) in [("valueFrom.configMapKeyRef.name", "ConfigMap"), ("valueFrom.secretKeyRef.name", "Secret")] {
                    if let Some(name) = variable.at(path).as_str() {
                        ties.add(carrier.clone(), Relation::ReadsConfig, here(kind, name), cite);
                    }
                }
                if let Some(service) = world.service_of_address(variable.get("value").text(), workload.namespace.as_deref()) {
                    ties.add(carrier.clone(), Relation::Calls, service.entity(), cite);
                }
            }
        }
    }
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    spec.get("initContainers").list().iter().chain(spec.get("containers").list())
}

fn services(world: &World, ties: &mut Ties) {
    let mut by_namespace: BTreeMap<Option<Name>, Vec<(&Object, Entity)>> = BTreeMap::new();
    for (workload, _) in world.pod_specs() {
        by_namespace.entry(workload.namespace.clone()).or_default().push((workload, world.carrier(workload)));
    }
    for service in world.kind("Service") {
        let selector: Vec<(&Name, &Value)> = service.at("spec.selector").entries().collect();
        if selector.is_empty() {
            continue;
        }
        for (workload, carrier) in by_namespace.get(&service.namespace).into_iter().flatten() {
            let labels = World::pod_labels(workload);
            if selector.iter().all(|(key, value)| labels.get(key) == *value) {
                ties.add(service.entity(), Relation::Selects, carrier.clone(), || service.cite_at("spec.selector"));
            }
        }
    }
}

/// A workload calls the server that its settings name, and what stands behind its Service.
fn bindings(world: &World, ties: &mut Ties) {
    for binding in world.bindings() {
        let Some(service) = &binding.service else { continue };
        ties.add(binding.client.clone(), Relation::Calls, service.clone(), || binding.evidence.clone());
        let behind: Vec<Entity> = ties.list.iter().filter(|(s, r, _, _)| s == service && *r == Relation::Selects).map(|(_, _, o, _)| o.clone()).collect();
        for server in behind {
            ties.add(binding.client.clone(), Relation::Calls, server, || binding.evidence.clone());
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

fn autoscalers(world: &World, ties: &mut Ties) {
    for scaler in world.kind("HorizontalPodAutoscaler") {
        let target = scaler.at("spec.scaleTargetRef");
        if let Some(name) = target.get("name").as_str() {
            let target = Entity { kind: target.get("kind").text().into(), namespace: scaler.namespace.clone(), name: name.into() };
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

/// A namespace's fault reaches its workloads.
fn namespaces(world: &World, ties: &mut Ties) {
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "PersistentVolumeClaim"] {
        for object in world.kind(kind) {
            if let Some(namespace) = &object.namespace {
                ties.add(Entity::new("Namespace", namespace), Relation::Contains, object.entity(), || object.cite(&format!("namespace: {namespace}")));
            }
        }
    }
}

/// Calls by name: both the service and the workload behind it are called.
fn called(world: &World, calls: Vec<(Entity, Entity, Evidence)>, ties: &mut Ties) {
    let names = Names::new(world);
    let resolve = |entity: &Entity| names.find(entity).map_or_else(|| entity.clone(), |found| world.carrier_of(&found));
    for (caller, callee, evidence) in calls {
        ties.add(resolve(&caller), Relation::Calls, resolve(&callee), || evidence);
    }
}

fn spans(world: &World, ties: &mut Ties) {
    let names = Names::new(world);
    let by_id: BTreeMap<(&Name, &Name), &firstfault_traces::Span> = world.spans.iter().map(|s| ((&s.trace, &s.id), s)).collect();
    let entity = |name: &Name| {
        let service = Entity::new(firstfault_model::kind::SERVICE, name);
        names.find(&service).map_or(service, |found| world.carrier_of(&found))
    };
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
