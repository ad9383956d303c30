//! Probes that fail: whether the probe is wrong, or the application that it asks.

mod judge;
mod probe;
mod said;
mod table;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Finding, State};
use jiff::SignedDuration;

use crate::merge::Merged;
use crate::pod::{containers, event_age, is_done, is_leaving, is_ready, printed_restart_age};
use crate::registry::declare;
use crate::words::Logs;

declare! {
    /// The kubelet restarts it for its liveness probe.
    LIVENESS_FAILING = "probe.liveness-failing", "fails its liveness probe", Rarely, Infrastructure;
    /// No traffic, for its readiness probe.
    READINESS_FAILING = "probe.readiness-failing", "fails its readiness probe", Rarely, Infrastructure;
    /// It is not let start.
    STARTUP_FAILING = "probe.startup-failing", "fails its startup probe", Rarely, Infrastructure;
    /// The liveness probe asks a port that nobody listens on.
    LIVENESS_PORT = "probe.liveness-port-wrong", "has a liveness probe on a port that its container does not use", Never, State;
    /// The same of readiness.
    READINESS_PORT = "probe.readiness-port-wrong", "has a readiness probe on a port that its container does not use", Never, State;
    /// The same of startup.
    STARTUP_PORT = "probe.startup-port-wrong", "has a startup probe on a port that its container does not use", Never, State;
    /// The liveness probe speaks another protocol than the server.
    LIVENESS_PROTOCOL = "probe.liveness-protocol-wrong", "has a liveness probe that speaks another protocol than its server", Never, State;
    /// The same of readiness.
    READINESS_PROTOCOL = "probe.readiness-protocol-wrong", "has a readiness probe that speaks another protocol than its server", Never, State;
    /// The same of startup.
    STARTUP_PROTOCOL = "probe.startup-protocol-wrong", "has a startup probe that speaks another protocol than its server", Never, State;
    /// The server has no such path.
    LIVENESS_PATH = "probe.liveness-path-wrong", "has a liveness probe for a path that its server does not have", Never, Infrastructure;
    /// The same of readiness.
    READINESS_PATH = "probe.readiness-path-wrong", "has a readiness probe for a path that its server does not have", Never, Infrastructure;
    /// The same of startup.
    STARTUP_PATH = "probe.startup-path-wrong", "has a startup probe for a path that its server does not have", Never, Infrastructure;
    /// It is killed before it can have started.
    LIVENESS_TIMING = "probe.liveness-too-impatient", "has a liveness probe that gives up before the application can answer", Rarely, State;
    /// The time limit of one try is too short for a working application.
    READINESS_TIMING = "probe.readiness-too-impatient", "has a readiness probe whose timeout is too short for its application", Rarely, State;
    /// The whole time for starting is too short.
    STARTUP_TIMING = "probe.startup-too-impatient", "has a startup probe that gives up before the application has started", Rarely, State;
    /// The probe asks rightly, and the application says that it is not well.
    SICK = "probe.reports-sick-application", "is told unwell by a probe that asks the right thing", Rarely, Infrastructure;
    /// The command of an exec probe is not there.
    COMMAND = "probe.command-failing", "has a probe whose command cannot be run", Never, Infrastructure;
}

/// One of the three probes of a container.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// How the kubelet's event begins.
    event: &'static str,
    /// The field of the container's spec.
    field: &'static str,
    failing: &'static Declaration,
    port: &'static Declaration,
    protocol: &'static Declaration,
    path: &'static Declaration,
    timing: &'static Declaration,
}

