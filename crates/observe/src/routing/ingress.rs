//! Ingresses: their class, their backends, their certificates.

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade, Value};

use super::nearness::{extends, mistyped};
use super::targets::ports_of;
use crate::registry::declare;

declare! {
    /// Its class does not exist.
    CLASS_UNKNOWN = "ingress.class-unknown", "names an IngressClass that does not exist", Never, State;
    /// It names no class, and none is the default.
    CLASS_UNSET = "ingress.class-unset", "names no class, and no class is the default", Never, State;
    /// A backend Service does not exist.
    SERVICE_MISSING = "ingress.service-missing", "routes to a Service that does not exist", Never, State;
    /// A backend Service does not have the port.
    PORT_UNKNOWN = "ingress.port-unknown", "routes to a port that the Service does not have", Never, State;
    /// The Secret of its certificate does not exist.
    TLS_SECRET_MISSING = "ingress.tls-secret-missing", "names a TLS Secret that does not exist", Never, State;
    /// The Secret is there and is no certificate.
    TLS_SECRET_WRONG = "ingress.tls-secret-wrong-type", "names a TLS Secret that holds no certificate and key", Never, State;
    /// Two Ingresses claim the same host and path.
    HOST_CONFLICT = "ingress.host-conflict", "claims a host and path that another Ingress has", Never, State;
    /// No controller gave it an address.
    NO_ADDRESS = "ingress.no-address", "has no address", Often, State;
}

/// Looks at every Ingress.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut claims: BTreeMap<(String, String), &Object> = BTreeMap::new();
    for ingress in world.kind("Ingress") {
        findings.extend(class(world, ingress));
        findings.extend(backends(world, ingress));
        findings.extend(certificates(world, ingress));
        findings.extend(no_address(ingress));
        findings.extend(conflict(ingress, &mut claims));
    }
    findings.extend(super::ingress_said::conflicts(world));
}

/// The class that it names, by field or by the older annotation.
fn class_of(ingress: &Object) -> &str {
    let field = ingress.at("spec.ingressClassName").text();
    let class = if field.is_empty() {
        ingress.at("metadata.annotations").get("kubernetes.io/ingress.class").text()
    } else {
        field
    };
    if class == "<none>" { "" } else { class }
}

fn class(world: &World, ingress: &Object) -> Option<Finding> {
    if !world.coverage.complete("IngressClass", None) {
        return None;
    }
    let class = class_of(ingress);
    let known: Vec<&str> = world.kind("IngressClass").filter(|c| c.is_live()).map(|c| c.name.as_str()).collect();
    if class.is_empty() {
        let default = |c: &Object| {
            c.at("metadata.annotations").get("ingressclass.kubernetes.io/is-default-class").as_bool() == Some(true)
        };
        if world.kind("IngressClass").any(default) || has_address(ingress) || !ingress.has_spec() {
            return None;
        }
        let evidence = ingress.cite(&format!("Ingress {}: ingressClassName is not set", ingress.name));
        return Some(
            Finding::new(&CLASS_UNSET, ingress.entity(), evidence)
                .with("classes", known.join(", "))
                .graded(Grade::Strong),
        );
    }
    if known.contains(&class) || has_address(ingress) {
        return None;
    }
    let by_annotation = ingress.at("spec.ingressClassName").text().is_empty();
    let near = known.iter().find(|k| mistyped(k, class) || extends(k, class)).or_else(|| known.first());
    let finding = Finding::new(
        &CLASS_UNKNOWN,
        ingress.entity(),
        ingress.cite(&format!("Ingress {}: ingressClassName: {class}", ingress.name)),
    )
    // The annotation is matched by controllers themselves and needs no IngressClass.
    .graded(if by_annotation { Grade::Fair } else { Grade::Certain })
    .with("class", class)
    .with("classes", if known.is_empty() { "none".into() } else { known.join(", ") })
    .about(Entity::new("IngressClass", class));
    Some(match near {
        Some(near) => finding.with("near", *near),
        None => finding,
    })
}

fn has_address(ingress: &Object) -> bool {
    !ingress.at("status.loadBalancer.ingress").list().is_empty()
}

fn no_address(ingress: &Object) -> Option<Finding> {
    (ingress.is_live() && ingress.is_whole() && !has_address(ingress)).then(|| {
        Finding::new(
            &NO_ADDRESS,
            ingress.entity(),
            ingress.cite(&format!("Ingress {}: status.loadBalancer is empty", ingress.name)),
        )
        .graded(Grade::Fair)
    })
}

