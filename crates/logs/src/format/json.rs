//! What a record says that is a JSON object: read in one pass, without building it.

use super::moment::Moment;
use super::notation::{self, Orders};
use super::severity;
use crate::Level;

/// Objects and arrays within one another; deeper ones are no log records.
const DEEPEST: usize = 48;

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A string without its quotes, with its escapes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Bare(&'a str),
    /// An object or an array.
    Nested(&'a str),
}

impl<'a> Value<'a> {
    pub(super) fn raw(self) -> &'a str {
        match self {
            Self::Text(text) | Self::Bare(text) | Self::Nested(text) => text,
        }
    }
}

/// What is taken from a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record<'a> {
    pub(super) time: Option<Moment>,
    pub(super) level: Option<Level>,
    pub(super) message: Option<Value<'a>>,
    pub(super) error: Option<Value<'a>>,
    /// The line that Docker's json-file wraps.
    pub(super) wrapped: Option<&'a str>,
    /// Docker's json-file says that it was written to standard error.
    pub(super) stderr: bool,
    time_rank: u8,
    level_rank: u8,
    message_rank: u8,
    error_rank: u8,
    nanos: Option<u32>,
    is_gelf: bool,
    number: Option<i64>,
}

/// Reads a line that is one JSON object and nothing else.
pub(super) fn read(text: &str, orders: Orders) -> Option<Record<'_>> {
    let text = text.trim();
    if !(text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    let mut record = Record::default();
    let mut walk = Walk { text, bytes: text.as_bytes(), at: 0 };
    walk.object("", 1, &mut |parent, key, depth, value| record.member(parent, key, depth, value, orders))?;
    if walk.at != text.len() {
        return None;
    }
    if let (Some(Moment::Instant(seconds, 0)), Some(nanos)) = (record.time, record.nanos) {
        record.time = Some(Moment::Instant(seconds, nanos));
    }
    if record.level.is_none()
        && let (true, Some(number)) = (record.is_gelf, record.number)
    {
        record.level = Some(severity::syslog(number));
    }
    Some(record)
}

/// The key, the value and their rank as a time of `"key": "value",`, a line of a pretty-printed object.
pub(super) fn time_of_member(line: &str, parent: &str, orders: Orders) -> Option<(u8, Moment)> {
    let (key, value) = member(line)?;
    let rank = time_rank(parent, key, 1)?;
    Some((rank, moment(value, orders)?))
}

/// The level of a line of a pretty-printed object.
pub(super) fn level_of_member(line: &str) -> Option<Level> {
    let (key, value) = member(line)?;
    level_rank("", key)?;
    match value {
        Value::Text(text) => severity::word(text),
        Value::Bare(_) | Value::Nested(_) => None,
    }
}

/// `"key": value` of a line.
pub(super) fn member(line: &str) -> Option<(&str, Value<'_>)> {
    let mut walk = Walk { text: line, bytes: line.as_bytes(), at: 0 };
    while matches!(walk.peek(), b' ' | b'\t' | b'{' | b',') {
        walk.at += 1;
    }
    let key = walk.string()?;
    walk.blanks();
    if walk.peek() != b':' {
        return None;
    }
    walk.at += 1;
    walk.blanks();
    match walk.peek() {
        b'"' => Some((key, Value::Text(walk.string()?))),
        b'{' | b'[' => Some((key, Value::Nested(&line[walk.at..]))),
        _ => {
            let from = walk.at;
            while !matches!(walk.peek(), b',' | b'}' | b' ' | 0) {
                walk.at += 1;
            }
            Some((key, Value::Bare(line.get(from..walk.at)?)))
        }
    }
}

