//! What changed in a log: the time of an incident against the time before it, kind of message by kind of message.
//!
//! Where nobody says when the incident was, the point is found at which most kinds of message change at once (`point`).
//! A change is only called one where chance does not make it: counts are compared by an exact test (`rates`) that discounts
//! messages which come in clumps, once by time and once by what else the stream wrote, so that a message which merely follows
//! the traffic is none; and since a log has many kinds of message, chances are corrected for their number (`holm`).

mod beta;
mod holm;
mod point;
mod rates;
mod silence;
mod split;
mod stream;

#[cfg(test)]
mod tests;

use firstfault_model::Window;
use jiff::Timestamp;

pub use silence::{Silence, silence};

use self::rates::Rates;
use self::split::Split;
use self::stream::{Series, Stream};
use crate::{Digest, Level, Shape, ValueType};

/// The chance that anything is called a change in evidence in which nothing changes.
pub const LEVEL: f64 = 0.01;
/// The chance from which on a single new warning or error is worth a hint.
const HINT: f64 = 0.05;
/// A rate that changes by less is of no interest, however sure it is.
const LEAST_RATIO: f64 = 2.0;
/// Records on either side that the values of a place are compared over.
const LEAST_RECORDS: f64 = 10.0;
/// The share of a place's values from which on one dominates.
const DOMINATES: f64 = 0.5;

/// A stream, parted into the time before and the time that is asked about.
#[derive(Debug)]
pub struct Comparison<'d> {
    stream: Stream<'d>,
    split: Split,
    /// Splits that were tried to find this one.
    trials: usize,
    /// Where the window begins.
    pub from: Timestamp,
}

impl<'d> Comparison<'d> {
    /// Of a window that somebody gave, or else of what follows the change point. None where the stream has no times, too
    /// little before the window, or no change point.
    #[must_use]
    pub fn new(digest: &'d Digest, window: Window) -> Option<Self> {
        let stream = Stream::new(digest)?;
        match window.from {
            Some(from) => {
                let split = stream.grid.split(from, window.to)?;
                stream.is_settled(&split).then_some(Self { stream, split, trials: 1, from })
            }
            None => {
                let (split, trials) = point::change_point(&stream)?;
                let from = Timestamp::from_second(stream.grid.begins(split.window.start)).ok()?;
                Some(Self { stream, split, trials, from })
            }
        }
    }

    /// The changes to be judged: what each would be, and its chance.
    fn candidates(&self) -> (Vec<Change<'d>>, Vec<Change<'d>>) {
        let usual = self.stream.usual_dispersion(&self.split);
        let kinds = self.stream.series.iter().filter_map(|series| self.kind(series, usual)).collect();
        let values = self.stream.series.iter().flat_map(|series| self.values(series)).collect();
        (kinds, values)
    }

