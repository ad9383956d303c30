//! A Service's ports against what its pods serve.

use std::collections::BTreeSet;

use firstfault_gather::{Form, Object, World};
use firstfault_model::{Evidence, Finding, Grade, Value};

use super::backends::{Backend, Backends};
use super::service_state::{Endpoints, Tried, tried};
use super::services::{PROTOCOL_WRONG, TARGET_NAME_UNKNOWN, TARGET_PORT_WRONG};

/// A port that a container declares.
pub(crate) struct Declared<'w> {
    pub(crate) number: Option<i64>,
    pub(crate) name: &'w str,
    pub(crate) protocol: &'w str,
}

/// The ports that a workload's containers declare.
pub(crate) fn declared<'w>(backend: &Backend<'w>) -> Vec<Declared<'w>> {
    let ports = backend.containers().flat_map(|container| container.at("ports").list());
    ports
        .map(|port| Declared {
            number: port.get("containerPort").as_int(),
            name: port.get("name").text(),
            protocol: match port.get("protocol").text() {
                "" => "TCP",
                protocol => protocol,
            },
        })
        .collect()
}

/// Compares each port of a Service with the workloads that it selects.
pub(crate) fn detect(
    world: &World,
    backends: &Backends,
    endpoints: &Endpoints,
    service: &Object,
    findings: &mut Vec<Finding>,
) {
    let matched = backends.selected_by(service);
    if matched.is_empty() {
        return;
    }
    for port in service.at("spec.ports").list() {
        findings.extend(
            wrong_protocol(world, service, port, &matched)
                .or_else(|| unknown_name(endpoints, service, port, &matched))
                .or_else(|| wrong_number(world, service, port, &matched)),
        );
    }
}

fn say(service: &Object, port: &Value, meant: &Backend, what: &'static str, wrong: String, right: String) -> Finding {
    let declaration = match what {
        "protocol" => &PROTOCOL_WRONG,
        "name" => &TARGET_NAME_UNKNOWN,
        _ => &TARGET_PORT_WRONG,
    };
    let excerpt = format!(
        "Service {}: port {}/{} targetPort {}",
        service.name,
        port.get("port").show(),
        protocol_of(port),
        if port.get("targetPort").is_null() { "(the same)".to_owned() } else { port.get("targetPort").show() }
    );
    Finding::new(declaration, service.entity(), service.cite(&excerpt))
        .graded(Grade::Certain)
        .with("port", port.get("port").show())
        .with("target", wrong)
        .with("declared", right)
        .with("workload", meant.entity.name.to_string())
        .about(meant.entity.clone())
        .citing([meant.object.cite(&format!("{}: container ports: {}", meant.entity, show_declared(&declared(meant))))])
}

fn show_declared(ports: &[Declared]) -> String {
    let shown: BTreeSet<String> = ports
        .iter()
        .map(|p| {
            let number = p.number.map_or_else(|| "?".into(), |n| n.to_string());
            if p.name.is_empty() {
                format!("{number}/{}", p.protocol)
            } else {
                format!("{number}/{} ({})", p.protocol, p.name)
            }
        })
        .collect();
    shown.into_iter().collect::<Vec<_>>().join(", ")
}

fn protocol_of(port: &Value) -> &str {
    match port.get("protocol").text() {
        "" => "TCP",
        protocol => protocol,
    }
}

/// The port's target: a name, a number, or unknown.
fn target<'w>(service: &Object, port: &'w Value) -> Option<&'w Value> {
    let target = port.get("targetPort");
    let only_rows = service.origins.iter().all(|origin| origin.form == Form::Table);
    match target {
        Value::Null if only_rows => None,
        Value::Null => Some(port.get("port")),
        _ => Some(target),
    }
}

/// Only one protocol fits: the number is declared, with another one.
fn wrong_protocol(world: &World, service: &Object, port: &Value, matched: &[&Backend]) -> Option<Finding> {
    let protocol = protocol_of(port);
    let number = port.get("port").as_int()?;
    if tried(world, service, number) == Tried::Works && protocol != "UDP" {
        return None;
    }
    // The same number with the other protocol beside it (as DNS has): both are meant.
    let beside = service
        .at("spec.ports")
        .list()
        .iter()
        .any(|p| p.get("port").as_int() == Some(number) && protocol_of(p) != protocol);
    if beside {
        return None;
    }
    let target = target(service, port).unwrap_or(port.get("port"));
    let fits =
        |d: &Declared| if target.as_int().is_some() { d.number == target.as_int() } else { d.name == target.text() };
    for backend in matched {
        let ports = declared(backend);
        let same: Vec<_> = ports.iter().filter(|d| fits(d)).collect();
        let probed = probe_ports(backend).iter().any(|p| Some(*p) == target.as_int());
        let other = same.iter().find(|d| d.protocol != protocol);
        let serves = match (other, probed && protocol != "TCP") {
            _ if same.iter().any(|d| d.protocol == protocol) => continue,
            (Some(other), _) => other.protocol,
            (None, true) => "TCP", // probes are answered over TCP
            (None, false) => continue,
        };
        let right = if same.is_empty() { format!("{}/{serves}", target.show()) } else { show_declared(&ports) };
        let finding = say(service, port, backend, "protocol", protocol.into(), right);
        return Some(finding.with("protocol", protocol).with("serves", serves).citing(failed(world, service, number)));
    }
    None
}

