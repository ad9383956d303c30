//! Times as tools print them.

use firstfault_model::Assume;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::formats::Context;

/// Reads a time: RFC 3339, a civil time (in the assumed zone), or an epoch in s, ms, µs or ns.
pub(crate) fn parse(text: &str, assume: &Assume) -> Option<Timestamp> {
    let text = text.trim().trim_matches('"');
    if text.len() > 64 || text.len() < 8 {
        return None;
    }
    if let Some(epoch) = epoch(text) {
        return Some(epoch);
    }
    let slashed = text.replacen('/', "-", 2).replacen(',', ".", 1);
    if let Ok(time) = slashed.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(civil) = slashed.parse::<DateTime>() {
        return at_zone(civil, assume);
    }
    with_named_zone(&slashed, assume)
}

/// How to read the times of one table or list that goes from `first` to `last`. Where they name no
/// zone, and as UTC lie outside the window although in the window's own offset they reach into it,
/// they are in that offset.
pub(crate) fn fitting(first: &str, last: &str, context: &Context) -> Assume {
    let stated = &context.assume;
    let local = Assume { timezone: stated.window_offset.clone(), ..stated.clone() };
    let reaches = |assume: &Assume| {
        let begins = parse(first, assume).is_some_and(|at| context.window.to.is_none_or(|to| at <= to));
        begins && parse(last, assume).is_some_and(|at| context.window.from.is_none_or(|from| at >= from))
    };
    let is_local = stated.timezone.is_none() && stated.window_offset.is_some() && !reaches(stated) && reaches(&local);
    if is_local { local } else { stated.clone() }
}

/// `2026-01-02 16:01:18 CST` and Go's `2026-01-02 16:01:18.5 +0000 UTC`.
fn with_named_zone(text: &str, assume: &Assume) -> Option<Timestamp> {
    let mut words = text.split_whitespace();
    let date = words.next()?;
    let (date, clock) = match date.split_once('T') {
        Some(parts) => parts,
        None => (date, words.next()?),
    };
    let civil: DateTime = format!("{date}T{clock}").parse().ok()?;
    match words.next() {
        Some(zone) => match offset(zone).or_else(|| abbreviation(zone)) {
            Some(zone) => zone.to_timestamp(civil).ok(),
            None => at_zone(civil, assume),
        },
        None => at_zone(civil, assume),
    }
}

/// A civil time in the zone that the evidence assumes; UTC if it says nothing.
fn at_zone(civil: DateTime, assume: &Assume) -> Option<Timestamp> {
    let zone = assume.timezone.as_deref().and_then(zone).unwrap_or(TimeZone::UTC);
    zone.to_timestamp(civil).ok()
}

/// An IANA name or an offset.
fn zone(text: &str) -> Option<TimeZone> {
    offset(text).or_else(|| abbreviation(text)).or_else(|| TimeZone::get(text).ok())
}

/// `+08:00`, `+0800`, `-3`.
fn offset(text: &str) -> Option<TimeZone> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse::<i32>().ok()?),
        _ => return None,
    };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().map(TimeZone::fixed)
}

/// Zone abbreviations that mean one thing only. `CST`, `IST` and `BST` do not, so the assumed
/// zone decides there.
fn abbreviation(text: &str) -> Option<TimeZone> {
    let hours = match text {
        "UTC" | "GMT" | "Z" => 0,
        "CET" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "EDT" => -4,
        "PDT" => -7,
        "PST" => -8,
        "JST" | "KST" => 9,
        _ => return None,
    };
    Offset::from_seconds(hours * 3600).ok().map(TimeZone::fixed)
}

/// Seconds, milli-, micro- or nanoseconds since 1970, told by their size.
fn epoch(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i64 = whole.parse().ok()?;
    match number {
        100_000_000..100_000_000_000 => {
            let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            Timestamp::new(number, nanos.parse().ok()?).ok()
        }
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(number).ok(),
        100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_microsecond(number).ok(),
        100_000_000_000_000_000.. => Timestamp::from_nanosecond(i128::from(number)).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Window;

    #[test]
    fn a_table_in_the_windows_own_zone_is_read_in_it() {
        let at = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
        let window = Window { from: at("2026-01-02T07:40:00Z"), to: at("2026-01-02T08:10:00Z") };
        let assume = Assume { window_offset: Some("+08:00".into()), ..Assume::default() };
        let context = Context { window, assume, ..Context::default() };
        let read = |first: &str, last: &str| parse(last, &fitting(first, last, &context));
        assert_eq!(read("2026-01-02 15:20:00", "2026-01-02 16:05:00"), at("2026-01-02T08:05:00Z"));
        // In UTC it fits as it is; and one that says its zone is taken at its word.
        assert_eq!(read("2026-01-02 07:20:00", "2026-01-02 08:05:00"), at("2026-01-02T08:05:00Z"));
        assert_eq!(read("2026-01-02T16:00:00Z", "2026-01-02T16:05:00Z"), at("2026-01-02T16:05:00Z"));
        // Neither fits: nothing is known.
        assert_eq!(read("2026-01-05 16:00:00", "2026-01-05 16:05:00"), at("2026-01-05T16:05:00Z"));
    }

    #[test]
    fn reads_every_form_as_the_same_moment() {
        let east = Assume { timezone: Some("+08:00".into()), ..Assume::default() };
        let expected: Timestamp = "2026-01-02T08:01:18Z".parse().expect("a time");
        for text in [
            "2026-01-02T08:01:18Z",
            "2026-01-02 16:01:18+08:00",
            "2026-01-02 16:01:18",
            "2026/01/02 16:01:18",
            "2026-01-02 16:01:18 CST",
            "2026-01-02 08:01:18 +0000 UTC",
            "1767340878",
            "1767340878.0",
            "1767340878000",
            "1767340878000000",
            "1767340878000000000",
        ] {
            assert_eq!(parse(text, &east), Some(expected), "{text}");
        }
        assert_eq!(parse("12", &east), None);
        assert_eq!(parse("not a time", &east), None);
    }
}
