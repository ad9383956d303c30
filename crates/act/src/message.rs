//! The message for a status page or a channel.

use std::fmt::Write as _;

use firstfault_model::case::{Case, Hypothesis, Status};
use jiff::Timestamp;

use crate::words::listed;

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// What they notice, and nothing of the inside.
    Customers,
    /// Everything that helps to mend it.
    Engineers,
    /// Impact, cause in plain words, what is done, the risk.
    Executives,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something is wrong; the cause is not known.
    Investigating,
    /// The cause is known.
    Identified,
    /// Mended, and watched.
    Monitoring,
    /// Over.
    Resolved,
}

/// From here on a cause is said to be known.
const KNOWN: f64 = 0.8;

impl Progress {
    /// What the case itself says.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let sure = case.hypotheses.first().is_some_and(|h| h.probability >= KNOWN);
        match case.status {
            Status::Healthy => Self::Resolved,
            Status::Incident if case.over => Self::Resolved,
            Status::Incident if sure => Self::Identified,
            Status::Incident | Status::Insufficient => Self::Investigating,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Investigating => "Investigating",
            Self::Identified => "Identified",
            Self::Monitoring => "Monitoring",
            Self::Resolved => "Resolved",
        }
    }
}

/// The message, as plain text with a line feed at the end.
#[must_use]
pub fn message(case: &Case, audience: Audience, progress: Progress) -> String {
    if case.status == Status::Healthy {
        return "No incident: nothing that matters is wrong in what was looked at.\n".to_owned();
    }
    match audience {
        Audience::Customers => customers(case, progress),
        Audience::Engineers => engineers(case, progress),
        Audience::Executives => executives(case, progress),
    }
}

/// Nothing here comes from evidence but numbers and times: names of the inside cannot get in.
fn customers(case: &Case, progress: Progress) -> String {
    let impact = Impact::of(case);
    let mut out = format!("{}: ", progress.word());
    let since = impact.since().map_or_else(|| "We see".to_owned(), |since| format!("Since {since} we have seen"));
    let what = match (impact.failing, impact.slower) {
        (Some(share), _) if share >= 0.95 => "that our service does not answer requests",
        (Some(share), _) if share >= 0.4 => "that many requests to our service fail",
        (Some(_), _) => "that some requests to our service fail",
        (None, Some(_)) => "that our service answers more slowly than usual",
        (None, None) => "a problem with a part of our service",
    };
    match progress {
        Progress::Investigating => {
            let _ = write!(out, "{since} {what}. We are looking for the cause.");
        }
        Progress::Identified => {
            let _ = write!(out, "{since} {what}. We have found the cause and are working on it.");
        }
        Progress::Monitoring => {
            let _ = write!(out, "{since} {what}. We have mended it and are watching that it stays well.");
        }
        Progress::Resolved => {
            let since = impact.since().map_or_else(String::new, |since| format!(" from {since}"));
            let lasted = impact.lasted().map_or_else(String::new, |lasted| format!(", for {lasted}"));
            let _ =
                write!(out, "The problem{since}{lasted} is over. We are sorry for it, and will say what we learned.");
        }
    }
    if progress != Progress::Resolved {
        let _ = write!(out, " We write again within {}.", again(case));
    }
    out.push('\n');
    out
}

fn engineers(case: &Case, progress: Progress) -> String {
    let mut out = format!("{}{}\n", severity(case), progress.word());
    for reason in &case.severity.reasons {
        let _ = writeln!(out, "- {reason}");
    }
    if let Some(first) = case.hypotheses.first() {
        let _ = writeln!(out, "Cause ({}): {} [{}]", sure(first), first.summary, first.failure_mode);
        let rivals: Vec<String> = case
            .hypotheses
            .iter()
            .skip(1)
            .filter(|h| !h.independent && h.probability >= 0.05)
            .take(3)
            .map(|h| format!("{} on {} ({})", h.title, h.entity, sure(h)))
            .collect();
        if !rivals.is_empty() {
            let _ = writeln!(out, "Not ruled out: {}", rivals.join("; "));
        }
        if let Some(test) = first.tests.first() {
            let _ = writeln!(out, "Next check: {} — {}", test.command, test.decides);
        }
        let kind = if case.over { "fix" } else { "restore" };
        if let Some(remedy) = first.remedies.iter().find(|r| r.kind == kind).or_else(|| first.remedies.first()) {
            let _ = writeln!(out, "Next step: {} (risk {}, undo: {})", remedy.title, remedy.risk, remedy.rollback);
        }
    }
    if !case.affected.is_empty() {
        let _ = writeln!(out, "Suffers from it: {}", listed(&case.affected, 8));
    }
    if !case.unaffected.is_empty() {
        let _ = writeln!(out, "Looked at and well: {}", listed(&case.unaffected, 8));
    }
    for test in case.collect.iter().take(3) {
        let _ = writeln!(out, "Missing: {} — {}", test.command, test.decides);
    }
    out
}

