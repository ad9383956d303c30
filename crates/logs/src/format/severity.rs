//! How loud a line is.

use super::logfmt;
use crate::Level;

/// The level that a text names in its first words.
pub(crate) fn of_text(text: &str) -> Option<Level> {
    // klog's letter stands before the date.
    let bytes = text.as_bytes();
    if bytes.len() > 6 && bytes[1..5].iter().all(u8::is_ascii_digit) && bytes[5] == b' ' {
        match bytes[0] {
            b'I' => return Some(Level::Info),
            b'W' => return Some(Level::Warn),
            b'E' => return Some(Level::Error),
            b'F' => return Some(Level::Fatal),
            _ => {}
        }
    }
    if let Some(level) = logfmt::value(text, &["level", "lvl", "severity"]).and_then(word) {
        return Some(level);
    }
    if text.starts_with("panic:") || text.starts_with("fatal error:") {
        return Some(Level::Fatal);
    }
    // MongoDB before 4.4 pads the component behind the letter: `E STORAGE  [initandlisten] `.
    if bytes.len() > 11 && bytes[1] == b' ' && bytes[10..12] == *b" [" {
        return letter(&text[..1]);
    }
    in_head(text)
}

/// The mark of Redis between the time and the text, behind `7:M `: `.` is for debugging, `-` verbose, `*` a notice,
/// `#` a warning.
pub(super) fn redis(text: &str) -> Option<Level> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (pid, rest) = text.split_once(':').filter(|(pid, _)| !pid.is_empty() && pid.len() < 8)?;
    let role = matches!(rest.as_bytes(), [b'M' | b'S' | b'C' | b'X', b' ', ..]);
    if !role || !pid.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Behind the day, the month, the year and the time.
    Some(match text.split(' ').nth(5)? {
        "#" => Level::Warn,
        "*" => Level::Info,
        "." | "-" => Level::Debug,
        _ => return None,
    })
}

/// Characters of a text in which its level may stand, and words.
const HEAD: usize = 120;
const MOST_WORDS: usize = 10;

fn in_head(text: &str) -> Option<Level> {
    let head = match text.as_bytes().get(..HEAD) {
        Some(first) if !first.is_ascii() => text.char_indices().nth(HEAD).map_or(text, |(i, _)| &text[..i]),
        Some(_) => &text[..HEAD],
        None => text,
    };
    let bytes = head.as_bytes();
    let leading = head.len() - head.trim_start().len();
    let is_letter = |b: &u8| b.is_ascii_alphabetic() || *b >= 0x80;
    let mut at = 0;
    for seen in 1..=MOST_WORDS {
        while bytes.get(at).is_some_and(|b| !is_letter(b)) {
            at += 1;
        }
        let from = at;
        while bytes.get(at).is_some_and(is_letter) {
            at += 1;
        }
        if from == at {
            break;
        }
        let before = if from == 0 { 0 } else { bytes[from - 1] };
        let after = bytes.get(at).copied().unwrap_or(0);
        // In a sentence.
        if bytes[from].is_ascii_lowercase() && from != leading && before == b' ' && after != b':' {
            continue;
        }
        let name = &head[from..at];
        // `(EE)`, as an X server writes it, and a lone letter between blanks, tabs, bars or brackets.
        if name.len() < 3 {
            let framed = matches!((before, after), (b'[' | b'(' | b'<', b']' | b')' | b'>') | (b'\t', b'\t'));
            let first = seen <= 3
                && before == b' '
                && matches!(after, b' ' | b'/' | b'|')
                && from > 1
                && bytes[..from].iter().all(|b| !b.is_ascii_alphabetic());
            if let Some(level) = letter(name).filter(|_| framed || first) {
                return Some(level);
            }
            continue;
        }
        let loud = name.bytes().all(|b| b.is_ascii_uppercase());
        let framed = (before == b'[' && after == b']')
            || (before == b'<' && after == b'>')
            || (before == b'\t' && after == b'\t')
            // Apache: `[proxy:error]`.
            || (before == b':' && after == b']')
            || after == b':';
        if (loud || from == leading || framed)
            && let Some(level) = word(name)
        {
            return Some(level);
        }
    }
    None
}

