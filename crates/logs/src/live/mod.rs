//! A log that has no end yet: what is new in it is told as it comes, in bounded memory.

mod kinds;

use std::collections::BTreeMap;

use firstfault_model::{Assume, Masked};
use jiff::Timestamp;

use crate::Level;
use crate::signatures::{Finder, Signatures};
use crate::timeline::{Entries, Entry};
use kinds::Kinds;

/// Bytes of a message that are shown.
const LONGEST_SHOWN: usize = 400;

/// Something that was not said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A kind of message: its first record, or its first that is an error.
    Kind {
        /// The template, masked.
        template: Masked,
        /// It came after what is usual was learned.
        new: bool,
        /// Where it was seen.
        seen: Seen,
    },
    /// A known message: the first time, and then each time it has come ten times as often.
    Known {
        /// The signature's name.
        signature: String,
        /// The finding that it stands for.
        finding: &'static str,
        /// How often so far.
        count: u64,
        /// What the record says.
        text: Masked,
        /// Where it was seen.
        seen: Seen,
    },
}

/// Where and how loud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The record's time.
    pub time: Option<Timestamp>,
    /// The record's level.
    pub level: Option<Level>,
    /// Its first line, from 1.
    pub line: u64,
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Lines so far.
    pub lines: u64,
    /// Records so far.
    pub records: u64,
    /// The time of the last record that has one.
    pub last: Option<Timestamp>,
    /// Records by level.
    pub levels: BTreeMap<Level, u64>,
    /// The most frequent kinds of message.
    pub kinds: Vec<Kind>,
    /// The most frequent of those that are new.
    pub new: Vec<Kind>,
    /// How many kinds there are.
    pub of_kinds: usize,
    /// Known messages, in order of their names.
    pub known: Vec<Known>,
}

/// A kind of message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The template, masked.
    pub template: Masked,
    /// Records.
    pub count: u64,
    /// The loudest of its records.
    pub level: Option<Level>,
    /// It came after what is usual was learned.
    pub new: bool,
}

/// A known message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The signature's name.
    pub signature: String,
    /// The finding that it stands for.
    pub finding: &'static str,
    /// Records.
    pub count: u64,
    /// The last one.
    pub seen: Seen,
    /// What one of the last says.
    pub text: Masked,
}

/// Watches one stream.
pub struct Live<'s> {
    entries: Entries,
    state: State<'s>,
}

struct State<'s> {
    finder: Finder<'s>,
    kinds: Kinds,
    known: BTreeMap<String, Known>,
    picture: Picture,
    /// What comes now is new.
    new: bool,
}

impl<'s> Live<'s> {
    /// Watches a stream of which nothing is known.
    #[must_use]
    pub fn new(signatures: &'s Signatures, assume: &Assume, modified: Option<Timestamp>) -> Self {
        let state = State {
            finder: signatures.finder(),
            kinds: Kinds::default(),
            known: BTreeMap::new(),
            picture: Picture::default(),
            new: false,
        };
        Self { entries: Entries::new(assume, modified), state }
    }

    /// What has come so far is usual: from now on what was not said before counts as new.
    pub fn learned(&mut self, news: &mut dyn FnMut(News)) {
        self.settle(news);
        self.state.new = true;
    }

    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str, news: &mut dyn FnMut(News)) {
        self.state.picture.lines += 1;
        let Self { entries, state, .. } = self;
        entries.line(raw, &mut |entry| state.take(entry, news));
    }

    /// Learns from what has come, be it little, and tells what is held: somebody waits.
    pub fn settle(&mut self, news: &mut dyn FnMut(News)) {
        let Self { entries, state, .. } = self;
        entries.learn(&mut |entry| state.take(entry, news));
        state.kinds.tell(news);
    }

    /// Nothing has come for a while: the last record is whole.
    pub fn pause(&mut self, news: &mut dyn FnMut(News)) {
        let Self { entries, state, .. } = self;
        entries.flush(&mut |entry| state.take(entry, news));
        state.kinds.tell(news);
    }

    /// The file begins anew: lines are counted from its start.
    pub fn restart(&mut self, news: &mut dyn FnMut(News)) {
        self.pause(news);
        self.entries.restart();
    }

    /// How things stand, with at most so many kinds.
    #[must_use]
    pub fn picture(&self, most: usize) -> Picture {
        let known = self.state.known.values().cloned().collect();
        let (kinds, new, of_kinds) = self.state.kinds.top(most);
        Picture { kinds, new, of_kinds, known, ..self.state.picture.clone() }
    }
}

impl State<'_> {
    fn take(&mut self, entry: &Entry, news: &mut dyn FnMut(News)) {
        let seen = Seen { time: entry.time, level: entry.level, line: entry.line };
        self.picture.records += 1;
        self.picture.last = entry.time.or(self.picture.last);
        if let Some(level) = entry.level {
            *self.picture.levels.entry(level).or_default() += 1;
        }
        self.finder.find(&entry.text, std::iter::once((0, entry.text.len())));
        let known = &mut self.known;
        self.finder.matches(0, &entry.text, |found| {
            let known = known.entry(found.name.to_owned()).or_insert_with(|| Known {
                signature: found.name.to_owned(),
                finding: found.finding.id,
                count: 0,
                seen,
                text: Masked::new(""),
            });
            known.count += 1;
            known.seen = seen;
            if is_power_of_ten(known.count) {
                known.text = shown(&entry.message);
                news(News::Known {
                    signature: known.signature.clone(),
                    finding: known.finding,
                    count: known.count,
                    text: known.text.clone(),
                    seen,
                });
            }
        });
        self.kinds.take(&entry.message, seen, self.new, news);
    }
}

fn is_power_of_ten(count: u64) -> bool {
    let mut power = 1;
    while power < count {
        power = 10_u64.saturating_mul(power);
    }
    power == count
}

/// What is shown of a message, masked.
fn shown(message: &str) -> Masked {
    Masked::new(&message[..message.floor_char_boundary(LONGEST_SHOWN)])
}

#[cfg(test)]
mod tests;
