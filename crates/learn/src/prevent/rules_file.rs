//! Rules as files: Prometheus' own, and the operator's `PrometheusRule`.

use std::fmt::Write as _;

use super::Situation;
use super::alerts::Alerts;
use super::amount::duration;
use super::rule::{AlertRule, Verdict};
use super::target::quiet;

/// A text in single quotes of YAML, on one line.
pub(super) fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", line.replace('\'', "''"))
}

/// The group's name: what it is about and why.
pub(super) fn group(situation: &Situation) -> String {
    let Some(first) = situation.first() else { return "firstfault".into() };
    let words = format!("{}-{}", first.entity.name, first.failure_mode).to_lowercase();
    let name: String = words.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    // A Kubernetes name: it begins and ends with a letter or digit, and is not too long.
    name.trim_matches('-').chars().take(60).collect::<String>().trim_matches('-').to_owned()
}

/// A rules file for Prometheus.
pub(super) fn plain(alerts: &Alerts, group: &str) -> String {
    format!(
        "# Check: promtool check rules rules.yaml; proof: promtool test rules rules_test.yaml\n{}",
        groups(alerts, group, "")
    )
}

/// The same for the Prometheus operator. Source: the CRD `prometheusrules.monitoring.coreos.com` (v1).
pub(super) fn custom_resource(alerts: &Alerts, group: &str) -> String {
    let mut out = String::from("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n");
    let _ = writeln!(out, "  name: {}", quoted(group));
    let namespace = alerts.rules.first().and_then(|r| r.target.entity.namespace.as_deref());
    if let Some(namespace) = namespace {
        let _ = writeln!(out, "  namespace: {}", quoted(&quiet(namespace)));
    }
    out.push_str("spec:\n");
    out.push_str(&groups(alerts, group, "  "));
    out
}

fn groups(alerts: &Alerts, group: &str, indent: &str) -> String {
    let mut out = format!("{indent}groups:\n");
    let records: Vec<&(String, String)> = {
        let mut seen: Vec<&(String, String)> = Vec::new();
        for record in alerts.good().flat_map(|r| &r.records) {
            if !seen.contains(&record) {
                seen.push(record);
            }
        }
        seen
    };
    if !records.is_empty() {
        let _ = writeln!(out, "{indent}  - name: {}\n{indent}    rules:", quoted(&format!("{group}-records")));
        for rule in alerts.good().filter(|r| !r.records.is_empty()) {
            for (name, expr) in &rule.records {
                record(&mut out, indent, name, expr, &[("workload", &quiet(&rule.target.entity.name))]);
            }
        }
    }
    let proven: Vec<&AlertRule> = alerts.good().filter(|r| matches!(r.verdict, Verdict::Proven(_))).collect();
    let unproven: Vec<&AlertRule> = alerts.good().filter(|r| matches!(r.verdict, Verdict::Unproven(_))).collect();
    for (name, rules) in [(group.to_owned(), proven), (format!("{group}-not-proven"), unproven)] {
        if rules.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{indent}  - name: {}\n{indent}    rules:", quoted(&name));
        rules.iter().for_each(|rule| alert(&mut out, indent, rule));
    }
    if let Some(burn) = &alerts.burn {
        burn.write(&mut out, indent, group);
    }
    out
}

/// A recording rule.
pub(super) fn record(out: &mut String, indent: &str, name: &str, expr: &str, labels: &[(&str, &str)]) {
    let _ = writeln!(out, "{indent}      - record: {name}\n{indent}        expr: {}", quoted(expr));
    if !labels.is_empty() {
        let _ = writeln!(out, "{indent}        labels:");
        for (label, value) in labels {
            let _ = writeln!(out, "{indent}          {label}: {}", quoted(value));
        }
    }
}

fn alert(out: &mut String, indent: &str, rule: &AlertRule) {
    let _ = writeln!(out, "{indent}      - alert: {}", rule.template.alert);
    let _ = writeln!(out, "{indent}        expr: {}", quoted(&rule.expr));
    if rule.holds_for > 0 {
        let _ = writeln!(out, "{indent}        for: {}", duration(rule.holds_for));
    }
    let _ = writeln!(out, "{indent}        labels:\n{indent}          severity: {}", rule.template.severity);
    let _ = writeln!(out, "{indent}        annotations:");
    for (name, text) in annotations(rule) {
        let _ = writeln!(out, "{indent}          {name}: {}", quoted(&text));
    }
}

/// What a person sees when it fires.
pub(super) fn annotations(rule: &AlertRule) -> Vec<(&'static str, String)> {
    let advice = rule.advice.replace("<name>", &quiet(&rule.target.entity.name));
    vec![("description", advice), ("summary", rule.summary.clone())]
}
