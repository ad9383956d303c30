//! The course of an incident: when it began, was felt, detected, acted upon and mended.

use firstfault_metrics::Role;
use firstfault_model::case::{CaseEntity, CaseEvidence};
use firstfault_report::words::cut;
use jiff::{SignedDuration, Timestamp};

use super::document::{Phase, Proof, Seen, Timeline};
use super::facts::{Facts, cited, clock, lasted, proof, time};

/// A page within this time of the first effect is fast: the shortest window of multi-window burn-rate
/// alerts is five minutes (Google, "The Site Reliability Workbook", 2018, chapter 5).
const FAST_DETECTION: SignedDuration = SignedDuration::from_mins(5);
/// A first action within this time of the alert is fast: the usual time in which a page has to be taken up.
const FAST_ACTION: SignedDuration = SignedDuration::from_mins(15);
/// An effect that ends within this time was mended fast: what a 99.9 % objective allows in 30 days is 43 minutes.
const FAST_RECOVERY: SignedDuration = SignedDuration::from_mins(43);
/// Moments shown at most.
const MOST: usize = 60;

/// A point of the course.
#[derive(Clone, Debug)]
pub(crate) struct Milestone {
    pub(crate) at: Timestamp,
    pub(crate) what: String,
    pub(crate) proof: Option<Proof>,
}

/// The milestones that the evidence knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    /// The cause is first seen.
    pub(crate) began: Option<Milestone>,
    /// The measurement begins with it, so it may have begun earlier.
    pub(crate) began_or_before: bool,
    /// The first effect on somebody.
    pub(crate) felt: Option<Milestone>,
    /// A sign that the system gave before the effect, and nobody was told of.
    pub(crate) warned: Option<Milestone>,
    /// The first alert.
    pub(crate) detected: Option<Milestone>,
    /// The first change or command.
    pub(crate) acted: Option<Milestone>,
    /// The end of the effect.
    pub(crate) recovered: Option<Milestone>,
    /// The newest moment of the evidence.
    pub(crate) now: Option<Timestamp>,
}

impl Course {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let mut course = Self { now: facts.now(), ..Self::default() };
        (course.began, course.began_or_before) = began(facts);
        course.felt = felt(facts, course.began.as_ref().map(|m| m.at));
        let from = course.began.as_ref().or(course.felt.as_ref()).map(|m| m.at);
        let effect = course.felt.as_ref().or(course.began.as_ref()).map(|m| m.at);
        course.warned = warned(facts, from, effect);
        course.detected = detected(facts, from);
        course.acted = acted(facts, effect);
        course.recovered = recovered(facts);
        course
    }

    /// From the first effect to the recovery, or to the newest evidence.
    pub(crate) fn effect(&self) -> Option<(Timestamp, Timestamp)> {
        let from = self.felt.as_ref().or(self.began.as_ref())?.at;
        let to = self.recovered.as_ref().map(|m| m.at).or(self.now)?;
        (to > from).then_some((from, to))
    }

    /// How long the cause was there before anyone felt it.
    pub(crate) fn lead(&self) -> Option<SignedDuration> {
        let lead = self.felt.as_ref()?.at.duration_since(self.began.as_ref()?.at);
        lead.is_positive().then_some(lead)
    }

    /// From the effect to the alert; negative where it fired before.
    pub(crate) fn to_detect(&self) -> Option<SignedDuration> {
        Some(self.detected.as_ref()?.at.duration_since(self.felt.as_ref().or(self.began.as_ref())?.at))
    }
}

fn began(facts: &Facts<'_>) -> (Option<Milestone>, bool) {
    let needed = |e: &&CaseEvidence| facts.is_own(e) && facts.mode.is_none_or(|m| m.needs.contains(&e.finding));
    let dated = facts.first.evidence.iter().filter(needed).filter_map(|e| Some((time(e.since.as_deref())?, e)));
    let Some((at, fact)) = dated.min_by_key(|(at, _)| *at) else { return (None, false) };
    let first_sample = |world: &firstfault_gather::World| {
        world.series.iter().filter(|s| facts.concerns(&s.entity)).filter_map(|s| s.points.first()).any(|p| p.0 == at)
    };
    let measured = facts.world.is_some_and(first_sample);
    (Some(Milestone { at, what: fact.says.clone(), proof: Some(proof(fact)) }), measured)
}

