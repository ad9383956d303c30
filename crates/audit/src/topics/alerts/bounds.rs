//! Which values an expression can take, as far as its form and the names of metrics tell.

use firstfault_metrics::promql::{Expr, Operator, Selector};

/// The least and the greatest value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds(f64, f64);

const ANY: Bounds = Bounds(f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: Bounds = Bounds(0.0, f64::INFINITY);
const SHARE: Bounds = Bounds(0.0, 1.0);

/// What the condition of an alert comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A part that the alert needs is never true.
    Never,
    /// It is true whatever the value.
    Always,
    /// That depends, or cannot be told.
    Sometimes,
}

/// What the condition of an alert comes to.
pub(super) fn outcome(expr: &Expr) -> Outcome {
    match expr {
        Expr::Binary { operator, left, right, .. } => match operator {
            Operator::And => match (outcome(left), outcome(right)) {
                (Outcome::Never, _) | (_, Outcome::Never) => Outcome::Never,
                (Outcome::Always, Outcome::Always) => Outcome::Always,
                _ => Outcome::Sometimes,
            },
            Operator::Or => match (outcome(left), outcome(right)) {
                (Outcome::Never, Outcome::Never) => Outcome::Never,
                (Outcome::Always, _) | (_, Outcome::Always) => Outcome::Always,
                _ => Outcome::Sometimes,
            },
            Operator::Unless => never_or_sometimes(outcome(left)),
            compares if compares.compares() => compared(*operator, left, right),
            _ => Outcome::Sometimes,
        },
        Expr::Aggregate { of, .. } => never_or_sometimes(outcome(of)),
        _ => Outcome::Sometimes,
    }
}

/// What is left out may be why it is silent, but never why it fires.
fn never_or_sometimes(inner: Outcome) -> Outcome {
    if inner == Outcome::Never { Outcome::Never } else { Outcome::Sometimes }
}

fn compared(operator: Operator, left: &Expr, right: &Expr) -> Outcome {
    // A filter inside the left side already decides: `(up > 3) > 0`.
    if outcome(left) == Outcome::Never {
        return Outcome::Never;
    }
    // Two things that both vary are compared on purpose; numbers alone are a test rule's.
    if number(left).is_some() == number(right).is_some() {
        return Outcome::Sometimes;
    }
    let (Bounds(least, most), Bounds(low, high)) = (bounds(left), bounds(right));
    let (never, always) = match operator {
        Operator::Greater => (most <= low, least > high),
        Operator::GreaterEqual => (most < low, least >= high),
        Operator::Less => (least >= high, most < low),
        Operator::LessEqual => (least > high, most <= low),
        Operator::Equal => (most < low || least > high, false),
        Operator::NotEqual => (false, most < low || least > high),
        _ => (false, false),
    };
    match (never, always && !is_marker(left)) {
        (true, _) => Outcome::Never,
        (_, true) => Outcome::Always,
        _ => Outcome::Sometimes,
    }
}

/// What exists or not is the condition itself: `absent(x) == 1`, `count(x) > 0`.
fn is_marker(expr: &Expr) -> bool {
    match expr {
        Expr::Call(name, _) => matches!(name.as_str(), "absent" | "vector" | "time"),
        Expr::Aggregate { operator, .. } => operator == "count",
        _ => false,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Number(value) => Some(*value),
        Expr::Negative(of) => number(of).map(|v| -v),
        Expr::Binary { operator, left, right, .. } => {
            let (a, b) = (number(left)?, number(right)?);
            match operator {
                Operator::Add => Some(a + b),
                Operator::Subtract => Some(a - b),
                Operator::Multiply => Some(a * b),
                Operator::Divide => Some(a / b),
                _ => None,
            }
        }
        _ => None,
    }
}

