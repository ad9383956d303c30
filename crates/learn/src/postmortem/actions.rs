//! Mending, what worked, what is to be done, and what can be learnt.

use firstfault_model::case::CaseEntity;
use firstfault_report::words::{percent, split};
use jiff::SignedDuration;

use super::course::Course;
use super::document::{Action, Claim, Guard, Mending, Proof, Safeguard};
use super::facts::{Facts, bytes, lasted, list, proof};
use super::growth::Growth;
use super::impact::Usual;
use super::prevention::Sort;

/// How service is restored and the cause removed, with the case's own numbers.
pub(crate) fn mending(facts: &Facts<'_>, usual: &[Usual], growth: Option<&Growth>) -> Vec<Mending> {
    let wanted: Option<u32> = facts.field("wanted").and_then(|w| w.parse().ok());
    let remedies = facts.first.remedies.iter();
    let of = |remedy: &firstfault_model::case::Remedy| {
        let mut worked_if = vec![remedy.verification.clone()];
        worked_if.extend(usual.iter().take(4).map(|u| format!("{} is back at {}", u.what, u.value)));
        worked_if.extend(
            wanted.filter(|w| *w > 0).map(|w| format!("{w} of {w} replicas of {} are ready", facts.first.entity)),
        );
        let steps: Vec<String> = remedy.steps.iter().map(|step| filled(facts, step)).collect();
        let raises = remedy.steps.iter().any(|s| s.contains(HIGHER_LIMIT));
        let note = raised(facts).filter(|_| raises).zip(growth).map(|(limit, growth)| bought(growth, &limit));
        Mending {
            kind: remedy.kind.clone(),
            title: remedy.title.clone(),
            steps,
            risk: remedy.risk.clone(),
            undo: remedy.rollback.clone(),
            note,
            worked_if,
        }
    };
    remedies.map(of).collect()
}

/// The catalogue's word for a limit that has to be computed.
const HIGHER_LIMIT: &str = "HIGHER_LIMIT";

/// A limit a third above the present one, in the same unit.
struct Raised {
    text: String,
    bytes: f64,
}

/// Three gigabytes become four: a third more, rounded up to whole units, or to tenths below ten.
fn raised(facts: &Facts<'_>) -> Option<Raised> {
    let limits = facts.first.evidence.iter().filter_map(|e| e.fields.get("limit"));
    limits.filter_map(|limit| one_raised(limit)).next()
}

fn one_raised(limit: &str) -> Option<Raised> {
    let at = limit.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(limit.len());
    let (number, unit) = (limit[..at].parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0)?, &limit[at..]);
    let size = match unit {
        "G" => 1e9,
        "Gi" => 1024.0_f64.powi(3),
        "M" => 1e6,
        "Mi" => 1024.0_f64.powi(2),
        "K" | "k" => 1e3,
        "Ki" => 1024.0,
        "" => 1.0,
        _ => return None,
    };
    let more = number * 4.0 / 3.0;
    // Kubernetes takes whole numbers best: a fraction of a unit goes into the next smaller one.
    let (value, unit, size) = match unit {
        "G" if more.fract() > 1e-9 => ((more * 1e3).ceil(), "M", 1e6),
        "Gi" if more.fract() > 1e-9 => ((more * 1024.0).ceil(), "Mi", 1024.0_f64.powi(2)),
        _ => (more.ceil(), unit, size),
    };
    Some(Raised { text: format!("{value}{unit}"), bytes: value * size })
}

/// How much time a higher limit buys while the cause is still there.
fn bought(growth: &Growth, limit: &Raised) -> String {
    let from_empty = growth.time_from_empty(limit.bytes);
    let more = growth.limit.map(|old| growth.time_from_empty((limit.bytes - old).max(0.0)));
    let more = more.map_or_else(String::new, |m| format!(", {} more than now", lasted(m)));
    format!(
        "At {} a minute a fresh process fills {} in {}{more}: it is a reprieve, not a cure",
        bytes(growth.a_minute()),
        limit.text,
        lasted(from_empty)
    )
}