/// The first effect on another, or on the requests of the one that carries the fault.
fn felt(facts: &Facts<'_>, began: Option<Timestamp>) -> Option<Milestone> {
    const REQUESTS: &[&str] = &["errors.", "latency.", "workload.", "service.", "traffic.fell", "availability."];
    let others = facts.first.evidence.iter().filter(|e| {
        let requests = REQUESTS.iter().any(|prefix| e.finding.starts_with(prefix));
        requests || facts.case.affected.iter().any(|other| facts.is_about(e, other))
    });
    let dated = others.filter_map(|e| Some((time(e.since.as_deref())?, e)));
    // What lies before the cause is no effect of it; clocks are allowed a little.
    let slack = SignedDuration::from_secs(60);
    let after = dated.filter(|(at, _)| began.is_none_or(|began| *at >= began.checked_sub(slack).unwrap_or(began)));
    let (at, fact) = after.min_by_key(|(at, _)| *at)?;
    Some(Milestone { at, what: fact.says.clone(), proof: Some(proof(fact)) })
}

/// The first warning in the cause's own log, after it began and before it was felt.
fn warned(facts: &Facts<'_>, from: Option<Timestamp>, felt: Option<Timestamp>) -> Option<Milestone> {
    let world = facts.world?;
    let (from, felt) = (from?, felt?);
    let cause = super::facts::entity(&facts.first.entity);
    let logs = world.logs.iter().filter(|log| world.carrier_of(&log.entity) == cause);
    let lines = logs.flat_map(|log| log.digest.warnings().map(move |shape| (log, &shape.example)));
    let inside = lines.filter_map(|(log, words)| Some((words.at.filter(|at| (from..felt).contains(at))?, log, words)));
    let (at, log, words) = inside.min_by(|a, b| (a.0, &a.1.path, a.2.line).cmp(&(b.0, &b.1.path, b.2.line)))?;
    Some(Milestone {
        at,
        what: format!("the log of {} says so itself", facts.first.entity),
        proof: Some(Proof { place: format!("{}:{}", log.path, words.line), excerpt: cut(words.text.as_str(), 240) }),
    })
}

/// The first alert about one of those concerned, or about nobody in particular.
fn detected(facts: &Facts<'_>, from: Option<Timestamp>) -> Option<Milestone> {
    let alerts = facts.world?.alerts.iter();
    let fitting = alerts.filter(|a| a.about.as_ref().is_none_or(|about| facts.concerns(about)));
    let dated = fitting.filter_map(|a| Some((a.since.filter(|at| from.is_none_or(|from| *at >= from))?, a)));
    let (at, alert) = dated.min_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)))?;
    Some(Milestone { at, what: format!("alert {}", alert.name), proof: Some(cited(&alert.evidence)) })
}

/// The first change, or restart by hand, after the effect.
fn acted(facts: &Facts<'_>, felt: Option<Timestamp>) -> Option<Milestone> {
    let felt = felt?;
    let changes = facts.case.changes.iter().filter_map(|c| {
        let at = time(c.at.as_deref()).filter(|at| *at > felt)?;
        let place = if c.line == 0 { c.path.clone() } else { format!("{}:{}", c.path, c.line) };
        let what = format!("{}: {}", c.entity, c.what);
        Some(Milestone { at, what, proof: Some(Proof { place, excerpt: cut(&c.what, 240) }) })
    });
    let restarts = facts.world.into_iter().flat_map(|w| w.workloads()).filter_map(|object| {
        const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
        let annotations = object.at("spec.template.metadata.annotations");
        let at = time(annotations.get(RESTARTED).as_str()).filter(|at| *at > felt)?;
        let what = format!("{} {}: restarted by hand", object.kind, object.name);
        Some(Milestone { at, what, proof: Some(cited(&object.cite(&format!("{RESTARTED}: {at}")))) })
    });
    changes.chain(restarts).min_by(|a, b| (a.at, &a.what).cmp(&(b.at, &b.what)))
}

