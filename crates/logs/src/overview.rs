//! A log in numbers: lines, records, times and levels.

use std::collections::BTreeMap;

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::Level;
use crate::format::{Reader, each, is_traced};
use crate::pending::Pending;

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How its lines are written, in a word or two.
    pub format: &'static str,
    /// Lines, blank ones too.
    pub lines: u64,
    /// Lines that begin a record.
    pub records: u64,
    /// Records of which more than text was read: a time, a level or members.
    pub parsed: u64,
    /// Records with a time.
    pub with_time: u64,
    /// Records with a level.
    pub with_level: u64,
    /// Records with a trace id or a request id.
    pub with_trace: u64,
    /// The earliest time.
    pub first: Option<Timestamp>,
    /// The latest time.
    pub last: Option<Timestamp>,
    /// Records by level.
    pub levels: BTreeMap<Level, u64>,
}

impl Totals {
    /// Adds another log's.
    pub fn add(&mut self, other: &Self) {
        self.format = match (self.format, other.format) {
            ("", format) => format,
            (one, another) if one == another || another.is_empty() => one,
            _ => "several",
        };
        self.lines += other.lines;
        self.records += other.records;
        self.parsed += other.parsed;
        self.with_time += other.with_time;
        self.with_level += other.with_level;
        self.with_trace += other.with_trace;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        for (level, count) in &other.levels {
            *self.levels.entry(*level).or_default() += count;
        }
    }
}

/// Counts a log while it is read.
#[derive(Debug)]
pub struct Overview {
    reader: Reader,
    totals: Totals,
    pending: Pending<Open>,
}

/// What the record before the end of which we are has shown so far.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    time: bool,
    level: Option<Level>,
    json: bool,
    traced: bool,
}

impl Overview {
    /// For a log that begins with `head`, some first lines of it.
    #[must_use]
    pub fn new<'a>(assume: &Assume, modified: Option<Timestamp>, head: impl Iterator<Item = &'a str>) -> Self {
        let mut reader = Reader::new(assume, modified);
        reader.learn(head);
        let totals = Totals { format: reader.format(), ..Totals::default() };
        Self { reader, totals, pending: Pending::default() }
    }

    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str) {
        self.totals.lines += 1;
        each(raw, &mut |text| self.part(text));
    }

    /// Takes a line, or one of the records that a line holds.
    fn part(&mut self, text: &str) {
        let line = self.reader.read(text);
        if line.nothing {
            return;
        }
        let totals = &mut self.totals;
        if line.begins {
            let next = self.pending.begin(line.source, |open| totals.close(open));
            *next = Open { json: line.json, ..Open::default() };
        }
        let Some(open) = self.pending.of(line.source) else { return };
        if let Some(time) = line.time.filter(|_| !open.time) {
            open.time = true;
            totals.first = Some(totals.first.map_or(time, |t| t.min(time)));
            totals.last = Some(totals.last.map_or(time, |t| t.max(time)));
        }
        open.traced = open.traced || is_traced(line.shown);
        open.level = open.level.or(line.level);
    }

    /// The numbers of the whole log.
    #[must_use]
    pub fn finish(mut self) -> Totals {
        let totals = &mut self.totals;
        self.pending.finish(|open| totals.close(open));
        self.totals
    }
}

impl Totals {
    fn close(&mut self, open: &Open) {
        self.records += 1;
        self.with_time += u64::from(open.time);
        self.with_level += u64::from(open.level.is_some());
        self.with_trace += u64::from(open.traced);
        self.parsed += u64::from(open.time || open.json || open.level.is_some());
        if let Some(level) = open.level {
            *self.levels.entry(level).or_default() += 1;
        }
    }
}
