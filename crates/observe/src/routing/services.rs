//! Services whose selector, backend or type sends traffic nowhere.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};

use super::backends::{Backend, Backends, Fit, has_ended, is_ready};
use super::service_ports;
use super::service_state::Endpoints;
use super::targets::{Target, Targets};
use crate::registry::declare;
use crate::selector::show_labels;
use crate::words::is_asked_about;

declare! {
    /// No pod has the labels that the selector asks for.
    SELECTS_NOTHING = "service.selects-nothing", "selects no pod", Never, State;
    /// It selects another workload's pods than the one of its name.
    SELECTS_WRONG = "service.selects-wrong-pods", "selects the pods of another workload", Never, State;
    /// It selects pods of several workloads of which some do not serve its port.
    SELECTS_SEVERAL = "service.selects-unrelated-pods", "selects pods of several workloads, some of which do not serve its port", Rarely, State;
    /// Its pods exist, and none is ready.
    NO_READY_ENDPOINTS = "service.no-ready-endpoints", "has no ready endpoint", Sometimes, State;
    /// It is asked for, and the cluster does not have it.
    MISSING = "service.missing", "does not exist", Rarely, State;
    /// There is no workload that it could be for.
    WITHOUT_BACKEND = "service.without-backend", "has a selector that no workload comes near", Sometimes, State;
    /// A named target port that no container has.
    TARGET_NAME_UNKNOWN = "service.target-port-name-unknown", "has a named targetPort that no container of its pods declares", Never, State;
    /// A target port on which the pods do not listen, as far as they say.
    TARGET_PORT_WRONG = "service.target-port-wrong", "sends to a port that its pods do not serve", Never, State;
    /// Another protocol than its pods speak.
    PROTOCOL_WRONG = "service.protocol-wrong", "uses another protocol than its pods serve", Never, State;
    /// Its callers agree on a port that it does not have.
    PORT_UNEXPECTED = "service.port-unexpected", "does not have the port that its callers use", Never, State;
    /// An ExternalName that leads to no Service.
    EXTERNAL_NAME_UNKNOWN = "service.external-name-unknown", "is an alias of a Service that does not exist", Never, State;
    /// No load balancer was given.
    LOAD_BALANCER_PENDING = "service.load-balancer-pending", "waits for a load balancer", Often, State;
    /// No load balancer was given, and an incident is about it.
    LOAD_BALANCER_NEEDED = "service.load-balancer-needed", "has no external address although it is needed from outside", Never, State;
    /// Making the load balancer failed.
    LOAD_BALANCER_FAILED = "service.load-balancer-failed", "could not get its load balancer", Never, Infrastructure;
    /// The Service that names a StatefulSet's pods does not exist.
    GOVERNING_MISSING = "statefulset.service-missing", "names a governing Service that does not exist", Rarely, State;
}

/// Looks at every Service.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let backends = Backends::of(world);
    let endpoints = Endpoints::of(world);
    let targets = Targets::of(world);
    for service in world.kind("Service") {
        if !service.is_live() && world.is_missing("Service", service.namespace.as_deref(), &service.name) {
            findings.push(missing(world, &backends, service));
            continue;
        }
        match service.at("spec.type").text() {
            "ExternalName" => findings.extend(external_name(&targets, service)),
            kind => {
                if kind == "LoadBalancer" {
                    findings.extend(load_balancer(world, service));
                }
                findings.extend(selection(world, &backends, &endpoints, service));
                service_ports::detect(world, &backends, &endpoints, service, findings);
            }
        }
    }
    findings.extend(world.kind("StatefulSet").filter_map(|set| governing_service(world, set)));
}

/// A Service that a manifest asks for and the listed cluster does not hold.
fn missing(_world: &World, backends: &Backends, service: &Object) -> Finding {
    let evidence = service.cite(&format!("Service {}: only a manifest asks for it", service.name));
    let finding = Finding::new(&MISSING, service.entity(), evidence).graded(Grade::Certain);
    about(finding.with("name", service.name.to_string()), backends.meant_by(service))
}

fn about(finding: Finding, backend: Option<&Backend>) -> Finding {
    match backend {
        Some(backend) => finding.with("workload", backend.entity.name.to_string()).about(backend.entity.clone()),
        None => finding,
    }
}

