//! Positives in any order.

use std::collections::VecDeque;

use super::matcher::{Held, Hit};
use super::negative::{Seen, Verdict, horizon};
use super::rule::Rule;

/// The state of a set of several positives, or of one with negatives.
pub(super) struct SetState {
    /// The records that matched each positive, the oldest first.
    queues: Vec<VecDeque<Held>>,
    seen: Seen,
}

impl SetState {
    pub(super) fn new(rule: &Rule) -> Self {
        Self { queues: rule.positives.iter().map(|_| VecDeque::new()).collect(), seen: Seen::new(rule) }
    }

    /// Whether it waits for the clock: then every record matters, not only those that match.
    pub(super) fn waits(&self) -> bool {
        self.queues.iter().any(|q| !q.is_empty())
    }

    /// Takes a record.
    pub(super) fn record(&mut self, rule: &Rule, matched: &[usize], held: Held, hits: &mut Vec<Hit>) {
        if !rule.negatives.is_empty() {
            // The clock may have ended a wait; this is judged before what is too old is dropped.
            self.evaluate(rule, held.time, hits);
        }
        let oldest = held.time.saturating_sub(horizon(rule));
        for queue in &mut self.queues {
            while queue.front().is_some_and(|h| h.time < oldest) {
                queue.pop_front();
            }
        }
        for (positive, queue) in rule.positives.iter().zip(&mut self.queues) {
            if matched.binary_search(&positive.pattern).is_ok() {
                queue.push_back(held);
            }
        }
        if rule.negatives.is_empty() {
            if self.complete(rule) {
                hits.push(self.take(rule));
            }
            return;
        }
        let keeps = rule.positives.iter().zip(&self.queues).any(|(p, q)| q.len() >= p.count);
        self.seen.note(rule, matched, held.time, keeps);
        self.evaluate(rule, held.time, hits);
    }

    /// The end of the log: every wait is over.
    pub(super) fn finish(&mut self, rule: &Rule, hits: &mut Vec<Hit>) {
        if !rule.negatives.is_empty() {
            self.evaluate(rule, i64::MAX, hits);
        }
    }

    fn complete(&self, rule: &Rule) -> bool {
        rule.positives.iter().zip(&self.queues).all(|(p, q)| q.len() >= p.count)
    }

    fn take(&mut self, rule: &Rule) -> Hit {
        let used =
            rule.positives.iter().zip(&mut self.queues).flat_map(|(p, q)| q.drain(..p.count).collect::<Vec<_>>());
        Hit::of(used)
    }

    fn evaluate(&mut self, rule: &Rule, now: i64, hits: &mut Vec<Hit>) {
        while self.complete(rule) {
            // Time, and which queue it stands in at which place.
            let mut parts: Vec<(i64, usize, usize)> = Vec::new();
            for (number, (positive, queue)) in rule.positives.iter().zip(&self.queues).enumerate() {
                parts.extend(queue.iter().take(positive.count).enumerate().map(|(place, h)| (h.time, number, place)));
            }
            parts.sort_unstable();
            let (first, last) = (parts[0].0, parts[parts.len() - 1].0);
            if last - first > rule.window {
                self.queues[parts[0].1].remove(parts[0].2);
                continue;
            }
            let times: Vec<i64> = parts.iter().map(|p| p.0).collect();
            match self.seen.judge(rule, &times, first, last, now) {
                Verdict::Against(anchor) => {
                    let (_, queue, place) = parts[anchor.min(parts.len() - 1)];
                    self.queues[queue].remove(place);
                }
                Verdict::For => hits.push(self.take(rule)),
                Verdict::Wait => return,
            }
        }
    }
}
