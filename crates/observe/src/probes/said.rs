use firstfault_gather::{Event, World};
use firstfault_model::{Finding, Grade, State};
use jiff::SignedDuration;

use super::{KINDS, LATELY, READINESS, is_failure, judge};
use crate::merge::Merged;
use crate::pod::event_age;
use crate::workloads::POD_NOT_READY;

/// What the text of a failed probe tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The server speaks another protocol.
    Protocol,
    /// 404 and its like.
    NoSuchPath,
    /// The application says that it is not well.
    Sick,
    /// Nobody listens.
    Refused,
    /// No answer in time.
    Late,
    /// The command is not there.
    NoCommand,
    /// Something else.
    Else,
}

/// Reads the kubelet's text.
pub(super) fn read(message: &str) -> Said {
    let has = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if has(&[
        "malformed HTTP",
        "HTTP/0.9",
        "server gave HTTP response to HTTPS client",
        "first record does not look like a TLS handshake",
        "error reading server preface",
        "frame too large",
        "does not implement the grpc health protocol",
        "rpc error: code = Unimplemented",
        "tls: ",
        "unexpected HTTP status code received from server",
        "transport connection broken",
    ]) {
        Said::Protocol
    } else if has(&["statuscode: 404", "statuscode: 405", "statuscode: 410"]) {
        Said::NoSuchPath
    } else if has(&["statuscode: 5", "NOT_SERVING", "statuscode: 429", "SERVICE_UNKNOWN"]) {
        Said::Sick
    } else if has(&["connection refused"]) {
        Said::Refused
    } else if has(&["executable file not found", "no such file or directory", "OCI runtime exec failed"]) {
        Said::NoCommand
    } else if has(&[
        "deadline exceeded",
        "i/o timeout",
        "Client.Timeout",
        "timed out",
        "timeout:",
        "failed to connect service",
    ]) {
        Said::Late
    } else {
        Said::Else
    }
}

/// Pods of which only events were seen.
pub(super) fn of_unseen_pods(world: &World, merged: &mut Merged) {
    for event in world.events.iter().filter(|e| e.about.kind == "Pod" && e.reason == "Unhealthy") {
        if world.object_of(&event.about).is_some_and(|pod| pod.is_live()) {
            continue;
        }
        for kind in KINDS.into_iter().filter(|kind| is_failure(event, *kind)) {
            let recent = event_age(world, event).is_none_or(|age| age < LATELY);
            let lasts = fails_since_start(world, event) && is_shared(world, event);
            let state = if recent && (event.count >= 3 || lasts) { State::Current } else { State::Recovered };
            let make = |declaration| of_event(world, declaration, event).in_state(state);
            merged.add(make(kind.failing).graded(if lasts { Grade::Strong } else { Grade::Fair }));
            if lasts && kind == READINESS {
                merged.add(make(&POD_NOT_READY));
            }
            if let Some(declaration) = judge::by_text(kind, read(&event.message)) {
                merged.add(make(declaration));
            }
        }
    }
}

/// A table of events prints no counts. A probe that fails this shortly before the table was printed…
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

/// … and this long after its container was started does not fail for want of time.
const STARTING: SignedDuration = SignedDuration::from_mins(2);

/// Whether the probe fails now, long after the start.
fn fails_since_start(world: &World, event: &Event) -> bool {
    let Some(failed) = event_age(world, event).filter(|age| *age < JUST_NOW) else { return false };
    let mut starts = world.events_about(&event.about).filter(|other| other.reason == "Started").peekable();
    let long = |start: &Event| event_age(world, start).is_some_and(|age| age > failed + STARTING);
    starts.peek().is_some() && starts.all(long)
}

/// Whether another pod of the same workload fails so too: one pod alone may only have hesitated once.
fn is_shared(world: &World, event: &Event) -> bool {
    let carrier = world.carrier_of(&event.about);
    let probe = event.message.split(':').next();
    world.events.iter().any(|other| {
        other.reason == event.reason
            && other.about != event.about
            && other.message.split(':').next() == probe
            && world.carrier_of(&other.about) == carrier
            && fails_since_start(world, other)
    })
}

fn of_event(world: &World, declaration: &firstfault_model::Declaration, event: &Event) -> Finding {
    Finding::new(declaration, world.carrier_of(&event.about), event.cite())
        .seen(event.first, event.last)
        .with("pod", event.about.name.as_str())
}
