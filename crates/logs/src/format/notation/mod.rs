//! The ways in which logs write a time. Each has an entry in [`NOTATIONS`] with a sample, which is its test.

mod clock;
mod epoch;
mod named;
mod numeric;

use super::moment::Moment;

/// One way of writing a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// Year, month, day and time, with marks between them.
    Iso,
    /// `20120702T102240`, with or without marks in the time.
    Compact,
    /// Year and day of the year.
    YearDay,
    /// `081109 203615`, `070101  1:02:03`.
    ShortCompact,
    /// Three numbers whose order the file tells.
    Ordered,
    /// `03-17 16:13:38`, `12.30 10:00:00`, `12/30-10:00:00`.
    MonthDayNumbers,
    /// `10/Oct/2000:13:55:36 -0700`.
    CommonLog,
    /// `25 Apr 2024 05:32:35`, `1-Jan-2024::10:00:00`, `Mon, 02 Jan 2006 15:04:05 GMT`.
    DayMonthYear,
    /// `25 Apr 05:32:35`.
    DayMonth,
    /// `Oct 11 22:14:15`.
    MonthDay,
    /// `Oct 11 2003 22:14:15`, `Sep 13, 2024 1:02:03 PM`.
    MonthDayYear,
    /// `Sun Dec  4 04:47:44 2005`, `Wed May 19 12:00:02 UTC 2021`.
    Ctime,
    /// `2024 Oct 11 22:14:15`.
    YearMonthDay,
    /// Seconds, milliseconds, microseconds or nanoseconds since 1970.
    Epoch,
    /// `@4000000037c219bf2ef02e94`.
    Tai64n,
    /// `E0413 23:38:00.000000`.
    Klog,
    /// `E20240413 23:38:00.000000`.
    Glog,
    /// `10:00:01.123`: the date is written elsewhere.
    Clock,
}

impl Notation {
    /// Whether other things than times look like it, so that it counts only where a file has it on many lines.
    pub(super) fn is_weak(self) -> bool {
        matches!(self, Self::Epoch | Self::Clock | Self::ShortCompact | Self::MonthDayNumbers)
    }
}

/// The order of a date's three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
}

/// The orders of a file: of dates that end with four digits, and of dates of two digits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) long: Option<Order>,
    pub(super) short: Option<Order>,
}

/// A time that begins at a certain place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) notation: Notation,
    pub(super) moment: Moment,
    /// Where it ends.
    pub(super) end: usize,
}

/// The time that begins at `at`, if one does.
pub(super) fn read(bytes: &[u8], at: usize, orders: Orders) -> Option<Found> {
    let found = match *bytes.get(at)? {
        b'0'..=b'9' => numeric::read(bytes, at, orders),
        b'@' => epoch::tai64n(bytes, at),
        b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => {
            if at == 0
                && let Some(found) = numeric::klog(bytes)
            {
                return Some(found);
            }
            named::read(bytes, at)
        }
        _ => None,
    }?;
    (!bytes.get(found.end).is_some_and(|b| b.is_ascii_alphanumeric() && *b != b'T')).then_some(found)
}

/// The three numbers of a date whose order is open, and whether the last one is a year of four digits.
pub(super) fn numbers(bytes: &[u8], at: usize) -> Option<([u32; 3], bool)> {
    numeric::numbers(bytes, at).map(|(numbers, long, _, _)| (numbers, long))
}

#[cfg(test)]
mod tests {
    use firstfault_model::Assume;

    use super::*;
    use crate::format::moment::Assumed;
    use crate::format::scan::Clocks;

