//! Lines to records with all their lines, as a person wants to see them.

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::Level;
use crate::format::{Reader, each, write_writer};
use crate::pending::Pending;

/// A record that grows past this is cut; its lines are still counted to it.
const LONGEST: usize = 256 << 10;
/// First lines that tell how the log is written.
const HEAD: usize = 200;

/// A record of a log, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its time, where it has one.
    pub time: Option<Timestamp>,
    /// Its level, where it says one.
    pub level: Option<Level>,
    /// Its first line without time and what comes before it; of JSON the message.
    pub message: String,
    /// All its lines, without what a container runtime put before them.
    pub text: String,
    /// Who wrote it, where a prefix of the line says so (`kubectl logs --prefix`, Compose); else nothing.
    pub writer: String,
    /// The number of its first line, from 1.
    pub line: u64,
    /// How many lines it has.
    pub lines: u64,
}

/// Joins the lines of one log.
pub struct Entries {
    reader: Reader,
    /// The first lines, until they were learned from.
    head: Option<Vec<String>>,
    pending: Pending<Entry>,
    line: u64,
}

impl Entries {
    /// For a log of which nothing is known yet.
    #[must_use]
    pub fn new(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let reader = Reader::new(assume, modified);
        Self { reader, head: Some(Vec::new()), pending: Pending::default(), line: 0 }
    }

    /// Takes the next line, without its line feed; gives the records that end before it. The first lines are held until
    /// there are enough of them to learn from.
    pub fn line(&mut self, raw: &str, ended: &mut dyn FnMut(&Entry)) {
        let Some(head) = &mut self.head else { return self.take(raw, ended) };
        head.push(raw.to_owned());
        if head.len() >= HEAD {
            self.learn(ended);
        }
    }

    /// Gives what is held and the records that are open, without waiting for what may follow: at the end, or where nothing
    /// has come for a while.
    pub fn flush(&mut self, ended: &mut dyn FnMut(&Entry)) {
        self.learn(ended);
        self.pending.finish(|entry| ended(entry));
    }

    /// The file begins anew.
    pub(crate) fn restart(&mut self) {
        self.line = 0;
    }

    /// Learns from the first lines, be they few.
    pub(crate) fn learn(&mut self, ended: &mut dyn FnMut(&Entry)) {
        let Some(head) = self.head.take_if(|head| !head.is_empty()) else { return };
        self.reader.learn(head.iter().map(String::as_str));
        head.iter().for_each(|line| self.take(line, ended));
    }

    fn take(&mut self, raw: &str, ended: &mut dyn FnMut(&Entry)) {
        self.line += 1;
        each(raw, &mut |text| self.part(text, ended));
    }

    /// Takes a line, or one of the records that a line holds.
    fn part(&mut self, text: &str, ended: &mut dyn FnMut(&Entry)) {
        let line = self.reader.read(text);
        if line.nothing {
            return;
        }
        if !line.begins
            && let Some(open) = self.pending.of(line.source)
        {
            open.lines += 1;
            if open.text.len() + line.shown.len() < LONGEST {
                if !line.glued {
                    open.text.push('\n');
                }
                open.text.push_str(line.shown);
            }
            open.time = open.time.or(line.time);
            open.level = open.level.or(line.level);
            return;
        }
        let open = self.pending.begin(line.source, |entry| ended(entry));
        (open.time, open.level, open.line, open.lines) = (line.time, line.level, self.line, 1);
        open.message.clear();
        open.message.push_str(line.message.trim());
        open.text.clear();
        open.text.push_str(line.shown);
        write_writer(line.writer, &mut open.writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<Entry> {
        let mut entries = Entries::new(&Assume::default(), None);
        let mut found = Vec::new();
        text.lines().for_each(|line| entries.line(line, &mut |e| found.push(e.clone())));
        entries.flush(&mut |e| found.push(e.clone()));
        found
    }

    #[test]
    fn a_record_keeps_its_lines_apart_from_its_message() {
        let found = entries(
            "2026-11-24T10:00:00Z ERROR lost it\njava.io.IOException: gone\n\tat a.B.c(B.java:1)\n2026-11-24T10:00:01Z INFO on\n",
        );
        let first = &found[0];
        assert_eq!((first.message.as_str(), first.line, first.lines), ("ERROR lost it", 1, 3));
        assert!(first.text.ends_with("\njava.io.IOException: gone\n\tat a.B.c(B.java:1)"), "{}", first.text);
        assert_eq!((found.len(), found[1].line, found[1].level), (2, 4, Some(Level::Info)));
    }

    #[test]
    fn a_prefix_tells_who_wrote_a_line() {
        let writers = |text: &str| entries(text).into_iter().map(|e| e.writer).collect::<Vec<_>>();
        assert_eq!(writers("[pod/web-1/app] up\n[pod/web-2/app] up\n"), ["web-1/app", "web-2/app"]);
        assert_eq!(writers("cart-1  | up\npay-1   | up\n"), ["cart-1", "pay-1"]);
        let stern = "api-7c9d8f-x2k4q app up\napi-7c9d8f-8ljnv app up\n";
        assert_eq!(writers(stern), ["api-7c9d8f-x2k4q/app", "api-7c9d8f-8ljnv/app"]);
        assert_eq!(writers("build\tRun tests\t2026-11-24T10:00:01.5Z ok\n"), ["build"]);
        assert_eq!(writers("Nov 24 10:00:01 node-1 api[7]: up\n"), ["api"]);
        assert_eq!(writers("2026-11-24T10:00:00Z up\n"), [""]);
    }

    #[test]
    fn a_trace_is_whole_among_the_lines_of_others() {
        let found = entries(
            "[pod/a-0/app] 2026-11-24T10:00:00Z java.lang.E: no\n[pod/b-0/app] up\n[pod/a-0/app] \tat a.B.c(B.java:1)\n",
        );
        let texts: Vec<(&str, u64)> = found.iter().map(|e| (e.text.as_str(), e.line)).collect();
        assert_eq!(texts, [("2026-11-24T10:00:00Z java.lang.E: no\n\tat a.B.c(B.java:1)", 1), ("up", 2)]);
    }

    #[test]
    fn what_comes_after_a_flush_is_a_record_of_its_own() {
        let mut entries = Entries::new(&Assume::default(), None);
        let mut found = Vec::new();
        entries.flush(&mut |e| found.push(e.message.clone()));
        entries.line("2026-11-24T10:00:00Z one", &mut |e| found.push(e.message.clone()));
        entries.flush(&mut |e| found.push(e.message.clone()));
        entries.line("2026-11-24T10:00:01Z two", &mut |e| found.push(e.message.clone()));
        entries.flush(&mut |e| found.push(e.message.clone()));
        assert_eq!(found, ["one", "two"]);
    }
}
