//! A stub of a test that would have found it before: a load test where the case has traffic, else a regression check.

use std::fmt::Write as _;

use firstfault_metrics::{Role, Series};
use firstfault_model::case::Hypothesis;
use jiff::Timestamp;

use super::manifest::said;
use super::target::model_entity;
use super::workload::plain;
use super::{Artifact, Kind, Situation};

/// Areas whose faults show under load.
const UNDER_LOAD: &[&str] = &["performance.", "container.oom-killed", "autoscaler.", "database.connections-exhausted"];

/// The stub that suits the failure mode.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let Some(first) = situation.first() else { return Vec::new() };
    let loaded = UNDER_LOAD.iter().any(|start| first.failure_mode.starts_with(start));
    let traffic = loaded.then(|| Traffic::of(situation, first)).flatten();
    match traffic {
        Some(traffic) => vec![load_test(first, &traffic)],
        None => regression(first).into_iter().collect(),
    }
}

/// What the evidence says of requests: before the incident and at its worst.
struct Traffic {
    metric: String,
    usual: f64,
    most: f64,
    /// Latency before the incident, in milliseconds, and the series it comes from.
    latency: Option<(f64, String)>,
    /// The time from the beginning of the incident to the first sign that was felt, in minutes.
    minutes: Option<i64>,
}

