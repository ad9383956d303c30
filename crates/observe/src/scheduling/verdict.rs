//! Which one constraint keeps a pod off the nodes?

use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::Grade;

use super::ask::Ask;
use super::cluster::{Cluster, Node};
use super::constraint::{Constraint, Verdict};
use super::filters::{Row, pinned_node};
use super::message::Said;
use firstfault_model::Quantity;

/// The constraint to blame, how sure that is, and the nodes that only it keeps out.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) constraint: Constraint,
    pub(crate) grade: Grade,
    /// Indices of nodes that it excludes.
    pub(crate) nodes: Vec<usize>,
}

/// Decides by the nodes' own fields, and where they do not suffice by the scheduler's message.
///
/// `homes` are the nodes on which pods of the same workload were before.
pub(crate) fn decide(
    cluster: &Cluster<'_>,
    matrix: &[Row],
    ask: &Ask<'_>,
    said: Option<&Said>,
    homes: &BTreeSet<&str>,
) -> Option<Decision> {
    let by_fields = if cluster.described { by_fields(cluster, matrix, ask, said) } else { None };
    by_fields.or_else(|| {
        let decision = by_message(cluster, matrix, ask, said?)?;
        let lumped = decision.constraint == Constraint::SelectorOrAffinity;
        Some(if lumped { lost_homes(cluster, homes).unwrap_or(decision) } else { decision })
    })
}

/// The rules let the pods onto certain nodes, all of which are not ready now.
fn lost_homes(cluster: &Cluster<'_>, homes: &BTreeSet<&str>) -> Option<Decision> {
    let nodes: Vec<usize> = (0..cluster.nodes.len()).filter(|&i| homes.contains(cluster.nodes[i].name())).collect();
    let lost = !nodes.is_empty() && nodes.iter().all(|&i| cluster.nodes[i].is_ready() == Some(false));
    let constraint = Constraint::Ill(super::filters::NOT_READY.into());
    (lost && nodes.len() == homes.len()).then_some(Decision { constraint, grade: Grade::Fair, nodes })
}

fn by_fields(cluster: &Cluster<'_>, matrix: &[Row], ask: &Ask<'_>, said: Option<&Said>) -> Option<Decision> {
    let all_known = cluster.complete || said.and_then(|s| s.nodes).is_some_and(|n| n as usize == cluster.nodes.len());
    let grade = if all_known { Grade::Certain } else { Grade::Strong };
    let mut matched: Vec<usize> = (0..matrix.len()).collect();
    if let Some(pinned) = pinned_node(ask) {
        matched.retain(|&i| cluster.nodes[i].name() == pinned);
        if matched.is_empty() {
            return None;
        }
    }
    for constraint in [Constraint::Selector, Constraint::NodeAffinity] {
        let left: Vec<usize> = matched.iter().copied().filter(|&i| !fails(&matrix[i], &constraint)).collect();
        let ordinary: Vec<usize> = matched.iter().copied().filter(|&i| !cluster.nodes[i].is_background()).collect();
        // Selecting only nodes of the control plane, by accident of a label, is selecting none.
        let astray = left.iter().all(|&i| cluster.nodes[i].is_background()) && !ordinary.is_empty();
        if left.is_empty() || astray && !asks_for_control_plane(ask) {
            return Some(Decision { constraint, grade, nodes: if left.is_empty() { matched } else { ordinary } });
        }
        matched = left;
    }
    let ordinary: Vec<usize> = matched.iter().copied().filter(|&i| !cluster.nodes[i].is_background()).collect();
    let candidates = if ordinary.is_empty() { matched } else { ordinary };
    let failing: Vec<(usize, BTreeSet<&Constraint>)> = candidates.iter().map(|&i| (i, failed(&matrix[i]))).collect();
    if let Some((open, _)) = failing.iter().find(|(_, failed)| failed.is_empty()) {
        return undecided(&matrix[*open], &candidates, said, cluster);
    }
    let constraint = blame(cluster, ask, &failing)?.clone();
    let nodes = failing.iter().filter(|(_, failed)| failed.contains(&constraint)).map(|(i, _)| *i).collect();
    Some(Decision { constraint, grade, nodes })
}

/// Whether the pod is meant for nodes of the control plane: it selects or tolerates them by role.
fn asks_for_control_plane(ask: &Ask<'_>) -> bool {
    let is_role = |key: &str| key.ends_with("/control-plane") || key.ends_with("/master");
    let selects = ask.spec("nodeSelector").entries().any(|(key, _)| is_role(key));
    let terms = super::filters::required_node_affinity(ask).list().iter();
    let requires = terms.flat_map(|term| term.at("matchExpressions").list()).any(|e| is_role(e.at("key").text()));
    let tolerates = ask.spec("tolerations").list().iter().any(|t| is_role(t.at("key").text()));
    selects || requires || tolerates
}

fn fails(row: &Row, constraint: &Constraint) -> bool {
    row.iter().any(|(c, verdict)| c == constraint && *verdict == Verdict::Fails)
}

