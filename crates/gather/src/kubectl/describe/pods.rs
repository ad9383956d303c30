//! A pod, and the pod template of a workload.

use firstfault_model::Value;

use super::grid::{Grid, time};
use super::tree::{Node, find, value};
use super::{Description, containers, metadata, volumes};
use crate::kubectl::{ages, words};

/// A described pod.
pub(super) fn pod(description: &Description, body: &mut Value) {
    let nodes = &description.nodes;
    let (mut spec, mut status) = (Value::default(), Value::default());
    spec_of(nodes, &mut spec, Some(&mut status));
    if let Some(node) = words::known(description.value("Node")) {
        let (name, host) = node.split_once('/').unwrap_or((node, ""));
        words::set_known(&mut spec, "nodeName", name);
        words::set_known(&mut status, "hostIP", host);
    }
    words::set_number(&mut spec, "priority", description.value("Priority"));
    let phase = description.value("Status").split(" (").next().unwrap_or("");
    if phase == "Terminating" {
        if let Some(lasts) = containers::between(description.value("Status"), "(lasts ", ")").and_then(ages::seconds) {
            body.set("metadata.deletionPrintedAge", Value::Int(lasts));
        }
    } else {
        words::set_known(&mut status, "phase", phase);
    }
    for (key, field) in [("Reason", "reason"), ("Message", "message")] {
        if let Some(node) = description.find(key) {
            words::set_known(&mut status, field, &node.text());
        }
    }
    for (key, field) in [("IP", "podIP"), ("QoS Class", "qosClass"), ("NominatedNodeName", "nominatedNodeName")] {
        words::set_known(&mut status, field, description.value(key));
    }
    if let Some(text) = words::known(description.value("Start Time")) {
        status.set("startTime", time(text));
    }
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        status.set("conditions", grid.conditions());
    }
    body.set("spec", spec);
    body.set("status", status);
}

/// The spec of a pod from the keys that a pod and a template share.
pub(super) fn spec_of(nodes: &[Node], spec: &mut Value, status: Option<&mut Value>) {
    containers::fill(nodes, spec, status);
    volumes::fill(nodes, spec);
    for (key, field) in [
        ("Service Account", "serviceAccountName"),
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("RuntimeClassName", "runtimeClassName"),
    ] {
        words::set_known(spec, field, value(nodes, key));
    }
    if let Some(node) = find(nodes, "Node-Selectors").filter(|node| words::known(node.value).is_some()) {
        spec.set("nodeSelector", metadata::labels(node));
    }
    if let Some(node) = find(nodes, "Tolerations") {
        spec.set("tolerations", Value::List(node.values().filter_map(toleration).collect()));
    }
    if let Some(node) = find(nodes, "Topology Spread Constraints") {
        spec.set("topologySpreadConstraints", Value::List(node.values().filter_map(spread).collect()));
    }
}

/// The template under a workload.
pub(super) fn template(description: &Description) -> Option<Value> {
    let node = description.find("Pod Template")?;
    let mut template = Value::default();
    if let Some(labels) = node.child("Labels") {
        template.set("metadata.labels", metadata::labels(labels));
    }
    if let Some(annotations) = node.child("Annotations") {
        template.set("metadata.annotations", metadata::annotations(annotations));
    }
    let mut spec = Value::default();
    spec_of(&node.children, &mut spec, None);
    template.set("spec", spec);
    Some(template)
}

/// `dedicated=ml:NoSchedule`, `node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`, `op=Exists`.
fn toleration(line: &str) -> Option<Value> {
    let line = words::known(line)?;
    let (line, seconds) = match line.split_once(" for ") {
        Some((line, seconds)) => (line, words::number(seconds.trim().trim_end_matches('s'))),
        None => (line, None),
    };
    let exists = line.ends_with("op=Exists");
    let line = line.trim_end_matches("op=Exists").trim();
    let (key, effect) = line.split_once(':').unwrap_or((line, ""));
    let mut body = Value::default();
    let mut operator = if exists { "Exists" } else { "Equal" };
    if let Some((key, value)) = key.split_once('=') {
        body.set("key", Value::str(key));
        body.set("value", Value::str(value));
    } else {
        words::set_known(&mut body, "key", key);
        if key.is_empty() {
            operator = "Exists";
        }
    }
    body.set("operator", Value::str(operator));
    words::set_known(&mut body, "effect", effect);
    if let Some(seconds) = seconds {
        body.set("tolerationSeconds", seconds);
    }
    Some(body)
}

/// `zone:DoNotSchedule when max skew 1 is exceeded for selector app=api`.
fn spread(line: &str) -> Option<Value> {
    let (key, rest) = line.split_once(" when max skew ")?;
    let (key, action) = key.rsplit_once(':')?;
    let (skew, rest) = rest.split_once(" is exceeded")?;
    let mut body = words::map([("topologyKey", Value::str(key)), ("whenUnsatisfiable", Value::str(action))]);
    words::set_number(&mut body, "maxSkew", skew);
    if let Some(selector) = rest.trim().strip_prefix("for selector ") {
        body.set("labelSelector", words::selector(selector));
    }
    Some(body)
}
