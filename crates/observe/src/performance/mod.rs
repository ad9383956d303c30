//! Performance: what metrics, alerts' measures and profiles say of memory, CPU, response times,
//! requests and pools.

mod amount;
mod calls;
mod changes;
mod cpu;
mod latency;
mod memory;
mod pools;
mod profiles;
mod signals;
mod slow_nodes;
#[cfg(test)]
mod tests;
mod top;
mod traffic;

use std::collections::BTreeSet;

use firstfault_gather::World;
use firstfault_model::{Entity, Finding};

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// A steady climb to the limit.
    MEMORY_GROWS_TO_LIMIT = "memory.grows-to-limit", "uses more and more memory, steadily, up to its limit", Never, Infrastructure;
    /// A steady climb that has not got there yet.
    MEMORY_GROWS = "memory.grows", "uses more and more memory, steadily", Sometimes, Infrastructure;
    /// Level, then at the limit at once.
    MEMORY_JUMPS = "memory.jumps-to-limit", "suddenly uses memory up to its limit", Rarely, Infrastructure;
    /// Level just below the limit.
    MEMORY_FULL = "memory.full-all-the-time", "uses nearly all the memory it may, all the time", Sometimes, Infrastructure;
    /// One allocation site holds most of a heap.
    HEAP_IN_ONE_PLACE = "profile.heap-in-one-place", "has most of its heap in one place", Rarely, State;
    /// The kernel holds it back.
    CPU_THROTTLED = "cpu.throttled", "is held back because it used up its CPU limit", Rarely, Infrastructure;
    /// Uses all it may.
    CPU_AT_LIMIT = "cpu.at-limit", "uses all the CPU it may", Rarely, Infrastructure;
    /// More than before.
    CPU_RAISED = "cpu.raised", "uses more CPU than usual", Sometimes, Infrastructure;
    /// Slower than before.
    LATENCY_RAISED = "latency.raised", "answers more slowly than usual", Rarely, Infrastructure;
    /// None of those that it calls is slow.
    LATENCY_OWN = "latency.own", "is slow by itself: nothing that it calls is", Rarely, Infrastructure;
    /// One of those that it calls is slow.
    LATENCY_INHERITED = "latency.inherited", "is slow because something that it calls is", Rarely, Infrastructure;
    /// More requests.
    TRAFFIC_SURGED = "traffic.surged", "gets many more requests than usual", Rarely, Infrastructure;
    /// Fewer requests.
    TRAFFIC_FELL = "traffic.fell", "gets or answers fewer requests than usual", Sometimes, Infrastructure;
    /// As many as ever.
    TRAFFIC_STEADY = "traffic.steady", "gets as many requests as ever", Often, Infrastructure;
    /// One of those that it calls fails more.
    ERRORS_INHERITED = "errors.inherited", "fails requests because something that it calls does", Rarely, Infrastructure;
    /// TCP segments sent again.
    RETRANSMITS_RAISED = "network.retransmits-raised", "sends more TCP segments again than usual", Rarely, Infrastructure;
    /// One node sends segments again far more often than any other.
    PACKETS_LOST = "node.packets-lost", "is a node that loses packets: it sends far more TCP segments again than the others", Rarely, Infrastructure;
    /// Calls over the edge of one node are slow, those inside it and elsewhere are not.
    NODE_CALLS_SLOW = "node.calls-slow", "has slow calls over its network, while calls that do not use it are as fast as ever", Never, Infrastructure;
    /// Traces whose calls fail.
    CALL_FAILS = "trace.call-fails", "makes calls that fail", Rarely, Infrastructure;
    /// Traces whose calls take longer than the work.
    CALL_GAP = "trace.gap", "is called by calls that take much longer than its own work", Rarely, Infrastructure;
    /// More failures.
    ERRORS_RAISED = "errors.raised", "fails more requests than usual", Rarely, Infrastructure;
    /// All in use.
    CONNECTIONS_AT_LIMIT = "connections.at-limit", "has all its connections in use", Rarely, Infrastructure;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    if world.series.is_empty()
        && world.alerts.is_empty()
        && world.profiles.is_empty()
        && world.spans.is_empty()
        && world.kind("PodMetrics").next().is_none()
    {
        return;
    }
    let signals = signals::Signals::of(world);
    let mut merged = Merged::default();
    memory::detect(world, &signals, &mut merged);
    cpu::detect(world, &signals, &mut merged);
    pools::detect(world, &signals, &mut merged);
    top::detect(world, &mut merged);
    profiles::detect(world, &mut merged);
    calls::detect(world, &mut merged);
    let sick = short_of_something(&merged);
    latency::detect(world, &signals, &sick, &mut merged);
    traffic::detect(world, &signals, &sick, &mut merged);
    merged.into(findings);
}

/// Who is short of memory, CPU or connections: enough to make callers slow without a measure of its own latency.
fn short_of_something(merged: &Merged) -> BTreeSet<Entity> {
    const SHORT: &[&str] =
        &[MEMORY_GROWS_TO_LIMIT.id, MEMORY_JUMPS.id, CPU_THROTTLED.id, CPU_AT_LIMIT.id, CONNECTIONS_AT_LIMIT.id];
    merged.entities(SHORT)
}
