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
    /// What names the container or job that wrote it, where lines of several stand in one file.
    pub(super) source: &'a str,
    /// The runtime cut a longer line here: the next one of the stream goes on.
    pub(super) partial: bool,
    /// Standard error.
    pub(super) stderr: bool,
    /// A container runtime wrote it (CRI).
    pub(super) runtime: bool,
}

/// How a tool that reads several containers at once begins each line, where that is seen over many lines only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Not at all, or so that any single line tells.
    #[default]
    Told,
    /// `web-1  | `.
    Compose,
    /// `web-7c9d8f-x2k4q app `.
    Stern,
}

impl Prefix {
    /// The prefix of most of the lines.
    pub(super) fn learn<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let (mut all, mut compose, mut stern) = (0, 0, 0);
        for line in lines {
            all += 1;
            compose += usize::from(compose_prefix(line).is_some());
            stern += usize::from(stern_prefix(line).is_some());
        }
        let most = |named: usize| named * 10 >= all * 6 && named > 0;
        match () {
            () if most(compose) => Self::Compose,
            () if most(stern) => Self::Stern,
            () => Self::Told,
        }
    }
}

/// Takes a Compose name, a kubectl prefix, a CI job's name and a time off a line.
pub(super) fn strip(raw: &str, prefix: Prefix) -> Carried<'_> {
    let rest = if let Some((_, rest)) = raw.strip_prefix("[pod/").and_then(|r| r.split_once("] ")) {
        rest
    } else if let Some(rest) = compose_prefix(raw).filter(|rest| prefix == Prefix::Compose || dated(rest)) {
        rest
    } else if prefix == Prefix::Stern {
        stern_prefix(raw).unwrap_or(raw)
    } else {
        job_prefix(raw).unwrap_or(raw)
    };
    let (source, shown) = (&raw[..raw.len() - rest.len()], rest);
    let bare = Carried { text: shown, shown, time: None, source, partial: false, stderr: false, runtime: false };
    let Some((moment, end)) = time(shown) else { return bare };
    let rest = &shown[end..];
    for (mark, stderr, partial) in
        [(" stdout F", false, false), (" stderr F", true, false), (" stdout P", false, true), (" stderr P", true, true)]
    {
        if let Some(text) = rest.strip_prefix(mark)
            && (text.is_empty() || text.starts_with(' '))
        {
            let text = text.strip_prefix(' ').unwrap_or(text);
            return Carried { text, shown: text, time: Some(moment), source, partial, stderr, runtime: true };
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

/// Who wrote a line, from what stands before it: `[pod/web-1/app] `, `web-1  | `, `web-7c9d8f-x2k4q app `, a job and its step
/// between tabs, `node-1 api[7]: `.
pub(crate) fn write_writer(prefix: &str, out: &mut String) {
    out.clear();
    if let Some(pod) = prefix.strip_prefix("[pod/") {
        out.push_str(pod.trim_end_matches([']', ' ']));
    } else if let Some((job, _)) = prefix.split_once('\t') {
        out.push_str(job);
    } else if let Some(service) = prefix.trim_end().strip_suffix('|') {
        out.push_str(service.trim_end());
    } else if let Some(header) = prefix.trim_end().strip_suffix(':') {
        let program = header.rsplit(' ').next().unwrap_or(header);
        out.push_str(program.split('[').next().unwrap_or(program));
    } else {
        for (i, name) in prefix.split_ascii_whitespace().enumerate() {
            out.push_str(if i > 0 { "/" } else { "" });
            out.push_str(name);
        }
    }
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

/// What follows `web-7c9d8f-x2k4q app `: the name of a pod and that of a container.
fn stern_prefix(text: &str) -> Option<&str> {
    let (pod, rest) = text.split_once(' ')?;
    let (container, rest) = rest.split_once(' ')?;
    let is_label = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
    };
    (is_label(pod) && is_label(container) && is_pod(pod)).then_some(rest)
}

/// Whether a name ends as those of pods do: with five letters of the alphabet that Kubernetes makes names of
/// (`k8s.io/apimachinery/pkg/util/rand`), or with the number of a StatefulSet's pod.
fn is_pod(name: &str) -> bool {
    let Some((_, last)) = name.rsplit_once('-') else { return false };
    let random = last.len() == 5 && last.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b));
    random || (1..4).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit())
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
        use Prefix::{Compose, Stern, Told};
        for (raw, prefix, source, text, timed) in [
            ("2026-11-24T10:00:01.5Z stderr F panic: boom", Told, "", "panic: boom", true),
            ("2026-11-24T10:00:01.5Z stdout F", Told, "", "", true),
            ("2026-11-24T10:00:01.5+02:00 plain", Told, "", "plain", true),
            ("[pod/web-1/app] 2026-11-24T10:00:01Z up", Told, "[pod/web-1/app] ", "up", true),
            ("[pod/web-1/app] up", Told, "[pod/web-1/app] ", "up", false),
            ("web-1  | up", Compose, "web-1  | ", "up", false),
            ("web-1  | up", Told, "", "web-1  | up", false),
            ("web-1  | 2026/11/24 10:00:01 up", Told, "web-1  | ", "2026/11/24 10:00:01 up", false),
            ("a b | up", Compose, "", "a b | up", false),
            ("web-7c9d8f-x2k4q app up", Stern, "web-7c9d8f-x2k4q app ", "up", false),
            ("db-0 postgres   at x", Stern, "db-0 postgres ", "  at x", false),
            ("+ shop web-7c9d8f-x2k4q \u{203a} app", Stern, "", "+ shop web-7c9d8f-x2k4q \u{203a} app", false),
            ("build\tRun tests\t2026-11-24T10:00:01.1234567Z ok", Told, "build\tRun tests\t", "ok", true),
            ("2026-11-24 10:00:01 ERROR x", Told, "", "2026-11-24 10:00:01 ERROR x", false),
        ] {
            let carried = strip(raw, prefix);
            assert_eq!((carried.source, carried.text, carried.time.is_some()), (source, text, timed), "{raw}");
        }
        assert!(strip("2026-11-24T10:00:01.5Z stdout P half", Told).partial);
    }

    #[test]
    fn the_prefix_is_learned_from_most_lines() {
        let learned = |text: &'static str| Prefix::learn(text.lines());
        assert_eq!(learned("web-1  | a\nweb-1  | b\nother"), Prefix::Compose);
        assert_eq!(learned("web-7c9d8f-x2k4q app a\ndb-0 postgres b"), Prefix::Stern);
        assert_eq!(learned("sign-in failed for user\nlog-out of user 3"), Prefix::Told);
        assert_eq!(learned(""), Prefix::Told);
    }
}
