//! JSON: single objects, lists of every kind, arrays, and documents one after another.

use std::ops::Range;

use firstfault_model::{Interner, Name, Place, Value};
use memchr::memchr_iter;

use crate::{Chunk, Yield};

use super::accept::{Accepted, accept};
use super::json_scan::{Document, blank, document};
use super::json_value::parse;
use super::kinds::{Asked, asked};
use super::listing::List;
use super::tree::{Hint, hint};

/// How many broken documents are reported before the rest is left alone.
const BROKEN: usize = 16;
/// How many problems of one file are told.
const PROBLEMS: usize = 20;

/// Reads all documents of a text.
pub(crate) fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut reader = Reader {
        chunk,
        hint: hint(chunk.path),
        asked: chunk.command.and_then(asked),
        names: Interner::default(),
        counted: (0, 0),
        foreign: 0,
    };
    reader.stream(out);
    out.read_as = match reader.hint.tree {
        "" => "Kubernetes objects (JSON)".to_owned(),
        tree => format!("Kubernetes objects (JSON, {tree})"),
    };
}

struct Reader<'a> {
    chunk: &'a Chunk<'a>,
    hint: Hint,
    asked: Option<Asked>,
    names: Interner,
    /// An offset and the newlines before it, so that lines are counted once.
    counted: (usize, u32),
    foreign: usize,
}

impl Reader<'_> {
    fn stream(&mut self, out: &mut Yield) {
        let text = self.chunk.text;
        let mut at = 0;
        let mut broken = 0;
        let mut left = 0;
        while let Some(start) = next_document(text, at) {
            self.between(left..start, out);
            let found = document(text, start);
            at = found.span.end;
            self.take(&found, out);
            if found.truncated {
                broken += 1;
                self.problem(start, "the JSON is not closed: only what was complete was read", out);
                let Some(next) = text[start..].find("\n{").map(|next| start + next + 1) else { return };
                if broken >= BROKEN {
                    return;
                }
                at = next.max(found.items.iter().flatten().last().map_or(next, |item| item.end));
            }
            left = at;
        }
        self.between(left..text.len(), out);
    }

    /// What stands between documents: the logs of a `cluster-info dump`.
    fn between(&self, range: Range<usize>, out: &mut Yield) {
        let text = &self.chunk.text[range.clone()];
        if !text.contains("==== START logs for container") {
            return;
        }
        let first_line = self.chunk.first_line + self.chunk.text[..range.start].matches('\n').count() as u32;
        let chunk = Chunk { first_line, command: None, text, ..*self.chunk };
        let reader = crate::log_reader::FORMATS.iter().max_by_key(|format| (format.recognise)(&chunk));
        if let Some(format) = reader.filter(|format| (format.recognise)(&chunk) > 0) {
            (format.read)(&chunk, out);
        }
    }

    fn take(&mut self, found: &Document, out: &mut Yield) {
        let text = self.chunk.text;
        let member = |key: &str| {
            let (_, value) = found.members.iter().find(|(name, _)| &text[name.clone()] == key)?;
            Some(&text[value.clone()])
        };
        let kind = member("kind").unwrap_or("").trim_matches('"').to_owned();
        let is_list = found.bare || kind.ends_with("List") || kind.is_empty();
        match &found.items {
            Some(items) if is_list => {
                let metadata = member("metadata").and_then(|text| serde_json::from_str::<Link>(text).ok()).unwrap_or_default();
                let list = List::new(kind, metadata.value(), found.truncated);
                self.list(list, items, out);
            }
            _ if found.truncated => {}
            _ => {
                self.item(&found.span, None, out);
            }
        }
    }

    fn list(&mut self, mut list: List, items: &[Range<usize>], out: &mut Yield) {
        let kind = list.item_kind().map(str::to_owned);
        for item in items {
            let accepted = self.item(item, kind.as_deref(), out);
            list.saw(accepted);
        }
        list.note(self.asked.as_ref(), &self.hint, out);
    }

    fn item(&mut self, span: &Range<usize>, kind: Option<&str>, out: &mut Yield) -> Accepted {
        let place = self.place(span);
        match parse(&self.chunk.text[span.clone()], &mut self.names) {
            Ok(value) => self.value(value, kind, place, out),
            Err(what) => {
                self.problem(span.start, &what, out);
                Accepted::Foreign
            }
        }
    }

    /// An item; a list inside a list is unfolded.
    fn value(&mut self, mut value: Value, kind: Option<&str>, place: Place, out: &mut Yield) -> Accepted {
        let nested = value.get("kind").text().strip_suffix("List").map(str::to_owned);
        if let (Some(nested), Value::List(items)) = (nested, std::mem::take(value.entry("items"))) {
            let kind = Some(nested.as_str()).filter(|kind| !kind.is_empty());
            for item in items {
                accept(item, kind, &self.hint, place.clone(), out);
            }
            return Accepted::Foreign;
        }
        if !matches!(value, Value::Map(_)) {
            return Accepted::Foreign;
        }
        let accepted = accept(value, kind, &self.hint, place, out);
        self.foreign += usize::from(accepted == Accepted::Foreign);
        accepted
    }

    fn place(&mut self, span: &Range<usize>) -> Place {
        let (first, last) = (self.line(span.start), self.line(span.end));
        Place { path: self.chunk.path.clone(), lines: (first, last) }
    }

    /// The line of an offset; offsets mostly grow, so each newline is counted once.
    fn line(&mut self, offset: usize) -> u32 {
        if offset < self.counted.0 {
            self.counted = (0, 0);
        }
        let between = &self.chunk.text.as_bytes()[self.counted.0..offset];
        self.counted = (offset, self.counted.1 + memchr_iter(b'\n', between).count() as u32);
        self.chunk.first_line + self.counted.1
    }

    fn problem(&mut self, offset: usize, what: &str, out: &mut Yield) {
        if out.problems.len() < PROBLEMS {
            let line = self.line(offset);
            super::problem(self.chunk, line, what.to_owned(), out);
        }
    }
}

/// What a list's metadata can say.
#[derive(Default, serde::Deserialize)]
struct Link {
    #[serde(default, rename = "selfLink")]
    link: Option<String>,
    #[serde(default, rename = "continue")]
    more: Option<String>,
}

impl Link {
    fn value(self) -> Value {
        let mut value = Value::default();
        value.set("selfLink", Value::Str(Name::from(self.link.unwrap_or_default())));
        value.set("continue", Value::Str(Name::from(self.more.unwrap_or_default())));
        value
    }
}

/// The next `{` or `[` that begins a document: what comes next, or what begins a later line.
fn next_document(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = blank(bytes, at);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => return Some(at),
            _ => {
                let line = memchr::memchr(b'\n', &bytes[at..])?;
                at = blank(bytes, at + line);
            }
        }
    }
}
