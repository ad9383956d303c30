//! YAML text into the model's `Value`, with the lines on which each item of a list stands.

use std::collections::BTreeMap;

use firstfault_model::{Interner, Map, Name, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::json_value::{Keep, keep};

/// Nesting beyond this is an error.
const DEPTH: usize = 128;
/// How many values the aliases of a document may copy.
const COPIES: usize = 100_000;

/// What was read of one document.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The value; of a broken document only a list's complete items are left.
    pub(crate) value: Value,
    /// First and last line of each element of the outermost list or of `items`.
    pub(crate) items: Vec<(u32, u32)>,
    /// First and last line of all.
    pub(crate) lines: (u32, u32),
    /// What is wrong with it, and on which line.
    pub(crate) problem: Option<(String, u32)>,
}

/// Splits a stream at its `---` lines: the first line's number, counted from 0, and the text.
pub(crate) fn documents(text: &str) -> Vec<(u32, &str)> {
    let mut found = Vec::new();
    let (mut start, mut first, mut at, mut line) = (0, 0, 0, 0);
    for row in text.split_inclusive('\n') {
        let marker =
            row.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
        if marker {
            found.push((first, &text[start..at]));
            (start, first) = (at, line);
        }
        at += row.len();
        line += 1;
    }
    found.push((first, &text[start..]));
    found.retain(|(_, text)| has_content(text));
    found
}

/// Whether a document holds more than comments and its markers.
fn has_content(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.strip_prefix("---").unwrap_or(line).trim();
        !line.is_empty() && !line.starts_with('#') && line != "..."
    })
}

/// Reads one document whose first line is `first_line`. Of one that breaks off within its last
/// line, the lines before it are read.
pub(crate) fn read(text: &str, first_line: u32, names: &mut Interner) -> Document {
    let whole = read_once(text, first_line, names);
    let lost = whole.problem.is_some() && whole.value.is_null();
    let Some(cut) = text.trim_end().rfind('\n').filter(|_| lost) else { return whole };
    let earlier = read_once(&text[..cut], first_line, names);
    match earlier.problem {
        Some(_) => whole,
        None => Document { problem: whole.problem, ..earlier },
    }
}

fn read_once(text: &str, first_line: u32, names: &mut Interner) -> Document {
    let mut build =
        Builder { names, frames: Vec::new(), anchors: BTreeMap::new(), copied: 0, items: Vec::new(), root: None };
    let mut last = 1;
    let mut problem = None;
    for event in Parser::new_from_str(text) {
        let stepped = match event {
            Ok((event, span)) => {
                last = last.max(last_line(&span));
                build.step(event, &span)
            }
            Err(error) => {
                last = last.max(error.marker().line() as u32);
                Err(format!("not valid YAML: {}", error.info()))
            }
        };
        if let Err(what) = stepped {
            problem = Some((if text.contains("{{") { TEMPLATE.to_owned() } else { what }, last + first_line - 1));
            break;
        }
    }
    let shift = |line: u32| (line + first_line).saturating_sub(1);
    let value = if problem.is_some() { build.rescue() } else { build.root.take().unwrap_or_default() };
    let rows = text.trim_end().lines().count().max(1) as u32;
    Document {
        value,
        items: build.items.iter().map(|(from, to)| (shift(*from), shift(*to))).collect(),
        lines: (first_line + u32::from(text.starts_with("---\n")), shift(rows)),
        problem,
    }
}

/// What is said of a document that only a renderer can read.
const TEMPLATE: &str = "a template (`{{ … }}`) that has to be rendered before it is YAML";

/// The last line of an event; its end may be the start of the next line. A block's end has no
/// extent: it stands where the next thing begins.
fn last_line(span: &Span) -> u32 {
    let (start, end) = (span.start.line() as u32, span.end.line() as u32);
    match span.end.index() == span.start.index() {
        true => 0,
        false if span.end.col() == 0 && end > start => end - 1,
        false => end,
    }
}

/// A mapping or sequence that is being read.
struct Frame {
    made: Made,
    anchor: usize,
    /// The key under which it will stand is left out.
    dropped: bool,
    /// How many values it holds, for the price of copying it.
    size: usize,
}

enum Made {
    List(Vec<Value>),
    Map(Vec<(Name, Value)>, Option<Name>),
}

struct Builder<'i> {
    names: &'i mut Interner,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, (Value, usize)>,
    copied: usize,
    items: Vec<(u32, u32)>,
    root: Option<Value>,
}

