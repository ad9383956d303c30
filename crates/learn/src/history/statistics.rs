//! How often, how long, how often again, and how much of the error budget.
//!
//! Several cases of one failure (evidence taken at T+5 and at T+15 minutes) count as one incident: cases with the same
//! failure mode and entity belong together where one begins before the other is over.

use std::collections::BTreeMap;

use firstfault_model::case::{CaseEntity, Status};
use jiff::Timestamp;
use serde::Serialize;

use super::document::path;
use super::record::Outline;

const DAY: f64 = 86_400.0;

/// What is promised to users: this share of good minutes in so many days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slo {
    /// Percent, such as 99.9.
    pub percent: f64,
    /// The period's length in days.
    pub days: f64,
    /// The period's end; `None` for the latest time that the cases know of.
    pub until: Option<Timestamp>,
}

/// Counts and times over some cases.
#[derive(Clone, Debug, Serialize)]
pub struct Statistics {
    /// Cases that were looked at.
    pub cases: usize,
    /// Incidents among them, several cases of one failure taken together.
    pub incidents: usize,
    /// Incidents by failure mode, the most frequent first.
    pub by_mode: Vec<Frequency>,
    /// Incidents by area, the most frequent first.
    pub by_area: Vec<Frequency>,
    /// Incidents by severity, the worst first.
    pub by_severity: Vec<Frequency>,
    /// Seconds from when the fault began to when it was noticed.
    pub to_detect: Option<Spread>,
    /// Seconds from when it was noticed to when its cause was known.
    pub to_diagnose: Option<Spread>,
    /// Seconds from when it was noticed (or felt, where nobody said) to when the service was well again.
    pub to_mend: Option<Spread>,
    /// Times that cannot be, such as noticed before it began; they are left out of the spreads.
    pub left_out: Vec<String>,
    /// The same failure mode on the same entity again, within the days asked for.
    pub recurrences: Vec<Recurrence>,
    /// Within so many days after the one before counts as a recurrence.
    pub recurrence_days: f64,
    /// What the incidents took of the error budget, where an objective was given.
    pub budget: Option<Budget>,
}

/// How often something was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frequency {
    /// What.
    pub of: String,
    /// How many incidents.
    pub incidents: usize,
}

/// Where values lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many incidents the value is known of.
    pub known: usize,
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The smallest value that at least nine of ten do not exceed (nearest rank).
    pub p90: f64,
}

/// The same again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recurrence {
    /// The failure mode.
    pub failure_mode: String,
    /// What carried the fault.
    pub entity: CaseEntity,
    /// The case before.
    pub before: i64,
    /// The case that is the same again.
    pub again: i64,
    /// From the end of the one (or what is known of it) to the beginning of the other.
    pub days: f64,
}

/// What the incidents took of the error budget. Each minute from when an incident was felt to when it was over counts
/// as wholly failed, once however many incidents it belongs to; so this is the most that they can have taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// The objective.
    pub slo: Slo,
    /// The period's beginning.
    pub from: Timestamp,
    /// The period's end.
    pub to: Timestamp,
    /// What may fail in the period, in minutes.
    pub allowed_minutes: f64,
    /// What failed in it, in minutes.
    pub consumed_minutes: f64,
    /// The share that is gone; more than 1 where the objective is missed.
    pub consumed_share: f64,
    /// Incidents whose duration is known and that touch the period.
    pub counted: usize,
    /// Incidents of the period whose end is not known; they are not counted.
    pub unknown: usize,
}

/// Counts and times over cases; `recurrence_days` says how soon the same again counts as a recurrence.
#[must_use]
pub fn statistics(cases: &[Outline], recurrence_days: f64, slo: Option<Slo>) -> Statistics {
    let mut left_out = Vec::new();
    let incidents = incidents(cases);
    let mut spread = |what: &str, from: fn(&Incident) -> Option<Timestamp>, to: fn(&Incident) -> Option<Timestamp>| {
        let mut values = Vec::new();
        for incident in &incidents {
            let (Some(from), Some(to)) = (from(incident), to(incident)) else { continue };
            let seconds = seconds(from, to);
            if seconds < 0.0 {
                left_out.push(format!("case {}: {what}", incident.first.id));
            } else {
                values.push(seconds);
            }
        }
        Spread::of(values)
    };
    let to_detect = spread("noticed before it began", |i| i.began, |i| i.detected);
    let to_diagnose = spread("its cause known before it was noticed", |i| i.detected, |i| i.diagnosed);
    let to_mend = spread("well again before it was noticed", |i| i.detected.or(i.felt), |i| i.mended);
    Statistics {
        cases: cases.len(),
        incidents: incidents.len(),
        by_mode: frequency(&incidents, |i| i.first.failure_mode().unwrap_or("unknown").to_owned()),
        by_area: frequency(&incidents, |i| i.first.area().unwrap_or("unknown").to_owned()),
        by_severity: by_severity(&incidents),
        to_detect,
        to_diagnose,
        to_mend,
        left_out,
        recurrences: recurrences(&incidents, recurrence_days),
        recurrence_days,
        budget: slo.and_then(|slo| budget(cases, &incidents, slo)),
    }
}

/// One failure, from one or several cases.
struct Incident<'a> {
    first: &'a Outline,
    last: &'a Outline,
    severity: Option<u8>,
    began: Option<Timestamp>,
    felt: Option<Timestamp>,
    detected: Option<Timestamp>,
    diagnosed: Option<Timestamp>,
    mended: Option<Timestamp>,
    seen_until: Option<Timestamp>,
}