/// A step with what the case knows in place of the catalogue's capitals.
fn filled(facts: &Facts<'_>, step: &str) -> String {
    let mut step = step.to_owned();
    if let Some(limit) = raised(facts) {
        step = step.replace(HIGHER_LIMIT, &limit.text);
    }
    let plain =
        |c: &&str| !c.is_empty() && c.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if let Some(container) = facts.field("container").filter(plain).filter(|c| !c.starts_with('-')) {
        step = step.replace(" CONTAINER=", &format!(" {container}="));
    }
    step
}

/// What did its duty.
pub(crate) fn worked(facts: &Facts<'_>, course: &Course, safeguards: &[Safeguard]) -> Vec<Claim> {
    let mut worked = Vec::new();
    if let (Some(detected), Some(after)) = (&course.detected, course.to_detect()) {
        let when = if after.is_negative() {
            format!("{} before it was felt", lasted(after.abs()))
        } else {
            format!("{} after it was felt", lasted(after))
        };
        worked.push(Claim {
            says: format!("Somebody was told: {} fired {when}.", detected.what),
            proof: detected.proof.clone(),
        });
    }
    worked.extend(breakers(facts));
    if !facts.case.unaffected.is_empty() {
        let names: Vec<String> = facts.case.unaffected.iter().map(ToString::to_string).collect();
        let says = format!(
            "It did not spread to {}, which {} looked at and well.",
            list(&names, 4),
            if names.len() == 1 { "was" } else { "were" }
        );
        worked.push(Claim { says, proof: None });
    }
    if let Some(fact) = facts.fact("probe.readiness-failing").filter(|f| facts.is_own(f)) {
        let says =
            "The readiness probe took the failing pods out of service instead of sending requests to them.".to_owned();
        worked.push(Claim { says, proof: Some(proof(fact)) });
    }
    if let Some(fact) = facts.fact("container.oom-killed") {
        let says = "The memory limit kept the damage inside the container: no other workload of its node was killed, as far as was seen.".to_owned();
        worked.push(Claim { says, proof: Some(proof(fact)) });
    }
    let present: Vec<String> =
        safeguards.iter().filter(|g| g.state == Guard::Present).map(|g| g.name.clone()).collect();
    if !present.is_empty() {
        worked.push(Claim { says: format!("In place: {}.", list(&present, 8)), proof: None });
    }
    if worked.is_empty() {
        let files = facts.case.coverage.iter().filter(|c| c.items > 0).count();
        let says = format!(
            "The evidence was collected in time: {files} files were enough to name the cause ({}).",
            percent(facts.first.probability)
        );
        worked.push(Claim { says, proof: None });
    }
    worked
}

/// Circuit breakers that opened, by the logs of those that call the cause.
fn breakers(facts: &Facts<'_>) -> Option<Claim> {
    let logs = facts.world?.logs.iter().filter(|log| facts.concerns(&log.entity));
    let shapes = logs.flat_map(|log| log.digest.warnings().map(move |s| (log, s)));
    let opens = |text: &str| {
        let text = text.to_lowercase();
        text.contains("circuit") && text.contains("breaker") && text.contains("open")
    };
    let found = shapes.filter(|(_, s)| opens(s.example.text.as_str()));
    let (log, shape) = found.min_by_key(|(log, s)| (s.example.at, log.path.clone(), s.example.line))?;
    let place = format!("{}:{}", log.path, shape.example.line);
    Some(Claim {
        says: format!(
            "The circuit breaker of {} opened, so that callers got an answer at once.",
            CaseEntity::from(&facts.world?.carrier_of(&log.entity))
        ),
        proof: Some(Proof { place, excerpt: shape.example.text.to_string() }),
    })
}