/// What stands in place of a port where annotations of the AWS controller say what to do.
const ACTION: &str = "use-annotation";

/// Names and ports of its backend Services, each once.
pub(crate) fn backend_services(ingress: &Object) -> Vec<(String, Value)> {
    let rules = ingress.at("spec.rules").list().iter().flat_map(|rule| rule.at("http.paths").list());
    let mut found = Vec::new();
    for backend in
        rules.map(|path| path.get("backend")).chain([ingress.at("spec.defaultBackend"), ingress.at("spec.backend")])
    {
        let service = backend.get("service");
        let (name, port) = if service.is_null() {
            (backend.get("serviceName").text(), backend.get("servicePort")) // networking.k8s.io/v1beta1
        } else {
            let port = service.get("port");
            let number = port.get("number");
            (service.get("name").text(), if number.is_null() { port.get("name") } else { number })
        };
        let is_service = !name.is_empty() && port.text() != ACTION;
        if is_service && !found.iter().any(|(n, p)| n == name && p == port) {
            found.push((name.to_owned(), port.clone()));
        }
    }
    found
}

/// `kubectl describe ingress` looks each backend up and prints what it did not find.
fn is_said_missing(ingress: &Object, service: &str) -> bool {
    let rules = ingress.at("spec.rules").list().iter().flat_map(|rule| rule.at("http.paths").list());
    let backends = rules.map(|path| path.get("backend")).chain([ingress.at("spec.defaultBackend")]);
    backends
        .filter(|backend| backend.at("service.name").text() == service)
        .any(|backend| backend.get("printedError").text().ends_with("not found"))
}

fn backends(world: &World, ingress: &Object) -> Vec<Finding> {
    let namespace = ingress.namespace.as_deref();
    let mut findings = Vec::new();
    for (name, port) in backend_services(ingress) {
        let entity = Entity::namespaced("Service", namespace.unwrap_or_default(), &name);
        let cite = || ingress.cite(&format!("Ingress {}: backend: {name}:{}", ingress.name, port.show()));
        let service = world.object("Service", namespace, &name);
        let missing = world.is_missing("Service", namespace, &name) || is_said_missing(ingress, &name);
        if missing && !service.is_some_and(Object::is_live) {
            let near = world
                .kind_in("Service", namespace)
                .map(|s| s.name.to_string())
                .find(|s| mistyped(s, &name) || extends(s, &name));
            let finding = Finding::new(&SERVICE_MISSING, ingress.entity(), cite())
                .graded(Grade::Certain)
                .with("service", name.clone());
            findings.push(match near {
                Some(near) => finding.with("near", near).about(entity),
                None => finding.about(entity),
            });
            continue;
        }
        let Some(service) = service else { continue };
        if has_port(service, &port) == Some(false) {
            let has = ports_of(service).iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            findings.push(
                Finding::new(&PORT_UNKNOWN, ingress.entity(), cite())
                    .graded(Grade::Certain)
                    .with("service", name.clone())
                    .with("port", port.show())
                    .with("has", has.clone())
                    .citing([service.cite(&format!("Service {name}: ports: {has}"))])
                    .about(entity),
            );
        }
    }
    findings
}

/// Whether a Service has a port, by number or name; `None` where it cannot be told.
pub(crate) fn has_port(service: &Object, port: &Value) -> Option<bool> {
    let ports = service.at("spec.ports").list();
    if ports.is_empty() || port.is_null() || service.at("spec.type").text() == "ExternalName" {
        return None;
    }
    if let Some(number) = port.as_int() {
        return Some(ports.iter().any(|p| p.get("port").as_int() == Some(number)));
    }
    let named = ports.iter().any(|p| !p.get("name").is_null());
    let found = ports.iter().any(|p| p.get("name").text() == port.text());
    (found || named || service.is_whole()).then_some(found)
}

