//! Lines of one stream, one after another: what each says, and whether it begins a record.

use std::hash::Hasher as _;

use firstfault_model::Assume;
use jiff::Timestamp;

use self::modes::Mode;
use super::batch::each;
use super::carrier::{self, Carried, Prefix};
use super::directive::{self, Columns, Directive};
use super::moment::Assumed;
use super::notation::Notation;
use super::place::Places;
use super::{json, logfmt, look, severity};
use crate::Level;

/// What a line says besides its text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Line<'a> {
    pub(crate) time: Option<Timestamp>,
    pub(crate) level: Option<Level>,
    /// The text without time and what comes before it.
    pub(crate) message: &'a str,
    /// The whole line, without what a container runtime put before it.
    pub(crate) shown: &'a str,
    /// It begins a record, going by its time or its format.
    pub(crate) begins: bool,
    /// It cannot begin a record, going by its look: indented, or part of a stack trace.
    pub(crate) continues: bool,
    /// It belongs to no record: blank, or a heading.
    pub(crate) nothing: bool,
    /// It is a whole JSON object.
    pub(crate) json: bool,
    /// It goes on where its source's line before was cut, without a line feed between.
    pub(crate) glued: bool,
    /// Whose line it is, where those of several stand in one file: lines belong to records of their own source.
    pub(crate) source: u64,
    /// What names its writer before the line itself, see [`carrier::write_writer`]; mostly nothing.
    pub(crate) writer: &'a str,
}

/// Reads the lines of one stream.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    /// The line without escape codes.
    plain: String,
    /// The line that a JSON record wraps.
    inner: String,
    /// The message of a JSON record.
    message: String,
    roles: json::Roles,
}

#[derive(Debug)]
struct State {
    assumed: Assumed,
    format: &'static str,
    places: Places,
    mode: Mode,
    prefix: Prefix,
    timed: Timed,
    /// The file has headings that begin with `#`.
    headed: bool,
    columns: Columns,
    /// The line that names the columns, if the first one does.
    heading: Option<String>,
    /// A cut line of standard output, of standard error, waits for its rest.
    partial: [bool; 2],
    /// Only times and records are asked for.
    only_times: bool,
}

/// Of which sources some lines have a time: those without one belong to the record before.
#[derive(Debug, Default)]
struct Timed(Vec<u64>);

/// Lines that are learned from.
const MOST_LEARNED: usize = 200;
/// Bytes of each.
const LONGEST_LEARNED: usize = 16 << 10;

/// Sources that are told apart; more are taken for one.
const MOST_SOURCES: usize = 64;

impl Timed {
    fn has(&self, source: u64) -> bool {
        self.0.contains(&source)
    }

    fn add(&mut self, source: u64) {
        if self.0.last() != Some(&source) && !self.has(source) && self.0.len() < MOST_SOURCES {
            self.0.push(source);
        }
    }
}

impl Reader {
    pub(crate) fn new(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let state = State {
            assumed: Assumed::new(assume, modified),
            format: "text",
            places: Places::default(),
            mode: Mode::Lines,
            prefix: Prefix::default(),
            timed: Timed::default(),
            headed: false,
            columns: Columns::default(),
            heading: None,
            partial: [false; 2],
            only_times: false,
        };
        Self {
            state,
            plain: String::new(),
            inner: String::new(),
            message: String::new(),
            roles: json::Roles::default(),
        }
    }

    /// A reader that need not look for levels and messages within lines of text.
    pub(crate) fn of_times(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let mut reader = Self::new(assume, modified);
        reader.state.only_times = true;
        reader
    }

