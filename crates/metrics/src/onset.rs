//! When a series left its usual course.

use crate::baseline::Baseline;

/// Samples in a row that have to lie apart before a series is said to have changed.
const IN_A_ROW: usize = 3;

/// The index from which on samples lie at least `scores` spreads of the baseline away, upward if
/// `scores` is positive, downward if negative: the first of [`IN_A_ROW`] (or all that are left
/// at the end, but two at least).
#[must_use]
pub fn onset(values: &[f64], baseline: &Baseline, scores: f64) -> Option<usize> {
    let apart = |value: &f64| {
        let score = baseline.score(*value);
        if scores >= 0.0 { score >= scores } else { score <= scores }
    };
    (0..values.len()).find(|&i| {
        let next = &values[i..(i + IN_A_ROW).min(values.len())];
        next.len() >= 2 && next.iter().all(apart)
    })
}

/// Where the level of a series changes most, and how likely chance alone makes such a change:
/// the last index of the first part, and the approximate significance 2·exp(−6K²/(n³+n²)).
///
/// Source: A. N. Pettitt, "A Non-Parametric Approach to the Change-Point Problem",
/// Applied Statistics 28 (1979). Ties have their mean rank.
#[must_use]
pub fn change_point(values: &[f64]) -> Option<(usize, f64)> {
    let n = values.len();
    if n < 4 {
        return None;
    }
    let ranks = ranks(values);
    let mut sum = 0.0;
    let mut best = (0, 0.0_f64);
    for (i, rank) in ranks.iter().enumerate().take(n - 1) {
        sum += rank;
        let u = 2.0 * sum - (i + 1) as f64 * (n + 1) as f64;
        if u.abs() > best.1.abs() {
            best = (i, u);
        }
    }
    let count = n as f64;
    let chance = 2.0 * (-6.0 * best.1 * best.1 / (count.powi(3) + count.powi(2))).exp();
    Some((best.0, chance.min(1.0)))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut i = 0;
    while i < order.len() {
        let mut end = i + 1;
        while end < order.len() && values[order[end]].total_cmp(&values[order[i]]).is_eq() {
            end += 1;
        }
        let mean = (i + 1 + end) as f64 / 2.0;
        for &place in &order[i..end] {
            ranks[place] = mean;
        }
        i = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_onset_needs_several_samples_in_a_row() {
        let baseline = Baseline { centre: 10.0, spread: 1.0, samples: 20 };
        let values = [10.0, 30.0, 10.0, 11.0, 30.0, 31.0, 29.0, 30.0];
        assert_eq!(onset(&values, &baseline, 4.0), Some(4));
        assert_eq!(onset(&values[..4], &baseline, 4.0), None);
        assert_eq!(onset(&[10.0, 2.0, 1.0], &baseline, -4.0), Some(1));
    }

    #[test]
    fn the_level_changes_where_pettitt_says() {
        // ranks of 1 2 3 | 11 12 13 are 1..6: U after three = 2·6 − 3·7 = −9,
        // chance 2·exp(−6·81/(216+36)) = 2·exp(−1.9286) = 0.2907
        let (at, chance) = change_point(&[1.0, 2.0, 3.0, 11.0, 12.0, 13.0]).expect("six samples");
        assert_eq!(at, 2);
        assert!((chance - 0.2907).abs() < 1e-3, "{chance}");
    }

    #[test]
    fn ties_share_their_rank() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0]), [2.5, 1.0, 2.5]);
    }
}
