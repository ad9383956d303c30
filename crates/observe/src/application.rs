//! What applications' own logs say: known messages, errors, and the reason of a crash.

mod ending;

use std::collections::BTreeMap;

use firstfault_gather::{Log, World};
use firstfault_logs::stack::Trace;
use firstfault_logs::{Hit, Level, Words};
use firstfault_model::{Entity, Evidence, Finding, Grade, Health, Masked, Place, State, kind};
use jiff::{SignedDuration, Timestamp};

use crate::losses;
use crate::merge::Merged;
use crate::pod::containers;
use crate::registry::declare;

declare! {
    /// Error records in its log.
    ERRORS = "application.errors", "logs errors", Often, Application;
    /// One known failure to the end of its log, and hardly anything else.
    ENDS_IN_FAILURE = "application.ends-in-failure", "meets one and the same failure up to the end of its log", Rarely, Application;
    /// A container ended with an error of the application's own as its last words.
    CRASHED = "application.crashed", "ends with an error of its own", Rarely, Application;
}

/// Findings that say something of the clients when they stand in a server's own log.
const OF_CLIENTS: &[&str] =
    &["log.access-denied", "log.unknown-database", "log.host-not-allowed", "log.connection-lost"];

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let health = crate::health(world);
    let well = |carrier: &Entity| health.get(carrier) == Some(&Health::Well);
    let servers = crate::dependencies::servers(world);
    for log in &world.logs {
        let carrier = world.carrier_of(&log.entity);
        let is_server = servers.contains(&carrier);
        for hit in log.digest.hits.iter().filter(|hit| !is_server || !OF_CLIENTS.contains(&hit.finding.id)) {
            merged.add(from_hit(world, log, hit, carrier.clone(), well(&carrier)));
        }
        if carrier.kind != kind::HOST && carrier.kind != "Node" {
            errors(world, log, &carrier, well(&carrier), &mut merged);
            let known = log.digest.hits.iter().filter(|hit| !is_server || !OF_CLIENTS.contains(&hit.finding.id));
            let known = known.filter(|hit| losses::fate(hit).is_none());
            if let Some(ending) = ending::of(log, known) {
                let until = ending.hit.seen.map(|s| s.1);
                let said = Finding::new(&ENDS_IN_FAILURE, carrier.clone(), cite(log, &ending.hit.latest))
                    .graded(ending.grade)
                    .in_state(state(world, log, until, well(&carrier)))
                    .seen(ending.hit.seen.map(|s| s.0), until)
                    .with("failure", ending.hit.finding.says)
                    .with("count", ending.count.to_string());
                merged.add(said);
            }
        }
    }
    crashes(world, &mut merged);
    merged.into(findings);
}

fn from_hit(world: &World, log: &Log, hit: &Hit, carrier: Entity, well: bool) -> Finding {
    let mut finding = Finding::new(&hit.finding, carrier, cite(log, &hit.latest))
        .seen(hit.seen.map(|s| s.0), hit.seen.map(|s| s.1))
        .in_state(state(world, log, hit.seen.map(|s| s.1), well))
        .with("count", hit.count.to_string());
    // What a program says in passing did not stop it.
    if hit.latest.level.is_some_and(|level| level <= Level::Info) {
        finding = finding.graded(Grade::Weak);
    } else if losses::fate(hit).is_some() {
        // It says what was not seen, which is coverage.
        finding = finding.graded(Grade::Fair);
    }
    for (name, value) in &hit.fields {
        finding = finding.with(name, Masked::new(value).as_str());
    }
    if let Some(container) = &log.container {
        finding = finding.with("container", container.as_str());
    }
    finding
}

/// Whether what a log said at a time still holds.
pub(crate) fn state(world: &World, log: &Log, until: Option<Timestamp>, well: bool) -> State {
    /// A message that a healthy application has not repeated for this long is over.
    const QUIET: SignedDuration = SignedDuration::from_mins(2);
    /// Further back than a wrong time zone can shift a log.
    const LONG_AGO: SignedDuration = SignedDuration::from_hours(24);
    let Some(until) = until else {
        return if well && log.previous { State::Recovered } else { State::Current };
    };
    let before_window = world.incident.window.from.is_some_and(|from| until < from);
    let went_on = well && log.digest.last.is_some_and(|last| last.duration_since(until) > QUIET);
    let outlived = well && log.previous;
    let long_ago = well && world.now.is_some_and(|now| now.duration_since(until) > LONG_AGO);
    if before_window || went_on || outlived || long_ago { State::Recovered } else { State::Current }
}