    /// Learns from the first lines of the stream where they keep the time, and how they make records.
    pub(crate) fn learn<'a>(&mut self, head: impl Iterator<Item = &'a str>) {
        let mut lines: Vec<String> = Vec::new();
        for line in head {
            let mut plain = String::new();
            each(without_escapes(line, &mut plain).trim_end(), &mut |text| {
                if lines.len() < MOST_LEARNED {
                    lines.push(text[..text.floor_char_boundary(LONGEST_LEARNED)].to_owned());
                }
            });
        }
        let state = &mut self.state;
        state.format = super::name::of(&lines);
        let full = lines.iter().filter(|l| !l.is_empty());
        state.prefix = Prefix::learn(full.clone().map(String::as_str));
        let texts: Vec<Carried<'_>> = full.map(|l| carrier::strip(l, state.prefix)).collect();
        state.mode = Mode::learn(&lines, texts.iter().map(|c| c.text));
        if !state.mode.has_lines() {
            return;
        }
        let bare = texts.iter().filter(|c| c.time.is_none() && directive::read(c.text).is_none());
        let bare = bare.map(|c| c.shown).filter(|t| !t.starts_with('{'));
        state.places = Places::learn(bare.clone(), state.assumed.newest());
        let mut bare = bare;
        if let (Some(first), Some(second)) = (bare.next(), bare.next())
            && state.places.find(first.as_bytes()).is_none()
            && directive::is_heading(first, second)
        {
            state.heading = Some(first.to_owned());
        }
        let rare = state.places.rare;
        let dated = |places: &mut Places, text: &str| places.find(text.as_bytes()).is_some_and(|s| !rare || s.leads());
        for carried in &texts {
            if carried.time.is_some() || dated(&mut state.places, carried.shown) {
                state.timed.add(source(carried, false));
            }
        }
    }

    /// How the stream is written, in a word or two.
    pub(crate) fn format(&self) -> &'static str {
        self.state.format
    }

    /// Reads the next line, without its line feed.
    pub(crate) fn read<'a>(&'a mut self, raw: &'a str) -> Line<'a> {
        let Self { state, plain, inner, message, roles } = self;
        let text = without_escapes(raw, plain).trim_end();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(line) = state.mode_line(text) {
            return line;
        }
        let carried = carrier::strip(text, state.prefix);
        let stream = usize::from(carried.stderr);
        let goes_on = carried.runtime && state.partial[stream];
        if carried.runtime {
            state.partial[stream] = carried.partial;
        }
        let mut of = source(&carried, carried.stderr);
        let time = carried.time.and_then(|m| state.assumed.resolve(m));
        if time.is_some() {
            state.timed.add(of);
        }
        let mut line = match json::read(carried.text, state.places.orders, roles) {
            Some(record) => match record.wrapped {
                Some(wrapped) => {
                    let outer = time.or_else(|| record.time.and_then(|m| state.assumed.resolve(m)));
                    inner.clear();
                    json::unescape(wrapped, inner);
                    of = source(&carried, record.stderr);
                    let stream = usize::from(record.stderr);
                    let goes_on = state.partial[stream];
                    state.partial[stream] = !inner.ends_with('\n');
                    let own = inner.trim_end();
                    let mut line = match json::read(own, state.places.orders, roles) {
                        Some(record) => state.json(&record, own, message),
                        None => state.text(own, outer.is_some(), of),
                    };
                    line.time = outer.or(line.time);
                    line.shown = own;
                    line.json = true;
                    line.begins = !goes_on && (outer.is_some() || line.begins) && !look::is_frame(own);
                    line.continues |= goes_on;
                    line.glued = goes_on;
                    line.nothing = own.is_empty() && outer.is_none();
                    line.source = of;
                    line.writer = carried.source;
                    return line;
                }
                None => {
                    let mut line = state.json(&record, carried.text, message);
                    line.shown = carried.shown;
                    line
                }
            },
            None => state.text(carried.text, time.is_some(), of),
        };
        if time.is_some() {
            line.time = time;
            line.begins = !look::is_frame(carried.text);
            line.shown = carried.shown;
            line.nothing = false;
        }
        if goes_on {
            line.begins = false;
            line.continues = true;
            line.glued = true;
        }
        if of != 0 {
            line.source = of;
        }
        if !carried.source.is_empty() {
            line.writer = carried.source;
        }
        line
    }
}

/// One number for a container's or job's name and its stream; 0 where there is only one.
fn source(carried: &Carried<'_>, stderr: bool) -> u64 {
    if carried.source.is_empty() { u64::from(stderr) } else { hash(carried.source, stderr) }
}

fn hash(name: &str, stderr: bool) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(name.as_bytes());
    hasher.write_u8(u8::from(stderr));
    hasher.finish()
}

