//! Runs all rules over the lines of one stream.

use firstfault_model::Assume;
use jiff::Timestamp;

use super::{Match, Matcher, Rules};
use crate::Joiner;

/// First lines that tell how the stream is written.
const HEAD: usize = 200;

/// Joins the lines of a stream to records and matches them.
pub(crate) struct Scan<'a> {
    matcher: Matcher<'a>,
    joiner: Result<Joiner, Head>,
    /// The number of lines before the first.
    before: u32,
}

/// The first lines, until they were learned from.
struct Head {
    lines: String,
    count: usize,
    assume: Assume,
    modified: Option<Timestamp>,
}

impl<'a> Scan<'a> {
    /// Nothing seen yet; `first_line` is the number of the line that comes first.
    pub(crate) fn new(rules: &'a Rules, assume: &Assume, modified: Option<Timestamp>, first_line: u32) -> Self {
        let head = Head { lines: String::new(), count: 0, assume: assume.clone(), modified };
        Self { matcher: Matcher::new(rules), joiner: Err(head), before: first_line.saturating_sub(1) }
    }

    /// Takes the next line, without its line feed.
    pub(crate) fn line(&mut self, raw: &str) {
        match &mut self.joiner {
            Ok(joiner) => joiner.line(raw, |r| self.matcher.record(r.time, &r.text, r.line + self.before)),
            Err(head) => {
                head.lines.push_str(raw);
                head.lines.push('\n');
                head.count += 1;
                if head.count >= HEAD {
                    self.learn();
                }
            }
        }
    }

    fn learn(&mut self) {
        let Err(head) = &self.joiner else { return };
        let mut joiner = Joiner::new(&head.assume, head.modified, &head.lines);
        for line in head.lines.lines() {
            joiner.line(line, |r| self.matcher.record(r.time, &r.text, r.line + self.before));
        }
        self.joiner = Ok(joiner);
    }

    /// The rules that fired.
    pub(crate) fn finish(mut self) -> Vec<Match> {
        self.learn();
        if let Ok(joiner) = self.joiner {
            joiner.finish(|r| self.matcher.record(r.time, &r.text, r.line + self.before));
        }
        self.matcher.finish()
    }
}
