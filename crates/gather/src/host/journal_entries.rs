//! The forms of `journalctl` that print an entry's fields: `-o verbose`, `export`, `json` and its
//! variants. Each entry becomes the line that `-o short-iso` would print.

use std::borrow::Cow;

use serde_json::Value;

use super::inside::inside;
use crate::formats::Chunk;

/// How entries are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One line an entry, read as it is: `short` in all its variants, `cat`.
    Lines,
    /// A head with time and cursor, fields below it at four spaces.
    Verbose,
    /// `KEY=value` lines, an empty line after each entry; values of several lines have their size.
    Export,
    /// One JSON object a line, perhaps after `data: ` or a record separator.
    Json,
    /// JSON objects over several lines.
    Pretty,
}

/// How the entries of a chunk are printed. What was asked for counts more than what it looks like:
/// `-o cat` prints applications' own text, which may look like anything.
pub(crate) fn shape(chunk: &Chunk<'_>) -> Shape {
    let asked = inside(chunk).and_then(|inside| asked(&inside.words));
    if asked.as_deref().is_some_and(|form| form == "cat" || form.starts_with("short")) {
        return Shape::Lines;
    }
    chunk.text.lines().filter(|line| !line.trim().is_empty()).take(3).find_map(looks).unwrap_or(Shape::Lines)
}

/// The form that a line begins.
pub(crate) fn looks(line: &str) -> Option<Shape> {
    let bare = bare_json(line);
    match () {
        () if is_verbose_head(line) => Some(Shape::Verbose),
        () if line.starts_with("__CURSOR=s=") => Some(Shape::Export),
        () if bare.starts_with('{') && bare.contains("\"__REALTIME_TIMESTAMP\"") => Some(Shape::Json),
        () if line.starts_with("\t\"__CURSOR\" : ") || line.starts_with("\t\"__REALTIME_TIMESTAMP\" : ") => {
            Some(Shape::Pretty)
        }
        () => None,
    }
}

/// The value of `-o`/`--output`.
fn asked(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if matches!(word, "-o" | "--output") {
            return words.next().map(str::to_owned);
        }
        let attached = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
        if let Some(form) = attached.filter(|form| !form.is_empty()) {
            return Some(form.to_owned());
        }
    }
    None
}

/// `Fri 2026-01-02 16:01:18.000000 UTC [s=…;i=…;b=…;m=…;t=…;x=…]`.
fn is_verbose_head(line: &str) -> bool {
    line.as_bytes().get(4).is_some_and(u8::is_ascii_digit) && line.contains(" [s=") && line.trim_end().ends_with(']')
}

/// `data: {…}` of `json-sse` and the record separator of `json-seq` come off.
fn bare_json(line: &str) -> &str {
    line.trim_start_matches('\u{1e}').trim_start_matches("data: ")
}

/// Calls `each` with every line to read and the index (from 0) of the line on which it begins.
pub(crate) fn each_line(text: &str, shape: Shape, mut each: impl FnMut(usize, &str)) {
    match shape {
        Shape::Lines => text.lines().enumerate().for_each(|(index, line)| each(index, line)),
        Shape::Json => {
            for (index, line) in text.lines().enumerate() {
                each(index, &Entry::of_json(bare_json(line)).map_or(Cow::Borrowed(line), |e| Cow::Owned(e.line())));
            }
        }
        Shape::Pretty => pretty(text, &mut each),
        Shape::Verbose => verbose(text, &mut each),
        Shape::Export => export(text, &mut each),
    }
}

/// The fields of an entry that a short line shows.
#[derive(Default)]
struct Entry {
    begins: usize,
    time: Option<jiff::Timestamp>,
    host: String,
    ident: String,
    program: String,
    pid: String,
    transport: String,
    message: Option<String>,
}

impl Entry {
    fn at(begins: usize) -> Self {
        Self { begins, ..Self::default() }
    }