    /// Every notation with samples, what they mean in 2026 and UTC where they do not say.
    const NOTATIONS: &[(Notation, &str, &str)] = &[
        (Notation::Iso, "2026-11-24T10:00:01.123456789Z rest", "2026-11-24T10:00:01.123456789Z"),
        (Notation::Iso, "2026-11-24 10:00:01,123 INFO", "2026-11-24T10:00:01.123Z"),
        (Notation::Iso, "2026-11-24 10:00:01.5+05:30", "2026-11-24T04:30:01.5Z"),
        (Notation::Iso, "2026-11-24 10:00:01 -0500 x", "2026-11-24T15:00:01Z"),
        (Notation::Iso, "2026-11-24 10:00:01.123 PDT [7]", "2026-11-24T17:00:01.123Z"),
        (Notation::Iso, "2026-11-24 10:00:01.123 +0100 CET m=+0.01", "2026-11-24T09:00:01.123Z"),
        (Notation::Iso, "2026-11-24 10:00:01.123 -03 [7] LOG:  x", "2026-11-24T13:00:01.123Z"),
        (Notation::Iso, "2026-11-24 10:00:01 -03 dB", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026-11-24 time=10:00:01 devname", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026/11/24 10:00:01 [error]", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026.11.24 10:00:01.123456 [ 7 ]", "2026-11-24T10:00:01.123456Z"),
        (Notation::Iso, "2026-11-24-10.00.01.123456 host", "2026-11-24T10:00:01.123456Z"),
        (Notation::Iso, "2026-11-24-10.00.01.123456+060 I7", "2026-11-24T09:00:01.123456Z"),
        (Notation::Iso, "2026-11-24_10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026-11-24  10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026-11-24\t10:00:01\t1.2.3.4", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026-11-24T10:00Z", "2026-11-24T10:00:00Z"),
        (Notation::Iso, "2026-11-24 10:00:01, Info  CBS", "2026-11-24T10:00:01Z"),
        (Notation::Iso, "2026-1-4 1:02:03", "2026-01-04T01:02:03Z"),
        (Notation::Iso, "2026-11-24 at 10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Compact, "20261124.100001,672:DEBUG", "2026-11-24T10:00:01.672Z"),
        (Notation::Compact, "20261124-10:00:01:606|x", "2026-11-24T10:00:01.606Z"),
        (Notation::Compact, "20261124T100001Z", "2026-11-24T10:00:01Z"),
        (Notation::Compact, "20261124:100001.123 text", "2026-11-24T10:00:01.123Z"),
        (Notation::Compact, "20261124 10:00:01.5 text", "2026-11-24T10:00:01.5Z"),
        (Notation::Compact, "20261124100001 text", "2026-11-24T10:00:01Z"),
        (Notation::YearDay, "2026-328T10:00:01,672:WARN", "2026-11-24T10:00:01.672Z"),
        (Notation::ShortCompact, "261124 100001 148 INFO", "2026-11-24T10:00:01Z"),
        (Notation::ShortCompact, "261124  1:02:03 [Note]", "2026-11-24T01:02:03Z"),
        (Notation::Ordered, "26/11/24 10:00:01 INFO", "2026-11-24T10:00:01Z"),
        (Notation::Ordered, "11/24/2026 10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Ordered, "11/24/2026:10:00:01 GMT", "2026-11-24T10:00:01Z"),
        (Notation::Ordered, "11/24/2026, 1:02:03 PM", "2026-11-24T13:02:03Z"),
        (Notation::Ordered, "24.11.2026 10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Ordered, "24-11-2026 10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::Ordered, "11/24/26 12:02:03:004 AM EST", "2026-11-24T05:02:03.004Z"),
        (Notation::MonthDayNumbers, "11-24 10:00:01.811  1702", "2026-11-24T10:00:01.811Z"),
        (Notation::MonthDayNumbers, "11.24 10:00:01] x", "2026-11-24T10:00:01Z"),
        (Notation::MonthDayNumbers, "11/24-10:00:01.123456  [**]", "2026-11-24T10:00:01.123456Z"),
        (Notation::CommonLog, "24/Nov/2026:10:00:01 -0700] x", "2026-11-24T17:00:01Z"),
        (Notation::CommonLog, "24/Nov/2026:10:00:01.143] x", "2026-11-24T10:00:01.143Z"),
        (Notation::DayMonthYear, "24 Nov 2026 10:00:01.035 * x", "2026-11-24T10:00:01.035Z"),
        (Notation::DayMonthYear, "24-Nov-2026 10:00:01.123 INFO", "2026-11-24T10:00:01.123Z"),
        (Notation::DayMonthYear, "24-Nov-2026::10:00:01 ===", "2026-11-24T10:00:01Z"),
        (Notation::DayMonthYear, "24-Nov-2026 10:00:01 UTC] PHP", "2026-11-24T10:00:01Z"),
        (Notation::DayMonthYear, "Tue, 24 Nov 2026 10:00:01 GMT", "2026-11-24T10:00:01Z"),
        (Notation::DayMonthYear, "Tuesday 24 November 2026  10:00:01 +0100 (0:00)", "2026-11-24T09:00:01Z"),
        (Notation::DayMonthYear, "24 nov. 2026 10:00:01", "2026-11-24T10:00:01Z"),
        (Notation::DayMonth, "24 Nov 10:00:01.123 # x", "2026-11-24T10:00:01.123Z"),
        (Notation::MonthDay, "Nov 24 10:00:01 host", "2026-11-24T10:00:01Z"),
        (Notation::MonthDay, "Nov  4 10:00:01.123: %X", "2026-11-04T10:00:01.123Z"),
        (Notation::MonthDay, "Nov-24 10:00:01.123 [main]", "2026-11-24T10:00:01.123Z"),
        (Notation::MonthDay, "août 24 10:00:01 host", "2026-08-24T10:00:01Z"),
        (Notation::MonthDay, "Tue Nov 24 10:00:01 host", "2026-11-24T10:00:01Z"),
        (Notation::MonthDayYear, "Nov 24 2026 10:00:01: x", "2026-11-24T10:00:01Z"),
        (Notation::MonthDayYear, "Nov 24, 2026 1:02:03 PM org.x", "2026-11-24T13:02:03Z"),
        (Notation::MonthDayYear, "Nov 24, 2026 10:00:01,123 AM PST", "2026-11-24T18:00:01.123Z"),
        (Notation::Ctime, "Tue Nov 24 10:00:01 2026] x", "2026-11-24T10:00:01Z"),
        (Notation::Ctime, "Tue Nov  3 10:00:01.123456 2026", "2026-11-03T10:00:01.123456Z"),
        (Notation::Ctime, "Tue Nov 24 10:00:01 CET 2026 x", "2026-11-24T09:00:01Z"),
        (Notation::Ctime, "Tue Nov 24 10:00:01 +0100 2026", "2026-11-24T09:00:01Z"),
        (Notation::Ctime, "mar. nov. 24 10:00:01 2026", "2026-11-24T10:00:01Z"),
        (Notation::YearMonthDay, "2026 Nov 24 10:00:01 host", "2026-11-24T10:00:01Z"),
        (Notation::YearMonthDay, "2026-Nov-24 10:00:01.5", "2026-11-24T10:00:01.5Z"),
        (Notation::Epoch, "1795514401 x", "2026-11-24T10:00:01Z"),
        (Notation::Epoch, "1795514401.25 x", "2026-11-24T10:00:01.25Z"),
        (Notation::Epoch, "1795514401250 x", "2026-11-24T10:00:01.25Z"),
        (Notation::Epoch, "1795514401250000 x", "2026-11-24T10:00:01.25Z"),
        (Notation::Epoch, "1795514401250000000", "2026-11-24T10:00:01.25Z"),
        (Notation::Epoch, "1795514401.243:24287): x", "2026-11-24T10:00:01.243Z"),
        (Notation::Tai64n, "@400000006b05602b0ee6b280 x", "2026-11-24T10:00:01.25Z"),
        (Notation::Klog, "E1124 10:00:01.000002       1 a.go:3] x", "2026-11-24T10:00:01.000002Z"),
        (Notation::Glog, "E20261124 10:00:01.000002 7 a.cc:3] x", "2026-11-24T10:00:01.000002Z"),
    ];

    const OPEN: Orders = Orders { long: None, short: None };

    #[test]
    fn each_notation_reads_its_samples() {
        for (notation, sample, expected) in NOTATIONS {
            let found = read(sample.as_bytes(), 0, OPEN).unwrap_or_else(|| panic!("not read: {sample}"));
            assert_eq!(found.notation, *notation, "{sample}");
            assert!(Clocks::new(sample.as_bytes()).near(0), "not looked for: {sample}");
            let assume = Assume { year: Some(2026), ..Assume::default() };
            let time = Assumed::new(&assume, None).resolve(found.moment).expect("a date");
            assert_eq!(time.to_string(), *expected, "{sample}");
        }
    }

    #[test]
    fn a_cut_sample_is_read_without_harm() {
        for (_, sample, _) in NOTATIONS {
            for end in 0..sample.len() {
                let _ = read(&sample.as_bytes()[..end], 0, OPEN);
                let _ = read(&sample.as_bytes()[end..], 0, OPEN);
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_time_is_none() {
        for text in [
            "2026-13-24 10:00:00",
            "2026-11-24 25:00:00",
            "2026-11-24 10:61:00",
            "2026-02-30T10:00:00Z",
            "10.0.0.1 x",
            "10.0.0.1:8080",
            "12345 x",
            "9795514401 x",
            "1795514401abc",
            "192.168.10.1 - -",
            "1.2.3",
            "May be 10:00:00",
            "E1124",
            "@4000",
            "2026-11-24",
        ] {
            assert_eq!(read(text.as_bytes(), 0, OPEN), None, "{text}");
        }
    }

    #[test]
    fn the_order_of_a_file_is_followed() {
        let day_first = Orders { long: Some(Order::DayMonthYear), short: Some(Order::DayMonthYear) };
        let found = read(b"03/04/2026 10:00:00", 0, day_first).expect("a time");
        assert_eq!(read(b"2026-04-03 10:00:00", 0, OPEN).expect("a time").moment, found.moment);
        let found = read(b"03/04/26 10:00:00", 0, day_first).expect("a time");
        assert_eq!(read(b"2026-04-03 10:00:00", 0, OPEN).expect("a time").moment, found.moment);
    }
}
