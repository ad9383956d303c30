//! Records whose ends have not been seen, where lines of several sources are interleaved.

use std::collections::VecDeque;

/// Records that wait at once: one that comes after these ends the first.
const MOST: usize = 32;

/// The open record of each source, and those that have ended but wait for one that began before them: records leave in the
/// order of their first lines.
#[derive(Debug)]
pub(crate) struct Pending<R> {
    slots: VecDeque<Slot<R>>,
    /// Records that have left, to be filled again.
    spare: Vec<R>,
}

#[derive(Debug)]
struct Slot<R> {
    source: u64,
    open: bool,
    record: R,
}

impl<R> Default for Pending<R> {
    fn default() -> Self {
        Self { slots: VecDeque::new(), spare: Vec::new() }
    }
}

impl<R: Default> Pending<R> {
    /// The open record of a source.
    pub(crate) fn of(&mut self, source: u64) -> Option<&mut R> {
        self.slots.iter_mut().rev().find(|slot| slot.open && slot.source == source).map(|slot| &mut slot.record)
    }

    /// Ends the record of a source and begins its next, which may hold what one before it held; shows those that leave.
    pub(crate) fn begin(&mut self, source: u64, mut ended: impl FnMut(&mut R)) -> &mut R {
        if let Some(slot) = self.slots.iter_mut().rev().find(|slot| slot.open && slot.source == source) {
            slot.open = false;
        }
        while self.slots.front().is_some_and(|slot| !slot.open) || self.slots.len() >= MOST {
            let Some(mut slot) = self.slots.pop_front() else { break };
            ended(&mut slot.record);
            self.spare.push(slot.record);
        }
        let record = self.spare.pop().unwrap_or_default();
        self.slots.push_back(Slot { source, open: true, record });
        let last = self.slots.len() - 1;
        &mut self.slots[last].record
    }

    /// Shows all that are left.
    pub(crate) fn finish(&mut self, mut ended: impl FnMut(&mut R)) {
        for mut slot in self.slots.drain(..) {
            ended(&mut slot.record);
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