/// Judges the selector.
fn selection(world: &World, backends: &Backends, endpoints: &Endpoints, service: &Object) -> Option<Finding> {
    let selector = service.at("spec.selector");
    selector.entries().next()?;
    let here = backends.in_namespace(service.namespace.as_deref());
    let matched: Vec<&Backend> = here.iter().filter(|b| b.fits(selector) == Fit::Yes).collect();
    if matched.is_empty() {
        return selects_nothing(world, backends, endpoints, service);
    }
    selects_wrong(here, &matched, service)
        .or_else(|| selects_several(endpoints, &matched, service))
        .or_else(|| no_ready_endpoints(endpoints, &matched, service))
}

/// The selector fits no pod that is known, and they are all known.
fn selects_nothing(world: &World, backends: &Backends, endpoints: &Endpoints, service: &Object) -> Option<Finding> {
    let namespace = service.namespace.as_deref();
    let selector = service.at("spec.selector");
    let here = backends.in_namespace(namespace);
    if here.iter().any(|b| b.fits(selector) == Fit::Unknown) || ended_pods_fit(world, service) {
        return None;
    }
    let addresses = endpoints.of_service(service);
    if addresses.is_some_and(|a| a.ready + a.not_ready > 0) {
        return None;
    }
    let listed = world.coverage.complete("Pod", namespace) || (addresses.is_some() && !here.is_empty());
    let only_manifests = here.iter().all(|b| !b.object.is_live()) && !here.is_empty();
    if !listed && !only_manifests {
        return None;
    }
    let shown = show_labels(selector).join(",");
    let evidence = service.cite(&format!("Service {}: selector: {shown}", service.name));
    let Some(meant) = backends.meant_by(service) else {
        return (listed && !here.is_empty()).then(|| {
            Finding::new(&WITHOUT_BACKEND, service.entity(), evidence).graded(Grade::Fair).with("selector", shown)
        });
    };
    let labels = meant.labels();
    let wrong: Vec<_> = selector.entries().filter(|(key, value)| labels.get(key).show() != value.show()).collect();
    let (key, value) = wrong.first()?;
    let its = labels.get(key);
    // A label that no template sets is given while the pod runs (a leader's mark): it may come and go.
    let given_at_run_time = its.is_null() && meant.object.kind == "StatefulSet";
    let grade = if given_at_run_time {
        Grade::Fair
    } else if listed {
        Grade::Certain
    } else {
        Grade::Strong
    };
    let finding = Finding::new(&SELECTS_NOTHING, service.entity(), evidence)
        .graded(grade)
        .with("selector", shown)
        .with("key", key.to_string())
        .with("value", value.show())
        .with("labels", show_labels(labels).join(","))
        .with("has", if its.is_null() { "no such label".into() } else { its.show() })
        .citing([meant.object.cite(&format!("{}: labels: {}", meant.entity, show_labels(labels).join(",")))])
        .citing(
            addresses
                .into_iter()
                .flat_map(|a| a.objects.first())
                .map(|o| o.cite(&format!("{} {}: no addresses", o.kind, o.name))),
        );
    Some(about(finding, Some(meant)))
}

/// Pods of finished jobs: the Service is for what ran.
fn ended_pods_fit(world: &World, service: &Object) -> bool {
    let selector = service.at("spec.selector");
    world
        .kind_in("Pod", service.namespace.as_deref())
        .any(|pod| has_ended(pod) && super::backends::fit(selector, pod.at("metadata.labels"), true) == Fit::Yes)
}

/// It has a namesake that it does not select.
fn selects_wrong(here: &[Backend], matched: &[&Backend], service: &Object) -> Option<Finding> {
    let selector = service.at("spec.selector");
    let namesake = here.iter().find(|b| b.entity.name == service.name && b.fits(selector) == Fit::No)?;
    let other = matched.first()?;
    if super::nearness::extends(&other.entity.name, &service.name) || namesake.wanted() == Some(0) {
        return None; // `web` sending to `web-green` is a switch-over, and so is a namesake at rest.
    }
    let shown = show_labels(selector).join(",");
    let finding = Finding::new(
        &SELECTS_WRONG,
        service.entity(),
        service.cite(&format!("Service {}: selector: {shown}", service.name)),
    )
    .graded(Grade::Certain)
    .with("selector", shown)
    .with("selected", other.entity.name.to_string())
    .with("labels", show_labels(namesake.labels()).join(","))
    .citing([namesake.object.cite(&format!(
        "{}: labels: {}",
        namesake.entity,
        show_labels(namesake.labels()).join(",")
    ))]);
    Some(about(finding, Some(namesake)))
}

