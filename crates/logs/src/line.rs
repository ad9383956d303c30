//! One line of any common format: its time, its level and its message.

use std::borrow::Cow;

use firstfault_model::Assume;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::Level;
use crate::level::{level_in, level_word};

/// What a line says besides its text.
#[derive(Debug, PartialEq)]
pub(crate) struct Line<'a> {
    pub(crate) time: Option<Timestamp>,
    pub(crate) level: Option<Level>,
    pub(crate) message: Cow<'a, str>,
    /// It cannot begin a record: indented, or part of a stack trace.
    pub(crate) continues: bool,
}

/// Parses lines; knows how to read times without a zone or a year.
#[derive(Debug)]
pub(crate) struct Parser {
    zone: TimeZone,
    year: i16,
}

impl Parser {
    pub(crate) fn new(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let zone = assume.timezone.as_deref().and_then(zone).unwrap_or(TimeZone::UTC);
        let year = assume.year.or_else(|| modified.map(|t| zone.to_datetime(t).year())).unwrap_or(1970);
        Self { zone, year }
    }

    pub(crate) fn parse<'a>(&self, raw: &'a str) -> Line<'a> {
        let (outer, text) = self.strip_carrier(raw);
        if let Some(json) = json(text) {
            return self.in_json(&json, outer, text);
        }
        let continues = is_continuation(text);
        let (time, rest) = self.leading_time(text).map_or((None, text), |(t, rest)| (Some(t), rest));
        let level = if continues { None } else { level_in(rest) };
        let message = if rest.contains("msg=") {
            logfmt(rest, &["msg", "message"]).map_or(Cow::Borrowed(rest), Cow::Owned)
        } else {
            Cow::Borrowed(rest)
        };
        let message = if rest.contains("error=") || rest.contains("err=") { Cow::Borrowed(rest) } else { message };
        let inner = time.or_else(|| logfmt(rest, &["time", "ts"]).and_then(|t| self.time(&t)));
        Line { time: inner.or(outer), level, message, continues }
    }

    /// What tells whether a line begins a record: its time, its text without a carrier, and whether it is a whole
    /// JSON object.
    pub(crate) fn begins<'a>(&self, raw: &'a str) -> (Option<Timestamp>, Cow<'a, str>, bool) {
        let (outer, stripped) = self.strip_carrier(raw);
        // A time alone before the line is part of it; what a container runtime writes is not.
        let carrier = raw.strip_suffix(stripped).unwrap_or_default();
        let text = if carrier.ends_with(" F ") || carrier.ends_with(" P ") { stripped } else { raw.trim_end() };
        if let Some(json) = json(text) {
            let payload = match json.get("log").and_then(|v| v.as_str()) {
                Some(inner) => Cow::Owned(inner.trim_end().to_owned()),
                None => Cow::Borrowed(text),
            };
            return (self.in_json(&json, outer, text).time, payload, true);
        }
        let time = if text.starts_with([' ', '\t']) { None } else { self.leading_time(text).map(|(t, _)| t) };
        (time.or(outer), Cow::Borrowed(text), false)
    }

    /// Takes off what a container runtime, kubectl or Compose put before the line.
    fn strip_carrier<'a>(&self, raw: &'a str) -> (Option<Timestamp>, &'a str) {
        let mut text = raw.trim_end();
        if let Some(rest) = text.strip_prefix("[pod/").and_then(|r| r.split_once("] ")) {
            text = rest.1;
        }
        let Some((first, rest)) = text.split_once(' ') else { return (None, text) };
        if first.len() < 20 || !first.as_bytes()[0].is_ascii_digit() || !first.contains('T') {
            return (None, text);
        }
        let Ok(time) = first.parse::<Timestamp>() else { return (None, text) };
        let rest = ["stdout F ", "stderr F ", "stdout P ", "stderr P "]
            .iter()
            .find_map(|p| rest.strip_prefix(p))
            .unwrap_or(rest);
        (Some(time), rest)
    }

    fn in_json<'a>(
        &self,
        json: &serde_json::Map<String, serde_json::Value>,
        outer: Option<Timestamp>,
        text: &'a str,
    ) -> Line<'a> {
        let get = |keys: &[&str]| keys.iter().find_map(|k| json.get(*k));
        // Docker's json-file wraps the line itself.
        if let Some(inner) = json.get("log").and_then(|v| v.as_str()) {
            let time = get(&["time"]).and_then(|t| t.as_str()).and_then(|t| t.parse().ok());
            let line = self.parse(inner.trim_end());
            return Line {
                time: line.time.or(time).or(outer),
                level: line.level,
                message: Cow::Owned(line.message.into_owned()),
                continues: line.continues,
            };
        }
        let time = get(&["time", "ts", "@timestamp", "timestamp", "t", "asctime", "@t"]).and_then(|v| match v {
            serde_json::Value::String(text) => self.time(text),
            serde_json::Value::Number(number) => epoch(number.as_f64()?),
            _ => None,
        });
        let level = get(&["level", "severity", "lvl", "log.level", "levelname", "@l", "s"]).and_then(|v| match v {
            serde_json::Value::String(text) => level_word(text),
            // bunyan and pino: 50 is an error.
            serde_json::Value::Number(n) => Some(match n.as_i64()? {
                60.. => Level::Fatal,
                50..60 => Level::Error,
                40..50 => Level::Warn,
                30..40 => Level::Info,
                _ => Level::Debug,
            }),
            _ => None,
        });
        let mut message = String::new();
        for keys in [
            &["msg", "message", "@m", "@mt", "event", "textPayload"][..],
            &["error", "err", "exception", "error.message", "stack_trace", "stack", "@x"],
        ] {
            if let Some(value) = get(keys) {
                if !message.is_empty() {
                    message.push_str(": ");
                }
                match value {
                    serde_json::Value::String(text) => message.push_str(text),
                    other => message.push_str(&other.to_string()),
                }
            }
        }
        let message = if message.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(message) };
        Line { time: time.or(outer), level, message, continues: false }
    }

    /// A time at the start of a line, and what follows it.
    fn leading_time<'a>(&self, text: &'a str) -> Option<(Timestamp, &'a str)> {
        let bare = text.trim_start_matches(['[', '(', '<']);
        let head = bare.as_bytes();
        if head.first().is_none_or(|b| !b.is_ascii_alphanumeric()) {
            return None;
        }
        // klog: I1124 10:00:00.123456       1 file.go:12] text
        if matches!(head[0], b'I' | b'W' | b'E' | b'F')
            && head.len() > 21
            && head[1..5].iter().all(u8::is_ascii_digit)
            && head[5] == b' '
        {
            let stamp = format!("{}-{}-{} {}", self.year, bare.get(1..3)?, bare.get(3..5)?, bare.get(6..14)?);
            return Some((self.time(&stamp)?, text));
        }
        // RFC 3339 and its relatives, two words at most.
        if head[0].is_ascii_digit() && bare.len() >= 19 {
            let mut ends = bare.match_indices([' ', ']', '|', '\t']).map(|(i, _)| i);
            let first = ends.next().unwrap_or(bare.len());
            let second = ends.find(|i| *i > first + 7).unwrap_or(bare.len());
            for end in [second, first] {
                let Some(stamp) = bare.get(..end.min(40)) else { continue };
                if let Some(time) = self.time(stamp) {
                    let rest = bare.get(end..).unwrap_or("").trim_start_matches([']', ')', '|', ' ', '\t', '-']);
                    return Some((time, rest));
                }
            }
        }
        // syslog: Nov 11 01:42:20 host unit[pid]: text
        if head[0].is_ascii_uppercase() && bare.len() > 16 && bare.as_bytes()[3] == b' ' {
            let month = month(bare.get(..3)?)?;
            let day: u8 = bare.get(4..6)?.trim().parse().ok()?;
            let stamp = format!("{}-{month:02}-{day:02} {}", self.year, bare.get(7..15)?);
            let time = self.time(&stamp)?;
            let rest = bare.get(15..)?.trim_start();
            let rest = rest.split_once(' ').map_or(rest, |(_, rest)| rest);
            // `kubelet[12]: `: the unit is known from the file or the command.
            let rest = rest
                .split_once(": ")
                .filter(|(unit, _)| unit.ends_with(']') && !unit.contains(' '))
                .map_or(rest, |(_, rest)| rest);
            return Some((time, rest));
        }
        None
    }

    /// A time in one of the usual shapes; without a zone it is read as assumed.
    pub(crate) fn time(&self, stamp: &str) -> Option<Timestamp> {
        let stamp = stamp.trim().trim_end_matches([',', ':']);
        if let Ok(time) = stamp.parse::<Timestamp>() {
            return Some(time);
        }
        if !stamp.as_bytes().first()?.is_ascii_digit() {
            return None;
        }
        let mut tidy = stamp.replace('/', "-").replacen(',', ".", 1);
        if tidy.len() > 10 && tidy.as_bytes()[10] == b' ' {
            tidy.replace_range(10..11, "T");
        }
        let (local, zone) =
            match tidy.find([' ', 'Z']).or_else(|| tidy.get(11..).and_then(|t| t.find(['+', '-'])).map(|i| i + 11)) {
                Some(at) => (&tidy[..at], zone(tidy[at..].trim())),
                None => (tidy.as_str(), None),
            };
        let local: DateTime = local.parse().ok()?;
        zone.unwrap_or_else(|| self.zone.clone()).to_timestamp(local).ok()
    }
}

