//! A runbook for the next time: recognise, check, mend, undo, escalate.
//!
//! What stands in it comes from the failure mode's file, the theory's filled checks and remedies, and the alert rules of
//! the case. Excerpts of evidence are left out, because they may hold the words of persons.

use std::fmt::Write as _;

use firstfault_act::markdown::{step_markdown, undo_markdown};
use firstfault_act::{Phase, Plan, Step};
use firstfault_catalog::{FailureMode, Likelihood};
use firstfault_model::case::{Case, CaseEvidence, Hypothesis};
use firstfault_model::kind;
use firstfault_report::markup::{code, text};

use super::rule::Verdict;
use super::workload::plain;
use super::{Artifact, Kind, Situation};

/// More signs than this are not looked at under pressure.
const MOST_SIGNS: usize = 12;

/// The runbook of the likeliest theory.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let (Some(first), Some(mode), Some(plan)) = (situation.first(), situation.mode(), situation.plan()) else {
        return Vec::new();
    };
    let mut out = format!("# Runbook: {}\n\n", text(&mode.title));
    let _ = writeln!(out, "For {}. {}\n", text(&plain(&first.entity)), text(&mode.what));
    let _ = writeln!(
        out,
        "Made from the failure mode `{}` and one incident. Words in capitals in commands are to be filled in.",
        mode.id
    );
    recognise(&mut out, situation, first, mode);
    check(&mut out, first);
    mend(&mut out, &plan);
    undo(&mut out, &plan);
    escalate(&mut out, situation.case, first, &plan);
    references(&mut out, first);
    vec![Artifact {
        kind: Kind::Runbook,
        file: "runbook.md".into(),
        title: "Runbook".into(),
        says: Vec::new(),
        digest: format!(
            "{} checks, {} steps with their way back (`--only runbook` prints it)",
            first.tests.len(),
            plan.steps.len()
        ),
        contents: out,
    }]
}

fn recognise(out: &mut String, situation: &Situation, first: &Hypothesis, mode: &FailureMode) {
    out.push_str("\n## Recognise\n\nSigns, those that decide first:\n\n");
    for (finding, how) in signs(mode) {
        let seen = first.evidence.iter().find(|e| e.finding == finding);
        let place = seen.map_or_else(String::new, |e| format!(" (seen this time: {})", code(&place(e))));
        let _ = writeln!(out, "- {how}: {} `{finding}`{place}", text(situation.catalog.says(&finding)));
    }
    let rules: Vec<_> = situation.alerts().into_iter().flat_map(|a| a.good()).collect();
    if !rules.is_empty() {
        out.push_str("\nAlerts and queries that show it:\n\n");
        for rule in rules {
            let proven = if matches!(rule.verdict, Verdict::Proven(_)) { "" } else { " (not proven on this incident)" };
            let _ = writeln!(out, "- `{}`{proven}: {}", rule.template.alert, code(&rule.expr));
        }
    }
    let others = |ids: &[String]| -> Vec<String> {
        ids.iter()
            .filter_map(|id| Some(format!("{} (`{id}`)", text(&situation.catalog.modes.get(id)?.title))))
            .collect()
    };
    let (mistaken, twins) = (others(&mode.mistaken_for), others(&mode.twin));
    if !mistaken.is_empty() {
        let _ = writeln!(out, "\nOften mistaken for: {}.", mistaken.join("; "));
    }
    if !twins.is_empty() {
        let _ = writeln!(out, "\nLooks the same as: {}.", twins.join("; "));
    }
    if !mode.refutes.is_empty() {
        let not: Vec<String> =
            mode.refutes.iter().map(|f| format!("{} (`{f}`)", text(situation.catalog.says(f)))).collect();
        let _ = writeln!(out, "\nIt is something else if: {}.", not.join("; "));
    }
}

/// What the mode needs, then what it shows, the likeliest first.
fn signs(mode: &FailureMode) -> Vec<(String, &'static str)> {
    let mut shows: Vec<(&String, Likelihood)> =
        mode.shows.iter().filter(|(f, _)| !mode.needs.contains(f)).map(|(f, l)| (f, *l)).collect();
    shows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let needs = mode.needs.iter().map(|f| (f.clone(), if mode.needs.len() == 1 { "decides" } else { "one decides" }));
    needs.chain(shows.into_iter().map(|(f, l)| (f.clone(), word(l)))).take(MOST_SIGNS).collect()
}

fn word(likelihood: Likelihood) -> &'static str {
    match likelihood {
        Likelihood::Always => "always",
        Likelihood::Usually => "usually",
        Likelihood::Often => "often",
        Likelihood::Sometimes => "sometimes",
        Likelihood::Rarely => "rarely",
    }
}

