//! The memory's answers in words.

use std::fmt::Write as _;

use firstfault_learn::history::{
    Added, Budget, Frequency, Hit, Likeness, Outline, Progress, Record, Spread, Statistics, Verdict, WEIGHTS,
};
use firstfault_model::case::CaseEntity;
use jiff::Timestamp;

/// The most findings that are named on a line.
const NAMED: usize = 6;

pub(super) fn result(added: Added) -> &'static str {
    match added {
        Added::New(_) => "added",
        Added::Remarked(_) => "remarked",
        Added::Known(_) => "known",
    }
}

pub(super) fn added(added: Added, case: &Outline) -> String {
    let what = match added {
        Added::New(_) => "is added",
        Added::Remarked(_) => "was known; what is newly said is added",
        Added::Known(_) => "was known; nothing is new",
    };
    format!("case {} {what}: {}\n", case.id, named(case))
}

/// `performance.memory-leak on Deployment platform/auth`.
fn named(case: &Outline) -> String {
    let mode = match (case.failure_mode(), case.facts.failure_mode.as_deref(), case.facts.status) {
        (Some(mode), ..) => mode.to_owned(),
        (None, Some(wrong), _) => format!("not {wrong}, unknown"),
        (None, None, status) => format!("{status:?}").to_lowercase(),
    };
    case.facts.entity.as_ref().map_or_else(|| mode.clone(), |entity| format!("{mode} on {}", name(entity)))
}

fn name(entity: &CaseEntity) -> String {
    match &entity.namespace {
        Some(namespace) => format!("{} {namespace}/{}", entity.kind, entity.name),
        None => format!("{} {}", entity.kind, entity.name),
    }
}

fn level(case: &Outline) -> String {
    case.facts.severity.map_or_else(|| "-".to_owned(), |level| format!("SEV-{level}"))
}

fn state(case: &Outline) -> &'static str {
    match (&case.remarks.verdict, case.progress()) {
        (Verdict::Wrong, Progress::Open) => "open, answer wrong",
        (Verdict::Wrong, Progress::Resolved) => "resolved, answer wrong",
        (Verdict::Confirmed(_), Progress::Open) => "open, confirmed",
        (Verdict::Confirmed(_), Progress::Resolved) => "resolved, confirmed",
        (Verdict::Unknown, Progress::Open) => "open",
        (Verdict::Unknown, Progress::Resolved) => "resolved",
    }
}

fn at(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"))
}

/// Rows with their columns below each other; the last column is not padded.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|t| t.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (text, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{text:<width$}  ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

pub(super) fn list(cases: &[Outline]) -> String {
    if cases.is_empty() {
        return "no cases\n".to_owned();
    }
    let mut rows = vec![["case", "began", "severity", "what", "state", "tags"].map(str::to_owned).to_vec()];
    for case in cases {
        let tags: Vec<&str> = case.remarks.tags.iter().map(String::as_str).collect();
        rows.push(vec![
            case.id.to_string(),
            at(case.began()),
            level(case),
            named(case),
            state(case).to_owned(),
            tags.join(" "),
        ]);
    }
    table(&rows)
}

