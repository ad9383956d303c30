use firstfault_gather::{Event, World};
use firstfault_model::{Declaration, Entity, Finding, Grade};

use super::{NETWORK_PLUGIN, NO_ADDRESS, RUNTIME_CLASS_MISSING, RUNTIME_HANDLER, SANDBOX_FAILING, from_event};
use crate::merge::Merged;
use crate::pod::{SERVING, pod_spec};

pub(super) fn by_event(world: &World, event: &Event, merged: &mut Merged) {
    let message = event.message.as_str();
    let of_sandbox =
        matches!(event.reason.as_str(), "FailedCreatePodSandBox" | "FailedCreatePodContainer" | "NetworkNotReady");
    if !of_sandbox || message.contains("OOM-killed") {
        return;
    }
    let node = world.object_of(&event.about).map_or("", |pod| pod.at("spec.nodeName").text());
    let say = |declaration: &Declaration| from_event(world, declaration, event).with("node", node);
    merged.add(say(&SANDBOX_FAILING));
    if let Some(declaration) = read(message) {
        let mut finding = say(declaration);
        if let Some((_, rest)) = message.split_once("no runtime for \"") {
            finding = finding.with("handler", rest.split('"').next().unwrap_or(""));
        }
        merged.add(finding);
    }
}

fn read(message: &str) -> Option<&'static Declaration> {
    let has = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if has(&["no runtime for", "runtime handler", "failed to find runtime handler"]) {
        Some(&RUNTIME_HANDLER)
    } else if has(&[
        "no IP addresses available",
        "failed to assign an IP address",
        "no available IP",
        "no more IPs",
        "IP pool exhausted",
        "no free IP",
        "failed to allocate for range",
        "range is full",
        "InsufficientFreeAddresses",
        "no IPs available",
    ]) {
        Some(&NO_ADDRESS)
    } else if has(&[
        "plugin type=",
        "cni plugin not initialized",
        "cni config uninitialized",
        "failed to find plugin",
        "network is not ready",
        "subnet.env",
        "failed to setup network for sandbox",
        "networkPlugin cni failed",
        "NetworkPluginNotReady",
    ]) {
        Some(&NETWORK_PLUGIN)
    } else {
        None
    }
}

/// Workloads and pods that name a RuntimeClass which a complete listing lacks, or which the API
/// refuses for it.
pub(super) fn runtime_classes(world: &World, merged: &mut Merged) {
    for kind in SERVING.iter().chain(&["Pod", "Job", "CronJob"]) {
        for object in world.kind(kind).filter(|o| o.is_live()) {
            let class = pod_spec(object).get("runtimeClassName").text();
            if !class.is_empty() && world.is_missing("RuntimeClass", None, class) {
                let what =
                    format!("{} {}: runtimeClassName: {class}, which is not in the listing", object.kind, object.name);
                merged.add(said(world.carrier(object), object.cite(&what), class).graded(Grade::Certain));
            }
        }
    }
    for event in world.events.iter().filter(|e| e.warning && e.message.contains("RuntimeClass \"")) {
        if let Some((class, rest)) =
            event.message.split_once("RuntimeClass \"").and_then(|(_, rest)| rest.split_once('"'))
            && rest.contains("not found")
            && world.object("RuntimeClass", None, class).is_none()
        {
            merged.add(said(world.carrier_of(&event.about), event.cite(), class).seen(event.first, event.last));
        }
    }
}

fn said(carrier: Entity, evidence: firstfault_model::Evidence, class: &str) -> Finding {
    Finding::new(&RUNTIME_CLASS_MISSING, carrier, evidence)
        .with("class", class)
        .about(Entity::new("RuntimeClass", class))
}
