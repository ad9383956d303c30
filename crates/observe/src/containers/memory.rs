use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Evidence, Finding, Grade, State};
use jiff::SignedDuration;

use super::{LIMIT_TINY, OOM_AT_START, OOM_BY_NODE, OOM_KILLED};
use crate::merge::Merged;
use crate::pod::{Container, age, containers, is_replaced, pods_at_work, restart_age, time};
use crate::startup::state_of;
use firstfault_model::Quantity;

/// A kill that is older than this, of a container that has run well since, is another story.
const LATELY: SignedDuration = SignedDuration::from_hours(3);

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for pod in world.kind("Pod").filter(|pod| pod.is_live() && !crate::pod::is_leaving(pod)) {
        for container in containers(pod) {
            killed(world, pod, &container, merged);
        }
    }
    for pod in pods_at_work(world) {
        for container in containers(pod).iter().filter(|c| c.ready() != Some(true)) {
            tiny(world, pod, container, merged);
        }
    }
    by_events(world, merged);
}

fn killed(world: &World, pod: &Object, container: &Container<'_>, merged: &mut Merged) {
    for state in ["state.terminated", "lastState.terminated"] {
        let ended = container.status.at(state);
        let reason = ended.get("reason").text();
        let message = ended.get("message").text();
        let at_start = message.contains("OOM-killed");
        if reason != "OOMKilled" && !at_start {
            continue;
        }
        let when = time(ended.get("finishedAt"));
        let well = container.ready() == Some(true) && restart_age(world, pod, when).is_none_or(|age| age > LATELY)
            || is_replaced(world, pod);
        let what = format!(
            "container {} ended with {reason} {} {message}",
            container.name,
            exit(ended.get("exitCode").as_int())
        );
        let declaration = if at_start { &OOM_AT_START } else { &OOM_KILLED };
        let mut finding = Finding::new(declaration, world.carrier(pod), cite(pod, what.trim_end()))
            .graded(Grade::Certain)
            .in_state(if well { State::Recovered } else { State::Current })
            .seen(when, when)
            .with("pod", pod.name.as_str())
            .with("container", container.name)
            .with("restarts", container.restarts().to_string());
        if let Some(limit) = limit(container) {
            finding = finding.with("limit", limit);
        }
        merged.add(finding);
    }
    if container.waiting_message().contains("OOM-killed") {
        let what = format!("container {}, {}", container.name, container.waiting_message());
        merged.add(Finding::new(&OOM_AT_START, world.carrier(pod), cite(pod, &what)).with("container", container.name));
    }
}

fn exit(code: Option<i64>) -> String {
    code.map_or_else(String::new, |code| format!("(exit code {code})"))
}

fn cite(pod: &Object, what: &str) -> Evidence {
    pod.cite(&format!("Pod {}: {what}", pod.name))
}

/// The memory limit as it was written.
fn limit(container: &Container<'_>) -> Option<String> {
    let limit = container.spec.at("resources.limits.memory");
    (!limit.is_null()).then(|| limit.show())
}

/// No common runtime starts a useful process in less than this.
const TINY: i64 = 12 << 20;

fn tiny(world: &World, pod: &Object, container: &Container<'_>, merged: &mut Merged) {
    let Some(limit) = limit(container) else { return };
    let bytes = Quantity::parse(&limit);
    if bytes.is_some_and(|bytes| bytes > Quantity::ZERO && bytes < Quantity::whole(TINY)) {
        merged.add(
            Finding::new(
                &LIMIT_TINY,
                world.carrier(pod),
                cite(pod, &format!("container {}, limits.memory: {limit}", container.name)),
            )
            .graded(Grade::Certain)
            .with("container", container.name)
            .with("limit", limit),
        );
    }
}

/// What the kubelet says of sandboxes, and the kernel of the node.
fn by_events(world: &World, merged: &mut Merged) {
    for event in &world.events {
        if event.about.kind == "Pod" && event.message.contains("OOM-killed") {
            let mut finding = Finding::new(&OOM_AT_START, world.carrier_of(&event.about), event.cite())
                .in_state(state_of(world, event))
                .seen(event.first, event.last)
                .with("pod", event.about.name.as_str());
            if let Some(pod) = world.object_of(&event.about)
                && let Some((container, limit)) = containers(pod).iter().find_map(|c| Some((c.name, limit(c)?)))
            {
                finding = finding.with("container", container).with("limit", limit);
            }
            merged.add(finding);
        }
        if event.about.kind == "Pod" && matches!(event.reason.as_str(), "OOMKilling" | "OOMKilled") {
            merged.add(
                Finding::new(&OOM_KILLED, world.carrier_of(&event.about), event.cite())
                    .in_state(state_of(world, event))
                    .seen(event.first, event.last)
                    .with("pod", event.about.name.as_str()),
            );
        }
        if event.reason == "SystemOOM" && event.about.kind == "Node" {
            let recent = age(world, event.last).is_none_or(|age| age < LATELY);
            merged.add(
                Finding::new(&OOM_BY_NODE, Entity::new("Node", &event.about.name), event.cite())
                    .in_state(if recent { State::Current } else { State::Recovered })
                    .seen(event.first, event.last)
                    .with("node", event.about.name.as_str()),
            );
        }
    }
}
