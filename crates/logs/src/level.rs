//! How loud a line is.

use crate::Level;
use crate::line::logfmt;

/// The level that a text names in its first words.
pub(crate) fn level_in(text: &str) -> Option<Level> {
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
    if let Some(level) = logfmt(text, &["level", "lvl", "severity"]).and_then(|l| level_word(&l)) {
        return Some(level);
    }
    if text.starts_with("panic:") || text.starts_with("fatal error:") {
        return Some(Level::Fatal);
    }
    let head = text.char_indices().nth(120).map_or(text, |(i, _)| &text[..i]);
    let words = head.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).take(10);
    let mut words = words.filter(|w| {
        w.len() >= 3
            && (w.chars().all(char::is_uppercase)
                || head.trim_start().starts_with(*w)
                || head.contains(&format!("[{w}]"))
                || head.contains(&format!("\t{w}\t"))
                || head.contains(&format!("{w}:")))
    });
    words.find_map(level_word)
}

/// The level that a word names.
pub(crate) fn level_word(word: &str) -> Option<Level> {
    const WORDS: &[(&str, Level)] = &[
        ("trace", Level::Debug),
        ("debug", Level::Debug),
        ("dbug", Level::Debug),
        ("verbose", Level::Debug),
        ("fine", Level::Debug),
        ("info", Level::Info),
        ("information", Level::Info),
        ("notice", Level::Info),
        ("note", Level::Info),
        ("log", Level::Info),
        ("i", Level::Info),
        ("warn", Level::Warn),
        ("warning", Level::Warn),
        ("wrn", Level::Warn),
        ("w", Level::Warn),
        ("error", Level::Error),
        ("err", Level::Error),
        ("erro", Level::Error),
        ("severe", Level::Error),
        ("fail", Level::Error),
        ("e", Level::Error),
        ("fatal", Level::Fatal),
        ("crit", Level::Fatal),
        ("critical", Level::Fatal),
        ("panic", Level::Fatal),
        ("emerg", Level::Fatal),
        ("alert", Level::Fatal),
        ("emergency", Level::Fatal),
        ("f", Level::Fatal),
    ];
    WORDS.iter().find(|(w, _)| word.eq_ignore_ascii_case(w)).map(|(_, level)| *level)
}
