//! Streams that stopped while others go on.

use firstfault_gather::{Log, World};
use firstfault_logs::change::{LEVEL, silence};
use firstfault_model::{Finding, Grade};
use jiff::{SignedDuration, Timestamp};

use super::SILENCE;
use super::streams::{Stream, Streams};
use crate::application::cite;
use crate::losses;
use crate::merge::Merged;
use crate::pod::{containers, is_done};

/// Other streams that have to go on: with fewer, the end of the collection may be all that is seen.
const OTHERS: usize = 2;
/// Logs are not all collected in the same moment.
const COLLECTED_WITHIN: SignedDuration = SignedDuration::from_mins(3);

pub(super) fn detect(world: &World, streams: &Streams<'_>, merged: &mut Merged) {
    let all: Vec<&Stream<'_>> = streams.timed().filter(|stream| !stream.log.previous).collect();
    let lost = losses::losses(world);
    for stream in &all {
        let others = || all.iter().filter(|other| other.log.path != stream.log.path);
        let Some(now) = others().map(|other| other.last).max() else { continue };
        let gap = now.duration_since(stream.last);
        let going_on = others().filter(|other| now.duration_since(other.last) * 4 < gap).count();
        let began_in_window = world.incident.window.from.is_none_or(|from| from <= stream.last);
        if gap < COLLECTED_WITHIN || going_on < OTHERS || going_on * 2 < others().count() || !began_in_window {
            continue;
        }
        if has_ended(world, stream) || goes_on_elsewhere(stream, &all) {
            continue;
        }
        let Some(found) = silence(&stream.log.digest, now).filter(|s| s.chance * all.len() as f64 <= LEVEL) else {
            continue;
        };
        let Some(words) = stream.log.digest.last_words.last() else { continue };
        // What its collector lost meanwhile, it may have said.
        let hidden = losses::hide(&lost, world, stream.log, Some(stream.last), Some(now));
        merged.add(
            Finding::new(&SILENCE, stream.carrier.clone(), cite(stream.log, words))
                .graded(if hidden { Grade::Weak } else { Grade::Fair })
                .seen(Some(found.since), Some(now))
                .with("expected", format!("{:.0}", found.expected))
                .with("seconds", gap.as_secs().to_string())
                .with("container", stream.log.container.as_deref().unwrap_or_default()),
        );
    }
}

/// Whether the stream has a good reason to end: its pod or container did, it was a job, or it said so.
fn has_ended(world: &World, stream: &Stream<'_>) -> bool {
    let log = stream.log;
    if matches!(stream.carrier.kind.as_str(), "Job" | "CronJob") || says_good_bye(log) {
        return true;
    }
    if log.entity.kind != "Pod" {
        return false;
    }
    let (namespace, name) = (log.entity.namespace.as_deref(), log.entity.name.as_str());
    let Some(pod) = world.object_of(&log.entity) else { return world.is_missing("Pod", namespace, name) };
    let stopped = containers(pod).iter().any(|container| {
        let is_it = log.container.as_deref().is_none_or(|name| name == container.name);
        is_it && (!container.waiting().is_empty() || container.ended().is_some() || container.ready() == Some(false))
    });
    !pod.is_live() || is_done(pod) || stopped
}

/// Whether the last record is the word of an end.
fn says_good_bye(log: &Log) -> bool {
    const WORDS: &[&str] =
        &["shutting down", "shut down", "shutdown", "exiting", "exited", "stopped", "received signal", "rotat"];
    let last = log.digest.last_words.last().map(|words| words.text.as_str().to_lowercase());
    last.is_some_and(|text| WORDS.iter().any(|word| text.contains(word)))
}

/// Whether the file was rotated: it is named so, or another of the same container begins where it ends.
fn goes_on_elsewhere(stream: &Stream<'_>, all: &[&Stream<'_>]) -> bool {
    let file = stream.log.path.rsplit('/').next().unwrap_or_default();
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let rotated = file.split(".log").nth(1).is_some_and(|rest| digits(rest) > 0) || file.ends_with(".old");
    let follows = |other: &&Stream<'_>| {
        let same = other.log.entity == stream.log.entity && other.log.container == stream.log.container;
        same && other.log.path != stream.log.path && other.last > stream.last && begins_after(other.first, stream)
    };
    rotated || all.iter().any(follows)
}

fn begins_after(first: Timestamp, stream: &Stream<'_>) -> bool {
    first > stream.first
}