impl<'a> Record<'a> {
    fn member(&mut self, parent: &str, key: &'a str, depth: usize, value: Value<'a>, orders: Orders) {
        if let Some(rank) = time_rank(parent, key, depth)
            && (self.time.is_none() || rank < self.time_rank)
            && let Some(moment) = moment(value, orders)
        {
            self.time = Some(moment);
            self.time_rank = rank;
        }
        if matches!(key, "nanoOfSecond" | "nanos")
            && let Value::Bare(number) = value
        {
            self.nanos = number.parse().ok().filter(|n| *n < 1_000_000_000);
        }
        // OTLP keeps its records deep inside resources and scopes.
        if depth > 4 && !matches!(parent, "logRecords" | "body") {
            return;
        }
        if let Some(rank) = level_rank(parent, key)
            && (self.level.is_none() || rank < self.level_rank)
        {
            let level = match value {
                Value::Text(text) => {
                    severity::word(text).or_else(|| severity::number(key.as_bytes(), text.parse().ok()?))
                }
                Value::Bare(number) => number.parse().ok().and_then(|n: i64| {
                    if (0..8).contains(&n) && key == "level" {
                        // Syslog's numbers where it is GELF; others count from 0 upwards.
                        self.number = Some(n);
                        return None;
                    }
                    severity::number(key.as_bytes(), n)
                }),
                Value::Nested(_) => None,
            };
            if let Some(level) = level {
                self.level = Some(level);
                self.level_rank = rank;
            }
        }
        self.is_gelf |= key == "short_message";
        if depth == 1
            && key == "log"
            && let Value::Text(text) = value
        {
            self.wrapped = Some(text);
        }
        self.stderr |= depth == 1 && key == "stream" && value == Value::Text("stderr");
        let inside =
            matches!(parent, "fields" | "jsonPayload" | "body" | "payload" | "data" | "attributes" | "protoPayload");
        if depth > 1 && !inside && !(parent == "error" && key == "message") {
            return;
        }
        const MESSAGES: &[&str] = &[
            "msg",
            "message",
            "@m",
            "@mt",
            "@message",
            "event",
            "textPayload",
            "MESSAGE",
            "short_message",
            "stringValue",
            "body",
        ];
        const ERRORS: &[&str] = &["error", "err", "exception", "error.message", "stack_trace", "stack", "@x"];
        // An object in place of a message holds it, mostly.
        let add = u8::from(depth > 1) * 20 + u8::from(matches!(value, Value::Nested(_))) * 40;
        if let Some(rank) = rank(MESSAGES, key).map(|r| r + add)
            && parent != "error"
            && (self.message.is_none() || rank < self.message_rank)
        {
            self.message = Some(value);
            self.message_rank = rank;
        }
        if depth == 1
            && let Some(rank) = rank(ERRORS, key)
            && (self.error.is_none() || rank < self.error_rank)
        {
            self.error = Some(value);
            self.error_rank = rank;
        }
    }
}

fn rank(keys: &[&str], key: &str) -> Option<u8> {
    keys.iter().position(|k| *k == key).and_then(|i| u8::try_from(i).ok())
}

