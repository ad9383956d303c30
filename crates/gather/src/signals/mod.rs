//! Alerts, metrics, traces and changes.

mod alerts;
mod anomalies;
mod calls;
mod frame;
mod metrics_csv;
pub(crate) mod time;

#[cfg(test)]
pub(crate) mod sample;

use firstfault_model::{Evidence, Masked, Place};

use crate::formats::{Chunk, Format};

pub(crate) const FORMATS: &[Format] =
    &[alerts::ALERTS, anomalies::ANOMALIES, calls::TREE, calls::DOT, calls::EDGES, metrics_csv::METRICS];

/// A lazily parsed JSON document, if the chunk is one and not larger than a reader may hold.
fn json(chunk: &Chunk<'_>) -> Option<serde_json::Value> {
    const LARGEST: usize = 64 << 20;
    let text = chunk.text.trim_start_matches('\u{feff}').trim();
    if text.len() > LARGEST || !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The first bytes, where a format shows itself.
fn start<'a>(chunk: &Chunk<'a>) -> &'a str {
    let mut end = chunk.text.len().min(4096);
    while !chunk.text.is_char_boundary(end) {
        end -= 1;
    }
    &chunk.text[..end]
}

/// Finds the lines of texts that come in the document's order.
struct Lines<'a> {
    chunk: &'a Chunk<'a>,
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    fn new(chunk: &'a Chunk<'a>) -> Self {
        Self { chunk, at: 0, line: chunk.first_line }
    }

    /// The next place of `needle`, or where the last one was.
    fn cite(&mut self, needle: &str, shown: &str) -> Evidence {
        let rest = &self.chunk.text[self.at..];
        if let Some(found) = rest.find(needle).filter(|_| !needle.is_empty()) {
            let breaks = memchr::memchr_iter(b'\n', &rest.as_bytes()[..found]).count();
            self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            self.at += found;
        }
        let shown: String = shown.chars().take(300).collect();
        Evidence { place: Place::line(self.chunk.path, self.line), excerpt: Masked::new(&shown) }
    }
}
