//! What a node's conditions say. Ready nodes with old transitions are well.

use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Finding, Grade, State, Value};

use super::{
    DISK_PRESSURE, MEMORY_PRESSURE, NETWORK_UNREADY, NOT_READY, PID_PRESSURE, PROBLEM, RUNTIME_STOPPED, SILENT,
};
use crate::merge::Merged;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for node in world.kind("Node").filter(|node| node.is_live()) {
        for condition in node.at("status.conditions").list() {
            for declaration in declarations(condition) {
                merged.add(finding(node, condition, declaration));
            }
        }
        by_table(node, merged);
    }
}

/// A row of `kubectl get nodes` says `NotReady` and no more.
fn by_table(node: &Object, merged: &mut Merged) {
    let ready = node.at("status.conditions").list().iter().any(|c| c.get("type").text() == "Ready");
    let said = node.at("status.phase").text();
    if !ready && said.split(',').any(|word| word == "NotReady") {
        let what = format!("Node {}: {said}", node.name);
        merged.add(Finding::new(&NOT_READY, node.entity(), node.cite(&what)).graded(Grade::Certain));
    }
}

fn declarations(condition: &Value) -> Vec<&'static Declaration> {
    let status = condition.get("status").text();
    let message = condition.get("message").text();
    let is = status == "True";
    match condition.get("type").text() {
        "Ready" if status == "Unknown" => vec![&NOT_READY, &SILENT],
        "Ready" if status == "False" => {
            let mut found = vec![&NOT_READY];
            let runtime = ["container runtime is down", "container runtime not ready", "PLEG is not healthy"];
            if runtime.iter().any(|text| message.contains(text)) && !message.contains("NetworkReady=false") {
                found.push(&RUNTIME_STOPPED);
            }
            if ["network plugin", "NetworkReady=false", "cni plugin", "NetworkPluginNotReady"]
                .iter()
                .any(|text| message.contains(text))
            {
                found.push(&NETWORK_UNREADY);
            }
            found
        }
        "MemoryPressure" if is => vec![&MEMORY_PRESSURE],
        "DiskPressure" if is => vec![&DISK_PRESSURE],
        "PIDPressure" if is => vec![&PID_PRESSURE],
        "NetworkUnavailable" if is => vec![&NETWORK_UNREADY],
        "KernelDeadlock"
        | "ReadonlyFilesystem"
        | "FrequentKubeletRestart"
        | "FrequentContainerdRestart"
        | "CorruptDockerOverlay2"
        | "FrequentUnregisterNetDevice"
            if is =>
        {
            vec![&PROBLEM]
        }
        _ => Vec::new(),
    }
}

fn finding(node: &Object, condition: &Value, declaration: &'static Declaration) -> Finding {
    let (kind, status) = (condition.get("type").text(), condition.get("status").text());
    let (reason, message) = (condition.get("reason").text(), condition.get("message").text());
    let what = format!("Node {}: {kind}: {status} {reason} {message}", node.name);
    let since = condition.get("lastTransitionTime").text().parse().ok();
    Finding::new(declaration, node.entity(), node.cite(what.trim_end()))
        .graded(Grade::Certain)
        .in_state(State::Current)
        .seen(since, None)
        .with("node", node.name.as_str())
        .with("condition", kind)
        .with("reason", reason)
        .with("message", message)
}
