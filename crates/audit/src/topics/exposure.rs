//! What can be reached, or read, by more than should.

use firstfault_gather::Object;
use firstfault_model::{Value, mask};

use crate::check::{Check, Remark};
use crate::reach::is_open_to_the_world;
use crate::scope::{Scope, Workload};

const OPEN_STORE: Check = Check {
    code: "FF1001",
    title: "a data store that the outside can reach",
    modes: &["database.connections-exhausted", "performance.request-surge"],
    share: 1.0,
    means: "Its port is offered to whoever finds the address: to guesses at its password, and to floods of connections.",
    mend: "Make the Service ClusterIP, or name who may come in loadBalancerSourceRanges.",
    reference: "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
};

const PLAIN_HTTP: Check = Check {
    code: "FF1002",
    title: "an Ingress without TLS",
    modes: &[],
    share: 1.0,
    means: "What its users send, passwords and cookies too, crosses the network in the clear.",
    mend: "Add spec.tls with a certificate; where something in front ends TLS, say so in a suppression.",
    reference: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
};

const SECRET_IN_SPEC: Check = Check {
    code: "FF1003",
    title: "a secret written into the spec",
    modes: &["dependency.credentials-differ"],
    share: 0.4,
    means: "Whoever may read the workload reads it, it stands in every backup and repository, and to change it everywhere is easily forgotten in one place.",
    mend: "Put it into a Secret, and refer to it with valueFrom.secretKeyRef.",
    reference: "https://kubernetes.io/docs/concepts/configuration/secret/",
};

pub(crate) const CHECKS: &[&Check] = &[&OPEN_STORE, &PLAIN_HTTP, &SECRET_IN_SPEC];

/// The ports of data stores (IANA and the products' own defaults).
const STORES: &[(i64, &str)] = &[
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (7000, "Cassandra"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9200, "Elasticsearch"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for service in scope.own("Service").filter(|s| s.has_spec()) {
        stores(scope, service, out);
    }
    for ingress in scope.own("Ingress").filter(|i| i.is_whole() || !i.is_live()) {
        plain(ingress, out);
    }
    for workload in &scope.workloads {
        written(workload, out);
    }
}

fn stores(scope: &Scope<'_>, service: &Object, out: &mut Vec<Remark>) {
    let kind = service.at("spec.type").text();
    let limited = !service.at("spec.loadBalancerSourceRanges").list().is_empty();
    let open = is_open_to_the_world(service) && !limited || kind == "NodePort";
    let named = |number: &Value| STORES.iter().find(|(port, _)| number.as_int() == Some(*port)).map(|(_, name)| *name);
    let ports = service.at("spec.ports").list().iter();
    let Some((port, store)) =
        ports.filter(|_| open).find_map(|p| Some((p, named(p.get("targetPort")).or_else(|| named(p.get("port")))?)))
    else {
        return;
    };
    let what = format!("type {kind} offers port {} ({store})", port.get("port").show());
    let evidence = service.cite(&format!("Service {}: {what}", service.name));
    // It is open already; behind a port of the nodes a firewall may still stand.
    let urgency = if kind == "LoadBalancer" { 1.5 } else { 1.0 };
    let target = scope.dependence.targets(&service.entity()).into_iter().next().unwrap_or_else(|| service.entity());
    let reach = scope.dependence.reach(&target);
    let mend = format!(
        "once nobody outside needs it: {} --type=merge -p '{{\"spec\":{{\"type\":\"ClusterIP\"}}}}'",
        crate::scope::kubectl(&service.entity(), "patch")
    );
    out.push(Remark::new(&OPEN_STORE, target, &what, reach, evidence).mended_by(&mend).due(urgency));
}

fn plain(ingress: &Object, out: &mut Vec<Remark>) {
    // A cloud's load balancer ends TLS by annotation.
    const ENDS: &[&str] = &["certificate", "ssl", "tls", "cert-manager.io", "tailscale"];
    let elsewhere = ingress
        .at("metadata.annotations")
        .entries()
        .any(|(key, _)| !key.starts_with("kubectl.kubernetes.io/") && ENDS.iter().any(|end| key.contains(end)));
    let class = ingress.at("spec.ingressClassName").text();
    if ingress.at("spec.tls").list().is_empty() && !elsewhere && !class.contains("internal") {
        let host = ingress.at("spec.rules.0.host").as_str().unwrap_or("every host");
        let what = format!("no TLS for {host}");
        let evidence = ingress.cite(&format!("Ingress {}: spec.tls is not set", ingress.name));
        let reach = crate::reach::Reach { facing: true, ..crate::reach::Reach::ITSELF };
        out.push(Remark::new(&PLAIN_HTTP, ingress.entity(), &what, reach, evidence));
    }
}

fn written(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    for container in workload.all_containers() {
        let variables = container.get("env").list().iter();
        let plain = variables.filter(|v| is_secret(v.get("name").text(), v.get("value").text()));
        let names: Vec<&str> = plain.map(|v| v.get("name").text()).collect();
        let Some(name) = names.first() else { continue };
        let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
        let what = format!("container {}: the value of {name}{more} stands in the spec", container.get("name").text());
        out.push(workload.remark(&SECRET_IN_SPEC, workload.reach, &what));
        return;
    }
}

/// Whether a variable holds a secret itself: its name ends in what secrets are called, and its
/// value is neither a reference, a path, a switch nor a number.
fn is_secret(name: &str, value: &str) -> bool {
    const ENDS: &[&str] =
        &["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "ACCESS_KEY", "SECRET_KEY", "PRIVATE_KEY"];
    let upper = name.to_uppercase();
    let referred =
        value.contains("$(") || value.contains("${") || value.starts_with(['/', '.']) || value.contains("{{");
    let switch =
        matches!(value.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "none" | "null" | "disabled");
    ENDS.iter().any(|end| upper.ends_with(end))
        && mask::is_secret_key(name)
        && value.len() >= 4
        && !referred
        && !switch
        && value.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn only_values_of_secrets_are_meant() {
        assert!(is_secret("DB_PASSWORD", "tulip-4711"));
        for (name, value) in [
            ("DB_PASSWORD", "$(VAULT_PASSWORD)"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("REQUIRE_TOKEN", "true"),
            ("TOKEN_TTL", "3600s"),
            ("CACHE_KEY", "user"),
            ("DB_PASSWORD", ""),
        ] {
            assert!(!is_secret(name, value), "{name}");
        }
    }
}