fn bounds(expr: &Expr) -> Bounds {
    if let Some(value) = number(expr) {
        return Bounds(value, value);
    }
    match expr {
        Expr::Instant(selector) | Expr::Range(selector, _) => of_metric(selector),
        Expr::Negative(of) => {
            let Bounds(least, most) = bounds(of);
            Bounds(-most, -least)
        }
        Expr::Aggregate { operator, of, .. } => of_aggregate(operator, bounds(of)),
        Expr::Call(name, arguments) => of_call(name, arguments),
        Expr::Binary { operator, left, right, .. } => of_binary(*operator, left, right),
        Expr::Number(_) => ANY,
    }
}

/// What the name of a metric says by the conventions of Prometheus and of its exporters.
fn of_metric(selector: &Selector) -> Bounds {
    const FLAGS: &[&str] = &[
        "up",
        "probe_success",
        "kube_node_status_condition",
        "kube_pod_status_ready",
        "kube_pod_status_phase",
        "kube_pod_container_status_ready",
        "kube_pod_container_status_running",
        "kube_pod_container_status_waiting_reason",
        "kube_pod_container_status_last_terminated_reason",
        "kube_node_spec_unschedulable",
        "kube_persistentvolume_status_phase",
        "kube_persistentvolumeclaim_status_phase",
        "kube_deployment_status_condition",
        "node_filesystem_readonly",
        "node_timex_sync_status",
    ];
    const COUNTED: &[&str] =
        &["_total", "_count", "_bucket", "_bytes", "_replicas", "_restarts", "_ratio", "_timestamp_seconds"];
    match selector.name.as_deref() {
        None => ANY,
        Some(name) if FLAGS.contains(&name) || name.ends_with("_up") => SHARE,
        Some(name) if COUNTED.iter().any(|end| name.ends_with(end)) => POSITIVE,
        Some(_) => ANY,
    }
}

fn of_aggregate(operator: &str, inner: Bounds) -> Bounds {
    match operator {
        "avg" | "min" | "max" => inner,
        "sum" if inner.0 >= 0.0 => POSITIVE,
        "count" => Bounds(1.0, f64::INFINITY),
        _ => ANY,
    }
}

fn of_call(name: &str, arguments: &[Expr]) -> Bounds {
    let argument = |at: usize| arguments.get(at).map_or(ANY, bounds);
    let metric = || match arguments.first() {
        Some(Expr::Range(selector, _)) => selector.name.as_deref(),
        _ => None,
    };
    match name {
        // One CPU cannot be busier than all of a second; clocks make it no more than a little so.
        "rate" if metric() == Some("node_cpu_seconds_total") => Bounds(0.0, 1.1),
        "rate" | "increase" | "changes" | "time" | "abs" => POSITIVE,
        "count_over_time" => Bounds(1.0, f64::INFINITY),
        "absent" => Bounds(1.0, 1.0),
        "avg_over_time" | "min_over_time" | "max_over_time" | "last_over_time" | "vector" => argument(0),
        "sum_over_time" if argument(0).0 >= 0.0 => POSITIVE,
        "clamp_min" => Bounds(argument(0).0.max(argument(1).0), argument(0).1.max(argument(1).1)),
        "clamp_max" => Bounds(argument(0).0.min(argument(1).0), argument(0).1.min(argument(1).1)),
        _ => ANY,
    }
}

