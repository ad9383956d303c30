//! What runtimes and collectors put before a program's own line.

use super::moment::Moment;
use super::notation::{self, Notation, Orders};

/// What was before the line, and the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Carried<'a> {
    /// The program's own line.
    pub(super) text: &'a str,
    /// The line as a record shows it: what a container runtime wrote is left out, a time in front is kept.
    pub(super) shown: &'a str,
    pub(super) time: Option<Moment>,
    /// The runtime cut a longer line here: the next one of the stream goes on.
    pub(super) partial: bool,
    /// Standard error.
    pub(super) stderr: bool,
    /// A container runtime wrote it (CRI).
    pub(super) runtime: bool,
}

/// Takes a Compose name, a kubectl prefix, a CI job's name and a time off a line.
pub(super) fn strip(raw: &str, compose: bool) -> Carried<'_> {
    let mut shown = raw;
    if let Some(rest) = shown.strip_prefix("[pod/").and_then(|r| r.split_once("] ")) {
        shown = rest.1;
    } else if let Some(rest) = compose_prefix(shown).filter(|rest| compose || dated(rest)) {
        shown = rest;
    } else if let Some(rest) = job_prefix(shown) {
        shown = rest;
    }
    let bare = Carried { text: shown, shown, time: None, partial: false, stderr: false, runtime: false };
    let Some((moment, end)) = time(shown) else { return bare };
    let rest = &shown[end..];
    for (mark, stderr, partial) in
        [(" stdout F", false, false), (" stderr F", true, false), (" stdout P", false, true), (" stderr P", true, true)]
    {
        if let Some(text) = rest.strip_prefix(mark)
            && (text.is_empty() || text.starts_with(' '))
        {
            let text = text.strip_prefix(' ').unwrap_or(text);
            return Carried { text, shown: text, time: Some(moment), partial, stderr, runtime: true };
        }
    }
    let text = rest.strip_prefix([' ', '\t']).unwrap_or(rest);
    Carried { text, time: Some(moment), ..bare }
}

/// Whether a time that is nothing else begins a line: a single line of Compose among others.
fn dated(text: &str) -> bool {
    let found = notation::read(text.as_bytes(), 0, Orders { long: None, short: None });
    found.is_some_and(|f| !f.notation.is_weak())
}

/// A full time with zone at the start, as machines put it before lines.
fn time(text: &str) -> Option<(Moment, usize)> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[10] != b'T' {
        return None;
    }
    let found = notation::read(bytes, 0, Orders { long: None, short: None })?;
    let zoned = matches!(found.moment, Moment::Civil { time, .. } if time.offset.is_some());
    let ends = matches!(bytes.get(found.end), None | Some(b' ' | b'\t'));
    (found.notation == Notation::Iso && zoned && ends).then_some((found.moment, found.end))
}

/// What follows `web-1  | `.
pub(super) fn compose_prefix(text: &str) -> Option<&str> {
    let bar = memchr::memchr(b'|', text.as_bytes().get(..80.min(text.len()))?)?;
    let name = text[..bar].strip_suffix(' ')?.trim_end();
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && name.bytes().any(|b| b.is_ascii_alphabetic());
    let rest = &text[bar + 1..];
    is_name.then(|| rest.strip_prefix(' ').unwrap_or(rest))
}

/// What follows `job TAB step TAB`, as `gh run view --log` writes it.
fn job_prefix(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut tabs = memchr::memchr_iter(b'\t', &bytes[..bytes.len().min(240)]);
    let (_, second) = (tabs.next()?, tabs.next()?);
    let rest = text.get(second + 1..)?;
    let rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    time(rest).map(|_| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_off() {
        for (raw, compose, text, timed) in [
            ("2026-11-24T10:00:01.5Z stderr F panic: boom", false, "panic: boom", true),
            ("2026-11-24T10:00:01.5Z stdout F", false, "", true),
            ("2026-11-24T10:00:01.5+02:00 plain", false, "plain", true),
            ("[pod/web-1/app] 2026-11-24T10:00:01Z up", false, "up", true),
            ("[pod/web-1/app] up", false, "up", false),
            ("web-1  | up", true, "up", false),
            ("web-1  | up", false, "web-1  | up", false),
            ("web-1  | 2026/11/24 10:00:01 up", false, "2026/11/24 10:00:01 up", false),
            ("a b | up", true, "a b | up", false),
            ("build\tRun tests\t2026-11-24T10:00:01.1234567Z ok", false, "ok", true),
            ("2026-11-24 10:00:01 ERROR x", false, "2026-11-24 10:00:01 ERROR x", false),
        ] {
            let carried = strip(raw, compose);
            assert_eq!((carried.text, carried.time.is_some()), (text, timed), "{raw}");
        }
        assert!(strip("2026-11-24T10:00:01.5Z stdout P half", false).partial);
    }
}
