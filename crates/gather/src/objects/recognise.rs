//! Which texts hold Kubernetes objects.

use crate::formats::Chunk;
use crate::{Command, Yield};

use super::{head, problem, tree};

/// Whether a command prints what something else wrote, so that it is not the API's word.
fn is_others_word(command: &Command) -> bool {
    const SPEAKS: &[&str] = &["logs", "exec", "attach", "debug", "describe", "explain"];
    match command.program() {
        "kubectl" => command.words.get(1..).unwrap_or_default().iter().any(|word| SPEAKS.contains(&word.as_str())),
        "cat" | "jq" | "less" | "head" | "tail" | "helm" | "kustomize" | "yq" => false,
        _ => true,
    }
}

/// JSON with kinds and items, or with the path of a tree that leaves them out.
pub(crate) fn json(chunk: &Chunk<'_>) -> u8 {
    let head = head(chunk.text);
    let start = head.trim_start();
    if !start.starts_with(['{', '[']) || chunk.command.is_some_and(is_others_word) {
        return 0;
    }
    let first = &start[..start.floor_char_boundary(2_000)];
    let audit = first.contains("audit.k8s.io");
    let schema = first.contains("\"APIResourceList\"") || first.contains("\"APIGroupList\"");
    let claims = claims(chunk) > 0 || collector_errors(chunk) > 0;
    if audit || schema || claims || first.contains("\"$schema\"") {
        return 0;
    }
    let has = |key: &str| head.contains(key);
    let versioned = has("\"kind\"") && (has("\"apiVersion\"") || has("\"items\""));
    let list = has("\"apiVersion\"") && has("\"items\"");
    if versioned || list {
        return 90;
    }
    let hint = tree::hint(chunk.path);
    let known = hint.kind.is_some();
    let internal = has("\"Items\"") || (has("\"Spec\"") && has("\"selfLink\""));
    let bare = has("\"metadata\"") && (has("\"uid\"") || has("\"spec\"") || has("\"creationTimestamp\""));
    let event = hint.kind == Some("Event") && has("\"items\"") && has("\"reason\"");
    let empty = !hint.tree.is_empty() && has("\"items\"");
    if known && (internal || bare || event || empty) { 85 } else { 0 }
}

/// YAML with a kind at its margin, or a template of such.
pub(crate) fn yaml(chunk: &Chunk<'_>) -> u8 {
    let head = head(chunk.text);
    if head.trim_start().starts_with(['{', '[']) || chunk.command.is_some_and(is_others_word) {
        return 0;
    }
    let at_margin = |key: &str| head.lines().any(|line| line.strip_prefix(key).is_some_and(is_value));
    // An array of objects, as bundles write custom resources.
    let listed = head.lines().find(|line| !line.starts_with('#')).is_some_and(|line| line.starts_with("- apiVersion:"));
    let items = at_margin("items:") || at_margin("kind:");
    match () {
        () if at_margin("apiVersion:") && items => 90,
        () if listed => 85,
        () if at_margin("items:") && head.contains("\n- apiVersion:") => 85,
        () if at_margin("kind:") && at_margin("metadata:") => 70,
        () => 0,
    }
}

/// What may follow a key at the margin: not the words of a table or of prose.
fn is_value(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

/// `<kind>-errors.json` of a support bundle: what its collector was refused.
pub(crate) fn collector_errors(chunk: &Chunk<'_>) -> u8 {
    let file = chunk.path.rsplit('/').next().unwrap_or_default();
    if file.ends_with("-errors.json") && chunk.path.contains("cluster-resources/") { 95 } else { 0 }
}

/// Each error is a problem: what it names was not looked at.
pub(crate) fn read_collector_errors(chunk: &Chunk<'_>, out: &mut Yield) {
    out.read_as = "collector's errors".to_owned();
    let text = chunk.text.trim();
    let errors: Vec<String> = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Array(list)) => list.iter().map(told).collect(),
        Ok(serde_json::Value::Object(map)) => {
            map.iter().map(|(key, value)| format!("{key}: {}", told(value))).collect()
        }
        _ => text.lines().map(str::to_owned).collect(),
    };
    for error in errors.into_iter().filter(|error| !error.is_empty()).take(20) {
        let said = firstfault_model::Masked::new(&error);
        problem(chunk, chunk.first_line, format!("the collector could not list it: {said}"), out);
    }
}

fn told(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `analysis.json` of a support bundle: a vendor's conclusions.
pub(crate) fn claims(chunk: &Chunk<'_>) -> u8 {
    let head = head(chunk.text);
    let shape = head.contains("\"insight\"") && head.contains("\"severity\"");
    if chunk.path.ends_with("analysis.json") && shape { 95 } else { 0 }
}

/// Only said to be there.
pub(crate) fn read_claims(_: &Chunk<'_>, out: &mut Yield) {
    out.read_as = "a vendor's own checks: claims, not used as evidence".to_owned();
}