fn failed(row: &Row) -> BTreeSet<&Constraint> {
    row.iter().filter(|(_, verdict)| *verdict == Verdict::Fails).map(|(constraint, _)| constraint).collect()
}

/// The constraint that, lifted alone, opens the most nodes; without one, that which shuts the most.
fn blame<'m>(
    cluster: &Cluster<'_>,
    ask: &Ask<'_>,
    failing: &[(usize, BTreeSet<&'m Constraint>)],
) -> Option<&'m Constraint> {
    // A request that no node could ever meet stays unmet whatever else is lifted.
    let hopeless = failing.iter().flat_map(|(_, failed)| failed).find(|c| exceeds_every_node(cluster, ask, c));
    if let Some(constraint) = hopeless {
        return Some(constraint);
    }
    let healthy: Vec<_> =
        failing.iter().filter(|(_, failed)| !failed.iter().any(|c| matches!(c, Constraint::Ill(_)))).collect();
    let judged: Vec<_> = if healthy.is_empty() { failing.iter().collect() } else { healthy };
    let alone = tally(judged.iter().filter(|(_, failed)| failed.len() == 1).map(|(_, failed)| failed));
    let every = tally(judged.iter().map(|(_, failed)| failed));
    most(&alone).or_else(|| most(&every))
}

fn tally<'a, 'm: 'a>(sets: impl Iterator<Item = &'a BTreeSet<&'m Constraint>>) -> BTreeMap<&'m Constraint, usize> {
    let mut counts = BTreeMap::new();
    for constraint in sets.flatten() {
        *counts.entry(*constraint).or_insert(0) += 1;
    }
    counts
}

/// The most frequent; of equals the first in the order of `Constraint`, where what somebody
/// did to a node (a cordon, a taint) stands before what is merely full.
fn most<'m>(counts: &BTreeMap<&'m Constraint, usize>) -> Option<&'m Constraint> {
    let highest = counts.values().copied().max()?;
    counts.iter().find(|(_, count)| **count == highest).map(|(constraint, _)| *constraint)
}

/// Whether the pod asks for more of a resource than any node of the cluster has.
pub(crate) fn exceeds_every_node(cluster: &Cluster<'_>, ask: &Ask<'_>, constraint: &Constraint) -> bool {
    let Constraint::Resource(resource) = constraint else { return false };
    let wanted = ask.requests().get(resource).copied().unwrap_or_default();
    cluster.nodes.iter().all(|node| node.gives(resource).is_some_and(|all| wanted > all)) && !cluster.nodes.is_empty()
}

/// A node looks open, but something about it is unknown: the message decides among what is unknown.
fn undecided(row: &Row, candidates: &[usize], said: Option<&Said>, cluster: &Cluster<'_>) -> Option<Decision> {
    let unknown: Vec<&Constraint> = row.iter().filter(|(_, v)| *v == Verdict::Unknown).map(|(c, _)| c).collect();
    let reasons = &said?.reasons;
    let late = reasons.iter().filter(|(_, c)| is_late(c)).max_by_key(|(count, _)| *count).map(|(_, c)| c);
    let Some(named) = late else { return by_unseen_taint(candidates, reasons, cluster) };
    let possible = unknown.contains(&named) || !cluster.complete || matches!(named, Constraint::Resource(_));
    possible.then(|| Decision { constraint: named.clone(), grade: Grade::Strong, nodes: candidates.to_vec() })
}

/// The nodes that the rules allow are open for all that was printed of them, which are not their taints; and
/// the message speaks of taints and of nothing else that could keep the pod off them.
fn by_unseen_taint(candidates: &[usize], reasons: &[(u32, Constraint)], cluster: &Cluster<'_>) -> Option<Decision> {
    let hidden = candidates.iter().all(|&i| {
        let node = &cluster.nodes[i];
        node.taints().is_none()
            && node.knows_labels()
            && node.cordoned() == Some(false)
            && node.is_ready() == Some(true)
    });
    let mut taints = reasons.iter().filter(|(_, c)| matches!(c, Constraint::Taint(_)));
    let (_, constraint) = taints.next()?;
    (hidden && cluster.complete && taints.next().is_none() && candidates.len() < cluster.nodes.len())
        .then(|| Decision { constraint: constraint.clone(), grade: Grade::Strong, nodes: candidates.to_vec() })
}

/// Whether the scheduler looks at it only on nodes that the selector and the affinity match.
fn is_late(constraint: &Constraint) -> bool {
    use Constraint as C;
    !matches!(constraint, C::Selector | C::NodeAffinity | C::SelectorOrAffinity | C::Cordon | C::Taint(_) | C::Ill(_))
}