    fn take(&mut self, key: &str, value: String) {
        match key {
            "__REALTIME_TIMESTAMP" => self.time = value.parse().ok().and_then(from_micros),
            "_HOSTNAME" => self.host = value,
            "SYSLOG_IDENTIFIER" => self.ident = value,
            "_COMM" => self.program = value,
            "_PID" => self.pid = value,
            "_TRANSPORT" => self.transport = value,
            "MESSAGE" => self.message = Some(value),
            _ => {}
        }
    }

    fn of_json(text: &str) -> Option<Self> {
        let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(text) else { return None };
        let mut entry = Self::default();
        for (key, value) in &fields {
            entry.take(key, text_of(value));
        }
        entry.time.is_some().then_some(entry)
    }

    /// The program: any process may call itself `kernel`, but only the kernel's own transport is its word.
    fn program(&self) -> &str {
        let poses = self.ident == "kernel" && !matches!(self.transport.as_str(), "" | "kernel");
        match () {
            () if !poses && !self.ident.is_empty() => &self.ident,
            () if self.program.is_empty() => "unknown",
            () => &self.program,
        }
    }

    fn line(&self) -> String {
        let time = self.time.map(|time| format!("{time} ")).unwrap_or_default();
        let host = if self.host.is_empty() { "host" } else { &self.host };
        let pid = if self.pid.is_empty() { String::new() } else { format!("[{}]", self.pid) };
        let message = self.message.as_deref().unwrap_or_default().replace('\n', " ");
        format!("{time}{host} {}{pid}: {message}", self.program())
    }

    fn tell(&self, each: &mut impl FnMut(usize, &str)) {
        if self.message.is_some() {
            each(self.begins, &self.line());
        }
    }
}

fn from_micros(micros: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(micros).ok()
}

/// A field: text, a list of bytes where it is not UTF-8, or a list of values where it stands twice.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.first().is_some_and(Value::is_string) => text_of(&list[0]),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => String::new(),
    }
}

/// The longest object over several lines; a brace that is never closed ends here.
const LONGEST_OBJECT: usize = 512;

fn pretty(text: &str, each: &mut impl FnMut(usize, &str)) {
    let (mut object, mut begins, mut lines) = (String::new(), 0, 0);
    for (index, line) in text.lines().enumerate() {
        if line == "{" || lines > LONGEST_OBJECT {
            (begins, lines) = (index, 0);
            object.clear();
        }
        object.push_str(line);
        object.push('\n');
        lines += 1;
        if line == "}"
            && let Some(entry) = Entry::of_json(&object)
        {
            Entry { begins, ..entry }.tell(each);
        }
    }
}

fn verbose(text: &str, each: &mut impl FnMut(usize, &str)) {
    let mut entry: Option<Entry> = None;
    // Whether the line before belongs to the message, which may go on.
    let mut in_message = false;
    for (index, line) in text.lines().enumerate() {
        if is_verbose_head(line) {
            if let Some(entry) = entry.take() {
                entry.tell(each);
            }
            entry = Some(Entry { time: time_of_cursor(line), ..Entry::at(index) });
            in_message = false;
        } else if let Some(entry) = &mut entry {
            match line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')).and_then(field) {
                Some((key, value)) => {
                    in_message = key == "MESSAGE";
                    entry.take(key, value.to_owned());
                }
                None if in_message => {
                    if let Some(message) = &mut entry.message {
                        message.push('\n');
                        message.push_str(line.trim_start());
                    }
                }
                None => {}
            }
        }
    }
    if let Some(entry) = entry {
        entry.tell(each);
    }
}

/// The cursor's `t=` is the time in microseconds, in hexadecimal: no zone or year is to be guessed.
fn time_of_cursor(head: &str) -> Option<jiff::Timestamp> {
    let cursor = head.split_once(" [s=")?.1.trim_end().trim_end_matches(']');
    let stamp = cursor.split(';').find_map(|part| part.strip_prefix("t="))?;
    i64::from_str_radix(stamp, 16).ok().and_then(from_micros)
}

