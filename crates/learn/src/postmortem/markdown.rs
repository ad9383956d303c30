//! The postmortem as Markdown.

use std::fmt::Write as _;

use firstfault_report::markup::{code, code_in_table, text};

use super::document::{Claim, Event, Gate, Part, Postmortem, Proof};

/// The document as Markdown, for a wiki or a pull request. A section without content is left out.
#[must_use]
pub fn markdown(document: &Postmortem) -> String {
    let mut out = format!(
        "# Postmortem: {}\n\n*{}*, failure mode `{}`. Blameless: roles stand for persons.\n",
        text(&document.title),
        text(&document.verdict),
        document.failure_mode
    );
    section(&mut out, "Summary");
    for sentence in &document.summary {
        let _ = writeln!(out, "{}\n", text(sentence));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    impact(&mut out, document);
    timeline(&mut out, document);
    whys(&mut out, document);
    diagrams(&mut out, document);
    excluded(&mut out, document);
    mending(&mut out, document);
    claims(&mut out, "What worked", &document.worked);
    safeguards(&mut out, document);
    actions(&mut out, document);
    plain(&mut out, "Lessons", &document.lessons);
    claims(&mut out, "Noted, and computed again", &document.recomputed);
    similar(&mut out, document);
    plain(&mut out, "What is not known", &document.unknown);
    out
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n## {title}\n");
}

fn shown(proof: Option<&Proof>) -> String {
    proof.map_or_else(String::new, |p| format!("{} {}", code(&p.place), code(&p.excerpt)))
}

fn impact(out: &mut String, document: &Postmortem) {
    section(out, "Impact in numbers");
    out.push_str("| what | before | during | where |\n|---|---|---|---|\n");
    for number in &document.impact.numbers {
        let how = number.how.as_ref().map_or_else(String::new, |h| format!("<br>{}", text(h)));
        let place = number.proof.as_ref().map_or_else(|| "–".to_owned(), |p| code_in_table(&p.place));
        let before = number.before.as_deref().map_or_else(|| "–".to_owned(), text);
        let _ = writeln!(out, "| {} | {before} | {}{how} | {place} |", text(&number.what), text(&number.during));
    }
    let names = |list: &[String], none: &str| {
        if list.is_empty() { none.to_owned() } else { list.iter().map(|n| text(n)).collect::<Vec<_>>().join(", ") }
    };
    let _ = writeln!(out, "\n- **Affected**: {}", names(&document.impact.affected, "nobody else was seen to suffer"));
    let _ = writeln!(
        out,
        "- **Not affected**, as far as was looked: {}",
        names(&document.impact.unaffected, "nothing else was looked at")
    );
}

fn timeline(out: &mut String, document: &Postmortem) {
    section(out, "Timeline (UTC)");
    out.push_str("| step | time | after the one before | what | pace |\n|---|---|---|---|---|\n");
    for phase in &document.timeline.phases {
        let proof = phase.proof.as_ref().map_or_else(String::new, |p| format!(" {}", code_in_table(&p.place)));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}{proof} | {} |",
            phase.milestone,
            phase.at.as_deref().unwrap_or("unknown"),
            phase.after.as_deref().unwrap_or("–"),
            text(&phase.what),
            if phase.pace.is_empty() { "–" } else { &phase.pace }
        );
    }
    if !document.timeline.fast.is_empty() || !document.timeline.slow.is_empty() {
        out.push('\n');
    }
    for (word, list) in [("Fast", &document.timeline.fast), ("Slow", &document.timeline.slow)] {
        for sentence in list {
            let _ = writeln!(out, "- **{word}**: {}", text(sentence));
        }
    }
    if document.timeline.moments.is_empty() {
        return;
    }
    out.push_str("\n### What was seen\n\n| time | kind | who | what | where |\n|---|---|---|---|---|\n");
    for seen in &document.timeline.moments {
        let at = seen.at.as_deref().unwrap_or("unknown");
        let _ = writeln!(
            out,
            "| {at} | {} | {} | {} | {} |",
            seen.kind,
            text(&seen.who),
            text(&seen.what),
            code_in_table(&seen.place)
        );
    }
}

fn whys(out: &mut String, document: &Postmortem) {
    section(out, "Five whys");
    for (nth, why) in document.whys.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}. *Why:* {}\n   **Because** {}\n   {}",
            nth + 1,
            text(&why.question),
            text(&why.answer),
            shown(Some(&why.proof))
        );
    }
}

