//! The same words in every format.

use firstfault_model::case::{Case, CaseEvidence, Hypothesis, RuleMatch, Status};

/// `93 %`; never a false 100 or 0.
#[must_use]
pub fn percent(p: f64) -> String {
    let whole = (p * 100.0).round();
    match whole {
        w if w >= 100.0 => "> 99 %".to_owned(),
        w if w < 1.0 => "< 1 %".to_owned(),
        w => format!("{w} %"),
    }
}

/// How sure that is, in a word.
#[must_use]
pub fn sureness(p: f64) -> &'static str {
    match p {
        p if p >= 0.95 => "almost certain",
        p if p >= 0.8 => "very likely",
        p if p >= 0.5 => "likely",
        p if p >= 0.2 => "possible",
        _ => "unlikely",
    }
}

/// `pods.txt:12-14`, `pods.txt:12` or `pods.txt`.
#[must_use]
pub fn place(evidence: &CaseEvidence) -> String {
    match evidence.lines {
        [0, _] => evidence.path.clone(),
        [a, b] if a == b => format!("{}:{a}", evidence.path),
        [a, b] => format!("{}:{a}-{b}", evidence.path),
    }
}

/// `CRE-2024-0007 RabbitMQ overloaded: Pod shop/mq-0, 3 times, 10:00:01 to 10:05:00`.
#[must_use]
pub fn rule(rule: &RuleMatch) -> String {
    let fact = rule.evidence.first();
    let times = if rule.count == 1 { "once".to_owned() } else { format!("{} times", rule.count) };
    let when = match fact.map(|fact| (&fact.since, &fact.until)) {
        Some((Some(since), Some(until))) if since != until => {
            format!(", {} to {}", clock(Some(since)), clock(Some(until)))
        }
        Some((Some(since), _)) => format!(", {}", clock(Some(since))),
        _ => String::new(),
    };
    format!("{} {}: {}, {times}{when}", rule.rule, rule.title, rule.entity)
}

/// What a rule's author says, each under its name.
pub fn authors(rule: &RuleMatch) -> impl Iterator<Item = (&'static str, &str)> {
    [("cause", rule.cause.as_str()), ("mitigation", rule.mitigation.as_str())]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
}

/// The first line of every report.
#[must_use]
pub fn verdict(case: &Case) -> String {
    match (case.status, case.over, case.severity.level) {
        (Status::Incident, false, Some(level)) => format!("INCIDENT SEV-{level}"),
        (Status::Incident, true, Some(level)) => format!("INCIDENT SEV-{level}, over by now"),
        (Status::Incident, ..) => "INCIDENT".to_owned(),
        (Status::Healthy, ..) => "HEALTHY: nothing that matters is wrong in what was looked at".to_owned(),
        (Status::Insufficient, ..) => "I CAN'T TELL: the evidence is not enough".to_owned(),
    }
}

/// The theories that compete with the first one, and the other faults, apart.
#[must_use]
pub fn split(case: &Case) -> (Vec<&Hypothesis>, Vec<&Hypothesis>) {
    case.hypotheses.iter().skip(1).partition(|h| !h.independent)
}

/// Cuts a text at a character boundary, with an ellipsis.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= most {
        return one_line;
    }
    let kept: String = one_line.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// A clock time of an RFC 3339 text, for narrow columns.
#[must_use]
pub fn clock(at: Option<&str>) -> String {
    at.and_then(|t| t.get(11..19)).unwrap_or("--:--:--").to_owned()
}