const LIVENESS: Kind = Kind {
    event: "Liveness probe",
    field: "livenessProbe",
    failing: &LIVENESS_FAILING,
    port: &LIVENESS_PORT,
    protocol: &LIVENESS_PROTOCOL,
    path: &LIVENESS_PATH,
    timing: &LIVENESS_TIMING,
};
const READINESS: Kind = Kind {
    event: "Readiness probe",
    field: "readinessProbe",
    failing: &READINESS_FAILING,
    port: &READINESS_PORT,
    protocol: &READINESS_PROTOCOL,
    path: &READINESS_PATH,
    timing: &READINESS_TIMING,
};
const STARTUP: Kind = Kind {
    event: "Startup probe",
    field: "startupProbe",
    failing: &STARTUP_FAILING,
    port: &STARTUP_PORT,
    protocol: &STARTUP_PROTOCOL,
    path: &STARTUP_PATH,
    timing: &STARTUP_TIMING,
};
const KINDS: [Kind; 3] = [LIVENESS, READINESS, STARTUP];

/// A failure that is older than this has stopped.
const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// A restart that is older than this was not the probe's that fails now.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let logs = Logs::of(world);
    for pod in world.kind("Pod").filter(|pod| pod.is_live() && !is_done(pod) && !is_leaving(pod)) {
        let entity = pod.entity();
        let events: Vec<&Event> = world.events_about(&entity).collect();
        for kind in KINDS {
            let said = events.iter().rev().find(|e| is_failure(e, kind)).copied();
            match (state(world, pod, kind, said, &events), said) {
                (Some(State::Current), said) => judge::failing(world, pod, kind, said, &logs, &mut merged),
                (Some(State::Recovered), Some(event)) => {
                    merged.add(failure(world, pod, kind, event).in_state(State::Recovered));
                }
                _ => {}
            }
        }
    }
    table::unready(world, &mut merged);
    said::of_unseen_pods(world, &mut merged);
    merged.into(findings);
}

fn is_failure(event: &Event, kind: Kind) -> bool {
    matches!(event.reason.as_str(), "Unhealthy" | "ProbeWarning" | "ProbeError")
        && event.message.starts_with(kind.event)
}

/// Whether a probe fails now, has failed, or neither.
fn state(world: &World, pod: &Object, kind: Kind, said: Option<&Event>, events: &[&Event]) -> Option<State> {
    let ready = is_ready(pod);
    let long_ago = printed_restart_age(pod).is_some_and(|age| age > SETTLED);
    let restarted = !long_ago && containers(pod).iter().any(|c| c.restarts() > 0);
    let Some(event) = said else {
        // Without a word of the kubelet, a running container that stays unready fails its readiness.
        let unready = containers(pod).iter().any(|c| c.runs() && c.ready() == Some(false) && !c.init);
        return (kind == READINESS && unready && events.is_empty()).then_some(State::Current);
    };
    let recent = event_age(world, event).is_none_or(|age| age < LATELY);
    let killed = events.iter().any(|e| e.reason == "Killing" && names_probe(&e.message, kind));
    let holds = match kind.field {
        "readinessProbe" => ready == Some(false),
        _ => ready == Some(false) || (recent && restarted && (killed || kind == LIVENESS)),
    };
    Some(if holds { State::Current } else { State::Recovered })
}

/// `Container server failed liveness probe, will be restarted`.
fn names_probe(message: &str, kind: Kind) -> bool {
    let word = kind.event.to_lowercase();
    message.contains(&format!("failed {word}")) || message.contains(&format!("failed {}", kind.event))
}

/// Whether the kubelet said that it killed a container for a probe.
pub(crate) fn was_killed_by_probe(world: &World, pod: &Object, container: &str) -> bool {
    let entity = pod.entity();
    world.events_about(&entity).any(|e| {
        e.reason == "Killing"
            && (names_probe(&e.message, LIVENESS) || names_probe(&e.message, STARTUP))
            && e.message.split_whitespace().any(|word| word.trim_matches('"') == container)
    })
}

fn failure(world: &World, pod: &Object, kind: Kind, event: &Event) -> Finding {
    Finding::new(kind.failing, world.carrier(pod), event.cite())
        .seen(event.first, event.last)
        .with("pod", pod.name.as_str())
        .with("count", event.count.to_string())
}

#[cfg(test)]
mod tests;