fn recovered(facts: &Facts<'_>) -> Option<Milestone> {
    if !facts.case.over {
        return None;
    }
    let ends = facts.first.evidence.iter().filter_map(|e| Some((time(e.until.as_deref())?, e)));
    let (at, fact) = ends.max_by_key(|(at, _)| *at)?;
    Some(Milestone { at, what: format!("last seen: {}", fact.says), proof: Some(proof(fact)) })
}

/// The course as a table, unknown steps said to be so.
pub(crate) fn timeline(facts: &Facts<'_>, course: &Course) -> Timeline {
    let (fast, slow) = pace(course);
    Timeline { phases: phases(facts, course), fast, slow, moments: moments(facts, course) }
}

/// What was fast and what was slow, in sentences.
fn pace(course: &Course) -> (Vec<String>, Vec<String>) {
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    let mut judge = |from: Option<&Milestone>, to: Option<&Milestone>, most: SignedDuration, what: &str| {
        let Some(took) = from.zip(to).map(|(from, to)| to.at.duration_since(from.at)).filter(|d| !d.is_negative())
        else {
            return;
        };
        let side = if took <= most { &mut fast } else { &mut slow };
        side.push(format!("{}: {what}", lasted(took)));
    };
    let felt = course.felt.as_ref();
    judge(
        course.began.as_ref(),
        course.detected.as_ref(),
        FAST_DETECTION,
        "from the first sight of the cause to the first alert",
    );
    judge(
        course.warned.as_ref(),
        course.detected.as_ref(),
        FAST_DETECTION,
        "from the system's own warning to the first alert",
    );
    judge(felt, course.detected.as_ref(), FAST_DETECTION, "from the first effect to the first alert");
    judge(
        course.detected.as_ref().or(felt),
        course.acted.as_ref(),
        FAST_ACTION,
        "from the alert to the first change or command",
    );
    judge(felt, course.recovered.as_ref(), FAST_RECOVERY, "from the first effect to its end");
    (fast, slow)
}

fn phases(facts: &Facts<'_>, course: &Course) -> Vec<Phase> {
    let mut phases = Vec::new();
    let mut before: Option<Timestamp> = None;
    let mut add = |milestone: &str,
                   found: Option<&Milestone>,
                   unknown: String,
                   judge: &dyn Fn(SignedDuration) -> &'static str| {
        let after = found.zip(before).map(|(m, before)| m.at.duration_since(before));
        let pace = after.filter(|d| !d.is_negative()).map_or("", judge);
        phases.push(Phase {
            milestone: milestone.to_owned(),
            at: found.map(|m| m.at.to_string()),
            what: found.map_or(unknown, |m| m.what.clone()),
            after: after.map(|d| if d.is_negative() { format!("{} earlier", lasted(d.abs())) } else { lasted(d) }),
            pace: pace.to_owned(),
            proof: found.and_then(|m| m.proof.clone()),
        });
        if let Some(found) = found {
            before = Some(found.at);
        }
    };
    let within = |most: SignedDuration| move |d: SignedDuration| if d <= most { "fast" } else { "slow" };
    add("began", course.began.as_ref(), "unknown: what shows the cause carries no time".to_owned(), &|_| "");
    if course.warned.is_some() {
        add("could be seen", course.warned.as_ref(), String::new(), &|_| "");
    }
    add("felt", course.felt.as_ref(), "unknown: no effect on others carries a time".to_owned(), &|_| "");
    add("detected", course.detected.as_ref(), undetected(facts), &within(FAST_DETECTION));
    add("acted", course.acted.as_ref(), unacted(course), &within(FAST_ACTION));
    let open = match (facts.case.over, course.now) {
        (false, Some(now)) => format!("not yet at {}, the newest evidence", clock(now)),
        (false, None) => "not yet, as far as the evidence goes".to_owned(),
        (true, _) => "unknown: it is over, and no last sight carries a time".to_owned(),
    };
    add("recovered", course.recovered.as_ref(), open, &within(FAST_RECOVERY));
    if course.began_or_before
        && let Some(first) = phases.first_mut()
    {
        first.what.push_str(" (the measurement begins here: it began now or before)");
    }
    phases
}

