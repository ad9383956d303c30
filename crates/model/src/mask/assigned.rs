//! Values of names that say they are secret: variables, fields, flags, parameters, columns.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use super::keys::{Worth, worth};
use super::mark;
use super::value::{Found, is_secret};

/// A name, and what may stand between it and its value on one line.
const NAMED: &str = r#"(?i)(?P<key>[a-z0-9_.\-]*(?:pass|pwd|secret|token|key|auth|credential|sig|jwt|creds)[a-z0-9_.\-]*)(?P<sep>\\*["'`]?\]?[ \t]*(?:=>|:=|==|=|:)[ \t]*|\\*["'][ \t]*,[ \t]*|[ \t]+)"#;
/// An entry of a container's environment, in YAML, JSON or our own short form.
const ENTRY: &str = r#"(?i)\bname\\*["']?[ \t]*:[ \t]*\\*["']?(?P<key>[a-z0-9_.\-]+)\\*["']?[ \t]*,?(?:\s|\\n)*\\*["']?value\\*["']?[ \t]*:[ \t]*"#;

/// Masks them.
pub(super) fn mask(text: &mut Cow<'_, str>) {
    static ENTRIES: OnceLock<Regex> = OnceLock::new();
    static NAMES: OnceLock<Regex> = OnceLock::new();
    let entries = ENTRIES.get_or_init(|| Regex::new(ENTRY).expect("a fixed expression"));
    let names = NAMES.get_or_init(|| Regex::new(NAMED).expect("a fixed expression"));
    pass(text, entries);
    pass(text, names);
    for rule in sql() {
        super::credentials::replace(text, rule);
    }
}

/// `SET PASSWORD = '…'`, `PASSWORD '…'`.
fn sql() -> &'static [Regex] {
    static COMPILED: OnceLock<Vec<Regex>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let rules = [r#"(?i)\b(?:encrypted\s+)?password\s+(?:=\s*|for\s+\S+\s*=\s*)?\\*'(?P<s>[^'\\]+)'"#];
        rules.iter().map(|rule| Regex::new(rule).expect("a fixed expression")).collect()
    })
}

/// Masks the values that follow the matches of `rule`.
fn pass(text: &mut Cow<'_, str>, rule: &Regex) {
    let mut masked = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = rule.captures_at(text, from) {
        let whole = found.get(0).expect("every match has a whole");
        let key = found.name("key").expect("both expressions have it");
        let separator = found.name("sep").map_or(":", |sep| sep.as_str());
        // The separator may hold the next name (`token secret=x`): look again from the key's end.
        from = key.end().max(from + 1);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let Some(worth) = worth(key.as_str().trim_start_matches('-')) else { continue };
        let Some((start, end, found)) = value(text, key.start(), key.as_str(), separator, whole.end()) else {
            continue;
        };
        let secret = &text[start..end];
        if start >= copied && is_secret(secret, worth, found) && fits(worth, separator) {
            masked += &text[copied..start];
            masked += &mark(secret);
            copied = end;
            from = from.max(end);
        }
        if from >= text.len() {
            break;
        }
    }
    if copied > 0 {
        masked += &text[copied..];
        *text = Cow::Owned(masked);
    }
}

/// `sig` and `auth` are names only with a sign between them and their value.
fn fits(worth: Worth, separator: &str) -> bool {
    worth != Worth::Auth || separator.contains(['=', ':'])
}

/// Where the value stands that begins at `at`, and how it was found.
fn value(text: &str, key_at: usize, key: &str, separator: &str, at: usize) -> Option<(usize, usize, Found)> {
    let rest = &text[at..];
    let flag = key.starts_with('-') || text[..key_at].ends_with('-');
    let spaced = separator.trim().is_empty();
    let listed = separator.contains(',');
    if (spaced || listed) && !flag {
        return None;
    }
    let quote = rest.trim_start_matches('\\').chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    if let Some(quote) = quote {
        let escapes = rest.len() - rest.trim_start_matches('\\').len();
        let close = format!("{}{quote}", &rest[..escapes]);
        let start = at + close.len();
        let end = closing(&text[start..], &close)
            .map_or(text[start..].find('\n').map_or(text.len(), |n| start + n), |n| start + n);
        return Some((start, end, Found::Quoted));
    }
    let formed =
        separator.contains('=') || separator.contains(['"', '\'', '`']) || spaced || is_at_margin(text, key_at);
    let line = rest.find(['\n', '\r']).map_or(rest, |end| &rest[..end]);
    let line = line.find("\\n").map_or(line, |end| &line[..end]);
    let variable = separator.trim() == "=" && begins_line(text, key_at);
    let length = match variable && !line.contains(' ') {
        true => line.len(),
        false => line.find(|c: char| c.is_whitespace() || ",;&\"'`<>|)]}".contains(c)).unwrap_or(line.len()),
    };
    // More words follow on the line: a sentence, unless the form says where the value ends.
    let sentence = separator.contains(':')
        && !separator.contains(['"', '\''])
        && line[length..].trim_start().starts_with(|c: char| c.is_alphanumeric());
    let found = if formed && !sentence { Found::Formed } else { Found::Prose };
    (length > 0).then_some((at, at + length, found))
}

/// The closing quote, which is not escaped once more than the opening one.
fn closing(text: &str, close: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(close)?;
        let escaped = close.len() == 1 && text[..at].ends_with('\\');
        if !escaped {
            return Some(at);
        }
        from = at + close.len();
    }
}

/// Whether only white space, list marks or brackets precede on the line, or a sign that
/// separates fields.
fn is_at_margin(text: &str, at: usize) -> bool {
    let before = text[..at].rsplit('\n').next().unwrap_or("");
    let before = before.rsplit("\\n").next().unwrap_or("");
    before.trim_end().trim_end_matches('-').trim_end().is_empty()
        || before.trim_end().ends_with(['{', ',', '(', '[', ';', '&', '?', '|'])
        || before.ends_with(['"', '\''])
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = text[..at].rsplit('\n').next().unwrap_or("").trim();
    matches!(before, "" | "export" | "-" | "set" | "ENV" | "Environment=")
}
