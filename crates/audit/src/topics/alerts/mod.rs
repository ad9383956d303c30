//! Alerts: those that can never fire, those that always do, and what none of them watches.

mod bounds;
mod covers;
mod metrics;

use firstfault_gather::Object;
use firstfault_metrics::promql::{Expr, parse};
use firstfault_model::{Entity, kind};

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Listing, Scope};
use bounds::Outcome;

const RULES: &str = "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/";
const PRACTICE: &str = "https://prometheus.io/docs/practices/alerting/";

const UNKNOWN_METRIC: Check = Check {
    code: "FF901",
    title: "an alert on a metric that does not exist",
    modes: &["performance.requests-failing", "container.crash-loop", "performance.memory-leak"],
    share: 0.6,
    means: "Its expression selects nothing, so it never fires, and nobody is told that it cannot.",
    mend: "Correct the name, or delete the alert; promtool and absent() find such names.",
    reference: RULES,
};

const IMPOSSIBLE: Check = Check {
    code: "FF902",
    title: "an alert whose threshold cannot be reached",
    modes: &["performance.requests-failing", "container.crash-loop", "performance.memory-leak"],
    share: 0.7,
    means: "No value that its expression can take meets the condition: it never fires, whatever happens.",
    mend: "Correct the threshold to the unit of the expression.",
    reference: RULES,
};

const ALWAYS: Check = Check {
    code: "FF903",
    title: "an alert that always fires",
    modes: &["performance.requests-failing"],
    share: 0.6,
    means: "Every value that its expression can take meets the condition; people learn not to look at it.",
    mend: "Correct the threshold.",
    reference: PRACTICE,
};

const OUTLASTS: Check = Check {
    code: "FF904",
    title: "an alert that waits longer than it can see",
    modes: &["container.crash-loop", "container.oom-killed"],
    share: 0.3,
    means: "Its window forgets an event before `for` is over, so that one or a few events never fire it.",
    mend: "Widen the window beyond `for`, or shorten `for`.",
    reference: RULES,
};

pub(crate) const CHECKS: &[&Check] = &[
    &UNKNOWN_METRIC,
    &IMPOSSIBLE,
    &ALWAYS,
    &OUTLASTS,
    &covers::TARGETS,
    &covers::RESTARTS,
    &covers::FAILURES,
    &covers::MEMORY,
    &covers::VOLUMES,
    &covers::NODES,
    &covers::CERTIFICATES,
];

/// Expressions are read up to this many characters.
const LONGEST: usize = 8 << 10;

/// An alerting rule.
pub(super) struct Alert<'a> {
    pub(super) object: &'a Object,
    pub(super) name: &'a str,
    pub(super) text: String,
    /// What it says, where it is written in the part of PromQL that is read here.
    pub(super) expr: Option<Expr>,
    /// Seconds that it has to hold before it fires.
    pub(super) holds: f64,
}

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let mut alerts = Vec::new();
    let mut recorded = Vec::new();
    for object in ["PrometheusRule", "rule-file"].into_iter().flat_map(|kind| scope.world.kind(kind)) {
        let rules = object.at("spec.groups").list().iter().flat_map(|g| g.get("rules").list());
        for rule in rules {
            recorded.extend(rule.get("record").as_str());
            let (Some(name), text) = (rule.get("alert").as_str(), rule.get("expr").show()) else { continue };
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
            let expr = parse(&text).ok();
            alerts.push(Alert { object, name, text, expr, holds: seconds(rule.get("for").text()) });
        }
    }
    for alert in &alerts {
        if let Some(expr) = &alert.expr {
            judge(alert, expr, out);
        }
    }
    metrics::look(scope, &alerts, &recorded, out);
    let namespaces_known =
        scope.listing("PrometheusRule", None) != Listing::Unknown || scope.world.coverage.complete("rule-file", None);
    let from_files = scope.world.kind("rule-file").next().is_some();
    if !alerts.is_empty() && (namespaces_known || from_files) {
        covers::look(scope, &alerts, out);
    }
}

/// `1h30m`, `5m`, `90s`, in seconds.
fn seconds(text: &str) -> f64 {
    let mut total = 0.0;
    let mut number = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let value: f64 = number.parse().unwrap_or(0.0);
        number.clear();
        let milli = c == 'm' && letters.next_if_eq(&'s').is_some();
        total += value
            * match c {
                _ if milli => 0.001,
                's' => 1.0,
                'm' => 60.0,
                'h' => 3600.0,
                'd' => 86_400.0,
                'w' => 604_800.0,
                'y' => 31_536_000.0,
                _ => 0.0,
            };
    }
    total
}

fn remark(check: &'static Check, object: &Object, alert: &str, what: &str) -> Remark {
    let evidence = object.cite(&format!("alert {alert}: {what}"));
    Remark::new(check, object.entity(), &format!("{alert}: {what}"), Reach::ITSELF, evidence)
}

fn judge(alert: &Alert<'_>, expr: &Expr, out: &mut Vec<Remark>) {
    let shown: String = alert.text.chars().take(160).collect();
    match bounds::outcome(expr) {
        Outcome::Never => out.push(remark(&IMPOSSIBLE, alert.object, alert.name, &format!("`{shown}` is never true"))),
        Outcome::Always => out.push(remark(&ALWAYS, alert.object, alert.name, &format!("`{shown}` is always true"))),
        Outcome::Sometimes => {
            if let Some(window) = bounds::window_of_events(expr).filter(|w| *w < alert.holds) {
                let what = format!("it sees {window:.0} s back, and has to hold for {:.0} s", alert.holds);
                out.push(remark(&OUTLASTS, alert.object, alert.name, &what));
            }
        }
    }
}

/// The cluster as a whole, which carries what no alert watches.
fn cluster() -> Entity {
    Entity::new(kind::CLUSTER, "alerts")
}
