use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Finding, Grade};
use jiff::SignedDuration;

use super::probe::{Method, Probe, listening, served_ports, spec_of};
use super::said::{Said, read};
use super::{COMMAND, KINDS, Kind, LIVENESS, READINESS, SICK, failure};
use crate::merge::Merged;
use crate::pod::{Container, containers, is_new, time};
use crate::words::Logs;

/// What is known of one failing probe.
struct Failing<'a> {
    world: &'a World,
    pod: &'a Object,
    kind: Kind,
    container: Container<'a>,
    probe: Probe<'a>,
    others: Vec<Probe<'a>>,
    event: Option<&'a Event>,
    logs: &'a Logs<'a>,
}

/// A probe that fails now: which of its parts is wrong, or that it is right.
pub(super) fn failing(
    world: &World,
    pod: &Object,
    kind: Kind,
    event: Option<&Event>,
    logs: &Logs<'_>,
    merged: &mut Merged,
) {
    if let Some(event) = event {
        let grade = if is_starting(world, pod, event) { Grade::Weak } else { Grade::Strong };
        merged.add(failure(world, pod, kind, event).graded(grade));
    }
    let mut judged = false;
    for container in containers(pod).into_iter().filter(|c| !c.init) {
        let Some(spec) = spec_of(world, pod, &container, kind) else { continue };
        let Some(probe) = Probe::of(spec, kind.field) else { continue };
        if !is_about(pod, kind, &container, &probe, event) {
            continue;
        }
        let others = KINDS.iter().filter(|k| **k != kind).filter_map(|k| {
            let works = !fails(world, pod, *k);
            works.then(|| Probe::of(spec, k.field)).flatten()
        });
        let failing = Failing { world, pod, kind, container, probe, others: others.collect(), event, logs };
        failing.judge(merged);
        judged = true;
    }
    if let (false, Some(event)) = (judged, event)
        && let Some(declaration) = by_text(kind, read(&event.message))
    {
        merged.add(failure_of(world, pod, declaration, event));
    }
}

/// A container that has just begun is not asked often enough to say that it will not answer:
/// three failures in a row are what a probe asks for unless told otherwise.
fn is_starting(world: &World, pod: &Object, event: &Event) -> bool {
    is_new(world, pod) && event.count < 3 && containers(pod).iter().all(|c| c.restarts() == 0)
}

fn failure_of(world: &World, pod: &Object, declaration: &Declaration, event: &Event) -> Finding {
    Finding::new(declaration, world.carrier(pod), event.cite())
        .seen(event.first, event.last)
        .with("pod", pod.name.as_str())
}

/// What a text decides without the spec.
pub(super) fn by_text(kind: Kind, said: Said) -> Option<&'static Declaration> {
    match said {
        Said::Protocol => Some(kind.protocol),
        Said::NoSuchPath => Some(kind.path),
        Said::Sick => Some(&SICK),
        Said::NoCommand => Some(&COMMAND),
        _ => None,
    }
}

fn fails(world: &World, pod: &Object, kind: Kind) -> bool {
    let entity = pod.entity();
    world.events_about(&entity).any(|e| super::is_failure(e, kind))
}

/// Whether the event can be about this container's probe: its port stands in the text, or no
/// other container has such a probe.
fn is_about(pod: &Object, kind: Kind, container: &Container<'_>, probe: &Probe<'_>, event: Option<&Event>) -> bool {
    let only = containers(pod).iter().filter(|c| !c.spec.get(kind.field).is_null()).count() <= 1;
    match (event, probe.port) {
        (None, _) => container.ready() == Some(false) && container.runs(),
        (Some(event), Some(port)) => {
            event.message.contains(&format!(":{port}")) || (only && !event.message.contains("://"))
        }
        (Some(_), None) => only || container.ready() == Some(false),
    }
}

