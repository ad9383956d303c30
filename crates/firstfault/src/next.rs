//! What to run after a diagnosis, and what each of it would give.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use firstfault_act::{Audience, Phase, Progress, message, plan};
use firstfault_catalog::Catalog;
use firstfault_model::case::{Case, Status};

/// The foot of the terminal report: one line a command.
pub(crate) fn lines(case: &Case, catalog: &Catalog, evidence: &[PathBuf]) -> String {
    let Some(paths) = quoted(evidence) else { return String::new() };
    let mut out = String::from("\nNext\n");
    for (command, gives) in unpacked(case, evidence) {
        let _ = writeln!(out, "  {command}\n      {gives}");
    }
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

/// Places that are shown unpacked.
const UNPACKED: usize = 2;

/// How to see the lines that are cited of compressed files: their numbers are those of the unpacked text.
fn unpacked(case: &Case, evidence: &[PathBuf]) -> Vec<(String, String)> {
    let proofs = case.hypotheses.first().into_iter().flat_map(|first| &first.evidence).chain(&case.unexplained);
    let mut commands: Vec<(String, String)> = Vec::new();
    for proof in proofs.filter(|proof| proof.lines[0] > 0) {
        let Some((tool, file)) = evidence.iter().find_map(|root| packed(root, &proof.path)) else { continue };
        let Some(file) = file.to_str().and_then(|file| shlex::try_quote(file).ok()) else { continue };
        let [from, to] = proof.lines;
        let lines = if from == to { format!("{from}p") } else { format!("{from},{to}p") };
        let command = (format!("{tool} {file} | sed -n {lines}"), format!("{}:{from}, unpacked", proof.path));
        if !commands.contains(&command) {
            commands.push(command);
        }
        if commands.len() == UNPACKED {
            break;
        }
    }
    commands
}

/// The compressed file that a path of the evidence was read from, and what unpacks it.
fn packed(root: &Path, path: &str) -> Option<(&'static str, PathBuf)> {
    const PACKINGS: &[(&str, &str)] = &[("gz", "zcat"), ("zst", "zstdcat"), ("xz", "xzcat")];
    // Where several folders were given, each puts its name before its files.
    let below = root.file_name().and_then(|name| Path::new(path).strip_prefix(name).ok());
    let plain = [Some(root.join(path)), below.map(|below| root.join(below))];
    PACKINGS.iter().find_map(|(ending, tool)| {
        let beside = plain.iter().flatten().filter(|plain| !plain.exists()).map(|plain| with_ending(plain, ending));
        // The file itself was given.
        let itself = root.extension().is_some_and(|e| e == *ending) && root.file_stem().is_some_and(|s| s == path);
        let found = beside.into_iter().find(|file| file.is_file()).or_else(|| itself.then(|| root.to_owned()))?;
        Some((*tool, found))
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The paths as a shell reads them; nothing for standard input, which cannot be read twice.
fn quoted(paths: &[PathBuf]) -> Option<String> {
    let words: Option<Vec<&str>> = paths.iter().map(|p| p.to_str()).collect();
    let words = words.filter(|w| !w.contains(&"-"))?;
    shlex::try_join(words).ok()
}