fn undetected(facts: &Facts<'_>) -> String {
    match facts.world {
        None => "not known: the evidence could not be read again".to_owned(),
        Some(world) if world.alerts.is_empty() => "not known: no alerts were collected".to_owned(),
        Some(_) => "no alert in the evidence is about it and carries a time after the beginning".to_owned(),
    }
}

fn unacted(course: &Course) -> String {
    let since = course.felt.as_ref().or(course.began.as_ref());
    match since {
        Some(felt) => {
            format!("not known: no change, command or restart by hand after {} is in the evidence", clock(felt.at))
        }
        None => "not known: no change or command in the evidence carries a time".to_owned(),
    }
}

fn moments(facts: &Facts<'_>, course: &Course) -> Vec<Seen> {
    let place = |path: &str, line: u32| if line == 0 { path.to_owned() } else { format!("{path}:{line}") };
    let seen = |kind: &'static str| {
        move |m: &firstfault_model::case::Moment| Seen {
            at: m.at.clone(),
            kind: kind.to_owned(),
            who: m.entity.to_string(),
            what: m.what.clone(),
            place: place(&m.path, m.line),
        }
    };
    let mut all: Vec<Seen> = facts.case.timeline.iter().map(seen("evidence")).collect();
    all.extend(facts.case.changes.iter().filter(|c| c.at.is_some()).map(seen("change")));
    for alert in facts.world.into_iter().flat_map(|w| &w.alerts) {
        let proof = cited(&alert.evidence);
        all.push(Seen {
            at: alert.since.map(|at| at.to_string()),
            kind: "alert".to_owned(),
            who: alert.about.as_ref().map_or_else(String::new, |about| CaseEntity::from(about).to_string()),
            what: if alert.summary.is_empty() {
                alert.name.clone()
            } else {
                format!("{}: {}", alert.name, alert.summary)
            },
            place: proof.place,
        });
    }
    if let Some(warned) = &course.warned {
        let (place, excerpt) =
            warned.proof.as_ref().map_or_else(Default::default, |p| (p.place.clone(), p.excerpt.clone()));
        all.push(Seen {
            at: Some(warned.at.to_string()),
            kind: "log".to_owned(),
            who: facts.first.entity.to_string(),
            what: excerpt,
            place,
        });
    }
    all.retain(|m| m.at.is_some());
    let key = |m: &Seen| (time(m.at.as_deref()), m.who.clone(), m.what.clone());
    all.sort_by_cached_key(key);
    all.dedup_by(|a, b| a.at == b.at && a.who == b.who && a.what == b.what);
    let skip = all.len().saturating_sub(MOST);
    all.split_off(skip)
}

/// What a finding of the cause would be measured by, for charts and alerts.
pub(crate) fn role(finding: &str) -> Option<Role> {
    let (topic, rest) = finding.split_once('.')?;
    match topic {
        "memory" => Some(Role::Memory),
        "cpu" if rest.contains("throttl") => Some(Role::CpuThrottled),
        "cpu" => Some(Role::Cpu),
        "latency" => Some(Role::Latency),
        "errors" => Some(Role::Errors),
        "traffic" => Some(Role::Throughput),
        "disk" => Some(Role::DiskUsed),
        "pool" | "connections" => Some(Role::Connections),
        _ => None,
    }
}