impl Builder<'_> {
    fn step(&mut self, event: Event<'_>, span: &Span) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let textual = tag.as_ref().is_some_and(|tag| matches!(tag.suffix.as_str(), "str" | "binary"));
                self.starts(span);
                let value = match (self.awaits_key(), style) {
                    (false, ScalarStyle::Plain) if !textual => plain(&text, self.names),
                    _ => Value::Str(self.names.name(&text)),
                };
                self.remember(anchor, &value, 1);
                self.add(value, 1, span)
            }
            Event::Alias(anchor) => {
                self.starts(span);
                let (value, size) = self.anchors.get(&anchor).cloned().unwrap_or_default();
                self.copied += size;
                if self.copied > COPIES {
                    return Err("its aliases copy too much".to_owned());
                }
                self.add(value, size, span)
            }
            Event::SequenceStart(anchor, _) => self.open(Made::List(Vec::new()), anchor, span),
            Event::MappingStart(anchor, _) => self.open(Made::Map(Vec::new(), None), anchor, span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn open(&mut self, made: Made, anchor: usize, span: &Span) -> Result<(), String> {
        if self.frames.len() >= DEPTH {
            return Err(format!("nested deeper than {DEPTH} levels"));
        }
        if self.awaits_key() {
            return Err("a mapping's key is not a text".to_owned());
        }
        self.starts(span);
        let dropped = self.frames.last().is_some_and(|frame| {
            frame.dropped || matches!(&frame.made, Made::Map(_, Some(key)) if keep(key) == Keep::Not)
        });
        self.frames.push(Frame { made, anchor, dropped, size: 1 });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), String> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let value = match frame.made {
            Made::List(list) => Value::List(list),
            Made::Map(pairs, _) => Value::Map(Map(pairs)),
        };
        self.remember(frame.anchor, &value, frame.size);
        self.add(value, frame.size, span)
    }

    fn remember(&mut self, anchor: usize, value: &Value, size: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { made: Made::Map(_, None), .. }))
    }

    /// Whether the value that comes next is an element of the outermost list or of `items`.
    fn in_items(&self) -> bool {
        match &self.frames[..] {
            [Frame { made: Made::List(_), .. }] => true,
            [Frame { made: Made::Map(_, Some(key)), .. }, Frame { made: Made::List(_), .. }] => key == "items",
            _ => false,
        }
    }

    /// Whether what ends now belongs to such an element.
    fn inside_items(&self) -> bool {
        match &self.frames[..] {
            [Frame { made: Made::List(_), .. }, ..] => true,
            [Frame { made: Made::Map(_, Some(key)), .. }, _, ..] => key == "items",
            _ => false,
        }
    }

    fn starts(&mut self, span: &Span) {
        if self.in_items() {
            let line = span.start.line() as u32;
            self.items.push((line, line));
        }
    }

    fn add(&mut self, value: Value, size: usize, span: &Span) -> Result<(), String> {
        if self.inside_items()
            && let Some(item) = self.items.last_mut()
        {
            item.1 = item.1.max(last_line(span));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        frame.size += size;
        match &mut frame.made {
            Made::List(list) if !frame.dropped => list.push(value),
            Made::List(_) => {}
            Made::Map(pairs, key) => match (key.take(), value) {
                (Some(key), value) => {
                    if !frame.dropped && keep(&key) != Keep::Not {
                        merge_or_push(pairs, key, value);
                    }
                }
                (None, Value::Str(text)) => *key = Some(text),
                (None, _) => return Err("a mapping's key is not a text".to_owned()),
            },
        }
        Ok(())
    }

    /// Of a broken document: a list whose complete items can still be used.
    fn rescue(&mut self) -> Value {
        let mut frames = std::mem::take(&mut self.frames).into_iter();
        let (first, second) = (frames.next(), frames.next());
        let rescued = match (first.map(|f| f.made), second.map(|f| f.made)) {
            (Some(Made::List(list)), _) => Value::List(list),
            (Some(Made::Map(mut pairs, Some(key))), Some(Made::List(list))) if key == "items" => {
                pairs.push((key, Value::List(list)));
                Value::Map(Map(pairs))
            }
            (Some(Made::Map(pairs, _)), _) if pairs.iter().any(|(key, _)| key == "items") => Value::Map(Map(pairs)),
            _ => Value::Null,
        };
        let complete = rescued.get("items").list().len().max(rescued.list().len());
        self.items.truncate(complete);
        rescued
    }
}

/// Adds a pair; `<<: *defaults` adds the pairs that are not there.
fn merge_or_push(pairs: &mut Vec<(Name, Value)>, key: Name, value: Value) {
    match value {
        Value::Map(map) if key == "<<" => {
            for (key, value) in map.0 {
                if !pairs.iter().any(|(known, _)| *known == key) {
                    pairs.push((key, value));
                }
            }
        }
        value => pairs.push((key, value)),
    }
}

/// The type of a plain scalar, as Kubernetes' own YAML library sees it.
fn plain(text: &str, names: &mut Interner) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        let octal = text.strip_prefix("0o").or_else(|| text.strip_prefix('0').filter(|rest| !rest.is_empty()));
        let whole = octal
            .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| i64::from_str_radix(digits, 8).ok())
            .or_else(|| text.strip_prefix("0x").and_then(|digits| i64::from_str_radix(digits, 16).ok()))
            .or_else(|| text.parse().ok());
        if let Some(number) = whole {
            return Value::Int(number);
        }
        let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        if let Some(number) = text.parse::<f64>().ok().filter(|number| numeric && number.is_finite()) {
            return Value::Float(number);
        }
    }
    Value::Str(names.name(text))
}
