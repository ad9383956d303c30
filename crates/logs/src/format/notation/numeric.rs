//! Dates that begin with a digit.

use super::super::cursor::Cursor;
use super::super::moment::{Moment, TimeOfDay, civil, of_year_day};
use super::super::month;
use super::{Found, Notation, Order, Orders, clock, epoch};

pub(super) fn read(bytes: &[u8], at: usize, orders: Orders) -> Option<Found> {
    let cursor = Cursor::new(bytes, at);
    let next = |n: usize| cursor.ahead(n);
    match cursor.digits() {
        4 => match next(4) {
            b'-' | b'/' | b'.' => {
                usual(cursor).or_else(|| iso(cursor)).or_else(|| year_day(cursor)).or_else(|| year_month_day(cursor))
            }
            b' ' => year_month_day(cursor),
            _ => None,
        },
        1 | 2 => few_digits(cursor, orders),
        6 => short_compact(cursor),
        8 => compact(cursor),
        14 => all_compact(cursor),
        10 | 13 | 16 | 19 => epoch::read(cursor),
        _ => None,
    }
}

fn found(notation: Notation, moment: Moment, cursor: Cursor<'_>) -> Option<Found> {
    Some(Found { notation, moment, end: cursor.at })
}

fn year(number: u32) -> Option<i16> {
    // A year of two digits is one from 1970 to 2069.
    let year = match number {
        0..70 => number + 2000,
        70..100 => number + 1900,
        1970..2100 => number,
        _ => return None,
    };
    i16::try_from(year).ok()
}

/// `2026-11-24T10:00:01`, or a blank in place of the `T`: what most lines have, read at once.
fn usual(mut cursor: Cursor<'_>) -> Option<Found> {
    const DIGITS: [usize; 14] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18];
    let text: &[u8; 19] = cursor.rest().first_chunk()?;
    let digit = |i: usize| u32::from(text[i].wrapping_sub(b'0'));
    let marked = text[4] == text[7] && matches!(text[10], b'T' | b' ') && text[13] == b':' && text[16] == b':';
    if !marked || DIGITS.into_iter().any(|i| digit(i) > 9) {
        return None;
    }
    let pair = |i: usize| digit(i) * 10 + digit(i + 1);
    cursor.at += text.len();
    let time = clock::finish(&mut cursor, pair(11), pair(14), pair(17))?;
    found(Notation::Iso, civil(Some(year(pair(0) * 100 + pair(2))?), pair(5), pair(8), time)?, cursor)
}

fn iso(mut cursor: Cursor<'_>) -> Option<Found> {
    let year = year(cursor.fixed(4)?)?;
    let mark = cursor.one_of(b"-/.")?;
    let month = cursor.short()?;
    if !cursor.take(mark) {
        return None;
    }
    let day = cursor.short()?;
    let moment = if cursor.one_of(b"Tt_,:-.").is_some() {
        cursor.blanks();
        time(&mut cursor, true)?
    } else if cursor.blanks() {
        if cursor.word(b"at ") {
            cursor.blanks();
        }
        cursor.word(b"time=");
        time(&mut cursor, true)?
    } else {
        return None;
    };
    found(Notation::Iso, civil(Some(year), month, day, moment)?, cursor)
}

fn time(cursor: &mut Cursor<'_>, short: bool) -> Option<TimeOfDay> {
    if cursor.digits() >= 6 { clock::compact(cursor) } else { clock::read(cursor, short) }
}

fn year_day(mut cursor: Cursor<'_>) -> Option<Found> {
    let year = year(cursor.fixed(4)?)?;
    cursor.one_of(b"-/.")?;
    if cursor.digits() != 3 {
        return None;
    }
    let day = cursor.fixed(3)?;
    cursor.one_of(b"T -_:")?;
    let time = clock::read(&mut cursor, false)?;
    found(Notation::YearDay, of_year_day(year, day, time)?, cursor)
}

/// `2024 Oct 11 22:14:15`, `2024-Oct-11 22:14:15`.
fn year_month_day(mut cursor: Cursor<'_>) -> Option<Found> {
    let year = year(cursor.fixed(4)?)?;
    let mark = cursor.one_of(b" -/")?;
    let (month, length) = month::month(cursor.rest())?;
    cursor.at += length;
    if !(cursor.take(mark) && (mark != b' ' || cursor.peek() != b' ' || cursor.blanks())) {
        return None;
    }
    let day = cursor.short()?;
    cursor.one_of(b" T:")?;
    cursor.blanks();
    let time = clock::read(&mut cursor, false)?;
    found(Notation::YearMonthDay, civil(Some(year), month, day, time)?, cursor)
}

fn short_compact(mut cursor: Cursor<'_>) -> Option<Found> {
    let (year, month, day) = (year(cursor.fixed(2)?)?, cursor.fixed(2)?, cursor.fixed(2)?);
    if !cursor.blanks() {
        return None;
    }
    let time = match cursor.digits() {
        6 => clock::compact(&mut cursor)?,
        1 | 2 => clock::read(&mut cursor, false)?,
        _ => return None,
    };
    found(Notation::ShortCompact, civil(Some(year), month, day, time)?, cursor)
}

fn compact(mut cursor: Cursor<'_>) -> Option<Found> {
    let (year, month, day) = (year(cursor.fixed(4)?)?, cursor.fixed(2)?, cursor.fixed(2)?);
    if cursor.one_of(b"T.-_:/").is_none() && !cursor.blanks() {
        return None;
    }
    let time = match cursor.digits() {
        6 | 9 => clock::compact(&mut cursor)?,
        1 | 2 => clock::read(&mut cursor, false)?,
        _ => return None,
    };
    found(Notation::Compact, civil(Some(year), month, day, time)?, cursor)
}

