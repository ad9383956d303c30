use std::fmt::Write as _;

use firstfault_model::case::{Case, Hypothesis, Status};
use owo_colors::OwoColorize as _;

use crate::words::{self, clock, cut, percent, place, split, sureness, verdict};

/// How a terminal report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The first screen: cause, proof, next step.
    Short,
    /// Also the table of weights of each theory (`--why`).
    Why,
}

/// Evidence lines shown for the first theory.
const PROOFS: usize = 6;

/// The report for a terminal; colours are escape codes that the caller may strip.
#[must_use]
pub fn terminal(case: &Case, style: Style) -> String {
    let mut out = String::new();
    headline(&mut out, case);
    if case.status != Status::Incident {
        rules(&mut out, case);
        collect(&mut out, case);
    }
    if let Some(first) = case.hypotheses.first() {
        theory(&mut out, first, case.status == Status::Incident);
        others(&mut out, case);
        steps(&mut out, first);
        around(&mut out, case);
    }
    if case.status == Status::Incident {
        rules(&mut out, case);
    }
    remarks(&mut out, case);
    timeline(&mut out, case);
    for note in &case.notes {
        let _ = writeln!(out, "{} {note}", "note:".yellow());
    }
    if style == Style::Why {
        for hypothesis in &case.hypotheses {
            weights(&mut out, hypothesis);
        }
    }
    out
}

/// Rules shown; the JSON has more.
const RULES: usize = 8;

/// What rules of others found, in their authors' words.
fn rules(out: &mut String, case: &Case) {
    if case.rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{} {}", "Rules that matched".bold(), "(no theory rests on them)".dimmed());
    for rule in case.rules.iter().take(RULES) {
        let _ = writeln!(out, "  {}", words::rule(rule));
        for place_of in rule.evidence.iter().take(2) {
            let _ = writeln!(out, "    {}  {}", place(place_of).cyan(), cut(&place_of.excerpt, 140));
        }
        for (what, text) in words::authors(rule) {
            let _ = writeln!(out, "    {} {}", format!("{what}, says {}:", rule.file).dimmed(), cut(text, 400));
        }
    }
    if case.rules.len() > RULES {
        let _ = writeln!(out, "  {}", format!("and {} more (--format json)", case.rules.len() - RULES).dimmed());
    }
}

/// Remarks shown; the JSON has more.
const REMARKS: usize = 5;

fn remarks(out: &mut String, case: &Case) {
    if case.remarks.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{} {}", "Could be meant".bold(), "(no fault by itself)".dimmed());
    for remark in case.remarks.iter().take(REMARKS) {
        let _ = writeln!(out, "  {}  {}", remark.says, place(remark).cyan());
    }
    if case.remarks.len() > REMARKS {
        let _ = writeln!(out, "  {}", format!("and {} more", case.remarks.len() - REMARKS).dimmed());
    }
}

/// One line: the status and the first theory.
#[must_use]
pub fn quiet(case: &Case) -> String {
    match case.hypotheses.first() {
        Some(first) if case.status == Status::Incident => {
            format!("{}: {} ({}, {})\n", verdict(case), first.summary, first.failure_mode, percent(first.probability))
        }
        _ => format!("{}\n", verdict(case)),
    }
}

/// What was read from each file (`--explain-coverage`).
#[must_use]
pub fn coverage(case: &Case) -> String {
    let mut out = String::new();
    let width = case.coverage.iter().map(|l| l.subject.chars().count()).max().unwrap_or(0).min(60);
    for line in &case.coverage {
        let _ = writeln!(out, "{:<width$}  {:>6}  {}", line.subject, line.items, line.what);
        for problem in &line.problems {
            let _ = writeln!(out, "{:<width$}          {} {problem}", "", "!".yellow());
        }
    }
    out
}

fn headline(out: &mut String, case: &Case) {
    let text = verdict(case);
    let _ = match case.status {
        Status::Incident => writeln!(out, "{}", text.red().bold()),
        Status::Healthy => writeln!(out, "{}", text.green().bold()),
        Status::Insufficient => writeln!(out, "{}", text.yellow().bold()),
    };
    for reason in &case.severity.reasons {
        let _ = writeln!(out, "  {reason}");
    }
    out.push('\n');
}

fn theory(out: &mut String, first: &Hypothesis, is_incident: bool) {
    let label = if is_incident { "What broke first" } else { "Best hint" };
    let _ = writeln!(out, "{}  {}", label.bold(), first.entity.to_string().bold());
    let _ = writeln!(out, "  {}", first.summary);
    let _ = writeln!(
        out,
        "  {} {} · {}",
        percent(first.probability),
        sureness(first.probability).dimmed(),
        first.failure_mode.dimmed()
    );
    let _ = writeln!(out, "\n{}", "Proof".bold());
    for proof in first.evidence.iter().take(PROOFS) {
        let _ = writeln!(out, "  {} {}", "•".dimmed(), proof.says);
        let _ = writeln!(out, "    {}  {}", place(proof).cyan(), cut(&proof.excerpt, 140));
    }
    if first.evidence.len() > PROOFS {
        let _ = writeln!(out, "    {}", format!("and {} more places", first.evidence.len() - PROOFS).dimmed());
    }
    for contrary in first.against.iter().take(3) {
        let _ = writeln!(out, "  {} against: {}  {}", "✗".red(), contrary.says, place(contrary).cyan());
    }
    if first.chain.len() > 1 {
        let _ = writeln!(out, "\n{}", "Chain".bold());
        for (depth, link) in first.chain.iter().enumerate() {
            let arrow = if depth == 0 { "  " } else { "→ " };
            let _ = writeln!(out, "  {arrow}{}: {}", link.entity, link.what);
        }
    }
}

