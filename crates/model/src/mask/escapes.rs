//! Terminal control sequences, which could split a secret so that no rule sees it.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

/// The text without them.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\u{9b}']) && !text.contains("\\u001b") && !text.contains("\\x1b") {
        return Cow::Borrowed(text);
    }
    static SEQUENCE: OnceLock<Regex> = OnceLock::new();
    let sequence = SEQUENCE.get_or_init(|| {
        Regex::new(r"(?i)(?:\x1b|\\u001b|\\x1b)(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\u{9b}[0-9;:?]*[@-~]")
            .expect("a fixed expression")
    });
    sequence.replace_all(text, "")
}
