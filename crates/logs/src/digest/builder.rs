//! Lines to records: the first half of a digest.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use firstfault_model::Assume;
use jiff::Timestamp;

use super::batch::Batch;
use super::counter::Counter;
use super::{Digest, Level};
use crate::cre::Scan;
use crate::format::{Reader, each};
use crate::pending::Pending;
use crate::signatures::Signatures;
use crate::template::Miner;
use crate::totals::{Counts, Totals};

/// Lines kept of one record: the root of a stack trace stands far below its first line.
const LONGEST_RECORD: usize = 400;
/// Bytes kept of one record of several lines.
const LARGEST_RECORD: usize = 64 << 10;
/// First lines that tell how the stream is written.
const HEAD: usize = 200;
/// A longer first line of a record is cut.
const LONGEST_LINE: usize = 16 << 10;
/// Bytes of text after which records are counted.
const BATCH: usize = 64 << 10;
/// Batches that wait for the thread that counts.
const WAITING: usize = 4;

/// Digests one stream, line by line.
pub struct DigestBuilder<'a> {
    reader: Reader,
    /// The first lines, until they were learned from.
    head: Option<Vec<(String, u64)>>,
    line: u32,
    lines: u64,
    batch: Batch,
    pending: Pending<Open>,
    counter: Counting<'a>,
    counts: Option<Counts>,
    rules: Option<Scan<'a>>,
}

/// All that is known of a log after one pass.
#[derive(Debug)]
pub struct Ingested {
    /// Its messages, over time.
    pub digest: Digest,
    /// Its lines and records in numbers.
    pub totals: Totals,
    /// Mines the templates of its records' first lines, each without its time.
    pub miner: Miner,
}

/// A record whose end has not been seen.
#[derive(Debug, Default)]
struct Open {
    text: String,
    /// The line around its first one, where it says more: members of a JSON object, the unit of syslog.
    around: String,
    lines: usize,
    line: u32,
    at: Option<Timestamp>,
    level: Option<Level>,
    count: u64,
}

/// Where records are counted.
enum Counting<'a> {
    Here(Box<Counter<'a>>),
    /// On a thread of its own, which sends emptied batches back.
    Beside {
        full: SyncSender<Batch>,
        empty: Receiver<Batch>,
        worker: ScopedJoinHandle<'a, Counter<'a>>,
    },
}

impl<'a> DigestBuilder<'a> {
    /// A digest of nothing yet; `first_line` is the number of the line that comes first.
    #[must_use]
    pub fn new(signatures: &'a Signatures, assume: &Assume, modified: Option<Timestamp>, first_line: u32) -> Self {
        let counter = Counting::Here(Box::new(Counter::new(signatures.finder())));
        Self::with(counter, signatures, assume, modified, first_line)
    }

