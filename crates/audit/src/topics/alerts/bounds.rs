//! Which values an expression can take, as far as its form and the names of metrics tell.

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{AggregateExpr, BinaryExpr, Call, Expr, VectorSelector};

/// The least and the greatest value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds(f64, f64);

const ANY: Bounds = Bounds(f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: Bounds = Bounds(0.0, f64::INFINITY);
const SHARE: Bounds = Bounds(0.0, 1.0);

/// What the condition of an alert comes to.
pub(super) enum Outcome<'a> {
    /// This part is never true, and the alert needs it.
    Never(&'a Expr),
    /// It is true whatever the value.
    Always(&'a Expr),
    /// That depends, or cannot be told.
    Sometimes,
}

/// What the condition of an alert comes to.
pub(super) fn outcome(expr: &Expr) -> Outcome<'_> {
    match expr {
        Expr::Paren(inner) => outcome(&inner.expr),
        Expr::Binary(binary) => match binary.op.to_string().as_str() {
            "and" => match (outcome(&binary.lhs), outcome(&binary.rhs)) {
                (Outcome::Never(part), _) | (_, Outcome::Never(part)) => Outcome::Never(part),
                (Outcome::Always(_), Outcome::Always(_)) => Outcome::Always(expr),
                _ => Outcome::Sometimes,
            },
            "or" => match (outcome(&binary.lhs), outcome(&binary.rhs)) {
                (Outcome::Never(part), Outcome::Never(_)) => Outcome::Never(part),
                (Outcome::Always(part), _) | (_, Outcome::Always(part)) => Outcome::Always(part),
                _ => Outcome::Sometimes,
            },
            "unless" => match outcome(&binary.lhs) {
                Outcome::Never(part) => Outcome::Never(part),
                _ => Outcome::Sometimes,
            },
            op if binary.op.is_comparison_operator() => compared(expr, binary, op),
            _ => Outcome::Sometimes,
        },
        Expr::Aggregate(aggregate) => match outcome(&aggregate.expr) {
            Outcome::Never(part) => Outcome::Never(part),
            _ => Outcome::Sometimes,
        },
        _ => Outcome::Sometimes,
    }
}

fn compared<'a>(expr: &'a Expr, binary: &'a BinaryExpr, op: &str) -> Outcome<'a> {
    // With `bool` the result is a number and not a condition.
    if binary.modifier.as_ref().is_some_and(|m| m.return_bool) {
        return Outcome::Sometimes;
    }
    // A filter inside the left side already decides: `(up > 3) > 0`.
    if let Outcome::Never(part) = outcome(&binary.lhs) {
        return Outcome::Never(part);
    }
    let (left, right) = (bounds(&binary.lhs), bounds(&binary.rhs));
    let constant = |e: &Expr| number(e).is_some();
    // Two things that both vary are compared on purpose; numbers alone are a test rule's.
    if constant(&binary.lhs) == constant(&binary.rhs) {
        return Outcome::Sometimes;
    }
    let (Bounds(least, most), Bounds(low, high)) = (left, right);
    let (never, always) = match op {
        ">" => (most <= low, least > high),
        ">=" => (most < low, least >= high),
        "<" => (least >= high, most < low),
        "<=" => (least > high, most <= low),
        "==" => (most < low || least > high, false),
        "!=" => (false, most < low || least > high),
        _ => (false, false),
    };
    match (never, always && !is_marker(&binary.lhs)) {
        (true, _) => Outcome::Never(expr),
        (_, true) => Outcome::Always(expr),
        _ => Outcome::Sometimes,
    }
}

/// What exists or not is the condition itself: `absent(x) == 1`, `count(x) > 0`.
fn is_marker(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_marker(&inner.expr),
        Expr::Call(call) => call.func.name.starts_with("absent") || matches!(call.func.name, "vector" | "time"),
        Expr::Aggregate(aggregate) => matches!(aggregate.op.to_string().as_str(), "count" | "group"),
        _ => false,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(literal) => Some(literal.val),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Unary(unary) => number(&unary.expr).map(|v| -v),
        Expr::Binary(binary) if !binary.op.is_comparison_operator() => {
            let (a, b) = (number(&binary.lhs)?, number(&binary.rhs)?);
            match binary.op.to_string().as_str() {
                "+" => Some(a + b),
                "-" => Some(a - b),
                "*" => Some(a * b),
                "/" => Some(a / b),
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
        Expr::Paren(inner) => bounds(&inner.expr),
        Expr::VectorSelector(selector) => of_metric(selector),
        Expr::MatrixSelector(matrix) => of_metric(&matrix.vs),
        Expr::Subquery(subquery) => bounds(&subquery.expr),
        Expr::Unary(unary) => {
            let Bounds(least, most) = bounds(&unary.expr);
            Bounds(-most, -least)
        }
        Expr::Aggregate(aggregate) => of_aggregate(aggregate),
        Expr::Call(call) => of_call(call),
        Expr::Binary(binary) => of_binary(binary),
        _ => ANY,
    }
}

/// What the name of a metric says by the conventions of Prometheus and of its exporters.
fn of_metric(selector: &VectorSelector) -> Bounds {
    let Some(name) = name_of(selector) else { return ANY };
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
    let flag = FLAGS.contains(&name) || name.ends_with("_up") && name != "kube_up" || name.ends_with("_info");
    let counted = ["_total", "_count", "_bucket", "_bytes", "_replicas", "_restarts"].iter().any(|end| name.ends_with(end));
    match () {
        () if flag => SHARE,
        () if counted || name.ends_with("_timestamp_seconds") => POSITIVE,
        () if name.ends_with("_ratio") => POSITIVE,
        () => ANY,
    }
}

fn name_of(selector: &VectorSelector) -> Option<&str> {
    let matched = || {
        selector.matchers.matchers.iter().find(|m| m.name == "__name__" && m.op == MatchOp::Equal).map(|m| m.value.as_str())
    };
    selector.name.as_deref().or_else(matched)
}

fn of_aggregate(aggregate: &AggregateExpr) -> Bounds {
    let inner = bounds(&aggregate.expr);
    match aggregate.op.to_string().as_str() {
        "avg" | "min" | "max" | "quantile" | "topk" | "bottomk" | "limitk" => inner,
        "sum" => Bounds(if inner.0 >= 0.0 { 0.0 } else { f64::NEG_INFINITY }, if inner.1 <= 0.0 { 0.0 } else { f64::INFINITY }),
        "count" | "group" => Bounds(1.0, f64::INFINITY),
        "stddev" | "stdvar" => POSITIVE,
        _ => ANY,
    }
}

fn of_call(call: &Call) -> Bounds {
    let argument = |at: usize| call.args.args.get(at).map_or(ANY, |arg| bounds(arg));
    match call.func.name {
        // One CPU cannot be busier than all of a second; clocks make it no more than a little so.
        "rate" | "irate" if selects(call, "node_cpu_seconds_total") => Bounds(0.0, 1.1),
        "rate" | "irate" | "increase" | "changes" | "resets" | "time" | "timestamp" | "abs" | "sqrt" | "exp" => POSITIVE,
        "count_over_time" | "present_over_time" => Bounds(1.0, f64::INFINITY),
        "absent" | "absent_over_time" => Bounds(1.0, 1.0),
        "avg_over_time" | "min_over_time" | "max_over_time" | "last_over_time" | "sort" | "sort_desc" => argument(0),
        "quantile_over_time" => argument(1),
        "sum_over_time" => if argument(0).0 >= 0.0 { POSITIVE } else { ANY },
        "scalar" | "vector" | "label_replace" | "label_join" | "ceil" | "floor" | "round" => {
            let Bounds(least, most) = argument(0);
            Bounds(least.floor(), most.ceil())
        }
        "clamp_min" => {
            let (inner, least) = (argument(0), argument(1));
            Bounds(inner.0.max(least.0), inner.1.max(least.1))
        }
        "clamp_max" => {
            let (inner, most) = (argument(0), argument(1));
            Bounds(inner.0.min(most.0), inner.1.min(most.1))
        }
        _ => ANY,
    }
}

fn selects(call: &Call, metric: &str) -> bool {
    matches!(call.args.args.first().map(|a| &**a), Some(Expr::MatrixSelector(m)) if name_of(&m.vs) == Some(metric))
}

fn of_binary(binary: &BinaryExpr) -> Bounds {
    let (a, b) = (bounds(&binary.lhs), bounds(&binary.rhs));
    let corners = |f: fn(f64, f64) -> f64| {
        let all = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
        if all.iter().any(|v| v.is_nan()) {
            return ANY;
        }
        Bounds(all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    match binary.op.to_string().as_str() {
        "+" => Bounds(a.0 + b.0, a.1 + b.1),
        "-" => Bounds(a.0 - b.1, a.1 - b.0),
        "*" if number(&binary.lhs).is_some() || number(&binary.rhs).is_some() => {
            // Zero times infinity is zero here: the bound is a limit that is never met.
            let f = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
            corners(f)
        }
        "*" if a.0 >= 0.0 && b.0 >= 0.0 => POSITIVE,
        "/" if is_part_of_whole(&binary.lhs, &binary.rhs) => SHARE,
        "/" if number(&binary.rhs).is_some_and(|v| v != 0.0) => corners(|x, y| x / y),
        "/" if a.0 >= 0.0 && b.0 >= 0.0 => POSITIVE,
        op if binary.op.is_comparison_operator() && !binary.modifier.as_ref().is_some_and(|m| m.return_bool) && op != "!=" => a,
        _ if binary.op.is_comparison_operator() => SHARE,
        "or" => Bounds(a.0.min(b.0), a.1.max(b.1)),
        "and" | "unless" => a,
        _ => ANY,
    }
}

/// Whether one side is certainly a part of the other: the same aggregation and function of the same
/// metric, with more label matchers above than below.
fn is_part_of_whole(part: &Expr, whole: &Expr) -> bool {
    match (part, whole) {
        (Expr::Paren(part), whole) => is_part_of_whole(&part.expr, whole),
        (part, Expr::Paren(whole)) => is_part_of_whole(part, &whole.expr),
        (Expr::Aggregate(part), Expr::Aggregate(whole)) => {
            let same = part.op == whole.op && part.modifier == whole.modifier;
            same && matches!(part.op.to_string().as_str(), "sum" | "count") && is_part_of_whole(&part.expr, &whole.expr)
        }
        (Expr::Call(part), Expr::Call(whole)) => {
            let counts = matches!(part.func.name, "rate" | "irate" | "increase");
            let arguments = part.args.args.first().zip(whole.args.args.first());
            counts && part.func.name == whole.func.name && arguments.is_some_and(|(p, w)| is_part_of_whole(p, w))
        }
        (Expr::MatrixSelector(part), Expr::MatrixSelector(whole)) => {
            part.range == whole.range && narrows(&part.vs, &whole.vs)
        }
        (Expr::VectorSelector(part), Expr::VectorSelector(whole)) => {
            free_of_total(part, whole) || of_metric(part).0 >= 0.0 && narrows(part, whole)
        }
        _ => false,
    }
}

/// The same metric, and at least the same matchers.
fn narrows(part: &VectorSelector, whole: &VectorSelector) -> bool {
    let matchers = |m: &Matchers| m.matchers.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (above, below) = (matchers(&part.matchers), matchers(&whole.matchers));
    name_of(part).is_some() && name_of(part) == name_of(whole) && below.iter().all(|m| above.contains(m))
}

/// Free space of the size, available memory of all: pairs of exporters that everybody has.
fn free_of_total(part: &VectorSelector, whole: &VectorSelector) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        ("node_filesystem_free_bytes", "node_filesystem_size_bytes"),
        ("node_filesystem_files_free", "node_filesystem_files"),
        ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
        ("node_memory_MemFree_bytes", "node_memory_MemTotal_bytes"),
        ("kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"),
        ("kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes"),
    ];
    PAIRS.iter().any(|(p, w)| name_of(part) == Some(p) && name_of(whole) == Some(w))
}

/// The window, in seconds, of a condition that asks whether anything at all happened: `increase(x[5m]) > 0`.
pub(super) fn window_of_events(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Paren(inner) => window_of_events(&inner.expr),
        Expr::Binary(binary) if matches!(binary.op.to_string().as_str(), ">" | ">=" | "!=") => {
            let rare = number(&binary.rhs).filter(|v| (0.0..=1.0).contains(v))?;
            let window = happened(&binary.lhs)?;
            (binary.op.to_string() == ">" && rare < 1.0 || rare == 1.0 || rare == 0.0).then_some(window)
        }
        _ => None,
    }
}

/// The window of `increase`, `changes` or `resets` of something that seldom happens: restarts, kills.
fn happened(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Paren(inner) => happened(&inner.expr),
        Expr::Aggregate(aggregate) => happened(&aggregate.expr),
        Expr::Call(call) if matches!(call.func.name, "increase" | "changes" | "resets") => match call.args.args.first().map(|a| &**a) {
            Some(Expr::MatrixSelector(matrix)) => {
                let name = name_of(&matrix.vs).unwrap_or_default();
                let seldom = ["restart", "oom", "start_time", "failover", "reload", "terminated", "evict"].iter().any(|w| name.contains(w));
                seldom.then_some(matrix.range.as_secs_f64())
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql_parser::parser::parse;

    fn says(text: &str) -> &'static str {
        match outcome(&parse(text).expect("a test's own expression")) {
            Outcome::Never(_) => "never",
            Outcome::Always(_) => "always",
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
            "(up == bool 0) > 0",
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
