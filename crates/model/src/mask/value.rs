//! What a value looks like: a secret, or a word that only stands where one could.

use super::keys::Worth;

/// Words of messages that follow `token:` or `password=` without being one.
const WORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "nil",
    "none",
    "yes",
    "no",
    "undefined",
    "unset",
    "empty",
    "expired",
    "missing",
    "invalid",
    "incorrect",
    "required",
    "not",
    "failed",
    "denied",
    "ok",
    "rejected",
    "accepted",
    "unknown",
    "absent",
    "present",
    "changed",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "default",
    "opaque",
    "bearer",
    "basic",
    "string",
    "enabled",
    "disabled",
    "unauthorized",
    "error",
];

/// Where a value was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// In a place that has a form: `key=value`, JSON, YAML, a flag.
    Formed,
    /// In quotes in such a place.
    Quoted,
    /// After a colon within a sentence.
    Prose,
}

/// Whether a value is a secret, given what its name is worth and where it was found.
pub(super) fn is_secret(value: &str, worth: Worth, found: Found) -> bool {
    if is_placeholder(value) || is_path(value) {
        return false;
    }
    let digits_only = value.bytes().all(|b| b.is_ascii_digit() || b".,:-%".contains(&b));
    let enough = match worth {
        Worth::Password => true,
        Worth::Token => value.len() >= 4 && !digits_only,
        Worth::Secret => value.len() >= 4 && !digits_only && !is_object_name(value),
        Worth::Auth => value.len() >= 8 && is_mixed(value) && !value.contains(' '),
    };
    enough && (found != Found::Prose || (value.len() >= 6 && is_mixed(value) && !digits_only && !is_object_name(value)))
}

/// What stands for a value: nothing, a variable, a template, stars, a mark of ours.
fn is_placeholder(value: &str) -> bool {
    let word = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let lower = word.to_ascii_lowercase();
    word.is_empty()
        || value.starts_with(['<', '%'])
        || value.starts_with("${")
        || value.starts_with("$(")
        || value.starts_with("{{")
        || (value.starts_with('$') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        || value.contains("<secret:")
        || lower.bytes().all(|b| b == b'x')
        || WORDS.contains(&lower.as_str())
}

/// `/run/secrets/token`, `./key.pem`.
fn is_path(value: &str) -> bool {
    let parts: Vec<&str> = value.split('/').collect();
    let plain = |part: &&str| {
        part.len() <= 64 && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b))
    };
    let rooted = value.starts_with('/') || value.starts_with("./") || value.starts_with("~/");
    (rooted && parts.len() > 1 && parts.iter().skip(1).all(plain) && !value.ends_with('='))
        || [".pem", ".key", ".crt", ".json", ".yaml", ".txt"].iter().any(|end| value.ends_with(end))
}

/// `db-credentials`, `shop/db-credentials`: how a Secret is called.
fn is_object_name(value: &str) -> bool {
    let label = |part: &str| {
        let shaped = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
        let letters = part.bytes().filter(u8::is_ascii_lowercase).count();
        shaped && letters * 2 >= part.len() && (part.len() < 16 || part.contains('-'))
    };
    value.split('/').count() <= 2 && value.split('/').all(|part| !part.is_empty() && label(part))
}

/// Not only lower-case letters: what people do not write in a sentence.
fn is_mixed(value: &str) -> bool {
    let digit = value.bytes().any(|b| b.is_ascii_digit());
    let upper = value.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    let lower = value.bytes().any(|b| b.is_ascii_lowercase());
    let sign = value.bytes().any(|b| b"!#$%^&*+=@?~".contains(&b));
    usize::from(digit) + usize::from(upper) + usize::from(lower) + usize::from(sign) >= 2
}
