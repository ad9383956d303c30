//! Requests and their failures: more than usual, fewer, or as ever.

use std::collections::BTreeSet;

use firstfault_gather::World;
use firstfault_metrics::Role;
use firstfault_model::{Entity, Finding, Grade};

use super::amount::{digits, percent};
use super::latency::Calls;
use super::signals::{Shift, Signals};
use super::{
    ERRORS_INHERITED, ERRORS_RAISED, NODE_CALLS_SLOW, PACKETS_LOST, RETRANSMITS_RAISED, TRAFFIC_FELL, TRAFFIC_STEADY,
    TRAFFIC_SURGED,
};
use crate::merge::Merged;

/// This many times the usual requests are a surge.
const SURGE: f64 = 1.8;
/// This share of the usual requests is a fall.
const FALL: f64 = 0.7;

pub(super) fn detect(world: &World, signals: &Signals<'_>, sick: &BTreeSet<Entity>, merged: &mut Merged) {
    for carrier in signals.measured(Role::Throughput) {
        let surge = signals.raised(&carrier, Role::Throughput, SURGE);
        let fall = signals.fell(&carrier, Role::Throughput, FALL);
        if let Some(shift) = &surge {
            merged.add(shift.finding(&TRAFFIC_SURGED, &carrier).with("times", digits(shift.ratio())));
        } else if let Some(shift) = &fall {
            merged.add(shift.finding(&TRAFFIC_FELL, &carrier).graded(Grade::Fair));
        }
    }
    let calls = Calls::of(world, signals);
    steady(signals, &calls, sick, merged);
    for role in [Role::Errors, Role::SuccessRate] {
        for carrier in signals.measured(role) {
            errors(signals, &carrier, role, merged);
        }
    }
    inherited(&calls, merged);
    let raised = |carrier: Entity| Some((signals.raised(&carrier, Role::Retransmits, 3.0)?, carrier));
    let raised: Vec<(Shift, Entity)> = signals.measured(Role::Retransmits).into_iter().filter_map(raised).collect();
    for (shift, carrier) in &raised {
        merged.add(shift.finding(&RETRANSMITS_RAISED, carrier));
    }
    // The other ends of a slow node's calls send again as well.
    let slow = merged.entities(&[NODE_CALLS_SLOW.id]);
    let raised: Vec<(Shift, Entity)> =
        raised.into_iter().filter(|(_, node)| slow.is_empty() || slow.contains(node)).collect();
    lossy_node(&raised, merged);
}

/// Nodes that talk to a lossy one send again as well; the one that does so far more often than any other loses the packets.
fn lossy_node(raised: &[(Shift, Entity)], merged: &mut Merged) {
    const FAR_MORE: f64 = 3.0;
    let mut nodes: Vec<&(Shift, Entity)> = raised.iter().filter(|(_, entity)| entity.kind == "Node").collect();
    nodes.sort_by(|a, b| b.0.now.total_cmp(&a.0.now));
    let Some((shift, node)) = nodes.first() else { return };
    if nodes.get(1).is_none_or(|(other, _)| shift.now >= FAR_MORE * other.now) {
        merged.add(shift.finding(&PACKETS_LOST, node).with("node", node.name.as_str()));
    }
}

/// Errors of one that calls another with errors are said to come from there.
fn inherited(calls: &Calls, merged: &mut Merged) {
    let failing = merged.entities(&[ERRORS_RAISED.id]);
    let mut new = Vec::new();
    for entity in &failing {
        let Some(callee) = calls.callees(entity).find(|callee| failing.contains(*callee)) else { continue };
        let places = merged.evidence(ERRORS_RAISED.id, callee);
        let mut places = places.into_iter();
        let Some(first) = places.next() else { continue };
        new.push(Finding::new(&ERRORS_INHERITED, entity.clone(), first).about(callee.clone()));
    }
    new.into_iter().for_each(|finding| merged.add(finding));
}

/// Requests as ever, said of those that are in trouble: their own, or their callers'.
fn steady(signals: &Signals<'_>, calls: &Calls, sick: &BTreeSet<Entity>, merged: &mut Merged) {
    for carrier in sick {
        let own = signals.steady(carrier, Role::Throughput).map(|found| (carrier.clone(), found));
        let measured = !signals.series(carrier, Role::Throughput).is_empty();
        let of_callers =
            || calls.callers(carrier).find_map(|c| Some((c.clone(), signals.steady(c, Role::Throughput)?)));
        let Some((whose, (rate, evidence))) = own.or_else(|| if measured { None } else { of_callers() }) else {
            continue;
        };
        let mut finding = Finding::new(&TRAFFIC_STEADY, carrier.clone(), evidence).with("requests", digits(rate));
        if whose != *carrier {
            finding = finding.about(whose);
        }
        merged.add(finding);
    }
}

fn errors(signals: &Signals<'_>, carrier: &Entity, role: Role, merged: &mut Merged) {
    let rises = role == Role::Errors;
    let shift = if rises { signals.raised(carrier, role, 2.0) } else { signals.fell(carrier, role, 0.98) };
    let Some(shift) = shift else { return };
    let failing = failing(&shift, rises);
    // A hundredth more that fails is within what a busy service shows.
    if failing.is_some_and(|share| share < 0.02) {
        return;
    }
    let grade = if failing.is_some_and(|share| share >= 0.1) { Grade::Strong } else { Grade::Fair };
    let mut finding = shift.finding(&ERRORS_RAISED, carrier).graded(grade);
    if let Some(share) = failing {
        finding = finding.with("share", percent(share)).with("share_failing", format!("{share:.3}"));
    }
    merged.add(finding);
}

/// The share of requests that fail, where the measure is one: a fraction, or percent.
fn failing(shift: &Shift, rises: bool) -> Option<f64> {
    let usual = if shift.normal.is_nan() { 0.0 } else { shift.normal };
    if rises {
        return (shift.now <= 1.0 && usual <= 1.0).then_some(shift.now);
    }
    let whole = if usual > 1.5 || shift.now > 1.5 { 100.0 } else { 1.0 };
    (usual <= whole * 1.001).then(|| (1.0 - shift.now / whole).clamp(0.0, 1.0))
}
