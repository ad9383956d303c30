use std::collections::{BTreeMap, VecDeque};

use firstfault_model::{Assume, Masked};
use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::digest::{Digest, Hit, Level, Shape, Words};
use crate::format::{Reader, is_exception_head};
use crate::requests::{Requests, request};
use crate::shape::template;
use crate::signatures::Signatures;

/// Different shapes kept of one stream; more are counted in the last one.
const MOST_SHAPES: usize = 400;
/// Different hits kept of one stream.
const MOST_HITS: usize = 400;
/// Records kept of the end of a stream.
const LAST_WORDS: usize = 12;
/// Lines kept of one record.
const LONGEST_RECORD: usize = 60;
/// Characters shown of one record.
const LONGEST_TEXT: usize = 400;
/// First lines that tell how the stream is written.
const HEAD: usize = 60;
/// Longer lines are cut.
const LONGEST_LINE: usize = 16 << 10;

/// Digests one stream, line by line.
pub struct DigestBuilder<'a> {
    signatures: &'a Signatures,
    reader: Reader,
    /// The first lines, until they were learned from.
    head: Option<Vec<(String, u64)>>,
    digest: Digest,
    shapes: FxHashMap<(Level, String), usize>,
    hits: BTreeMap<(String, BTreeMap<&'static str, String>), usize>,
    open: Option<Record>,
    last: VecDeque<Record>,
    /// The last record of each hit.
    latest: Vec<Record>,
    requests: Requests,
    line: u32,
}

/// A record whose end has not been seen.
#[derive(Clone)]
struct Record {
    line: u32,
    at: Option<Timestamp>,
    level: Option<Level>,
    lines: Vec<String>,
    count: u64,
}

impl<'a> DigestBuilder<'a> {
    /// A digest of nothing yet; `first_line` is the number of the line that comes first.
    #[must_use]
    pub fn new(signatures: &'a Signatures, assume: &Assume, modified: Option<Timestamp>, first_line: u32) -> Self {
        Self {
            signatures,
            reader: Reader::new(assume, modified),
            head: Some(Vec::new()),
            digest: Digest::default(),
            shapes: FxHashMap::default(),
            hits: BTreeMap::new(),
            open: None,
            last: VecDeque::with_capacity(LAST_WORDS + 1),
            latest: Vec::new(),
            requests: Requests::default(),
            line: first_line.saturating_sub(1),
        }
    }

    /// Takes the next line, without its line feed.
    pub fn line(&mut self, raw: &str) {
        self.counted_line(raw, 1);
    }

    /// Takes a line that stands for `count` equal ones (a recorded summary).
    pub fn counted_line(&mut self, raw: &str, count: u64) {
        let mut end = raw.len().min(LONGEST_LINE);
        while !raw.is_char_boundary(end) {
            end -= 1;
        }
        let raw = &raw[..end];
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
        self.line += 1;
        self.digest.lines += 1;
        let parsed = self.reader.read(raw);
        if parsed.nothing {
            return;
        }
        if parsed.continues
            && let Some(open) = &mut self.open
        {
            if open.lines.len() < LONGEST_RECORD && !parsed.message.trim().is_empty() {
                open.lines.push(parsed.message.trim_end().to_owned());
            }
            open.at = open.at.or(parsed.time);
            open.level = open.level.or(parsed.level);
            return;
        }
        if parsed.message.trim().is_empty() {
            return;
        }
        let next = Record {
            line: self.line,
            at: parsed.time,
            level: parsed.level,
            lines: vec![parsed.message.trim().to_owned()],
            count,
        };
        if let Some(record) = self.open.replace(next) {
            self.close(record);
        }
    }

