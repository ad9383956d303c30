//! Pods that no node takes, and the one constraint that keeps them out.
//!
//! The scheduler's message lumps constraints together and reports for each node only the first
//! that it fails, so the filters are evaluated again: the pod's spec against the nodes' fields.

mod affinity;
pub(crate) mod ask;
mod cluster;
mod constraint;
mod filters;
mod instance_types;
mod message;
mod spare;
mod tell;
#[cfg(test)]
mod tests;
mod unheard;
mod unprinted;
mod untried;
mod verdict;
mod waiting;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::registry::declare;
use cluster::Cluster;

declare! {
    /// Pods have no node.
    UNSCHEDULED = "pod.unscheduled", "has pods that no node has taken", Rarely, State;
    /// No node has the labels that `nodeSelector` asks for.
    SELECTOR = "scheduling.no-node-matches-selector", "selects nodes by labels that no node has", Never, State;
    /// No node meets the required node affinity.
    NODE_AFFINITY = "scheduling.no-node-matches-affinity", "requires a node affinity that no node meets", Never, State;
    /// The scheduler says that selector or affinity matches no node, and the spec is not known.
    SELECTOR_OR_AFFINITY = "scheduling.no-node-matches", "fits no node by its selector or its node affinity", Never, Infrastructure;
    /// The nodes that fit are cordoned.
    CORDON = "scheduling.nodes-cordoned", "fits only nodes that are cordoned", Never, State;
    /// The nodes that fit have a taint.
    TAINT = "scheduling.untolerated-taint", "does not tolerate the taint of the nodes that fit", Never, State;
    /// The nodes that fit are ill.
    ILL = "scheduling.nodes-ill", "fits only nodes that are not healthy", Never, State;
    /// Too little CPU.
    CPU = "scheduling.insufficient-cpu", "asks for more CPU than any fitting node has left", Never, State;
    /// Too little memory.
    MEMORY = "scheduling.insufficient-memory", "asks for more memory than any fitting node has left", Never, State;
    /// Too little local disk.
    EPHEMERAL = "scheduling.insufficient-ephemeral-storage", "asks for more ephemeral storage than any fitting node has left", Never, State;
    /// Too little of a device or another extended resource.
    EXTENDED = "scheduling.insufficient-extended-resource", "asks for a device or resource that no fitting node has left", Never, State;
    /// The nodes run as many pods as they may.
    PODS = "scheduling.too-many-pods", "fits only nodes that already run as many pods as they may", Never, State;
    /// The request is larger than any node.
    TOO_LARGE = "scheduling.request-exceeds-every-node", "asks for more than any node of the cluster has in total", Never, State;
    /// The port is taken on every node.
    HOST_PORT = "scheduling.host-port-taken", "wants a port of the node that another pod has on every fitting node", Never, State;
    /// The volume is tied to a node that the pod cannot use.
    VOLUME = "scheduling.volume-tied-elsewhere", "uses a volume that is tied to nodes where the pod cannot run", Never, State;
    /// The nodes have as many volumes attached as they may.
    VOLUME_LIMIT = "scheduling.volume-limit-reached", "fits only nodes that have no room for another volume", Never, Infrastructure;
    /// There is no pod to run beside.
    POD_AFFINITY = "scheduling.pod-affinity-unmet", "must run beside pods that run on no fitting node", Never, State;
    /// A pod that must be kept away from runs on each node.
    ANTI_AFFINITY = "scheduling.pod-anti-affinity-unmet", "must keep away from pods that run on every fitting node", Never, State;
    /// Spreading forbids every node.
    SPREAD = "scheduling.topology-spread-unmet", "must spread more evenly than the nodes allow", Never, State;
    /// The topology label is on no node.
    SPREAD_LABEL = "scheduling.topology-label-missing", "spreads over a topology label that no fitting node has", Never, State;
    /// A gate holds the pod.
    GATED = "scheduling.gated", "is held back by a scheduling gate that nothing removes", Never, State;
    /// The named scheduler does not answer.
    SCHEDULER = "scheduling.unknown-scheduler", "names a scheduler that does not act on it", Never, State;
    /// Something that was not printed keeps the pod off.
    UNPRINTED = "scheduling.kept-off-by-unprinted-rule", "is kept off nodes that fit for all that was printed", Never, State;
    /// No scheduler has tried to place the pod.
    UNTRIED = "scheduling.untried", "has pods that no scheduler has tried to place", Never, Infrastructure;
    /// Its pods gave way to pods of a higher priority.
    PREEMPTED = "scheduling.preempted", "lost its place to pods of a higher priority", Never, Infrastructure;
    /// A DaemonSet's pod does not fit on its node.
    DAEMON = "scheduling.daemon-does-not-fit", "does not fit on every node that it is meant for", Never, State;
    /// There is no node at all.
    NO_NODES = "scheduling.no-nodes", "waits in a cluster without nodes", Never, Infrastructure;
    /// Its priority is below zero, and only room is missing.
    SPARE = "scheduling.waits-for-spare-room", "waits for room that others leave, as its negative priority says", Often, State;
    /// The first pod of an ordered set is not ready, so the others are not created.
    FIRST_POD = "workload.waits-for-first-pod", "creates no further pods before its first one is ready", Rarely, State;
}

/// The pods that wait for a node, by who carries their faults.
pub(crate) use waiting::{Waiting, groups as waiting, is_unscheduled};

/// Finds the pods that wait for a node and says why.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let groups = waiting::groups(world);
    untried::by_events(world, findings);
    if groups.is_empty() {
        return;
    }
    let cluster = Cluster::new(world);
    for (carrier, pods) in &groups {
        let why = tell::why(world, &cluster, pods);
        if let Some(waits) = spare::waits(world, carrier, pods, &why) {
            findings.push(waits);
            continue;
        }
        findings.extend(tell::unscheduled(carrier, pods));
        findings.extend(unheard::detect(world, carrier, pods));
        findings.extend(why);
        findings.extend(tell::waits_for_first(world, carrier, pods));
    }
}
