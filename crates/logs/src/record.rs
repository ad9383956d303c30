//! Lines to records: what begins one, and what belongs to the one before.

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::format::Reader;

/// A record that grows past this is cut; its lines are still counted to it.
const LONGEST: usize = 256 << 10;

/// A record of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its time, where its first line has one.
    pub time: Option<Timestamp>,
    /// All its lines behind one another, without what a container runtime put before them.
    pub text: String,
    /// The number of its first line, from 1.
    pub line: u32,
}

/// Joins the lines of one stream.
pub struct Joiner {
    reader: Reader,
    open: Record,
    begun: bool,
    line: u32,
}

impl Joiner {
    /// For a stream that begins with `head`, some first lines of it: they tell whether its records have times.
    #[must_use]
    pub fn new(assume: &Assume, modified: Option<Timestamp>, head: &str) -> Self {
        let mut reader = Reader::new(assume, modified);
        reader.learn(head.lines().take(200));
        Self { reader, open: Record { time: None, text: String::new(), line: 0 }, begun: false, line: 0 }
    }

    /// Takes the next line, without its line feed; gives the record that ends before it.
    pub fn line(&mut self, raw: &str, mut ended: impl FnMut(&Record)) {
        self.line += 1;
        let line = self.reader.read(raw);
        if line.nothing || line.shown.is_empty() {
            return;
        }
        if self.begun && !line.begins {
            if self.open.text.len() + line.shown.len() <= LONGEST {
                self.open.text.push_str(line.shown);
            }
            self.open.time = self.open.time.or(line.time);
            return;
        }
        if self.begun {
            ended(&self.open);
        }
        self.begun = true;
        self.open.time = line.time;
        self.open.line = self.line;
        self.open.text.clear();
        self.open.text.push_str(line.shown);
    }

    /// Gives the last record.
    pub fn finish(self, mut ended: impl FnMut(&Record)) {
        if self.begun {
            ended(&self.open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<(String, u32, bool)> {
        let mut joiner = Joiner::new(&Assume { year: Some(2026), ..Assume::default() }, None, text);
        let mut records = Vec::new();
        for line in text.lines() {
            joiner.line(line, |r| records.push((r.text.clone(), r.line, r.time.is_some())));
        }
        joiner.finish(|r| records.push((r.text.clone(), r.line, r.time.is_some())));
        records
    }

    #[test]
    fn what_has_no_time_belongs_to_the_record_before() {
        let records = joined("2026-11-24T10:00:00Z panic: a\n\tat b.C\nCaused by: d\n\n2026-11-24T10:00:01Z next\n");
        assert_eq!(
            records,
            [
                ("2026-11-24T10:00:00Z panic: a\tat b.CCaused by: d".to_owned(), 1, true),
                ("2026-11-24T10:00:01Z next".to_owned(), 5, true)
            ]
        );
    }

    #[test]
    fn the_payload_of_a_container_is_the_record() {
        let records = joined("2026-11-24T10:00:00.5Z stdout F ready\n2026-11-24T10:00:01.5Z stderr F lost\n");
        assert_eq!(records.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), ["ready", "lost"]);
        assert!(records.iter().all(|r| r.2));
    }

    #[test]
    fn a_log_without_times_is_line_by_line() {
        assert_eq!(joined("one\ntwo\n").len(), 2);
    }

    #[test]
    fn a_json_object_is_always_its_own_record() {
        let records = joined("2026-11-24T10:00:00Z text\n{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(records.len(), 3);
    }
}
