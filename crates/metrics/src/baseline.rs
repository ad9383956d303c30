//! What is usual: a centre and a spread that a few wild samples do not move.

/// The consistency factor that makes the median absolute deviation of normally distributed
/// samples their standard deviation: 1 / Φ⁻¹(3/4). Source: Rousseeuw & Croux, "Alternatives to
/// the Median Absolute Deviation", JASA 88 (1993).
const MAD_TO_SIGMA: f64 = 1.4826;

/// The middle value; the mean of the two middle ones of an even number. NaN are left out.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// A quantile by linear interpolation between closest ranks (Hyndman & Fan 1996, type 7).
#[must_use]
pub fn quantile(values: &[f64], at: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = at.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = place.ceil() as usize;
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

/// What a series usually is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// The median.
    pub centre: f64,
    /// The median absolute deviation, scaled to a standard deviation.
    pub spread: f64,
    /// How many samples it stands on.
    pub samples: usize,
}

impl Baseline {
    /// The baseline of some samples; none without any.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let centre = median(values)?;
        let deviations: Vec<f64> = values.iter().map(|v| (v - centre).abs()).collect();
        Some(Self { centre, spread: MAD_TO_SIGMA * median(&deviations)?, samples: values.len() })
    }

    /// By how many spreads a value lies above the centre. A spread below a twentieth of the
    /// centre counts as that: a constant series is no reason to wonder at the next digit.
    #[must_use]
    pub fn score(&self, value: f64) -> f64 {
        let spread = self.spread.max(self.centre.abs() / 20.0).max(f64::MIN_POSITIVE);
        (value - self.centre) / spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(median(&[f64::NAN, 2.0]), Some(2.0));
    }

    #[test]
    fn quantiles_interpolate_between_ranks() {
        // four samples: rank 0.9 * 3 = 2.7, so 30 + 0.7 * 10
        let at = quantile(&[10.0, 20.0, 30.0, 40.0], 0.9).expect("there are samples");
        assert!((at - 37.0).abs() < 1e-9);
    }

    #[test]
    fn one_wild_sample_moves_neither_centre_nor_spread() {
        // median 3; deviations 2 1 0 1 97, their median 1
        let baseline = Baseline::of(&[1.0, 2.0, 3.0, 4.0, 100.0]).expect("there are samples");
        assert!((baseline.centre - 3.0).abs() < 1e-12);
        assert!((baseline.spread - 1.4826).abs() < 1e-12);
        assert!((baseline.score(3.0 + 2.0 * 1.4826) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_constant_series_has_a_spread_all_the_same() {
        let baseline = Baseline::of(&[100.0; 8]).expect("there are samples");
        assert!((baseline.score(105.0) - 1.0).abs() < 1e-9);
    }
}
