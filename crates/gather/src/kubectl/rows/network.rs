//! Rows of what routes traffic.

use firstfault_model::{Map, Value};

use crate::kubectl::table::Row;
use crate::kubectl::words;

/// A Service.
pub(super) fn service(row: &Row, body: &mut Value) {
    let kind = row.cell("TYPE");
    words::set_known(body, "spec.type", kind);
    words::set_known(body, "spec.clusterIP", row.cell("CLUSTER-IP"));
    let ports: Vec<_> =
        row.cell("PORT(S)").split(',').filter_map(words::known).filter_map(words::service_port).collect();
    if row.has("PORT(S)") {
        body.set("spec.ports", Value::List(ports));
    }
    external(kind, row.cell("EXTERNAL-IP"), body);
    if row.has("SELECTOR") {
        body.set("spec.selector", words::labels(row.cell("SELECTOR")));
    }
}

fn external(kind: &str, cell: &str, body: &mut Value) {
    match kind {
        "ExternalName" => words::set_known(body, "spec.externalName", cell),
        "LoadBalancer" if cell == "<pending>" || words::known(cell).is_none() => {
            body.set("status.loadBalancer", Value::Map(Map::default()));
        }
        "LoadBalancer" => body.set("status.loadBalancer.ingress", addresses(cell)),
        _ if words::known(cell).is_some() => body.set("spec.externalIPs", words::texts(cell)),
        _ => {}
    }
}

/// Addresses of a load balancer: numbers are `ip`, the rest `hostname`.
fn addresses(cell: &str) -> Value {
    let entry = |address: &str| {
        let is_ip = address.parse::<std::net::IpAddr>().is_ok();
        words::map([(if is_ip { "ip" } else { "hostname" }, Value::str(address))])
    };
    Value::List(cell.split(',').filter_map(words::known).map(entry).collect())
}

/// Endpoints. None is an empty list: it is known that there are none.
pub(super) fn endpoints(row: &Row, body: &mut Value) {
    if row.has("ENDPOINTS") {
        body.set("subsets", words::subsets(row.cell("ENDPOINTS")));
    }
}

/// An EndpointSlice; the controller names it after its Service.
pub(super) fn endpoint_slice(row: &Row, body: &mut Value) {
    words::set_known(body, "addressType", row.cell("ADDRESSTYPE"));
    let port = |port: &str| words::map([("port", words::number_or_text(port))]);
    if row.has("PORTS") {
        body.set("ports", Value::List(row.cell("PORTS").split(',').filter_map(words::known).map(port).collect()));
    }
    if row.has("ENDPOINTS") {
        let addresses = row.cell("ENDPOINTS").split(" + ").next().unwrap_or("");
        let endpoint = |address: &str| words::map([("addresses", Value::List(vec![Value::str(address)]))]);
        body.set("endpoints", Value::List(addresses.split(',').filter_map(words::known).map(endpoint).collect()));
    }
    let name = body.at("metadata.name").text().to_owned();
    if let Some((service, suffix)) = name.rsplit_once('-')
        && suffix.len() == 5
        && body.at("metadata.labels").get("kubernetes.io/service-name").is_null()
    {
        *body.entry("metadata").entry("labels").entry("kubernetes.io/service-name") = Value::str(service);
    }
}

/// An Ingress.
pub(super) fn ingress(row: &Row, body: &mut Value) {
    words::set_known(body, "spec.ingressClassName", row.cell("CLASS"));
    let hosts = row.cell("HOSTS").split(" + ").next().unwrap_or("");
    let rule = |host: &str| match host {
        "*" => Value::Map(Map::default()),
        _ => words::map([("host", Value::str(host))]),
    };
    if row.has("HOSTS") {
        body.set("spec.rules", Value::List(hosts.split(',').filter_map(words::known).map(rule).collect()));
    }
    if row.has("ADDRESS") {
        body.set("status.loadBalancer.ingress", addresses(row.cell("ADDRESS")));
    }
    words::set_known(body, "status.printed.PORTS", row.cell("PORTS"));
}

/// An IngressClass.
pub(super) fn ingress_class(row: &Row, body: &mut Value) {
    words::set_known(body, "spec.controller", row.cell("CONTROLLER"));
}

/// A NetworkPolicy: the table tells no rules.
pub(super) fn policy(row: &Row, body: &mut Value) {
    if row.has("POD-SELECTOR") {
        body.set("spec.podSelector", words::selector(row.cell("POD-SELECTOR")));
    }
}