/// A zone by name, abbreviation of UTC or offset.
fn zone(text: &str) -> Option<TimeZone> {
    if matches!(text, "Z" | "UTC" | "GMT") {
        return Some(TimeZone::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return TimeZone::get(text).ok(),
    };
    let digits: String = text[1..].chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().map(TimeZone::fixed)
}

fn epoch(number: f64) -> Option<Timestamp> {
    let seconds = match number {
        n if n > 1e17 => n / 1e9,
        n if n > 1e14 => n / 1e6,
        n if n > 1e11 => n / 1e3,
        n if n > 1e8 => n,
        _ => return None,
    };
    Timestamp::from_millisecond((seconds * 1e3) as i64).ok()
}

fn json(text: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let text = text.trim();
    if !(text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(map)) => Some(map),
        _ => None,
    }
}

pub(crate) fn logfmt(text: &str, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| {
        let at = text.find(&format!("{key}="))?;
        if at > 0 && !text.as_bytes()[at - 1].is_ascii_whitespace() {
            return None;
        }
        let value = &text[at + key.len() + 1..];
        match value.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted
                    .char_indices()
                    .find(|(i, c)| *c == '"' && !quoted[..*i].ends_with('\\'))
                    .map_or(quoted.len(), |(i, _)| i);
                Some(quoted[..end].replace("\\\"", "\""))
            }
            None => value.split_whitespace().next().map(str::to_owned),
        }
    })
}

