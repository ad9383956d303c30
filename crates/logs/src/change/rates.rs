//! Whether something happens more or less often than before.

use super::beta::incomplete_beta;
use super::split::Split;

/// More events than this add no certainty that the arithmetic could hold.
const MOST_EVENTS: f64 = 1e6;

/// How often something happened in the baseline and in the window, and how much time (or traffic, or how many chances) it had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    pub(super) before: f64,
    pub(super) after: f64,
    had_before: f64,
    had_after: f64,
    /// By how much counts of the baseline vary more than a Poisson process does, as variance over mean.
    pub(super) dispersion: Option<f64>,
}

/// Fewer buckets or events tell nothing of a dispersion.
const LEAST_BUCKETS: usize = 4;
const LEAST_EVENTS: f64 = 5.0;

impl Rates {
    pub(super) fn of(counts: &[f64], exposure: &[f64], split: &Split) -> Self {
        let sum = |of: &[f64], range: &std::ops::Range<usize>| of[range.clone()].iter().sum::<f64>();
        Self {
            before: sum(counts, &split.baseline),
            after: sum(counts, &split.window),
            had_before: sum(exposure, &split.baseline),
            had_after: sum(exposure, &split.window),
            dispersion: dispersion(&counts[split.baseline.clone()], &exposure[split.baseline.clone()]),
        }
    }

    /// Whether it could have happened before and after.
    pub(super) fn has_exposure(&self) -> bool {
        self.had_before > 0.0 && self.had_after > 0.0
    }

    /// The rates before and after.
    pub(super) fn per_exposure(&self) -> (f64, f64) {
        let rate = |n: f64, had: f64| if had > 0.0 { n / had } else { 0.0 };
        (rate(self.before, self.had_before), rate(self.after, self.had_after))
    }

    /// The rate in the window over that in the baseline.
    pub(super) fn ratio(&self) -> f64 {
        let (before, after) = self.per_exposure();
        after / before
    }

    /// The chance of a change as large as this one or larger, upward and downward, if the rate is the same.
    ///
    /// Given the sum of two Poisson counts, one of them is binomial with its share of the exposure as the chance (Przyborowski
    /// and Wilenski, Biometrika 31, 1940). Counts that come in clumps are worth as much as their number over their dispersion
    /// (quasi-likelihood: McCullagh and Nelder, "Generalized Linear Models", 1989, section 4.5).
    pub(super) fn chances(&self, usual_dispersion: f64) -> (f64, f64) {
        let share = self.had_after / (self.had_before + self.had_after);
        if !(share > 0.0 && share < 1.0) {
            return (1.0, 1.0);
        }
        let clumps = self.dispersion.unwrap_or(1.0).max(usual_dispersion).max((self.before + self.after) / MOST_EVENTS);
        let (before, after) = (self.before / clumps, self.after / clumps);
        let more = if after > 0.0 { incomplete_beta(share, after, before + 1.0) } else { 1.0 };
        let fewer = if before > 0.0 { incomplete_beta(1.0 - share, before, after + 1.0) } else { 1.0 };
        (more, fewer)
    }
}

/// Variance over mean by Pearson's statistic, at least one.
fn dispersion(counts: &[f64], exposure: &[f64]) -> Option<f64> {
    let rate = counts.iter().sum::<f64>() / exposure.iter().sum::<f64>();
    let expected = || counts.iter().zip(exposure).map(|(n, had)| (n, rate * had)).filter(|(_, mean)| *mean > 0.0);
    let buckets = expected().count();
    if buckets < LEAST_BUCKETS || counts.iter().sum::<f64>() < LEAST_EVENTS {
        return None;
    }
    let statistic: f64 = expected().map(|(n, mean)| (n - mean).powi(2) / mean).sum();
    Some((statistic / (buckets - 1) as f64).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(before: f64, after: f64, had_before: f64, had_after: f64) -> Rates {
        Rates { before, after, had_before, had_after, dispersion: None }
    }

    #[test]
    fn the_chance_is_that_of_a_binomial_tail() {
        // 2 before and 8 after in equal times: 8 heads or more of 10, 56/1024; 8 or fewer: 1 - 11/1024.
        let (more, fewer) = rates(2.0, 8.0, 1.0, 1.0).chances(1.0);
        assert!((more - 56.0 / 1024.0).abs() < 1e-12);
        assert!((fewer - 1013.0 / 1024.0).abs() < 1e-12);
        // Three new ones in a tenth of the time.
        assert!((rates(0.0, 3.0, 9.0, 1.0).chances(1.0).0 - 1e-3).abs() < 1e-15);
        // Twenty before, none after in as long a time.
        assert!((rates(20.0, 0.0, 1.0, 1.0).chances(1.0).1 - 0.5_f64.powi(20)).abs() < 1e-18);
    }

    #[test]
    fn only_the_share_of_the_exposure_counts() {
        let (one, scaled) = (rates(7.0, 9.0, 3.0, 1.0), rates(7.0, 9.0, 3e6, 1e6));
        assert_eq!(one.chances(1.0), scaled.chances(1.0));
    }

    #[test]
    fn clumps_count_once() {
        // Everything four times, so four times the variance over the mean: as surprising as once.
        let once = rates(5.0, 9.0, 2.0, 1.0).chances(1.0);
        assert_eq!(rates(20.0, 36.0, 2.0, 1.0).chances(4.0), once);
    }

    #[test]
    fn dispersion_is_variance_over_mean() {
        // Mean 3; deviations 3 3 3 3, squared over the mean 3 each, 12 over 3 degrees of freedom.
        assert_eq!(dispersion(&[0.0, 6.0, 0.0, 6.0], &[1.0; 4]), Some(4.0));
        // More regular than chance is no reason to be surer.
        assert_eq!(dispersion(&[3.0; 5], &[1.0; 5]), Some(1.0));
        assert_eq!(dispersion(&[0.0, 4.0, 0.0, 0.0], &[1.0; 4]), None, "too few");
        // Twice the exposure, twice the count: no dispersion at all.
        assert_eq!(dispersion(&[2.0, 4.0, 2.0, 4.0], &[1.0, 2.0, 1.0, 2.0]), Some(1.0));
    }

    #[test]
    fn without_a_baseline_nothing_is_sure() {
        assert_eq!(rates(0.0, 50.0, 0.0, 1.0).chances(1.0), (1.0, 1.0));
    }
}
