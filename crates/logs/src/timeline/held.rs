//! Records as a timeline keeps them, and as it shows them.

use std::sync::Arc;

use firstfault_model::{Masked, Name};
use jiff::{SignedDuration, Timestamp};

use super::entries::Entry;
use crate::Level;
use crate::format::Ids;

/// Bytes kept of one record.
const LONGEST_KEPT: usize = 8 << 10;
/// Bytes kept of a record's first line.
const LONGEST_MESSAGE: usize = 2 << 10;
/// Where a record stands among all: by time, then file, then line. What has no time stands behind the record before it in
/// its file; where no record of the file has one, at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) timeless: bool,
    pub(super) at: Option<Timestamp>,
    pub(super) file: Name,
    pub(super) line: u64,
}

/// A record as it is kept: not masked yet, since most are given up again.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// How far from the moment that is asked for.
    pub(super) distance: SignedDuration,
    pub(super) place: Place,
    pub(super) record: Arc<Raw>,
}

#[derive(Debug)]
pub(super) struct Raw {
    time: Option<Timestamp>,
    pub(super) level: Option<Level>,
    pub(super) source: Name,
    message: String,
    text: String,
    lines: u64,
    pub(super) trace: Option<String>,
    span: Option<String>,
    pub(super) request: Option<String>,
}

impl Held {
    pub(super) fn rank(&self) -> (SignedDuration, &Place) {
        (self.distance, &self.place)
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// A record that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its time, where it has one itself.
    pub time: Option<Timestamp>,
    /// Its level.
    pub level: Option<Level>,
    /// Who wrote it: what the record or its line's prefix says, else whose the log is.
    pub source: Name,
    /// What it says in its first line.
    pub message: Masked,
    /// All its lines, cut.
    pub text: Masked,
    /// How many lines it has.
    pub lines: u64,
    /// The file.
    pub file: Name,
    /// The line in it, from 1.
    pub line: u64,
    /// Its trace id.
    pub trace: Option<String>,
    /// Its span id.
    pub span: Option<String>,
    /// Its request id.
    pub request: Option<String>,
}

impl Raw {
    pub(super) fn of(entry: &Entry, named: &Ids<'_>, source: Name) -> Self {
        let own = |id: Option<&str>| id.map(str::to_owned);
        Self {
            time: entry.time,
            level: entry.level,
            source,
            message: cut(&entry.message, LONGEST_MESSAGE),
            text: cut(&entry.text, LONGEST_KEPT),
            lines: entry.lines,
            trace: own(named.trace),
            span: own(named.span),
            request: own(named.request),
        }
    }
}

impl Held {
    pub(super) fn shown(&self) -> Kept {
        let Raw { time, level, source, message, text, lines, trace, span, request } = &*self.record;
        Kept {
            time: *time,
            level: *level,
            source: source.clone(),
            message: Masked::new(message),
            text: Masked::new(text),
            lines: *lines,
            file: self.place.file.clone(),
            line: self.place.line,
            trace: trace.clone(),
            span: span.clone(),
            request: request.clone(),
        }
    }
}

/// The beginning of a text, with a sign where it is cut.
fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(longest)])
}
