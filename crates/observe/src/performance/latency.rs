//! Who is slow by itself, and who only waits for somebody that is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use firstfault_gather::World;
use firstfault_metrics::Role;
use firstfault_model::{Entity, Finding, Grade, Relation};
use jiff::SignedDuration;

use super::amount::digits;
use super::signals::{Shift, Signals};
use super::slow_nodes::{self, Slowness};
use super::{LATENCY_INHERITED, LATENCY_OWN, LATENCY_RAISED};
use crate::merge::Merged;

/// A response time this many times the usual is slow.
const SLOW: f64 = 2.0;
/// A callee explains its caller when it lost at least this share of what the caller lost; a
/// caller may call it several times for one request of its own.
const SHARE: f64 = 0.25;
/// One that lost less than this share of what the slowest lost by itself is slow by the way.
const BY_THE_WAY: f64 = 0.25;
/// One sample's distance at the usual scrape interval, by which onsets differ without meaning.
const LATER: SignedDuration = SignedDuration::from_mins(1);
/// Calls farther away than this explain nothing.
const FARTHEST: usize = 4;

/// Who calls whom, Services taken for the workloads behind them.
pub(super) struct Calls(BTreeMap<Entity, BTreeSet<Entity>>);

impl Calls {
    pub(super) fn of(world: &World, signals: &Signals<'_>) -> Self {
        let mut calls: BTreeMap<Entity, BTreeSet<Entity>> = BTreeMap::new();
        for (caller, relation, callee, _) in &world.relations {
            if *relation == Relation::Calls {
                let (caller, callee) = (signals.carrier(caller), signals.carrier(callee));
                if caller != callee {
                    calls.entry(caller).or_default().insert(callee);
                }
            }
        }
        Self(calls)
    }

    /// Whom it calls directly.
    pub(super) fn callees(&self, caller: &Entity) -> impl Iterator<Item = &Entity> {
        self.0.get(caller).into_iter().flatten()
    }

    /// Who calls it directly.
    pub(super) fn callers<'a>(&'a self, callee: &'a Entity) -> impl Iterator<Item = &'a Entity> {
        self.0.iter().filter(move |(_, callees)| callees.contains(callee)).map(|(caller, _)| caller)
    }

    /// Whom it calls, the nearest first, through those that `opaque` says nothing is measured of.
    fn below(&self, caller: &Entity, opaque: impl Fn(&Entity) -> bool) -> Vec<&Entity> {
        let mut seen = BTreeSet::from([caller]);
        let mut queue: VecDeque<(&Entity, usize)> = self.callees(caller).map(|callee| (callee, 1)).collect();
        let mut below = Vec::new();
        while let Some((entity, depth)) = queue.pop_front() {
            if seen.insert(entity) {
                below.push(entity);
                if depth < FARTHEST && opaque(entity) {
                    queue.extend(self.callees(entity).map(|callee| (callee, depth + 1)));
                }
            }
        }
        below
    }
}

pub(super) fn detect(world: &World, signals: &Signals<'_>, sick: &BTreeSet<Entity>, merged: &mut Merged) {
    let health = crate::health(world);
    let unwell = |entity: &Entity| health.get(entity) == Some(&firstfault_model::Health::Unwell);
    let calls = Calls::of(world, signals);
    let measured: BTreeSet<Entity> = signals.measured(Role::Latency).into_iter().collect();
    let slow: BTreeMap<&Entity, Shift> = measured
        .iter()
        .filter_map(|entity| Some((entity, signals.raised_most(entity, Role::Latency, SLOW)?)))
        .collect();
    let nodes = slow_nodes::detect(world, signals, &Slowness { slow: &slow, measured: &measured, calls: &calls });
    let mut own: Vec<(&Entity, &Shift, bool)> = Vec::new();
    for (entity, shift) in &slow {
        merged.add(finding(&LATENCY_RAISED, entity, shift));
        let below = calls.below(entity, |callee| !measured.contains(callee));
        let culprit =
            below.iter().find(|callee| explains(callee, shift, &slow) && !waits_back(callee, entity, &slow, &calls));
        let unmeasured = || below.iter().find(|callee| unwell(callee) || sick.contains(**callee));
        match culprit.or_else(unmeasured) {
            Some(callee) => merged.add(finding(&LATENCY_INHERITED, entity, shift).about((*callee).clone())),
            // A node's network explains all that is slow, or it is not suspected.
            None if !nodes.is_empty() => {
                merged.add(finding(&LATENCY_INHERITED, entity, shift).about(nodes[0].entity.clone()));
            }
            None if follows(entity, shift, &slow, &calls) => {}
            None => {
                let placed = !below.is_empty() || calls.callers(entity).next().is_some() || slow.len() == 1;
                own.push((entity, shift, placed));
            }
        }
    }
    nodes.into_iter().for_each(|node| merged.add(node));
    let most = own.iter().map(|(_, shift, _)| shift.gain()).fold(0.0, f64::max);
    let greatest = own.iter().map(|(_, shift, _)| shift.ratio()).fold(0.0, f64::max);
    for (entity, shift, placed) in own {
        if shift.gain() < BY_THE_WAY * most {
            continue;
        }
        let grade = match (placed, shift.ratio() >= greatest) {
            (true, _) => Grade::Strong,
            (false, true) => Grade::Fair,
            (false, false) => Grade::Weak,
        };
        merged.add(finding(&LATENCY_OWN, entity, shift).graded(grade));
    }
}

/// Whether a callee's delay is part of the caller's: it is large enough, and no later.
fn explains(callee: &Entity, caller: &Shift, slow: &BTreeMap<&Entity, Shift>) -> bool {
    slow.get(callee).is_some_and(|callee| callee.gain() >= SHARE * caller.gain() && !is_later(callee, caller))
}

/// Whether one became slow so long after the other that it cannot be the reason.
fn is_later(one: &Shift, other: &Shift) -> bool {
    one.since.zip(other.since).is_some_and(|(one, other)| one.duration_since(other) > LATER)
}

/// Whether it became slow only after one that calls it, and by less: that one's late reading, or the
/// work that piled up behind it.
fn follows(callee: &Entity, shift: &Shift, slow: &BTreeMap<&Entity, Shift>, calls: &Calls) -> bool {
    let mut callers = calls.callers(callee).filter_map(|caller| slow.get(caller));
    callers.any(|caller| is_later(shift, caller) && caller.gain() > shift.gain())
}

/// Two that call each other: the one that is slower by its own measure is to blame.
fn waits_back(callee: &Entity, caller: &Entity, slow: &BTreeMap<&Entity, Shift>, calls: &Calls) -> bool {
    let ratio = |entity: &Entity| slow.get(entity).map_or(0.0, Shift::ratio);
    calls.callees(callee).any(|back| back == caller) && ratio(callee) < ratio(caller)
}

fn finding(declaration: &'static firstfault_model::Declaration, entity: &Entity, shift: &Shift) -> Finding {
    shift
        .finding(declaration, entity)
        .graded(if shift.ratio() >= 3.0 { Grade::Strong } else { Grade::Fair })
        .with("times", if shift.ratio().is_finite() { digits(shift.ratio()) } else { "many".to_owned() })
}
