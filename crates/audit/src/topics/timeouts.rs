//! Waiting without end, and trying again without end.

use firstfault_gather::Object;
use firstfault_model::Value;

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Scope, Workload};

const CASCADES: &str = "https://sre.google/sre-book/addressing-cascading-failures/";

const NO_TIMEOUT: Check = Check {
    code: "FF1301",
    title: "a timeout that is switched off",
    modes: &["performance.connection-pool-exhausted", "network.delay", "dependency.unreachable"],
    share: 0.6,
    means: "When what it calls no longer answers, each request waits for ever, until threads and connections are used up here as well.",
    mend: "Set a timeout a little above the slowest usual answer.",
    reference: CASCADES,
};

const ENDLESS_RETRIES: Check = Check {
    code: "FF1302",
    title: "retries without an end",
    modes: &["performance.request-surge", "performance.connection-pool-exhausted"],
    share: 0.6,
    means: "When what it calls is weak, it is asked many times for each request, and cannot come back.",
    mend: "Retry two or three times at most, with growing pauses and a budget.",
    reference: CASCADES,
};

const ENDLESS_RUN: Check = Check {
    code: "FF1303",
    title: "a scheduled job that may run for ever",
    modes: &["job.run-still-active", "job.schedule-missed"],
    share: 0.7,
    means: "A run that hangs is never ended: with concurrencyPolicy Forbid no later one starts, with Allow they pile up.",
    mend: "Set activeDeadlineSeconds in spec.jobTemplate.spec, above the longest usual run.",
    reference: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
};

const RETRIES_WITHOUT_TIMEOUT: Check = Check {
    code: "FF1304",
    title: "a route that retries without a timeout",
    modes: &["performance.request-surge", "network.delay"],
    share: 0.4,
    means: "Each try may wait for ever, and each waiting request holds the caller's connection.",
    mend: "Set timeout on the route, and perTryTimeout below it.",
    reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry",
};

pub(crate) const CHECKS: &[&Check] = &[&NO_TIMEOUT, &ENDLESS_RETRIES, &ENDLESS_RUN, &RETRIES_WITHOUT_TIMEOUT];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in &scope.workloads {
        settings(scope, workload, out);
        schedule(workload, out);
    }
    for route in scope.own("VirtualService") {
        retries(scope, route, out);
    }
}

/// A setting and where it stands.
struct Setting<'a> {
    name: &'a str,
    value: &'a str,
    object: &'a Object,
}

fn settings(scope: &Scope<'_>, workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let mut settings: Vec<Setting<'_>> = Vec::new();
    for variable in workload.all_containers().flat_map(|c| c.get("env").list()) {
        let (name, value) = (variable.get("name").text(), variable.get("value").text());
        settings.push(Setting { name, value, object: workload.object });
    }
    for map in scope.reads.get(&workload.entity).into_iter().flatten() {
        settings.extend(map.at("data").entries().flat_map(|(key, text)| lines(key, text.text(), map)));
    }
    for (check, is_wrong) in [(&NO_TIMEOUT, is_no_timeout as fn(&str, &str) -> bool), (&ENDLESS_RETRIES, is_endless)] {
        if let Some(setting) = settings.iter().find(|s| is_wrong(s.name, s.value)) {
            let place = match &*setting.object.kind {
                "ConfigMap" => format!(" in ConfigMap {}", setting.object.name),
                _ => String::new(),
            };
            let what = format!("{}={}{place}", setting.name, setting.value);
            let evidence = setting.object.cite(&format!("{}={}", setting.name, setting.value));
            out.push(Remark::new(check, workload.entity.clone(), &what, workload.reach, evidence));
        }
    }
}

/// A value is one setting, or a file of `name = value` and `name: value` lines.
fn lines<'a>(key: &'a str, text: &'a str, object: &'a Object) -> Vec<Setting<'a>> {
    const MOST: usize = 2000;
    if !text.contains('\n') {
        return vec![Setting { name: key, value: text.trim(), object }];
    }
    let settings = text.lines().take(MOST).filter_map(|line| {
        let line = line.trim();
        let (name, value) = line.split_once(['=', ':'])?;
        let plain = !line.starts_with(['#', ';', '/', '<', '-']);
        plain.then(|| Setting {
            name: name.trim(),
            value: value.trim().trim_matches(['"', '\'', ',', ';']).trim(),
            object,
        })
    });
    settings.collect()
}

/// The words of a setting's name: `READ_TIMEOUT_MS`, `readTimeout`, `read.timeout`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars().take(120) {
        let starts = !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
        if starts || words.is_empty() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A timeout of requests, reads, connections or statements whose value means "none". Timeouts of
