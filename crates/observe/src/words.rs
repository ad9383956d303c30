//! What applications said: the logs of each workload.

use std::collections::BTreeMap;

use firstfault_gather::{Log, World};
use firstfault_logs::{Level, Words};
use firstfault_model::{Entity, Evidence, Place};

/// Whether the person who asks names an entity: as what it is about, or in the symptom.
pub(crate) fn is_asked_about(world: &World, entity: &Entity) -> bool {
    let symptom = world.incident.symptom.as_deref().unwrap_or("");
    names(symptom, &entity.name)
        || world.incident.about.iter().any(|about| {
            about.name == entity.name && (about.namespace.is_none() || about.namespace == entity.namespace)
        })
}

/// Whether a text holds a name as a whole word.
pub(crate) fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    name.len() >= 3
        && text.match_indices(name).any(|(at, _)| {
            !text[..at].chars().next_back().is_some_and(part)
                && !text[at + name.len()..].chars().next().is_some_and(part)
        })
}

/// The logs of each workload.
pub(crate) struct Logs<'a>(BTreeMap<Entity, Vec<&'a Log>>);

impl<'a> Logs<'a> {
    /// By carrier.
    pub(crate) fn of(world: &'a World) -> Self {
        let mut logs: BTreeMap<Entity, Vec<&Log>> = BTreeMap::new();
        for log in &world.logs {
            logs.entry(world.carrier_of(&log.entity)).or_default().push(log);
        }
        Self(logs)
    }

    /// The logs of a container of a workload; those whose container is not known count as well.
    pub(crate) fn about<'b>(&'b self, carrier: &Entity, container: &'b str) -> impl Iterator<Item = &'a Log> + 'b {
        let logs = self.0.get(carrier).map_or(&[][..], Vec::as_slice);
        logs.iter()
            .copied()
            .filter(move |log| log.container.as_deref().is_none_or(|named| container.is_empty() || named == container))
    }

    /// What an application said last of what went wrong: in the run before, if that is there.
    pub(crate) fn last_error(&self, carrier: &Entity, container: &str) -> Option<(&'a Log, &'a Words)> {
        let mut logs: Vec<&Log> = self.about(carrier, container).collect();
        logs.sort_by_key(|log| (!log.previous, log.path.clone()));
        logs.iter().find_map(|log| Some((*log, worst(log)?)))
    }
}

/// The worst of the last words; the first of the worst ones, as it names the reason and the
/// later ones what follows from it.
fn worst(log: &Log) -> Option<&Words> {
    let words = &log.digest.last_words;
    let bad = |w: &&Words| w.level >= Some(Level::Error) || sounds_bad(w.text.as_str());
    let fatal = words.iter().find(|w| w.level == Some(Level::Fatal));
    fatal
        .or_else(|| words.iter().rev().find(bad))
        .or_else(|| log.digest.warnings().filter(|s| s.level == Some(Level::Fatal)).map(|s| &s.example).next())
}

/// Lines without a level that report a failure.
fn sounds_bad(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "error",
        "exception",
        "fatal",
        "panic",
        "failed",
        "cannot",
        "can't",
        "could not",
        "refused",
        "denied",
        "not found",
        "missing",
        "no such file",
        "unable to",
        "undefined",
        "invalid",
        "traceback",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// A record as evidence.
pub(crate) fn cite(log: &Log, words: &Words) -> Evidence {
    Evidence { place: Place::line(&log.path, words.line), excerpt: words.text.clone() }
}
