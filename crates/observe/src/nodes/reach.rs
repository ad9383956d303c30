//! The same addresses tried from several nodes: what only one cannot reach is its own trouble.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Outcome, Reach, World};
use firstfault_model::{Finding, Grade, Name};

use super::{CUT_OFF, node_of};
use crate::merge::Merged;

/// Fewer failures than this may be the targets' own.
const FEWEST: usize = 2;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let mut targets: BTreeMap<(&str, Option<u16>), Vec<&Reach>> = BTreeMap::new();
    for reach in world.reaches.iter().filter(|r| r.from.is_some()) {
        targets.entry((&reach.host, reach.port)).or_default().push(reach);
    }
    let mut alone: BTreeMap<&str, Vec<&Reach>> = BTreeMap::new();
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    for tries in targets.values() {
        let origin = |good: bool| -> BTreeSet<&str> {
            tries.iter().filter(|r| is_good(r) == good).filter_map(|r| r.from.as_deref()).collect()
        };
        let (good, bad) = (origin(true), origin(false));
        for from in &good {
            *reached.entry(from).or_default() += 1;
        }
        if good.is_empty() || bad.len() > good.len() {
            continue;
        }
        for reach in tries.iter().filter(|r| !is_good(r)) {
            alone.entry(reach.from.as_deref().unwrap_or_default()).or_default().push(reach);
        }
    }
    for (from, failures) in alone {
        let well = reached.get(from).copied().unwrap_or_default();
        if failures.len() < FEWEST || well >= failures.len() {
            continue;
        }
        let grade = if well == 0 { Grade::Strong } else { Grade::Fair };
        merged.add(
            Finding::new(&CUT_OFF, node_of(world, &Name::from(from)), failures[0].evidence.clone())
                .citing(failures.iter().skip(1).take(3).map(|r| r.evidence.clone()))
                .graded(grade)
                .with("node", from)
                .with("count", failures.len().to_string()),
        );
    }
}

/// Whether the way was open; a bad answer came over an open way.
fn is_good(reach: &Reach) -> bool {
    matches!(reach.outcome, Outcome::Reached | Outcome::Status(_) | Outcome::Tls(_))
}