fn check(out: &mut String, first: &Hypothesis) {
    out.push_str("\n## Check\n\nThese only look. Begin at the top.\n");
    for (nth, test) in first.tests.iter().enumerate() {
        let _ = writeln!(out, "\n{}. Decides {}\n\n   {}\n", nth + 1, text(&test.decides), code(&test.command));
        for outcome in &test.outcomes {
            let _ = writeln!(out, "   - {}", text(outcome));
        }
    }
}

fn mend(out: &mut String, plan: &Plan) {
    out.push_str("\n## Mend\n");
    for note in &plan.notes {
        let _ = writeln!(out, "\n> {}", text(note));
    }
    for step in plan.steps.iter().filter(|s| s.phase != Phase::Confirm) {
        // The way back has a section of its own.
        out.push_str(&step_markdown(&Step { undo: Vec::new(), ..step.clone() }));
    }
    for step in plan.steps.iter().filter(|s| s.phase == Phase::Confirm) {
        out.push_str(&step_markdown(step));
    }
}

fn undo(out: &mut String, plan: &Plan) {
    out.push_str("\n## Undo\n\nThe last change first. Undo a step as soon as its reason to stop holds.\n\n");
    for step in plan.steps.iter().rev().filter(|s| !s.undo.is_empty()) {
        out.push_str(&undo_markdown(step));
    }
    for step in plan.steps.iter().filter(|s| s.approval.is_some()) {
        let _ = writeln!(out, "- Step {} asks a person first: {}", step.number, text(&reasons(step)));
    }
}

fn reasons(step: &Step) -> String {
    step.approval.as_ref().map(|a| a.reasons.join("; ")).unwrap_or_default()
}

fn escalate(out: &mut String, case: &Case, first: &Hypothesis, plan: &Plan) {
    out.push_str("\n## Escalate\n\nWhen one of these holds:\n\n");
    out.push_str("- The checks speak against this cause, or what they print is not among the outcomes.\n");
    let waits: Vec<&str> = plan
        .steps
        .iter()
        .filter(|s| s.phase == Phase::Restore)
        .filter_map(|s| s.verification.as_ref()?.wait.as_deref())
        .collect();
    if let Some(wait) = waits.first() {
        let _ = writeln!(
            out,
            "- No step to restore service has passed its check after {}, or each was undone.",
            text(wait)
        );
    } else {
        out.push_str("- The first step has not passed its check.\n");
    }
    for step in plan.steps.iter().filter(|s| s.approval.is_some()) {
        let _ = writeln!(out, "- Step {} is needed ({}): {}", step.number, text(&step.title), text(&reasons(step)));
    }
    if let Some(level) = case.severity.level.filter(|level| *level <= 2) {
        let why = if case.severity.reasons.is_empty() {
            String::new()
        } else {
            format!(" ({})", text(&case.severity.reasons.join("; ")))
        };
        let _ = writeln!(out, "- It is as bad as this time, SEV-{level}{why}: at once.");
    }
    let _ = writeln!(out, "\nTo whom: {}.\n\nWith what:\n", to_whom(first));
    out.push_str("- What was done, when, and what was seen.\n");
    out.push_str("- The output of the checks above.\n");
    for test in &case.collect {
        let _ = writeln!(out, "- {}: {}", text(&test.decides), code(&test.command));
    }
    out.push_str("- The case: `firstfault investigate EVIDENCE --format json --output case.json`\n");
    let mut places: Vec<String> = first.evidence.iter().map(place).collect();
    places.sort();
    places.dedup();
    let shown: Vec<String> = places.iter().take(MOST_SIGNS).map(|p| code(p)).collect();
    if !shown.is_empty() {
        let _ = writeln!(out, "- What showed it this time: {}", shown.join(", "));
    }
}

/// The role that can do more, by what carries the fault.
fn to_whom(first: &Hypothesis) -> &'static str {
    match first.entity.kind.as_str() {
        "Node" | kind::HOST => "who runs the machines of the cluster",
        "PersistentVolume" | "PersistentVolumeClaim" | "StorageClass" => {
            "who runs the storage, and who owns the workload"
        }
        "Ingress" | "Gateway" | "NetworkPolicy" => "who runs the network of the cluster, and who owns the service",
        "Namespace" | "ResourceQuota" | "LimitRange" => "who runs the cluster and sets its quotas and policies",
        _ => "who owns the workload and knows its last changes; then who runs the cluster",
    }
}

fn references(out: &mut String, first: &Hypothesis) {
    if !first.references.is_empty() {
        out.push_str("\n## Read more\n\n");
        for reference in &first.references {
            let _ = writeln!(out, "- <{reference}>");
        }
    }
}

fn place(evidence: &CaseEvidence) -> String {
    let [from, to] = evidence.lines;
    if from == to { format!("{}:{from}", evidence.path) } else { format!("{}:{from}-{to}", evidence.path) }
}
