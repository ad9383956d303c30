//! Records of several logs, merged in order of time; a bounded number of them is kept.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use firstfault_model::{Assume, Name};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::entries::{Entries, Entry};
use super::held::{Held, Kept, Place, Raw};
use super::select::Selection;
use crate::Level;
use crate::format::ids;

/// Sources that are counted apart.
const MOST_SOURCES: usize = 500;
/// Days of which it is known that they have records.
const MOST_DAYS: usize = 100;

/// What one source has among the records that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Records.
    pub records: u64,
    /// Those that say they are errors.
    pub errors: u64,
    /// The first time.
    pub first: Option<Timestamp>,
    /// The last time.
    pub last: Option<Timestamp>,
}

/// The records that are wanted, in order.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// Those that are kept.
    pub records: Vec<Kept>,
    /// How many more there are.
    pub omitted: u64,
    /// By who wrote them.
    pub sources: BTreeMap<Name, Source>,
    /// Records of further ones.
    pub of_others: u64,
    /// The first one that says it is an error.
    pub first_error: Option<Kept>,
    /// A trace, else a request, that a record names: the first error's, else the first record's that names one.
    pub id: Option<String>,
    /// The first and the last time of all logs.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The time nearest to the moment among the records that would be wanted were they nearer.
    pub nearest: Option<Timestamp>,
    /// For a time of day, the days on which there are records.
    pub days: BTreeSet<Date>,
    /// Records that would be wanted but for their time, which nobody knows.
    pub timeless: u64,
}

/// Merges logs.
#[derive(Debug)]
pub struct Timeline {
    selection: Selection,
    most: usize,
    kept: BinaryHeap<Held>,
    first_error: Option<Held>,
    id: Option<(bool, Place, String)>,
    nearest: Option<(SignedDuration, Timestamp)>,
    merged: Merged,
    wanted: u64,
}

impl Timeline {
    /// Keeps at most `most` of the records that are wanted: the nearest to the moment that is asked for, else the first.
    #[must_use]
    pub fn new(selection: Selection, most: usize) -> Self {
        Self {
            selection,
            most,
            kept: BinaryHeap::new(),
            first_error: None,
            id: None,
            nearest: None,
            merged: Merged::default(),
            wanted: 0,
        }
    }

    /// A log to read: its path, and whose it is.
    pub fn log(&mut self, file: &str, source: &str, assume: &Assume, modified: Option<Timestamp>) -> Log<'_> {
        let state = State {
            file: file.into(),
            source: source.into(),
            named: Name::default(),
            last: None,
            leading: Vec::new(),
            passed: 0,
        };
        Log { timeline: self, entries: Entries::new(assume, modified), state }
    }

    /// The records in order.
    #[must_use]
    pub fn finish(self) -> Merged {
        let mut kept = self.kept.into_vec();
        kept.sort_by(|a, b| a.place.cmp(&b.place));
        Merged {
            omitted: self.wanted - kept.len() as u64,
            records: kept.iter().map(Held::shown).collect(),
            first_error: self.first_error.as_ref().map(Held::shown),
            id: self.id.map(|(_, _, id)| id),
            nearest: self.nearest.map(|(_, at)| at),
            ..self.merged
        }
    }

    /// A record whose place is known; it is only copied if it is kept.
    fn offer(&mut self, place: Place, facts: &Facts<'_>, copy: impl Fn() -> Arc<Raw>) {
        let mut distance = SignedDuration::ZERO;
        if let Some(around) = &self.selection.around {
            let Some(at) = place.at else {
                self.merged.timeless += 1;
                return;
            };
            let (from, day) = around.distance(at);
            distance = from.abs();
            if self.nearest.is_none_or(|nearest| (distance, at) < nearest) {
                self.nearest = Some((distance, at));
            }
            if !around.is_within(distance) {
                return;
            }
            if self.merged.days.len() < MOST_DAYS {
                self.merged.days.extend(day);
            }
        }
        self.wanted += 1;
        self.count(place.at, facts);
        if let Some(id) = facts.id
            && self.id.as_ref().is_none_or(|(calm, first, _)| (!facts.error, &place) < (*calm, first))
        {
            self.id = Some((!facts.error, place.clone(), id.to_owned()));
        }
        let first_error = facts.error && self.first_error.as_ref().is_none_or(|first| place < first.place);
        let last = self.kept.peek().filter(|_| self.kept.len() >= self.most);
        let keeps = last.is_none_or(|last| (distance, &place) < last.rank());
        if !first_error && !keeps {
            return;
        }
        let held = Held { distance, place, record: copy() };
        if first_error {
            self.first_error = Some(held.clone());
        }
        if keeps {
            self.kept.push(held);
            if self.kept.len() > self.most {
                self.kept.pop();
            }
        }
    }

    /// The sources whose names come first are counted apart, so that the answer does not depend on the order of the logs.
    fn count(&mut self, at: Option<Timestamp>, facts: &Facts<'_>) {
        let merged = &mut self.merged;
        if merged.sources.len() >= MOST_SOURCES && !merged.sources.contains_key(facts.source) {
            if merged.sources.last_key_value().is_some_and(|(last, _)| last < facts.source) {
                merged.of_others += 1;
                return;
            }
            merged.of_others += merged.sources.pop_last().map_or(0, |(_, given_up)| given_up.records);
        }
        let source = merged.sources.entry(facts.source.clone()).or_default();
        source.records += 1;
        source.errors += u64::from(facts.error);
        if let Some(at) = at {
            source.first = Some(source.first.map_or(at, |first| first.min(at)));
            source.last = Some(source.last.map_or(at, |last| last.max(at)));
        }
    }
}