impl Traffic {
    fn of(situation: &Situation, first: &Hypothesis) -> Option<Self> {
        let world = situation.world?;
        let entities: Vec<_> =
            std::iter::once(&first.entity).chain(&situation.case.affected).map(model_entity).collect();
        let find = |role: Role| {
            // The entity of the fault first, then those that suffer.
            entities.iter().find_map(|entity| {
                world.series.iter().find(|s| {
                    s.role == Some(role)
                        && s.points.len() > 2
                        && (s.entity == *entity || world.carrier_of(&s.entity) == *entity)
                })
            })
        };
        let rate = find(Role::Throughput)?;
        let begin = situation.case.window.from.as_ref().and_then(|t| t.parse::<Timestamp>().ok());
        let before = |series: &Series| -> Vec<f64> {
            let early = series.points.iter().filter(|(time, _)| begin.is_none_or(|begin| *time < begin));
            early.map(|(_, value)| *value).collect()
        };
        let usual = median(before(rate)).or_else(|| median(rate.points.iter().map(|p| p.1).collect()))?;
        let most = rate.points.iter().map(|(_, value)| *value).fold(usual, f64::max);
        let latency = find(Role::Latency).and_then(|series| {
            let name = series.metric.to_lowercase();
            let scale = if name.contains("_ms") || name.contains("milli") {
                1.0
            } else if name.contains("seconds") {
                1000.0
            } else {
                return None;
            };
            Some((median(before(series))? * scale, said(&series.metric)))
        });
        let times = rate.points.first().zip(rate.points.last());
        let minutes = times.map(|(a, b)| (b.0.as_second() - a.0.as_second()) / 60).filter(|m| *m > 0);
        (usual.is_finite() && most.is_finite() && most > 0.0).then_some(Self {
            metric: said(&rate.metric),
            usual,
            most,
            latency,
            minutes,
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|v| v.is_finite());
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A script for k6 with an open model: requests come at a rate, however slow the answers are.
fn load_test(first: &Hypothesis, traffic: &Traffic) -> Artifact {
    let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let (usual, most) = (traffic.usual.ceil().max(1.0), traffic.most.ceil().max(1.0));
    let mut out = String::from("// STUB: it fails until TARGET is set and the lines that say TODO are done.\n");
    let _ = writeln!(out, "// Would have found: {}", said(&first.title));
    let _ = writeln!(
        out,
        "// Run against a copy of the system with the production limits: k6 run -e TARGET=URL load_test.js"
    );
    out.push_str("import http from \"k6/http\";\nimport { check, fail } from \"k6\";\n\n");
    let _ = writeln!(out, "// From the evidence's series {}.", text(&traffic.metric));
    let _ = writeln!(out, "const USUAL_REQUESTS_A_SECOND = {usual};\nconst MOST_REQUESTS_A_SECOND = {most};");
    let length = traffic.minutes.map_or_else(
        || "const MINUTES = Number(__ENV.MINUTES); // TODO: how long the fault took to show".to_owned(),
        |m| format!("const MINUTES = {m}; // as long as the evidence: the fault showed within it"),
    );
    let _ = writeln!(out, "{length}\n");
    out.push_str("const thresholds = {\n  http_req_failed: [\"rate<0.001\"], // an objective of 99.9 %; TODO: yours\n");
    match &traffic.latency {
        Some((latency, series)) => {
            let twice = (latency * 2.0).ceil();
            let _ = writeln!(
                out,
                "  http_req_duration: [\"p(99)<{twice}\"], // milliseconds; twice the usual of {}",
                text(series)
            );
        }
        None => {
            out.push_str("  // http_req_duration: TODO: the p99 that users accept; the evidence has no usual one\n");
        }
    }
    out.push_str("};\n\nexport const options = {\n  thresholds,\n  scenarios: {\n    usual: {\n");
    out.push_str(
        "      executor: \"constant-arrival-rate\",\n      rate: USUAL_REQUESTS_A_SECOND,\n      timeUnit: \"1s\",\n",
    );
    out.push_str("      duration: `${MINUTES}m`,\n      preAllocatedVUs: USUAL_REQUESTS_A_SECOND,\n      maxVUs: 10 * USUAL_REQUESTS_A_SECOND,\n    },\n");
    out.push_str("    most: {\n      executor: \"ramping-arrival-rate\",\n      startTime: `${MINUTES}m`,\n      startRate: USUAL_REQUESTS_A_SECOND,\n      timeUnit: \"1s\",\n");
    out.push_str("      stages: [{ target: MOST_REQUESTS_A_SECOND, duration: \"1m\" }, { target: MOST_REQUESTS_A_SECOND, duration: \"5m\" }],\n");
    out.push_str("      preAllocatedVUs: MOST_REQUESTS_A_SECOND,\n      maxVUs: 10 * MOST_REQUESTS_A_SECOND,\n    },\n  },\n};\n\n");
    out.push_str(
        "export default function () {\n  if (!__ENV.TARGET) fail(\"set TARGET to the URL of a copy of the system\");\n",
    );
    out.push_str("  // TODO: requests as users send them: many different ones, where each new one was kept.\n");
    out.push_str("  const answer = http.get(__ENV.TARGET);\n  check(answer, { \"answers well\": (a) => a.status < 500 });\n}\n\n");
    out.push_str("// TODO: afterwards, memory has to be level under a level load, and no pod has restarted.\n");
    Artifact {
        kind: Kind::Tests,
        file: "load_test.js".into(),
        title: "Stub of a load test (k6)".into(),
        says: vec![format!("a stub with the case's numbers: {usual} requests a second usually, {most} at most")],
        digest: format!("{} at {usual} and then {most} requests a second", plain(&first.entity)),
        contents: out,
    }
}

/// A shell script with the checks that tell the fault, to be finished by a person.
fn regression(first: &Hypothesis) -> Option<Artifact> {
    if first.tests.is_empty() {
        return None;
    }
    let mut out = String::from("#!/bin/sh\n# STUB: it fails until each check below compares what it prints.\n");
    let _ = writeln!(out, "# Would have found: {} ({})", said(&first.title), first.failure_mode);
    let _ = writeln!(out, "# On: {}", plain(&first.entity));
    out.push_str("# Run it after each deployment to a copy of the system. It only looks.\nset -u\nfailed=0\n");
    for (nth, test) in first.tests.iter().enumerate() {
        let number = nth + 1;
        let command = firstfault_act::command(test);
        let _ = writeln!(out, "\n# {number}. Decides {}", said(&test.decides));
        for outcome in &test.outcomes {
            let _ = writeln!(out, "#    {}", said(outcome));
        }
        match &command.run {
            Some(run) => {
                let _ = writeln!(out, "{}", one_line(run));
            }
            None => {
                let by_hand = command.by_hand.as_deref().unwrap_or(&test.command);
                let _ = writeln!(out, "#    By hand: {}", said(by_hand));
            }
        }
        let _ = writeln!(out, "# TODO: compare what it printed, then take the next line away.");
        let _ = writeln!(out, "echo 'check {number} is a stub' >&2; failed=1");
    }
    out.push_str("\nexit \"$failed\"\n");
    Some(Artifact {
        kind: Kind::Tests,
        file: "regression_test.sh".into(),
        title: "Stub of a regression test".into(),
        says: vec!["a stub: a person has to say what each check compares".into()],
        digest: format!("{} checks of {}", first.tests.len(), plain(&first.entity)),
        contents: out,
    })
}

/// A command on one line; a line break would end it.
fn one_line(command: &str) -> String {
    command.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
