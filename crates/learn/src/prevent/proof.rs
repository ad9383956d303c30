//! A file for `promtool test rules`: the incident's own series, and when each rule fires on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use firstfault_metrics::promql::{Labels, NAME, Samples, expand, parse, write_values};

use super::alerts::Alerts;
use super::amount::duration;
use super::backtest::{Backtest, inputs};
use super::rule::{AlertRule, Verdict};
use super::rules_file::{annotations, quoted};
use super::target::Form;

/// The interval of made-up series, in milliseconds.
const MINUTE: i64 = 60_000;

/// The whole file.
pub(super) fn file(alerts: &Alerts) -> String {
    let step = alerts.measured.step.max(1000);
    let mut out = String::from("# promtool test rules rules_test.yaml\nrule_files: [rules.yaml]\n");
    let _ = writeln!(out, "evaluation_interval: {}", duration(if alerts.measured.step > 0 { step } else { MINUTE }));
    out.push_str("tests:\n");
    let proven: Vec<(&AlertRule, &Backtest)> = alerts
        .good()
        .filter_map(|r| match &r.verdict {
            Verdict::Proven(result) => Some((r, result)),
            _ => None,
        })
        .collect();
    let burning = alerts.burn.as_ref().filter(|b| !b.proven().is_empty());
    let empty = proven.is_empty() && burning.is_none();
    if !empty {
        own_series(&mut out, alerts, &proven, step);
    }
    let mut made_up = 0;
    for rule in alerts.good().filter(|r| matches!(r.verdict, Verdict::Unproven(_))) {
        made_up += usize::from(made_up_series(&mut out, rule, true));
        made_up += usize::from(made_up_series(&mut out, rule, false));
    }
    if empty && made_up == 0 {
        out.truncate(out.len() - "tests:\n".len());
        out.push_str("tests: []\n");
    }
    out
}

/// The incident, and what fires on it.
fn own_series(out: &mut String, alerts: &Alerts, proven: &[(&AlertRule, &Backtest)], step: i64) {
    let from = alerts.measured.time(0).map_or(String::new(), |t| t.to_string());
    let _ = writeln!(out, "  - name: {}", quoted(&format!("the incident's own series; zero is {from}")));
    let _ = writeln!(out, "    interval: {}\n    input_series:", duration(step));
    let mut series: BTreeMap<&Labels, &Samples> = BTreeMap::new();
    for (rule, _) in proven {
        let Ok(expr) = parse(&rule.expr) else { continue };
        for input in inputs(&expr, &alerts.measured).unwrap_or_default() {
            series.insert(&input.labels, input);
        }
    }
    for input in alerts.burn.iter().flat_map(|b| b.inputs(&alerts.measured)) {
        series.insert(&input.labels, input);
    }
    for input in series.values() {
        let values = on_grid(input, step);
        let _ = writeln!(out, "      - series: {}", quoted(&written(&input.labels)));
        let _ = writeln!(out, "        values: {}", quoted(&write_values(&values)));
    }
    let has_quiet = alerts.moments.has_quiet(step);
    out.push_str("    alert_rule_test:\n");
    for (rule, result) in proven {
        let Some(fires) = result.fires else { continue };
        if let Some(until) = result.silent_until.filter(|until| *until >= step) {
            silent_at(out, &rule.template.alert, until - step);
        }
        let mut labels = BTreeSet::new();
        for whom in &result.whom {
            let mut whom = whom.clone();
            whom.insert("severity".into(), rule.template.severity.clone());
            labels.insert(whom);
        }
        fires_at(out, &rule.template.alert, fires, &labels, &annotations(rule));
    }
    for (alert, result, severity, notes) in alerts.burn.iter().flat_map(|b| b.proven()) {
        let Some(fires) = result.fires else { continue };
        if let Some(until) = result.silent_until.filter(|until| *until >= step) {
            silent_at(out, alert, until - step);
        }
        let whom = result.whom.iter().map(|w| {
            let mut whom = w.clone();
            whom.insert("severity".into(), severity.to_owned());
            whom
        });
        fires_at(out, alert, fires, &whom.collect(), &notes);
    }
    if has_quiet {
        out.push_str("    promql_expr_test:\n");
        let at = alerts.moments.begin - step;
        let burning = alerts.burn.iter().flat_map(|b| b.proven()).map(|(alert, ..)| alert);
        let names: Vec<&str> = proven.iter().map(|(r, _)| r.template.alert.as_str()).chain(burning).collect();
        for name in names {
            let fired = format!("ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}}");
            let expr = format!("count_over_time({fired}[{}])", duration(at.max(step)));
            let _ = writeln!(out, "      # never while all was well");
            let _ = writeln!(out, "      - expr: {}\n        eval_time: {}", quoted(&expr), duration(at));
            out.push_str("        exp_samples: []\n");
        }
    }
}