/// Too wide a selector: a share of the connections ends at pods that do not serve the port.
fn selects_several(endpoints: &Endpoints, matched: &[&Backend], service: &Object) -> Option<Finding> {
    if matched.len() < 2 {
        return None;
    }
    let wanted: Vec<i64> =
        service.at("spec.ports").list().iter().filter_map(|p| p.get("targetPort").as_int()).collect();
    let serves = |b: &Backend| {
        let declared = service_ports::declared(b);
        declared.is_empty()
            || wanted.is_empty()
            || wanted.iter().any(|port| declared.iter().any(|d| d.number == Some(*port)))
    };
    let stranger = matched.iter().find(|b| !serves(b))?;
    let owner = matched.iter().find(|b| serves(b))?;
    let shown = show_labels(service.at("spec.selector")).join(",");
    Some(
        Finding::new(
            &SELECTS_SEVERAL,
            service.entity(),
            service.cite(&format!("Service {}: selector: {shown}", service.name)),
        )
        .graded(if endpoints.hold_a_pod_of(service, stranger) { Grade::Certain } else { Grade::Strong })
        .with("selector", shown)
        .with("stranger", stranger.entity.name.to_string())
        .with("workload", owner.entity.name.to_string())
        .about(owner.entity.clone())
        .citing([stranger.object.cite(&format!(
            "{}: labels: {}",
            stranger.entity,
            show_labels(stranger.labels()).join(",")
        ))]),
    )
}

/// All its pods are unwell: the Service suffers, its pods are to blame.
fn no_ready_endpoints(endpoints: &Endpoints, matched: &[&Backend], service: &Object) -> Option<Finding> {
    let pods = || matched.iter().flat_map(|b| &b.pods);
    let none_by_pods = pods().next().is_some() && pods().all(|pod| is_ready(pod) == Some(false));
    let at_rest = matched.iter().all(|b| b.wanted() == Some(0));
    let none = endpoints.none_ready(service) && pods().all(|pod| is_ready(pod) != Some(true));
    if at_rest && pods().next().is_none() || !(none || none_by_pods) {
        return None;
    }
    let first = matched.first()?;
    let cite = endpoints.of_service(service).and_then(|a| a.objects.first()).map_or_else(
        || service.cite(&format!("Service {}: none of its pods is ready", service.name)),
        |o| o.cite(&format!("{} {}: no ready address", o.kind, o.name)),
    );
    Some(about(Finding::new(&NO_READY_ENDPOINTS, service.entity(), cite), Some(first)))
}

fn external_name(targets: &Targets, service: &Object) -> Option<Finding> {
    let host = service.at("spec.externalName").text();
    let namespace = service.namespace.as_deref()?;
    let Target::Missing(entity) = targets.resolve(host, namespace) else { return None };
    Some(
        Finding::new(&EXTERNAL_NAME_UNKNOWN, service.entity(), service.cite_at("spec.externalName"))
            .graded(Grade::Certain)
            .with("host", host)
            .about(entity),
    )
}

fn load_balancer(world: &World, service: &Object) -> Option<Finding> {
    let entity = service.entity();
    let has_address = !service.at("status.loadBalancer.ingress").list().is_empty();
    if has_address || !service.is_live() {
        return None;
    }
    let failed = world.events_about(&entity).filter(|e| e.warning && e.reason == "SyncLoadBalancerFailed").last();
    if let Some(event) = failed {
        return Some(
            Finding::new(&LOAD_BALANCER_FAILED, entity, event.cite())
                .seen(event.first, event.last)
                .with("reason", event.message.clone()),
        );
    }
    let known = service.is_whole() || service.at("status.loadBalancer").show().contains("pending");
    let declaration = if is_asked_about(world, &entity) { &LOAD_BALANCER_NEEDED } else { &LOAD_BALANCER_PENDING };
    known.then(|| {
        Finding::new(declaration, entity, service.cite(&format!("Service {}: EXTERNAL-IP <pending>", service.name)))
            .graded(Grade::Fair)
    })
}

/// Pods of a StatefulSet get their names from a Service that must exist.
fn governing_service(world: &World, set: &Object) -> Option<Finding> {
    let name = set.at("spec.serviceName").as_name()?;
    let namespace = set.namespace.as_deref();
    if name.is_empty() || !world.is_missing("Service", namespace, name) {
        return None;
    }
    let several = set.at("spec.replicas").as_int().is_some_and(|replicas| replicas > 1);
    Some(
        Finding::new(&GOVERNING_MISSING, world.carrier(set), set.cite_at("spec.serviceName"))
            .graded(if several { Grade::Strong } else { Grade::Fair })
            .with("service", name.to_string())
            .about(Entity::namespaced("Service", namespace.unwrap_or_default(), name)),
    )
}
