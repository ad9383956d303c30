//! The same signals for Datadog and CloudWatch.

use firstfault_catalog::{CloudWatchTemplate, DatadogTemplate};
use serde_json::{Value, json};

use super::rule::AlertRule;
use super::target::quiet;
use super::{Artifact, Kind, Situation};

/// Monitors and alarms, where a rule has a counterpart there.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let Some(alerts) = situation.alerts() else { return Vec::new() };
    let datadog: Vec<Value> =
        alerts.good().filter_map(|rule| Some(monitor(rule, rule.template.datadog.as_ref()?))).collect();
    let cloudwatch: Vec<Value> =
        alerts.good().filter_map(|rule| Some(alarm(rule, rule.template.cloudwatch.as_ref()?))).collect();
    let mut made = Vec::new();
    let names = |list: &[Value], key: &str, more: &str| -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        list.iter().map(|m| format!("{}: {}\n", text(&m[key]), text(&m[more]))).collect()
    };
    if !datadog.is_empty() {
        made.push(Artifact {
            kind: Kind::Monitors,
            file: "datadog.json".into(),
            title: "The same signals as Datadog monitors".into(),
            says: vec!["each entry is the body of POST /api/v1/monitor; not proven on this incident".into()],
            digest: names(&datadog, "name", "query"),
            contents: pretty(&Value::Array(datadog)),
        });
    }
    if !cloudwatch.is_empty() {
        made.push(Artifact {
            kind: Kind::Monitors,
            file: "cloudwatch.json".into(),
            title: "The same signals as CloudWatch alarms".into(),
            says: vec![
                "each entry is the input of PutMetricAlarm (aws cloudwatch put-metric-alarm --cli-input-json); not proven on this incident".into(),
                "dimensions in capitals are to be filled in: the evidence does not have them".into(),
            ],
            digest: names(&cloudwatch, "AlarmName", "MetricName"),
            contents: pretty(&Value::Array(cloudwatch)),
        });
    }
    made
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// A monitor of type `query alert`. Source: Datadog's API, "Create a monitor" (v1).
fn monitor(rule: &AlertRule, template: &DatadogTemplate) -> Value {
    let threshold = rule.threshold.unwrap_or_default();
    let query = template
        .query
        .replace("<tags>", &tags(rule))
        .replace("<service-tags>", &format!("service:{}", tag(&rule.target.entity.name)))
        .replace("<threshold-per-window>", &(threshold * 300.0).round().to_string())
        .replace("<threshold>", &threshold.to_string());
    let critical: f64 = query.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(threshold);
    json!({
        "name": format!("{}: {}", rule.template.alert, quiet(&rule.target.says())),
        "type": "query alert",
        "query": query,
        "message": rule.advice.replace("<name>", &quiet(&rule.target.entity.name)),
        "tags": ["made-by:firstfault", format!("severity:{}", rule.template.severity)],
        "options": {
            "thresholds": {"critical": critical},
            "notify_no_data": false,
            "include_tags": true,
            "require_full_window": false,
        },
    })
}

/// The scope of a query.
fn tags(rule: &AlertRule) -> String {
    let entity = &rule.target.entity;
    let namespace = entity.namespace.as_ref().map(|n| format!("kube_namespace:{}", tag(n)));
    let own = match entity.kind.as_str() {
        "Deployment" => Some(format!("kube_deployment:{}", tag(&entity.name))),
        "StatefulSet" => Some(format!("kube_stateful_set:{}", tag(&entity.name))),
        "DaemonSet" => Some(format!("kube_daemon_set:{}", tag(&entity.name))),
        "Pod" => Some(format!("pod_name:{}", tag(&entity.name))),
        "Node" | "host" => Some(format!("host:{}", tag(&entity.name))),
        _ => None,
    };
    let all: Vec<String> = namespace.into_iter().chain(own).collect();
    if all.is_empty() { "*".into() } else { all.join(",") }
}

/// A value that a tag may have.
fn tag(value: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    value.chars().map(|c| if fits(c) { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// The input of `PutMetricAlarm`. Source: the CloudWatch API reference (2010-08-01).
fn alarm(rule: &AlertRule, template: &CloudWatchTemplate) -> Value {
    const PERIOD: i64 = 60;
    let periods = (rule.holds_for / 1000 / PERIOD).max(1);
    let threshold = template.threshold.unwrap_or(rule.threshold.unwrap_or_default() * template.scale);
    let entity = &rule.target.entity;
    let value = |dimension: &str| match dimension {
        "Namespace" => entity.namespace.as_deref().map(quiet),
        // Container Insights names a pod by its controller.
        "PodName" => Some(quiet(&entity.name)),
        "NodeName" => matches!(entity.kind.as_str(), "Node" | "host").then(|| quiet(&entity.name)),
        _ => None,
    };
    let blank = |dimension: &str| {
        let capital = dimension.chars().enumerate().map(|(i, c)| match c {
            c if i > 0 && c.is_ascii_uppercase() => format!("_{c}"),
            c => c.to_ascii_uppercase().to_string(),
        });
        capital.collect::<String>()
    };
    let dimensions: Vec<Value> =
        template.dimensions.iter().map(|d| json!({"Name": d, "Value": value(d).unwrap_or_else(|| blank(d))})).collect();
    let statistic = if template.statistic.starts_with('p') { "ExtendedStatistic" } else { "Statistic" };
    let mut alarm = json!({
        "AlarmName": format!("{}-{}", rule.template.alert, tag(&entity.name)),
        "AlarmDescription": rule.advice.replace("<name>", &quiet(&entity.name)),
        "Namespace": template.namespace,
        "MetricName": template.metric,
        "Dimensions": dimensions,
        "Period": PERIOD,
        "EvaluationPeriods": periods,
        "DatapointsToAlarm": periods,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    });
    alarm[statistic] = json!(template.statistic);
    alarm
}
