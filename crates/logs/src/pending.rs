//! Records whose ends have not been seen, where lines of several sources are interleaved.

use std::collections::VecDeque;

/// Records that wait at once: one that comes after these ends the first.
const MOST: usize = 32;

/// The open record of each source, and those that have ended but wait for one that began before them: records leave in the
/// order of their first lines.
#[derive(Debug)]
pub(crate) struct Pending<R> {
    /// The source of each record, and whether it is open. Apart from the records, for they are looked through at each line.
    sources: VecDeque<(u64, bool)>,
    records: VecDeque<R>,
    /// Records that have left, to be filled again.
    spare: Vec<R>,
}

impl<R> Default for Pending<R> {
    fn default() -> Self {
        Self { sources: VecDeque::new(), records: VecDeque::new(), spare: Vec::new() }
    }
}

impl<R: Default> Pending<R> {
    /// The open record of a source.
    pub(crate) fn of(&mut self, source: u64) -> Option<&mut R> {
        self.sources.iter().rposition(|slot| *slot == (source, true)).map(|at| &mut self.records[at])
    }

    /// Ends the record of a source and begins its next, which may hold what one before it held; shows those that leave.
    pub(crate) fn begin(&mut self, source: u64, mut ended: impl FnMut(&mut R)) -> &mut R {
        if let Some(slot) = self.sources.iter_mut().rev().find(|slot| **slot == (source, true)) {
            slot.1 = false;
        }
        while self.sources.front().is_some_and(|(_, open)| !open) || self.sources.len() >= MOST {
            self.sources.pop_front();
            let Some(mut record) = self.records.pop_front() else { break };
            ended(&mut record);
            self.spare.push(record);
        }
        self.sources.push_back((source, true));
        self.records.push_back(self.spare.pop().unwrap_or_default());
        let last = self.records.len() - 1;
        &mut self.records[last]
    }

    /// Shows all that are left.
    pub(crate) fn finish(&mut self, mut ended: impl FnMut(&mut R)) {
        self.sources.clear();
        for mut record in self.records.drain(..) {
            ended(&mut record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_leave_in_the_order_of_their_first_lines() {
        let mut pending: Pending<String> = Pending::default();
        let mut left = Vec::new();
        for (source, text) in [(1, "a"), (2, "b"), (2, "c"), (1, "d"), (0, "e")] {
            let record = pending.begin(source, |record| left.push(record.clone()));
            record.clear();
            record.push_str(text);
        }
        pending.of(2).expect("open").push('+');
        assert_eq!(left, ["a", "b"], "b waited for a");
        pending.finish(|record| left.push(record.clone()));
        assert_eq!(left, ["a", "b", "c+", "d", "e"]);
    }

    #[test]
    fn a_source_that_falls_silent_does_not_hold_the_others() {
        let mut pending: Pending<u64> = Pending::default();
        let mut left = Vec::new();
        for number in 0..100 {
            *pending.begin(if number == 0 { 7 } else { 1 }, |record| left.push(*record)) = number;
        }
        assert_eq!(left, (0..left.len() as u64).collect::<Vec<_>>());
        assert!(left.len() > 60, "{left:?}");
        assert_eq!(pending.of(7), None, "it was ended");
    }
}
