//! A plan as Markdown: for a terminal, a ticket or a channel.

use std::fmt::Write as _;

use firstfault_report::markup::{code, text};

use crate::plan::{Check, Command, Does, Phase, Plan, Step, Strategy};

/// The plan as Markdown.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let mut out = format!("# Plan\n\n{}\n", text(&plan.goal));
    for cause in plan.causes.iter().chain(&plan.rivals) {
        let percent = (cause.probability * 100.0).round().clamp(1.0, 99.0);
        let _ = writeln!(
            out,
            "\n- {percent} % {}: {} (`{}`)",
            text(&cause.entity.to_string()),
            text(&cause.title),
            cause.failure_mode
        );
    }
    if !plan.notes.is_empty() {
        out.push('\n');
        for note in &plan.notes {
            let _ = writeln!(out, "> {}  ", text(note));
        }
    }
    let mut phase = None;
    for step in &plan.steps {
        if phase != Some(step.phase) {
            let _ = writeln!(out, "\n## {}", heading(step.phase));
            phase = Some(step.phase);
        }
        write_step(&mut out, step);
    }
    out
}

/// One step as Markdown, below a heading of the second level.
#[must_use]
pub fn step_markdown(step: &Step) -> String {
    let mut out = String::new();
    write_step(&mut out, step);
    out
}

/// The way back of one step as Markdown: an item of a list and its commands.
#[must_use]
pub fn undo_markdown(step: &Step) -> String {
    let mut out = String::new();
    commands(&mut out, &format!("{}. {}", step.number, text(&step.title)), &step.undo);
    out
}

fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::Gather => "Collect (read-only)",
        Phase::Decide => "Decide between the theories (read-only)",
        Phase::Restore => "Restore service",
        Phase::Fix => "Mend the cause",
        Phase::Confirm => "Confirm",
    }
}

fn write_step(out: &mut String, step: &Step) {
    let _ = writeln!(out, "\n### {}. {}\n", step.number, text(&step.title));
    if let Some(when) = &step.when {
        let _ = writeln!(out, "- **When**: {}", text(when));
    }
    if let Some(approval) = &step.approval {
        let _ = writeln!(out, "- **Ask a person first**: {}", text(&approval.reasons.join("; ")));
    }
    if step.changes() {
        let _ = writeln!(out, "- {}, risk {}, touches {}", way(step.strategy), step.risk, text(&step.blast_radius));
    }
    for blank in &step.blanks {
        let value = blank.value.as_ref().map_or_else(String::new, |v| format!(" = {}", code(v)));
        let _ = writeln!(out, "- {}{value}: {}", code(&blank.name), text(&blank.why));
    }
    for check in &step.precondition {
        line(out, "Before", check);
    }
    if !step.expected.is_empty() {
        let _ = writeln!(out, "- Expected: {}", text(&step.expected));
    }
    commands(out, "Run", &step.commands);
    if let Some(check) = &step.verification {
        line(out, "Worked if", check);
    }
    if let Some(stop) = &step.stop_when {
        let _ = writeln!(out, "- Stop when {}", text(stop));
    }
    if !step.undo.is_empty() {
        commands(out, "Undo", &step.undo);
    }
}

fn way(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::ReadOnly => "Read-only",
        Strategy::Rolling => "Rolling",
        Strategy::Canary => "Canary first",
        Strategy::BlueGreen => "Blue-green",
        Strategy::Flag => "By a flag",
        Strategy::Failover => "Failover",
        Strategy::Scale => "Scale",
        Strategy::DrainAndRestart => "Drain and restart",
        Strategy::AtOnce => "At once",
    }
}

fn line(out: &mut String, label: &str, check: &Check) {
    let run = check.run.as_ref().map_or_else(String::new, |run| format!("{} → ", code(run)));
    let wait = check.wait.as_ref().map_or_else(String::new, |wait| format!(" (watch for {wait})"));
    let _ = writeln!(out, "- {label}: {run}{}{wait}", text(&check.expect));
}

/// Commands in a block; work by hand as sentences; a trial before the command that it tries.
fn commands(out: &mut String, label: &str, commands: &[Command]) {
    let by_hand: Vec<&str> = commands.iter().filter_map(|c| c.by_hand.as_deref()).collect();
    for work in &by_hand {
        let _ = writeln!(out, "- {label}: {}", text(work));
    }
    let runs: Vec<(&str, &Command)> = commands.iter().filter_map(|c| Some((c.run.as_deref()?, c))).collect();
    if runs.is_empty() {
        return;
    }
    let longest = runs.iter().map(|(run, _)| ticks(run)).max().unwrap_or(0).max(2);
    let fence = "`".repeat(longest + 1);
    let _ = writeln!(out, "- {label}:\n\n  {fence}sh");
    for (run, command) in runs {
        if let Some(trial) = &command.dry_run {
            let _ = writeln!(out, "  {trial}   # first: without effect");
        }
        let mark = if command.does == Does::Destroys { "   # takes what does not come back" } else { "" };
        let _ = writeln!(out, "  {run}{mark}");
    }
    let _ = writeln!(out, "  {fence}");
}

/// The longest run of backticks.
fn ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