pub(super) fn show(record: &Record) -> String {
    let case = &record.outline;
    let facts = &case.facts;
    let mut out = format!("case {}  {}  {}\n", case.id, level(case), named(case));
    if let Some(title) = &facts.title {
        let _ = writeln!(out, "  {title}");
    }
    let summary = record.document.summary();
    if !summary.is_empty() {
        let _ = writeln!(out, "  {summary}");
    }
    let verdict = match (&case.remarks.verdict, &facts.failure_mode) {
        (Verdict::Confirmed(mode), Some(first)) if mode.failure_mode != *first => {
            format!("the cause was {}; the first answer, {first}, was wrong", mode.failure_mode)
        }
        (Verdict::Confirmed(_), _) => "confirmed".to_owned(),
        (Verdict::Wrong, _) => "wrong".to_owned(),
        (Verdict::Unknown, _) => "nobody said whether it is right".to_owned(),
    };
    let since = |what: Option<Timestamp>, before: Option<Timestamp>, words: &str| match (what, before) {
        (Some(what), Some(before)) if what >= before => {
            format!("{}  {} after it {words}", at(Some(what)), span(what.duration_since(before).as_secs_f64()))
        }
        _ => at(what),
    };
    let remarks = &case.remarks;
    let known = remarks.detected.or(facts.felt);
    let rows: Vec<Vec<String>> = [
        ("answer", facts.probability.map(|p| format!("{} probable, {verdict}", percent(p))).unwrap_or(verdict)),
        ("state", state(case).to_owned()),
        ("began", at(facts.began)),
        ("felt", at(facts.felt)),
        ("noticed", since(remarks.detected, facts.began, "began")),
        ("cause known", since(remarks.diagnosed, remarks.detected, "was noticed")),
        (
            "well again",
            since(case.mended(), known, if remarks.detected.is_some() { "was noticed" } else { "was felt" }),
        ),
        ("added", at(Some(case.added_at))),
    ]
    .map(|(what, value)| vec![format!("  {what}"), value])
    .to_vec();
    out += &table(&rows);
    for note in &remarks.notes {
        let _ = writeln!(out, "  note: {}", line(note));
    }
    if !remarks.tags.is_empty() {
        let tags: Vec<&str> = remarks.tags.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  tags: {}", line(&tags.join(" ")));
    }
    let (steps, findings) = (record.document.steps(), record.document.findings());
    if !steps.is_empty() {
        out += "How it spread\n";
        for (time, entity, what) in steps {
            let _ = writeln!(out, "  {}  {} {}", time.unwrap_or("-"), name(entity), line(what));
        }
    }
    if !findings.is_empty() {
        let _ = writeln!(out, "Findings\n  {}", findings.into_iter().collect::<Vec<_>>().join(", "));
    }
    let _ = writeln!(out, "The whole case: firstfault history show {} --format json", case.id);
    out
}

pub(super) fn hits(hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "nothing found\n".to_owned();
    }
    let mut out = String::new();
    for hit in hits {
        let case = &hit.case;
        let _ = writeln!(out, "case {}  {}  {}  {}", case.id, at(case.began()), level(case), named(case));
        let _ = writeln!(out, "  {}", line(&hit.excerpt));
    }
    out
}

pub(super) fn similar(found: &[Likeness], itself: Option<i64>, least: f64) -> String {
    let mut out = String::new();
    if let Some(id) = itself {
        let _ = writeln!(out, "this is case {id}; it is left out");
    }
    if found.is_empty() {
        let _ = writeln!(out, "no past case is alike (at least {least:.2} of 1)");
    }
    for like in found {
        let (case, parts) = (&like.case, &like.agreement);
        let when = at(case.began());
        let _ = writeln!(out, "case {}  {:.2} alike  {}  {when}  {}", case.id, like.likeness, named(case), state(case));
        let graded = |part: f64, near: &str| match part {
            1.0 => "the same".to_owned(),
            0.5 => near.to_owned(),
            _ => "another".to_owned(),
        };
        let both = parts.shared.len();
        let either = both + parts.only_asked.len() + parts.only_past.len();
        let rows = [
            ("findings", parts.findings, WEIGHTS.findings, format!("{both} of {either} in both, weighed by rarity")),
            ("mode", parts.mode, WEIGHTS.mode, graded(parts.mode, "another of the same area")),
            ("entity", parts.entity, WEIGHTS.entity, graded(parts.entity, "the same name in another namespace")),
            (
                "chain",
                parts.chain,
                WEIGHTS.chain,
                format!("{} in both, in the same order", counted(parts.steps.len(), "step")),
            ),
        ];
        let rows = rows.map(|(what, part, weight, why)| {
            vec![format!("  {what}"), format!("{part:.3} × {weight:.2} = {:.3}", part * weight), why]
        });
        out += &table(&rows);
        let shared: Vec<String> = parts.shared.iter().map(|s| format!("{} ({:.2})", s.finding, s.weight)).collect();
        // Steps hold commas themselves.
        for (what, names, between) in [
            ("both", &shared, ", "),
            ("only here", &parts.only_asked, ", "),
            ("only there", &parts.only_past, ", "),
            ("chain", &parts.steps, " → "),
        ] {
            if !names.is_empty() {
                let _ = writeln!(out, "  {what}: {}", some(names, between));
            }
        }
        for note in &case.remarks.notes {
            let _ = writeln!(out, "  note: {}", line(note));
        }
    }
    out
}

