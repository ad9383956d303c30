//! What all kinds print of their metadata.

use firstfault_model::Value;

use super::Description;
use super::grid::time;
use super::tree::Node;
use crate::kubectl::words;

/// Fills `metadata`.
pub(super) fn fill(description: &Description, body: &mut Value) {
    if let Some(node) = description.find("Labels") {
        body.set("metadata.labels", labels(node));
    }
    if let Some(node) = description.find("Annotations") {
        body.set("metadata.annotations", annotations(node));
    }
    for key in ["CreationTimestamp", "Created on"] {
        if let Some(text) = words::known(description.value(key)) {
            body.set("metadata.creationTimestamp", time(text));
        }
    }
    if let Some((kind, name)) = description.value("Controlled By").split_once('/') {
        let owner = [("kind", Value::str(kind)), ("name", Value::str(name)), ("controller", Value::Bool(true))];
        body.set("metadata.ownerReferences", Value::List(vec![words::map(owner)]));
    }
    if let Some(list) = words::known(description.value("Finalizers")) {
        let list = list.trim_matches(['[', ']']).split_whitespace().map(Value::str).collect();
        body.set("metadata.finalizers", Value::List(list));
    }
    let status = description.value("Status");
    let deleted = words::known(description.value("DeletionTimestamp"));
    if let Some(text) = deleted {
        body.set("metadata.deletionTimestamp", time(text));
    } else if status.starts_with("Terminating") {
        body.set("metadata.deletionTimestamp", Value::Bool(true));
    }
}

/// `app=api`, one a line.
pub(super) fn labels(node: &Node) -> Value {
    let mut all = Value::Map(firstfault_model::Map::default());
    for line in node.values() {
        if let Some((key, value)) = line.split_once('=') {
            *all.entry(key.trim()) = Value::str(value);
        }
    }
    all
}

/// `key: value` or (older) `key=value`; a long value stands on lines of its own.
pub(super) fn annotations(node: &Node) -> Value {
    let mut all = Value::Map(firstfault_model::Map::default());
    let mut last: Option<String> = None;
    for line in node.values() {
        if let Some((key, value)) = split(line) {
            *all.entry(key) = Value::str(value);
            last = Some(key.to_owned());
        } else if let Some(key) = &last {
            let before = all.get(key).text().to_owned();
            let joined = if before.is_empty() { line.to_owned() } else { format!("{before}\n{line}") };
            *all.entry(key) = Value::str(&joined);
        }
    }
    all
}

fn split(line: &str) -> Option<(&str, &str)> {
    let end = line.find([':', '='])?;
    let (key, rest) = (&line[..end], &line[end + 1..]);
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    is_key.then_some((key, rest.trim()))
}
