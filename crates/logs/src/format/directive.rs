//! Lines that tell how the others are to be read: headings of W3C and Zeek logs and of comma-separated files.

use super::cursor::Cursor;
use super::moment::{Moment, TimeOfDay};
use super::notation::{self, Notation, Orders};

/// The columns in which date and time stand, where a heading named them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    date: Option<usize>,
    time: Option<usize>,
}

/// What a line that begins with `#` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// A heading that says nothing about times.
    Other,
    /// `#Date: 2002-05-02 17:42:15`.
    Date(Moment),
    /// `#Fields: date time c-ip`.
    Fields(Columns),
}

/// `None` for a `#` line that is no heading.
pub(super) fn read(line: &str) -> Option<Directive> {
    let rest = line.strip_prefix('#')?;
    let end = rest.find([':', ' ', '\t']).unwrap_or(rest.len());
    let (name, value) = rest.split_at(end);
    let value = value.trim_start_matches([':', ' ', '\t']);
    const NAMES: &[&str] = &[
        "Software",
        "Version",
        "Date",
        "Start-Date",
        "End-Date",
        "Remark",
        "Fields",
        "GMT-Offset",
        "System",
        "Comment",
        "separator",
        "set_separator",
        "empty_field",
        "unset_field",
        "path",
        "open",
        "close",
        "fields",
        "types",
    ];
    if !NAMES.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        return None;
    }
    if name.eq_ignore_ascii_case("date") || name.eq_ignore_ascii_case("start-date") {
        let found = notation::read(value.as_bytes(), 0, Orders { long: None, short: None });
        let alone = || day(value.as_bytes(), 0);
        return Some(found.map(|f| f.moment).or_else(alone).map_or(Directive::Other, Directive::Date));
    }
    if name.eq_ignore_ascii_case("fields") {
        let mut columns = Columns::default();
        for (i, field) in value.split([' ', '\t']).filter(|f| !f.is_empty()).enumerate() {
            let field = field.strip_prefix("x-").unwrap_or(field);
            let field = field.strip_suffix("-local").or_else(|| field.strip_suffix("-gmt")).unwrap_or(field);
            match field {
                "date" => columns.date = columns.date.or(Some(i)),
                "time" => columns.time = columns.time.or(Some(i)),
                _ => {}
            }
        }
        return Some(Directive::Fields(columns));
    }
    Some(Directive::Other)
}

impl Columns {
    /// Whether date and time must be taken from columns of their own.
    pub(super) fn apart(self) -> bool {
        match (self.date, self.time) {
            (Some(date), Some(time)) => time != date + 1 || date > 0,
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// The time of a line by its columns.
    pub(super) fn time(self, line: &str) -> Option<Moment> {
        let column = |n: usize| {
            let mut at = 0;
            let bytes = line.as_bytes();
            for _ in 0..n {
                at += memchr::memchr2(b' ', b'\t', bytes.get(at..)?)? + 1;
            }
            Some(at)
        };
        let bytes = line.as_bytes();
        let at = column(self.time?)?;
        let found = notation::read(bytes, at, Orders { long: None, short: None })?;
        let (Notation::Clock, Moment::Clock(time)) = (found.notation, found.moment) else { return Some(found.moment) };
        let Some(date) = self.date else { return Some(Moment::Clock(time)) };
        match day(bytes, column(date)?)? {
            Moment::Civil { year, month, day, .. } => Some(Moment::Civil { year, month, day, time }),
            other => Some(other),
        }
    }
}

/// A date alone.
fn day(bytes: &[u8], at: usize) -> Option<Moment> {
    let mut cursor = Cursor::new(bytes, at);
    let year = i16::try_from(cursor.fixed(4)?).ok()?;
    let mark = cursor.one_of(b"-/.")?;
    let month = cursor.short()?;
    cursor.take(mark);
    let day = cursor.short()?;
    super::moment::civil(Some(year), month, day, TimeOfDay::default())
}

/// Whether a line names the columns of the lines after it: `timestamp,level,message`.
pub(super) fn is_heading(line: &str, next: &str) -> bool {
    let mark = if line.contains(',') {
        ','
    } else if line.contains('\t') {
        '\t'
    } else {
        ' '
    };
    let mut names = 0;
    let named = line.trim().split(mark).all(|field| {
        names += 1;
        let field = field.trim_matches(['"', ' ']);
        !field.is_empty()
            && field.len() <= 40
            && field.bytes().any(|b| b.is_ascii_alphabetic())
            && field.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.@# ()/".contains(&b))
    });
    let columns = next.trim().split(mark).count();
    let times = ["time", "date", "ts", "start"];
    let lower = line.to_ascii_lowercase();
    let enough = if mark == ' ' { 5 } else { 2 };
    named
        && names >= enough
        && columns >= names
        && times.iter().any(|t| lower.contains(t))
        && !line.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str) -> Columns {
        match read(line) {
            Some(Directive::Fields(columns)) => columns,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn headings_tell_date_and_columns() {
        assert_eq!(read("#Software: Server 1"), Some(Directive::Other));
        assert!(matches!(read("#Date: 2026-11-24 10:00:01"), Some(Directive::Date(Moment::Civil { day: 24, .. }))));
        assert!(matches!(read("#Date: 2026-11-24"), Some(Directive::Date(Moment::Civil { day: 24, .. }))));
        assert_eq!(read("# a remark"), None);
        assert!(!fields("#Fields: date time c-ip").apart());
        assert!(!fields("#fields\tts\tuid").apart());
        let apart = fields("#Fields: time c-ip date");
        assert!(matches!(apart.time("10:00:01 10.0.0.1 2026-11-24"), Some(Moment::Civil { day: 24, .. })));
        let alone = fields("#Fields: c-ip time");
        assert!(matches!(alone.time("10.0.0.1 10:00:01"), Some(Moment::Clock(_))));
        assert_eq!(alone.time("10.0.0.1"), None);
    }

    #[test]
    fn the_names_of_columns_are_no_record() {
        assert!(is_heading("timestamp,level,message", "2026-11-24 10:00:01,info,a, b"));
        assert!(!is_heading("Server start failed", "no reason was given"));
        assert!(!is_heading("hello, world", "a, b"));
    }
}
