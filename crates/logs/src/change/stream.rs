//! A stream's kinds of message as counts in buckets.

use std::ops::Range;

use super::rates::Rates;
use super::split::{Grid, Split};
use crate::{Digest, Level, Shape};

/// A stream that has times.
#[derive(Debug)]
pub(super) struct Stream<'d> {
    pub(super) grid: Grid,
    /// Records that are no warnings or errors.
    pub(super) traffic: Vec<f64>,
    pub(super) series: Vec<Series<'d>>,
}

/// A kind of message.
#[derive(Debug)]
pub(super) struct Series<'d> {
    pub(super) shape: &'d Shape,
    pub(super) counts: Vec<f64>,
}

impl<'d> Stream<'d> {
    pub(super) fn new(digest: &'d Digest) -> Option<Self> {
        let grid = Grid::of(digest)?;
        let timed = digest.shapes.iter().filter(|shape| shape.seen.is_some());
        let series = timed.map(|shape| Series { shape, counts: grid.counts(&shape.history) }).collect();
        Some(Self { traffic: grid.counts(&digest.traffic), series, grid })
    }

    /// Whether the stream does in the baseline what it usually does: most of its traffic comes all along. A program that only
    /// just started writes what it never writes again.
    pub(super) fn is_settled(&self, split: &Split) -> bool {
        let all: f64 = self.traffic[split.baseline.clone()].iter().sum();
        let regular = self.series.iter().filter(|s| s.is_traffic() && s.is_regular(&split.baseline));
        let regular: f64 = regular.map(|s| s.counts[split.baseline.clone()].iter().sum::<f64>()).sum();
        2.0 * regular >= all
    }

    /// By how much counts usually vary more than chance: the median over the kinds of message that come often enough.
    pub(super) fn usual_dispersion(&self, split: &Split) -> f64 {
        let of = |s: &Series<'_>| Rates::of(&s.counts, &self.grid.seconds, split).dispersion;
        let mut all: Vec<f64> = self.series.iter().filter_map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(1.0)
    }
}

impl Series<'_> {
    /// Whether it says that something is going on, rather than going wrong.
    pub(super) fn is_traffic(&self) -> bool {
        self.shape.level < Some(Level::Warn)
    }

    /// Whether it comes in each quarter of a time.
    pub(super) fn is_regular(&self, range: &Range<usize>) -> bool {
        let counts = &self.counts[range.clone()];
        let quarter = counts.len().div_ceil(4).max(1);
        counts.chunks(quarter).all(|part| part.iter().any(|n| *n > 0.0))
    }

    /// Records in the baseline and in the window.
    pub(super) fn sums(&self, split: &Split) -> (f64, f64) {
        (self.counts[split.baseline.clone()].iter().sum(), self.counts[split.window.clone()].iter().sum())
    }
}
