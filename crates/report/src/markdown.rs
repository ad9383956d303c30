use std::fmt::Write as _;

use firstfault_model::case::{Case, Hypothesis};

use crate::markup::{code, code_in_table, text};
use crate::words::{self, clock, cut, percent, place, split, sureness, verdict};

/// The report as Markdown, for a ticket or a channel.
#[must_use]
pub fn markdown(case: &Case) -> String {
    let mut out = format!("# {}\n\n", verdict(case));
    for reason in &case.severity.reasons {
        let _ = writeln!(out, "- {}", text(reason));
    }
    if let Some(first) = case.hypotheses.first() {
        theory(&mut out, first);
        rivals(&mut out, case);
        actions(&mut out, first);
    }
    if !case.collect.is_empty() {
        out.push_str("\n## Collect next\n\n");
        for test in &case.collect {
            let _ = writeln!(out, "- {}\n  {}", code(&test.command), text(&test.decides));
        }
    }
    rules(&mut out, case);
    lists(&mut out, case);
    out
}

/// What rules of others found, in their authors' words.
fn rules(out: &mut String, case: &Case) {
    if case.rules.is_empty() {
        return;
    }
    out.push_str("\n## Rules that matched\n\nNo theory rests on them; what is quoted are their authors' words.\n\n");
    for rule in &case.rules {
        let _ = writeln!(out, "- {}", text(&words::rule(rule)));
        for fact in rule.evidence.iter().take(3) {
            let _ = writeln!(out, "  - {} {}", code(&place(fact)), code(&cut(&fact.excerpt, 200)));
        }
        for (what, said) in words::authors(rule) {
            let _ = writeln!(out, "  - {what}, says {}: {}", code(&rule.file), text(&cut(said, 1000)));
        }
    }
}

fn theory(out: &mut String, first: &Hypothesis) {
    let _ = writeln!(out, "\n## What broke first: {}\n", text(&first.entity.to_string()));
    let _ = writeln!(out, "{}\n", text(&first.summary));
    let _ = writeln!(
        out,
        "**{}** ({}), failure mode `{}`.\n",
        percent(first.probability),
        sureness(first.probability),
        first.failure_mode
    );
    out.push_str("| fact | where | what stands there |\n|---|---|---|\n");
    for proof in first.evidence.iter().take(12) {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            text(&proof.says),
            code_in_table(&place(proof)),
            code_in_table(&cut(&proof.excerpt, 200))
        );
    }
    if first.chain.len() > 1 {
        out.push_str("\n### Chain\n\n");
        for (nth, link) in first.chain.iter().enumerate() {
            let _ = writeln!(out, "{}. {}: {}", nth + 1, text(&link.entity.to_string()), text(&link.what));
        }
    }
}

fn rivals(out: &mut String, case: &Case) {
    let (rivals, faults) = split(case);
    out.push_str("\n### Other theories\n\n");
    for rival in rivals {
        let _ = writeln!(
            out,
            "- {} {}: {}",
            percent(rival.probability),
            text(&rival.entity.to_string()),
            text(&rival.title)
        );
    }
    let _ = writeln!(out, "- {} none of these", percent(case.none_probability));
    if !faults.is_empty() {
        out.push_str("\n### Also wrong, apart from it\n\n");
        for fault in faults {
            let _ = writeln!(out, "- {} {}", percent(fault.probability), text(&fault.summary));
        }
    }
}

fn actions(out: &mut String, first: &Hypothesis) {
    out.push_str("\n## Check next (read-only)\n\n");
    for test in &first.tests {
        let _ = writeln!(out, "- {}\n  {}", code(&test.command), text(&test.decides));
        for outcome in &test.outcomes {
            let _ = writeln!(out, "  - {}", text(outcome));
        }
    }
    out.push_str("\n## Mend\n\n");
    for remedy in &first.remedies {
        let _ = writeln!(out, "### {} ({}, {} risk)\n", text(&remedy.title), remedy.kind, remedy.risk);
        for step in &remedy.steps {
            let _ = writeln!(out, "- {}", code(step));
        }
        let _ = writeln!(out, "- undo: {}\n- worked if: {}\n", code(&remedy.rollback), text(&remedy.verification));
    }
    out.push_str("## Would have caught or avoided it\n\n");
    for prevent in &first.prevents {
        let _ = writeln!(out, "- {}", text(prevent));
    }
}

fn lists(out: &mut String, case: &Case) {
    if !case.affected.is_empty() {
        let names: Vec<String> = case.affected.iter().map(|e| text(&e.to_string())).collect();
        let _ = writeln!(out, "\n**Suffers from it**: {}", names.join(", "));
    }
    if !case.timeline.is_empty() {
        out.push_str("\n## Time line (UTC)\n\n| time | who | what |\n|---|---|---|\n");
        for moment in &case.timeline {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                clock(moment.at.as_deref()),
                text(&moment.entity.to_string()),
                text(&moment.what)
            );
        }
    }
    if !case.notes.is_empty() {
        out.push_str("\n## Notes\n\n");
        for note in &case.notes {
            let _ = writeln!(out, "- {}", text(note));
        }
    }
}
