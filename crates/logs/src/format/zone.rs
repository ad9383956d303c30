//! Zones as logs write them behind a time.

/// Seconds east of UTC, and where the zone ends: `Z`, `+02:00`, `-0500`, `+02`, `UTC`, `CEST`, `GMT+0200`.
pub(super) fn written(bytes: &[u8]) -> Option<(i32, usize)> {
    match bytes.first()? {
        b'+' | b'-' => offset(bytes),
        b'Z' if !bytes.get(1).is_some_and(u8::is_ascii_alphanumeric) => Some((0, 1)),
        b'A'..=b'Z' => {
            let end = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
            let seconds = named(&bytes[..end])?;
            // `GMT+0200 (Central European …)`, as JavaScript writes it.
            if seconds == 0
                && let Some((more, length)) = offset(&bytes[end..])
            {
                return Some((more, end + length));
            }
            (!bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')).then_some((seconds, end))
        }
        _ => None,
    }
}

fn offset(bytes: &[u8]) -> Option<(i32, usize)> {
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digit = |i: usize| bytes.get(i).filter(|b| b.is_ascii_digit()).map(|b| i32::from(b - b'0'));
    let run = bytes[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let (hours, minutes, end) = match run {
        2 if bytes.get(3) == Some(&b':') && digit(4).is_some() => {
            (digit(1)? * 10 + digit(2)?, digit(4)? * 10 + digit(5)?, 6)
        }
        2 => (digit(1)? * 10 + digit(2)?, 0, 3),
        // Db2 writes minutes: `+060`.
        3 => {
            let minutes = digit(1)? * 100 + digit(2)? * 10 + digit(3)?;
            (minutes / 60, minutes % 60, 4)
        }
        4 => (digit(1)? * 10 + digit(2)?, digit(3)? * 10 + digit(4)?, 5),
        _ => return None,
    };
    (hours <= 15 && minutes < 60 && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric))
        .then_some((sign * (hours * 3600 + minutes * 60), end))
}

/// Abbreviations mean what most logs mean by them: CST is Chicago, IST is Delhi, BST is London.
fn named(name: &[u8]) -> Option<i32> {
    const QUARTER: i32 = 15 * 60;
    const NAMES: &[(&[u8], i32)] = &[
        (b"UTC", 0),
        (b"GMT", 0),
        (b"UCT", 0),
        (b"WET", 0),
        (b"WEST", 4),
        (b"CET", 4),
        (b"CEST", 8),
        (b"MEZ", 4),
        (b"MESZ", 8),
        (b"EET", 8),
        (b"EEST", 12),
        (b"MSK", 12),
        (b"BST", 4),
        (b"EST", -20),
        (b"EDT", -16),
        (b"CST", -24),
        (b"CDT", -20),
        (b"MST", -28),
        (b"MDT", -24),
        (b"PST", -32),
        (b"PDT", -28),
        (b"AKST", -36),
        (b"AKDT", -32),
        (b"HST", -40),
        (b"BRT", -12),
        (b"SAST", 8),
        (b"IST", 22),
        (b"WIB", 28),
        (b"SGT", 32),
        (b"HKT", 32),
        (b"AWST", 32),
        (b"JST", 36),
        (b"KST", 36),
        (b"ACST", 38),
        (b"AEST", 40),
        (b"AEDT", 44),
        (b"NZST", 48),
        (b"NZDT", 52),
    ];
    // Most words in capitals behind a time are levels.
    if !matches!(name, [_, _, b'T' | b'C' | b'Z' | b'K' | b'B'] | [_, _, _, b'T' | b'Z']) {
        return None;
    }
    NAMES.iter().find(|(n, _)| *n == name).map(|(_, quarters)| quarters * QUARTER)
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn zones_are_read_to_their_end() {
        for (text, expected) in [
            ("Z rest", Some((0, 1))),
            ("Zulu", None),
            ("+02:00]", Some((7200, 6))),
            ("-0500 x", Some((-18000, 5))),
            ("+05:30", Some((19800, 6))),
            ("+01", Some((3600, 3))),
            ("+060I123", None),
            ("+060 I123", Some((3600, 4))),
            ("-12345", None),
            ("-7", None),
            ("CEST x", Some((7200, 4))),
            ("IST", Some((19800, 3))),
            ("GMT+0200 (x)", Some((7200, 8))),
            ("INFO x", None),
            ("ESTIMATE", None),
        ] {
            assert_eq!(written(text.as_bytes()), expected, "{text}");
        }
    }
}
