//! JSON: single objects, lists of every kind, arrays, and documents one after another.

use std::borrow::Cow;
use std::ops::Range;

use firstfault_model::{Interner, Name, Place, Value};
use memchr::memchr2_iter;

use crate::large::Large;
use crate::{Chunk, Yield};

use super::accept::{Accepted, accept};
use super::asked::{Asked, asked};
use super::json_scan::Document;
use super::json_value::parse;
use super::listing::List;
use super::source::{Held, Source, Streamed};
use super::tree::{Hint, hint};

/// How many values an object may hold: `[0,0,…` would take sixteen times its length. The largest real
/// ones, definitions of custom resources, have some 50,000.
const MOST_VALUES: usize = 500_000;
/// How many broken documents are reported before the rest is left alone.
const BROKEN: usize = 16;
/// What stands before the log of a container in a `cluster-info dump`.
const START_OF_LOG: &str = "==== START logs for container";
/// How many problems of one file are told.
const PROBLEMS: usize = 20;

/// Reads all documents of a text.
pub(crate) fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    read_from(chunk, Held(chunk.text), out);
}

/// Reads all documents of a file that is too large to hold, item by item.
pub(crate) fn read_large(large: &mut Large<'_>, out: &mut Yield) {
    let (path, command, context) = (large.path, large.command, large.context);
    let chunk = Chunk { path, first_line: 1, command, text: "", context };
    read_from(&chunk, Streamed::new(large), out);
}

fn read_from<S: Source>(chunk: &Chunk<'_>, source: S, out: &mut Yield) {
    let mut reader = Reader {
        chunk,
        source,
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

struct Reader<'a, S> {
    /// What the text is; the text itself comes from `source`.
    chunk: &'a Chunk<'a>,
    source: S,
    hint: Hint,
    asked: Option<Asked>,
    names: Interner,
    /// An offset and the newlines before it, so that lines are counted once.
    counted: (usize, u32),
    foreign: usize,
}

impl<S: Source> Reader<'_, S> {
    fn stream(&mut self, out: &mut Yield) {
        let mut broken = 0;
        let mut left = 0;
        while let Some(found) = self.source.document(left) {
            let start = found.span.start;
            self.between(left..start, out);
            left = found.span.end;
            self.take(&found, out);
            if found.truncated {
                broken += 1;
                self.problem(start, "the JSON is not closed: only what was complete was read", out);
                let Some(next) = self.source.margin_after(start) else { return };
                if broken >= BROKEN {
                    return;
                }
                left = next.max(found.items.iter().flatten().last().map_or(next, |item| item.end));
            }
        }
        self.between(left..self.source.end(), out);
    }

    /// What stands between documents: the logs of a `cluster-info dump`.
    fn between(&mut self, range: Range<usize>, out: &mut Yield) {
        if range.len() < START_OF_LOG.len() {
            return;
        }
        let first_line = self.line(range.start);
        let Some(text) = self.source.piece(range.clone()) else {
            return self.problem(range.start, "too large to hold: the text between two documents was left out", out);
        };
        if !text.contains(START_OF_LOG) {
            return;
        }
        let chunk = Chunk { first_line, command: None, text: &text, ..*self.chunk };
        let reader = crate::log_reader::FORMATS.iter().max_by_key(|format| (format.recognise)(&chunk));
        if let Some(format) = reader.filter(|format| (format.recognise)(&chunk) > 0) {
            (format.read)(&chunk, out);
        }
    }

    /// The text of one of a document's members.
    fn member(&mut self, found: &Document, name: &str) -> Option<String> {
        let (_, value) = found.members.iter().find(|(known, _)| known == name)?;
        self.source.piece(value.clone()).map(Cow::into_owned)
    }

    fn take(&mut self, found: &Document, out: &mut Yield) {
        let kind = self.member(found, "kind").unwrap_or_default().trim_matches('"').to_owned();
        let is_list = found.bare || kind.ends_with("List") || kind.is_empty();
        match &found.items {
            Some(items) if is_list => {
                let metadata = self.member(found, "metadata");
                let metadata = metadata.and_then(|text| serde_json::from_str::<Link>(&text).ok()).unwrap_or_default();
                if found.more {
                    self.problem(found.span.start, "it has more items than are held: the rest was left out", out);
                }
                let list = List::new(kind, metadata.value(), found.truncated || found.more);
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
        let Some(text) = self.source.piece(span.clone()) else {
            self.problem(span.start, &format!("too large to hold: {} MB were left out", span.len() >> 20), out);
            return Accepted::Foreign;
        };
        if memchr2_iter(b',', b'[', text.as_bytes()).nth(MOST_VALUES).is_some() {
            self.problem(span.start, &format!("more than {MOST_VALUES} values in one object: it was left out"), out);
            return Accepted::Foreign;
        }
        match parse(&text, &mut self.names) {
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
        let between = self.source.newlines(self.counted.0..offset);
        self.counted = (offset, self.counted.1 + between);
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