/// Decides by the message: each node is counted under the first filter that it fails, and cordons
/// and taints come before selectors, which come before everything else.
fn by_message(cluster: &Cluster<'_>, matrix: &[Row], ask: &Ask<'_>, said: &Said) -> Option<Decision> {
    let found = |constraint: Constraint, grade| {
        let nodes = (0..matrix.len()).filter(|&i| fails(&matrix[i], &constraint)).collect();
        (!is_contradicted(cluster, matrix, &constraint)).then_some(Decision { constraint, grade, nodes })
    };
    let most = |wanted: &dyn Fn(&Constraint) -> bool| {
        let reasons = said.reasons.iter().filter(|(_, constraint)| wanted(constraint));
        // The last of equals would be taken: turn round to take the first.
        reasons.rev().max_by_key(|(count, _)| *count)
    };
    // Nodes without the device lack it by nature; those that are kept for it are shut by their taint.
    if let (Some((_, Constraint::Resource(device))), Some((_, shut))) = (most(&is_late), most(&is_shut_on_purpose))
        && keeps_for(said, shut, device)
    {
        return found(shut.clone(), Grade::Strong);
    }
    if let Some((_, constraint)) = most(&is_late) {
        return found(constraint.clone(), Grade::Strong);
    }
    let lumped = most(&|c| *c == Constraint::SelectorOrAffinity);
    let shut = most(&|c| is_shut_on_purpose(c));
    match (lumped, shut) {
        (Some(_), Some((_, constraint))) if points_at(ask, said, constraint) || opens_some(cluster, constraint) => {
            found(constraint.clone(), Grade::Fair)
        }
        // A node that is shut is not asked for its labels, so that it may be the one that is meant.
        (Some(_), Some(_)) => found(selector_or_affinity(ask), Grade::Fair),
        (Some(_), None) => found(selector_or_affinity(ask), Grade::Strong),
        (None, Some((_, constraint))) => found(constraint.clone(), Grade::Strong),
        (None, None) => {
            let (_, constraint) = most(&|_| true)?;
            found(constraint.clone(), Grade::Fair)
        }
    }
}

/// Whether the nodes' own fields say that the message no longer holds.
fn is_contradicted(cluster: &Cluster<'_>, matrix: &[Row], constraint: &Constraint) -> bool {
    let meets = |row: &Row| row.iter().any(|(c, verdict)| c == constraint && *verdict == Verdict::Meets);
    // That no node matches is contradicted by one that does.
    let no_node = matches!(constraint, Constraint::Selector | Constraint::NodeAffinity);
    let contradicted = if no_node { matrix.iter().any(meets) } else { matrix.iter().all(meets) };
    cluster.complete && cluster.described && !matrix.is_empty() && contradicted
}

/// A cordon or a taint that somebody set, and not that of the control plane.
fn is_shut_on_purpose(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Cordon => true,
        Constraint::Taint(key) => !key.starts_with("node-role.kubernetes.io/"),
        _ => false,
    }
}

/// Whether the taint has the key or the value that the pod's selector asks for: it was meant for that pool.
fn points_at(ask: &Ask<'_>, said: &Said, constraint: &Constraint) -> bool {
    let Constraint::Taint(key) = constraint else { return false };
    let (key, value) = said.taint(key).unwrap_or((key, ""));
    let named = |text: &str| !text.is_empty() && (text == key || text == value);
    ask.spec("nodeSelector").entries().any(|(k, v)| named(k) || named(&v.show()))
}

/// Whether a taint keeps its nodes for a device: `dedicated: gpu` or `nvidia.com/gpu: present` for `nvidia.com/gpu`.
fn keeps_for(said: &Said, constraint: &Constraint, device: &str) -> bool {
    let (Constraint::Taint(key), Some((_, kind))) = (constraint, device.split_once('/')) else { return false };
    let (key, value) = said.taint(key).unwrap_or((key, ""));
    let words =
        |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case(kind));
    words(key) || words(value)
}

/// Whether a cordoned node is known that does not belong to the control plane, and whose labels are not.
fn opens_some(cluster: &Cluster<'_>, constraint: &Constraint) -> bool {
    let open = |node: &Node<'_>| node.cordoned() == Some(true) && !node.is_control_plane() && !node.knows_labels();
    *constraint == Constraint::Cordon && cluster.nodes.iter().any(open)
}

/// What the scheduler lumps together, told apart by the pod's spec.
fn selector_or_affinity(ask: &Ask<'_>) -> Constraint {
    let selects = ask.spec("nodeSelector").entries().next().is_some();
    let has_affinity = !super::filters::required_node_affinity(ask).is_null();
    let selector_known_unset = !selects && ask.pod.is_some_and(|pod| pod.has_spec());
    if selects && !has_affinity {
        Constraint::Selector
    } else if has_affinity || selector_known_unset {
        Constraint::NodeAffinity
    } else {
        Constraint::SelectorOrAffinity
    }
}

/// The most that any node has of a resource, and the most that is left on one.
pub(crate) fn room(cluster: &Cluster<'_>, nodes: &[usize], resource: &str) -> (Option<Quantity>, Option<Quantity>) {
    let of = |f: &dyn Fn(&Node<'_>) -> Option<Quantity>| nodes.iter().filter_map(|&i| f(&cluster.nodes[i])).max();
    (of(&|node| node.gives(resource)), of(&|node| node.free(resource)))
}
