//! Reports of monitoring tools: a list of things that are not as usual, each with the measures
//! that say so, or of users' requests that failed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use firstfault_model::{Entity, Place, Problem, kind};
use regex::Regex;
use serde_json::Value;

use super::{Lines, json, start, time};
use crate::formats::{Chunk, Format};
use crate::{Alert, Measure, Yield};

pub(crate) const ANOMALIES: Format = Format { name: "anomaly report", recognise, read };

/// Keys that hold the list.
const LISTS: &[&str] = &["alerts", "anomalies", "findings", "incidents", "violations"];
/// Keys that name the thing.
const NAMES: &[&str] =
    &["entity_name", "name", "service", "entry_service", "component", "resource", "target", "host", "node", "pod"];
/// Keys whose text says what is wrong.
const TEXTS: &[&str] =
    &["evidence", "details", "messages", "message", "description", "raw_error", "error", "reason", "summary"];
/// More items than this say no more.
const MOST: usize = 20_000;

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk);
    let json = start.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if !json || start.contains("\"apiVersion\"") || start.contains("\"alertname\"") {
        return 0;
    }
    let listed = LISTS.iter().any(|key| start.contains(&format!("\"{key}\"")));
    let named = chunk.path.rsplit('/').next().is_some_and(|file| file.contains("alert") || file.contains("anomal"));
    match (listed, named) {
        (true, true) => 88,
        (true, false) if start.contains("\"evidence\"") || start.contains("\"status\"") => 72,
        (false, true) => 66,
        _ => 0,
    }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(document) = json(chunk) else {
        let place = Place::line(chunk.path, chunk.first_line);
        out.problems.push(Problem { place, what: "the report is not whole JSON".into() });
        return;
    };
    let mut lines = Lines::new(chunk);
    let items = LISTS.iter().find_map(|key| document[*key].as_array()).map_or(&[][..], Vec::as_slice);
    for item in items.iter().take(MOST) {
        if let Some(alert) = alert(item, chunk, &mut lines) {
            out.alerts.push(alert);
        }
    }
    if items.is_empty() {
        out.read_as = "anomaly report: nothing out of the ordinary".into();
    }
}

/// All texts of an item that say what is wrong.
fn texts(item: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    for key in TEXTS {
        match &item[*key] {
            Value::String(text) => texts.push(text.clone()),
            Value::Array(list) => texts.extend(list.iter().filter_map(|text| text.as_str().map(str::to_owned))),
            _ => {}
        }
    }
    texts
}

fn alert(item: &Value, chunk: &Chunk<'_>, lines: &mut Lines<'_>) -> Option<Alert> {
    let pairs = item.as_object()?;
    let labels: BTreeMap<String, String> =
        pairs.iter().filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect();
    let texts = texts(item);
    let summary = texts.join("; ");
    let about = about(&labels);
    let since = ["since", "start", "startsAt", "start_time", "time", "timestamp", "time_range"]
        .iter()
        .find_map(|key| labels.get(*key));
    let since = since.and_then(|text| {
        let (first, last) = text.split_once(" ~ ").unwrap_or((text, text));
        time::parse(first, &time::fitting(first, last, chunk.context))
    });
    let name = category(&labels, &texts);
    let needle = about.as_ref().map_or("", |entity| entity.name.as_str());
    let evidence = lines.cite(&format!("\"{needle}\""), &format!("{needle}: {summary}"));
    Some(Alert {
        measures: texts.iter().flat_map(|text| measures(text)).take(64).collect(),
        severity: labels.get("severity").cloned().unwrap_or_default(),
        name,
        about,
        labels,
        since,
        summary,
        evidence,
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().take(1000).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn about(labels: &BTreeMap<String, String>) -> Option<Entity> {
    let (key, name) = NAMES.iter().find_map(|key| labels.get(*key).map(|name| (*key, name)))?;
    let said = labels.get("entity_type").or_else(|| labels.get("type")).map(|text| text.to_lowercase());
    let namespace = labels.get("namespace").map_or("", String::as_str);
    Some(match said.as_deref().unwrap_or(key) {
        "node" => Entity::new("Node", name),
        "host" | "machine" => Entity::new(kind::HOST, name),
        "pod" => Entity::namespaced("Pod", namespace, name),
        "deployment" => Entity::namespaced("Deployment", namespace, name),
        _ => Entity::namespaced(kind::SERVICE, namespace, name),
    })
}

/// What kind of complaint it is: a category field, or the capitals before the first bracket.
fn category(labels: &BTreeMap<String, String>, texts: &[String]) -> String {
    let field = ["alertname", "metric_category", "category", "business_action", "title"]
        .iter()
        .find_map(|key| labels.get(*key));
    let first = || texts.first().and_then(|text| text.split(['[', '|', ':']).next()).map(|text| text.trim().to_owned());
    field.cloned().or_else(first).unwrap_or_default()
}

static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\s?([^\s\d(|;,>\-][^\s(|;,>]*)?(?:\s[a-z]+)?";
    let pattern = format!(
        r"(?i)(?:([\w./-]+(?: [\w./-]+)*)\s*:\s*)?\b(?:normal|baseline|usual|expected|before)\s*[=:]\s*{number}\s*(?:->|→|=>|to|,)\s*(?:cur(?:rent)?|now|actual|observed|after)\s*[=:]\s*{number}"
    );
    Regex::new(&pattern).expect("the pattern is well formed")
});

static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:val(?:ue)?|current|cur)\s*[=:]\s*(\d[\d.]*)\s*([^\s\d(|;,]*)")
        .expect("the pattern is well formed")
});

/// The numbers of a text such as `SLOW [Latency] | p95: Normal=3ms -> Current=80ms (+2567%)`.
/// A number without a normal value has `NaN` there.
pub(super) fn measures(text: &str) -> Vec<Measure> {
    let subject = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(inside, _)| inside);
    let mut found = Vec::new();
    for captures in CHANGE.captures_iter(text) {
        let label = captures.get(1).map_or("", |m| m.as_str()).trim();
        let (Some(normal), Some(now)) = (number(captures.get(2)), number(captures.get(4))) else { continue };
        let unit = captures.get(3).or_else(|| captures.get(5)).map_or("", |m| m.as_str()).to_owned();
        found.push(Measure { name: name(subject, label), normal, now, unit });
    }
    if found.is_empty() {
        for captures in ALONE.captures_iter(text) {
            let Some(now) = number(captures.get(1)) else { continue };
            let unit = captures.get(2).map_or("", |m| m.as_str()).to_owned();
            found.push(Measure { name: subject.to_owned(), normal: f64::NAN, now, unit });
        }
    }
    found
}

