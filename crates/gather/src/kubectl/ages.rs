//! Ages and times as kubectl prints them.

use jiff::{SignedDuration, Timestamp};

/// `3d15h`, `2m10s`, `116s`, `1y20d`: seconds. `<unknown>`, `<invalid>` and text give none.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let mut total: i64 = 0;
    let mut number = String::new();
    let mut any = false;
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter.is_ascii_digit() || (letter == '.' && !number.is_empty()) {
            number.push(letter);
            continue;
        }
        let unit = match letter {
            'y' => 365 * 86_400,
            'w' => 7 * 86_400,
            'd' => 86_400,
            'h' => 3_600,
            'm' if rest.peek() == Some(&'s') => {
                rest.next();
                0
            }
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: f64 = std::mem::take(&mut number).parse().ok().filter(|count: &f64| *count < 1e9)?;
        total = total.checked_add((count * f64::from(unit)) as i64)?;
        any = true;
    }
    (any && number.is_empty()).then_some(total)
}

/// How often and when something was seen: `2m10s (x3 over 5m)` is 3 times, first 5 minutes
/// and last 2 minutes 10 seconds ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How often.
    pub(super) count: u32,
    /// First and last, before the moment of printing.
    pub(super) ago: Option<(SignedDuration, SignedDuration)>,
}

impl Seen {
    /// Reads the age of an event.
    pub(super) fn parse(text: &str) -> Self {
        let (last, more) = match text.split_once('(') {
            Some((last, more)) => (last, more.trim_end_matches(')')),
            None => (text, ""),
        };
        let mut words = more.split_whitespace();
        let count = words.next().and_then(|word| word.strip_prefix('x')).and_then(|n| n.parse().ok()).unwrap_or(1);
        let first = words.nth(1).and_then(seconds);
        let last = seconds(last);
        let ago = last.map(|last| {
            let first = first.unwrap_or(last).max(last);
            (SignedDuration::from_secs(first), SignedDuration::from_secs(last))
        });
        Self { count, ago }
    }
}

/// A time as `describe` prints it: `Tue, 11 Nov 2025 01:40:26 +0800`, `2026-03-16 22:09:13 +0800 CST`
/// or RFC 3339.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    let mut words = text.split_whitespace();
    let (date, clock, offset) = (words.next()?, words.next()?, words.next()?);
    let zone_is_known = offset.starts_with(['+', '-']) && offset.len() == 5 && offset.is_ascii();
    zone_is_known.then(|| format!("{date}T{clock}{}:{}", &offset[..3], &offset[3..]).parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_all_lengths() {
        for (text, expected) in [
            ("0s", Some(0)),
            ("116s", Some(116)),
            ("2m10s", Some(130)),
            ("3d15h", Some(313_200)),
            ("1y20d", Some(33_264_000)),
            ("5535ms", Some(0)),
            ("2.378s", Some(2)),
            ("<unknown>", None),
            ("<invalid>", None),
            ("21", None),
            ("", None),
            ("Running", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn repeated_events_keep_both_ends() {
        let seen = Seen::parse("2m10s (x3 over 5m)");
        assert_eq!(seen.count, 3);
        assert_eq!(seen.ago, Some((SignedDuration::from_secs(300), SignedDuration::from_secs(130))));
        assert_eq!(Seen::parse("<unknown>"), Seen { count: 1, ago: None });
    }

    #[test]
    fn times_in_all_notations() {
        let expected: Timestamp = "2025-11-10T17:40:26Z".parse().expect("a time");
        for text in ["Tue, 11 Nov 2025 01:40:26 +0800", "2025-11-11 01:40:26 +0800 CST", "2025-11-10T17:40:26Z"] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("<unset>"), None);
        assert_eq!(time("2025-11-11 01:40:26 +08é0"), None);
    }
}
