//! The arithmetic of one theory. Source of the form: noisy-OR likelihoods (Pearl 1988) with
//! log-odds summed over findings that are taken to be independent once pooled.

use firstfault_catalog::Catalog;
use firstfault_model::{Grade, Trust};

/// A fault of average frequency strikes one entity in this share of incidents' evidence.
const BASE_RATE: f64 = 0.01;

/// The log prior of a mode with a relative frequency.
pub(crate) fn log_prior(relative: f64) -> f64 {
    (BASE_RATE * relative).ln()
}

/// P(finding | theory): either the fault shows it, or the background does.
pub(crate) fn noisy_or(shown: f64, background: f64) -> f64 {
    1.0 - (1.0 - shown) * (1.0 - background)
}

/// How much of a ratio counts, by how sure the detector is.
pub(crate) fn temper(grade: Grade) -> f64 {
    match grade {
        Grade::Weak => 0.3,
        Grade::Fair => 0.6,
        Grade::Strong => 0.9,
        Grade::Certain => 1.0,
    }
}

/// The weight of a finding that is there.
pub(crate) fn present(shown: f64, background: f64, grade: Grade) -> f64 {
    temper(grade) * (noisy_or(shown, background) / background).ln()
}

/// The weight of a finding that was looked for and is not there, at most by [`ABSENCE_LIMIT`].
pub(crate) fn absent(shown: f64, background: f64) -> f64 {
    ((1.0 - noisy_or(shown, background)) / (1.0 - background)).ln().max(ABSENCE_LIMIT)
}

/// No single absence speaks louder than this: a detector may have looked past it.
const ABSENCE_LIMIT: f64 = -1.5;

/// The weight of a finding that the mode says speaks against it.
pub(crate) fn refuted(grade: Grade) -> f64 {
    -3.0 * temper(grade)
}

/// The weight of an effect that was seen before its supposed cause.
pub(crate) const EFFECT_FIRST: f64 = -1.0;

/// Application text alone never makes a theory more than likely: the cap on its probability.
pub(crate) const APPLICATION_CAP: f64 = 0.79;

/// The trust in a finding by its declaration.
pub(crate) fn trust(catalog: &Catalog, finding: &str) -> Trust {
    catalog.declarations.get(finding).map_or(Trust::Application, |d| d.trust)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_finding_that_is_never_seen_otherwise_weighs_its_log_ratio() {
        // noisy-OR: 1 - 0.03 * 0.999 = 0.97003; over 0.001: 970.03; ln = 6.8774
        assert!((present(0.97, 0.001, Grade::Certain) - 6.8774).abs() < 1e-4);
        assert!((present(0.97, 0.001, Grade::Weak) - 2.0632).abs() < 1e-4);
    }

    #[test]
    fn absence_counts_by_what_was_expected() {
        // (1 - 0.5) / 1 with the background's share cancelled: ln 0.5
        assert!((absent(0.5, 0.01) - 0.5_f64.ln()).abs() < 1e-12);
        assert!((absent(0.97, 0.01) - ABSENCE_LIMIT).abs() < 1e-12);
    }

    #[test]
    fn what_a_fault_does_not_show_says_nothing() {
        assert!(present(0.0, 0.05, Grade::Certain).abs() < 1e-12);
        assert!(absent(0.0, 0.05).abs() < 1e-12);
    }
}