fn others(out: &mut String, case: &Case) {
    let (rivals, faults) = split(case);
    if !rivals.is_empty() {
        let _ = writeln!(out, "\n{}", "Rather than".bold());
        for rival in rivals.iter().take(4) {
            let _ = writeln!(out, "  {:>6}  {}: {}", percent(rival.probability), rival.entity, rival.title);
            if let Some(contrary) = rival.against.first() {
                let _ = writeln!(out, "          {} {}  {}", "since".dimmed(), contrary.says, place(contrary).cyan());
            }
        }
    }
    let _ = writeln!(out, "  {:>6}  {}", percent(case.none_probability), "none of these".dimmed());
    if !faults.is_empty() {
        let _ = writeln!(out, "\n{}", "Apart from it, also wrong".bold());
        for fault in faults.iter().take(8) {
            let _ = writeln!(out, "  {:>6}  {}", percent(fault.probability), cut(&fault.summary, 150));
        }
        if faults.len() > 8 {
            let _ = writeln!(out, "          {}", format!("and {} more (--format json)", faults.len() - 8).dimmed());
        }
    }
}

fn steps(out: &mut String, first: &Hypothesis) {
    if let Some(test) = first.tests.first() {
        let _ = writeln!(out, "\n{} {}", "Check next (read-only):".bold(), test.decides);
        let _ = writeln!(out, "  $ {}", test.command.green());
        for outcome in &test.outcomes {
            let _ = writeln!(out, "    {} {outcome}", "–".dimmed());
        }
    }
    for remedy in first.remedies.iter().take(2) {
        let label = if remedy.kind == "restore" { "Restore service" } else { "Fix for good" };
        let _ = writeln!(out, "\n{} {} ({} risk)", format!("{label}:").bold(), remedy.title, remedy.risk);
        for step in &remedy.steps {
            let _ = writeln!(out, "  $ {step}");
        }
        let _ = writeln!(out, "  {} {}", "undo:".dimmed(), remedy.rollback);
        let _ = writeln!(out, "  {} {}", "worked if:".dimmed(), remedy.verification);
    }
    if let Some(prevent) = first.prevents.first() {
        let _ = writeln!(out, "\n{} {prevent}", "Would have caught it:".bold());
    }
}

fn around(out: &mut String, case: &Case) {
    let names = |list: &[firstfault_model::case::CaseEntity]| {
        let mut names: Vec<String> = list.iter().take(8).map(ToString::to_string).collect();
        if list.len() > 8 {
            names.push(format!("and {} more", list.len() - 8));
        }
        names.join(", ")
    };
    if !case.affected.is_empty() {
        let _ = writeln!(out, "\n{} {}", "Suffers from it:".bold(), names(&case.affected));
    }
    if !case.unaffected.is_empty() {
        let _ = writeln!(out, "{} {}", "Looked at and well:".bold(), names(&case.unaffected));
    }
}

fn timeline(out: &mut String, case: &Case) {
    if case.timeline.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", "Time line (UTC)".bold());
    let skip = case.timeline.len().saturating_sub(12);
    for moment in case.timeline.iter().skip(skip) {
        let _ =
            writeln!(out, "  {}  {} {}", clock(moment.at.as_deref()).dimmed(), moment.entity, cut(&moment.what, 100));
    }
}

fn collect(out: &mut String, case: &Case) {
    if case.collect.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", "Collect next (read-only)".bold());
    for test in &case.collect {
        let _ = writeln!(out, "  $ {}", test.command.green());
        let _ = writeln!(out, "    {}", test.decides.dimmed());
    }
    out.push('\n');
}

fn weights(out: &mut String, hypothesis: &Hypothesis) {
    let _ = writeln!(
        out,
        "\n{} {} on {} ({})",
        "Why".bold(),
        hypothesis.failure_mode,
        hypothesis.entity,
        percent(hypothesis.probability)
    );
    let _ = writeln!(out, "  {:>8}  {:>8}  {:>8}  finding", "weight", "P(·|T)", "P(·|bg)");
    let show = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"));
    for weight in &hypothesis.weights {
        let _ = writeln!(
            out,
            "  {:>+8.3}  {:>8}  {:>8}  {} on {}",
            weight.weight,
            show(weight.given_theory),
            show(weight.given_background),
            weight.of,
            weight.entity
        );
    }
    let _ = writeln!(out, "  {:>+8.3}  sum (log-odds)", hypothesis.score);
}
