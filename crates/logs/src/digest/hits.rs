//! Known messages of a stream, counted by what they name.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashMap, FxHasher};

use super::Hit;
use super::batch::Record;
use super::excerpt::{Excerpt, widen};
use crate::signatures::Match;

/// Different hits kept of one stream.
const MOST_HITS: usize = 400;

/// The hits so far.
#[derive(Default)]
pub(super) struct Hits {
    /// The place of each hit by the hash of its signature and fields.
    places: FxHashMap<u64, usize>,
    hits: Vec<Hit>,
    /// The last record of each hit.
    latest: Vec<Excerpt>,
}

impl Hits {
    /// Counts a match in a record.
    pub(super) fn add(&mut self, found: &Match<'_>, text: &str, record: &Record) {
        let mut hasher = FxHasher::default();
        found.signature.hash(&mut hasher);
        found.fields().for_each(|field| field.hash(&mut hasher));
        let mut hash = hasher.finish();
        while let Some(&at) = self.places.get(&hash) {
            if is_same(&self.hits[at], found) {
                let hit = &mut self.hits[at];
                hit.count += record.count;
                hit.seen = widen(hit.seen, record.at);
                self.latest[at].set(text, record);
                return;
            }
            hash = hash.wrapping_add(1);
        }
        if self.hits.len() >= MOST_HITS {
            return;
        }
        self.places.insert(hash, self.hits.len());
        let excerpt = Excerpt::new(text, record);
        let words = excerpt.words();
        self.hits.push(Hit {
            finding: found.finding,
            signature: found.name.to_owned(),
            fields: found.fields().map(|(name, value)| (name, value.to_owned())).collect(),
            count: record.count,
            seen: record.at.map(|t| (t, t)),
            first: words.clone(),
            latest: words,
        });
        self.latest.push(excerpt);
    }

    pub(super) fn finish(mut self) -> Vec<Hit> {
        for (hit, latest) in self.hits.iter_mut().zip(&self.latest) {
            hit.latest = latest.words();
        }
        self.hits
    }
}

fn is_same(hit: &Hit, found: &Match<'_>) -> bool {
    hit.signature == found.name
        && found.fields().count() == hit.fields.len()
        && found.fields().all(|(name, value)| hit.fields.get(name).is_some_and(|known| known == value))
}
