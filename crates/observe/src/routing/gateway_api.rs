//! Gateway API: Gateways and the routes that attach to them; Istio's routes to hosts and subsets.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Evidence, Finding, Grade, Value};

use super::backends::{Backends, Fit, fit};
use super::ingress::has_port;
use super::targets::{Target, Targets};
use crate::registry::declare;

declare! {
    /// No Gateway accepted the route.
    NOT_ACCEPTED = "route.not-accepted", "is not accepted by its Gateway", Never, State;
    /// A backend of the route cannot be resolved.
    REFS_UNRESOLVED = "route.backend-unresolved", "has a backend that cannot be resolved", Never, State;
    /// Its Gateway does not exist.
    GATEWAY_MISSING = "route.gateway-missing", "names a Gateway that does not exist", Never, State;
    /// A backend in another namespace without its consent.
    NOT_GRANTED = "route.reference-not-granted", "routes to another namespace, which no ReferenceGrant allows", Never, State;
    /// The Gateway is not in service.
    NOT_PROGRAMMED = "gateway.not-programmed", "is not programmed into a proxy", Rarely, State;
    /// Its class does not exist.
    CLASS_MISSING = "gateway.class-missing", "names a GatewayClass that does not exist", Never, State;
    /// An Istio route to a host that no Service has.
    HOST_UNKNOWN = "mesh.host-unknown", "routes to a host that no Service has", Never, State;
    /// An Istio route to a subset that no DestinationRule defines.
    SUBSET_UNKNOWN = "mesh.subset-unknown", "routes to a subset that no DestinationRule defines", Never, State;
    /// A subset whose labels no pod has.
    SUBSET_EMPTY = "mesh.subset-selects-nothing", "defines a subset with labels that no pod has", Rarely, State;
}

const ROUTES: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// Looks at Gateways, routes, VirtualServices and DestinationRules.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    for kind in ROUTES {
        for route in world.kind(kind) {
            conditions(route, findings);
            parents(world, route, findings);
            backend_refs(world, route, findings);
        }
    }
    for gateway in world.kind("Gateway").filter(|g| !g.at("spec.gatewayClassName").is_null()) {
        findings.extend(self::gateway(world, gateway));
    }
    if world.kind("VirtualService").next().is_some() || world.kind("DestinationRule").next().is_some() {
        mesh(world, findings);
    }
}

fn condition<'w>(conditions: &'w Value, kind: &str) -> Option<&'w Value> {
    conditions.list().iter().find(|c| c.get("type").text() == kind && c.get("status").text() == "False")
}

fn cite_condition(object: &Object, condition: &Value) -> Evidence {
    let (kind, reason) = (condition.get("type").text(), condition.get("reason").text());
    object.cite(&format!("{} {}: {kind}=False {reason}: {}", object.kind, object.name, condition.get("message").text()))
}

/// What the controller says of a route.
fn conditions(route: &Object, findings: &mut Vec<Finding>) {
    for parent in route.at("status.parents").list() {
        for (kind, declaration) in [("Accepted", &NOT_ACCEPTED), ("ResolvedRefs", &REFS_UNRESOLVED)] {
            let Some(condition) = condition(parent.get("conditions"), kind) else { continue };
            let reason = condition.get("reason").text();
            let declaration = if reason == "RefNotPermitted" { &NOT_GRANTED } else { declaration };
            findings.push(
                Finding::new(declaration, route.entity(), cite_condition(route, condition))
                    .graded(Grade::Certain)
                    .with("reason", reason)
                    .with("message", condition.get("message").text())
                    .with("gateway", parent.at("parentRef.name").text()),
            );
        }
    }
}

fn parents(world: &World, route: &Object, findings: &mut Vec<Finding>) {
    for parent in route.at("spec.parentRefs").list() {
        let (kind, name) = (parent.get("kind").text(), parent.get("name").text());
        let namespace = parent.get("namespace").as_str().or(route.namespace.as_deref());
        if matches!(kind, "" | "Gateway") && world.is_missing("Gateway", namespace, name) && !name.is_empty() {
            let evidence = route.cite(&format!("{} {}: parentRefs: {name}", route.kind, route.name));
            let entity = Entity::namespaced("Gateway", namespace.unwrap_or_default(), name);
            findings.push(
                Finding::new(&GATEWAY_MISSING, route.entity(), evidence)
                    .graded(Grade::Certain)
                    .with("gateway", name)
                    .about(entity),
            );
        }
    }
}

