//! Positives in order.

use std::collections::VecDeque;

use super::matcher::{Held, Hit};
use super::negative::{Seen, Verdict, horizon};
use super::rule::Rule;

/// The state of a sequence: what matched each item so far, and the item that it waits for.
pub(super) struct SequenceState {
    queues: Vec<VecDeque<Held>>,
    /// Items before it hold their counts; as many as there are items: complete, and waiting for the negatives.
    next: usize,
    seen: Seen,
}

impl SequenceState {
    pub(super) fn new(rule: &Rule) -> Self {
        Self { queues: rule.positives.iter().map(|_| VecDeque::new()).collect(), next: 0, seen: Seen::new(rule) }
    }

    /// Whether it waits for the clock.
    pub(super) fn waits(&self) -> bool {
        self.queues.iter().any(|q| !q.is_empty())
    }

    /// Takes a record.
    pub(super) fn record(&mut self, rule: &Rule, matched: &[usize], held: Held, hits: &mut Vec<Hit>) {
        if !rule.negatives.is_empty() {
            // The clock may have ended a wait; this is judged before what is too old is dropped.
            self.evaluate(rule, held.time, hits);
        }
        self.expire(rule, held.time);
        let matches = |item: usize| matched.binary_search(&rule.positives[item].pattern).is_ok();
        let waited_for = self.next;
        for item in 0..waited_for.min(rule.positives.len()) {
            if matches(item) {
                self.queues[item].push_back(held);
            }
        }
        if waited_for < rule.positives.len() && matches(waited_for) {
            self.queues[waited_for].push_back(held);
            // One step a record.
            if self.queues[waited_for].len() >= rule.positives[waited_for].count {
                self.next += 1;
            }
        }
        if rule.negatives.is_empty() {
            if self.next == rule.positives.len() {
                hits.push(self.take(rule));
                self.tidy(rule);
            }
            return;
        }
        self.seen.note(rule, matched, held.time, !self.queues[0].is_empty());
        self.evaluate(rule, held.time, hits);
    }

    /// The end of the log: every wait is over.
    pub(super) fn finish(&mut self, rule: &Rule, hits: &mut Vec<Hit>) {
        if !rule.negatives.is_empty() {
            self.evaluate(rule, i64::MAX, hits);
        }
    }

    fn expire(&mut self, rule: &Rule, now: i64) {
        let horizon = horizon(rule);
        let Some(oldest) = self.queues[0].front() else { return };
        if now.saturating_sub(oldest.time) < horizon {
            return;
        }
        let cut = now.saturating_sub(horizon);
        while self.queues[0].front().is_some_and(|h| h.time < cut) {
            self.queues[0].pop_front();
        }
        self.tidy(rule);
    }

    fn take(&mut self, rule: &Rule) -> Hit {
        let used =
            rule.positives.iter().zip(&mut self.queues).flat_map(|(p, q)| q.drain(..p.count).collect::<Vec<_>>());
        Hit::of(used)
    }

    /// Drops what no longer follows the first item, and goes back to the first item that lacks something.
    fn tidy(&mut self, rule: &Rule) {
        let first = rule.positives[0].count;
        if self.queues[0].len() < first {
            self.queues.iter_mut().skip(1).for_each(VecDeque::clear);
            self.next = 0;
            return;
        }
        let mut earliest = self.queues[0][first - 1].time;
        for item in 1..self.queues.len() {
            while self.queues[item].front().is_some_and(|h| h.time < earliest) {
                self.queues[item].pop_front();
            }
            if self.queues[item].len() < rule.positives[item].count {
                self.queues.iter_mut().skip(item + 1).for_each(VecDeque::clear);
                self.next = self.next.min(item);
                return;
            }
            if !rule.negatives.is_empty() {
                earliest = self.queues[item][0].time;
            }
        }
    }

    fn evaluate(&mut self, rule: &Rule, now: i64, hits: &mut Vec<Hit>) {
        while self.next == rule.positives.len() {
            let mut parts: Vec<(i64, usize, usize)> = Vec::new();
            for (item, (positive, queue)) in rule.positives.iter().zip(&self.queues).enumerate() {
                parts.extend(queue.iter().take(positive.count).enumerate().map(|(place, h)| (h.time, item, place)));
            }
            let first = parts.iter().map(|p| p.0).min().unwrap_or(now);
            let last = parts.iter().map(|p| p.0).max().unwrap_or(now);
            if last - first > rule.window {
                self.queues[0].pop_front();
                self.tidy(rule);
                continue;
            }
            let times: Vec<i64> = parts.iter().map(|p| p.0).collect();
            match self.seen.judge(rule, &times, first, last, now) {
                Verdict::Against(anchor) => {
                    let (_, item, place) = parts[anchor.min(parts.len() - 1)];
                    self.queues[item].remove(place);
                    if self.queues[item].len() < rule.positives[item].count {
                        self.next = self.next.min(item);
                    }
                    self.tidy(rule);
                }
                Verdict::For => {
                    hits.push(self.take(rule));
                    self.tidy(rule);
                }
                Verdict::Wait => return,
            }
        }
    }
}