/// idleness and of sessions are another thing, and often rightly off.
fn is_no_timeout(name: &str, value: &str) -> bool {
    const ABOUT: &[&str] = &[
        "request",
        "read",
        "write",
        "connect",
        "connection",
        "response",
        "statement",
        "query",
        "call",
        "client",
        "http",
        "grpc",
        "upstream",
        "socket",
        "rpc",
    ];
    const NOT: &[&str] = &["idle", "session", "keepalive", "transaction", "cache", "lock", "shutdown", "stream"];
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    let times = words.last().is_some_and(|w| matches!(w.as_str(), "timeout" | "deadline"))
        || has(&["timeout"])
            && words.last().is_some_and(|w| matches!(w.as_str(), "ms" | "seconds" | "millis" | "sec" | "s"));
    let off = matches!(
        value.to_lowercase().as_str(),
        "0" | "0s" | "0ms" | "-1" | "none" | "infinite" | "infinity" | "never" | "off" | "disabled"
    );
    times && off && has(ABOUT) && !has(NOT)
}

/// A number of tries that has no end.
fn is_endless(name: &str, value: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    let counts = matches!(last, "retries" | "attempts")
        || matches!(last, "max" | "limit" | "count")
            && words.iter().any(|w| matches!(w.as_str(), "retry" | "retries" | "attempts"));
    // What takes from a queue or connects at its start may try for ever.
    let patient = words
        .iter()
        .any(|w| matches!(w.as_str(), "reconnect" | "reconnection" | "startup" | "consumer" | "producer" | "election"));
    counts
        && !patient
        && matches!(
            value.to_lowercase().as_str(),
            "-1" | "infinite" | "infinity" | "unlimited" | "forever" | "2147483647"
        )
}

fn schedule(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    if workload.object.kind != "CronJob" || workload.object.at("spec.suspend").as_bool() == Some(true) {
        return;
    }
    let bounded = [workload.object.at("spec.jobTemplate.spec"), workload.spec]
        .iter()
        .any(|s| !s.get("activeDeadlineSeconds").is_null());
    let policy = workload.object.at("spec.concurrencyPolicy").as_str().unwrap_or("Allow");
    // With Replace the next run ends the one before.
    if !bounded && policy != "Replace" {
        let what = format!("no activeDeadlineSeconds, concurrencyPolicy {policy}");
        out.push(workload.remark(&ENDLESS_RUN, Reach::ITSELF, &what));
    }
}

fn retries(scope: &Scope<'_>, route: &Object, out: &mut Vec<Remark>) {
    if !route.has_spec() {
        return;
    }
    let tries = |http: &Value| http.at("retries.attempts").as_int().unwrap_or(0);
    let waits =
        |http: &&Value| tries(http) > 0 && http.get("timeout").is_null() && http.at("retries.perTryTimeout").is_null();
    let Some(http) = route.at("spec.http").list().iter().find(waits) else { return };
    let host = http.at("route.0.destination.host").text();
    let what = format!("{} retries to {host}, no timeout and no perTryTimeout", tries(http));
    let service = scope.world.service_of_address(host, route.namespace.as_deref()).map(Object::entity);
    let target = service.and_then(|s| scope.dependence.targets(&s).into_iter().next());
    let reach = target.map_or(Reach::ITSELF, |t| scope.dependence.reach(&t));
    let evidence = route.cite(&format!("VirtualService {}: {what}", route.name));
    out.push(Remark::new(&RETRIES_WITHOUT_TIMEOUT, route.entity(), &what, reach, evidence));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_that_are_off_are_told_from_those_that_may_be() {
        for (name, value) in [
            ("READ_TIMEOUT", "0"),
            ("http.client.timeout", "none"),
            ("requestTimeoutMs", "-1"),
            ("UPSTREAM_TIMEOUT", "0s"),
        ] {
            assert!(is_no_timeout(name, value), "{name}");
        }
        for (name, value) in [
            ("READ_TIMEOUT", "30"),
            ("IDLE_TIMEOUT", "0"),
            ("session.timeout", "0"),
            ("TIMEOUT_ERRORS_MAX", "0"),
            ("READ_ONLY", "0"),
        ] {
            assert!(!is_no_timeout(name, value), "{name}");
        }
    }

    #[test]
    fn retries_without_end_are_told_from_many() {
        for (name, value) in [("MAX_RETRIES", "-1"), ("retry.max", "infinite"), ("HTTP_RETRIES", "unlimited")] {
            assert!(is_endless(name, value), "{name}");
        }
        for (name, value) in [("MAX_RETRIES", "3"), ("RECONNECT_MAX_RETRIES", "-1"), ("RETRY_BACKOFF", "-1")] {
            assert!(!is_endless(name, value), "{name}");
        }
    }
}
