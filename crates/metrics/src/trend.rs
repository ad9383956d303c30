//! Trends that outliers do not bend: Theil's slope with Sen's interval, Kendall's tau.

use crate::baseline::median;

/// A straight line through samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Units a second: the median of the slopes of all pairs.
    pub slope: f64,
    /// The slope's 95 % interval.
    pub interval: (f64, f64),
    /// Kendall's tau: 1 when every later sample is higher, -1 when lower, 0 without a trend.
    pub tau: f64,
    /// The line's value at the first and the last sample.
    pub ends: (f64, f64),
}

/// More points than this are thinned first: the pairs grow with their square.
const MOST: usize = 240;

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.96;

impl Trend {
    /// The trend of samples `(seconds, value)` in order of time; none of fewer than three.
    ///
    /// Sources: P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau",
    /// JASA 63 (1968), for slope and interval; M. G. Kendall, "Rank Correlation Methods" (1955),
    /// for tau and its variance n(n−1)(2n+5)/18.
    #[must_use]
    pub fn of(samples: &[(f64, f64)]) -> Option<Self> {
        let samples = thinned(samples);
        let n = samples.len();
        if n < 3 {
            return None;
        }
        let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
        let mut concordant: i64 = 0;
        for (i, (t, v)) in samples.iter().enumerate() {
            for (later, value) in &samples[i + 1..] {
                if later > t {
                    slopes.push((value - v) / (later - t));
                    concordant += i64::from(value > v) - i64::from(value < v);
                }
            }
        }
        let slope = median(&slopes)?;
        let pairs = slopes.len() as f64;
        slopes.sort_by(f64::total_cmp);
        let count = n as f64;
        let half = Z * (count * (count - 1.0) * (2.0 * count + 5.0) / 18.0).sqrt() / 2.0;
        let rank = |place: f64| slopes[(place.round().max(0.0) as usize).min(slopes.len() - 1)];
        let interval = (rank(pairs / 2.0 - half - 0.5), rank(pairs / 2.0 + half - 0.5));
        let rests: Vec<f64> = samples.iter().map(|(t, v)| v - slope * t).collect();
        let at_zero = median(&rests)?;
        let at = |place: usize| at_zero + slope * samples[place].0;
        Some(Self { slope, interval, tau: concordant as f64 / pairs, ends: (at(0), at(n - 1)) })
    }

    /// Whether it certainly rises: the whole interval does.
    #[must_use]
    pub fn rises(&self) -> bool {
        self.interval.0 > 0.0
    }

    /// Seconds from the last sample until the line reaches a limit; none if it never does.
    #[must_use]
    pub fn seconds_to(&self, limit: f64) -> Option<f64> {
        (self.slope > 0.0).then(|| ((limit - self.ends.1) / self.slope).max(0.0))
    }
}

/// At most [`MOST`] points: the medians of equal runs of neighbours.
fn thinned(samples: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let clean: Vec<(f64, f64)> = samples.iter().copied().filter(|(t, v)| t.is_finite() && v.is_finite()).collect();
    if clean.len() <= MOST {
        return clean;
    }
    let run = clean.len().div_ceil(MOST);
    clean
        .chunks(run)
        .filter_map(|chunk| {
            let (times, values): (Vec<f64>, Vec<f64>) = chunk.iter().copied().unzip();
            Some((median(&times)?, median(&values)?))
        })
        .collect()
}

/// The runs between sudden falls, as ranges of indices: each restart of a process begins a new
/// one. A fall counts when one step loses more than `least`.
#[must_use]
pub fn runs(values: &[f64], least: f64) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut begin = 0;
    for i in 1..values.len() {
        if values[i - 1] - values[i] > least {
            runs.push(begin..i);
            begin = i;
        }
    }
    if begin < values.len() {
        runs.push(begin..values.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_through_an_outlier() {
        // pairs of (0,0) (1,2) (2,4) (3,50): 2, 2, 16.67, 2, 24, 46; sorted 2 2 2 16.67 24 46:
        // median (2 + 16.67) / 2; with a fifth sample on the line, the median of ten is 2
        let samples = [(0.0, 0.0), (1.0, 2.0), (2.0, 4.0), (3.0, 50.0), (4.0, 8.0)];
        let trend = Trend::of(&samples).expect("five samples");
        assert!((trend.slope - 2.0).abs() < 1e-12);
        assert!((trend.ends.0 - 0.0).abs() < 1e-12 && (trend.ends.1 - 8.0).abs() < 1e-12);
    }

    #[test]
    fn tau_counts_pairs_in_order() {
        // 1 3 2: up, up, down: (2 - 1) / 3
        let trend = Trend::of(&[(0.0, 1.0), (1.0, 3.0), (2.0, 2.0)]).expect("three samples");
        assert!((trend.tau - 1.0 / 3.0).abs() < 1e-12);
        assert!(!trend.rises());
    }

    #[test]
    fn the_interval_is_sens() {
        // n = 10: variance 10·9·25/18 = 125, half width 1.96·√125/2 = 10.96 ranks about 22.5:
        // ranks 12 and 33 (from 0: 22.5-10.96-0.5 = 11.04, 22.5+10.96-0.5 = 32.96)
        let samples: Vec<(f64, f64)> = (0..10_i32).map(|i| (f64::from(i), f64::from(i * i))).collect();
        let trend = Trend::of(&samples).expect("ten samples");
        // the slope of a pair (i, j) is i + j: 1,2,3,3,4,4,5,5,5,6,6,6 | 7 …
        assert!((trend.interval.0 - 6.0).abs() < 1e-12, "{trend:?}");
        assert!((trend.interval.1 - 12.0).abs() < 1e-12, "{trend:?}");
        assert!(trend.rises());
    }

    #[test]
    fn the_limit_is_reached_where_the_line_meets_it() {
        let trend = Trend::of(&[(0.0, 10.0), (60.0, 20.0), (120.0, 30.0)]).expect("three samples");
        assert!((trend.seconds_to(40.0).expect("it rises") - 60.0).abs() < 1e-9);
        assert_eq!(Trend::of(&[(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]).and_then(|t| t.seconds_to(9.0)), None);
    }

    #[test]
    fn many_points_are_thinned_and_keep_their_slope() {
        let samples: Vec<(f64, f64)> = (0..20_000).map(|i| (f64::from(i), 3.0 * f64::from(i))).collect();
        let trend = Trend::of(&samples).expect("many samples");
        assert!((trend.slope - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_sawtooth_is_cut_at_its_falls() {
        assert_eq!(runs(&[1.0, 2.0, 3.0, 1.0, 2.0, 0.5], 1.0), [0..3, 3..5, 5..6]);
        assert!(runs(&[], 1.0).is_empty());
    }
}