fn executives(case: &Case, progress: Progress) -> String {
    let impact = Impact::of(case);
    let mut out = format!("{}{}\n", severity(case), progress.word());
    let since = impact.since().unwrap_or_else(|| "at a time that the evidence does not tell".to_owned());
    let lasted = impact.lasted().map_or_else(String::new, |l| format!(", for {l} as far as the evidence goes"));
    let _ = writeln!(out, "Began: {since}{lasted}.");
    let share = match (impact.failing, impact.slower) {
        (Some(share), _) => format!("{:.0} % of the requests failed where it was measured", share * 100.0),
        (None, Some(times)) => format!("answers took {times:.0} times as long as usual"),
        (None, None) => "not measured in the evidence".to_owned(),
    };
    let (ill, well) = (case.affected.len() + usize::from(!case.hypotheses.is_empty()), case.unaffected.len());
    let _ = writeln!(out, "Impact: {share}; {ill} components not well, {well} looked at and well.");
    match case.hypotheses.first() {
        Some(first) if first.probability >= 0.5 => {
            let _ = writeln!(out, "Cause ({}): {}, in {}.", sure(first), first.title, first.entity.name);
            let mends = first.remedies.iter().map(|r| format!("{} (risk {})", r.title, r.risk));
            for (label, mend) in ["Restoring service", "Then"].into_iter().zip(mends) {
                let _ = writeln!(out, "{label}: {mend}.");
            }
            if let Some(prevent) = first.prevents.first() {
                let _ = writeln!(out, "Would have caught it: {prevent}.");
            }
        }
        _ => out.push_str("Cause: not known yet.\n"),
    }
    out
}

fn severity(case: &Case) -> String {
    case.severity.level.map_or_else(String::new, |level| format!("SEV-{level} "))
}

fn sure(hypothesis: &Hypothesis) -> String {
    format!("{:.0} %", (hypothesis.probability * 100.0).round().clamp(1.0, 99.0))
}

/// How soon the next message is owed.
fn again(case: &Case) -> &'static str {
    match case.severity.level {
        Some(1) => "30 minutes",
        Some(2) => "an hour",
        _ => "four hours",
    }
}

/// What is felt at the edge, in numbers.
struct Impact {
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    /// Share of requests that fail, 0 to 1.
    failing: Option<f64>,
    /// How many times as long as usual answers take.
    slower: Option<f64>,
}

impl Impact {
    fn of(case: &Case) -> Self {
        let evidence = || case.hypotheses.iter().flat_map(|h| &h.evidence);
        let largest = |finding: &str, field: &str| {
            evidence()
                .filter(|e| e.finding == finding)
                .filter_map(|e| e.fields.get(field)?.parse::<f64>().ok())
                .max_by(f64::total_cmp)
        };
        let felt = |e: &&firstfault_model::case::CaseEvidence| {
            matches!(e.finding.as_str(), "errors.raised" | "latency.raised" | "application.endpoint-failing")
        };
        let at = |e: &firstfault_model::case::CaseEvidence| e.since.as_deref()?.parse::<Timestamp>().ok();
        let began = evidence().filter(felt).filter_map(at).min().or_else(|| evidence().filter_map(at).min());
        let ended = case.window.to.as_deref().and_then(|to| to.parse().ok());
        Self {
            began,
            ended,
            failing: largest("errors.raised", "share_failing").filter(|s| (0.0..=1.0).contains(s)),
            slower: largest("latency.raised", "times"),
        }
    }

    fn since(&self) -> Option<String> {
        self.began.map(|at| at.strftime("%H:%M UTC on %-d %B %Y").to_string())
    }

    fn lasted(&self) -> Option<String> {
        let minutes = self.ended?.duration_since(self.began?).as_mins();
        match minutes {
            m if m < 1 => None,
            1 => Some("one minute".to_owned()),
            m if m < 120 => Some(format!("{m} minutes")),
            m => Some(format!("{} hours", m / 60)),
        }
    }
}
