//! The head of a line of the journal, of syslog or of the kernel's ring buffer.

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::signals::time;

/// What stands before a message, and the message.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Head<'a> {
    pub(crate) time: Option<Timestamp>,
    pub(crate) host: Option<&'a str>,
    /// The program: `kernel`, `chronyd`, …
    pub(crate) ident: Option<&'a str>,
    pub(crate) message: &'a str,
    /// Seconds since the host started, where that stands instead of a time.
    pub(crate) since_boot: Option<f64>,
}

/// How to read times without a year.
#[derive(Clone, Debug)]
pub(crate) struct Clockwork {
    assume: Assume,
    year: i16,
}

impl Clockwork {
    pub(crate) fn new(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let year = assume.year.or_else(|| modified.map(|t| jiff::tz::TimeZone::UTC.to_datetime(t).year()));
        Self { assume: assume.clone(), year: year.unwrap_or(1970) }
    }

    /// Reads the head of a line of any of these tools.
    pub(crate) fn head<'a>(&self, line: &'a str) -> Head<'a> {
        let line = line.trim_end();
        let bare = without_facility(line);
        if let Some(rest) = bare.strip_prefix('[') {
            return self.bracketed(rest, bare);
        }
        if let Some((time, rest)) = self.dated(bare) {
            return with_origin(time, rest);
        }
        Head { message: bare, ..Head::default() }
    }

    /// `[  12.345678] text`, `[Fri Jan  2 16:01:18 2026] text`, `[  12.3] host kernel: text`.
    fn bracketed<'a>(&self, rest: &'a str, whole: &'a str) -> Head<'a> {
        let Some((stamp, message)) = rest.split_once("] ").or_else(|| rest.strip_suffix(']').map(|s| (s, ""))) else {
            return Head { message: whole, ..Head::default() };
        };
        let stamp = stamp.trim();
        if stamp.starts_with(|c: char| c.is_ascii_digit() || c == '+') {
            let is_monotonic = stamp.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if is_monotonic {
                // `dmesg -H` prints the distance to the line before.
                let since_boot = if stamp.starts_with('+') { None } else { stamp.parse().ok() };
                return Head { since_boot, ..monotonic(message) };
            }
        }
        Head { time: self.ctime(stamp), message, ..Head::default() }
    }

    /// `Fri Jan  2 16:01:18 2026`, also with a zone before the year (`date` prints `UTC 2026`).
    pub(crate) fn ctime(&self, stamp: &str) -> Option<Timestamp> {
        let words: Vec<&str> = stamp.split_whitespace().collect();
        let at = words.iter().position(|w| month(w).is_some())?;
        let month = month(words[at])?;
        let day: u8 = words.get(at + 1)?.parse().ok()?;
        let clock = words.iter().find(|w| w.matches(':').count() >= 1)?;
        let zone = words.iter().skip(at + 2).find(|w| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_uppercase()));
        let year = words.iter().skip(at + 2).find_map(|w| w.parse::<i16>().ok().filter(|y| *y > 1969));
        let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
        let text = format!("{}-{month:02}-{day:02} {clock}{seconds}", year.unwrap_or(self.year));
        let text = match zone.filter(|z| !matches!(**z, "AM" | "PM")) {
            Some(zone) => format!("{text} {zone}"),
            None => text,
        };
        time::parse(&text, &self.assume)
    }

    /// A date at the beginning, and what follows it.
    fn dated<'a>(&self, line: &'a str) -> Option<(Timestamp, &'a str)> {
        let first = line.split(' ').next()?;
        // `2026-01-02T16:01:18+0000 host …`, `1767340878.123456 host …`
        if first.as_bytes().first()?.is_ascii_digit() && first.len() >= 14 {
            let time = time::parse(&colon_in_offset(first), &self.assume)?;
            return Some((time, line.get(first.len()..)?.trim_start()));
        }
        // `Jan  2 16:01:18 host …`
        if month(first).is_some() {
            let (stamp, rest) = (line.get(..15)?, line.get(15..)?);
            // Fractions of seconds belong to the time.
            let fraction = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
            return Some((self.ctime(stamp)?, rest.get(fraction..)?.trim_start()));
        }
        // `Fri 2026-01-02 16:01:18 UTC host …`
        if first.len() == 3 && line.as_bytes().get(4).is_some_and(u8::is_ascii_digit) && line.len() > 27 {
            let rest = &line[4..];
            let end = rest.match_indices(' ').nth(2).map(|(i, _)| i)?;
            return Some((time::parse(&rest[..end], &self.assume)?, rest[end..].trim_start()));
        }
        None
    }
}

/// `+0000` as `+00:00`, a comma before the fraction as a point.
fn colon_in_offset(stamp: &str) -> String {
    let stamp = stamp.replacen(',', ".", 1);
    let tail = stamp.len().saturating_sub(5);
    match stamp.get(tail..) {
        Some(zone) if zone.starts_with(['+', '-']) && zone[1..].bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}{}:{}", &stamp[..tail], &zone[..3], &zone[3..])
        }
        _ => stamp,
    }
}

