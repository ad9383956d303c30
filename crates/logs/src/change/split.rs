//! Where the baseline of a stream ends and the window begins, in buckets.

use std::ops::Range;

use jiff::Timestamp;

use crate::{Digest, Histogram};

/// Buckets of which a baseline consists at least.
const LEAST_BASELINE: usize = 3;

/// The buckets of a stream's whole history, onto which those of its shapes are laid.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    width: i64,
    start: i64,
    /// Seconds of each bucket in which the stream was seen: the first and the last are seen in part.
    pub(super) seconds: Vec<f64>,
}

impl Grid {
    /// The grid of a stream that has times.
    pub(super) fn of(digest: &Digest) -> Option<Self> {
        let (first, last) = (digest.first?.as_second(), digest.last?.as_second());
        let (start, _) = digest.history.buckets().next()?;
        let width = digest.history.width();
        let seen = |(from, _): (i64, u32)| ((from + width).min(last + 1) - from.max(first)) as f64;
        Some(Self { width, start, seconds: digest.history.buckets().map(seen).collect() })
    }

    /// A history in buckets of this grid. It must lie within the stream's.
    pub(super) fn counts(&self, history: &Histogram) -> Vec<f64> {
        let mut counts = vec![0.0; self.seconds.len()];
        for (from, n) in history.buckets() {
            let at = usize::try_from((from - self.start).div_euclid(self.width)).ok();
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                *count += f64::from(n);
            }
        }
        counts
    }

    /// The second at which a bucket begins.
    pub(super) fn begins(&self, bucket: usize) -> i64 {
        self.start + bucket as i64 * self.width
    }

    /// The buckets before a time and those in the window that begins there. A bucket that the time falls into belongs to
    /// neither, unless the whole window lies in it.
    pub(super) fn split(&self, from: Timestamp, to: Option<Timestamp>) -> Option<Split> {
        let buckets = self.seconds.len();
        let bucket = |second: i64| (second - self.start).div_euclid(self.width);
        let (from, to) = (from.as_second(), to.map(Timestamp::as_second));
        let cut = usize::try_from(bucket(from)).ok().filter(|cut| *cut < buckets)?;
        let end = to.map_or(buckets, |to| usize::try_from(bucket(to)).unwrap_or(0).saturating_add(1).min(buckets));
        let begin = if self.begins(cut) < from && cut + 1 < end { cut + 1 } else { cut };
        Split::new(cut, begin..end)
    }

    /// The split before a bucket.
    pub(super) fn split_at(&self, bucket: usize) -> Option<Split> {
        Split::new(bucket, bucket..self.seconds.len())
    }
}

/// A baseline and a window, in buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) baseline: Range<usize>,
    pub(super) window: Range<usize>,
}

impl Split {
    fn new(baseline: usize, window: Range<usize>) -> Option<Self> {
        (baseline >= LEAST_BASELINE && !window.is_empty()).then_some(Self { baseline: 0..baseline, window })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn digest(seconds: impl Iterator<Item = i64>) -> Digest {
        let mut digest = Digest::default();
        for second in seconds {
            digest.history.add(at(second), 1);
            digest.first = Some(digest.first.map_or(at(second), |t| t.min(at(second))));
            digest.last = Some(digest.last.map_or(at(second), |t| t.max(at(second))));
        }
        digest
    }

    #[test]
    fn the_ends_of_a_stream_are_seen_in_part() {
        // From 1,001 to 1,300: 75 buckets of 4 s from 1,000; the first is seen for 3 s, the last for 1 s.
        let grid = Grid::of(&digest(1001..=1300)).expect("it has times");
        assert_eq!((grid.width, grid.start, grid.seconds.len()), (4, 1000, 76));
        assert_eq!((grid.seconds[0], grid.seconds[1], grid.seconds[75]), (3.0, 4.0, 1.0));
        assert_eq!(grid.seconds.iter().sum::<f64>(), 300.0);
    }

    #[test]
    fn a_bucket_across_the_border_is_in_neither_part() {
        let grid = Grid::of(&digest(1001..=1300)).expect("it has times");
        let split = |from, to: Option<i64>| grid.split(at(from), to.map(at)).map(|s| (s.baseline, s.window));
        assert_eq!(split(1100, None), Some((0..25, 25..76)));
        assert_eq!(split(1101, None), Some((0..25, 26..76)));
        assert_eq!(split(1101, Some(1110)), Some((0..25, 26..28)));
        assert_eq!(split(1101, Some(1102)), Some((0..25, 25..26)), "the window lies in one bucket");
    }

    #[test]
    fn a_stream_that_begins_with_the_window_has_no_baseline() {
        let grid = Grid::of(&digest(1001..=1300)).expect("it has times");
        assert_eq!(grid.split(at(1005), None), None);
        assert_eq!(grid.split(at(900), None), None);
        assert_eq!(grid.split(at(1400), None), None, "nor a window after its end");
    }
}
