use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use firstfault_learn::prevent::{Artifact, Kind, Situation};
use serde_json::json;

use crate::arguments::{Prevent, PreventFormat, Safeguard};
use crate::evidence::{open, reread};
use crate::mistake::Mistake;
use crate::output::deliver;

/// `firstfault prevent`: what would have caught or avoided the incident.
pub(crate) fn run(options: &Prevent) -> anyhow::Result<ExitCode> {
    if !(50.0..100.0).contains(&options.objective) {
        let what = format!("an objective of {} % leaves no error budget, or is none", options.objective);
        return Err(Mistake::error(what, "give a percentage from 50 to below 100, such as 99.9"));
    }
    let opened = open(&options.evidence)?;
    let (again, notes) = reread(&opened)?;
    let world = opened.world.as_ref().or(again.as_ref());
    let situation = Situation::new(&opened.case, &opened.catalog, world).with_objective(options.objective);
    if options.backtest {
        let text = remarks(&notes) + &firstfault_learn::prevent::backtest(&situation);
        return deliver(&text, None);
    }
    let only: Vec<Kind> = options.only.iter().map(|kind| Kind::from(*kind)).collect();
    let artifacts = firstfault_learn::prevent::prevent(&situation, &only);
    let text = match &options.output {
        Some(folder) => written(folder, &artifacts, &notes)?,
        None => match options.format {
            PreventFormat::Terminal => {
                sections(&artifacts, &notes, &only, situation.first().map(|h| h.failure_mode.as_str()))
            }
            PreventFormat::Json => document(&artifacts, &notes)?,
        },
    };
    deliver(&text, None)
}

impl From<Safeguard> for Kind {
    fn from(safeguard: Safeguard) -> Self {
        match safeguard {
            Safeguard::Alerts => Self::Alerts,
            Safeguard::Monitors => Self::Monitors,
            Safeguard::Dashboard => Self::Dashboard,
            Safeguard::Runbook => Self::Runbook,
            Safeguard::Policy => Self::Policy,
            Safeguard::Patches => Self::Patches,
            Safeguard::Tests => Self::Tests,
        }
    }
}

/// Writes one file an artifact, and says which.
fn written(folder: &Path, artifacts: &[Artifact], notes: &[String]) -> anyhow::Result<String> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut out = remarks(notes);
    for artifact in artifacts {
        let path = folder.join(&artifact.file);
        std::fs::write(&path, &artifact.contents).with_context(|| format!("cannot write {}", path.display()))?;
        let _ = writeln!(out, "{}  {}", path.display(), artifact.title);
        for line in &artifact.says {
            let _ = writeln!(out, "  {line}");
        }
    }
    Ok(out)
}

/// Everything, one section a file; what alone is asked for is printed whole.
fn sections(artifacts: &[Artifact], notes: &[String], only: &[Kind], mode: Option<&str>) -> String {
    let mut out = remarks(notes);
    for artifact in artifacts {
        let _ = writeln!(out, "{} ({})", artifact.title, artifact.file);
        for line in &artifact.says {
            let _ = writeln!(out, "  {line}");
        }
        let whole = artifact.digest.is_empty() || (artifact.kind.prints_whole() && only == [artifact.kind]);
        let shown = if whole { &artifact.contents } else { &artifact.digest };
        for line in shown.lines() {
            let _ = writeln!(out, "    {line}");
        }
        out.push('\n');
    }
    if artifacts.is_empty() {
        match mode {
            Some(mode) => out.push_str(&format!("nothing of this kind for {mode} on this evidence\n")),
            None => out.push_str("nothing to prevent: the case names no failure mode\n"),
        }
    }
    out
}

fn document(artifacts: &[Artifact], notes: &[String]) -> anyhow::Result<String> {
    let files: Vec<_> = artifacts
        .iter()
        .map(|a| json!({"file": a.file, "title": a.title, "says": a.says, "contents": a.contents}))
        .collect();
    let document = json!({"schema": "firstfault.prevention/v1", "notes": notes, "files": files});
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn remarks(notes: &[String]) -> String {
    notes.iter().map(|note| format!("note: {note}\n")).collect()
}
