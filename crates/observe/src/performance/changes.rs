//! What was changed on purpose before something went wrong.

use firstfault_gather::World;
use firstfault_model::{Change, Entity};
use jiff::Timestamp;

use super::amount::span;

/// The last change of a workload before a time, in words.
pub(super) fn before(world: &World, carrier: &Entity, time: Timestamp) -> String {
    let own = || world.changes.iter().filter(|change| change.entity == *carrier);
    let last = own().filter(|c| c.at.is_some_and(|at| at <= time)).max_by_key(|c| c.at);
    let Some(Change { what, at: Some(at), .. }) = last else {
        return if own().next().is_some() { "no dated change is known" } else { "no change of it is known" }.to_owned();
    };
    let what = firstfault_model::Masked::new(what);
    format!("the last change before it is {what} at {at}, {} earlier", span(time.duration_since(*at).as_secs_f64()))
}
