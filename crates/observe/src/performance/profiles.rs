//! Heap profiles that have nearly everything in one place.

use firstfault_gather::World;
use firstfault_model::{Finding, Masked};

use super::HEAP_IN_ONE_PLACE;
use super::amount::{binary, percent};
use crate::merge::Merged;

/// The share of a heap that one allocation site holds only when something collects there.
const MOST: f64 = 0.5;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for entry in &world.profiles {
        let is_heap = ["inuse", "heap", "alloc", "histo"].iter().any(|word| entry.kind.contains(word));
        let grown = entry.flat >= 64e6 || entry.flat == 0.0;
        if is_heap && grown && entry.share >= MOST {
            merged.add(
                Finding::new(&HEAP_IN_ONE_PLACE, world.carrier_of(&entry.entity), entry.evidence.clone())
                    .with("function", Masked::new(&entry.function).as_str())
                    .with("held", binary(entry.flat))
                    .with("held_share", percent(entry.share)),
            );
        }
    }
}
