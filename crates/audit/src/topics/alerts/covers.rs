//! Which signals of trouble no alert watches.

use firstfault_gather::Object;

use super::{Alert, PRACTICE, cluster};
use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::Scope;

/// A signal that no alert watches.
const fn unwatched(code: &'static str, title: &'static str, modes: &'static [&'static str]) -> Check {
    Check {
        code,
        title,
        modes,
        share: 0.6,
        means: "A fault that shows in this signal is noticed by its users first.",
        mend: "Add an alert; `firstfault explain MODE` has one under Prevention.",
        reference: PRACTICE,
    }
}

pub(super) const TARGETS: Check = unwatched(
    "FF910",
    "no alert on targets that do not answer",
    &["container.crash-loop", "node.unreachable", "performance.requests-failing"],
);
pub(super) const RESTARTS: Check =
    unwatched("FF911", "no alert on containers that restart", &["container.crash-loop", "container.oom-killed"]);
pub(super) const FAILURES: Check = unwatched(
    "FF912",
    "no alert on failed requests",
    &["performance.requests-failing", "application.failing", "dependency.unreachable"],
);
pub(super) const MEMORY: Check =
    unwatched("FF913", "no alert on memory near its limit", &["container.oom-killed", "performance.memory-leak"]);
pub(super) const VOLUMES: Check = unwatched("FF914", "no alert on volumes that fill up", &["storage.volume-full"]);
pub(super) const NODES: Check =
    unwatched("FF915", "no alert on nodes that are not ready", &["node.kubelet-down", "node.unreachable"]);
pub(super) const CERTIFICATES: Check =
    unwatched("FF916", "no alert on certificates that expire", &["tls.certificate-expired"]);

/// A signal, how an alert on it can be told, and whether the world has what it is about.
struct Signal {
    name: &'static str,
    check: &'static Check,
    /// Parts of expressions; one of them is enough.
    words: &'static [&'static str],
    applies: fn(&Scope<'_>) -> bool,
    /// An alert to begin with.
    alert: &'static str,
}

fn always(_: &Scope<'_>) -> bool {
    true
}

fn has_servers(scope: &Scope<'_>) -> bool {
    scope.servers().next().is_some()
}

fn has_claims(scope: &Scope<'_>) -> bool {
    scope.world.kind("PersistentVolumeClaim").any(Object::is_live)
}

fn has_nodes(scope: &Scope<'_>) -> bool {
    scope.world.kind("Node").any(Object::is_live)
}

fn has_certificates(scope: &Scope<'_>) -> bool {
    scope.own("Ingress").any(|i| !i.at("spec.tls").list().is_empty()) || scope.own("Certificate").next().is_some()
}

fn has_facing(scope: &Scope<'_>) -> bool {
    scope.servers().any(|w| w.reach.facing)
}

const SIGNALS: &[Signal] = &[
    Signal {
        name: "targets that do not answer",
        check: &TARGETS,
        words: &["up", "absent(", "probe_success"],
        applies: always,
        alert: "up == 0 for 5 minutes",
    },
    Signal {
        name: "containers that restart",
        check: &RESTARTS,
        words: &[
            "_restarts",
            "crashloopbackoff",
            "waiting_reason",
            "replicas_unavailable",
            "replicas_available",
            "replicas_ready",
        ],
        applies: has_servers,
        alert: "increase(kube_pod_container_status_restarts_total[1h]) > 3",
    },
    Signal {
        name: "failed requests",
        check: &FAILURES,
        words: &["error", "fail", "5..", "\"5", "5xx", "status=", "code="],
        applies: has_facing,
        alert: "the share of 5xx answers above its budget, over 5 minutes and over an hour",
    },
    Signal {
        name: "memory near its limit",
        check: &MEMORY,
        words: &["memory", "_rss", "oom", "heap"],
        applies: has_servers,
        alert: "container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.9 for 5 minutes",
    },
    Signal {
        name: "volumes that fill up",
        check: &VOLUMES,
        words: &["kubelet_volume_stats", "filesystem", "disk", "volume"],
        applies: has_claims,
        alert: "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.15",
    },
    Signal {
        name: "nodes that are not ready",
        check: &NODES,
        words: &["kube_node_status_condition", "node_ready", "notready", "kubelet"],
        applies: has_nodes,
        alert: "kube_node_status_condition{condition=\"Ready\",status=\"true\"} == 0 for 5 minutes",
    },
    Signal {
        name: "certificates that expire",
        check: &CERTIFICATES,
        words: &["cert", "x509", "ssl_", "not_after", "expir"],
        applies: has_certificates,
        alert: "certmanager_certificate_expiration_timestamp_seconds - time() < 21 * 86400",
    },
];

pub(super) fn look(scope: &Scope<'_>, alerts: &[Alert<'_>], out: &mut Vec<Remark>) {
    let texts: Vec<String> = alerts.iter().map(|a| a.text.to_lowercase()).collect();
    let Some(first) = alerts.first() else { return };
    for signal in SIGNALS.iter().filter(|s| (s.applies)(scope)) {
        let watched = texts.iter().any(|text| signal.words.iter().any(|word| holds(text, word)));
        if watched {
            continue;
        }
        let what = format!("none of {} alerts watches {}", alerts.len(), signal.name);
        let evidence = first.object.cite(&what);
        let mend = format!("alert on {}", signal.alert);
        out.push(Remark::new(signal.check, cluster(), &what, Reach::ITSELF, evidence).mended_by(&mend));
    }
}

/// A word that is a whole name stands alone; others may be parts.
fn holds(text: &str, word: &str) -> bool {
    if word != "up" {
        return text.contains(word);
    }
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|part| part == "up" || part.ends_with("_up"))
}
