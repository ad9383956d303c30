//! Where a log changes, if nobody says when the incident was.

use super::LEVEL;
use super::split::Split;
use super::stream::{Series, Stream};

/// Buckets on each side of a change point.
const LEAST_BUCKETS: usize = 3;
/// Degrees of freedom below which a dispersion tells nothing.
const LEAST_FREEDOM: usize = 4;

/// The split at which the kinds of message change most, all together, and how many splits were tried.
///
/// For each kind of message and each split: the logarithm of the likelihood ratio of two Poisson rates to one, over the
/// dispersion within the two parts. It exceeds x by chance with at most 2·exp(−x) (H. Chernoff, Annals of Mathematical
/// Statistics 23, 1952), so what lies above ln(2·kinds·splits/level) is no chance; of several splits that one is taken above
/// which most lies.
pub(super) fn change_point(stream: &Stream<'_>) -> Option<(Split, usize)> {
    let buckets = stream.grid.seconds.len();
    let splits = LEAST_BUCKETS..(buckets + 1).checked_sub(LEAST_BUCKETS)?;
    let trials = splits.len();
    let penalty = (2.0 * stream.series.len() as f64 * trials as f64 / LEVEL).ln();
    let sums: Vec<Sums> = stream.series.iter().map(|s| Sums::of(s, &stream.grid.seconds)).collect();
    let usual = usual(&sums);
    let mut best: Option<(f64, Split)> = None;
    for at in splits {
        let gain = |(series, sums): (&Series<'_>, &Sums)| {
            let (gain, upward) = sums.gain(at, usual);
            // What a program only writes when it starts, stops without a change.
            if gain > penalty && (upward || series.is_regular(&(0..at))) { gain - penalty } else { 0.0 }
        };
        let gain: f64 = stream.series.iter().zip(&sums).map(gain).sum();
        if gain > best.as_ref().map_or(0.0, |(most, _)| *most)
            && let Some(split) = stream.grid.split_at(at).filter(|split| stream.is_settled(split))
        {
            best = Some((gain, split));
        }
    }
    best.map(|(_, split)| (split, trials))
}

/// Sums up to each bucket.
struct Sums {
    counts: Vec<f64>,
    seconds: Vec<f64>,
    /// Of count² / seconds.
    squares: Vec<f64>,
}

impl Sums {
    fn of(series: &Series<'_>, seconds: &[f64]) -> Self {
        let up_to = |values: &mut dyn Iterator<Item = f64>| {
            let sums = values.scan(0.0, |sum, v| {
                *sum += v;
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        let pairs = || series.counts.iter().zip(seconds);
        Self {
            counts: up_to(&mut series.counts.iter().copied()),
            seconds: up_to(&mut seconds.iter().copied()),
            squares: up_to(&mut pairs().map(|(n, s)| n * n / s.max(1.0))),
        }
    }

    /// Events, time and Pearson's statistic of the buckets from one to another.
    fn part(&self, from: usize, to: usize) -> (f64, f64, f64) {
        let of = |sums: &[f64]| sums[to] - sums[from];
        let (n, seconds) = (of(&self.counts), of(&self.seconds));
        let statistic = if n > 0.0 { (seconds / n * of(&self.squares) - n).max(0.0) } else { 0.0 };
        (n, seconds, statistic)
    }

    /// The log likelihood ratio at a split over the dispersion, and whether the rate rises there.
    fn gain(&self, at: usize, usual_dispersion: f64) -> (f64, bool) {
        let buckets = self.counts.len() - 1;
        let (before, had_before, spread_before) = self.part(0, at);
        let (after, had_after, spread_after) = self.part(at, buckets);
        let rate = (before + after) / (had_before + had_after);
        if rate <= 0.0 {
            return (0.0, false);
        }
        let term = |n: f64, had: f64| if n > 0.0 { n * (n / (had * rate)).ln() } else { 0.0 };
        let freedom = |n: f64, buckets: usize| if n > 0.0 { buckets - 1 } else { 0 };
        let freedom = freedom(before, at) + freedom(after, buckets - at);
        let own = if freedom < LEAST_FREEDOM { 1.0 } else { (spread_before + spread_after) / freedom as f64 };
        let gain = (term(before, had_before) + term(after, had_after)) / own.max(usual_dispersion).max(1.0);
        (gain, after / had_after > before / had_before)
    }
}

/// The median dispersion over the whole of the stream.
fn usual(sums: &[Sums]) -> f64 {
    let mut all: Vec<f64> = Vec::new();
    for sums in sums {
        let buckets = sums.counts.len() - 1;
        let (n, _, spread) = sums.part(0, buckets);
        if n >= 5.0 && buckets > LEAST_FREEDOM {
            all.push(spread / (buckets - 1) as f64);
        }
    }
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(1.0).max(1.0)
}