    /// Like [`DigestBuilder::new`] for a long stream: its records are counted on another thread.
    #[must_use]
    pub fn beside<'env>(
        scope: &'a Scope<'a, 'env>,
        signatures: &'env Signatures,
        assume: &Assume,
        modified: Option<Timestamp>,
    ) -> Self {
        let (full, batches) = sync_channel::<Batch>(WAITING);
        let (back, empty) = channel();
        let worker = scope.spawn(move || {
            let mut counter = Counter::new(signatures.finder());
            for mut batch in batches {
                counter.take(&batch);
                batch.clear();
                // Nobody needs it after the end.
                let _ = back.send(batch);
            }
            counter
        });
        Self::with(Counting::Beside { full, empty, worker }, signatures, assume, modified, 1)
    }

    fn with(
        counter: Counting<'a>,
        signatures: &'a Signatures,
        assume: &Assume,
        modified: Option<Timestamp>,
        first_line: u32,
    ) -> Self {
        Self {
            reader: Reader::new(assume, modified),
            head: Some(Vec::new()),
            line: first_line.saturating_sub(1),
            lines: 0,
            batch: Batch::default(),
            pending: Pending::default(),
            counter,
            counts: None,
            rules: signatures.rules().map(|rules| Scan::new(rules, assume, modified, first_line)),
        }
    }

    /// The same, and [`DigestBuilder::ingested`] tells the numbers of lines and records.
    #[must_use]
    pub fn with_totals(self) -> Self {
        Self { counts: Some(Counts::default()), ..self }
    }

    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str) {
        self.counted_line(raw, 1);
    }

    /// Takes a line that stands for `count` equal ones (a recorded summary).
    pub fn counted_line(&mut self, raw: &str, count: u64) {
        if let Some(rules) = &mut self.rules {
            rules.line(raw);
        }
        let Some(head) = &mut self.head else { return self.take(raw, count) };
        head.push((raw.to_owned(), count));
        if head.len() >= HEAD {
            self.learn();
        }
    }

    fn learn(&mut self) {
        let Some(head) = self.head.take() else { return };
        self.reader.learn(head.iter().map(|(line, _)| line.as_str()));
        for (line, count) in head {
            self.take(&line, count);
        }
    }

    fn take(&mut self, raw: &str, count: u64) {
        self.line = self.line.saturating_add(1);
        self.lines += 1;
        if let Some(counts) = &mut self.counts {
            counts.line();
        }
        each(raw, &mut |text| self.part(text, count));
    }

    /// Takes a line, or one of the records that a line holds.
    fn part(&mut self, text: &str, count: u64) {
        let parsed = self.reader.read(text);
        if let Some(counts) = &mut self.counts {
            counts.part(&parsed);
        }
        if parsed.nothing {
            return;
        }
        let message = parsed.message.trim_end();
        if (parsed.continues || parsed.glued)
            && let Some(open) = self.pending.of(parsed.source)
        {
            let has_room = open.lines < LONGEST_RECORD && open.text.len() + message.len() < LARGEST_RECORD;
            if has_room && !message.is_empty() {
                if !parsed.glued {
                    open.text.push('\n');
                }
                open.text.push_str(message);
                open.lines += 1;
            }
            open.at = open.at.or(parsed.time);
            open.level = open.level.or(parsed.level);
            return;
        }
        let message = cut(message.trim_start());
        if message.is_empty() {
            return;
        }
        let Self { pending, batch, counter, .. } = self;
        let open = pending.begin(parsed.source, |ended| {
            ended.leave(batch);
            if batch.text.len() >= BATCH {
                counter.take(batch);
            }
        });
        open.text.clear();
        open.text.push_str(message);
        open.around.clear();
        if !parsed.writer.is_empty() || !parsed.shown.ends_with(message) {
            open.around.push_str(cut(parsed.shown));
        }
        (open.lines, open.line, open.count) = (1, self.line, count);
        (open.at, open.level) = (parsed.time, parsed.level);
    }

    /// The digest of all lines.
    #[must_use]
    pub fn finish(self) -> Digest {
        self.ingested().digest
    }

    /// The digest of all lines, and what else the pass told.
    #[must_use]
    pub fn ingested(mut self) -> Ingested {
        self.learn();
        let Self { pending, batch, .. } = &mut self;
        pending.finish(|ended| ended.leave(batch));
        self.counter.take(&mut self.batch);
        let counter = match self.counter {
            Counting::Here(counter) => *counter,
            Counting::Beside { full, worker, .. } => {
                drop(full);
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        };
        let rules = self.rules.map_or_else(Vec::new, Scan::finish);
        let (digest, miner) = counter.finish(self.lines);
        let counted = self.counts.unwrap_or_default().finish();
        let totals = Totals { format: self.reader.format(), with_trace: digest.traced, ..counted };
        Ingested { digest: Digest { rules, ..digest }, totals, miner }
    }
}

/// The text as far as it is kept.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_LINE)]
}

impl Open {
    fn leave(&self, batch: &mut Batch) {
        batch.push(&self.text, &self.around, self.line, self.at, self.level, self.count);
    }
}

impl Counting<'_> {
    /// Counts the records of a batch and empties it.
    fn take(&mut self, batch: &mut Batch) {
        match self {
            Self::Here(counter) => {
                counter.take(batch);
                batch.clear();
            }
            Self::Beside { full, empty, .. } => {
                let next = empty.try_recv().unwrap_or_default();
                // It fails only if the thread has panicked, which `finish` tells.
                let _ = full.send(std::mem::replace(batch, next));
            }
        }
    }
}