    /// The digest of all lines.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.learn();
        if let Some(record) = self.open.take() {
            self.close(record);
        }
        for (hit, latest) in self.digest.hits.iter_mut().zip(&self.latest) {
            hit.latest = latest.words();
        }
        self.digest.last_words = self.last.iter().map(Record::words).collect();
        self.digest.endpoints = self.requests.finish();
        self.digest
            .shapes
            .sort_by(|a, b| (b.level, b.count).cmp(&(a.level, a.count)).then(a.example.line.cmp(&b.example.line)));
        self.digest
    }

    fn close(&mut self, record: Record) {
        let digest = &mut self.digest;
        digest.records += record.count;
        if let Some(at) = record.at {
            digest.first = Some(digest.first.map_or(at, |t| t.min(at)));
            digest.last = Some(digest.last.map_or(at, |t| t.max(at)));
        }
        let text = record.lines.join("\n");
        let exception = root_exception(&record.lines);
        let level = record.level.or(exception.as_ref().map(|_| Level::Error));
        if let Some(level) = level {
            *digest.levels.entry(level).or_default() += record.count;
        }
        let record = Record { level, ..record };
        if let Some(request) = request(&text)
            && let Some(failed) = self.requests.add(&request, record.count, record.at)
            && failed.example.is_none()
        {
            failed.example = Some(record.words());
        }
        for found in self.signatures.matches(&text) {
            let key = (found.name.to_owned(), found.fields.clone());
            match self.hits.get(&key) {
                Some(&i) => {
                    let hit = &mut digest.hits[i];
                    hit.count += record.count;
                    hit.seen = widen(hit.seen, record.at);
                    self.latest[i] = record.clone();
                }
                None if digest.hits.len() < MOST_HITS => {
                    self.hits.insert(key, digest.hits.len());
                    self.latest.push(record.clone());
                    digest.hits.push(Hit {
                        finding: found.finding,
                        signature: found.name.to_owned(),
                        fields: found.fields,
                        count: record.count,
                        seen: record.at.map(|t| (t, t)),
                        first: record.words(),
                        latest: record.words(),
                    });
                }
                None => {}
            }
        }
        if let Some(level) = level.filter(|l| *l >= Level::Warn) {
            let key = (level, template(&record.lines[0]));
            match self.shapes.get(&key) {
                Some(&i) => {
                    let shape = &mut digest.shapes[i];
                    shape.count += record.count;
                    shape.seen = widen(shape.seen, record.at);
                }
                None if digest.shapes.len() < MOST_SHAPES => {
                    let shape = Shape {
                        template: key.1.clone(),
                        level,
                        count: record.count,
                        seen: record.at.map(|t| (t, t)),
                        example: record.words(),
                        exception,
                    };
                    self.shapes.insert(key, digest.shapes.len());
                    digest.shapes.push(shape);
                }
                None => digest.shapes[MOST_SHAPES - 1].count += record.count,
            }
        }
        self.last.push_back(record);
        if self.last.len() > LAST_WORDS {
            self.last.pop_front();
        }
    }
}

impl Record {
    /// What is shown of it. Masking costs more than reading, so only what is shown is masked.
    fn words(&self) -> Words {
        let text = Masked::new(&cut(&self.lines.join("\n")));
        Words { line: self.line, at: self.at, level: self.level, text }
    }
}

fn widen(seen: Option<(Timestamp, Timestamp)>, at: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    match (seen, at) {
        (Some((first, last)), Some(at)) => Some((first.min(at), last.max(at))),
        (seen, at) => seen.or(at.map(|t| (t, t))),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST_TEXT).collect();
    format!("{kept}…")
}

/// The type of the innermost exception of a stack trace.
fn root_exception(lines: &[String]) -> Option<String> {
    let kind = |line: &str| {
        let line = line.trim().trim_start_matches("Caused by: ");
        is_exception_head(line).then(|| line.split([':', ' ']).next().unwrap_or(line).to_owned())
    };
    let causes = lines.iter().rev().find(|l| l.trim_start().starts_with("Caused by: "));
    causes
        .and_then(|l| kind(l))
        .or_else(|| lines.iter().skip(1).rev().find_map(|l| kind(l)))
        .or_else(|| kind(&lines[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        let signatures = Signatures::default();
        let mut builder = DigestBuilder::new(&signatures, &Assume::default(), None, 1);
        text.lines().for_each(|l| builder.line(l));
        builder.finish()
    }

    #[test]
    fn a_stack_trace_is_one_record_with_its_root() {
        let digest = digest(
            "2026-01-01T00:00:00Z ERROR request failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: Connection refused\n\tat x.Y(Z.java:2)\n2026-01-01T00:00:01Z INFO ok\n",
        );
        assert_eq!((digest.lines, digest.records), (6, 2));
        assert_eq!(digest.shapes.len(), 1);
        assert_eq!(digest.shapes[0].exception.as_deref(), Some("java.net.ConnectException"));
        assert_eq!(digest.last_words.len(), 2);
    }

    #[test]
    fn alike_errors_are_counted_together() {
        let digest = digest("ERROR failed after 3 tries\nERROR failed after 9 tries\nINFO fine\n");
        assert_eq!(digest.shapes.len(), 1);
        assert_eq!((digest.shapes[0].count, digest.shapes[0].template.as_str()), (2, "ERROR failed after <num> tries"));
    }
}
