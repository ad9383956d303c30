//! A log in numbers: lines, records, times and levels.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::Level;
use crate::format::Line;
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

/// What the lines of a log add up to, whoever reads them.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    totals: Totals,
    pending: Pending<Open>,
}

/// What the record before the end of which we are has shown so far.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    time: bool,
    level: Option<Level>,
    json: bool,
}

impl Counts {
    /// Counts the next line, be it blank.
    pub(crate) fn line(&mut self) {
        self.totals.lines += 1;
    }

    /// Counts a line, or one of the records that a line holds.
    pub(crate) fn part(&mut self, line: &Line<'_>) {
        if line.nothing {
            return;
        }
        let totals = &mut self.totals;
        let open = if line.begins {
            let next = self.pending.begin(line.source, |open| totals.close(open));
            *next = Open { json: line.json, ..Open::default() };
            next
        } else {
            let Some(open) = self.pending.of(line.source) else { return };
            open
        };
        if let Some(time) = line.time.filter(|_| !open.time) {
            open.time = true;
            totals.first = Some(totals.first.map_or(time, |t| t.min(time)));
            totals.last = Some(totals.last.map_or(time, |t| t.max(time)));
        }
        open.level = open.level.or(line.level);
    }

    /// The numbers of a whole log but for its format and for what the digest counts.
    pub(crate) fn finish(self) -> Totals {
        let Self { mut totals, mut pending } = self;
        pending.finish(|open| totals.close(open));
        totals
    }
}

impl Totals {
    fn close(&mut self, open: &Open) {
        self.records += 1;
        self.with_time += u64::from(open.time);
        self.with_level += u64::from(open.level.is_some());
        self.parsed += u64::from(open.time || open.json || open.level.is_some());
        if let Some(level) = open.level {
            *self.levels.entry(level).or_default() += 1;
        }
    }
}

/// The totals of a text.
#[cfg(test)]
pub(crate) fn of(text: &str) -> Totals {
    let assume = firstfault_model::Assume { year: Some(2026), ..Default::default() };
    let none = crate::Signatures::default();
    let mut builder = crate::DigestBuilder::new(&none, &assume, None, 1).with_totals();
    text.lines().for_each(|line| builder.line(line));
    builder.ingested().totals
}
