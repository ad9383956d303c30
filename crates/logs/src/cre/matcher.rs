//! Runs all rules over the records of one log.

use jiff::Timestamp;

use super::pattern::Scratch;
use super::rule::{Rules, Shape, Words};
use super::sequence::SequenceState;
use super::set::SetState;

/// Hits that are listed with their lines; more are only counted.
const MOST_SHOWN: usize = 5;

/// A record is shown up to this many bytes.
const LONGEST_SHOWN: usize = 400;

/// A record that is held for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    /// The number of its first line.
    pub(super) line: u32,
}

/// One hit: where it begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) lines: Vec<u32>,
}

impl Hit {
    pub(super) fn of(used: impl Iterator<Item = Held>) -> Self {
        let mut hit = Self { first: i64::MAX, last: i64::MIN, lines: Vec::new() };
        for held in used {
            hit.first = hit.first.min(held.time);
            hit.last = hit.last.max(held.time);
            hit.lines.push(held.line);
        }
        hit.lines.sort_unstable();
        hit.lines.dedup();
        hit
    }
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its `cre.id`.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// 0 is critical, 4 is for information.
    pub severity: Option<u8>,
    /// How often it fired.
    pub count: u64,
    /// The time of the first positive; nothing where the log has no times.
    pub first: Option<Timestamp>,
    /// The time of the last positive.
    pub last: Option<Timestamp>,
    /// The first lines of the records of the first hits, from 1.
    pub lines: Vec<u32>,
    /// The beginning of a record that the first hit is made of, and its first line: not masked.
    pub shown: Option<(u32, String)>,
    /// What the rule's author says of it.
    pub words: Words,
}

enum State {
    /// Every matching record is a hit.
    Single,
    Set(SetState),
    Sequence(SequenceState),
}

impl State {
    fn waits(&self) -> bool {
        match self {
            Self::Single => false,
            Self::Set(state) => state.waits(),
            Self::Sequence(state) => state.waits(),
        }
    }
}

#[derive(Default)]
struct Tally {
    count: u64,
    first: Option<i64>,
    last: Option<i64>,
    lines: Vec<u32>,
    /// The last record that matched a positive before the first hit was complete.
    shown: Option<(u32, String)>,
}

/// The state of all rules over one log.
pub struct Matcher<'a> {
    rules: &'a Rules,
    scratch: Scratch,
    states: Vec<State>,
    tallies: Vec<Tally>,
    /// The rules that a pattern belongs to.
    users: Vec<Vec<usize>>,
    /// Rules with negatives: they watch the clock while they hold something.
    watching: Vec<usize>,
    /// The latest time seen.
    latest: i64,
    /// Whether any record had a time.
    timed: bool,
    due: Vec<usize>,
    hits: Vec<Hit>,
}

impl<'a> Matcher<'a> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(rules: &'a Rules) -> Self {
        let scratch = rules.patterns.scratch();
        let mut users = vec![Vec::new(); rules.patterns.len()];
        let mut watching = Vec::new();
        let states = rules.rules.iter().enumerate().map(|(number, rule)| {
            for pattern in rule.positives.iter().map(|p| p.pattern).chain(rule.negatives.iter().map(|n| n.pattern)) {
                if users[pattern].last() != Some(&number) {
                    users[pattern].push(number);
                }
            }
            if !rule.negatives.is_empty() {
                watching.push(number);
            }
            let single = rule.positives.len() == 1 && rule.positives[0].count == 1 && rule.negatives.is_empty();
            match rule.shape {
                _ if single => State::Single,
                Shape::Set => State::Set(SetState::new(rule)),
                Shape::Sequence => State::Sequence(SequenceState::new(rule)),
            }
        });
        Self {
            scratch,
            states: states.collect(),
            tallies: rules.rules.iter().map(|_| Tally::default()).collect(),
            users,
            watching,
            latest: i64::MIN,
            timed: false,
            due: Vec::new(),
            hits: Vec::new(),
            rules,
        }
    }

    /// Takes the next record: its time, its whole text on one line, the number of its first line.
    pub fn record(&mut self, time: Option<Timestamp>, text: &str, line: u32) {
        self.timed |= time.is_some();
        // Without a time of its own it has that of the record before.
        let known = time.map(|t| i64::try_from(t.as_nanosecond()).unwrap_or(i64::MAX));
        let time = known.unwrap_or(if self.latest == i64::MIN { 0 } else { self.latest });
        let late = time < self.latest;
        self.latest = self.latest.max(time);
        self.rules.patterns.search(text, &mut self.scratch);
        self.due.clear();
        for &pattern in &self.scratch.matched {
            self.due.extend_from_slice(&self.users[pattern]);
        }
        self.due.extend(self.watching.iter().copied().filter(|&rule| self.states[rule].waits()));
        self.due.sort_unstable();
        self.due.dedup();
        let held = Held { time, line };
        for &number in &self.due {
            let rule = &self.rules.rules[number];
            if rule.positives.iter().any(|p| self.scratch.matched.binary_search(&p.pattern).is_ok()) {
                self.tallies[number].see(text, line);
            }
            match &mut self.states[number] {
                State::Single => self.hits.push(Hit { first: time, last: time, lines: vec![line] }),
                // What comes late is out of order for what counts windows.
                _ if late => {}
                State::Set(state) => state.record(rule, &self.scratch.matched, held, &mut self.hits),
                State::Sequence(state) => state.record(rule, &self.scratch.matched, held, &mut self.hits),
            }
            self.tallies[number].take(&mut self.hits);
        }
    }

    /// The rules that fired, in the order of the files.
    #[must_use]
    pub fn finish(mut self) -> Vec<Match> {
        let mut matches = Vec::new();
        for (number, rule) in self.rules.rules.iter().enumerate() {
            match &mut self.states[number] {
                State::Single => {}
                State::Set(state) => state.finish(rule, &mut self.hits),
                State::Sequence(state) => state.finish(rule, &mut self.hits),
            }
            let tally = &mut self.tallies[number];
            tally.take(&mut self.hits);
            let tally = std::mem::take(tally);
            if tally.count == 0 {
                continue;
            }
            let at = |nanos: Option<i64>| {
                nanos.filter(|_| self.timed).and_then(|n| Timestamp::from_nanosecond(i128::from(n)).ok())
            };
            matches.push(Match {
                rule: rule.id.clone(),
                title: rule.title.clone(),
                severity: rule.severity,
                count: tally.count,
                first: at(tally.first),
                last: at(tally.last),
                lines: tally.lines,
                shown: tally.shown,
                words: rule.words.clone(),
            });
        }
        matches
    }
}

impl Tally {
    fn see(&mut self, text: &str, line: u32) {
        if self.count > 0 {
            return;
        }
        let (at, shown) = self.shown.get_or_insert_default();
        *at = line;
        shown.clear();
        shown.push_str(&text[..text.floor_char_boundary(LONGEST_SHOWN)]);
    }

    fn take(&mut self, hits: &mut Vec<Hit>) {
        for hit in hits.drain(..) {
            self.count += 1;
            self.first = Some(self.first.map_or(hit.first, |f| f.min(hit.first)));
            self.last = Some(self.last.map_or(hit.last, |l| l.max(hit.last)));
            if self.count <= MOST_SHOWN as u64 {
                self.lines.extend(hit.lines);
            }
        }
    }
}
