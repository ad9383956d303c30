//! What must not be seen near a candidate.

use std::collections::VecDeque;

use super::rule::{Negative, Rule};

/// When each negative of a rule was seen.
pub(super) struct Seen {
    times: Vec<VecDeque<i64>>,
}

/// What the negatives say of a candidate.
pub(super) enum Verdict {
    /// One was seen: the positive with this number falls away.
    Against(usize),
    /// None was seen, and none can be any more.
    For,
    /// One may still come.
    Wait,
}

impl Seen {
    pub(super) fn new(rule: &Rule) -> Self {
        Self { times: rule.negatives.iter().map(|_| VecDeque::new()).collect() }
    }

    /// Notes the negatives among the matched patterns. They are remembered only while something positive is held, or
    /// always where one looks back.
    pub(super) fn note(&mut self, rule: &Rule, matched: &[usize], now: i64, held: bool) {
        if !held && rule.negatives.iter().all(|n| n.slide >= 0) {
            self.times.iter_mut().for_each(VecDeque::clear);
            return;
        }
        let horizon = horizon(rule);
        for (negative, times) in rule.negatives.iter().zip(&mut self.times) {
            if matched.binary_search(&negative.pattern).is_ok() {
                times.push_back(now);
            }
            // What no candidate can look back to is forgotten.
            let oldest = now.saturating_sub(horizon.saturating_mul(2)).saturating_sub(negative.slide.abs());
            while times.front().is_some_and(|t| *t < oldest) {
                times.pop_front();
            }
        }
    }

    /// Judges a candidate by the times of its positives, in the order in which anchors count them.
    pub(super) fn judge(&self, rule: &Rule, times: &[i64], first: i64, last: i64, now: i64) -> Verdict {
        let mut waits = false;
        for (negative, seen) in rule.negatives.iter().zip(&self.times) {
            let (start, end) = range(negative, times, first, last);
            if seen.iter().any(|t| (start..=end).contains(t)) {
                return Verdict::Against(negative.anchor);
            }
            waits |= now <= end;
        }
        if waits { Verdict::Wait } else { Verdict::For }
    }
}

/// Where a negative is looked for, both ends included.
fn range(negative: &Negative, times: &[i64], first: i64, last: i64) -> (i64, i64) {
    let anchor = times.get(negative.anchor).copied().unwrap_or(first);
    let start = anchor.saturating_add(negative.slide);
    let own = if negative.absolute { 0 } else { last - first };
    (start, start.saturating_add(negative.window.saturating_add(own).max(0)))
}

/// How long a positive is kept.
pub(super) fn horizon(rule: &Rule) -> i64 {
    let of = |n: &Negative| rule.window.saturating_add(n.window).saturating_add(n.slide);
    rule.negatives.iter().map(of).fold(rule.window, i64::max)
}
