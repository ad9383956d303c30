//! Seconds since 1970, and TAI64N labels.

use super::super::cursor::Cursor;
use super::super::moment::Moment;
use super::{Found, Notation};

/// From 2001 to 2036: ten digits outside of it are hardly ever a time.
const PLAUSIBLE: std::ops::Range<i64> = 1_000_000_000..2_100_000_000;

/// 10 digits and a fraction, 13, 16 or 19 digits.
pub(super) fn read(mut cursor: Cursor<'_>) -> Option<Found> {
    let digits = cursor.digits();
    let seconds = i64::from(cursor.fixed(9)?) * 10 + i64::from(cursor.fixed(1)?);
    let nanos = match digits {
        10 if matches!(cursor.peek(), b'.' | b',') && cursor.ahead(1).is_ascii_digit() => {
            cursor.at += 1;
            cursor.fraction()?
        }
        10 => 0,
        _ => cursor.fraction()?,
    };
    PLAUSIBLE.contains(&seconds).then_some(Found {
        notation: Notation::Epoch,
        moment: Moment::Instant(seconds, nanos),
        end: cursor.at,
    })
}

/// `@` and 24 digits of base 16: 2^62 and TAI seconds, then nanoseconds. Many writers add ten seconds and no leap
/// seconds to the Unix time (as daemontools' own library does), so that is what is taken off.
pub(super) fn tai64n(bytes: &[u8], at: usize) -> Option<Found> {
    let label = bytes.get(at + 1..at + 25)?;
    let mut value = 0u128;
    for byte in label {
        value = value * 16 + u128::from(char::from(*byte).to_digit(16)?);
    }
    let seconds = i64::try_from((value >> 32).checked_sub(1 << 62)?).ok()?;
    let nanos = u32::try_from(value & 0xffff_ffff).ok()?;
    (nanos < 1_000_000_000).then_some(Found {
        notation: Notation::Tai64n,
        moment: Moment::Instant(seconds - 10, nanos),
        end: at + 25,
    })
}
