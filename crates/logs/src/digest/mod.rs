//! What stays of a log stream: counts by kind of message and over time, known messages, the last words.
//!
//! Lines become records (`builder`), which are counted in batches (`counter`), for long streams on a thread of its own.
//! Once the kinds of message of a stream are known, a record costs no allocation.

mod batch;
mod builder;
mod counter;
mod excerpt;
mod histogram;
mod hits;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use firstfault_model::{Declaration, Masked};
use jiff::Timestamp;

use crate::stack::Trace;

pub use builder::{DigestBuilder, Ingested};
pub use histogram::Histogram;

/// What stays of a log stream after one pass.
#[derive(Debug, Default)]
pub struct Digest {
    /// Lines.
    pub lines: u64,
    /// Records (a stack trace belongs to the record before it).
    pub records: u64,
    /// Records with a trace id or a request id.
    pub traced: u64,
    /// The first record's time.
    pub first: Option<Timestamp>,
    /// The last record's time.
    pub last: Option<Timestamp>,
    /// Records by level.
    pub levels: BTreeMap<Level, u64>,
    /// Records that have a time, over time.
    pub history: Histogram,
    /// Those of them that are no warnings, errors or stack traces: what the stream does while all is well.
    pub traffic: Histogram,
    /// Records by kind of message and level: the worst first, then the most frequent.
    pub shapes: Vec<Shape>,
    /// Known messages.
    pub hits: Vec<Hit>,
    /// Requests by method and path, where the stream is an access log.
    pub endpoints: Vec<crate::Endpoint>,
    /// Rules of others that fired.
    pub rules: Vec<crate::cre::Match>,
    /// The last records before the end, oldest first: the last words of a crash.
    pub last_words: Vec<Words>,
}

impl Digest {
    /// Warnings, errors, fatal errors and stack traces by shape, the worst first, then the most frequent.
    pub fn warnings(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter().filter(|shape| shape.level >= Some(Level::Warn))
    }
}

/// How bad a record says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Trace and debug.
    Debug,
    /// Information and notice.
    Info,
    /// Warning.
    Warn,
    /// Error.
    Error,
    /// Fatal, critical, panic, emergency.
    Fatal,
}

/// Records of one level that are alike but for numbers, names and times.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The message with `<num>`, `<ip>`, … in place of what varies.
    pub template: String,
    /// The level of its records.
    pub level: Option<Level>,
    /// How many.
    pub count: u64,
    /// First and last time.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// How many when.
    pub history: Histogram,
    /// What varies, in order.
    pub varying: Vec<Varying>,
    /// The first one.
    pub example: Words,
    /// The stack trace in the first one.
    pub trace: Option<Trace>,
}

/// A place of a shape that varies.
#[derive(Clone, Debug, Default)]
pub struct Varying {
    /// What stands in front of it, such as `status=`.
    pub before: String,
    /// Some of its values and how many of each when, the most frequent first. Counts are exact where a place has few
    /// different values, else they are of the last time that the value was among the frequent ones.
    pub values: Vec<(String, Histogram)>,
}

/// A record's text and its first line's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Line, from 1.
    pub line: u32,
    /// Its time.
    pub at: Option<Timestamp>,
    /// Its level.
    pub level: Option<Level>,
    /// The text, masked and cut to a few hundred characters.
    pub text: Masked,
    /// The stack trace in it, if it is one of the last words; not masked.
    pub trace: Option<Trace>,
}

/// A known message: which signature matched, how often, and what it names.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The finding that it stands for.
    pub finding: Declaration,
    /// The signature's name.
    pub signature: String,
    /// What the named groups matched; equal fields are counted as one hit.
    pub fields: BTreeMap<&'static str, String>,
    /// How many.
    pub count: u64,
    /// First and last time.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// The first and the last match.
    pub first: Words,
    /// The last match.
    pub latest: Words,
}
