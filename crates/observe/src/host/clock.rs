//! Clocks that follow no source, and machines without a way out.

use std::collections::BTreeMap;

use firstfault_gather::{Clock, Outcome, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{CLOCK_OFF, CLOCK_UNSYNCHRONISED, NO_DEFAULT_ROUTE, machine};
use crate::merge::Merged;

/// Seconds from which tokens, leases and certificates begin to fail.
const WRONG: f64 = 5.0;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let mut clocks: BTreeMap<&Entity, Vec<&Clock>> = BTreeMap::new();
    for clock in &world.host.clocks {
        clocks.entry(&clock.on).or_default().push(clock);
    }
    for (on, clocks) in clocks {
        let Some(on) = machine(world, on) else { continue };
        for clock in clocks.iter().filter(|c| c.offset.is_some_and(|o| o.abs() >= WRONG)) {
            let offset = format!("{:.1} s", clock.offset.unwrap_or_default());
            let finding = Finding::new(&CLOCK_OFF, on.clone(), clock.evidence.clone()).graded(Grade::Certain);
            merged.add(finding.with("offset", offset));
        }
        // One keeper of several that says yes is believed: the others may not run.
        let lost = clocks.iter().find(|c| c.synchronised == Some(false));
        if let Some(clock) = lost.filter(|_| !clocks.iter().any(|c| c.synchronised == Some(true))) {
            merged.add(Finding::new(&CLOCK_UNSYNCHRONISED, on, clock.evidence.clone()));
        }
    }
    for routes in world.host.routes.iter().filter(|r| !r.default && r.count > 0) {
        if routes.on.kind == "Pod" {
            continue;
        }
        // Another listing of the same machine may have it.
        let elsewhere = world.host.routes.iter().any(|r| r.on == routes.on && r.default);
        let Some(on) = machine(world, &routes.on).filter(|_| !elsewhere) else { continue };
        // A closed network is built without a way out; it matters where somebody wanted out.
        let wanted = world.reaches.iter().find(|reach| {
            let from_here = reach.from.as_deref().is_none_or(|from| from == on.name.as_str());
            from_here && reach.outcome == Outcome::Failed && reach.evidence.excerpt.as_str().contains("nreachable")
        });
        let grade = if wanted.is_some() { Grade::Certain } else { Grade::Weak };
        let places = wanted.map(|reach| reach.evidence.clone());
        merged.add(Finding::new(&NO_DEFAULT_ROUTE, on, routes.evidence.clone()).graded(grade).citing(places));
    }
}