fn number(found: Option<regex::Match<'_>>) -> Option<f64> {
    found?.as_str().trim_end_matches('.').parse().ok().filter(|number: &f64| number.is_finite())
}

/// The label says it alone if it names a metric (`web-p95latency`); else the subject helps.
fn name(subject: &str, label: &str) -> String {
    if firstfault_metrics::split_column(label).is_some() || subject.is_empty() {
        label.to_owned()
    } else {
        format!("{subject} {label}").trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    fn alerts(text: &str) -> Yield {
        let chunk = chunk("alerts.json", text, None);
        assert!(recognise(&chunk) > 60);
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    #[test]
    fn evidence_strings_become_measures() {
        let out = alerts(
            r#"{"alerts":[{"type":"Service","name":"loom","time_range":"2026-01-05 10:00:00 ~ 2026-01-05 10:02:00",
            "evidence":["SLOW [Response] | loom-p95latency: Normal=3.1ms -> Current=80.4ms (+2494%)",
            "TRAFFIC [Network Drop] | Inbound: Normal=20.1pps -> Current=7.2pps (-64%) | Outbound: Normal=9pps -> Current=4pps (-55%)",
            "SATURATION [cpu core] | Normal=0.04 cores -> Current=0.17 cores (+318%)",
            "SATURATION [cpu_cfs] | Val: 0.68s (Throttled)"]}]}"#,
        );
        let alert = &out.alerts[0];
        assert_eq!(alert.about, Some(Entity::new("service", "loom")));
        assert_eq!(alert.name, "SLOW");
        let measures: Vec<_> =
            alert.measures.iter().map(|m| (m.name.as_str(), m.normal, m.now, m.unit.as_str())).collect();
        assert_eq!(measures[0], ("loom-p95latency", 3.1, 80.4, "ms"));
        assert_eq!(measures[1], ("Network Drop Inbound", 20.1, 7.2, "pps"));
        assert_eq!(measures[2], ("Network Drop Outbound", 9.0, 4.0, "pps"));
        assert_eq!(measures[3], ("cpu core", 0.04, 0.17, "cores"));
        assert_eq!(measures[4].0, "cpu_cfs");
        assert!(measures[4].1.is_nan());
    }

    #[test]
    fn failed_requests_are_alerts_about_their_entry() {
        let out = alerts(
            r#"{"alerts":[{"entry_service":"tollgate","url":"/pay","raw_error":"HTTPError('503 Server Error')"}]}"#,
        );
        assert_eq!(out.alerts[0].about, Some(Entity::new("service", "tollgate")));
        assert!(out.alerts[0].summary.contains("503"));
    }

    #[test]
    fn a_clean_report_is_a_line_of_coverage() {
        let out = alerts(r#"{"status": "clean", "alerts": []}"#);
        assert!(out.alerts.is_empty() && out.read_as.contains("nothing out of the ordinary"));
    }

    #[test]
    fn a_cut_report_is_a_problem() {
        assert_eq!(alerts(r#"{"alerts":[{"name":"a","evi"#).problems.len(), 1);
    }
}
