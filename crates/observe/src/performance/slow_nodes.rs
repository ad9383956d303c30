//! A node whose network is slow, told apart from a slow workload by where the slow ones run and who
//! calls them: calls inside a node do not use its network, calls over its edge do.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::World;
use firstfault_metrics::Role;
use firstfault_model::{Entity, Finding, Grade};

use super::NODE_CALLS_SLOW;
use super::amount::digits;
use super::latency::Calls;
use super::signals::{Shift, Signals};

/// One slow workload is slow by itself; so may be two that have nothing in common but chance.
const ENOUGH: usize = 3;
/// Workloads that have a slow replica on the node and a healthy one elsewhere.
const ENOUGH_TWINS: usize = 2;
/// Places that a finding cites.
const PLACES: usize = 4;

/// What is slow, and everything of which that is measured.
pub(super) struct Slowness<'a> {
    pub(super) slow: &'a BTreeMap<&'a Entity, Shift>,
    pub(super) measured: &'a BTreeSet<Entity>,
    pub(super) calls: &'a Calls,
}

/// The nodes whose network would explain all that is slow.
pub(super) fn detect(world: &World, signals: &Signals<'_>, slowness: &Slowness<'_>) -> Vec<Finding> {
    let probed = by_probes(slowness);
    if !probed.is_empty() {
        return probed;
    }
    let twins = by_replicas(world, signals);
    if twins.is_empty() { by_calls(world, slowness) } else { twins }
}

/// Response times measured of nodes themselves (probes from node to node): one is slow, the others are not.
fn by_probes(slowness: &Slowness<'_>) -> Vec<Finding> {
    let measured = slowness.measured.iter().filter(|entity| entity.kind == "Node").count();
    let mut slow = slowness.slow.iter().filter(|(entity, _)| entity.kind == "Node");
    match (slow.next(), slow.next()) {
        (Some((node, shift)), None) if measured > 2 => vec![finding(node, &[shift], Grade::Strong, &[])],
        _ => Vec::new(),
    }
}

/// Replicas that are slow on one node only, while those of the same workloads are as usual elsewhere.
fn by_replicas(world: &World, signals: &Signals<'_>) -> Vec<Finding> {
    let mut slow: BTreeMap<Entity, Vec<(Entity, Shift)>> = BTreeMap::new();
    let mut well: BTreeMap<Entity, BTreeSet<Entity>> = BTreeMap::new();
    for (pod, shift) in signals.replicas(Role::Latency) {
        let Some(node) = node_of(world, &pod) else { continue };
        let workload = world.carrier_of(&pod);
        match shift {
            Some(shift) => slow.entry(node).or_default().push((workload, shift)),
            None => {
                well.entry(workload).or_default().insert(node);
            }
        }
    }
    let mut nodes = slow.iter();
    let (Some((node, replicas)), None) = (nodes.next(), nodes.next()) else { return Vec::new() };
    let elsewhere = |workload: &Entity| well.get(workload).is_some_and(|nodes| nodes.iter().any(|n| n != node));
    let here = well.values().filter(|nodes| nodes.contains(node)).count();
    let twins: BTreeSet<&Entity> = replicas.iter().map(|(w, _)| w).filter(|w| elsewhere(w)).collect();
    if twins.len() < ENOUGH_TWINS || here >= twins.len() {
        return Vec::new();
    }
    let shifts: Vec<&Shift> = replicas.iter().map(|(_, shift)| shift).collect();
    let names: Vec<&Entity> = twins.into_iter().collect();
    vec![finding(node, &shifts, Grade::Strong, &names)]
}

/// Where each workload runs, where all its pods run on one node.
fn homes(world: &World, workloads: &BTreeSet<&Entity>) -> BTreeMap<Entity, Entity> {
    let home = |workload: &Entity| {
        let nodes: BTreeSet<Option<Entity>> =
            world.pods_of(workload).filter(|pod| pod.is_live()).map(|pod| node_of(world, &pod.entity())).collect();
        let mut nodes = nodes.into_iter();
        match (nodes.next(), nodes.next()) {
            (Some(Some(node)), None) => Some(node),
            _ => None,
        }
    };
    workloads.iter().filter_map(|w| Some(((*w).clone(), home(w)?))).collect()
}