/// `<6>[ 0.0]`, `kern  :err   : [ 0.0]`: facility and level come off.
fn without_facility(line: &str) -> &str {
    if let Some((number, rest)) = line.strip_prefix('<').and_then(|rest| rest.split_once('>'))
        && number.len() <= 3
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return rest.strip_prefix("1 ").unwrap_or(rest);
    }
    let facility = line.split(':').next().unwrap_or("").trim_end();
    if matches!(facility, "kern" | "user" | "daemon" | "syslog" | "auth" | "authpriv") {
        let mut parts = line.splitn(3, ':');
        let (_, level, rest) = (parts.next(), parts.next().unwrap_or(""), parts.next());
        if level.len() <= 8
            && let Some(rest) = rest
        {
            return rest.trim_start();
        }
    }
    line
}

/// What follows seconds since boot: the message, or host and program of `short-monotonic`.
fn monotonic(message: &str) -> Head<'_> {
    let mut words = message.splitn(3, ' ');
    let (host, ident) = (words.next(), words.next());
    let program = ident.and_then(program_of).filter(|p| *p == "kernel" || ident.is_some_and(|i| i.contains('[')));
    match (host, program, words.next()) {
        (Some(host), Some(program), Some(text)) if !host.ends_with(':') => {
            Head { host: Some(host), ident: Some(program), message: text, ..Head::default() }
        }
        _ => Head { message, ..Head::default() },
    }
}

/// `kernel:` or `chronyd[974]:` as `kernel` and `chronyd`.
fn program_of(word: &str) -> Option<&str> {
    let word = word.strip_suffix(':')?;
    let name = word.split('[').next()?;
    (!name.is_empty() && !name.contains(['=', '/', '"'])).then_some(name)
}

/// `host program[pid]: text` after the time.
fn with_origin(time: Timestamp, rest: &str) -> Head<'_> {
    let Some((host, after)) = rest.split_once(' ') else {
        return Head { time: Some(time), message: rest, ..Head::default() };
    };
    let after = after.trim_start();
    let (word, text) = after.split_once(' ').unwrap_or((after, ""));
    match program_of(word) {
        Some(ident) if !host.ends_with(':') => Head {
            time: Some(time),
            host: Some(host),
            ident: Some(ident),
            message: without_uptime(text.trim_start()),
            ..Head::default()
        },
        // `dmesg --time-format iso` prints no host.
        _ => Head { time: Some(time), message: rest, ..Head::default() },
    }
}

/// Syslog keeps the kernel's own `[12345.678901] `.
fn without_uptime(text: &str) -> &str {
    let Some((stamp, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else { return text };
    let is_seconds = !stamp.is_empty() && stamp.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_seconds { rest } else { text }
}

/// 1 to 12 for `Jan` to `Dec`.
pub(crate) fn month(word: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|m| *m == word).and_then(|at| u8::try_from(at + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, time: Option<&str>, host: Option<&str>, ident: Option<&str>) {
        let clockwork = Clockwork::new(&Assume { year: Some(2026), ..Assume::default() }, None);
        let head = clockwork.head(line);
        let time = time.map(|t| t.parse().expect("a time"));
        assert_eq!((head.time, head.host, head.ident, head.message), (time, host, ident, "disk is on fire"), "{line}");
    }

    #[test]
    fn every_form_of_the_journal_and_the_ring_buffer() {
        let at = Some("2026-01-02T16:01:18Z");
        let (birch, kernel) = (Some("birch-1"), Some("kernel"));
        check("Jan 02 16:01:18 birch-1 kernel: disk is on fire", at, birch, kernel);
        check("Jan  2 16:01:18 birch-1 kernel: [12345.678901] disk is on fire", at, birch, kernel);
        check("Jan 02 16:01:18.000000 birch-1 kernel: disk is on fire", at, birch, kernel);
        check("2026-01-02T16:01:18+0000 birch-1 kernel: disk is on fire", at, birch, kernel);
        check("2026-01-02T16:01:18.000000+00:00 birch-1 kernel: [   12.3] disk is on fire", at, birch, kernel);
        check("Fri 2026-01-02 16:01:18 UTC birch-1 kernel: disk is on fire", at, birch, kernel);
        check("1767369678.000000 birch-1 kernel: disk is on fire", at, birch, kernel);
        check("[ 1234.567890] birch-1 kernel: disk is on fire", None, birch, kernel);
        check("Jan 02 16:01:18 birch-1 chronyd[974]: disk is on fire", at, birch, Some("chronyd"));
        check("[ 1234.567890] disk is on fire", None, None, None);
        check("<6>[ 1234.567890] disk is on fire", None, None, None);
        check("kern  :err   : [ 1234.567890] disk is on fire", None, None, None);
        check("[Fri Jan  2 16:01:18 2026] disk is on fire", at, None, None);
        check("kern  :warn  : [Fri Jan  2 16:01:18 2026] disk is on fire", at, None, None);
        check("2026-01-02T16:01:18,000000+00:00 disk is on fire", at, None, None);
        check("[  +0.000123] disk is on fire", None, None, None);
        check("disk is on fire", None, None, None);
    }

    #[test]
    fn odd_lines_are_only_text() {
        let clockwork = Clockwork::new(&Assume::default(), None);
        for line in ["", "[", "[]", "Jan", "Jan 99 é", "<999", "kern:", "2026-01-02T16:01:18+0000", "Fri 2026-01-02 16"]
        {
            clockwork.head(line);
        }
    }
}