fn backend_refs(world: &World, route: &Object, findings: &mut Vec<Finding>) {
    for reference in route.at("spec.rules").list().iter().flat_map(|rule| rule.get("backendRefs").list()) {
        let (kind, name) = (reference.get("kind").text(), reference.get("name").text());
        if !matches!(kind, "" | "Service") || name.is_empty() {
            continue;
        }
        let namespace = reference.get("namespace").as_str().or(route.namespace.as_deref());
        let entity = Entity::namespaced("Service", namespace.unwrap_or_default(), name);
        let cite = || {
            route.cite(&format!("{} {}: backendRefs: {name}:{}", route.kind, route.name, reference.get("port").show()))
        };
        let new = |declaration| {
            Finding::new(declaration, route.entity(), cite())
                .graded(Grade::Certain)
                .with("service", name)
                .about(entity.clone())
        };
        if namespace != route.namespace.as_deref()
            && world.coverage.complete("ReferenceGrant", namespace)
            && !granted(world, route, namespace, name)
        {
            findings.push(new(&NOT_GRANTED));
        }
        let service = world.object("Service", namespace, name);
        if !service.is_some_and(Object::is_live) && world.is_missing("Service", namespace, name) {
            findings.push(new(&REFS_UNRESOLVED).with("reason", "BackendNotFound"));
        } else if service.and_then(|s| has_port(s, reference.get("port"))) == Some(false) {
            findings.push(
                new(&REFS_UNRESOLVED)
                    .with("reason", "the Service does not have this port")
                    .with("port", reference.get("port").show()),
            );
        }
    }
}

fn granted(world: &World, route: &Object, namespace: Option<&str>, name: &str) -> bool {
    let Some(namespace) = namespace else { return true };
    world.kind_in("ReferenceGrant", Some(namespace)).any(|grant| {
        let from =
            grant.at("spec.from").list().iter().any(|f| {
                f.get("kind").text() == &*route.kind && f.get("namespace").as_str() == route.namespace.as_deref()
            });
        let to = grant.at("spec.to").list().iter().any(|t| {
            let only = t.get("name").text();
            t.get("kind").text() == "Service" && (only.is_empty() || only == name)
        });
        from && to
    })
}

fn gateway(world: &World, gateway: &Object) -> Option<Finding> {
    let class = gateway.at("spec.gatewayClassName").text();
    if world.is_missing("GatewayClass", None, class) {
        let evidence = gateway.cite_at("spec.gatewayClassName");
        return Some(
            Finding::new(&CLASS_MISSING, gateway.entity(), evidence)
                .graded(Grade::Certain)
                .with("class", class)
                .about(Entity::new("GatewayClass", class)),
        );
    }
    let all = gateway.at("status.conditions");
    let listeners = || gateway.at("status.listeners").list().iter().map(|l| l.get("conditions"));
    let of_listener = || listeners().find_map(|c| condition(c, "ResolvedRefs").or_else(|| condition(c, "Accepted")));
    let condition = condition(all, "Accepted").or_else(of_listener).or_else(|| condition(all, "Programmed"))?;
    Some(
        Finding::new(&NOT_PROGRAMMED, gateway.entity(), cite_condition(gateway, condition))
            .with("reason", condition.get("reason").text())
            .with("message", condition.get("message").text()),
    )
}

