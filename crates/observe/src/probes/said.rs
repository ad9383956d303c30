use firstfault_gather::{Event, World};
use firstfault_model::{Finding, Grade, State};

use super::{KINDS, LATELY, is_failure, judge};
use crate::merge::Merged;
use crate::pod::event_age;

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
            let state = if recent && event.count >= 3 { State::Current } else { State::Recovered };
            let make = |declaration| of_event(world, declaration, event).in_state(state);
            merged.add(make(kind.failing).graded(Grade::Fair));
            if let Some(declaration) = judge::by_text(kind, read(&event.message)) {
                merged.add(make(declaration));
            }
        }
    }
}

fn of_event(world: &World, declaration: &firstfault_model::Declaration, event: &Event) -> Finding {
    Finding::new(declaration, world.carrier_of(&event.about), event.cite())
        .seen(event.first, event.last)
        .with("pod", event.about.name.as_str())
}