fn letter(name: &str) -> Option<Level> {
    Some(match name {
        "T" | "D" | "V" => Level::Debug,
        "I" | "II" | "N" => Level::Info,
        "W" | "WW" => Level::Warn,
        "E" | "EE" => Level::Error,
        "F" | "C" => Level::Fatal,
        _ => return None,
    })
}

/// The level that a word names, in whatever case.
pub(crate) fn word(word: &str) -> Option<Level> {
    const LONGEST: usize = 13;
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"trace" | b"trce" | b"debug" | b"dbug" | b"dbg" | b"verbose" | b"vrb" | b"fine" | b"finer" | b"finest" => {
            Level::Debug
        }
        b"info" | b"inf" | b"information" | b"informational" | b"notice" | b"note" | b"log" | b"default"
        | b"normal" | b"i" => Level::Info,
        b"warn" | b"warning" | b"wrn" | b"w" => Level::Warn,
        b"error" | b"err" | b"erro" | b"eror" | b"severe" | b"fail" | b"e" => Level::Error,
        b"fatal" | b"ftl" | b"crit" | b"critical" | b"panic" | b"dpanic" | b"emerg" | b"alert" | b"emergency"
        | b"f" => Level::Fatal,
        _ => return None,
    })
}

/// Numbers that stand for levels: syslog's 0 to 7 (`PRIORITY`), the tens of bunyan and pino, OpenTelemetry's 1 to 24.
pub(super) fn number(key: &[u8], number: i64) -> Option<Level> {
    match key {
        b"PRIORITY" | b"priority" => Some(syslog(number)),
        b"severityNumber" | b"SeverityNumber" | b"severity_number" => Some(match number {
            1..=8 => Level::Debug,
            9..=12 => Level::Info,
            13..=16 => Level::Warn,
            17..=20 => Level::Error,
            21..=24 => Level::Fatal,
            _ => return None,
        }),
        _ => Some(match number {
            60.. => Level::Fatal,
            50..60 => Level::Error,
            40..50 => Level::Warn,
            30..40 => Level::Info,
            8..30 => Level::Debug,
            // GELF counts as syslog does.
            0..8 => return (key == b"level").then(|| syslog(number)),
            _ => return None,
        }),
    }
}

/// The level of a syslog severity: 0 is an emergency, 7 is for debugging.
pub(super) fn syslog(severity: i64) -> Level {
    match severity {
        ..=2 => Level::Fatal,
        3 => Level::Error,
        4 => Level::Warn,
        5 | 6 => Level::Info,
        _ => Level::Debug,
    }
}

/// The level of an event of Windows: 1 is critical, 5 is verbose, 0 is what is always written.
pub(super) fn windows(level: i64) -> Level {
    match level {
        1 => Level::Fatal,
        2 => Level::Error,
        3 => Level::Warn,
        0 | 4 => Level::Info,
        _ => Level::Debug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_several_writers() {
        for (text, expected) in [
            ("[ERROR] no", Some(Level::Error)),
            ("ERROR failed", Some(Level::Error)),
            ("12345#0: *70 [crit] no", Some(Level::Fatal)),
            ("LOG:  starting", Some(Level::Info)),
            ("WARNING: late", Some(Level::Warn)),
            ("1702  2395 D WindowManager: x", Some(Level::Debug)),
            ("[   12.1] (EE) no screens", Some(Level::Error)),
            ("<Error> Application: x", Some(Level::Error)),
            ("level=warning msg=x", Some(Level::Warn)),
            ("E1124 10:00:01.1 7 a.go:1] x", Some(Level::Error)),
            ("panic: boom", Some(Level::Fatal)),
            ("an error is nothing here", None),
            ("GET /error 200", None),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