fn of_binary(operator: Operator, left: &Expr, right: &Expr) -> Bounds {
    let (a, b) = (bounds(left), bounds(right));
    let corners = |f: fn(f64, f64) -> f64| {
        let all = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
        if all.iter().any(|v| v.is_nan()) {
            return ANY;
        }
        Bounds(all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    match operator {
        Operator::Add => Bounds(a.0 + b.0, a.1 + b.1),
        Operator::Subtract => Bounds(a.0 - b.1, a.1 - b.0),
        // Zero times infinity is zero here: the bound is a limit that is never met.
        Operator::Multiply if number(left).is_some() || number(right).is_some() => {
            corners(|x, y| if x == 0.0 || y == 0.0 { 0.0 } else { x * y })
        }
        Operator::Multiply if a.0 >= 0.0 && b.0 >= 0.0 => POSITIVE,
        Operator::Divide if scaled_share(left, right).is_some() => {
            Bounds(0.0, scaled_share(left, right).unwrap_or(1.0))
        }
        Operator::Divide if number(right).is_some_and(|v| v != 0.0) => corners(|x, y| x / y),
        Operator::Divide if a.0 >= 0.0 && b.0 >= 0.0 => POSITIVE,
        Operator::Or => Bounds(a.0.min(b.0), a.1.max(b.1)),
        Operator::And | Operator::Unless => a,
        filters if filters.compares() => a,
        _ => ANY,
    }
}

/// The most that `100 * part / whole` can be, if it is that.
fn scaled_share(left: &Expr, right: &Expr) -> Option<f64> {
    let ((times, part), (by, whole)) = (factored(left), factored(right));
    let most = times / by;
    (most > 0.0 && most.is_finite() && is_part_of_whole(part, whole)).then_some(most)
}

/// A number and what it multiplies.
fn factored(expr: &Expr) -> (f64, &Expr) {
    match expr {
        Expr::Binary { operator: Operator::Multiply, left, right, .. } => match (number(left), number(right)) {
            (Some(factor), _) => (factor, right),
            (_, Some(factor)) => (factor, left),
            _ => (1.0, expr),
        },
        _ => (1.0, expr),
    }
}

/// Whether one side is certainly a part of the other: the same aggregation and function of the same
/// metric, with more label matchers above than below.
fn is_part_of_whole(part: &Expr, whole: &Expr) -> bool {
    match (part, whole) {
        (
            Expr::Aggregate { operator, grouping, of },
            Expr::Aggregate { operator: other, grouping: grouped, of: all },
        ) => {
            operator == other
                && grouping == grouped
                && matches!(operator.as_str(), "sum" | "count")
                && is_part_of_whole(of, all)
        }
        (Expr::Call(name, part), Expr::Call(other, whole)) => {
            let arguments = part.first().zip(whole.first());
            name == other
                && matches!(name.as_str(), "rate" | "increase")
                && arguments.is_some_and(|(p, w)| is_part_of_whole(p, w))
        }
        (Expr::Range(part, range), Expr::Range(whole, other)) => range == other && narrows(part, whole),
        (Expr::Instant(part), Expr::Instant(whole)) => {
            free_of_total(part, whole) || of_metric(part).0 >= 0.0 && narrows(part, whole)
        }
        _ => false,
    }
}

/// The same metric, and at least the same matchers.
fn narrows(part: &Selector, whole: &Selector) -> bool {
    let has = |m: &firstfault_metrics::promql::Matcher| {
        part.matchers.iter().any(|p| {
            (&p.label, &p.value, p.negated) == (&m.label, &m.value, m.negated) && p.is_pattern() == m.is_pattern()
        })
    };
    part.name.is_some() && part.name == whole.name && part.offset == whole.offset && whole.matchers.iter().all(has)
}

/// Free space of the size, available memory of all: pairs of exporters that everybody has.
fn free_of_total(part: &Selector, whole: &Selector) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        ("node_filesystem_free_bytes", "node_filesystem_size_bytes"),
        ("node_filesystem_files_free", "node_filesystem_files"),
        ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
        ("node_memory_MemFree_bytes", "node_memory_MemTotal_bytes"),
        ("kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"),
        ("kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes"),
    ];
    PAIRS.iter().any(|(p, w)| part.name.as_deref() == Some(p) && whole.name.as_deref() == Some(w))
}

