//! Times of day.

use super::super::cursor::Cursor;
use super::super::moment::TimeOfDay;
use super::super::zone;

/// `10:00:01`, with `:` or `.` between, seconds left out where `short` allows it; then a fraction, `AM` or `PM`, and
/// a zone.
pub(super) fn read(cursor: &mut Cursor<'_>, short: bool) -> Option<TimeOfDay> {
    let hour = cursor.short()?;
    let mark = cursor.one_of(b":.")?;
    let minute = cursor.fixed(2)?;
    let second = if cursor.peek() == mark && cursor.ahead(1).is_ascii_digit() {
        cursor.take(mark);
        cursor.fixed(2)?
    } else if short && mark == b':' {
        0
    } else {
        return None;
    };
    finish(cursor, hour, minute, second)
}

/// `100001`.
pub(super) fn compact(cursor: &mut Cursor<'_>) -> Option<TimeOfDay> {
    let (hour, minute, second) = (cursor.fixed(2)?, cursor.fixed(2)?, cursor.fixed(2)?);
    finish(cursor, hour, minute, second)
}

/// What may follow hour, minute and second: a fraction, `AM` or `PM`, and a zone.
pub(super) fn finish(cursor: &mut Cursor<'_>, mut hour: u32, minute: u32, second: u32) -> Option<TimeOfDay> {
    // 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let nanos = fraction(cursor);
    if let Some(afternoon) = half(cursor) {
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let offset = offset(cursor);
    Some(TimeOfDay { second: hour * 3600 + minute * 60 + second, nanos, offset })
}

fn fraction(cursor: &mut Cursor<'_>) -> u32 {
    let mut ahead = *cursor;
    let nanos = match ahead.one_of(b".,:") {
        Some(b':') if ahead.digits() != 3 => None,
        Some(_) => ahead.fraction(),
        None => None,
    };
    match nanos {
        Some(nanos) => {
            *cursor = ahead;
            nanos
        }
        None => 0,
    }
}

/// Whether it says PM; nothing where it says neither.
fn half(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *cursor;
    // A narrow blank, as newer Java versions write it.
    let _ = ahead.blanks() || ahead.word("\u{202f}".as_bytes());
    let letter = ahead.peek() | 0x20;
    if !matches!(letter, b'a' | b'p') {
        return None;
    }
    let rest = ahead.rest();
    let length = if rest.len() >= 4 && rest[1] == b'.' && rest[2] | 0x20 == b'm' && rest[3] == b'.' {
        4
    } else if rest.len() >= 2 && rest[1] | 0x20 == b'm' {
        2
    } else {
        return None;
    };
    if rest.get(length).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    ahead.at += length;
    *cursor = ahead;
    Some(letter == b'p')
}

fn offset(cursor: &mut Cursor<'_>) -> Option<i32> {
    let mut ahead = *cursor;
    let apart = ahead.blanks();
    let (offset, length) = zone::written(ahead.rest())?;
    // `10:00:00 -03 [7]`, as PostgreSQL writes some zones; else a lone short number is something else.
    let short = apart && length < 4 && matches!(ahead.peek(), b'+' | b'-');
    if short && !(ahead.rest()[length..].starts_with(b" [") || matches!(ahead.ahead(length), b':' | b']')) {
        return None;
    }
    ahead.at += length;
    *cursor = ahead;
    // `+0000 UTC`, as Go prints it.
    let mut name = ahead;
    if name.blanks()
        && name.peek().is_ascii_uppercase()
        && let Some((_, length)) = zone::written(name.rest())
    {
        name.at += length;
        *cursor = name;
    }
    Some(offset)
}
