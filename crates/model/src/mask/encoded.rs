//! Secrets inside base64: values of Secrets, registry configurations, encoded URLs and keys.

use std::borrow::Cow;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::{Captures, Regex};

use super::{mark, mask_plain};

/// Runs shorter than this are looked at only as values of names.
const RUN: &str = r"[A-Za-z0-9+/_-]{20,}={0,2}";

/// Masks runs whose decoded text holds a secret, and all values of a Secret.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    let text = secret_data(text);
    static RUNS: OnceLock<Regex> = OnceLock::new();
    let runs = RUNS.get_or_init(|| Regex::new(RUN).expect("a fixed expression"));
    let hides = |run: &str| decoded(run).is_some_and(|plain| matches!(mask_plain(&plain), Cow::Owned(_)));
    if !runs.find_iter(&text).any(|run| hides(run.as_str())) {
        return text;
    }
    let replaced = runs.replace_all(&text, |run: &Captures<'_>| {
        let run = &run[0];
        if hides(run) { mark(run) } else { run.to_owned() }
    });
    Cow::Owned(replaced.into_owned())
}

/// In the text of a Secret, every value of its data.
fn secret_data(text: &str) -> Cow<'_, str> {
    static SECRET: OnceLock<Regex> = OnceLock::new();
    static PAIR: OnceLock<Regex> = OnceLock::new();
    let secret = SECRET.get_or_init(|| Regex::new(r#"\bkind\\*"?:\s*\\*"?Secret\b"#).expect("a fixed expression"));
    if !secret.is_match(text) || !text.contains("ata") {
        return Cow::Borrowed(text);
    }
    let pair = PAIR.get_or_init(|| {
        Regex::new(r#"(?m)(?P<k>[\w.-]+\\*"?:[ \t]*\\*"?)(?P<s>[A-Za-z0-9+/]{4,}={0,2})(?P<e>\\*"|[ \t]*$|[,}])"#)
            .expect("a fixed expression")
    });
    let mut masked = String::new();
    let mut at = 0;
    for block in blocks(text) {
        masked += &text[at..block.start];
        masked += &pair.replace_all(&text[block.clone()], |found: &Captures<'_>| {
            format!("{}{}{}", &found["k"], mark(&found["s"]), &found["e"])
        });
        at = block.end;
    }
    masked += &text[at..];
    if masked == text { Cow::Borrowed(text) } else { Cow::Owned(masked) }
}

/// Where `data` and `stringData` of a Secret stand: to the closing brace, or while lines are
/// indented deeper.
fn blocks(text: &str) -> Vec<std::ops::Range<usize>> {
    static DATA: OnceLock<Regex> = OnceLock::new();
    let data = DATA.get_or_init(|| {
        Regex::new(r#"(?m)(?P<i>^[ \t]*)?\\*"?\b(?:data|stringData)\\*"?:[ \t]*(?P<b>\{)?"#)
            .expect("a fixed expression")
    });
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for start in data.captures_iter(text) {
        let from = start.get(0).map_or(0, |whole| whole.end());
        let to = match start.name("b") {
            Some(_) => text[from..].find('}').map_or(text.len(), |end| from + end + 1),
            None => from + indented(&text[from..], start.name("i").map_or(0, |indent| indent.len())),
        };
        if found.last().is_none_or(|last| last.end <= from) {
            found.push(from..to);
        }
    }
    found
}

/// How far the lines after the first are indented deeper than `indent`.
fn indented(text: &str, indent: usize) -> usize {
    let mut length = 0;
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let depth = line.len() - line.trim_start().len();
        if i > 0 && !line.trim().is_empty() && depth <= indent {
            break;
        }
        length += line.len();
    }
    length
}

/// The text that a run encodes, in either alphabet and cut anywhere; `None` where it is no text.
fn decoded(run: &str) -> Option<String> {
    let run = run.trim_end_matches('=').replace('-', "+").replace('_', "/");
    // A single letter over encodes nothing.
    let run = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { &run };
    // Hashes and identifiers decode to noise: the first bytes tell most of them.
    let head = BASE64.decode(&run[..run.len().min(20)]).ok()?;
    let is_text = |bytes: &[u8]| bytes.iter().all(|b| matches!(b, b'\n' | b'\r' | b'\t' | b' '..=b'~' | 0x80..));
    let bytes = is_text(&head).then(|| BASE64.decode(run).ok())??;
    is_text(&bytes).then(|| String::from_utf8(bytes).ok())?
}

/// A run may be cut, so that its last letter has bits to spare and no padding follows.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
