use std::collections::BTreeSet;

use firstfault_gather::{Object, World};
use firstfault_model::Value;

use super::Kind;
use crate::pod::{Container, pod_spec};
use crate::words::Logs;

/// What a probe asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Http,
    Https,
    Grpc,
    Tcp,
    Exec,
}

impl Method {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Grpc => "gRPC",
            Self::Tcp => "TCP",
            Self::Exec => "a command",
        }
    }
}

/// A probe of a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe<'a> {
    spec: &'a Value,
    pub(super) method: Method,
    /// The port's number, where it can be told.
    pub(super) port: Option<i64>,
    /// The port's name, if it names one.
    pub(super) named: &'a str,
}

impl<'a> Probe<'a> {
    /// The probe in one field of a container's spec.
    pub(super) fn of(spec: &'a Value, field: &str) -> Option<Self> {
        let probe = spec.get(field);
        let methods =
            [("httpGet", Method::Http), ("grpc", Method::Grpc), ("tcpSocket", Method::Tcp), ("exec", Method::Exec)];
        let (key, method) = methods.into_iter().find(|(key, _)| !probe.get(key).is_null())?;
        let port = probe.get(key).get("port");
        let https = probe.at("httpGet.scheme").text().eq_ignore_ascii_case("https");
        let named = if port.as_int().is_none() { port.text() } else { "" };
        let declared = spec.get("ports").list().iter().find(|p| !named.is_empty() && p.get("name").text() == named);
        Some(Self {
            spec: probe,
            method: if https { Method::Https } else { method },
            port: port.as_int().or_else(|| declared?.get("containerPort").as_int()),
            named,
        })
    }

    pub(super) fn path(&self) -> &'a str {
        self.spec.at("httpGet.path").text()
    }

    fn number(&self, field: &str, default: i64) -> i64 {
        self.spec.get(field).as_int().unwrap_or(default)
    }

    pub(super) fn timeout(&self) -> i64 {
        self.number("timeoutSeconds", 1)
    }

    pub(super) fn period(&self) -> i64 {
        self.number("periodSeconds", 10)
    }

    pub(super) fn failures(&self) -> i64 {
        self.number("failureThreshold", 3)
    }

    /// The seconds that a container has before a probe that never succeeds gives up.
    pub(super) fn allowance(&self) -> i64 {
        self.number("initialDelaySeconds", 0) + self.period() * self.failures()
    }

    /// Whether another program answers it: the agent of a service mesh took it over.
    pub(super) fn is_rewritten(&self) -> bool {
        self.path().starts_with("/app-health/") || matches!(self.port, Some(15020 | 15021 | 4191))
    }

    pub(super) fn show(&self, field: &str) -> String {
        let port = self.port.map_or_else(|| self.named.to_owned(), |port| port.to_string());
        format!(
            "{field}: {} {port}{} delay={}s timeout={}s period={}s failure={}",
            self.method.word(),
            self.path(),
            self.number("initialDelaySeconds", 0),
            self.timeout(),
            self.period(),
            self.failures()
        )
    }
}

/// The container's spec with its probes: the pod's own, else that of its workload's template.
pub(super) fn spec_of<'a>(
    world: &'a World,
    pod: &'a Object,
    container: &Container<'a>,
    kind: Kind,
) -> Option<&'a Value> {
    if !container.spec.get(kind.field).is_null() {
        return Some(container.spec);
    }
    let workload = world.object_of(&world.carrier(pod))?;
    let of_template = pod_spec(workload).get("containers").list();
    of_template.iter().find(|c| c.get("name").text() == container.name && !c.get(kind.field).is_null())
}

/// Environment variables that usually say where a server listens.
const PORT_VARIABLES: &[&str] = &["PORT", "SERVER_PORT", "HTTP_PORT", "GRPC_PORT", "LISTEN_PORT", "APP_PORT"];

/// The ports that the container is known to serve.
pub(super) fn served_ports(spec: &Value, others: &[Probe<'_>]) -> BTreeSet<i64> {
    let mut ports: BTreeSet<i64> =
        spec.get("ports").list().iter().filter_map(|p| p.get("containerPort").as_int()).collect();
    for env in spec.get("env").list().iter().filter(|e| PORT_VARIABLES.contains(&e.get("name").text())) {
        ports.extend(env.get("value").as_int());
    }
    ports.extend(others.iter().filter_map(|probe| probe.port));
    ports
}

/// The ports that the application says it listens on.
pub(super) fn listening(world: &World, pod: &Object, container: &str, logs: &Logs<'_>) -> BTreeSet<i64> {
    let carrier = world.carrier(pod);
    let mut ports = BTreeSet::new();
    for words in logs.about(&carrier, container).flat_map(|log| &log.digest.last_words) {
        let text = words.text.as_str().to_lowercase();
        let starts = [
            "listening",
            "listen on",
            "to listen",
            "started on port",
            "serving on",
            "server running on",
            "on port",
            "on http",
        ];
        if starts.iter().any(|s| text.contains(s)) && !text.contains("fail") && !text.contains("in use") {
            let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|n| (2..=5).contains(&n.len()));
            ports.extend(numbers.filter_map(|n| n.parse::<i64>().ok()).filter(|n| (80..65536).contains(n)));
        }
    }
    ports
}
