//! Why containers do not start: configuration, commands, init containers, sandboxes.

mod command;
mod configuration;
mod init;
mod sandbox;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Entity, Evidence, Finding, Grade, State};
use jiff::SignedDuration;

use crate::merge::Merged;
use crate::pod::{event_age, is_done, is_ready, pods_at_work};
use crate::registry::declare;
use crate::words::Logs;

declare! {
    /// A ConfigMap that the pod needs is not there.
    CONFIG_MAP_MISSING = "startup.config-map-missing", "needs a ConfigMap that does not exist", Never, State;
    /// A Secret that the pod needs is not there.
    SECRET_MISSING = "startup.secret-missing", "needs a Secret that does not exist", Never, State;
    /// The object is there and lacks a key.
    KEY_MISSING = "startup.key-missing", "needs a key that its ConfigMap or Secret does not have", Never, State;
    /// The kubelet could not put the container's configuration together.
    CONFIG_ERROR = "startup.config-error", "has a container whose configuration cannot be made", Never, State;
    /// There is no such executable in the image.
    COMMAND_NOT_FOUND = "startup.command-not-found", "runs a command that is not in its image", Never, State;
    /// The executable may not be run.
    COMMAND_NOT_EXECUTABLE = "startup.command-not-executable", "runs a file that may not be executed", Never, State;
    /// The executable is for another processor.
    EXEC_FORMAT = "startup.exec-format-error", "runs a program that is built for another architecture", Never, State;
    /// The runtime could not start the container, whatever the reason.
    START_ERROR = "startup.start-error", "has a container that the runtime cannot start", Rarely, State;
    /// The working directory is not there.
    DIRECTORY_MISSING = "startup.directory-missing", "starts in a directory that does not exist", Never, State;
    /// An init container ends with an error.
    INIT_FAILING = "startup.init-failing", "has an init container that fails", Never, State;
    /// An init container does not end.
    INIT_WAITING = "startup.init-waiting", "has an init container that does not come to its end", Rarely, State;
    /// The image's user is root, and the pod forbids it.
    RUNS_AS_ROOT = "startup.runs-as-root", "must not run as root, and its image does", Never, State;
    /// A helper container of the pod is not ready while the main one is.
    SIDECAR_NOT_READY = "startup.sidecar-not-ready", "has a sidecar that is not ready", Rarely, State;
    /// The pod's sandbox cannot be made.
    SANDBOX_FAILING = "startup.sandbox-failing", "has pods whose sandbox cannot be created", Never, Infrastructure;
    /// No address is left for the pod.
    NO_ADDRESS = "startup.no-pod-address", "gets no address for its pods", Never, Infrastructure;
    /// The network plug-in is not there or not ready.
    NETWORK_PLUGIN = "startup.network-plugin-failing", "cannot start pods because the network plug-in does not work", Never, Infrastructure;
    /// The runtime has no such handler.
    RUNTIME_HANDLER = "startup.runtime-handler-unknown", "asks for a runtime handler that its node does not have", Never, Infrastructure;
    /// The RuntimeClass is not there.
    RUNTIME_CLASS_MISSING = "startup.runtime-class-missing", "names a RuntimeClass that does not exist", Never, State;
    /// The hook after start failed.
    POST_START = "startup.post-start-failed", "has a postStart hook that fails", Never, Infrastructure;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let logs = Logs::of(world);
    for pod in pods_at_work(world).filter(|pod| is_ready(pod) != Some(true)) {
        configuration::judge(world, pod, &mut merged);
        command::judge(world, pod, &mut merged);
        command::by_log(world, pod, &logs, &mut merged);
        init::judge(world, pod, &mut merged);
    }
    for event in world.events.iter().filter(|e| e.about.kind == "Pod") {
        configuration::by_event(world, event, &mut merged);
        command::by_event(world, event, &mut merged);
        sandbox::by_event(world, event, &mut merged);
    }
    sandbox::runtime_classes(world, &mut merged);
    merged.into(findings);
}

/// A finding from a pod's own state.
fn from_pod(world: &World, declaration: &Declaration, pod: &Object, what: &str) -> Finding {
    Finding::new(declaration, world.carrier(pod), pod.cite(&format!("Pod {}: {what}", pod.name)))
        .graded(Grade::Certain)
        .with("pod", pod.name.as_str())
}

/// A finding from an event, recovered if its pod has come up since.
fn from_event(world: &World, declaration: &Declaration, event: &Event) -> Finding {
    let evidence: Evidence = event.cite();
    Finding::new(declaration, world.carrier_of(&event.about), evidence)
        .in_state(state_of(world, event))
        .seen(event.first, event.last)
        .with("pod", event.about.name.as_str())
}

/// Whether an event about a pod still says something: not if the pod is well or gone.
pub(crate) fn state_of(world: &World, event: &Event) -> State {
    let old = event_age(world, event).is_some_and(|age| age > SignedDuration::from_mins(30));
    match world.object_of(&event.about).filter(|pod| pod.is_live()) {
        Some(pod) if is_ready(pod) == Some(true) || is_done(pod) => State::Recovered,
        Some(_) => State::Current,
        None if old || was_replaced(world, &event.about) || started_since(world, event) => State::Recovered,
        None => State::Current,
    }
}

/// Whether a container of the pod was started after that.
fn started_since(world: &World, event: &Event) -> bool {
    let later = |other: &Event| match (other.last, event.last) {
        (Some(other), Some(failure)) => other > failure,
        // Ages are printed coarsely; what failed to start comes before what started.
        _ => other.ago.zip(event.ago).is_some_and(|(other, failure)| other.1 <= failure.1),
    };
    world.events_about(&event.about).any(|other| other.reason == "Started" && later(other))
}

/// Whether the pod is not in a complete listing of pods.
fn was_replaced(world: &World, pod: &Entity) -> bool {
    world.is_missing("Pod", pod.namespace.as_deref(), &pod.name)
}

#[cfg(test)]
mod tests;
