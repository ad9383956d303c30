//! Where JSON text comes from: memory, or a file that is read piece by piece.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr_iter;

use crate::large::{LARGEST_PIECE, Large};

use super::json_scan::{Document, Scan, blank};

/// Text with offsets, of which pieces can be had.
pub(crate) trait Source {
    /// The next document at or after an offset: what begins there, or at a later line.
    fn document(&mut self, at: usize) -> Option<Document>;
    /// A piece; `None` for one that is too large to hold.
    fn piece(&mut self, span: Range<usize>) -> Option<Cow<'_, str>>;
    /// Newlines within a span.
    fn newlines(&mut self, span: Range<usize>) -> u32;
    /// Where a document that is not closed may have been left: the next `{` at a margin.
    fn margin_after(&mut self, at: usize) -> Option<usize>;
    /// The end of the text.
    fn end(&self) -> usize;
}

/// Text in memory.
pub(crate) struct Held<'a>(pub(crate) &'a str);

impl Source for Held<'_> {
    fn document(&mut self, at: usize) -> Option<Document> {
        let bytes = self.0.as_bytes();
        let mut at = blank(bytes, at);
        while !matches!(bytes.get(at)?, b'{' | b'[') {
            let line = memchr::memchr(b'\n', &bytes[at..])?;
            at = blank(bytes, at + line);
        }
        let mut scan = Scan::new(at);
        scan.feed(&bytes[at..]);
        Some(scan.finish())
    }

    fn piece(&mut self, span: Range<usize>) -> Option<Cow<'_, str>> {
        self.0.get(span).map(Cow::Borrowed)
    }

    fn newlines(&mut self, span: Range<usize>) -> u32 {
        memchr_iter(b'\n', &self.0.as_bytes()[span]).count() as u32
    }

    fn margin_after(&mut self, at: usize) -> Option<usize> {
        self.0[at..].find("\n{").map(|next| at + next + 1)
    }

    fn end(&self) -> usize {
        self.0.len()
    }
}

/// So much of a file is in memory at once, unless one piece needs more.
const WINDOW: usize = 2 << 20;

/// A large file.
pub(crate) struct Streamed<'a, 'b> {
    large: &'a mut Large<'b>,
    /// Where the window begins, and its bytes.
    from: usize,
    window: Vec<u8>,
}

impl<'a, 'b> Streamed<'a, 'b> {
    pub(crate) fn new(large: &'a mut Large<'b>) -> Self {
        Self { large, from: 0, window: Vec::new() }
    }

    /// Bytes from an offset on: at least `least`, unless the file ends before.
    fn bytes(&mut self, at: usize, least: usize) -> &[u8] {
        let is_held = at >= self.from && at + least.max(1) <= self.from + self.window.len();
        if !is_held {
            self.window.clear();
            self.window = self.large.read(at as u64, least.max(WINDOW));
            self.from = at;
        }
        &self.window[at - self.from..]
    }
}

impl Source for Streamed<'_, '_> {
    fn document(&mut self, mut at: usize) -> Option<Document> {
        let mut is_start = true;
        loop {
            let bytes = self.bytes(at, 1);
            if bytes.is_empty() {
                return None;
            }
            if !is_start {
                let Some(line) = memchr::memchr(b'\n', bytes) else {
                    at += bytes.len();
                    continue;
                };
                at += line + 1;
                is_start = true;
                continue;
            }
            let text = blank(bytes, 0);
            match bytes.get(text) {
                Some(b'{' | b'[') => {
                    at += text;
                    break;
                }
                Some(_) => is_start = false,
                None => {}
            }
            at += text;
        }
        let mut scan = Scan::new(at);
        loop {
            let bytes = self.bytes(at, 1);
            if bytes.is_empty() || scan.feed(bytes) {
                return Some(scan.finish());
            }
            at += bytes.len();
        }
    }

    fn piece(&mut self, span: Range<usize>) -> Option<Cow<'_, str>> {
        let length = span.len();
        if length > LARGEST_PIECE {
            return None;
        }
        let bytes = self.bytes(span.start, length);
        Some(String::from_utf8_lossy(&bytes[..length.min(bytes.len())]))
    }

    fn newlines(&mut self, span: Range<usize>) -> u32 {
        let (mut at, mut count) = (span.start, 0);
        while at < span.end {
            let bytes = self.bytes(at, 1);
            if bytes.is_empty() {
                break;
            }
            let bytes = &bytes[..bytes.len().min(span.end - at)];
            count += memchr_iter(b'\n', bytes).count() as u32;
            at += bytes.len();
        }
        count
    }

    fn margin_after(&mut self, _: usize) -> Option<usize> {
        None
    }

    fn end(&self) -> usize {
        self.large.size as usize
    }
}
