//! Exceptions of which a log prints the name and no frames.

use super::Trace;
use super::fingerprint;
use super::frame::Raised;
use crate::format::is_exception_head;

/// The last of the causes, else the last line that begins with an exception's name.
pub(super) fn read(lines: &[&str]) -> Option<Trace> {
    let head = |line: &&str| {
        let bare = line.trim();
        let bare = bare.strip_prefix("Caused by: ").unwrap_or(bare);
        is_exception_head(bare).then(|| {
            let kind = bare.split([':', ' ']).next().unwrap_or(bare);
            (kind.to_owned(), bare[kind.len()..].trim_start_matches(':').trim().to_owned())
        })
    };
    let cause = lines.iter().rev().find(|line| line.trim_start().starts_with("Caused by: ")).and_then(head);
    let (exception, message) = cause.or_else(|| lines.iter().rev().find_map(head))?;
    let fingerprint = fingerprint::plain(&Raised::new(&exception, &message));
    Some(Trace { language: None, exception, message, frame: None, fingerprint })
}
