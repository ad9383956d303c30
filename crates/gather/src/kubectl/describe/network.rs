//! What routes traffic.

use firstfault_model::{Map, Value};

use super::grid::Grid;
use super::tree::Node;
use super::{Description, containers::between, implied};
use crate::Yield;
use crate::kubectl::words;

/// A Service; its `Endpoints:` lines become an Endpoints object.
pub(super) fn service(description: &Description, body: &mut Value, out: &mut Yield) {
    if let Some(selector) = description.find("Selector") {
        body.set("spec.selector", words::labels(&selector.values().collect::<Vec<_>>().join(",")));
    }
    for (key, field) in [
        ("Type", "type"),
        ("IP", "clusterIP"),
        ("External Name", "externalName"),
        ("Session Affinity", "sessionAffinity"),
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("IP Family Policy", "ipFamilyPolicy"),
    ] {
        words::set_known(body, &format!("spec.{field}"), description.value(key));
    }
    // `IP: None` is a headless Service.
    if description.value("IP") == "None" {
        body.set("spec.clusterIP", Value::str("None"));
    }
    if let Some(list) = words::known(description.value("External IPs")) {
        body.set("spec.externalIPs", words::texts(list));
    }
    balancer(description, body);
    ports(description, body, out);
}

fn balancer(description: &Description, body: &mut Value) {
    let Some(line) = words::known(description.value("LoadBalancer Ingress")) else {
        if description.value("Type") == "LoadBalancer" {
            body.set("status.loadBalancer", Value::Map(Map::default()));
        }
        return;
    };
    body.set("status.loadBalancer.ingress", addresses(line));
}

/// `10.0.0.1 (VIP), lb.example.org`.
fn addresses(line: &str) -> Value {
    let entry = |part: &str| {
        let address = part.split_whitespace().next().unwrap_or("");
        let is_ip = address.parse::<std::net::IpAddr>().is_ok();
        words::map([(if is_ip { "ip" } else { "hostname" }, Value::str(address))])
    };
    Value::List(line.split(',').filter_map(words::known).map(entry).collect())
}

/// `Port:`, `TargetPort:`, `NodePort:` and `Endpoints:` follow one another for each port.
fn ports(description: &Description, body: &mut Value, out: &mut Yield) {
    let mut ports: Vec<Value> = Vec::new();
    let mut addresses: Option<Vec<&str>> = None;
    for node in &description.nodes {
        match node.key {
            "Port" => ports.extend(port(node.value)),
            "TargetPort" => {
                let target = node.value.split('/').next().unwrap_or("");
                if let Some(port) = ports.last_mut().filter(|_| words::known(target).is_some()) {
                    port.set("targetPort", words::number_or_text(target));
                }
            }
            "NodePort" => {
                let number = node.value.split_whitespace().last().and_then(|last| last.split('/').next());
                if let (Some(port), Some(number)) = (ports.last_mut(), number) {
                    words::set_number(port, "nodePort", number);
                }
            }
            "Endpoints" => addresses.get_or_insert_default().extend(words::known(node.value)),
            _ => {}
        }
    }
    body.set("spec.ports", Value::List(ports));
    if let Some(addresses) = addresses {
        let mut endpoints = implied(description, "Endpoints", description.value("Name"));
        endpoints.body.set("subsets", words::subsets(&addresses.join(",")));
        out.objects.push(endpoints);
    }
}

/// `http  80/TCP` or `<unset>  80/TCP`.
fn port(line: &str) -> Option<Value> {
    let (name, port) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
    let mut port = words::service_port(port)?;
    words::set_known(&mut port, "name", name);
    Some(port)
}

/// Endpoints.
pub(super) fn endpoints(description: &Description, body: &mut Value) {
    let Some(list) = description.find("Subsets") else { return };
    let mut subsets: Vec<Value> = Vec::new();
    for line in &list.children {
        match line.key {
            "Addresses" => {
                let mut subset = Value::default();
                set_addresses(&mut subset, "addresses", line);
                subsets.push(subset);
            }
            "NotReadyAddresses" => {
                if let Some(subset) = subsets.last_mut() {
                    set_addresses(subset, "notReadyAddresses", line);
                }
            }
            "Ports" => {
                if let (Some(subset), Some(ports)) =
                    (subsets.last_mut(), Grid::under(line).map(|grid| grid_ports(&grid)))
                {
                    subset.set("ports", ports);
                }
            }
            _ => {}
        }
    }
    body.set("subsets", Value::List(subsets));
}

fn set_addresses(subset: &mut Value, field: &str, line: &Node) {
    let all: Vec<_> = line
        .values()
        .flat_map(|value| value.split(','))
        .filter_map(words::known)
        .map(|ip| words::map([("ip", Value::str(ip))]))
        .collect();
    if !all.is_empty() {
        subset.set(field, Value::List(all));
    }
}

fn grid_ports(grid: &Grid) -> Value {
    let port = |row: super::grid::GridRow| {
        let mut port = Value::default();
        words::set_known(&mut port, "name", row.cell("Name"));
        words::set_number(&mut port, "port", row.cell("Port"));
        words::set_known(&mut port, "protocol", row.cell("Protocol"));
        port
    };
    Value::List(grid.rows().map(port).collect())
}