/// The window, in seconds, of a condition that asks whether anything at all happened: `increase(x[5m]) > 0`.
pub(super) fn window_of_events(expr: &Expr) -> Option<f64> {
    let Expr::Binary { operator, left, right, .. } = expr else { return None };
    let once = match (operator, number(right)?) {
        (Operator::Greater, least) => (0.0..1.0).contains(&least),
        (Operator::GreaterEqual, least) => least > 0.0 && least <= 1.0,
        (Operator::NotEqual, none) => none == 0.0,
        _ => false,
    };
    happened(left).filter(|_| once)
}

/// The window of `increase` or `changes` of something that seldom happens: restarts, kills.
fn happened(expr: &Expr) -> Option<f64> {
    const SELDOM: &[&str] = &["restart", "oom", "start_time", "failover", "reload", "terminated", "evict"];
    match expr {
        Expr::Aggregate { of, .. } => happened(of),
        Expr::Call(name, arguments) if matches!(name.as_str(), "increase" | "changes") => match arguments.first() {
            Some(Expr::Range(selector, range)) => {
                let metric = selector.name.as_deref().unwrap_or_default();
                SELDOM.iter().any(|w| metric.contains(w)).then_some(*range as f64 / 1000.0)
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_metrics::promql::parse;

    fn says(text: &str) -> &'static str {
        match outcome(&parse(text).expect("a test's own expression")) {
            Outcome::Never => "never",
            Outcome::Always => "always",
            Outcome::Sometimes => "sometimes",
        }
    }

    #[test]
    fn thresholds_that_nothing_reaches_are_found() {
        for text in [
            "up == 2",
            "up{job=\"shop\"} < 0",
            "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 5",
            "100 * sum(rate(http_requests_total{code=\"500\"}[5m])) / sum(rate(http_requests_total[5m])) > 100",
            "node_filesystem_avail_bytes / node_filesystem_size_bytes > 1",
            "rate(http_requests_total[5m]) < 0",
            "(1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))) > 90",
            "avg_over_time(up[5m]) > 1",
            "kube_node_status_condition{condition=\"Ready\",status=\"true\"} == 0 and up > 1",
            "sum by (job) (up > 1) > 0",
            "kube_pod_container_status_restarts_total < 0",
        ] {
            assert_eq!(says(text), "never", "{text}");
        }
    }

    #[test]
    fn thresholds_in_another_unit_or_of_unknown_range_are_left_alone() {
        for text in [
            "up == 0",
            "sum(up) > 5",
            "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.05",
            "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > 90",
            "(1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))) * 100 > 90",
            "sum by (instance) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m])) > 6",
            // another metric below: retries may be more than requests
            "sum(rate(retries_total[5m])) / sum(rate(requests_total[5m])) > 2",
            // another grouping: a part of another whole
            "sum by (a) (rate(x_total{b=\"c\"}[5m])) / sum by (d) (rate(x_total[5m])) > 2",
            "predict_linear(node_filesystem_avail_bytes[6h], 86400) < 0",
            "temperature_celsius < 0",
            "deriv(x_bytes[5m]) < 0",
            "absent(up{job=\"shop\"}) == 1",
            "count(up == 0) > 0",
            "vector(1)",
            "vector(1) > 0",
            "time() - backup_timestamp_seconds > 86400",
            "x_total offset 5m > x_total",
        ] {
            assert_eq!(says(text), "sometimes", "{text}");
        }
    }

    #[test]
    fn conditions_that_every_value_meets_are_found() {
        assert_eq!(says("up >= 0"), "always");
        assert_eq!(says("rate(http_requests_total[5m]) > -1"), "always");
    }

    #[test]
    fn a_window_is_that_of_rare_events_only() {
        let window = |text: &str| window_of_events(&parse(text).expect("a test's own expression"));
        assert_eq!(window("increase(kube_pod_container_status_restarts_total[5m]) > 0"), Some(300.0));
        assert_eq!(window("increase(http_errors_total[5m]) > 0"), None);
        assert_eq!(window("increase(kube_pod_container_status_restarts_total[1h]) > 5"), None);
    }
}
