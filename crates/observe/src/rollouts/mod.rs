//! Roll-outs that are paused or stuck, and workloads at zero replicas that somebody needs.

mod revisions;
mod zero;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// The newest revision finds no node while the one before runs.
    UNPLACED = "rollout.new-revision-unplaced", "has a new revision that no node takes, while the one before runs", Never, State;
    /// `paused: true` while a revision waits.
    PAUSED = "rollout.paused", "has a paused roll-out", Rarely, State;
    /// The controller gave up waiting.
    DEADLINE = "rollout.deadline-exceeded", "exceeded the progress deadline of its roll-out", Never, State;
    /// New pods do not become ready, old ones still serve.
    NEW_REVISION_UNREADY = "rollout.new-revision-unready", "has a new revision whose pods do not become ready", Rarely, State;
    /// A StatefulSet waits for one pod before it goes on.
    ORDERED_WAIT = "rollout.waits-for-one-pod", "waits for one of its pods before it makes the others", Rarely, State;
    /// Zero replicas, and something needs it.
    NEEDED_BUT_ZERO = "rollout.needed-but-zero", "is scaled to zero while others need it", Never, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    revisions::detect(world, &mut merged);
    zero::detect(world, &mut merged);
    merged.into(findings);
}

#[cfg(test)]
mod tests;