fn month(text: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|m| *m == text).and_then(|i| u8::try_from(i + 1).ok())
}

fn is_continuation(text: &str) -> bool {
    text.is_empty()
        || text.starts_with([' ', '\t'])
        || [
            "Caused by:",
            "Suppressed:",
            "... ",
            "goroutine ",
            "Traceback (most",
            "During handling",
            "The above exception",
            "created by ",
        ]
        .iter()
        .any(|p| text.starts_with(p))
        || (text.starts_with("at ") && text.contains('('))
        || is_exception_head(text)
}

/// `java.lang.IllegalStateException: text`, `ValueError: text` alone on a line.
pub(crate) fn is_exception_head(text: &str) -> bool {
    let head = text.split([':', ' ']).next().unwrap_or("");
    let last = head.rsplit(['.', '$']).next().unwrap_or("");
    head.len() > 8
        && ["Exception", "Error", "Throwable", "Fault"].iter().any(|s| last.ends_with(s) && last.len() > s.len())
        && head.chars().all(|c| c.is_alphanumeric() || "._$".contains(c))
        && last.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, time: &str, level: Option<Level>, message: &str) {
        let parser = Parser::new(&Assume { year: Some(2026), ..Assume::default() }, None);
        let line = parser.parse(raw);
        assert_eq!(line.time.map(|t| t.to_string()).unwrap_or_default(), time, "{raw}");
        assert_eq!(line.level, level, "{raw}");
        assert!(line.message.contains(message), "{raw}: {:?}", line.message);
    }

    #[test]
    fn formats_in_use() {
        use Level::*;
        check("2026-11-24T10:00:01.5Z stderr F panic: boom", "2026-11-24T10:00:01.5Z", Some(Fatal), "panic: boom");
        check(
            r#"{"time":"2026-11-24T10:00:01Z","level":"error","msg":"no route","error":"x"}"#,
            "2026-11-24T10:00:01Z",
            Some(Error),
            "no route: x",
        );
        check(
            r#"{"log":"E1124 10:00:01.000001       1 a.go:3] bad\n","stream":"stderr","time":"2026-11-24T10:00:02Z"}"#,
            "2026-11-24T10:00:01Z",
            Some(Error),
            "bad",
        );
        check(
            r#"time="2026-11-24T10:00:01Z" level=warning msg="low disk""#,
            "2026-11-24T10:00:01Z",
            Some(Warn),
            "low disk",
        );
        check("W1124 10:00:01.123456       7 x.go:1] late", "2026-11-24T10:00:01Z", Some(Warn), "late");
        check(
            "Nov 24 10:00:01 node-1 kubelet[12]: E1124 10:00:01.1   1 k.go:1] sad",
            "2026-11-24T10:00:01Z",
            Some(Error),
            "sad",
        );
        check(
            "2026-11-24 10:00:01,123 ERROR [main] c.a.B - refused",
            "2026-11-24T10:00:01.123Z",
            Some(Error),
            "refused",
        );
        check("2026/11/24 10:00:01 [error] 7#7: *1 connect() failed", "2026-11-24T10:00:01Z", Some(Error), "connect()");
        check("2026-11-24T12:00:01+02:00 INFO ok", "2026-11-24T10:00:01Z", Some(Info), "ok");
        check("just words", "", None, "just words");
        check("1700000000 words", "", None, "words");
    }

    #[test]
    fn stack_frames_continue() {
        let parser = Parser::new(&Assume::default(), None);
        for raw in [
            "\tat a.B.c(B.java:1)",
            "Caused by: x.YException: z",
            "java.net.ConnectException: refused",
            "  File \"x.py\", line 3",
            "goroutine 1 [running]:",
        ] {
            assert!(parser.parse(raw).continues, "{raw}");
        }
    }
}
