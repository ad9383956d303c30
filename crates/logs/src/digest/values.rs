//! The values that stand at one place of a message, and when.

use std::hash::Hasher as _;

use jiff::Timestamp;
use rustc_hash::FxHasher;

use super::Histogram;

/// Values kept of one place.
const KEPT: usize = 8;
/// A longer value is cut.
const LONGEST: usize = 64;

/// A space-saving sketch (Metwally et al., 2005) whose counters are histograms: up to eight different values it is exact.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<Counted>);

#[derive(Debug)]
struct Counted {
    hash: u64,
    value: String,
    /// Of those that were seen since the value got its place.
    history: Histogram,
    count: u64,
}

impl Values {
    /// Counts a value. `places` is how many more values may be kept.
    pub(super) fn see(&mut self, value: &str, at: Timestamp, n: u64, places: &mut usize) {
        let value = &value[..value.floor_char_boundary(LONGEST)];
        let mut hasher = FxHasher::default();
        hasher.write(value.as_bytes());
        let hash = hasher.finish();
        if let Some(known) = self.0.iter_mut().find(|c| c.hash == hash) {
            known.count += n;
            known.history.add(at, n);
        } else if self.0.len() < KEPT {
            if *places == 0 {
                return;
            }
            *places -= 1;
            let mut history = Histogram::default();
            history.add(at, n);
            self.0.push(Counted { hash, value: value.to_owned(), history, count: n });
        } else if let Some(rarest) = self.0.iter_mut().min_by_key(|c| c.count) {
            rarest.hash = hash;
            rarest.value.clear();
            rarest.value.push_str(value);
            rarest.history.clear();
            rarest.history.add(at, n);
            rarest.count += n;
        }
    }

    /// The values and their counts.
    pub(super) fn into_histories(self) -> impl Iterator<Item = (String, Histogram)> {
        self.0.into_iter().map(|c| (c.value, c.history))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[&str]) -> Vec<(String, u64)> {
        let (mut sketch, mut places) = (Values::default(), 100);
        for (i, value) in values.iter().enumerate() {
            sketch.see(value, Timestamp::from_second(i as i64).expect("in range"), 1, &mut places);
        }
        let mut all: Vec<(String, u64)> = sketch.into_histories().map(|(v, h)| (v, h.total())).collect();
        all.sort();
        all
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let counts = seen(&["a", "b", "a", "c", "a"]);
        assert_eq!(counts, [("a".into(), 3), ("b".into(), 1), ("c".into(), 1)]);
    }

    #[test]
    fn a_frequent_value_keeps_its_place_among_many() {
        let ids: Vec<String> =
            (0..400).map(|i| if i % 3 == 0 { "often".to_owned() } else { format!("id-{i}") }).collect();
        let counts = seen(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(counts.len(), KEPT);
        assert_eq!(counts.iter().find(|(v, _)| v == "often").map(|(_, n)| *n), Some(134));
    }

    #[test]
    fn without_places_nothing_is_kept() {
        let (mut sketch, mut places) = (Values::default(), 1);
        for value in ["a", "b"] {
            sketch.see(value, Timestamp::UNIX_EPOCH, 1, &mut places);
        }
        assert_eq!(sketch.into_histories().map(|(v, _)| v).collect::<Vec<_>>(), ["a"]);
    }
}