fn diagrams(out: &mut String, document: &Postmortem) {
    section(out, "Cause and effect");
    for bone in &document.cause_and_effect {
        let _ = writeln!(out, "- **{}**", text(&bone.category));
        for twig in &bone.twigs {
            let _ = writeln!(out, "  - {} ({})", text(&twig.text), part(twig.part));
        }
    }
    section(out, "Fault tree");
    event(out, &document.fault_tree, 0);
}

/// How something stands to the incident, in words.
fn part(part: Part) -> &'static str {
    match part {
        Part::Cause => "cause or its consequence",
        Part::Contributes => "contributes",
        Part::Excluded => "excluded",
        Part::Neutral => "no part in it",
        Part::Unknown => "not known",
    }
}

fn event(out: &mut String, event: &Event, depth: usize) {
    /// Deeper than a tree of ours ever is.
    const DEEPEST: usize = 24;
    if depth > DEEPEST {
        return;
    }
    let gate = match event.gate {
        Gate::And => " ← **AND**",
        Gate::Or => " ← **OR**",
        Gate::None => "",
    };
    let note = event.note.as_ref().map_or_else(String::new, |n| format!(" ({})", text(n)));
    let part = if matches!(event.part, Part::Excluded) { "~~" } else { "" };
    let _ = writeln!(out, "{}- {part}{}{part}{note}{gate}", "  ".repeat(depth), text(&event.text));
    for below in &event.from {
        self::event(out, below, depth + 1);
    }
}

fn excluded(out: &mut String, document: &Postmortem) {
    if document.excluded.is_empty() {
        return;
    }
    section(out, "Theories that were excluded");
    for theory in &document.excluded {
        let _ = writeln!(
            out,
            "- {} ({}), since {} {}",
            text(&theory.theory),
            theory.probability,
            text(&theory.because),
            shown(theory.proof.as_ref())
        );
    }
}

fn mending(out: &mut String, document: &Postmortem) {
    if document.mending.is_empty() {
        return;
    }
    section(out, "Mending");
    for (nth, way) in document.mending.iter().enumerate() {
        let label = if way.kind == "restore" { "Restore service" } else { "Fix for good" };
        let _ =
            writeln!(out, "{}### {label}: {} ({} risk)\n", if nth > 0 { "\n" } else { "" }, text(&way.title), way.risk);
        for step in &way.steps {
            let _ = writeln!(out, "- {}", code(step));
        }
        if let Some(note) = &way.note {
            let _ = writeln!(out, "- {}", text(note));
        }
        let _ = writeln!(out, "- undo: {}", code(&way.undo));
        for sign in &way.worked_if {
            let _ = writeln!(out, "- worked if: {}", text(sign));
        }
    }
}

fn claims(out: &mut String, title: &str, claims: &[Claim]) {
    if claims.is_empty() {
        return;
    }
    section(out, title);
    for claim in claims {
        let _ = writeln!(out, "- {} {}", text(&claim.says), shown(claim.proof.as_ref()));
    }
}

fn safeguards(out: &mut String, document: &Postmortem) {
    if document.safeguards.is_empty() {
        return;
    }
    section(out, "Why it was not caught: safeguards");
    out.push_str("| safeguard | state | why | where |\n|---|---|---|---|\n");
    for guard in &document.safeguards {
        let place = guard.proof.as_ref().map_or_else(|| "–".to_owned(), |p| code_in_table(&p.place));
        let _ = writeln!(out, "| {} | {} | {} | {place} |", text(&guard.name), guard.state.word(), text(&guard.why));
    }
}

fn actions(out: &mut String, document: &Postmortem) {
    if document.actions.is_empty() {
        return;
    }
    section(out, "Action items");
    out.push_str("| when | kind | what | owner | done when |\n|---|---|---|---|---|\n");
    for action in &document.actions {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            action.horizon,
            action.kind,
            text(&action.what),
            text(&action.owner),
            text(&action.done_when)
        );
    }
}

fn plain(out: &mut String, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    section(out, title);
    for sentence in sentences {
        let _ = writeln!(out, "- {}", text(sentence));
    }
}

fn similar(out: &mut String, document: &Postmortem) {
    if document.similar.is_empty() {
        return;
    }
    section(out, "Similar past cases");
    for case in &document.similar {
        let _ = writeln!(
            out,
            "- {} {}: {} ({})",
            text(&case.id),
            case.at.as_deref().unwrap_or(""),
            text(&case.title),
            text(&case.why)
        );
    }
}
