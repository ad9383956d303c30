//! Records to counts: the second half of a digest.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;

use super::batch::{Batch, Record};
use super::excerpt::{Excerpt, widen};
use super::hits::Hits;
use super::values::Values;
use super::{Digest, Histogram, Level, Shape, Varying, Words};
use crate::format::{is_exception_head, is_traced};
use crate::requests::Requests;
use crate::signatures::Finder;
use crate::stack::{self, Trace};
use crate::template::{Miner, Placed, Source};

/// Different messages that are told apart in one stream.
const MOST_KINDS: usize = 4000;
/// Different shapes kept of one stream.
const MOST_SHAPES: usize = 1000;
/// Records from which the header of messages is learned.
const HEAD: usize = 1000;
/// Bytes of them that are held.
const HEAD_BYTES: usize = 4 << 20;
/// Records kept of the end of a stream.
const LAST_WORDS: usize = 12;
/// Values of one message that are counted.
const VARIABLES: usize = 6;
/// Values kept of one place.
const MOST_OF_PLACE: usize = 16;
/// Values that are counted over time in one stream.
const MOST_VALUES: usize = 4096;

/// Counts the records of one stream.
pub(super) struct Counter<'a> {
    /// The first records, until the header was learned from them.
    head: Option<Batch>,
    miner: Miner,
    /// The tally of each kind of message, by level.
    places: Vec<[u32; LEVELS]>,
    tallies: Vec<Tally>,
    finder: Finder<'a>,
    hits: Hits,
    requests: Requests,
    digest: Digest,
    last: Batch,
    values_left: usize,
}

/// Levels, and none.
const LEVELS: usize = 6;
/// No tally yet.
const NONE: u32 = u32::MAX;

/// What is known of the records of one kind and level.
struct Tally {
    kind: u32,
    level: Option<Level>,
    count: u64,
    seen: Option<(Timestamp, Timestamp)>,
    history: Histogram,
    values: [Values; VARIABLES],
    example: Excerpt,
    trace: Option<Trace>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(finder: Finder<'a>) -> Self {
        Self {
            head: Some(Batch::default()),
            miner: Miner::of_at_most(MOST_KINDS),
            places: Vec::new(),
            tallies: Vec::new(),
            finder,
            hits: Hits::default(),
            requests: Requests::default(),
            digest: Digest::default(),
            last: Batch::default(),
            values_left: MOST_VALUES,
        }
    }

    /// Counts some records.
    pub(super) fn take(&mut self, batch: &Batch) {
        let Some(head) = &mut self.head else { return self.count(batch) };
        head.append(batch, usize::MAX);
        if head.records.len() >= HEAD || head.text.len() >= HEAD_BYTES {
            self.begin();
        }
    }

    fn begin(&mut self) {
        let Some(head) = self.head.take() else { return };
        self.miner.learn(head.records.iter().map(|r| first_line(head.of(r))));
        self.count(&head);
    }

    fn count(&mut self, batch: &Batch) {
        self.finder.find(&batch.text, batch.records.iter().map(|r| (r.whole, r.end)));
        for (number, record) in (0..).zip(&batch.records) {
            self.record(batch.of(record), batch.whole(record), record, number);
        }
        self.keep_last(batch);
    }

    fn record(&mut self, text: &str, whole: &str, record: &Record, number: u32) {
        let level = record.level.or_else(|| names_exception(text).then_some(Level::Error));
        let record = &Record { level, ..*record };
        let digest = &mut self.digest;
        digest.records += record.count;
        if let Some(level) = record.level {
            *digest.levels.entry(level).or_default() += record.count;
        }
        if let Some(at) = record.at {
            digest.first = Some(digest.first.map_or(at, |t| t.min(at)));
            digest.last = Some(digest.last.map_or(at, |t| t.max(at)));
            digest.history.add(at, record.count);
            if record.level < Some(Level::Warn) {
                digest.traffic.add(at, record.count);
            }
        }
        self.requests.take(text, record.count, record.at, || Excerpt::new(text, record).words());
        let keyed = self.finder.matches(number, whole, |found| self.hits.add(found, text, record));
        self.digest.traced += if is_traced(whole, keyed) { record.count } else { 0 };

        let line = first_line(text);
        let (kind, message) = self.miner.kind(line);
        if self.places.len() <= kind as usize {
            self.places.resize(kind as usize + 1, [NONE; LEVELS]);
        }
        let place = &mut self.places[kind as usize][record.level.map_or(LEVELS - 1, |level| level as usize)];
        if *place == NONE {
            *place = self.tallies.len() as u32;
            self.tallies.push(Tally {
                kind,
                level: record.level,
                count: 0,
                seen: None,
                history: Histogram::default(),
                values: Default::default(),
                example: Excerpt::new(text, record),
                trace: (level >= Some(Level::Warn)).then(|| stack::read(text)).flatten(),
            });
        }
        let tally = &mut self.tallies[*place as usize];
        tally.count += record.count;
        if let Some(at) = record.at {
            tally.seen = widen(tally.seen, Some(at));
            tally.history.add(at, record.count);
            for (values, value) in tally.values.iter_mut().zip(self.miner.marks(message)) {
                values.see(value, at, record.count, &mut self.values_left);
            }
        }
    }