/// How sure it is that a key holds the record's time: 0 the most.
fn time_rank(parent: &str, key: &str, depth: usize) -> Option<u8> {
    const KEYS: &[&str] = &[
        "@timestamp",
        "timestamp",
        "time",
        "ts",
        "@t",
        "t",
        "datetime",
        "asctime",
        "__REALTIME_TIMESTAMP",
        "_time",
        "eventTime",
        "requestReceivedTimestamp",
        "timeUnixNano",
        "timeMillis",
        "epochSecond",
        "$date",
        "seconds",
        "date",
        "start_time",
        "startTime",
        "StartUTC",
        "EdgeStartTimestamp",
        "time_local",
        "time_iso8601",
        "lastTimestamp",
        "stageTimestamp",
        "observedTimeUnixNano",
        "receiveTimestamp",
        "created",
        "createdAt",
        "created_at",
        "creationTimestamp",
    ];
    let known = match key {
        // Only within what is named as a time.
        "$date" | "epochSecond" | "seconds" => (parent == "instant" || KEYS.contains(&parent)).then_some(0),
        "t" | "created" if depth > 1 => None,
        _ => KEYS.iter().position(|k| k.eq_ignore_ascii_case(key)),
    };
    let fuzzy = || {
        let bytes = key.as_bytes();
        let ends = |end: &str| {
            bytes.len() >= end.len() && bytes[bytes.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
        };
        (depth <= 2 && (ends("timestamp") || ends("time") || ends("date") || ends("_at") || ends("_ts"))).then_some(40)
    };
    let rank = u8::try_from(known.or_else(fuzzy)?).ok()?;
    Some(rank.saturating_add(u8::try_from(depth.saturating_sub(1) * 8).unwrap_or(u8::MAX)))
}

fn level_rank(parent: &str, key: &str) -> Option<u8> {
    const KEYS: &[&str] = &[
        "level",
        "severity",
        "lvl",
        "log.level",
        "levelname",
        "@l",
        "@level",
        "s",
        "severityText",
        "SeverityText",
        "severityNumber",
        "loglevel",
        "log_level",
        "LogLevel",
        "PRIORITY",
        "error_severity",
    ];
    let inside = matches!(parent, "" | "log" | "jsonPayload" | "logRecords" | "data" | "attributes");
    rank(KEYS, key).filter(|_| inside)
}

fn moment(value: Value<'_>, orders: Orders) -> Option<Moment> {
    match value {
        Value::Nested(_) => None,
        Value::Bare(text) | Value::Text(text) => {
            let bytes = text.as_bytes();
            let from = bytes.iter().take_while(|b| matches!(b, b'[' | b' ')).count();
            if let Some(found) = notation::read(bytes, from, orders)
                && !matches!(found.moment, Moment::Clock(_))
            {
                return Some(found.moment);
            }
            // `1.7615e+09`.
            if matches!(value, Value::Bare(_)) && bytes.iter().any(|b| matches!(b, b'e' | b'E')) {
                let seconds: f64 = text.parse().ok()?;
                let known = (1e9..2.1e9).contains(&seconds);
                return known.then_some(Moment::Instant(seconds as i64, (seconds.fract() * 1e9) as u32));
            }
            None
        }
    }
}

/// Steps over JSON text.
struct Walk<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// An object whose `{` is next; each member of it and of what is inside is shown with the key that it is under.
    fn object(
        &mut self,
        parent: &str,
        depth: usize,
        visit: &mut dyn FnMut(&str, &'a str, usize, Value<'a>),
    ) -> Option<()> {
        self.at += 1;
        self.blanks();
        if self.peek() == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blanks();
            let key = self.string()?;
            self.blanks();
            if self.peek() != b':' {
                return None;
            }
            self.at += 1;
            let value = self.value(key, depth, visit)?;
            visit(parent, key, depth, value);
            self.blanks();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn value(
        &mut self,
        key: &str,
        depth: usize,
        visit: &mut dyn FnMut(&str, &'a str, usize, Value<'a>),
    ) -> Option<Value<'a>> {
        self.blanks();
        let from = self.at;
        match self.peek() {
            b'"' => self.string().map(Value::Text),
            b'{' if depth < DEEPEST => {
                self.object(key, depth + 1, visit)?;
                Some(Value::Nested(&self.text[from..self.at]))
            }
            b'[' if depth < DEEPEST => {
                self.at += 1;
                self.blanks();
                if self.peek() == b']' {
                    self.at += 1;
                    return Some(Value::Nested(&self.text[from..self.at]));
                }
                loop {
                    self.value(key, depth + 1, visit)?;
                    self.blanks();
                    match self.peek() {
                        b',' => self.at += 1,
                        b']' => {
                            self.at += 1;
                            return Some(Value::Nested(&self.text[from..self.at]));
                        }
                        _ => return None,
                    }
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I' => {
                while self.peek().is_ascii_alphanumeric() || matches!(self.peek(), b'-' | b'+' | b'.') {
                    self.at += 1;
                }
                Some(Value::Bare(&self.text[from..self.at]))
            }
            _ => None,
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        if self.peek() != b'"' {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            let found = memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)? + at;
            if self.bytes[found] == b'"' {
                self.at = found + 1;
                return Some(&self.text[from..found]);
            }
            at = found + 2;
        }
    }
}

/// Appends a string's text, its escapes resolved.
pub(super) fn unescape(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some(kind) = after.chars().next() else { return };
        rest = &after[kind.len_utf8()..];
        match kind {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' | 'f' => out.push(' '),
            'u' => {
                let code = |text: &str| text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let Some(first) = code(rest) else { continue };
                rest = &rest[4..];
                let second = rest.strip_prefix("\\u").and_then(code).filter(|s| (0xdc00..0xe000).contains(s));
                let whole = match second {
                    Some(second) if (0xd800..0xdc00).contains(&first) => {
                        rest = &rest[6..];
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => first,
                };
                out.push(char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests;