impl Failing<'_> {
    fn judge(&self, merged: &mut Merged) {
        let said = self.event.map_or(Said::Else, |event| read(&event.message));
        let port_grade = self.port_is_wrong(said);
        if let Some(grade) = port_grade {
            let mut finding = self.finding(self.kind.port).graded(grade);
            let served = served_ports(self.container.spec, &self.others);
            let served: Vec<String> = served.iter().map(ToString::to_string).collect();
            finding = finding.with("served", served.join(", "));
            merged.add(finding);
            return;
        }
        if let Some(grade) = self.protocol_is_wrong(said) {
            merged.add(self.finding(self.kind.protocol).graded(grade).with("protocol", self.probe.method.word()));
            return;
        }
        if let (Said::NoSuchPath | Said::Sick | Said::NoCommand, Some(declaration)) = (said, by_text(self.kind, said)) {
            merged.add(self.finding(declaration));
            return;
        }
        if let Some(grade) = self.is_impatient(said) {
            merged.add(
                self.finding(self.kind.timing)
                    .graded(grade)
                    .with("timeout", self.probe.timeout().to_string())
                    .with("allowance", self.probe.allowance().to_string()),
            );
        } else if self.event.is_some() && matches!(said, Said::Refused | Said::Late | Said::Else) {
            merged.add(self.finding(&SICK).graded(Grade::Fair));
        }
    }

    fn finding(&self, declaration: &Declaration) -> Finding {
        let probe = self.probe.show(self.kind.field);
        let what = format!("Pod {}: container {}, {probe}", self.pod.name, self.container.name);
        let port = self.probe.port.map_or_else(|| self.probe.named.to_owned(), |port| port.to_string());
        let mut finding = Finding::new(declaration, self.world.carrier(self.pod), self.pod.cite(&what))
            .citing(self.event.map(Event::cite))
            .with("container", self.container.name)
            .with("port", port)
            .with("path", self.probe.path())
            .with("probe", self.kind.event.split(' ').next().unwrap_or("").to_lowercase())
            .with("pod", self.pod.name.as_str());
        if let Some(event) = self.event {
            finding = finding.seen(event.first, event.last);
        }
        finding
    }

    /// Nobody answers there, and the container serves other ports.
    fn port_is_wrong(&self, said: Said) -> Option<Grade> {
        let spec = self.container.spec;
        if self.probe.is_rewritten()
            || self.probe.method == Method::Exec
            || matches!(said, Said::Sick | Said::NoSuchPath)
        {
            return None;
        }
        if said == Said::Protocol {
            return None; // somebody answered
        }
        let Some(port) = self.probe.port else {
            return (!self.probe.named.is_empty() && !spec.get("ports").is_null()).then_some(Grade::Certain);
        };
        let listens = listening(self.world, self.pod, self.container.name, self.logs);
        let served = served_ports(spec, &self.others);
        if served.contains(&port) || listens.contains(&port) || (served.is_empty() && listens.is_empty()) {
            return None;
        }
        let elsewhere = containers(self.pod)
            .iter()
            .any(|c| c.spec.get("ports").list().iter().any(|p| p.get("containerPort").as_int() == Some(port)));
        if elsewhere {
            return None;
        }
        let another_works = self.others.iter().any(|other| other.port.is_some_and(|p| p != port));
        Some(if another_works || !listens.is_empty() { Grade::Certain } else { Grade::Strong })
    }

    /// The server's answer, or another probe of the same port that works, shows the protocol.
    fn protocol_is_wrong(&self, said: Said) -> Option<Grade> {
        let asks = self.probe.method;
        let other_speech = self.others.iter().any(|other| {
            other.port == self.probe.port
                && other.method != asks
                && (other.method == Method::Grpc) != (asks == Method::Grpc)
                && other.method != Method::Tcp
                && other.method != Method::Exec
        });
        match said {
            Said::Protocol => Some(if other_speech { Grade::Certain } else { Grade::Strong }),
            Said::Late | Said::Refused | Said::Else if other_speech && asks != Method::Tcp && asks != Method::Exec => {
                Some(Grade::Strong)
            }
            _ => None,
        }
    }

    /// A working application is given less time than it needs.
    fn is_impatient(&self, said: Said) -> Option<Grade> {
        if !matches!(said, Said::Refused | Said::Late) {
            return None;
        }
        if self.kind == READINESS {
            // It answers, and sometimes too late for one second.
            let late = said == Said::Late && self.probe.timeout() <= 1 && self.container.runs();
            let cut = self.event.is_some_and(|e| {
                e.message.contains("Client.Timeout") || e.message.contains("context deadline exceeded")
            });
            return (late && cut && self.others.is_empty()).then_some(Grade::Weak);
        }
        let has_startup = self.kind == LIVENESS && !self.container.spec.get("startupProbe").is_null();
        let carrier = self.world.carrier(self.pod);
        let complained = self.logs.last_error(&carrier, self.container.name).is_some();
        let at_once = self.probe.failures() <= 1 && self.probe.period() <= 3;
        let allowance = self.probe.allowance();
        if at_once || allowance <= 8 {
            return Some(Grade::Certain);
        }
        if complained || has_startup {
            return None;
        }
        let cut_short = self.last_run().is_some_and(|run| run.as_secs() <= allowance + 45);
        match allowance {
            ..=20 if cut_short => Some(Grade::Strong),
            ..=90 if cut_short && said == Said::Refused => Some(Grade::Fair),
            _ => None,
        }
    }

    fn last_run(&self) -> Option<SignedDuration> {
        let ended = self.container.ended()?;
        Some(time(ended.get("finishedAt"))?.duration_since(time(ended.get("startedAt"))?))
    }
}