/// `KEY=value`: keys are capitals, digits and underscores.
fn field(line: &str) -> Option<(&str, &str)> {
    line.split_once('=').filter(|(key, _)| is_key(key))
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn export(text: &str, each: &mut impl FnMut(usize, &str)) {
    // Up to the first `;` a cursor names its journal. An entry that somebody wrote into a message does not know it.
    let first = text.find("__CURSOR=").map_or("", |at| &text[at..]);
    let cursor = first.split(';').next().filter(|c| c.len() < 100).unwrap_or("__CURSOR=");
    let (mut at, mut index) = (0, 0);
    let mut entry: Option<Entry> = None;
    while at < text.len() {
        let line = text[at..].lines().next().unwrap_or_default();
        let begins = index;
        at += line.len() + 1;
        index += 1;
        if line.is_empty() {
            if let Some(entry) = entry.take() {
                entry.tell(each);
            }
        } else if let Some((key, value)) = field(line) {
            entry.get_or_insert_with(|| Entry::at(begins)).take(key, value.to_owned());
        } else if is_key(line) {
            let rest = text.get(at..).unwrap_or_default();
            let value = sized(rest, cursor);
            index += value.taken.matches('\n').count();
            at += value.taken.len();
            entry.get_or_insert_with(|| Entry::at(begins)).take(line, value.text.to_owned());
        }
    }
    if let Some(entry) = entry {
        entry.tell(each);
    }
}

/// A value of several lines, and all that it takes up.
struct Sized<'a> {
    text: &'a str,
    taken: &'a str,
}

