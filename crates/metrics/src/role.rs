//! What a metric measures, by its name: the conventions of Prometheus exporters, cAdvisor,
//! Istio, OpenTelemetry, CloudWatch, and of hand-made tables.

use crate::Role;

/// The words of a metric's name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let camel = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (!c.is_alphanumeric() || camel) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Words that names of metrics are made of, and names of services rarely end with.
const VOCABULARY: &[&str] = &[
    "cpu",
    "mem",
    "memory",
    "rss",
    "heap",
    "cfs",
    "throttled",
    "throttling",
    "rps",
    "qps",
    "tps",
    "throughput",
    "requests",
    "request",
    "success",
    "rate",
    "ratio",
    "error",
    "errors",
    "failure",
    "failures",
    "faults",
    "network",
    "net",
    "receive",
    "received",
    "transmit",
    "transmitted",
    "rx",
    "tx",
    "in",
    "out",
    "bytes",
    "packets",
    "latency",
    "duration",
    "response",
    "time",
    "rt",
    "tcp",
    "disk",
    "fs",
    "io",
    "read",
    "write",
    "reads",
    "writes",
    "usage",
    "used",
    "utilization",
    "util",
    "percent",
    "limit",
    "limits",
    "restarts",
    "connections",
    "conns",
    "gc",
    "seconds",
    "ms",
    "count",
    "total",
    "avg",
    "mean",
    "max",
    "min",
    "median",
    "sum",
    "working",
    "set",
    "cores",
    "core",
    "drops",
    "dropped",
    "load",
    "load1",
    "load5",
    "load15",
    "availability",
    "socket",
    "diskio",
    "workload",
    "quota",
    "per",
    "sec",
    "second",
    "node",
    "inbound",
    "outbound",
];

fn is_vocabulary(word: &str) -> bool {
    VOCABULARY.contains(&word)
        || is_quantile(word)
        || word.starts_with("retrans")
        || word == "retans"
        || word == "retran"
}

/// `p95`, `p95latency`, `90`, `99th`.
fn is_quantile(word: &str) -> bool {
    let rest = word.strip_prefix('p').unwrap_or(word);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number: u16 = rest[..digits].parse().unwrap_or(0);
    matches!(number, 50 | 75 | 90 | 95 | 99 | 999) && matches!(&rest[digits..], "" | "latency" | "th")
}

/// Splits a column such as `orders-db-0-cpu` or `front_p95latency` into the entity and its
/// metric: the metric is the longest end whose words are all words of metrics.
#[must_use]
pub fn split_column(column: &str) -> Option<(&str, &str)> {
    let joints = column.char_indices().filter(|(_, c)| matches!(c, '-' | '_' | '.' | ':' | '/' | '|' | ' '));
    for (at, joint) in joints {
        let (entity, metric) = (&column[..at], &column[at + joint.len_utf8()..]);
        let parts = words(metric);
        let leads = parts
            .first()
            .is_some_and(|first| !first.bytes().all(|b| b.is_ascii_digit()) && first != "in" && first != "node");
        if !entity.is_empty() && leads && parts.iter().all(|part| is_vocabulary(part)) && role_of(metric).is_some() {
            return Some((entity, metric));
        }
    }
    None
}

/// What a metric measures.
#[must_use]
pub fn role_of(name: &str) -> Option<Role> {
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let starts = |any: &[&str]| words.iter().any(|word| any.iter().any(|start| word.starts_with(start)));
    let bounds = has(&["limit", "limits", "quota", "capacity", "allocatable", "max"]);
    if has(&["bucket", "created", "request"]) && has(&["cpu", "memory"]) {
        return None;
    }
    if starts(&["throttl"]) || has(&["cfs"]) {
        return Some(if has(&["quota"]) { Role::CpuLimit } else { Role::CpuThrottled });
    }
    if has(&["cpu", "cores"]) || starts(&["cpu"]) {
        return Some(if bounds { Role::CpuLimit } else { Role::Cpu });
    }
    if starts(&["mem", "heap", "rss"]) {
        return Some(if bounds { Role::MemoryLimit } else { Role::Memory });
    }
    if starts(&["retrans", "retran"]) || (has(&["tcp"]) && starts(&["ret"])) {
        return Some(Role::Retransmits);
    }
    if (has(&["success"]) && (has(&["rate", "ratio", "percent"]) || words.len() == 1))
        || starts(&["availab", "successrate"])
    {
        return Some(Role::SuccessRate);
    }
    traffic(&words)
}