fn certificates(world: &World, ingress: &Object) -> Vec<Finding> {
    let namespace = ingress.namespace.as_deref();
    let mut findings = Vec::new();
    for name in
        ingress.at("spec.tls").list().iter().map(|tls| tls.get("secretName").text()).filter(|name| !name.is_empty())
    {
        let entity = Entity::namespaced("Secret", namespace.unwrap_or_default(), name);
        let cite = || ingress.cite(&format!("Ingress {}: tls: secretName: {name}", ingress.name));
        match world.object("Secret", namespace, name) {
            Some(secret) if secret.is_live() => {
                let kind = secret.at("type").text();
                if !kind.is_empty() && !matches!(kind, "kubernetes.io/tls" | "Opaque") {
                    findings.push(
                        Finding::new(&TLS_SECRET_WRONG, ingress.entity(), cite())
                            .with("secret", name)
                            .with("type", kind)
                            .about(entity),
                    );
                }
            }
            _ if world.is_missing("Secret", namespace, name) => {
                let near = world
                    .kind_in("Secret", namespace)
                    .map(|s| s.name.to_string())
                    .find(|s| mistyped(s, name) || extends(s, name));
                let finding = Finding::new(&TLS_SECRET_MISSING, ingress.entity(), cite())
                    .graded(Grade::Certain)
                    .with("secret", name);
                findings.push(near.into_iter().fold(finding, |f, near| f.with("near", near)).about(entity));
            }
            _ => {}
        }
    }
    findings
}

fn conflict<'w>(ingress: &'w Object, claims: &mut BTreeMap<(String, String), &'w Object>) -> Option<Finding> {
    let class = class_of(ingress).to_owned();
    let canary = ingress.at("metadata.annotations").get("nginx.ingress.kubernetes.io/canary").as_bool() == Some(true);
    if canary || class_of(ingress).is_empty() && !ingress.is_whole() {
        return None;
    }
    let mut clash = None;
    for rule in ingress.at("spec.rules").list() {
        let host = rule.get("host").text();
        if host.is_empty() || host == "*" {
            continue;
        }
        for path in rule.at("http.paths").list() {
            let key = (format!("{class} {host}"), path.get("path").text().to_owned());
            match claims.get(&key) {
                Some(other) if other.entity() != ingress.entity() => {
                    clash = Some((host, path.get("path").text(), *other));
                }
                Some(_) => {}
                None => {
                    claims.insert(key, ingress);
                }
            }
        }
    }
    let (host, path, other) = clash?;
    let excerpt = |o: &Object| o.cite(&format!("Ingress {}: host {host} path {path}", o.name));
    Some(
        Finding::new(&HOST_CONFLICT, ingress.entity(), excerpt(ingress))
            .graded(if has_address(other) && !has_address(ingress) { Grade::Strong } else { Grade::Fair })
            .with("host", host)
            .with("path", path)
            .citing([excerpt(other)])
            .about(other.entity()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, ids};

    const TO_WEB: &str = r#"{"spec":{"ingressClassName":"nginx","tls":[{"secretName":"web-tls"}],
        "rules":[{"host":"shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}"#;
    const WEB: &str = r#"{"spec":{"ports":[{"port":80,"name":"http"}]}}"#;

    fn cluster() -> Sample {
        Sample::default()
            .api("IngressClass/nginx", "{}")
            .api("Secret/shop/web-tls", r#"{"type":"kubernetes.io/tls"}"#)
            .listed(&["IngressClass", "Service", "Secret"])
    }

    fn without_address(found: &[Finding]) -> Vec<&'static str> {
        ids(found).into_iter().filter(|id| *id != NO_ADDRESS.id).collect()
    }

    #[test]
    fn a_sound_ingress_is_not_blamed() {
        let found = cluster().api("Ingress/shop/web", TO_WEB).api("Service/shop/web", WEB).found(detect);
        assert!(without_address(&found).is_empty(), "{found:?}");
    }

    #[test]
    fn class_service_port_and_secret_are_checked() {
        let found = cluster()
            .api("Ingress/shop/web", &TO_WEB.replace("nginx", "ngnix"))
            .api("Service/shop/web", WEB)
            .found(detect);
        assert_eq!(without_address(&found), ["ingress.class-unknown"]);
        assert_eq!(found[0].field("near"), "nginx");
        let found = cluster().api("Ingress/shop/web", TO_WEB).api("Service/shop/webs", WEB).found(detect);
        assert_eq!(without_address(&found), ["ingress.service-missing"]);
        let found =
            cluster().api("Ingress/shop/web", &TO_WEB.replace("80", "8080")).api("Service/shop/web", WEB).found(detect);
        assert_eq!(without_address(&found), ["ingress.port-unknown"]);
        let found = cluster()
            .api("Ingress/shop/web", &TO_WEB.replace("web-tls", "web-cert"))
            .api("Service/shop/web", WEB)
            .found(detect);
        assert_eq!(without_address(&found), ["ingress.tls-secret-missing"]);
    }

    #[test]
    fn without_lists_nothing_is_missing() {
        let found = Sample::default().api("Ingress/shop/web", TO_WEB).found(detect);
        assert!(without_address(&found).is_empty());
    }
}