fn failed(world: &World, service: &Object, port: i64) -> Option<Evidence> {
    match tried(world, service, port) {
        Tried::Fails(evidence) => Some(evidence),
        _ => None,
    }
}

/// A named target port that no container has.
fn unknown_name(endpoints: &Endpoints, service: &Object, port: &Value, matched: &[&Backend]) -> Option<Finding> {
    let target = target(service, port)?;
    let name = target.as_str().filter(|_| target.as_int().is_none())?;
    let any_known = matched.iter().any(|b| b.containers().next().is_some());
    if !any_known || matched.iter().any(|b| declared(b).iter().any(|d| d.name == name)) {
        return None;
    }
    // `describe` and rows print ports without their names.
    let names_printed = matched.iter().any(|b| declared(b).iter().any(|d| !d.name.is_empty()) || prints_names(b));
    let without_ports = endpoints.of_service(service).is_some_and(|a| a.without_ports);
    if !names_printed && !without_ports {
        return None;
    }
    let meant = matched.first()?;
    Some(say(service, port, meant, "name", name.into(), show_declared(&declared(meant))).with("target_name", name))
}

/// Whether the source of its containers prints port names.
fn prints_names(backend: &Backend) -> bool {
    let full = |o: &Object| o.origins.iter().any(|origin| matches!(origin.form, Form::Api | Form::Manifest));
    full(backend.object) || backend.pods.iter().any(|pod| full(pod))
}

/// A target number that is not declared, while others are.
fn wrong_number(world: &World, service: &Object, port: &Value, matched: &[&Backend]) -> Option<Finding> {
    let number = target(service, port)?.as_int()?;
    let service_port = port.get("port").as_int()?;
    let known: Vec<_> = matched.iter().filter(|b| b.containers().next().is_some()).collect();
    let meant = known.first()?;
    let ports = declared(meant);
    if known.iter().any(|b| declared(b).iter().any(|d| d.number == Some(number)) || mentions(b, number)) {
        return None;
    }
    let attempt = tried(world, service, service_port);
    if attempt == Tried::Works {
        return None;
    }
    let probes = probe_ports(meant);
    let serves: BTreeSet<i64> = ports.iter().filter_map(|d| d.number).chain(probes.iter().copied()).collect();
    if serves.is_empty() {
        return None; // A port that isn't declared may be served all the same.
    }
    let several = service.at("spec.ports").list().len() > 1;
    let agreed =
        serves.contains(&service_port) || ports.iter().any(|d| !d.name.is_empty() && d.name == port.get("name").text());
    let grade = match attempt {
        Tried::Fails(_) => Grade::Certain,
        _ if agreed || (!probes.is_empty() && !several) => Grade::Certain,
        _ if several || is_metrics(port) => Grade::Weak,
        _ => Grade::Strong,
    };
    let right = serves.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    Some(say(service, port, meant, "number", number.to_string(), right).graded(grade).citing(failed(
        world,
        service,
        service_port,
    )))
}

/// Metrics and admin ports are often served without being declared.
fn is_metrics(port: &Value) -> bool {
    let name = port.get("name").text();
    ["metric", "prom", "admin", "debug", "health", "monitor"].iter().any(|word| name.contains(word))
}

/// Ports that its probes use.
pub(crate) fn probe_ports(backend: &Backend) -> BTreeSet<i64> {
    let mut ports = BTreeSet::new();
    for container in backend.containers() {
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            for way in ["httpGet", "tcpSocket", "grpc"] {
                ports.extend(container.at(probe).at(way).get("port").as_int());
            }
        }
    }
    ports
}

/// Whether an environment value or argument names the number: the process may listen there.
fn mentions(backend: &Backend, number: i64) -> bool {
    let number = number.to_string();
    let named = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits == number);
    backend.containers().any(|container| {
        let listens = |v: &Value| is_own_port(v.get("name").text()) && named(v.get("value").text());
        container.at("env").list().iter().any(listens)
            || ["args", "command"].iter().any(|field| container.at(field).list().iter().any(|a| named(a.text())))
    })
}

/// `PORT`, `HTTP_PORT`, `LISTEN_ADDR`, … say where the process itself listens;
/// `DB_PORT` and `CART_SERVICE_ADDR` do not.
fn is_own_port(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let own = [
        "LISTEN",
        "BIND",
        "SERVER_PORT",
        "HTTP_PORT",
        "HTTPS_PORT",
        "GRPC_PORT",
        "APP_PORT",
        "METRICS",
        "ASPNETCORE",
        "ADMIN",
    ];
    key == "PORT" || own.iter().any(|word| key.contains(word))
}
