//! Whether a log ends in a failure that is known: the application did not get past it.

use std::collections::BTreeMap;

use firstfault_gather::Log;
use firstfault_logs::{Hit, Level, Words};
use firstfault_model::Grade;

/// How a log ends.
pub(super) struct Ending<'a> {
    /// The last known message.
    pub(super) hit: &'a Hit,
    /// How often messages of its kind came.
    pub(super) count: u64,
    /// How plain it is.
    pub(super) grade: Grade,
}

/// Failures that come again this often are no accident.
const AGAIN: u64 = 4;

/// The failure that a log ends in: one that fills the last records, or the last thing before they stop.
pub(super) fn of<'a>(log: &'a Log, known: impl Iterator<Item = &'a Hit>) -> Option<Ending<'a>> {
    let tail = &log.digest.last_words;
    let begins = tail.first()?.line;
    let mut kinds: BTreeMap<&str, (u64, &Hit)> = BTreeMap::new();
    for hit in known.filter(|hit| hit.latest.level.is_none_or(|level| level > Level::Info)) {
        let entry = kinds.entry(hit.finding.id).or_insert((0, hit));
        entry.0 += hit.count;
        if hit.latest.line > entry.1.latest.line {
            entry.1 = hit;
        }
    }
    let at_the_end = kinds.into_values().filter(|(_, hit)| hit.latest.line >= begins);
    let (count, hit) = at_the_end.max_by_key(|(count, hit)| (*count, hit.latest.line))?;
    let bad: u64 = log.digest.levels.iter().filter(|(level, _)| **level >= Level::Warn).map(|(_, n)| n).sum();
    let after: Vec<&Words> = tail.iter().filter(|words| words.line >= hit.latest.line).collect();
    let mostly = |words: &[&Words]| words.iter().filter(|w| is_bad(w)).count() * 4 >= words.len() * 3;
    let fills = count >= AGAIN && count * 2 >= bad && mostly(&tail.iter().collect::<Vec<_>>());
    if fills {
        return Some(Ending { hit, count, grade: Grade::Strong });
    }
    // It gave up: nothing but errors and the words of an exit follow.
    let gave_up = after.len() <= 6 && mostly(&after) && after.iter().any(|words| is_end(words));
    gave_up.then_some(Ending { hit, count, grade: Grade::Fair })
}

fn is_bad(words: &Words) -> bool {
    words.level.map_or_else(|| is_end(words), |level| level >= Level::Warn) || is_end(words)
}

/// Words of a program that ends.
fn is_end(words: &Words) -> bool {
    const WORDS: &[&str] =
        &["panic:", "fatal", "traceback (most", "exiting", "exited with", "shutting down", "giving up"];
    let text = words.text.as_str().to_lowercase();
    words.level == Some(Level::Fatal) || WORDS.iter().any(|word| text.contains(word))
}
