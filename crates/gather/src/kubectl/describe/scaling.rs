//! Autoscalers and disruption budgets.

use firstfault_model::{Map, Value};

use super::grid::Grid;
use super::tree::Node;
use super::{Description, containers::between};
use crate::kubectl::words;

/// A HorizontalPodAutoscaler.
pub(super) fn autoscaler(description: &Description, body: &mut Value) {
    if let Some((kind, name)) = description.value("Reference").split_once('/') {
        body.set("spec.scaleTargetRef", words::map([("kind", Value::str(kind)), ("name", Value::str(name))]));
    }
    words::set_number(body, "spec.minReplicas", description.value("Min replicas"));
    words::set_number(body, "spec.maxReplicas", description.value("Max replicas"));
    let pods = description.nodes.iter().find(|node| node.key.ends_with(" pods")).map_or("", |node| node.value);
    for part in pods.split('/') {
        match part.trim().split_once(' ') {
            Some((number, "current")) => words::set_number(body, "status.currentReplicas", number),
            Some((number, "desired")) => words::set_number(body, "status.desiredReplicas", number),
            _ => {}
        }
    }
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        body.set("status.conditions", grid.conditions());
    }
    for line in description.find("Metrics").map_or(&[][..], |node| &node.children) {
        metric(line, body);
    }
}

/// `resource cpu on pods  (as a percentage of request):  45% (90m) / 60%`.
fn metric(line: &Node, body: &mut Value) {
    let Some((current, target)) = line.value.rsplit_once(" / ") else { return };
    let Some(name) = between(line.key, "resource ", " ") else {
        let mut metric = Map::default();
        *metric.entry("printed") = Value::str(line.raw);
        return words::push(body, "spec.metrics", Value::Map(metric));
    };
    let side = |text: &str| {
        let mut value = Map::default();
        let head = text.trim();
        match head.split('%').next().filter(|_| head.contains('%')).and_then(words::number) {
            Some(percent) => {
                *value.entry("averageUtilization") = percent;
                if let Some(amount) = between(head, "(", ")") {
                    *value.entry("averageValue") = Value::str(amount);
                }
            }
            None => *value.entry("averageValue") = Value::str(head),
        }
        Value::Map(value)
    };
    let metric = |field: &str, value: Value| {
        let resource = words::map([("name", Value::str(name)), (field, value)]);
        words::map([("type", Value::str("Resource")), ("resource", resource)])
    };
    words::push(body, "spec.metrics", metric("target", side(target)));
    if !current.trim().starts_with("<unknown>") {
        words::push(body, "status.currentMetrics", metric("current", side(current)));
    }
}

/// A PodDisruptionBudget.
pub(super) fn disruption_budget(description: &Description, body: &mut Value) {
    for (key, field) in [("Min available", "minAvailable"), ("Max unavailable", "maxUnavailable")] {
        if let Some(value) = words::known(description.value(key)) {
            body.set(&format!("spec.{field}"), words::number_or_text(value));
        }
    }
    if let Some(selector) = words::known(description.value("Selector")) {
        body.set("spec.selector", words::selector(selector));
    }
    let Some(status) = description.find("Status") else { return };
    for (key, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        words::set_number(body, &format!("status.{field}"), status.value_of(key));
    }
}