/// An EndpointSlice.
pub(super) fn endpoint_slice(description: &Description, body: &mut Value) {
    words::set_known(body, "addressType", description.value("AddressType"));
    if let Some(node) = description.find("Ports") {
        let ports = Grid::under(node).map_or(Value::List(Vec::new()), |grid| grid_ports(&grid));
        body.set("ports", ports);
    }
    let Some(list) = description.find("Endpoints") else { return };
    let mut endpoints: Vec<Value> = Vec::new();
    for line in list.children.iter().flat_map(|line| std::iter::once(line).chain(&line.children)) {
        match line.key.trim_start_matches("- ") {
            "Addresses" => {
                let mut endpoint = Value::default();
                endpoint.set("addresses", words::texts(line.value));
                endpoints.push(endpoint);
            }
            "Conditions" => {
                if let Some(endpoint) = endpoints.last_mut() {
                    conditions(line, endpoint);
                }
            }
            "TargetRef" => {
                if let (Some(endpoint), Some((kind, name))) = (endpoints.last_mut(), line.value.split_once('/')) {
                    endpoint.set("targetRef", words::map([("kind", Value::str(kind)), ("name", Value::str(name))]));
                }
            }
            "NodeName" => set_last(&mut endpoints, "nodeName", line),
            "Zone" => set_last(&mut endpoints, "zone", line),
            "Hostname" => set_last(&mut endpoints, "hostname", line),
            _ => {}
        }
    }
    body.set("endpoints", Value::List(endpoints));
}

fn conditions(line: &Node, endpoint: &mut Value) {
    for condition in &line.children {
        if let Ok(truth) = condition.value.parse::<bool>() {
            endpoint.set(&format!("conditions.{}", condition.key.to_ascii_lowercase()), Value::Bool(truth));
        }
    }
}

fn set_last(endpoints: &mut [Value], field: &str, line: &Node) {
    if let Some(endpoint) = endpoints.last_mut() {
        words::set_known(endpoint, field, line.value);
    }
}

/// An Ingress.
pub(super) fn ingress(description: &Description, body: &mut Value) {
    words::set_known(body, "spec.ingressClassName", description.value("Ingress Class"));
    if let Some(address) = words::known(description.value("Address")) {
        body.set("status.loadBalancer.ingress", addresses(address));
    }
    let default = description.value("Default backend");
    if !default.starts_with("<default>")
        && !default.starts_with("default-http-backend")
        && let Some(backend) = backend(default)
    {
        body.set("spec.defaultBackend", backend);
    }
    tls(description, body);
    let Some(list) = description.find("Rules") else { return };
    body.set("spec.rules", Value::List(rules(list)));
}

/// `shop-tls terminates shop.example.org,www.example.org` or `SNI routes …`.
fn tls(description: &Description, body: &mut Value) {
    let Some(list) = description.find("TLS") else { return };
    let mut all = Vec::new();
    for line in &list.children {
        let (secret, hosts) = line.raw.split_once(" terminates ").unwrap_or((line.raw, ""));
        let mut entry = Value::Map(Map::default());
        if secret != "SNI routes" {
            words::set_known(&mut entry, "secretName", secret);
        }
        if words::known(hosts).is_some() {
            entry.set("hosts", words::texts(hosts));
        }
        all.push(entry);
    }
    body.set("spec.tls", Value::List(all));
}

/// A line with a host begins a rule; lines with a path and a backend belong to it.
fn rules(list: &Node) -> Vec<Value> {
    let mut rules: Vec<Value> = Vec::new();
    let mut edge = 0;
    for line in rule_lines(list) {
        let (indent, text) = line;
        if text.starts_with("Host ") || text.starts_with("----") {
            edge = indent;
            continue;
        }
        let (path, target) = match text.split_once(char::is_whitespace) {
            Some((path, target)) if indent > edge => (path, target.trim()),
            _ if indent > edge && text.contains(':') => ("", text),
            _ => {
                let host = text.split_whitespace().next().unwrap_or("");
                let mut rule = Value::Map(Map::default());
                if host != "*" {
                    rule.set("host", Value::str(host));
                }
                rules.push(rule);
                continue;
            }
        };
        let Some(backend) = backend(target) else { continue };
        let mut pairs = vec![("backend", backend)];
        if !path.is_empty() {
            pairs.push(("path", Value::str(path)));
        }
        if rules.is_empty() {
            rules.push(Value::Map(Map::default()));
        }
        if let Some(rule) = rules.last_mut() {
            words::push(rule, "http.paths", words::map(pairs));
        }
    }
    rules
}

fn rule_lines<'a>(node: &Node<'a>) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for child in &node.children {
        found.push((child.indent, child.raw));
        found.extend(child.more.iter().map(|more| (child.indent + 1, *more)));
        found.extend(rule_lines(child));
    }
    found
}

/// `web:80 (10.1.0.4:8080)`, `web:http (<error: services "web" not found>)`,
/// `APIGroup: …, Kind: …, Name: …`.
fn backend(text: &str) -> Option<Value> {
    let mut body = Value::default();
    if let Some(kind) = between(text, "Kind: ", ",") {
        let name = text.split("Name: ").nth(1).unwrap_or("").split([',', ' ']).next().unwrap_or("");
        body.set("resource", words::map([("kind", Value::str(kind)), ("name", Value::str(name))]));
        return Some(body);
    }
    let (target, rest) = text.split_once(" (").unwrap_or((text, ""));
    let (name, port) = target.trim().split_once(':')?;
    words::known(name)?;
    body.set("service.name", Value::str(name));
    match words::number(port) {
        Some(number) => body.set("service.port.number", number),
        None => words::set_known(&mut body, "service.port.name", port),
    }
    if rest.contains("<error: ") {
        body.set("printedError", Value::str(rest.trim_end_matches([')', '>']).trim_start_matches("<error: ")));
    }
    Some(body)
}

/// An IngressClass.
pub(super) fn ingress_class(description: &Description, body: &mut Value) {
    words::set_known(body, "spec.controller", description.value("Controller"));
}
