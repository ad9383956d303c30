//! Records on their way from the lines to the counts: their texts behind one another, in buffers that are used again.

use jiff::Timestamp;

use super::Level;

/// Some records.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Their texts, a line feed after each.
    pub(super) text: String,
    pub(super) records: Vec<Record>,
}

/// A record of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Its first line, from 1.
    pub(super) line: u32,
    pub(super) at: Option<Timestamp>,
    pub(super) level: Option<Level>,
    /// How many it stands for.
    pub(super) count: u64,
    /// Where in the text of the batch the line begins that it was taken from, or it itself: known messages are looked for
    /// from here.
    pub(super) whole: usize,
    /// Its bytes in the text of the batch.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Batch {
    /// Adds a record: its text, and the line around it where that says more.
    pub(super) fn push(
        &mut self,
        text: &str,
        around: &str,
        line: u32,
        at: Option<Timestamp>,
        level: Option<Level>,
        count: u64,
    ) {
        let whole = self.text.len();
        if !around.is_empty() {
            self.text.push_str(around);
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.records.push(Record { line, at, level, count, whole, start, end: self.text.len() });
        self.text.push('\n');
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.records.clear();
    }

    /// Adds the last records of another.
    pub(super) fn append(&mut self, other: &Self, most: usize) {
        let records = &other.records[other.records.len().saturating_sub(most)..];
        let Some(from) = records.first().map(|r| r.whole) else { return };
        let to = self.text.len();
        self.text.push_str(&other.text[from..]);
        self.records.extend(records.iter().map(|r| Record {
            whole: r.whole - from + to,
            start: r.start - from + to,
            end: r.end - from + to,
            ..*r
        }));
    }

    /// Forgets all but the last records.
    pub(super) fn keep_last(&mut self, most: usize) {
        if self.records.len() > most {
            let mut last = Self::default();
            last.append(self, most);
            *self = last;
        }
    }

    /// The text of a record.
    pub(super) fn of(&self, record: &Record) -> &str {
        &self.text[record.start..record.end]
    }

    /// The text of a record, and before it the line that it was taken from.
    pub(super) fn whole(&self, record: &Record) -> &str {
        &self.text[record.whole..record.end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(texts: &[&str]) -> Batch {
        let mut batch = Batch::default();
        texts.iter().for_each(|text| batch.push(text, "", 1, None, None, 1));
        batch
    }

    #[test]
    fn the_last_records_are_kept_with_their_texts() {
        let mut all = batch(&["a", "bb"]);
        all.append(&batch(&["ccc", "d", "e"]), 2);
        assert_eq!(all.records.iter().map(|r| all.of(r)).collect::<Vec<_>>(), ["a", "bb", "d", "e"]);
        all.keep_last(3);
        assert_eq!(all.records.iter().map(|r| all.of(r)).collect::<Vec<_>>(), ["bb", "d", "e"]);
        all.append(&Batch::default(), 3);
        assert_eq!(all.text, "bb\nd\ne\n");
        let mut around = batch(&["a"]);
        around.push("said", "{said}", 2, None, None, 1);
        all.append(&around, 1);
        assert_eq!((all.of(&all.records[3]), all.whole(&all.records[3])), ("said", "{said}\nsaid"));
    }
}