impl State {
    fn json<'a>(&mut self, record: &json::Record<'a>, text: &'a str, message: &'a mut String) -> Line<'a> {
        let time = record.time.and_then(|m| self.assumed.resolve(m));
        let simple = |value: json::Value<'a>| match value {
            json::Value::Text(text) if !text.contains('\\') => Some(text),
            json::Value::Nested(text) | json::Value::Bare(text) => Some(text),
            json::Value::Text(_) => None,
        };
        // The trace says what the error says, and more; an object around both would hide its lines.
        let error = match record.stack {
            Some(stack) => Some(json::Value::Text(stack)),
            None => record.error,
        };
        let shown = match (record.message, error) {
            (None, None) => text,
            (Some(value), None) | (None, Some(value)) if simple(value).is_some() => simple(value).unwrap_or(text),
            (first, second) => {
                message.clear();
                for value in [first, second].into_iter().flatten() {
                    if !message.is_empty() {
                        // A trace of Go begins with its first frame.
                        message.push_str(if value.raw().contains(".go:") { "\n" } else { ": " });
                    }
                    match value {
                        json::Value::Text(text) => json::unescape(text, message),
                        other => message.push_str(other.raw()),
                    }
                }
                message.as_str()
            }
        };
        Line { time, level: record.level, message: shown, shown: text, begins: true, json: true, ..Line::default() }
    }

    fn text<'a>(&mut self, text: &'a str, inside: bool, source: u64) -> Line<'a> {
        let mut line = Line { message: text, shown: text, ..Line::default() };
        if text.trim_start().is_empty() {
            line.nothing = true;
            line.continues = true;
            return line;
        }
        if !inside && let Some(nothing) = self.heading(text) {
            line.nothing = nothing;
            return line;
        }
        line.continues = look::continues(text);
        // Where a time was found before the text, one within it says nothing more.
        let sighting = if inside && !line.continues {
            self.places.find_at_start(text.as_bytes())
        } else {
            self.places.find(text.as_bytes())
        };
        let moment = match sighting {
            Some(s) => Some(s.found.moment),
            None if self.columns.apart() => self.columns.time(text),
            None => None,
        };
        let begins = moment.is_some() && !(self.places.rare && sighting.is_some_and(|s| !s.leads()));
        if begins {
            self.timed.add(source);
        }
        line.time = moment.and_then(|m| self.assumed.resolve(m));
        line.begins = begins || !line.continues && !self.timed.has(source);
        if let Some(sighting) = sighting {
            // A line that begins with its time goes on with what is read; else all of it is.
            if sighting.at_start(text.as_bytes()) {
                let header;
                (header, line.message) = after_time(text, sighting.found.end, sighting.found.notation);
                line.continues = line.message.is_empty();
                if !header.is_empty() {
                    // Syslog gives a time to each line of a stack trace, and those of several programs come in between.
                    line.source = hash(header, false);
                    line.writer = header;
                    if look::is_frame(line.message) {
                        line.begins = false;
                        line.continues = true;
                    }
                }
            } else {
                line.continues = false;
            }
        }
        if !line.continues && !self.only_times {
            line.level = severity::of_text(line.message).or_else(|| priority(text)).or_else(|| severity::redis(text));
            if logfmt::has_message_only(line.message) {
                line.message = logfmt::value(line.message, &["msg", "message"]).unwrap_or(line.message);
            }
        }
        line
    }

    /// Whether a line is a heading, and so no record; `None` for others.
    fn heading(&mut self, text: &str) -> Option<bool> {
        if self.heading.as_deref() == Some(text) {
            self.heading = None;
            return Some(true);
        }
        if !text.starts_with('#') {
            return None;
        }
        match directive::read(text) {
            Some(directive) => {
                self.headed = true;
                match directive {
                    Directive::Date(moment) => self.assumed.set_date(moment),
                    Directive::Fields(columns) => self.columns = columns,
                    Directive::Other => {}
                }
                Some(true)
            }
            None => self.headed.then_some(true),
        }
    }
}

/// What follows a line's time: for syslog the host and the unit, and what they say.
fn after_time(text: &str, end: usize, notation: Notation) -> (&str, &str) {
    if matches!(notation, Notation::Klog | Notation::Glog) {
        return ("", text);
    }
    let rest = text.get(end..).unwrap_or("");
    if notation != Notation::MonthDay || !rest.starts_with(' ') || rest.starts_with(" [") {
        return ("", rest.trim_start_matches([']', ')', '|', ' ', '\t', '-']));
    }
    let header = rest.trim_start();
    let rest = header.split_once(' ').map_or(header, |(_, rest)| rest);
    // `kubelet[12]: `: the unit is known from the file or the command.
    let said = rest.split_once(": ").filter(|(unit, _)| unit.ends_with(']') && !unit.contains(' '));
    said.map_or(("", rest), |(_, said)| (&header[..header.len() - said.len()], said))
}

/// The level of `<34>` at the start of a syslog line.
fn priority(text: &str) -> Option<Level> {
    let (number, _) = text.strip_prefix('<')?.split_once('>')?;
    let number: i64 = number.parse().ok().filter(|n| (0..192).contains(n))?;
    Some(severity::syslog(number % 8))
}

/// The line without escape codes; it is copied only where it has some.
fn without_escapes<'a>(raw: &'a str, plain: &'a mut String) -> &'a str {
    let Some(first) = memchr::memchr(0x1b, raw.as_bytes()) else { return raw };
    plain.clear();
    plain.push_str(&raw[..first]);
    let mut chars = raw[first..].chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            Some(']') => while chars.next().is_some_and(|c| c != '\x07' && c != '\x1b') {},
            _ => {}
        }
    }
    plain
}

mod modes;
#[cfg(test)]
mod tests;
