//! How containers end: killed for memory, with an error, on a port that is taken, evicted.

mod endings;
mod eviction;
mod memory;
mod ports;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::merge::Merged;
use crate::registry::declare;
use crate::words::Logs;

declare! {
    /// The kernel killed a container for memory.
    OOM_KILLED = "container.oom-killed", "was killed because it went over its memory limit", Never, State;
    /// The kernel killed it while the runtime was still starting it.
    OOM_AT_START = "container.oom-killed-at-start", "was killed for memory before its program ran", Never, Infrastructure;
    /// The limit is below what a process needs to begin.
    LIMIT_TINY = "container.memory-limit-tiny", "has a memory limit of a few megabytes", Rarely, State;
    /// The node's kernel ran out of memory as a whole and took it.
    OOM_BY_NODE = "container.oom-killed-by-node", "was killed because its node ran out of memory", Never, Infrastructure;
    /// It ends with an exit code other than 0.
    EXITS_WITH_ERROR = "container.exits-with-error", "has a container that ends with an error", Never, State;
    /// It ends with 0 and is started again and again.
    EXITS_CLEANLY = "container.exits-cleanly", "has a container that ends without an error and should run on", Rarely, State;
    /// 139 and its like.
    CRASHES = "container.crashes", "has a container that crashes with a signal", Never, State;
    /// 137 without a word of memory.
    KILLED = "container.killed", "has a container that was killed from outside", Sometimes, State;
    /// What the application itself said last.
    LAST_ERROR = "container.last-error", "says what went wrong before its container ended", Rarely, Application;
    /// The application says that its port is taken.
    PORT_TAKEN = "container.port-taken", "cannot listen because its port is already in use", Never, Application;
    /// Two containers of a pod declare one port.
    SAME_PORT = "container.same-port", "has two containers that use one port", Rarely, State;
    /// The port that is taken is claimed by another container of the pod.
    PORT_CLAIMED = "container.port-claimed-by-sidecar", "has a sidecar that is set to the port of its main container", Rarely, State;
    /// The kubelet evicted it for the node's sake.
    EVICTED = "pod.evicted", "had pods evicted because their node ran short", Rarely, State;
    /// It used more local storage than it may.
    EVICTED_OWN = "pod.evicted-own-storage", "had pods evicted because they used more local storage than allowed", Never, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let logs = Logs::of(world);
    memory::detect(world, &mut merged);
    endings::detect(world, &logs, &mut merged);
    ports::detect(world, &logs, &mut merged);
    eviction::detect(world, &mut merged);
    merged.into(findings);
}

#[cfg(test)]
mod tests;