/// The roles of requests, networks and stores.
fn traffic(words: &[String]) -> Option<Role> {
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let starts = |any: &[&str]| words.iter().any(|word| any.iter().any(|start| word.starts_with(start)));
    if starts(&["error", "fail", "fault", "5xx", "exception"]) {
        return Some(Role::Errors);
    }
    if starts(&["restart"]) {
        return Some(Role::Restarts);
    }
    let timed = starts(&["latenc", "duration", "responsetime"])
        || (has(&["response", "request"]) && has(&["time"]))
        || has(&["rt"]);
    let quantile = words.iter().any(|word| word.starts_with('p') && is_quantile(word));
    if (timed && !has(&["count", "bucket"])) || quantile {
        return Some(Role::Latency);
    }
    if has(&["dropped", "drops", "discards", "discarded"]) {
        return Some(Role::Drops);
    }
    if has(&["disk", "fs", "filesystem", "volume", "diskio"]) {
        return Some(match () {
            () if has(&["io", "diskio"]) || starts(&["read", "writ"]) => Role::DiskIo,
            () if has(&["limit", "size", "capacity"]) => Role::DiskSize,
            () => Role::DiskUsed,
        });
    }
    if has(&["rps", "qps", "tps", "throughput", "requests", "workload", "invocations", "calls"])
        || has(&["request"])
        || timed
    {
        return Some(Role::Throughput);
    }
    if starts(&["receiv", "rx", "inbound", "ingress"]) || (has(&["net", "network"]) && has(&["in"])) {
        return Some(Role::NetworkIn);
    }
    if starts(&["transmit", "sent", "tx", "outbound", "egress"]) || (has(&["net", "network"]) && has(&["out"])) {
        return Some(Role::NetworkOut);
    }
    if has(&["network", "packets", "traffic"]) {
        return Some(Role::NetworkIn);
    }
    stores(words)
}

/// The roles of queues, caches, pools and hosts.
fn stores(words: &[String]) -> Option<Role> {
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    if has(&["queue", "lag", "backlog", "pending"]) {
        return Some(Role::Queue);
    }
    if has(&["connections", "conns", "connected", "threads"]) {
        return Some(Role::Connections);
    }
    if has(&["cache"]) && has(&["size", "entries", "items", "keys"]) {
        return Some(Role::CacheSize);
    }
    if has(&["gc"]) {
        return Some(Role::GarbageCollection);
    }
    if words.iter().any(|word| matches!(word.as_str(), "load" | "load1" | "load5" | "load15" | "loadavg")) {
        return Some(Role::Load);
    }
    (words.len() == 1 && words[0] == "up").then_some(Role::Up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_convention_have_their_role() {
        for (name, role) in [
            ("container_cpu_usage_seconds_total", Role::Cpu),
            ("container_cpu_cfs_throttled_periods_total", Role::CpuThrottled),
            ("container_spec_cpu_quota", Role::CpuLimit),
            ("container_memory_working_set_bytes", Role::Memory),
            ("container_spec_memory_limit_bytes", Role::MemoryLimit),
            ("CPUUtilization", Role::Cpu),
            ("istio_request_duration_milliseconds", Role::Latency),
            ("http_requests_total", Role::Throughput),
            ("p95latency", Role::Latency),
            ("Success Rate Drop", Role::SuccessRate),
            ("TCP Retransmission", Role::Retransmits),
            ("Network Drop Inbound", Role::NetworkIn),
            ("node_network_receive_drops", Role::Drops),
            ("node_netstat_Tcp_RetransSegs", Role::Retransmits),
            ("kube_pod_container_status_restarts_total", Role::Restarts),
        ] {
            assert_eq!(role_of(name), Some(role), "{name}");
        }
        assert_eq!(role_of("build_info"), None);
    }

    #[test]
    fn a_column_splits_before_the_longest_metric() {
        for (column, entity, metric) in [
            ("ledger-0-cpu", "ledger-0", "cpu"),
            ("pine-01-tcp_retrans", "pine-01", "tcp_retrans"),
            ("orders-db_network_receive", "orders-db", "network_receive"),
            ("front-p95latency", "front", "p95latency"),
            ("job-queue_latency-90", "job-queue", "latency-90"),
            ("web-cpu_cfs", "web", "cpu_cfs"),
            ("web-success_rate", "web", "success_rate"),
        ] {
            assert_eq!(split_column(column), Some((entity, metric)), "{column}");
        }
        assert_eq!(split_column("time"), None);
        assert_eq!(split_column("cpu"), None);
    }
}
