//! A Grafana dashboard: a panel for each signal with its threshold, regression lines for trends, the incident marked.

use serde_json::{Value, json};

use super::alerts::Alerts;
use super::monitors::pretty;
use super::rule::AlertRule;
use super::rules_file::group;
use super::target::quiet;
use super::{Artifact, Kind, Situation};

/// The version of the dashboard's schema; Grafana migrates older ones when it loads them.
const SCHEMA_VERSION: u32 = 41;

/// The width of a row, and of a panel; a panel's height.
const ROW: usize = 24;
const WIDTH: usize = 12;
const HEIGHT: usize = 8;

/// The longest `uid` that Grafana takes.
const UID: usize = 40;

/// The dashboard of a case.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let Some(alerts) = situation.alerts() else { return Vec::new() };
    let Some(first) = situation.first() else { return Vec::new() };
    let panels: Vec<Value> = panels(alerts).into_iter().enumerate().map(|(i, panel)| placed(i, panel)).collect();
    if panels.is_empty() {
        return Vec::new();
    }
    let group = group(situation);
    let names: String = panels.iter().map(|p| format!("{}\n", p["title"].as_str().unwrap_or_default())).collect();
    let dashboard = json!({
        "uid": group.chars().take(UID).collect::<String>(),
        "title": format!("{}: {}", quiet(&first.entity.name), first.title),
        "description": quiet(&first.summary),
        "tags": ["firstfault", first.area],
        "timezone": "utc",
        "editable": true,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA_VERSION,
        "time": range(alerts),
        "templating": {"list": [{
            "type": "datasource",
            "name": "datasource",
            "label": "Prometheus",
            "query": "prometheus",
            "refresh": 1,
        }]},
        "annotations": {"list": annotations(alerts)},
        "panels": panels,
    });
    vec![Artifact {
        kind: Kind::Dashboard,
        file: "dashboard.json".into(),
        title: "Grafana dashboard".into(),
        says: vec!["Dashboards → New → Import; it opens at the time of the incident".into()],
        digest: names,
        contents: pretty(&dashboard),
    }]
}

/// The time that it opens at: the incident's series with some air, or the last six hours.
fn range(alerts: &Alerts) -> Value {
    let measured = &alerts.measured;
    match (measured.time(0), measured.time(measured.end)) {
        (Some(from), Some(to)) => json!({"from": from.to_string(), "to": to.to_string()}),
        _ => json!({"from": "now-6h", "to": "now"}),
    }
}

/// When its rules fired, and the incident itself.
fn annotations(alerts: &Alerts) -> Vec<Value> {
    let names: Vec<&str> = alerts.good().map(|r| r.template.alert.as_str()).collect();
    let mut list = vec![json!({
        "name": "Alerts",
        "datasource": source(),
        "enable": true,
        "iconColor": "orange",
        "expr": format!("ALERTS{{alertname=~\"{}\",alertstate=\"firing\"}}", names.join("|")),
    })];
    let moments = alerts.moments;
    let seconds = |at: i64| alerts.measured.time(at).map(|t| t.as_second());
    if let (Some(begin), Some(end)) = (seconds(moments.begin), seconds(moments.end)) {
        list.push(json!({
            "name": "The incident",
            "datasource": source(),
            "enable": true,
            "iconColor": "red",
            // A vector that is there only within the incident: Grafana draws it as a region.
            "expr": format!("vector(time()) >= {begin} <= {end}"),
        }));
    }
    list
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn panels(alerts: &Alerts) -> Vec<Value> {
    let mut panels = Vec::new();
    let mut drawn: Vec<String> = Vec::new();
    for rule in alerts.good() {
        if let Some(raw) = inside(&rule.expr, "deriv(").filter(|raw| !drawn.contains(raw)) {
            panels.push(trend(rule, &raw));
            drawn.push(raw);
        }
        let (left, comparison) = compared(&rule.expr);
        if drawn.contains(&left) {
            continue;
        }
        panels.push(signal(rule, &left, comparison.as_deref()));
        drawn.push(left);
    }
    panels
}

/// What a rule compares, with what it is compared.
fn signal(rule: &AlertRule, left: &str, right: Option<&str>) -> Value {
    let number: Option<f64> = right.and_then(|r| r.trim().parse().ok());
    let mut targets = vec![target("A", left, legend(rule))];
    if let Some(right) = right.filter(|_| number.is_none()).map(|r| without_matching(r.trim())) {
        targets.push(target("B", right, "limit"));
    }
    panel(&title(rule), &rule.advice, &rule.template.unit, &targets, number)
}

/// A signal with its regression line and where that leads.
fn trend(rule: &AlertRule, raw: &str) -> Value {
    let targets = vec![
        target("A", raw, legend(rule)),
        target("B", &format!("predict_linear({raw}[30m], 0)"), "regression line over 30 min"),
        target("C", &format!("predict_linear({raw}[30m], 3600)"), "in an hour, if it goes on"),
    ];
    let title = format!("{} and its trend", quiet(raw.split('{').next().unwrap_or(raw)));
    panel(&title, "The line is the least-squares fit that the alert's slope comes from.", "bytes", &targets, None)
}

fn title(rule: &AlertRule) -> String {
    let mut words = String::new();
    for c in rule.template.alert.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(c.to_ascii_lowercase());
        } else {
            words.push(c);
        }
    }
    words
}