/// A record as evidence.
pub(crate) fn cite(log: &Log, words: &Words) -> Evidence {
    Evidence { place: Place::line(&log.path, words.line), excerpt: words.text.clone() }
}

fn errors(world: &World, log: &Log, carrier: &Entity, well: bool, merged: &mut Merged) {
    let bad = log.digest.warnings().filter(|shape| shape.level >= Some(Level::Error));
    let current: Vec<_> = bad.filter(|s| state(world, log, s.seen.map(|t| t.1), well) == State::Current).collect();
    let Some(most) = current.iter().max_by_key(|shape| (shape.level, shape.count)) else { return };
    let count: u64 = current.iter().map(|shape| shape.count).sum();
    let first = current.iter().filter_map(|s| s.seen.map(|t| t.0)).min();
    let last = current.iter().filter_map(|s| s.seen.map(|t| t.1)).max();
    merged.add(
        Finding::new(&ERRORS, carrier.clone(), cite(log, &most.example))
            .graded(if count >= 5 { Grade::Fair } else { Grade::Weak })
            .seen(first, last)
            .with("count", count.to_string())
            .with("error", first_line(&most.example))
            .with("exception", exception(most.trace.as_ref()))
            .with("frame", frame(most.trace.as_ref())),
    );
}

/// The first line of a record, without the time that stands before it.
fn first_line(words: &Words) -> String {
    let line = words.text.as_str().lines().next().unwrap_or("");
    line.chars().take(200).collect()
}

/// The type of a trace's root.
fn exception(trace: Option<&Trace>) -> String {
    trace.map_or_else(String::new, |trace| Masked::new(&trace.exception).to_string())
}

/// The application's deepest frame in a trace.
fn frame(trace: Option<&Trace>) -> String {
    trace.and_then(|trace| trace.frame.as_deref()).map_or_else(String::new, |frame| Masked::new(frame).to_string())
}

/// What a container was ended by that is not its own doing: killed, or asked to stop.
const NOT_ITS_OWN: &[i64] = &[0, 137, 143];

fn crashes(world: &World, merged: &mut Merged) {
    let mut logs: BTreeMap<Entity, Vec<&Log>> = BTreeMap::new();
    for log in &world.logs {
        logs.entry(world.carrier_of(&log.entity)).or_default().push(log);
    }
    for pod in world.kind("Pod").filter(|pod| pod.is_live()) {
        let carrier = world.carrier(pod);
        let Some(logs) = logs.get(&carrier) else { continue };
        for container in containers(pod) {
            let exit = container.ended().and_then(|e| e.get("exitCode").as_int());
            let fails = matches!(container.waiting(), "CrashLoopBackOff") || matches!(exit, Some(code) if code != 0);
            if !fails || exit.is_some_and(|code| NOT_ITS_OWN.contains(&code)) {
                continue;
            }
            let of_it = logs
                .iter()
                .filter(|l| l.container.as_deref().is_none_or(|c| c == container.name) && about(l, pod.name.as_str()));
            let Some((log, words)) =
                of_it.filter_map(|log| Some((*log, last_error(log)?))).max_by_key(|(log, _)| log.previous)
            else {
                continue;
            };
            let healed = container.ready() == Some(true);
            merged.add(
                Finding::new(&CRASHED, carrier.clone(), cite(log, words))
                    .seen(words.at, words.at)
                    .in_state(if healed { State::Recovered } else { State::Current })
                    .with("container", container.name)
                    .with("error", first_line(words))
                    .with("exception", exception(words.trace.as_ref()))
                    .with("frame", frame(words.trace.as_ref()))
                    .with("exit", exit.map(|e| e.to_string()).unwrap_or_default()),
            );
        }
    }
}

/// Whether a log can be of a pod: it names that pod, or no pod at all.
fn about(log: &Log, pod: &str) -> bool {
    log.entity.kind != "Pod" || log.entity.name == *pod
}

/// The last error among a log's last words.
fn last_error(log: &Log) -> Option<&Words> {
    log.digest
        .last_words
        .iter()
        .rev()
        .find(|w| w.level.is_some_and(|l| l >= Level::Error) || sounds_fatal(w.text.as_str()))
}

/// Last words that no level marks.
fn sounds_fatal(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "panic:",
        "fatal",
        "Traceback (most recent call last)",
        "Exception",
        "Error:",
        "error:",
        "cannot ",
        "could not ",
        "failed to",
    ];
    WORDS.iter().any(|word| text.contains(word))
}
