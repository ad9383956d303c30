//! How workloads and their pods are now, whatever the reason: what victims and causes both show.

mod pods;
mod replicas;

pub(crate) use replicas::replicas;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// Fewer ready replicas than wanted, now.
    UNAVAILABLE = "workload.unavailable", "has fewer ready replicas than it wants", Rarely, State;
    /// Its controller has given up on the roll-out or cannot make pods.
    NOT_PROGRESSING = "workload.not-progressing", "does not progress to its wanted state", Rarely, State;
    /// `replicas: 0`.
    SCALED_TO_ZERO = "workload.scaled-to-zero", "is scaled to zero replicas", Sometimes, State;
    /// A manifest asks for it, and it is not in a complete listing.
    MISSING = "workload.missing", "is asked for by a manifest and does not exist", Rarely, State;
    /// A scheduled pod does not serve.
    POD_NOT_READY = "pod.not-ready", "has a pod that is not ready", Rarely, State;
    /// Containers were started again lately.
    POD_RESTARTING = "pod.restarting", "has containers that were restarted lately", Sometimes, State;
    /// The kubelet waits before it starts a container again.
    CRASH_LOOPING = "container.crash-looping", "has a container that ends again and again", Never, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    pods::detect(world, &mut merged);
    replicas::detect(world, &mut merged);
    merged.into(findings);
}
