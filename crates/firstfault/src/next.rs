//! What to run after a diagnosis, and what each of it would give.

use std::fmt::Write as _;
use std::path::PathBuf;

use firstfault_act::{Audience, Phase, Progress, message, plan};
use firstfault_catalog::Catalog;
use firstfault_model::case::{Case, Status};

/// The foot of the terminal report: one line a command.
pub(crate) fn lines(case: &Case, catalog: &Catalog, paths: &[PathBuf]) -> String {
    let Some(paths) = quoted(paths) else { return String::new() };
    let mut out = String::from("\nNext\n");
    let mut line = |command: &str, gives: &str| {
        let _ = writeln!(out, "  firstfault {command} {paths}\n      {gives}");
    };
    let plan = plan(case, catalog);
    let of = |phase: Phase| plan.steps.iter().filter(|s| s.phase == phase).count();
    match case.status {
        Status::Healthy => line("audit", "what could fail with nobody to notice and nothing to stop it"),
        Status::Insufficient => line("plan", &format!("what to collect, in {} read-only steps", plan.steps.len())),
        Status::Incident => {
            let decides = match of(Phase::Decide) {
                0 => String::new(),
                n => format!("{n} to decide between the theories, "),
            };
            let (restore, fix) = (of(Phase::Restore), of(Phase::Fix));
            line("plan", &format!("steps with checks and a way back: {decides}{restore} to restore, {fix} to mend"));
            line("status", message(case, Audience::Customers, Progress::of(case)).trim_end());
            let whys = case.hypotheses.first().map_or(0, |h| h.chain.len()).min(5);
            line("postmortem", &format!("time line, {whys} whys with their proof, missing safeguards, actions"));
            let prevents = case.hypotheses.first().map_or(0, |h| h.prevents.len());
            line("prevent", &format!("alert rules tried on this incident, a dashboard; {prevents} ways to avoid it"));
            line("history add", "remembers it; `firstfault history similar` finds its like");
        }
    }
    out
}

/// The paths as a shell reads them; nothing for standard input, which cannot be read twice.
fn quoted(paths: &[PathBuf]) -> Option<String> {
    let words: Option<Vec<&str>> = paths.iter().map(|p| p.to_str()).collect();
    let words = words.filter(|w| !w.contains(&"-"))?;
    shlex::try_join(words).ok()
}