/// What counts of a record, kept or not.
struct Facts<'a> {
    error: bool,
    source: &'a Name,
    /// Its trace, else its request.
    id: Option<&'a str>,
}

/// One log that is being read into a timeline.
pub struct Log<'t> {
    timeline: &'t mut Timeline,
    entries: Entries,
    state: State,
}

struct State {
    file: Name,
    source: Name,
    /// The source that the last record named itself.
    named: Name,
    /// The last time in it.
    last: Option<Timestamp>,
    /// Wanted records before its first time.
    leading: Vec<(Place, Arc<Raw>)>,
    /// More of these than can be kept.
    passed: u64,
}

impl Log<'_> {
    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str) {
        let Self { timeline, entries, state } = self;
        entries.line(raw, &mut |entry| state.take(entry, timeline));
    }

    /// Ends the log.
    pub fn finish(mut self) {
        let Self { timeline, entries, state } = &mut self;
        entries.flush(&mut |entry| state.take(entry, timeline));
        state.lead(None, timeline);
    }
}

impl State {
    fn take(&mut self, entry: &Entry, timeline: &mut Timeline) {
        if let Some(at) = entry.time {
            let (first, last) = timeline.merged.span.unwrap_or((at, at));
            timeline.merged.span = Some((first.min(at), last.max(at)));
            self.lead(Some(at), timeline);
            self.last = Some(at);
        }
        if !timeline.selection.wants(entry, &self.source) {
            return;
        }
        let named = ids(&entry.text);
        let source = self.source_of(entry, named.service);
        let place = Place { timeless: self.last.is_none(), at: self.last, file: self.file.clone(), line: entry.line };
        let copy = || Arc::new(Raw::of(entry, &named, source.clone()));
        if self.last.is_some() {
            timeline.offer(place, &Facts::new(entry.level, &source, named.trace.or(named.request)), copy);
        } else if self.leading.len() < timeline.most {
            self.leading.push((place, copy()));
        } else {
            self.passed += 1;
        }
    }

    /// Who wrote a record: what stands before its line, what it says itself, else whose the log is.
    fn source_of(&mut self, entry: &Entry, service: Option<&str>) -> Name {
        let own = if entry.writer.is_empty() { service.unwrap_or("") } else { &entry.writer };
        if own.is_empty() {
            return self.source.clone();
        }
        if self.named != own {
            self.named = own.into();
        }
        self.named.clone()
    }

    /// Gives those before the first time the place of that.
    fn lead(&mut self, at: Option<Timestamp>, timeline: &mut Timeline) {
        for (place, raw) in self.leading.drain(..) {
            let place = Place { at, timeless: at.is_none(), ..place };
            let id = raw.trace.as_deref().or(raw.request.as_deref());
            timeline.offer(place, &Facts::new(raw.level, &raw.source, id), || Arc::clone(&raw));
        }
        let passed = std::mem::take(&mut self.passed);
        match (&timeline.selection.around, at) {
            (None, _) => timeline.wanted += passed,
            (Some(around), Some(at)) if around.is_within(around.distance(at).0) => timeline.wanted += passed,
            (Some(_), Some(_)) => {}
            (Some(_), None) => timeline.merged.timeless += passed,
        }
    }
}

impl<'a> Facts<'a> {
    fn new(level: Option<Level>, source: &'a Name, id: Option<&'a str>) -> Self {
        Self { error: level.is_some_and(|level| level >= Level::Error), source, id }
    }
}

#[cfg(test)]
mod tests;
