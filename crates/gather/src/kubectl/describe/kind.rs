//! The kind of a description: from the command, or from the keys that only one kind prints.

use std::ops::Range;

use firstfault_model::Name;

use super::tree::{Node, find, value};
use crate::kinds;
use crate::kubectl::guess;
use crate::kubectl::sheet::Sheet;

/// The kind of the object with these keys.
pub(super) fn of(sheet: &Sheet, range: Range<usize>, nodes: &[Node]) -> Option<Name> {
    // Kinds without a describer of their own print theirs.
    let printed = value(nodes, "Kind");
    if !printed.is_empty() && find(nodes, "API Version").is_some() {
        return kinds::kind_of(printed);
    }
    let asked = sheet.asked.as_ref().filter(|asked| asked.verb == "describe");
    if let Some(kind) = asked.and_then(|asked| asked.kind()) {
        return Some(kind.clone());
    }
    by_keys(sheet, range, nodes).map(Name::from).or_else(|| guess::by_path(sheet.path))
}

fn by_keys(sheet: &Sheet, range: Range<usize>, nodes: &[Node]) -> Option<&'static str> {
    let has = |key: &str| find(nodes, key).is_some();
    let line = |start: &str| sheet.lines[range.clone()].iter().any(|line| line.trim_start().starts_with(start));
    let cells = |words: &[&str]| {
        let mut lines = sheet.lines[range.clone()].iter();
        lines.any(|line| line.split_whitespace().take(words.len()).eq(words.iter().copied()))
    };
    let found = if has("System Info") || has("Non-terminated Pods") || (has("Roles") && has("Taints")) {
        "Node"
    } else if has("Containers") && (has("Node") || has("QoS Class") || has("IPs")) {
        "Pod"
    } else if has("StrategyType") || has("OldReplicaSets") || has("NewReplicaSet") {
        "Deployment"
    } else if has("Desired Number of Nodes Scheduled") {
        "DaemonSet"
    } else if has("Schedule") && has("Concurrency Policy") {
        "CronJob"
    } else if has("Parallelism") && has("Completions") {
        "Job"
    } else if value(nodes, "Replicas").contains(" current / ") {
        "ReplicaSet"
    } else if value(nodes, "Replicas").contains(" desired | ") {
        "StatefulSet"
    } else if has("Session Affinity") || has("IP Family Policy") {
        "Service"
    } else if has("Subsets") {
        "Endpoints"
    } else if has("AddressType") {
        "EndpointSlice"
    } else if has("Rules") && (has("Default backend") || has("Address")) {
        "Ingress"
    } else if find(nodes, "Spec").is_some_and(|spec| spec.child("PodSelector").is_some()) {
        "NetworkPolicy"
    } else if has("Reclaim Policy") && has("Claim") {
        "PersistentVolume"
    } else if has("Access Modes") && has("Volume") {
        "PersistentVolumeClaim"
    } else if has("Provisioner") {
        "StorageClass"
    } else if has("Mountable secrets") || has("Image pull secrets") {
        "ServiceAccount"
    } else if has("PolicyRule") {
        "Role"
    } else if has("Role") && has("Subjects") {
        "RoleBinding"
    } else if has("Reference") && has("Min replicas") {
        "HorizontalPodAutoscaler"
    } else if has("Min available") || has("Max unavailable") {
        "PodDisruptionBudget"
    } else if has("GlobalDefault") {
        "PriorityClass"
    } else if line("====") && has("Type") {
        "Secret"
    } else if line("====") {
        "ConfigMap"
    } else if line("No resource quota") || line("No Resource Quotas") || line("Resource Quotas") {
        "Namespace"
    } else if cells(&["Resource", "Used", "Hard"]) {
        "ResourceQuota"
    } else if cells(&["Type", "Resource", "Min"]) {
        "LimitRange"
    } else if has("Controller") {
        "IngressClass"
    } else {
        return None;
    };
    Some(found)
}
