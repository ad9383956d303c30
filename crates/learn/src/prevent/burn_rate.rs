//! Alerts on how fast the error budget of a service is spent, over several windows at once.
//!
//! Source: "Alerting on SLOs", chapter 5 of The Site Reliability Workbook (Google, 2018), table 5-8: 2 % of a month's
//! budget in an hour (14.4 times the pace that lasts the month), 5 % in six hours (6 times), 10 % in three days (1
//! time), each confirmed by a window of a twelfth; and the pair of one day and two hours in common use (3 times).

use std::fmt::Write as _;

use firstfault_metrics::promql::{NAME, Rule, Samples, parse};

use super::backtest::{Backtest, backtest};
use super::measured::Measured;
use super::moments::Moments;
use super::rules_file::{quoted, record};
use super::target::{Form, Target, quiet};

/// How many times faster than allowed, the long window, the short one that ends it soon, and whom it wakes.
const PACES: &[(f64, &str, &str, &str)] = &[
    (14.4, "1h", "5m", "critical"),
    (6.0, "6h", "30m", "critical"),
    (3.0, "1d", "2h", "warning"),
    (1.0, "3d", "6h", "warning"),
];

const COUNTER: &str = "http_requests_total";

/// Burn-rate alerts of the service whose counters the evidence has.
#[derive(Clone, Debug)]
pub(super) struct BurnRate {
    target: Target,
    /// The share of requests that may fail.
    budget: f64,
    alerts: Vec<Alert>,
}

#[derive(Clone, Debug)]
struct Alert {
    name: String,
    severity: &'static str,
    times: f64,
    long: &'static str,
    short: &'static str,
    result: Option<Backtest>,
}

impl BurnRate {
    /// For the first target that has counters of good and bad requests.
    pub(super) fn of(measured: &Measured, moments: Moments, targets: &[Target], budget: f64) -> Option<Self> {
        let counters = |target: &&Target| {
            let selector = target.fill(&format!("{COUNTER}{{<pod>,code=~\"5..\"}}"), Form::Matchers);
            let Ok(expr) = parse(&selector) else { return false };
            expr.selectors().iter().any(|(s, _)| measured.series.iter().any(|series| s.takes(&series.labels)))
        };
        let target = targets.iter().find(counters)?.clone();
        let alerts = PACES.iter().filter_map(|pace| Alert::of(*pace, &target, budget, measured, moments)).collect();
        Some(Self { target, budget, alerts })
    }