    /// Keeps the last records, of this batch and those before.
    fn keep_last(&mut self, batch: &Batch) {
        if batch.records.len() >= LAST_WORDS {
            self.last.clear();
        }
        self.last.append(batch, LAST_WORDS);
        self.last.keep_last(LAST_WORDS);
    }

    /// What stays, of a stream of so many lines, and the miner of its messages.
    pub(super) fn finish(mut self, lines: u64) -> (Digest, Miner) {
        self.begin();
        let mut digest = self.digest;
        digest.lines = lines;
        digest.hits = self.hits.finish();
        let words = |record: &Record| {
            let text = self.last.of(record);
            Words { trace: stack::read(text), ..Excerpt::new(text, record).words() }
        };
        digest.last_words = self.last.records.iter().map(words).collect();
        digest.endpoints = self.requests.finish();
        digest.shapes = shapes(&self.miner, self.tallies);
        (digest, self.miner)
    }
}

/// Joins the tallies of messages that are one template, and keeps the most telling.
fn shapes(miner: &Miner, tallies: Vec<Tally>) -> Vec<Shape> {
    let mined = miner.mined();
    let mut by_template: BTreeMap<(u32, Option<Level>), Joined> = BTreeMap::new();
    for tally in tallies {
        let Some(Placed { template, sources }) = mined.kinds.get(tally.kind as usize) else { continue };
        match by_template.entry((*template, tally.level)) {
            Entry::Vacant(vacant) => {
                vacant.insert(Joined::new(tally, sources));
            }
            Entry::Occupied(mut joined) => joined.get_mut().add(tally, sources),
        }
    }
    let mut shapes: Vec<(u32, Joined)> = by_template.into_iter().map(|((t, _), joined)| (t, joined)).collect();
    shapes.sort_by(|(_, a), (_, b)| {
        (b.level, b.count).cmp(&(a.level, a.count)).then(a.example.line.cmp(&b.example.line))
    });
    shapes.truncate(MOST_SHAPES);
    let shape = |(template, joined): (u32, Joined)| {
        let template = &mined.templates[template as usize];
        joined.shape(template.typed(), template.befores())
    };
    shapes.into_iter().map(shape).collect()
}

/// Tallies of one template and level.
struct Joined {
    level: Option<Level>,
    count: u64,
    seen: Option<(Timestamp, Timestamp)>,
    history: Histogram,
    values: Vec<BTreeMap<String, Histogram>>,
    example: Excerpt,
    trace: Option<Trace>,
}

impl Joined {
    fn new(mut tally: Tally, sources: &[Source]) -> Self {
        let mut joined = Self {
            level: tally.level,
            count: tally.count,
            seen: tally.seen,
            history: std::mem::take(&mut tally.history),
            values: Vec::new(),
            example: std::mem::take(&mut tally.example),
            trace: tally.trace.take(),
        };
        joined.values.resize_with(sources.len(), BTreeMap::new);
        let history = joined.history.clone();
        joined.add_values(tally.values, &history, sources);
        joined
    }

    fn add(&mut self, tally: Tally, sources: &[Source]) {
        self.count += tally.count;
        self.seen = widen(widen(self.seen, tally.seen.map(|s| s.0)), tally.seen.map(|s| s.1));
        self.history.absorb(&tally.history);
        if tally.example.line < self.example.line {
            self.example = tally.example;
        }
        self.trace = self.trace.take().or(tally.trace);
        self.add_values(tally.values, &tally.history, sources);
    }

    /// A value of the template is a value of the message, or a word that others have another in place of.
    fn add_values(&mut self, values: [Values; VARIABLES], history: &Histogram, sources: &[Source]) {
        let mut values: Vec<Option<Values>> = values.into_iter().map(Some).collect();
        for (known, source) in self.values.iter_mut().zip(sources) {
            match source {
                Source::Mark(at) => {
                    let Some(values) = values.get_mut(*at).and_then(Option::take) else { continue };
                    for (value, history) in values.into_histories() {
                        known.entry(value).or_default().absorb(&history);
                    }
                }
                Source::Word(word) => known.entry(word.to_string()).or_default().absorb(history),
                Source::Elsewhere => {}
            }
        }
    }

    fn shape(self, template: String, befores: Vec<String>) -> Shape {
        let variable = |(values, before): (BTreeMap<String, Histogram>, String)| {
            let mut values: Vec<(String, Histogram)> = values.into_iter().collect();
            values.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then_with(|| a.0.cmp(&b.0)));
            values.truncate(MOST_OF_PLACE);
            Varying { before, values }
        };
        Shape {
            template,
            level: self.level,
            count: self.count,
            seen: self.seen,
            history: self.history,
            varying: self.values.into_iter().zip(befores).map(variable).collect(),
            example: self.example.words(),
            trace: self.trace,
        }
    }
}

/// Whether a line of a record begins with the name of an exception: it is an error then, whatever else it says.
fn names_exception(text: &str) -> bool {
    text.split('\n').any(|line| {
        let line = line.trim();
        is_exception_head(line.strip_prefix("Caused by: ").unwrap_or(line))
    })
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or(text)
}
