//! Dates that begin with a name.

use super::super::cursor::Cursor;
use super::super::moment::{Moment, civil};
use super::super::month;
use super::super::zone;
use super::{Found, Notation, clock, numeric};

/// A date that begins with a month, or with a day of the week and then a month or a day.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<Found> {
    let cursor = Cursor::new(bytes, at);
    if !may_be(cursor) {
        return None;
    }
    if let Some(found) = month_first(cursor, false) {
        return Some(found);
    }
    // A day of the week, in whatever language: nothing else stands so before a date.
    let mut cursor = cursor;
    let letters = cursor.rest().iter().take(13).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
    if !(2..=12).contains(&letters) {
        return None;
    }
    cursor.at += letters;
    cursor.take(b'.');
    cursor.take(b',');
    if !cursor.blanks() {
        return None;
    }
    if cursor.peek().is_ascii_digit() {
        // A date without its year may follow any word.
        return numeric::day_month(cursor).filter(|f| f.notation == Notation::DayMonthYear && letters >= 3);
    }
    month_first(cursor, true)
}

/// Whether a number follows the word, or one more word: most words of a text are sorted out by it, before any name is
/// looked up.
fn may_be(mut cursor: Cursor<'_>) -> bool {
    for _ in 0..2 {
        let letters = cursor.rest().iter().take(13).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
        if !(2..=12).contains(&letters) {
            return false;
        }
        cursor.at += letters;
        cursor.take(b'.');
        cursor.take(b',');
        if !(cursor.blanks() || cursor.take(b'-')) {
            return false;
        }
        if cursor.peek().is_ascii_digit() {
            return true;
        }
    }
    false
}

fn month_first(mut cursor: Cursor<'_>, weekday: bool) -> Option<Found> {
    let (month, length) = month::month(cursor.rest())?;
    cursor.at += length;
    if !(cursor.take(b'-') || cursor.blanks()) {
        return None;
    }
    let day = cursor.short()?;
    let comma = cursor.take(b',');
    if !cursor.blanks() {
        return None;
    }
    let year = |cursor: &mut Cursor<'_>| {
        let is = cursor.digits() == 4;
        let number = if is { cursor.fixed(4) } else { None };
        number.filter(|y| (1970..2100).contains(y)).and_then(|y| i16::try_from(y).ok())
    };
    if cursor.digits() == 4 {
        let year = year(&mut cursor)?;
        let marked = cursor.take(b',');
        if !(cursor.blanks() || marked || cursor.take(b':')) {
            return None;
        }
        if cursor.word(b"at ") {
            cursor.blanks();
        }
        let time = clock::read(&mut cursor, false)?;
        return Some(Found {
            notation: Notation::MonthDayYear,
            moment: civil(Some(year), month, day, time)?,
            end: cursor.at,
        });
    }
    if comma {
        return None;
    }
    let mut time = clock::read(&mut cursor, false)?;
    // The year follows, in ctime's manner, perhaps after a zone that the clock did not take.
    let mut ahead = cursor;
    if ahead.blanks() {
        if let Some((offset, length)) = zone::written(ahead.rest()) {
            let mut further = ahead;
            further.at += length;
            if further.blanks() {
                time.offset = time.offset.or(Some(offset));
                ahead = further;
            }
        }
        let mut after = ahead;
        if let Some(year) = year(&mut after)
            && !after.peek().is_ascii_alphanumeric()
            && (weekday || matches!(after.peek(), b' ' | b']' | b')' | b'"' | b':' | b'|' | b',' | 0))
        {
            return Some(Found {
                notation: Notation::Ctime,
                moment: civil(Some(year), month, day, time)?,
                end: after.at,
            });
        }
    }
    let moment: Moment = civil(None, month, day, time)?;
    Some(Found { notation: Notation::MonthDay, moment, end: cursor.at })
}