    /// The counters that they read.
    pub(super) fn inputs<'a>(&self, measured: &'a Measured) -> Vec<&'a Samples> {
        let selector = self.target.fill(&format!("{COUNTER}{{<pod>}}"), Form::Matchers);
        let Ok(expr) = parse(&selector) else { return Vec::new() };
        let takes = |s: &&Samples| expr.selectors().iter().any(|(selector, _)| selector.takes(&s.labels));
        measured.series.iter().filter(takes).collect()
    }

    /// The alerts that fire on the incident and are silent before: name, result, severity, annotations.
    pub(super) fn proven(&self) -> Vec<(&str, &Backtest, &'static str, Vec<(&'static str, String)>)> {
        let good = self.alerts.iter().filter_map(|a| Some((a, a.result.as_ref()?)));
        let good = good.filter(|(_, r)| r.fires.is_some() && r.on_quiet == 0);
        good.map(|(a, r)| (a.name.as_str(), r, a.severity, self.annotations(a))).collect()
    }

    /// Each alert in a line: name, pace, and what it did.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, f64, &str, Option<&Backtest>)> {
        self.alerts.iter().map(|a| (a.name.as_str(), a.times, a.long, a.result.as_ref()))
    }

    /// The share of requests that has to succeed, in percent.
    pub(super) fn objective(&self) -> f64 {
        ((1.0 - self.budget) * 100.0 * 1e6).round() / 1e6
    }

    /// Whose requests are counted.
    pub(super) fn whose(&self) -> String {
        self.target.says()
    }

    fn annotations(&self, alert: &Alert) -> Vec<(&'static str, String)> {
        let name = quiet(&self.target.entity.name);
        vec![
            (
                "description",
                "At this pace the month's error budget is gone early; find the service that fails first.".into(),
            ),
            (
                "summary",
                format!(
                    "{name} spends its error budget {} times as fast as a month allows (over {})",
                    alert.times, alert.long
                ),
            ),
        ]
    }

    /// Adds the recording rules and the alerts to a file of groups.
    pub(super) fn write(&self, out: &mut String, indent: &str, group: &str) {
        let _ = writeln!(out, "{indent}  - name: {}\n{indent}    rules:", quoted(&format!("{group}-error-budget")));
        let mut windows: Vec<&str> = PACES.iter().flat_map(|(_, long, short, ..)| [*long, *short]).collect();
        windows.sort_by_key(|w| firstfault_metrics::promql::duration(w));
        windows.dedup();
        for window in windows {
            let labels = [("workload", quiet(&self.target.entity.name))];
            let labels: Vec<(&str, &str)> = labels.iter().map(|(l, v)| (*l, v.as_str())).collect();
            record(out, indent, &recorded(window), &ratio(&self.target, window), &labels);
        }
        for alert in &self.alerts {
            let _ = writeln!(out, "{indent}      - alert: {}", alert.name);
            let _ = writeln!(out, "{indent}        expr: {}", quoted(&self.on_records(alert)));
            let _ = writeln!(out, "{indent}        labels:\n{indent}          severity: {}", alert.severity);
            let _ = writeln!(out, "{indent}        annotations:");
            for (name, text) in self.annotations(alert) {
                let _ = writeln!(out, "{indent}          {name}: {}", quoted(&text));
            }
        }
    }

    /// The condition over the recorded ratios.
    fn on_records(&self, alert: &Alert) -> String {
        let threshold = limit(alert.times, self.budget);
        let selector = self.target.fill("{<workload>}", Form::Matchers);
        let (long, short) = (recorded(alert.long), recorded(alert.short));
        format!("{long}{selector} > {threshold} and {short}{selector} > {threshold}")
    }
}

impl Alert {
    fn of(
        (times, long, short, severity): (f64, &'static str, &'static str, &'static str),
        target: &Target,
        budget: f64,
        measured: &Measured,
        moments: Moments,
    ) -> Option<Self> {
        // Tried on the counters themselves: recording rules give the same, one evaluation later at most.
        let threshold = limit(times, budget);
        let expr = format!("({}) > {threshold} and ({}) > {threshold}", ratio(target, long), ratio(target, short));
        // The short window confirms it: waiting on top of that only delays.
        let rule = Rule { expr: parse(&expr).ok()?, holds_for: 0 };
        let counters: Vec<Samples> =
            measured.series.iter().filter(|s| s.labels.get(NAME).is_some_and(|n| n == COUNTER)).cloned().collect();
        let mut result = backtest(&rule, &counters, measured.step, moments);
        let workload = quiet(&target.entity.name);
        result.whom = result
            .whom
            .into_iter()
            .map(|mut labels| {
                labels.insert("workload".into(), workload.clone());
                labels
            })
            .collect();
        // A window that reaches back before the first sample counts only what is there, and fires too early.
        let enough = firstfault_metrics::promql::duration(long)? <= moments.outage.unwrap_or(moments.begin);
        let name = format!("ErrorBudgetBurn{long}");
        Some(Self { name, severity, times, long, short, result: enough.then_some(result) })
    }
}

fn limit(times: f64, budget: f64) -> String {
    // Written as a product, so that a reader sees the pace and the budget.
    format!("({times} * {budget})")
}

fn recorded(window: &str) -> String {
    format!("workload:http_requests:error_ratio_rate{window}")
}

/// The share of requests that failed in a window.
fn ratio(target: &Target, window: &str) -> String {
    let counted = |code: &str| {
        let selector = target.fill(&format!("{COUNTER}{{<pod>{code}}}"), Form::Matchers);
        format!("sum by (namespace) (rate({selector}[{window}]))")
    };
    format!("{} / {}", counted(",code=~\"5..\""), counted(""))
}