fn silent_at(out: &mut String, alert: &str, at: i64) {
    let _ = writeln!(out, "      - alertname: {alert}\n        eval_time: {}\n        exp_alerts: []", duration(at));
}

fn fires_at(out: &mut String, alert: &str, at: i64, whom: &BTreeSet<Labels>, notes: &[(&str, String)]) {
    let _ = writeln!(out, "      - alertname: {alert}\n        eval_time: {}\n        exp_alerts:", duration(at));
    for labels in whom {
        out.push_str("          - exp_labels:\n");
        for (label, value) in labels.iter() {
            let _ = writeln!(out, "              {label}: {}", quoted(value));
        }
        out.push_str("            exp_annotations:\n");
        for (name, text) in notes {
            let _ = writeln!(out, "              {name}: {}", quoted(&expanded(text, labels)));
        }
    }
}

/// An annotation as Prometheus expands it.
fn expanded(text: &str, labels: &Labels) -> String {
    let mut text = text.to_owned();
    for (label, value) in labels.iter() {
        text = text.replace(&format!("{{{{ $labels.{label} }}}}"), value);
    }
    while let Some(from) = text.find("{{ $labels.") {
        let Some(long) = text[from..].find("}}") else { break };
        text.replace_range(from..from + long + 2, "");
    }
    text
}

/// A test of one rule on made-up series; false if it has none.
fn made_up_series(out: &mut String, rule: &AlertRule, fires: bool) -> bool {
    let (series, what) = if fires { (&rule.template.fires, "fires") } else { (&rule.template.silent, "stays silent") };
    let filled: Vec<(String, &String)> =
        series.iter().map(|(name, values)| (rule.target.fill(name, Form::Labels), values)).collect();
    let longest = filled.iter().filter_map(|(_, values)| expand(values)).map(|v| v.len()).max().unwrap_or(0);
    if longest == 0 {
        return false;
    }
    let name = &rule.template.alert;
    let _ = writeln!(out, "  - name: {}", quoted(&format!("{name} {what} on made-up series")));
    let _ = writeln!(out, "    interval: 1m\n    input_series:");
    for (series, values) in filled {
        let _ = writeln!(out, "      - series: {}\n        values: {}", quoted(&series), quoted(values));
    }
    let end = (i64::try_from(longest).unwrap_or(1) - 1) * MINUTE;
    let fired = format!("ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}}");
    let expr = if fires {
        format!("count({fired}) > bool 0")
    } else {
        format!("count_over_time({fired}[{}])", duration(end.max(MINUTE)))
    };
    let _ = writeln!(out, "    promql_expr_test:\n      - expr: {}", quoted(&expr));
    let _ = writeln!(out, "        eval_time: {}", duration(end));
    out.push_str(if fires { "        exp_samples: [{labels: '{}', value: 1}]\n" } else { "        exp_samples: []\n" });
    true
}

/// A series as `promtool` reads it.
fn written(labels: &Labels) -> String {
    let escape = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"");
    let name = labels.get(NAME).map_or("", String::as_str);
    let rest = labels.iter().filter(|(label, _)| *label != NAME);
    let rest: Vec<String> = rest.map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
    format!("{name}{{{}}}", rest.join(","))
}

fn on_grid(series: &Samples, step: i64) -> Vec<Option<f64>> {
    let last = series.points.last().map_or(0, |(at, _)| at / step);
    let mut values = vec![None; usize::try_from(last + 1).unwrap_or(0)];
    for (at, value) in &series.points {
        if let Some(slot) = usize::try_from(at / step).ok().and_then(|i| values.get_mut(i)) {
            *slot = Some(*value);
        }
    }
    values
}