/// What is to be done, the urgent first. The owner is blank: people fill it in.
pub(crate) fn actions(facts: &Facts<'_>, safeguards: &[Safeguard], mending: &[Mending]) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    let mut put = |horizon: &str, kind: &str, what: String, done_when: String| {
        if actions.iter().all(|a| a.what != what) {
            actions.push(Action {
                horizon: horizon.to_owned(),
                kind: kind.to_owned(),
                what,
                owner: String::new(),
                done_when,
            });
        }
    };
    for (nth, remedy) in mending.iter().filter(|m| m.kind == "restore").enumerate() {
        let what = if nth == 0 { remedy.title.clone() } else { format!("Or: {}", remedy.title) };
        put("now", "mend", what, remedy.worked_if.join("; "));
    }
    if let Some(test) = facts.first.tests.first() {
        put("now", "find out", format!("Check {} (`{}`)", test.decides, test.command), test.outcomes.join("; "));
    }
    for remedy in mending.iter().filter(|m| m.kind == "fix") {
        put("this week", "mend", remedy.title.clone(), remedy.worked_if.join("; "));
    }
    let (_, faults) = split(facts.case);
    for fault in faults.iter().take(3) {
        put(
            "this week",
            "mend",
            format!("Mend what is also wrong: {}", fault.summary),
            "it is gone from a new collection of evidence".to_owned(),
        );
    }
    for sentence in &facts.first.prevents {
        let (horizon, kind, done) = match Sort::of(sentence) {
            Sort::Alert => (
                "this week",
                "detect",
                "tested against this incident's own series, the rule fires before it was felt and stays silent on the quiet part",
            ),
            Sort::Test => ("this week", "test", "it fails on the version that broke and passes on the mended one"),
            Sort::Policy => ("this quarter", "prevent", "a manifest or change that breaks the rule is refused"),
            Sort::Document => {
                ("this quarter", "document", "somebody who was not part of this has followed it in a drill")
            }
            Sort::Design => ("this quarter", "prevent", "it is so in every workload of this kind"),
        };
        put(horizon, kind, sentence.clone(), done.to_owned());
    }
    for guard in safeguards.iter().filter(|g| g.state == Guard::Missing && is_setting(&g.name)) {
        put("this week", "prevent", format!("Add {}", guard.name), "a new collection of evidence shows it".to_owned());
    }
    for guard in safeguards.iter().filter(|g| g.state == Guard::Weak && is_setting(&g.name)) {
        put(
            "this quarter",
            "prevent",
            format!("Set {} from measured use, with room to notice a fault", guard.name),
            "usual use stays below 60 % of it".to_owned(),
        );
    }
    let unknown: Vec<String> =
        safeguards.iter().filter(|g| g.state == Guard::NotKnown).map(|g| g.name.clone()).collect();
    if !unknown.is_empty() {
        put(
            "this quarter",
            "find out",
            format!("Collect what was not looked at: {}", list(&unknown, 6)),
            "each is known to be there or not".to_owned(),
        );
    }
    if facts.case.notes.iter().any(|n| is_clock(n)) {
        put(
            "this week",
            "prevent",
            "Bring the clocks and time zones of all sources together, and write times with their zone".to_owned(),
            "the same event has the same time in logs, events and metrics".to_owned(),
        );
    }
    let order = ["now", "this week", "this quarter"];
    actions.sort_by_key(|a| order.iter().position(|h| *h == a.horizon));
    actions
}

/// Whether a safeguard is a setting of the workload rather than a rule or test.
fn is_setting(name: &str) -> bool {
    !["alert", "test", "policy", "document", "design", "an alert"].iter().any(|sort| name.starts_with(sort))
}

/// Whether a note of the case is about clocks that differ.
pub(crate) fn is_clock(note: &str) -> bool {
    let note = note.to_lowercase();
    note.contains("clock") || note.contains("time zone") || note.contains("stamped")
}