fn node_of(world: &World, pod: &Entity) -> Option<Entity> {
    let name = world.object_of(pod)?.at("spec.nodeName").text();
    (!name.is_empty()).then(|| Entity::new("Node", name))
}

/// What is slow has this node at exactly one end of each of its calls.
fn by_calls(world: &World, slowness: &Slowness<'_>) -> Vec<Finding> {
    let Slowness { slow, measured, calls } = slowness;
    let bottoms: Vec<&Entity> = slow
        .keys()
        .copied()
        .filter(|entity| entity.kind != "Node" && !calls.callees(entity).any(|callee| slow.contains_key(callee)))
        .collect();
    if bottoms.len() < ENOUGH || share_an_end(&bottoms, calls) {
        return Vec::new();
    }
    let mut workloads: BTreeSet<&Entity> = measured.iter().collect();
    workloads.extend(measured.iter().flat_map(|entity| calls.callers(entity)));
    let homes = homes(world, &workloads);
    let well: Vec<&Entity> =
        measured.iter().filter(|entity| !slow.contains_key(entity) && homes.contains_key(*entity)).collect();
    let crosses = |entity: &Entity, node: &Entity| crosses(entity, node, &homes, calls);
    let suspects: BTreeSet<&Entity> = homes
        .values()
        .filter(|node| bottoms.iter().all(|entity| crosses(entity, node)))
        .filter(|node| !well.iter().any(|entity| crosses(entity, node)))
        .collect();
    if well.is_empty() || suspects.len() > 2 {
        return Vec::new();
    }
    // The two ends of the same calls. One at which requests come in from outside feels it there as well.
    let entered = |node: &Entity| {
        let is_entry = |entity: &Entity| calls.callers(entity).next().is_none() && homes.get(entity) == Some(node);
        slow.keys().any(|entity| is_entry(entity))
    };
    let shifts: Vec<&Shift> = bottoms.iter().filter_map(|entity| slow.get(*entity)).collect();
    let mut entries = suspects.iter().filter(|node| entered(node));
    let (first, second) = (entries.next(), entries.next());
    match (first, second) {
        _ if suspects.len() == 1 => {
            suspects.iter().map(|node| finding(node, &shifts, Grade::Strong, &bottoms)).collect()
        }
        (Some(node), None) => vec![finding(node, &shifts, Grade::Fair, &bottoms)],
        // It is one of the two, and nothing says which.
        _ => suspects.iter().map(|node| finding(node, &shifts, Grade::Weak, &bottoms)).collect(),
    }
}

/// Whether all calls to a workload go over the edge of a node.
fn crosses(entity: &Entity, node: &Entity, homes: &BTreeMap<Entity, Entity>, calls: &Calls) -> bool {
    let inside = homes.get(entity) == Some(node);
    let mut callers = calls.callers(entity).filter_map(|caller| homes.get(caller)).peekable();
    let known = callers.peek().is_some();
    homes.contains_key(entity) && known && callers.all(|home| (home == node) != inside)
}

/// Whether one workload is the only caller of all of them, or is called by all of them: then it is to blame.
fn share_an_end(bottoms: &[&Entity], calls: &Calls) -> bool {
    let callers: BTreeSet<&Entity> = bottoms.iter().flat_map(|entity| calls.callers(entity)).collect();
    let shared = |callee: &Entity| bottoms.iter().all(|entity| calls.callees(entity).any(|other| other == callee));
    callers.len() < 2 || bottoms.first().is_some_and(|first| calls.callees(first).any(shared))
}

fn finding(node: &Entity, shifts: &[&Shift], grade: Grade, slow: &[&Entity]) -> Finding {
    let most = shifts.iter().max_by(|a, b| a.ratio().total_cmp(&b.ratio())).expect("something is slow");
    let evidence = shifts.iter().flat_map(|shift| shift.evidence.iter().cloned()).take(PLACES);
    let names: Vec<&str> = slow.iter().map(|entity| entity.name.as_str()).collect();
    most.finding(&NODE_CALLS_SLOW, node)
        .citing(evidence)
        .graded(grade)
        .with("node", node.name.as_str())
        .with("times", digits(most.ratio()))
        .with("slow", names.join(", "))
}