    fn kind(&self, series: &Series<'d>, usual_dispersion: f64) -> Option<Change<'d>> {
        let Self { stream, split, .. } = self;
        let by_time = Rates::of(&series.counts, &stream.grid.seconds, split);
        if by_time.before + by_time.after == 0.0 {
            return None;
        }
        // What the traffic did in the meantime; a kind is no measure of itself.
        let traffic: Vec<f64> = if series.is_traffic() {
            stream.traffic.iter().zip(&series.counts).map(|(all, own)| all - own).collect()
        } else {
            stream.traffic.clone()
        };
        let by_traffic = Rates::of(&series.counts, &traffic, split);
        let has_traffic = by_traffic.has_exposure();
        let (mut more, mut fewer) = by_time.chances(usual_dispersion);
        let mut ratios = vec![by_time.ratio()];
        if has_traffic {
            let (more_of, fewer_of) = by_traffic.chances(usual_dispersion);
            (more, fewer) = (more.max(more_of), fewer.max(fewer_of));
            ratios.push(by_traffic.ratio());
        }
        let shape = series.shape;
        let (first, last) = shape.seen?;
        let what = if first >= self.from {
            What::New
        } else if by_time.after == 0.0 && last < self.from && series.is_regular(&split.baseline) {
            What::Vanished
        } else if ratios.iter().all(|r| *r >= LEAST_RATIO) {
            What::More
        } else if ratios.iter().all(|r| *r <= 1.0 / LEAST_RATIO) {
            What::Fewer
        } else {
            What::Same
        };
        let chance = match what {
            What::New | What::More => 2.0 * more,
            What::Vanished | What::Fewer => 2.0 * fewer,
            _ => 1.0,
        };
        let since = match what {
            What::New => Some(first),
            What::Vanished => Some(last),
            _ => Timestamp::from_second(self.begin_of(series, &by_time, what == What::More)).ok(),
        };
        Some(Change {
            stream: 0,
            shape,
            what,
            before: count(by_time.before),
            after: count(by_time.after),
            times: by_time.ratio(),
            alone: f64::min(chance, 1.0),
            chance: 1.0,
            since,
        })
    }

    /// The second at which a change of rate begins: that of the first bucket of the window that lies on the window's side.
    fn begin_of(&self, series: &Series<'d>, rates: &Rates, upward: bool) -> i64 {
        let (before, after) = rates.per_exposure();
        let middle = (before + after) / 2.0;
        let grid = &self.stream.grid;
        let lies_there = |i: &usize| {
            let rate = series.counts[*i] / grid.seconds[*i].max(1.0);
            if upward { rate >= middle } else { rate <= middle }
        };
        let at = self.split.window.clone().find(lies_there).unwrap_or(self.split.window.start);
        grid.begins(at).max(self.from.as_second())
    }

    fn values(&self, series: &Series<'d>) -> Vec<Change<'d>> {
        let (before, after) = series.sums(&self.split);
        if before < LEAST_RECORDS || after < LEAST_RECORDS {
            return Vec::new();
        }
        let shape = series.shape;
        let mut changes = Vec::new();
        for (place, varying) in shape.varying.iter().enumerate() {
            for (value, history) in &varying.values {
                let rates = Rates::of(&self.stream.grid.counts(history), &series.counts, &self.split);
                let (share_before, share_after) = rates.per_exposure();
                let dominates = share_after >= DOMINATES && share_after >= LEAST_RATIO * share_before;
                // A date or a time changes by itself.
                let dominates = dominates && ValueType::of(value) != ValueType::Time;
                changes.push(Change {
                    stream: 0,
                    shape,
                    what: if dominates { What::Value { place, value, share_before, share_after } } else { What::Same },
                    before: count(rates.before),
                    after: count(rates.after),
                    times: rates.ratio(),
                    alone: if dominates { (2.0 * rates.chances(1.0).0).min(1.0) } else { 1.0 },
                    chance: 1.0,
                    since: Some(self.from),
                });
            }
        }
        changes
    }
}

/// A kind of message that changed.
#[derive(Clone, Debug)]
pub struct Change<'d> {
    /// Which of the comparisons it is from.
    pub stream: usize,
    /// The kind of message.
    pub shape: &'d Shape,
    /// How it changed.
    pub what: What<'d>,
    /// Records in the baseline, of which a bucket across the border is no part; of a value, the records with it.
    pub before: u64,
    /// Records in the window.
    pub after: u64,
    /// The rate in the window over that in the baseline; infinite for what is new.
    pub times: f64,
    /// The chance of such a change where nothing changes, of this one alone at all places that were tried for the split.
    pub alone: f64,
    /// The same, corrected for the number of things that were compared.
    pub chance: f64,
    /// Since when, as far as can be told: of what vanished, the last time.
    pub since: Option<Timestamp>,
}

impl Change<'_> {
    /// Whether it is more than chance.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.chance <= LEVEL
    }

    /// Whether it is worth a hint: a new warning or error after a long time without it.
    fn is_hint(&self) -> bool {
        self.what == What::New && self.shape.level >= Some(Level::Warn) && self.alone <= HINT
    }
}

/// How a kind of message changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What<'d> {
    /// It never came before.
    New,
    /// It came all along before, and no more.
    Vanished,
    /// It comes more often, and not only because all does.
    More,
    /// It comes less often, and not only because all does.
    Fewer,
    /// One value now stands in most of its records.
    Value {
        /// Which of the places that vary.
        place: usize,
        /// The value.
        value: &'d str,
        /// Its share of the records before.
        share_before: f64,
        /// Its share of the records in the window.
        share_after: f64,
    },
    /// Not by as much as would matter.
    Same,
}

/// What changed in some streams, by stream and the line of the first record of its kind. All is sure but some new warnings and
/// errors, which come too seldom to be sure of and are given as a hint.
#[must_use]
pub fn changes<'d>(comparisons: &[Comparison<'d>]) -> Vec<Change<'d>> {
    let trials = comparisons.iter().map(|c| c.trials).max().unwrap_or(1);
    let (mut kinds, mut values) = (Vec::new(), Vec::new());
    for (stream, comparison) in comparisons.iter().enumerate() {
        let (of_kinds, of_values) = comparison.candidates();
        kinds.extend(of_kinds.into_iter().map(|change| Change { stream, ..change }));
        values.extend(of_values.into_iter().map(|change| Change { stream, ..change }));
    }
    let mut changes = Vec::new();
    for family in [kinds, values] {
        let chances: Vec<f64> = family.iter().map(|change| change.alone).collect();
        for (change, chance) in family.into_iter().zip(holm::adjusted(&chances, trials)) {
            let change = Change { chance, alone: (change.alone * trials as f64).min(1.0), ..change };
            if change.what != What::Same && (change.is_sure() || change.is_hint()) {
                changes.push(change);
            }
        }
    }
    changes.sort_by_key(|change| (change.stream, change.shape.example.line));
    changes
}

/// Counts of records are whole.
fn count(n: f64) -> u64 {
    n as u64
}
