//! Firing alerts: Alertmanager's API v2 and webhook v4, Prometheus' `/api/v1/alerts` and
//! `/api/v1/rules`, and bare arrays of either.

use std::collections::BTreeMap;

use firstfault_model::{Entity, kind};
use serde_json::Value;

use super::{Lines, json_or_part, start, time};
use crate::formats::{Chunk, Format};
use crate::{Alert, Yield};

pub(crate) const ALERTS: Format = Format { name: "alerts", recognise, read };

/// More alerts than this say no more.
const MOST: usize = 20_000;

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk);
    let json = start.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if json && start.contains("\"alertname\"") && start.contains("\"labels\"") {
        return 93;
    }
    let rules = json && start.contains("\"groups\"") && start.contains("\"rules\"") && start.contains("\"health\"");
    if rules {
        return 80;
    }
    let empty = json
        && start.contains("\"alerts\"")
        && (start.contains("\"receiver\"")
            || start.contains("\"status\": \"success\"")
            || start.contains("\"status\":\"success\""));
    if empty { 70 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(document) = json_or_part(chunk, out) else { return };
    let mut lines = Lines::new(chunk);
    for item in list(&document).iter().chain(of_rules(&document)).take(MOST) {
        if let Some(alert) = alert(item, chunk, &mut lines) {
            out.alerts.push(alert);
        }
    }
}

/// The alerts inside the rules that raise them.
fn of_rules(document: &Value) -> impl Iterator<Item = &Value> {
    let groups = document["data"]["groups"].as_array().or_else(|| document["groups"].as_array());
    let rules = groups.into_iter().flatten().flat_map(|group| group["rules"].as_array().into_iter().flatten());
    rules.flat_map(|rule| rule["alerts"].as_array().into_iter().flatten())
}

/// The alerts, wherever the interface puts them.
fn list(document: &Value) -> &[Value] {
    let places = [document, &document["alerts"], &document["data"]["alerts"], &document["data"]];
    places.into_iter().find_map(|place| place.as_array()).map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn alert(item: &Value, chunk: &Chunk<'_>, lines: &mut Lines<'_>) -> Option<Alert> {
    let labels = strings(&item["labels"]);
    let name = labels.get("alertname")?.clone();
    let state = item["status"]["state"].as_str().or_else(|| item["status"].as_str()).or_else(|| item["state"].as_str());
    // What is resolved, silenced or not yet firing is no complaint of now.
    if matches!(state, Some("resolved" | "suppressed" | "pending" | "inactive")) {
        return None;
    }
    let annotations = strings(&item["annotations"]);
    let say = |keys: &[&str]| keys.iter().find_map(|key| annotations.get(*key)).cloned();
    let summary = say(&["summary", "message", "description"]).unwrap_or_default();
    let since = item["startsAt"].as_str().or_else(|| item["activeAt"].as_str());
    let evidence = lines.cite(&format!("\"{name}\""), &format!("{name}: {summary}"));
    Some(Alert {
        about: about(&labels),
        severity: labels.get("severity").cloned().unwrap_or_default(),
        since: since.and_then(|text| time::parse(text, &chunk.context.assume)),
        measures: super::anomalies::measures(&summary),
        name,
        labels,
        summary,
        evidence,
    })
}

/// Labels that name the thing, the owner before the part: `pod` may be the exporter's own.
const ABOUT: &[(&str, &str)] = &[
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("cronjob", "CronJob"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("pod", "Pod"),
    ("node", "Node"),
];

/// Whom an alert is about.
fn about(labels: &BTreeMap<String, String>) -> Option<Entity> {
    let namespace = labels.get("namespace").or_else(|| labels.get("exported_namespace")).map_or("", String::as_str);
    for (label, kind) in ABOUT {
        if let Some(name) = labels.get(*label).filter(|name| !name.is_empty()) {
            return Some(if *kind == "Node" {
                Entity::new(kind, name)
            } else {
                Entity::namespaced(kind, namespace, name)
            });
        }
    }
    let service =
        ["service", "service_name", "app", "destination_service_name"].iter().find_map(|label| labels.get(*label));
    if let Some(service) = service {
        return Some(Entity::namespaced(kind::SERVICE, namespace, service));
    }
    let host = labels.get("instance")?.split(':').next()?;
    Some(Entity::new(kind::HOST, host))
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    fn alerts(text: &str) -> Vec<Alert> {
        let chunk = chunk("alerts.json", text, None);
        assert!(recognise(&chunk) > 90);
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out.alerts
    }

    #[test]
    fn every_interface_gives_the_same_alert() {
        let body = r#"{"labels":{"alertname":"PodDown","severity":"critical","namespace":"press","pod":"ink-0"},
            "annotations":{"summary":"ink-0 is down"},STATE,"startsAt":"2026-03-01T10:00:00Z"}"#;
        let v2 = format!("[{}]", body.replace("STATE", r#""status":{"state":"active"}"#));
        let webhook = format!(r#"{{"version":"4","alerts":[{}]}}"#, body.replace("STATE", r#""status":"firing""#));
        let api = format!(
            r#"{{"status":"success","data":{{"alerts":[{}]}}}}"#,
            body.replace("STATE", r#""state":"firing""#).replace("startsAt", "activeAt")
        );
        let rules =
            api.replace("\"alerts\":", "\"groups\":[{\"name\":\"g\",\"rules\":[{\"health\":\"ok\",\"alerts\":") + "";
        let rules = rules.replace("]}}", "]}]}]}}");
        for text in [v2, webhook, api, rules] {
            let alerts = alerts(&text);
            assert_eq!(alerts.len(), 1, "{text}");
            assert_eq!(alerts[0].about, Some(Entity::namespaced("Pod", "press", "ink-0")));
            assert_eq!(alerts[0].since, Some("2026-03-01T10:00:00Z".parse().expect("a time")));
            assert_eq!(alerts[0].severity, "critical");
        }
    }

    #[test]
    fn resolved_alerts_are_not_of_now() {
        let text = r#"{"alerts":[{"status":"resolved","labels":{"alertname":"X"}}]}"#;
        assert!(alerts(text).is_empty());
    }
}