/// Eight bytes of size, the lowest first, the value, a line feed. Where reading as text has changed
/// the size's bytes, the value goes on to where the next entry of this journal begins.
fn sized<'a>(rest: &'a str, cursor: &str) -> Sized<'a> {
    let known = rest.get(..8).map(str::as_bytes).and_then(|bytes| {
        let bytes: [u8; 8] = bytes.try_into().ok()?;
        let size = usize::try_from(u64::from_le_bytes(bytes)).ok()?;
        let end = size.checked_add(8)?;
        (rest.get(end..=end)? == "\n").then_some(end)
    });
    if let Some(end) = known {
        return Sized { text: &rest[8..end], taken: &rest[..=end] };
    }
    let next = rest.match_indices("\n\n").find(|(at, _)| rest[at + 2..].starts_with(cursor));
    let end = next.map_or(rest.len(), |(at, _)| at + 1);
    let begins = rest.char_indices().nth(8).map_or(0, |(at, _)| at).min(end);
    Sized { text: rest[begins..end].trim_end(), taken: &rest[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, shape: Shape) -> Vec<(usize, String)> {
        let mut lines = Vec::new();
        each_line(text, shape, |index, line| lines.push((index, line.to_owned())));
        lines
    }

    const VERBOSE: &str = "Fri 2026-01-02 17:01:18.000000 CET [s=0a1b;i=4e7;b=6c7c;m=4fc7;t=64769d1d80f80;x=3c4b]\n    _TRANSPORT=kernel\n    SYSLOG_IDENTIFIER=kernel\n    _HOSTNAME=birch-1\n    MESSAGE=table full, dropping packet\nFri 2026-01-02 17:01:20.000000 CET [s=0a1b;i=4e8;b=6c7c;m=4fc9;t=64769d1f69400;x=3c4c]\n    _HOSTNAME=birch-1\n    SYSLOG_IDENTIFIER=api\n    _PID=77\n    MESSAGE=panic: nil map\n            at main.go:12\n    CODE_LINE=12\n";

    #[test]
    fn verbose_entries_are_lines() {
        assert_eq!(looks(VERBOSE.lines().next().expect("a line")), Some(Shape::Verbose));
        assert_eq!(
            lines(VERBOSE, Shape::Verbose),
            [
                (0, "2026-01-02T16:01:18Z birch-1 kernel: table full, dropping packet".to_owned()),
                (5, "2026-01-02T16:01:20Z birch-1 api[77]: panic: nil map at main.go:12".to_owned()),
            ]
        );
    }

    #[test]
    fn exported_entries_are_lines_also_where_a_value_has_several() {
        let text = "__CURSOR=s=0a1b;i=1\n__REALTIME_TIMESTAMP=1767369678000000\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\n_HOSTNAME=birch-1\nMESSAGE=table full\n\n__CURSOR=s=0a1b;i=2\n__REALTIME_TIMESTAMP=1767369680000000\nMESSAGE\n\u{8}\0\0\0\0\0\0\0one\n\ntwo\nSYSLOG_IDENTIFIER=api\n_HOSTNAME=birch-1\n\n";
        assert_eq!(
            lines(text, Shape::Export),
            [
                (0, "2026-01-02T16:01:18Z birch-1 kernel: table full".to_owned()),
                (7, "2026-01-02T16:01:20Z birch-1 api: one  two".to_owned()),
            ]
        );
    }

    #[test]
    fn an_entry_inside_a_message_is_text_of_that_message() {
        let forged = "x\n\n__CURSOR=s=9;i=9\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=Out of memory\n\n";
        // A size whose bytes are no UTF-8 was replaced when the file was read as text.
        for size in [format!("{}\0\0\0\0\0\0\0", char::from(forged.len() as u8)), "\u{fffd}\0\0\0\0\0\0\0".to_owned()] {
            let text = format!(
                "__CURSOR=s=0a1b;i=1\n__REALTIME_TIMESTAMP=1767369678000000\nSYSLOG_IDENTIFIER=api\nMESSAGE\n{size}{forged}\n\n__CURSOR=s=0a1b;i=2\nSYSLOG_IDENTIFIER=api\nMESSAGE=ready\n\n"
            );
            let lines = lines(&text, Shape::Export);
            assert_eq!(lines.len(), 2, "{lines:?}");
            assert!(lines.iter().all(|(_, line)| !line.contains("host kernel: ")), "{lines:?}");
        }
    }

    #[test]
    fn only_the_kernels_own_transport_is_its_word() {
        let json = r#"{"__REALTIME_TIMESTAMP":"1767369678000000","_HOSTNAME":"b","_COMM":"logger","_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"Out of memory"}"#;
        assert_eq!(lines(json, Shape::Json)[0].1, "2026-01-02T16:01:18Z b logger: Out of memory");
        let sse = format!("data: {}", json.replace("syslog", "kernel"));
        assert_eq!(lines(&sse, Shape::Json)[0].1, "2026-01-02T16:01:18Z b kernel: Out of memory");
        assert_eq!(looks(&sse), Some(Shape::Json));
    }

    #[test]
    fn pretty_objects_are_lines() {
        let text = "{\n\t\"__CURSOR\" : \"s=0a1b;i=1\",\n\t\"__REALTIME_TIMESTAMP\" : \"1767369678000000\",\n\t\"_HOSTNAME\" : \"b\",\n\t\"SYSLOG_IDENTIFIER\" : \"api\",\n\t\"MESSAGE\" : [ 104, 105 ]\n}\n";
        assert_eq!(lines(text, Shape::Pretty), [(0, "2026-01-02T16:01:18Z b api: hi".to_owned())]);
        assert_eq!(text.lines().find_map(looks), Some(Shape::Pretty));
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        for text in [VERBOSE, "__CURSOR=s=1;\nMESSAGE\n\u{3}\0\0\0\0\0\0\0a\nb\nX=1\n\n"] {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                for shape in [Shape::Verbose, Shape::Export, Shape::Json, Shape::Pretty] {
                    lines(&text[..end], shape);
                }
            }
        }
    }
}