fn all_compact(mut cursor: Cursor<'_>) -> Option<Found> {
    let (year, month, day) = (year(cursor.fixed(4)?)?, cursor.fixed(2)?, cursor.fixed(2)?);
    let time = clock::compact(&mut cursor)?;
    found(Notation::Compact, civil(Some(year), month, day, time)?, cursor)
}

/// The numbers, whether the last has four digits, the mark between them, and where the date ends.
pub(super) fn numbers(bytes: &[u8], at: usize) -> Option<([u32; 3], bool, u8, usize)> {
    let mut cursor = Cursor::new(bytes, at);
    let first = cursor.short()?;
    let mark = cursor.one_of(b"/.-")?;
    let second = cursor.short()?;
    if !cursor.take(mark) {
        return None;
    }
    let digits = cursor.digits();
    let third = cursor.fixed(if digits == 4 { 4 } else { 2 })?;
    (!cursor.peek().is_ascii_digit()).then_some(([first, second, third], digits == 4, mark, cursor.at))
}

fn few_digits(cursor: Cursor<'_>, orders: Orders) -> Option<Found> {
    let width = cursor.digits();
    match cursor.ahead(width) {
        b'/' | b'-' | b'.' => {
            if cursor.ahead(width + 1).is_ascii_digit() {
                ordered(cursor, orders).or_else(|| month_day(cursor))
            } else {
                day_month(cursor)
            }
        }
        b' ' => day_month(cursor),
        b':' => {
            let mut cursor = cursor;
            let time = clock::read(&mut cursor, false)?;
            // An address or a duration goes on.
            if matches!(cursor.peek(), b':' | b'.') {
                return None;
            }
            found(Notation::Clock, Moment::Clock(time), cursor)
        }
        _ => None,
    }
}

fn ordered(mut cursor: Cursor<'_>, orders: Orders) -> Option<Found> {
    let (numbers, long, mark, end) = numbers(cursor.rest(), 0)?;
    cursor.at += end;
    if cursor.one_of(b",:T-_").is_some() {
        cursor.blanks();
    } else if !cursor.blanks() {
        return None;
    }
    let time = clock::read(&mut cursor, true)?;
    let usual: &[Order] = match (long, mark) {
        (true, b'/') => &[Order::MonthDayYear, Order::DayMonthYear],
        (true, _) => &[Order::DayMonthYear, Order::MonthDayYear],
        (false, b'.') => &[Order::DayMonthYear, Order::YearMonthDay, Order::MonthDayYear],
        (false, _) => &[Order::YearMonthDay, Order::MonthDayYear, Order::DayMonthYear],
    };
    let told = if long { orders.long } else { orders.short };
    let moment = told.into_iter().chain(usual.iter().copied()).find_map(|order| date(numbers, order, time))?;
    found(Notation::Ordered, moment, cursor)
}

/// The date of three numbers in an order, if there is such a day.
fn date([a, b, c]: [u32; 3], order: Order, time: TimeOfDay) -> Option<Moment> {
    let (year_number, month, day) = match order {
        Order::YearMonthDay => (a, b, c),
        Order::MonthDayYear => (c, a, b),
        Order::DayMonthYear => (c, b, a),
    };
    civil(Some(year(year_number)?), month, day, time)
}

/// `03-17 16:13:38`, `12/30-10:00:00`.
fn month_day(mut cursor: Cursor<'_>) -> Option<Found> {
    let month = cursor.short()?;
    cursor.one_of(b"/.-")?;
    let day = cursor.short()?;
    if !(cursor.take(b' ') || cursor.take(b'-')) {
        return None;
    }
    cursor.blanks();
    let time = clock::read(&mut cursor, false)?;
    found(Notation::MonthDayNumbers, civil(None, month, day, time)?, cursor)
}

/// `10/Oct/2000:13:55:36`, `25 Apr 2024 05:32:35`, `25 Apr 05:32:35`.
pub(super) fn day_month(mut cursor: Cursor<'_>) -> Option<Found> {
    let day = cursor.short()?;
    let mark = cursor.one_of(b"/- .")?;
    cursor.blanks();
    let (month, length) = month::month(cursor.rest())?;
    cursor.at += length;
    if !(cursor.take(mark) || cursor.take(b' ') || cursor.take(b',')) {
        return None;
    }
    cursor.blanks();
    let digits = cursor.digits();
    if digits == 4 || digits == 2 && cursor.ahead(2) != b':' {
        let year = year(cursor.fixed(digits)?)?;
        let at = cursor.at;
        while cursor.one_of(b" :,T").is_some() {}
        if cursor.at == at {
            return None;
        }
        let time = clock::read(&mut cursor, false)?;
        let notation = if mark == b'/' { Notation::CommonLog } else { Notation::DayMonthYear };
        return found(notation, civil(Some(year), month, day, time)?, cursor);
    }
    let time = clock::read(&mut cursor, false)?;
    found(Notation::DayMonth, civil(None, month, day, time)?, cursor)
}

/// `E0413 23:38:00.000000`, `E20240413 23:38:00.000000`.
pub(super) fn klog(bytes: &[u8]) -> Option<Found> {
    let mut cursor = Cursor::new(bytes, 0);
    cursor.one_of(b"IWEFDC")?;
    let (year, notation) = match cursor.digits() {
        4 => (None, Notation::Klog),
        8 => (Some(year(cursor.fixed(4)?)?), Notation::Glog),
        _ => return None,
    };
    let (month, day) = (cursor.fixed(2)?, cursor.fixed(2)?);
    if !cursor.take(b' ') {
        return None;
    }
    let time = clock::read(&mut cursor, false)?;
    found(notation, civil(year, month, day, time)?, cursor)
}
