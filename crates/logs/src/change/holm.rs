//! Many tests at once.

/// What each chance is worth among all of them, in their order: with Holm's method the chance that any of them is called a
/// change when none is, stays below the level, however the tests depend on one another.
/// `trials` is how many times as many tests were made as are given.
///
/// Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
pub(super) fn adjusted(chances: &[f64], trials: usize) -> Vec<f64> {
    let tests = chances.len() * trials;
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let mut adjusted = vec![1.0; chances.len()];
    let mut least = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        least = least.max((chances[at] * (tests - rank) as f64).min(1.0));
        adjusted[at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::adjusted;

    #[test]
    fn the_least_chance_pays_for_all_and_each_next_for_one_less() {
        // Sorted 0.01 0.02 0.04: three times the first, 0.03; twice the second, 0.04; once the third, 0.04.
        assert_eq!(adjusted(&[0.04, 0.01, 0.02], 1), [0.04, 0.03, 0.04]);
        // Four times as many tests: 0.01 · 12, 0.02 · 11, 0.04 · 10.
        assert_eq!(adjusted(&[0.04, 0.01, 0.02], 4), [0.4, 0.12, 0.22]);
        assert_eq!(adjusted(&[0.9, 0.8], 1), [1.0, 1.0]);
        assert!(adjusted(&[], 1).is_empty());
    }
}