/// What others can learn from it, each drawn from a computed fact.
pub(crate) fn lessons(facts: &Facts<'_>, course: &Course, safeguards: &[Safeguard]) -> Vec<String> {
    /// A cause that was there this long before its effect could have been caught.
    const CATCHABLE: SignedDuration = SignedDuration::from_mins(5);
    let mut lessons = Vec::new();
    let uncovered = safeguards.iter().any(|g| g.name.starts_with("an alert on the cause") && g.state != Guard::Present);
    if let Some(lead) = course.lead().filter(|l| *l >= CATCHABLE) {
        let or_more = if course.began_or_before { "at least " } else { "" };
        lessons.push(format!(
            "The cause could be seen {or_more}{} before anyone felt it. {}",
            lasted(lead),
            if uncovered {
                "Alerts on effects are fast and late at once: what fills up needs an alert on how fast it fills."
            } else {
                "The time in between is what an alert on the cause buys."
            }
        ));
    }
    if let Some(warned) = &course.warned {
        let before = course.felt.as_ref().map(|f| lasted(f.at.duration_since(warned.at)));
        let before = before.map_or_else(String::new, |b| format!(", {b} before it was felt"));
        lessons.push(format!("The system said so itself{before}, in a log line that nobody was told of. A warning that wakes nobody is no safeguard."));
    }
    let wholly = facts.first.evidence.iter().any(|e| {
        e.fields.get("ready").is_some_and(|r| r == "0")
            && e.fields.get("wanted").and_then(|w| w.parse::<u32>().ok()).is_some_and(|w| w > 1)
    });
    if wholly {
        lessons.push("Replicas do not help against what all of them do alike: they protect from the loss of a node, not from a fault in the program or its settings.".to_owned());
    }
    if let Some(after) = facts.field("after") {
        lessons.push(format!("A restart alone did not help: {after}."));
    }
    let caused_by_change =
        facts.first.evidence.iter().any(|e| e.finding.starts_with("change.") || e.finding.starts_with("rollout."));
    if caused_by_change {
        lessons.push(
            "It came with a change: a change that goes to a part of the traffic first, with a way back, fails small."
                .to_owned(),
        );
    }
    let late = safeguards.iter().filter(|g| g.state == Guard::DidNotStop).count();
    if late > 0 {
        lessons.push(format!("{late} safeguards that the catalogue knows for this failure were absent or came too late; none of them asks anyone to be more careful."));
    }
    if facts.case.notes.iter().any(|n| is_clock(n)) {
        lessons.push(
            "Sources disagreed about the time. Cause and effect can only be told apart when their clocks agree."
                .to_owned(),
        );
    }
    if course.acted.is_none() {
        lessons.push("What was done, and when, is not in the evidence: a command or change that is written down as it happens shortens the next incident.".to_owned());
    }
    lessons
}

/// What the evidence does not say.
pub(crate) fn unknown(facts: &Facts<'_>, course: &Course, notes: &[String]) -> Vec<String> {
    let mut unknown: Vec<String> = notes.iter().map(|n| format!("{n}.")).collect();
    if course.acted.is_none() {
        unknown.push("Who did what, and when: no change or command after it was felt carries a time.".to_owned());
    }
    if course.recovered.is_none() && !facts.case.over {
        unknown.push("When and how it ended: the evidence ends before.".to_owned());
    }
    if facts.world.is_some_and(|w| w.alerts.is_empty()) {
        unknown.push("Whether anybody was told: no alerts were collected.".to_owned());
    }
    for fact in facts.case.unexplained.iter().take(5) {
        unknown.push(format!("What stays unexplained: {} ({}).", fact.says, firstfault_report::words::place(fact)));
    }
    if !facts.first.twins.is_empty() {
        unknown.push(format!("This evidence cannot tell it apart from: {}.", list(&facts.first.twins, 4)));
    }
    let problems = facts.case.coverage.iter().filter(|c| !c.problems.is_empty());
    let problems: Vec<String> = problems.map(|c| format!("{} ({})", c.subject, c.problems.len())).collect();
    if !problems.is_empty() {
        unknown.push(format!("What could not be read, by file and count: {}.", list(&problems, 6)));
    }
    if facts.first.probability < 0.5 {
        unknown.push(format!(
            "Whether this is the cause at all: its probability is {}.",
            percent(facts.first.probability)
        ));
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_raised_by_a_third_in_its_own_unit() {
        for (limit, raised) in [("3G", "4G"), ("512Mi", "683Mi"), ("1Gi", "1366Mi"), ("900M", "1200M"), ("2G", "2667M")]
        {
            assert_eq!(one_raised(limit).map(|r| r.text).as_deref(), Some(raised));
        }
        assert!(one_raised("unlimited").is_none());
        assert!(one_raised("3 of 3").is_none());
    }
}
