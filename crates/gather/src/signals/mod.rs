//! Alerts, metrics, traces and changes.

mod alerts;
mod anomalies;
mod calls;
mod cdevents;
mod cut;
mod exposition;
mod frame;
mod histogram;
mod jaeger;
mod metric_names;
mod metrics_csv;
mod pprof;
mod prometheus;
mod span_table;
pub(crate) mod time;
mod whom;

#[cfg(test)]
pub(crate) mod sample;

use firstfault_model::{Evidence, Masked, Place, Problem};

use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const FORMATS: &[Format] = &[
    alerts::ALERTS,
    anomalies::ANOMALIES,
    calls::TREE,
    calls::DOT,
    calls::EDGES,
    cdevents::EVENTS,
    exposition::EXPOSITION,
    jaeger::JAEGER,
    metric_names::NAMES,
    metrics_csv::METRICS,
    pprof::HISTO,
    pprof::TOP,
    prometheus::ANSWER,
    span_table::SPANS,
];

/// What a parsed document may take, counted in values of some 32 bytes: 150 MB.
const MOST_VALUES: usize = 4_500_000;
/// What an object takes besides its values.
const OBJECT: usize = 20;

/// As much of a JSON text as may be held when it is parsed: `[0,0,…` takes sixteen times its length.
fn holdable(text: &str) -> &str {
    let mut left = MOST_VALUES;
    let marks = memchr::memchr3_iter(b',', b'[', b'{', text.as_bytes());
    for at in marks {
        let price = if text.as_bytes()[at] == b'{' { OBJECT } else { 1 };
        if left < price {
            return &text[..at];
        }
        left -= price;
    }
    text
}

/// A JSON document, if the chunk is one and not larger than a reader may hold.
fn json(chunk: &Chunk<'_>) -> Option<serde_json::Value> {
    let text = chunk.text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with(['{', '[']) || holdable(text).len() < text.len() {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A JSON document, or the part of it that is whole where it was cut off; a problem says so.
fn json_or_part(chunk: &Chunk<'_>, out: &mut Yield) -> Option<serde_json::Value> {
    if let Some(document) = json(chunk) {
        return Some(document);
    }
    let text = chunk.text.trim_start_matches('\u{feff}').trim();
    let held = holdable(text);
    let part = cut::mended(held).and_then(|whole| serde_json::from_str(&whole).ok());
    let what = if part.is_some() && held.len() < text.len() {
        "too large to hold: only the first part of it was read"
    } else if part.is_some() {
        "the JSON is not closed: only what was complete was read"
    } else {
        "this is not whole JSON, nothing of it was read"
    };
    out.problems.push(Problem { place: Place::line(chunk.path, chunk.first_line), what: what.into() });
    part
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
    /// How many bytes may still be searched in vain.
    patience: usize,
}

/// Searching in vain ends after so many bytes: a million items that lack what is searched for would
/// each cost a walk to the end.
const PATIENCE: usize = 256 << 20;

impl<'a> Lines<'a> {
    fn new(chunk: &'a Chunk<'a>) -> Self {
        Self { chunk, at: 0, line: chunk.first_line, patience: PATIENCE }
    }

    /// Goes past `needle`, so that the next search finds the next one.
    fn pass(&mut self, needle: &str) {
        if self.chunk.text[self.at..].starts_with(needle) {
            self.at += needle.len();
        }
    }

    /// The next place of `needle`, or where the last one was.
    fn cite(&mut self, needle: &str, shown: &str) -> Evidence {
        let rest = &self.chunk.text[self.at..];
        let sought = !needle.is_empty() && rest.len() <= self.patience;
        let found = if sought { memchr::memmem::find(rest.as_bytes(), needle.as_bytes()) } else { None };
        if sought && found.is_none() {
            self.patience -= rest.len();
        }
        if let Some(found) = found {
            let breaks = memchr::memchr_iter(b'\n', &rest.as_bytes()[..found]).count();
            self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            self.at += found;
        }
        let shown: String = shown.chars().take(300).collect();
        Evidence { place: Place::line(self.chunk.path, self.line), excerpt: Masked::new(&shown) }
    }
}
