//! A stream that says nothing any more.

use jiff::Timestamp;

use super::rates::Rates;
use super::split::{Grid, Split};
use crate::{Digest, Level};

/// Buckets from which a stream's pace is known.
const LEAST_BUCKETS: usize = 8;
/// A pause is long when it is this many times as long as any before.
const LONGER: i64 = 4;
/// The last record is one that came this often, or it is the word of an end.
const LEAST_OF_LAST: u64 = 5;

/// How a stream stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Silence {
    /// Its last record.
    pub since: Timestamp,
    /// The records that would have come since.
    pub expected: f64,
    /// The chance that none does while nothing has changed.
    pub chance: f64,
}

/// Whether a stream that wrote steadily has stopped, seen from a later moment: it never paused so long, and it did not say
/// good-bye with a message of its own.
#[must_use]
pub fn silence(digest: &Digest, now: Timestamp) -> Option<Silence> {
    let grid = Grid::of(digest)?;
    let counts = grid.counts(&digest.traffic);
    let buckets = counts.len();
    let since = digest.last?;
    if buckets < LEAST_BUCKETS {
        return None;
    }
    let written = counts.iter().filter(|n| **n > 0.0).count();
    let longest = counts.split(|n| *n > 0.0).map(<[f64]>::len).max().unwrap_or(0);
    let gap = now.as_second() - since.as_second();
    let said_again = |shape: &crate::Shape| {
        shape.level >= Some(Level::Warn)
            || shape.count >= LEAST_OF_LAST
            || shape.seen.is_none_or(|(_, last)| last < since)
    };
    if 2 * written < buckets || gap < LONGER * (longest as i64 + 1) * digest.history.width() {
        return None;
    }
    if !digest.shapes.iter().all(said_again) {
        return None;
    }
    let split = Split { baseline: 0..buckets, window: buckets..buckets };
    let rates = Rates::of(&counts, &grid.seconds, &split);
    let expected = rates.per_exposure().0 * gap as f64;
    let chance = (-expected / rates.dispersion.unwrap_or(1.0)).exp();
    Some(Silence { since, expected, chance })
}