/// Istio: hosts and subsets that routes name.
fn mesh(world: &World, findings: &mut Vec<Finding>) {
    let targets = Targets::of(world);
    for route in world.kind("VirtualService") {
        let namespace = route.namespace.as_deref().unwrap_or_default();
        let entries = ["http", "tcp", "tls"].iter().flat_map(|way| route.at("spec").get(way).list());
        for destination in entries.flat_map(|entry| entry.get("route").list()).map(|r| r.get("destination")) {
            let (host, subset) = (destination.get("host").text(), destination.get("subset").text());
            let cite = || route.cite(&format!("VirtualService {}: destination: {host} {subset}", route.name));
            match targets.resolve(host, namespace) {
                Target::Missing(service) => {
                    let near = targets.nearest(&service.name, service.namespace.as_deref().unwrap_or_default());
                    let finding =
                        Finding::new(&HOST_UNKNOWN, route.entity(), cite()).graded(Grade::Certain).with("host", host);
                    findings.push(
                        near.into_iter()
                            .fold(finding, |f, (near, _)| f.with("near", near.name.to_string()))
                            .about(service),
                    );
                }
                Target::Service(service)
                    if !subset.is_empty()
                        && !defines(world, &targets, service, subset)
                        && world.coverage.complete("DestinationRule", Some(namespace)) =>
                {
                    findings.push(
                        Finding::new(&SUBSET_UNKNOWN, route.entity(), cite())
                            .graded(Grade::Certain)
                            .with("subset", subset)
                            .with("host", host)
                            .about(service.entity()),
                    );
                }
                _ => {}
            }
        }
    }
    subsets(world, &targets, findings);
}

fn defines(world: &World, targets: &Targets, service: &Object, subset: &str) -> bool {
    world.kind("DestinationRule").any(|rule| {
        let namespace = rule.namespace.as_deref().unwrap_or_default();
        let same = matches!(targets.resolve(rule.at("spec.host").text(), namespace), Target::Service(s) if s.entity() == service.entity());
        same && rule.at("spec.subsets").list().iter().any(|s| s.get("name").text() == subset)
    })
}

fn subsets(world: &World, targets: &Targets, findings: &mut Vec<Finding>) {
    let backends = Backends::of(world);
    for rule in world.kind("DestinationRule") {
        let namespace = rule.namespace.as_deref().unwrap_or_default();
        let Target::Service(service) = targets.resolve(rule.at("spec.host").text(), namespace) else { continue };
        let selected = backends.selected_by(service);
        if selected.is_empty() || !world.coverage.complete("Pod", service.namespace.as_deref()) {
            continue;
        }
        for subset in rule.at("spec.subsets").list() {
            let labels = subset.get("labels");
            let fits = |b: &super::backends::Backend| {
                b.fits(labels) != Fit::No || fit(labels, b.object.at("spec.template.metadata.labels"), true) == Fit::Yes
            };
            if labels.entries().next().is_some() && !selected.iter().any(|b| fits(b)) {
                let shown = crate::selector::show_labels(labels).join(",");
                findings.push(
                    Finding::new(
                        &SUBSET_EMPTY,
                        rule.entity(),
                        rule.cite(&format!(
                            "DestinationRule {}: subset {}: {shown}",
                            rule.name,
                            subset.get("name").text()
                        )),
                    )
                    .with("subset", subset.get("name").text())
                    .with("labels", shown)
                    .about(service.entity()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, ids};

    #[test]
    fn an_unattached_route_and_a_missing_backend_are_seen() {
        let found = Sample::default()
            .api("HTTPRoute/shop/web", r#"{"spec":{"parentRefs":[{"name":"edge"}],"rules":[{"backendRefs":[{"name":"web","port":80}]}]},
                "status":{"parents":[{"parentRef":{"name":"edge"},"conditions":[{"type":"Accepted","status":"False","reason":"NoMatchingListenerHostname","message":"no"}]}]}}"#)
            .listed(&["Service", "Gateway"])
            .found(detect);
        assert_eq!(ids(&found), ["route.backend-unresolved", "route.gateway-missing", "route.not-accepted"]);
    }

    #[test]
    fn a_subset_has_to_be_defined_and_have_pods() {
        let found = Sample::default()
            .api("Service/shop/web", r#"{"spec":{"selector":{"app":"web"}}}"#)
            .api("Pod/shop/web", r#"{"metadata":{"labels":{"app":"web","version":"v1"}},"status":{"phase":"Running"}}"#)
            .api("VirtualService/shop/web", r#"{"spec":{"http":[{"route":[{"destination":{"host":"web","subset":"v3"}}]}]}}"#)
            .api("DestinationRule/shop/web", r#"{"spec":{"host":"web","subsets":[{"name":"v1","labels":{"version":"v1"}},{"name":"v2","labels":{"version":"v2"}}]}}"#)
            .listed(&["Service", "Pod", "DestinationRule"])
            .found(detect);
        assert_eq!(ids(&found), ["mesh.subset-selects-nothing", "mesh.subset-unknown"]);
    }
}
