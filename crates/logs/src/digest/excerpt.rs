//! The beginning of a record, for people.

use firstfault_model::Masked;
use jiff::Timestamp;

use super::batch::Record;
use super::{Level, Words};

/// Characters shown of one record.
const LONGEST: usize = 400;

/// The beginning of a record, not yet masked: masking costs more than reading, so only what is shown is masked.
#[derive(Clone, Debug, Default)]
pub(super) struct Excerpt {
    pub(super) line: u32,
    at: Option<Timestamp>,
    level: Option<Level>,
    text: String,
}

impl Excerpt {
    pub(super) fn new(text: &str, record: &Record) -> Self {
        let mut excerpt = Self::default();
        excerpt.set(text, record);
        excerpt
    }

    /// Takes the place of another record.
    pub(super) fn set(&mut self, text: &str, record: &Record) {
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
        self.text.clear();
        self.text.push_str(&text[..end]);
        if end < text.len() {
            self.text.push('…');
        }
        (self.line, self.at, self.level) = (record.line, record.at, record.level);
    }

    pub(super) fn words(&self) -> Words {
        Words { line: self.line, at: self.at, level: self.level, text: Masked::new(&self.text), trace: None }
    }
}

/// The span of times with one more.
pub(super) fn widen(seen: Option<(Timestamp, Timestamp)>, at: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    match (seen, at) {
        (Some((first, last)), Some(at)) => Some((first.min(at), last.max(at))),
        (seen, at) => seen.or(at.map(|t| (t, t))),
    }
}