fn legend(rule: &AlertRule) -> &'static str {
    if rule.expr.contains("pod") { "{{pod}}" } else { "" }
}

fn target(reference: &str, expr: &str, legend: &str) -> Value {
    json!({
        "refId": reference,
        "datasource": source(),
        "expr": expr,
        "legendFormat": legend,
        "range": true,
    })
}

fn panel(title: &str, description: &str, unit: &str, targets: &[Value], threshold: Option<f64>) -> Value {
    let mut steps = vec![json!({"value": null, "color": "green"})];
    steps.extend(threshold.map(|value| json!({"value": value, "color": "red"})));
    let style = if threshold.is_some() { "line" } else { "off" };
    json!({
        "type": "timeseries",
        "title": title,
        "description": quiet(description),
        "datasource": source(),
        "targets": targets,
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "custom": {"thresholdsStyle": {"mode": style}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []}},
    })
}

fn placed(i: usize, mut panel: Value) -> Value {
    let (x, y) = (i * WIDTH % ROW, i * WIDTH / ROW * HEIGHT);
    panel["id"] = json!(i + 1);
    panel["gridPos"] = json!({"x": x, "y": y, "w": WIDTH, "h": HEIGHT});
    panel
}

/// The selector inside a function of a range: `deriv(x{…}[5m])` has `x{…}`.
fn inside(expr: &str, function: &str) -> Option<String> {
    let rest = expr.strip_prefix(function)?;
    Some(rest[..rest.rfind('[')?].to_owned()).filter(|raw| !raw.contains('('))
}

/// The left side of a comparison that is not inside brackets or quotes, and the right side.
fn compared(expr: &str) -> (String, Option<String>) {
    let (mut depth, mut quoted, mut before) = (0_i32, false, ' ');
    for (at, c) in expr.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            '>' | '<' | '=' if depth == 0 && before == ' ' => {
                let right = expr[at..].trim_start_matches(['>', '<', '=']);
                // The rest of `a == 1 unless b` is no threshold.
                let right = if right.contains(" unless ") || right.contains(" and ") { None } else { Some(right) };
                return (expr[..at].trim().to_owned(), right.map(|r| r.trim().to_owned()));
            }
            _ => {}
        }
        before = c;
    }
    (expr.to_owned(), None)
}

/// The right side of an operator without `on (…)`.
fn without_matching(right: &str) -> &str {
    match right.strip_prefix("on(").and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest.trim(),
        None => right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_found_outside_of_brackets_and_quotes() {
        let of = |expr: &str| compared(expr);
        assert_eq!(of(r#"rate(x{a=~">1"}[5m]) > 3"#), (r#"rate(x{a=~">1"}[5m])"#.into(), Some("3".into())));
        assert_eq!(of("a / b < 0.1"), ("a / b".into(), Some("0.1".into())));
        assert_eq!(of("absent(up == 1)"), ("absent(up == 1)".into(), None));
        assert_eq!(without_matching("on(pod) limits{}"), "limits{}");
        assert_eq!(inside("deriv(m{a=\"b\"}[5m]) > 2", "deriv("), Some("m{a=\"b\"}".into()));
    }
}
