//! What traces say of calls: those that nobody answers, and those that take longer than the work.

use firstfault_gather::World;
use firstfault_model::{Entity, Evidence, Finding, Grade, Masked};
use firstfault_traces::{Edge, edges};

use super::amount::{digits, percent};
use super::{CALL_FAILS, CALL_GAP};
use crate::merge::Merged;

/// A call that is this much longer than the callee's work is delayed between the two.
const GAP_MILLIS: f64 = 50.0;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for edge in edges(&world.spans) {
        let caller = named(world, &edge.caller);
        let callee = named(world, &edge.callee);
        fails(world, &edge, &caller, &callee, merged);
        gap(&edge, &caller, &callee, merged);
    }
}

/// The workload that a name in a trace stands for: relations were made with the same names.
fn named(world: &World, name: &str) -> Entity {
    world.traced(name)
}

fn cite(edge: &Edge, what: &str) -> Evidence {
    Evidence {
        place: edge.place.clone(),
        excerpt: Masked::new(&format!("{} calls {}: {what}", edge.caller, edge.callee)),
    }
}

fn fails(world: &World, edge: &Edge, caller: &Entity, callee: &Entity, merged: &mut Merged) {
    if edge.errors == 0 || edge.errors * 20 < edge.calls {
        return;
    }
    let why = edge.error.as_deref().unwrap_or("failed");
    let longest = edge.durations.iter().map(|d| d.1).max().unwrap_or_default().as_secs_f64();
    let what = format!("{} of {} calls fail ({why}), the longest after {} s", edge.errors, edge.calls, digits(longest));
    let first = edge.durations.iter().map(|d| d.0).min();
    let inside = first.is_none_or(|at| world.incident.window.contains(at));
    merged.add(
        Finding::new(&CALL_FAILS, caller.clone(), cite(edge, &what))
            .about(callee.clone())
            .seen(first, edge.durations.iter().map(|d| d.0).max())
            .graded(if inside { Grade::Strong } else { Grade::Fair })
            .with("calls", edge.calls.to_string())
            .with("failed", edge.errors.to_string())
            .with("unanswered", edge.unanswered.to_string())
            .with("error", Masked::new(why).as_str()),
    );
}

/// The median of what calls take beyond the callee's own time: queueing or the network.
fn gap(edge: &Edge, caller: &Entity, callee: &Entity, merged: &mut Merged) {
    let millis = |list: &[(jiff::Timestamp, jiff::SignedDuration)]| -> Vec<f64> {
        list.iter().map(|(_, d)| d.as_secs_f64() * 1000.0).collect()
    };
    let Some(waits) = firstfault_metrics::median(&millis(&edge.gaps)) else { return };
    let whole = firstfault_metrics::median(&millis(&edge.durations)).unwrap_or(0.0);
    if waits < GAP_MILLIS || waits < 0.5 * whole {
        return;
    }
    let what = format!("{} ms of {} ms are spent outside the callee", digits(waits), digits(whole));
    merged.add(
        Finding::new(&CALL_GAP, callee.clone(), cite(edge, &what))
            .about(caller.clone())
            .graded(if edge.gaps.len() >= 3 { Grade::Strong } else { Grade::Fair })
            .with("gap", format!("{} ms", digits(waits)))
            .with("share", percent(waits / whole.max(f64::MIN_POSITIVE))),
    );
}