impl<'a> Incident<'a> {
    fn of(case: &'a Outline) -> Self {
        Self {
            first: case,
            last: case,
            severity: case.facts.severity,
            began: case.facts.began,
            felt: case.facts.felt,
            detected: case.remarks.detected,
            diagnosed: case.remarks.diagnosed,
            mended: case.mended(),
            seen_until: case.facts.seen_until.max(case.mended()),
        }
    }

    /// Whether a later case is of the same failure: it began before this one was over.
    fn goes_on_in(&self, later: &Outline) -> bool {
        match (later.facts.began, self.mended.or(self.seen_until)) {
            (Some(began), Some(over)) => began <= over,
            _ => false,
        }
    }

    fn take(&mut self, later: &'a Outline) {
        fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
            a.into_iter().chain(b).min()
        }
        self.last = later;
        self.severity = self.severity.into_iter().chain(later.facts.severity).min();
        self.felt = earliest(self.felt, later.facts.felt);
        self.detected = earliest(self.detected, later.remarks.detected);
        self.diagnosed = earliest(self.diagnosed, later.remarks.diagnosed);
        self.mended = self.mended.max(later.mended());
        self.seen_until = self.seen_until.max(later.facts.seen_until).max(self.mended);
    }
}

/// What the same failure has in common: the failure mode and the entity.
fn same(case: &Outline) -> Option<(String, String)> {
    Some((case.failure_mode()?.to_owned(), path(case.facts.entity.as_ref()?)))
}

/// The incidents among the cases, in the order in which they began; those without a time come first.
fn incidents(cases: &[Outline]) -> Vec<Incident<'_>> {
    let mut ordered: Vec<&Outline> = cases.iter().filter(|case| case.facts.status == Status::Incident).collect();
    ordered.sort_by_key(|case| (case.facts.began, case.id));
    let mut incidents: Vec<Incident<'_>> = Vec::new();
    let mut latest: BTreeMap<(String, String), usize> = BTreeMap::new();
    for case in ordered {
        let same = same(case);
        if let Some(incident) = same.as_ref().and_then(|same| latest.get(same)).map(|&at| &mut incidents[at])
            && incident.goes_on_in(case)
        {
            incident.take(case);
            continue;
        }
        if let Some(same) = same {
            latest.insert(same, incidents.len());
        }
        incidents.push(Incident::of(case));
    }
    incidents
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let known = values.len();
        let middle = values.get(known / 2)?;
        let median = if known % 2 == 1 { *middle } else { (values[known / 2 - 1] + middle) / 2.0 };
        Some(Self { known, median, p90: values[(known * 9).div_ceil(10) - 1] })
    }
}

fn frequency(incidents: &[Incident<'_>], of: impl Fn(&Incident<'_>) -> String) -> Vec<Frequency> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for incident in incidents {
        *counts.entry(of(incident)).or_default() += 1;
    }
    let mut counts: Vec<Frequency> = counts.into_iter().map(|(of, incidents)| Frequency { of, incidents }).collect();
    counts.sort_by(|a, b| b.incidents.cmp(&a.incidents).then_with(|| a.of.cmp(&b.of)));
    counts
}

fn by_severity(incidents: &[Incident<'_>]) -> Vec<Frequency> {
    let mut counts =
        frequency(incidents, |i| i.severity.map_or_else(|| "unknown".to_owned(), |level| format!("SEV-{level}")));
    counts.sort_by(|a, b| a.of.cmp(&b.of));
    counts
}

fn recurrences(incidents: &[Incident<'_>], within: f64) -> Vec<Recurrence> {
    let mut latest: BTreeMap<(String, String), &Incident<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for incident in incidents {
        let (Some(same), Some(began)) = (same(incident.first), incident.began) else { continue };
        let before = latest.insert(same, incident);
        let Some((before, over)) = before.and_then(|b| Some((b, b.mended.or(b.seen_until)?))) else { continue };
        let days = seconds(over, began) / DAY;
        if let (true, Some(mode), Some(entity)) =
            (days <= within, incident.first.failure_mode(), &incident.first.facts.entity)
        {
            let (failure_mode, entity) = (mode.to_owned(), entity.clone());
            found.push(Recurrence { failure_mode, entity, before: before.last.id, again: incident.first.id, days });
        }
    }
    found
}

/// `None` where no case knows a time and no end of the period is given.
fn budget(cases: &[Outline], incidents: &[Incident<'_>], slo: Slo) -> Option<Budget> {
    let known = cases.iter().filter_map(|case| case.mended().max(case.facts.seen_until)).max();
    let to = slo.until.or(known)?;
    let from = to.checked_sub(jiff::SignedDuration::from_secs_f64(slo.days * DAY)).ok()?;
    let (mut spans, mut unknown) = (Vec::new(), 0);
    for incident in incidents {
        let Some(felt) = incident.felt.or(incident.detected).filter(|felt| *felt < to) else { continue };
        match incident.mended {
            Some(mended) if mended > from && mended >= felt => spans.push((felt.max(from), mended.min(to))),
            Some(_) => {}
            None if felt >= from => unknown += 1,
            None => {}
        }
    }
    let counted = spans.len();
    spans.sort();
    let (mut consumed, mut over) = (0.0, from);
    for (start, end) in spans {
        if end > over {
            consumed += seconds(start.max(over), end);
            over = end;
        }
    }
    let allowed_minutes = slo.days * DAY / 60.0 * (1.0 - slo.percent / 100.0);
    let consumed_minutes = consumed / 60.0;
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    Some(Budget {
        slo,
        from,
        to,
        allowed_minutes: rounded(allowed_minutes),
        consumed_minutes: rounded(consumed_minutes),
        consumed_share: rounded(consumed_minutes / allowed_minutes),
        counted,
        unknown,
    })
}

#[cfg(test)]
#[path = "statistics_tests.rs"]
mod tests;
