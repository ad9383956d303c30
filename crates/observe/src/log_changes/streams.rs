//! The log streams that can be compared: those with times, on clocks that agree.

use std::collections::BTreeMap;

use firstfault_gather::{Log, World};
use firstfault_logs::change::Comparison;
use firstfault_model::{Entity, Health};
use jiff::{SignedDuration, Timestamp};

/// How near to a whole number of half hours the ends of two logs lie if only their time zones differ.
const NEAR: i64 = 90;
const HALF_HOUR: i64 = 1800;

/// All streams with times.
pub(super) struct Streams<'w>(Vec<Stream<'w>>);

/// A stream with times.
pub(super) struct Stream<'w> {
    pub(super) log: &'w Log,
    pub(super) carrier: Entity,
    pub(super) health: Option<Health>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// Its clock may be off by whole half hours: others end so much earlier or later.
    pub(super) off: bool,
}

impl<'w> Streams<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        let health: BTreeMap<Entity, Health> = crate::health(world);
        let stream = |log: &'w Log| {
            let carrier = world.carrier_of(&log.entity);
            let (first, last) = (log.digest.first?, log.digest.last?);
            Some(Stream { log, health: health.get(&carrier).copied(), carrier, first, last, off: false })
        };
        let mut streams: Vec<Stream<'w>> = world.logs.iter().filter_map(stream).collect();
        let end = common_end(&streams).or(world.now);
        for stream in &mut streams {
            stream.off = end.is_some_and(|end| is_zone(end.duration_since(stream.last)));
        }
        Self(streams)
    }

    /// Those whose clock can be trusted, in the order in which they were read.
    pub(super) fn timed(&self) -> impl Iterator<Item = &Stream<'w>> {
        self.0.iter().filter(|stream| !stream.off)
    }
}

impl<'w> Stream<'w> {
    /// The time of the incident against the time before, if both are there.
    pub(super) fn compare(&self, world: &World) -> Option<Comparison<'w>> {
        Comparison::new(&self.log.digest, world.incident.window)
    }
}

/// When most streams end: the median, where there are enough to have one.
fn common_end(streams: &[Stream<'_>]) -> Option<Timestamp> {
    let mut ends: Vec<Timestamp> = streams.iter().filter(|s| !s.log.previous).map(|s| s.last).collect();
    ends.sort_unstable();
    (ends.len() > 2).then(|| ends[ends.len() / 2])
}

/// A difference of whole half hours, as between two time zones.
fn is_zone(difference: SignedDuration) -> bool {
    let seconds = difference.as_secs().abs();
    let beside = seconds % HALF_HOUR;
    seconds > HALF_HOUR - NEAR && beside.min(HALF_HOUR - beside) <= NEAR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_differ_by_whole_half_hours() {
        for (seconds, zone) in [(0, false), (60, false), (3600, true), (-19_830, true), (1720, true), (700, false)] {
            assert_eq!(is_zone(SignedDuration::from_secs(seconds)), zone, "{seconds}");
        }
    }
}
