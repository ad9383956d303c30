//! How many records there were, and when: a few buckets, however long the log is.

use jiff::Timestamp;

/// Buckets at most.
const MOST: usize = 128;

/// Counts over time, in at most 128 buckets of a power of two seconds that begin at multiples of their width since 1970.
///
/// The width is the least with which all that was counted fits, so a histogram depends on what was counted alone: not on the
/// order, and not on how it was put together from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// A bucket is `1 << shift` seconds wide.
    shift: u32,
    /// The number of the first bucket since 1970.
    start: i64,
    /// The first and the last are not empty.
    counts: Vec<u32>,
}

impl Histogram {
    /// Counts `n` records at a time.
    #[inline]
    pub(crate) fn add(&mut self, at: Timestamp, n: u64) {
        let bucket = at.as_second() >> self.shift;
        match self.counts.get_mut((bucket - self.start) as usize) {
            Some(count) => *count = count.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)),
            None => self.add_to(bucket, n),
        }
    }

    fn add_to(&mut self, mut bucket: i64, n: u64) {
        if n == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.start = bucket;
        }
        let first = self.start.min(bucket);
        let last = bucket.max(self.start + self.counts.len() as i64 - 1);
        let further = shift_to_fit(first, last);
        if further > 0 {
            self.coarsen(further);
            bucket >>= further;
        }
        if bucket < self.start {
            let missing = (self.start - bucket) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.start = bucket;
        }
        let at = (bucket - self.start) as usize;
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] = self.counts[at].saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    }

    /// Makes buckets wider by a power of two.
    fn coarsen(&mut self, by: u32) {
        let start = self.start >> by;
        for i in 0..self.counts.len() {
            let at = (((self.start + i as i64) >> by) - start) as usize;
            let n = std::mem::take(&mut self.counts[i]);
            self.counts[at] = self.counts[at].saturating_add(n);
        }
        let last = (self.start + self.counts.len() as i64 - 1) >> by;
        self.counts.truncate((last - start) as usize + 1);
        self.start = start;
        self.shift += by;
    }

    /// Counts what another counted.
    pub fn absorb(&mut self, other: &Self) {
        if other.shift > self.shift {
            self.coarsen_if_any(other.shift);
        }
        for (i, n) in other.counts.iter().enumerate() {
            let second = (other.start + i as i64) << other.shift;
            self.add_to(second >> self.shift, u64::from(*n));
        }
    }

    fn coarsen_if_any(&mut self, shift: u32) {
        if self.counts.is_empty() {
            self.shift = shift;
        } else {
            self.coarsen(shift - self.shift);
        }
    }

    /// Forgets what was counted, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.shift = 0;
        self.counts.clear();
    }

    /// The width of a bucket in seconds.
    #[must_use]
    pub fn width(&self) -> i64 {
        1 << self.shift
    }

    /// The second at which each bucket begins, and what it counts.
    pub fn buckets(&self) -> impl Iterator<Item = (i64, u32)> {
        self.counts.iter().enumerate().map(|(i, n)| ((self.start + i as i64) << self.shift, *n))
    }

    /// All that was counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|n| u64::from(*n)).sum()
    }
}

/// By how many powers of two buckets have to widen so that few enough reach from `first` to `last`.
fn shift_to_fit(first: i64, last: i64) -> u32 {
    (0..64).find(|by| (last >> by) - (first >> by) < MOST as i64).unwrap_or(63)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(seconds: &[i64]) -> Histogram {
        let mut histogram = Histogram::default();
        for second in seconds {
            histogram.add(Timestamp::from_second(*second).expect("in range"), 1);
        }
        histogram
    }

    #[test]
    fn buckets_double_when_the_span_grows() {
        // 128 seconds fit one bucket a second; with second 128 each holds two, with second 256 four.
        assert_eq!(of(&[0, 127]).width(), 1);
        assert_eq!(of(&[0, 127, 128]).width(), 2);
        let wide = of(&[0, 1, 127, 128, 256]);
        assert_eq!(wide.width(), 4);
        let full: Vec<_> = wide.buckets().filter(|(_, n)| *n > 0).collect();
        assert_eq!(full, [(0, 2), (124, 1), (128, 1), (256, 1)]);
    }

    #[test]
    fn buckets_begin_at_multiples_of_their_width() {
        // 1,001 and 1,300 are 299 s apart: 128 buckets of 4 s. 1,001 lies in [1000, 1004).
        let histogram = of(&[1300, 1001]);
        assert_eq!((histogram.width(), histogram.buckets().next()), (4, Some((1000, 1))));
    }

    #[test]
    fn times_before_1970_are_counted_too() {
        assert_eq!(of(&[-5, 3]).buckets().filter(|(_, n)| *n > 0).collect::<Vec<_>>(), [(-5, 1), (3, 1)]);
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_matter(mut seconds in prop::collection::vec(-4_000_000_000_i64..9_000_000_000, 0..40), cut in 0..40_usize) {
            let whole = of(&seconds);
            let (one, two) = seconds.split_at(cut.min(seconds.len()));
            let mut joined = of(one);
            joined.absorb(&of(two));
            prop_assert_eq!(&whole, &joined);
            prop_assert_eq!(whole.total(), seconds.len() as u64);
            prop_assert!(whole.counts.len() <= MOST);
            seconds.reverse();
            prop_assert_eq!(whole, of(&seconds));
        }
    }
}
