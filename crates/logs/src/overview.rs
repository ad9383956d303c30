//! A log in numbers: lines, records, times and levels.

use std::collections::BTreeMap;

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::Level;
use crate::format::{Reader, ids};

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

/// Counts a log while it is read.
#[derive(Debug)]
pub struct Overview {
    reader: Reader,
    totals: Totals,
    open: Open,
}

/// What the record before the end of which we are has shown so far.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    begun: bool,
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
        Self { reader, totals, open: Open::default() }
    }

    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str) {
        let line = self.reader.read(raw);
        self.totals.lines += 1;
        if line.nothing {
            return;
        }
        let (time, level, begins, json) = (line.time, line.level, line.begins, line.json);
        let named = ids(line.shown);
        let traced = named.trace.or(named.request).is_some();
        if begins {
            self.close();
            self.open = Open { begun: true, time: false, level: None, json, traced: false };
        }
        if let Some(time) = time.filter(|_| begins || !self.open.time) {
            self.open.time = true;
            self.totals.first = Some(self.totals.first.map_or(time, |t| t.min(time)));
            self.totals.last = Some(self.totals.last.map_or(time, |t| t.max(time)));
        }
        self.open.traced |= traced;
        self.open.level = self.open.level.or(level);
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if !open.begun {
            return;
        }
        let totals = &mut self.totals;
        totals.records += 1;
        totals.with_time += u64::from(open.time);
        totals.with_level += u64::from(open.level.is_some());
        totals.with_trace += u64::from(open.traced);
        totals.parsed += u64::from(open.time || open.json || open.level.is_some());
        if let Some(level) = open.level {
            *totals.levels.entry(level).or_default() += 1;
        }
    }

    /// The numbers of the whole log.
    #[must_use]
    pub fn finish(mut self) -> Totals {
        self.close();
        self.totals
    }
}
