//! What hosts, certificates and DNS suffer from, as the tools of hosts show it.

mod certificates;
mod clock;
mod disks;
mod dns;
mod kernel;
mod memory;
mod runtime;
mod secrets;
mod sockets;
#[cfg(test)]
mod tests;
pub mod x509;

use firstfault_gather::World;
use firstfault_model::{Entity, Finding, State, kind};
use jiff::{SignedDuration, Timestamp};

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// `df` shows no bytes left.
    DISK_FULL = "host.disk-full", "has a file system without space left", Never, State;
    /// `df -i` shows no inodes left.
    INODES_FULL = "host.inodes-full", "has a file system without inodes left", Never, State;
    /// The kernel killed a process since the whole host was short.
    OUT_OF_MEMORY = "host.out-of-memory-kill", "killed a process because the whole host was out of memory", Rarely, State;
    /// Hardly anything is available.
    MEMORY_EXHAUSTED = "host.memory-exhausted", "has hardly any memory left", Rarely, State;
    /// Pages come and go all the time.
    SWAPPING = "host.swapping", "moves memory to and from swap all the time", Rarely, State;
    /// The kernel refuses to open more files.
    FILES_EXHAUSTED = "host.files-exhausted", "has no file handle left", Never, State;
    /// The kernel drops packets of new connections.
    CONNECTIONS_FULL = "host.connection-table-full", "has a full table of tracked connections and drops packets", Never, State;
    /// The kernel finds no room for neighbours.
    NEIGHBOURS_FULL = "host.neighbour-table-full", "has a full table of neighbours", Never, State;
    /// The kernel refuses to start processes.
    PROCESSES_EXHAUSTED = "host.processes-exhausted", "may not start more processes", Never, State;
    /// Reads or writes of a disk failed.
    DISK_ERRORS = "host.disk-errors", "reports failed reads or writes of a disk", Never, State;
    /// A file system found itself damaged.
    FILE_SYSTEM_DAMAGED = "host.file-system-damaged", "reports a damaged file system", Never, State;
    /// A file system takes no writes any more.
    READ_ONLY = "host.file-system-read-only", "has a file system that fell back to read-only", Never, State;
    /// The clock follows no source.
    CLOCK_UNSYNCHRONISED = "host.clock-unsynchronised", "has a clock that follows no time source", Often, State;
    /// The clock is wrong.
    CLOCK_OFF = "host.clock-off", "has a clock that is wrong by seconds or more", Never, State;
    /// It has addresses but no way out.
    NO_DEFAULT_ROUTE = "host.no-default-route", "has no default route", Never, State;
    /// Nobody listens on a port that others try, or whose service runs.
    PORT_NOT_LISTENING = "host.port-not-listening", "does not listen on a port that is expected of it", Never, State;
    /// It listens, but on the loopback address only.
    LOOPBACK_ONLY = "host.listens-on-loopback-only", "listens on its loopback address only", Never, State;
    /// The kernel killed it at its own limit.
    KILLED_AT_LIMIT = "kernel.killed-at-own-limit", "was killed by the kernel at its own memory limit", Rarely, State;
    /// The kernel killed it although it kept its limit.
    KILLED_FOR_HOST = "kernel.killed-for-host", "was killed by the kernel because its host was out of memory", Rarely, State;
    /// A container outside Kubernetes ends with an error again and again.
    CONTAINER_FAILING = "runtime.container-failing", "ends with an error", Never, State;
    /// A container outside Kubernetes fails its own health check.
    CONTAINER_UNHEALTHY = "runtime.container-unhealthy", "fails its own health check", Rarely, State;
    /// A container outside Kubernetes was killed for memory.
    CONTAINER_KILLED = "runtime.container-oom-killed", "was killed for memory", Rarely, State;
    /// Its time is over.
    CERTIFICATE_EXPIRED = "tls.certificate-expired", "shows a certificate that has expired", Never, State;
    /// Its time has not begun.
    CERTIFICATE_EARLY = "tls.certificate-not-yet-valid", "shows a certificate that is not valid yet", Never, State;
    /// It is for other names.
    WRONG_NAME = "tls.wrong-name", "shows a certificate for another name", Never, State;
    /// Nobody that the client trusts has signed it.
    UNKNOWN_ISSUER = "tls.unknown-issuer", "shows a certificate whose issuer the client does not know", Never, State;
    /// DNS says that there is no such name.
    NO_SUCH_NAME = "dns.no-such-name", "is asked for by a name that DNS does not know", Sometimes, State;
    /// DNS could not find out.
    SERVER_FAILED = "dns.server-failed", "answers questions with SERVFAIL or refuses them", Never, State;
    /// DNS does not answer.
    SERVER_SILENT = "dns.server-silent", "does not answer questions", Never, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    disks::detect(world, &mut merged);
    memory::detect(world, &mut merged);
    kernel::detect(world, &mut merged);
    clock::detect(world, &mut merged);
    sockets::detect(world, &mut merged);
    runtime::detect(world, &mut merged);
    certificates::detect(world, &mut merged);
    secrets::detect(world, &mut merged);
    dns::detect(world, &mut merged);
    merged.into(findings);
}

/// The machine that a fact is about: the node or host itself, or the node of the pod that the tool ran in.
fn machine(world: &World, on: &Entity) -> Option<Entity> {
    match on.kind.as_str() {
        "Node" | kind::HOST => Some(on.clone()),
        "Pod" => {
            let node = world.object_of(on)?.at("spec.nodeName").as_str()?;
            (!node.is_empty()).then(|| Entity::new("Node", node))
        }
        _ => None,
    }
}

/// What the kernel or a runtime said this long before the end of the evidence is over.
const OLD: SignedDuration = SignedDuration::from_hours(6);

/// Whether something last seen at a time still counts.
fn state(world: &World, last: Option<Timestamp>) -> State {
    let Some(last) = last else { return State::Current };
    let before_window = world.incident.window.from.is_some_and(|from| last < from);
    let long_ago = world.now.is_some_and(|now| now.duration_since(last) > OLD);
    if before_window || long_ago { State::Recovered } else { State::Current }
}