pub(super) fn statistics(found: &Statistics) -> String {
    let mut out = format!("{}, {}\n", counted(found.cases, "case"), counted(found.incidents, "incident"));
    let times = [
        ("to detect", &found.to_detect, "from its beginning until it was noticed"),
        ("to diagnose", &found.to_diagnose, "until the cause was known"),
        ("to mend", &found.to_mend, "until the service was well again"),
    ];
    out += "Times (from being noticed, where nothing else is said)\n";
    let rows = times.map(|(what, spread, until)| {
        let value = spread.as_ref().map_or_else(|| "not known".to_owned(), spread_words);
        vec![format!("  {what}"), value, until.to_owned()]
    });
    out += &table(&rows);
    for (what, counts) in
        [("By failure mode", &found.by_mode), ("By area", &found.by_area), ("By severity", &found.by_severity)]
    {
        if !counts.is_empty() {
            let _ = writeln!(out, "{what}");
            out += &table(&counts.iter().map(frequency).collect::<Vec<_>>());
        }
    }
    if found.incidents > 0 {
        let (count, days) = (found.recurrences.len(), found.recurrence_days);
        let _ = writeln!(out, "The same again within {days} days: {count}");
        for again in &found.recurrences {
            let _ = writeln!(
                out,
                "  case {}: {} on {}, {:.1} days after case {}",
                again.again,
                again.failure_mode,
                name(&again.entity),
                again.days,
                again.before
            );
        }
    }
    if let Some(budget) = &found.budget {
        out += &budget_words(budget);
    }
    for odd in &found.left_out {
        let _ = writeln!(out, "left out of the times: {odd}");
    }
    out
}

fn frequency(count: &Frequency) -> Vec<String> {
    vec![format!("  {:>4}", count.incidents), count.of.clone()]
}

fn spread_words(spread: &Spread) -> String {
    format!("median {}, p90 {} ({} known)", span(spread.median), span(spread.p90), spread.known)
}

fn budget_words(budget: &Budget) -> String {
    let mut out = format!(
        "Error budget of {} % over {} days, {} to {}\n",
        budget.slo.percent,
        budget.slo.days,
        at(Some(budget.from)),
        at(Some(budget.to))
    );
    let _ = writeln!(
        out,
        "  at most {:.1} of {:.1} minutes are gone ({:.0} %), if each minute of {} failed wholly",
        budget.consumed_minutes,
        budget.allowed_minutes,
        budget.consumed_share * 100.0,
        counted(budget.counted, "incident")
    );
    if budget.unknown > 0 {
        let _ = writeln!(out, "  not counted: {} of which the end is not known", counted(budget.unknown, "incident"));
    }
    out
}

/// `2 d 4 h`, `18 min`, `40 s`.
fn span(seconds: f64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = seconds.max(0.0).round() as u64;
    let mut parts = Vec::new();
    for (unit, size) in UNITS {
        if rest >= size {
            parts.push(format!("{} {unit}", rest / size));
        } else if !parts.is_empty() {
            break;
        }
        rest %= size;
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// Never a false 100 or 0.
fn percent(p: f64) -> String {
    match (p * 100.0).round() {
        whole if whole >= 100.0 => "> 99 %".to_owned(),
        whole if whole < 1.0 => "< 1 %".to_owned(),
        whole => format!("{whole} %"),
    }
}

/// The first names, and how many more there are.
fn some(names: &[String], between: &str) -> String {
    let first = names.iter().take(NAMED).map(|n| line(n)).collect::<Vec<_>>().join(between);
    match names.len().checked_sub(NAMED) {
        None | Some(0) => first,
        Some(more) => format!("{first}, {more} more"),
    }
}

/// `1 step`, `3 steps`.
fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// On one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_at_most_two_units() {
        for (seconds, words) in [
            (0.0, "0 s"),
            (40.0, "40 s"),
            (1080.0, "18 min"),
            (3_661.0, "1 h 1 min"),
            (86_400.0 + 59.0, "1 d"),
            (90_000.0, "1 d 1 h"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }
}
