use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::CommandFactory as _;
use firstfault_catalog::{Catalog, FailureMode, check};

use crate::arguments::{Arguments, CatalogAction, CatalogOptions, Explain, Schema};
use crate::mistake::Mistake;

/// The built-in catalogue, and a folder of the user's own on top.
pub(crate) fn load(folder: Option<&Path>) -> anyhow::Result<Catalog> {
    let mut catalog =
        Catalog::embedded(firstfault_observe::declarations().copied()).context("the built-in catalogue is broken")?;
    if let Some(folder) = folder {
        catalog.add_folder(folder).context("cannot load the failure modes")?;
    }
    Ok(catalog)
}

pub(crate) fn explain(options: &Explain) -> anyhow::Result<ExitCode> {
    let catalog = load(options.catalog.as_deref())?;
    let Some(mode) = catalog.modes.get(&options.id) else {
        let near: Vec<&str> = catalog
            .modes
            .keys()
            .map(String::as_str)
            .filter(|id| options.id.split(['.', '-']).any(|word| word.len() > 3 && id.contains(word)))
            .take(6)
            .collect();
        let hint = if near.is_empty() {
            "`firstfault catalog list` shows all of them".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(Mistake::error(format!("no failure mode `{}`", options.id), hint));
    };
    say(&page(&catalog, mode))
}

pub(crate) fn catalog(options: &CatalogOptions) -> anyhow::Result<ExitCode> {
    let catalog = load(options.catalog.as_deref())?;
    match options.action {
        CatalogAction::List => {
            let mut modes: Vec<&FailureMode> = catalog.modes.values().collect();
            modes.sort_by(|a, b| b.prior.total_cmp(&a.prior).then_with(|| a.id.cmp(&b.id)));
            let mut out = String::new();
            for mode in &modes {
                let _ = writeln!(out, "{:<46} {:>5.2}  {}", mode.id, mode.prior, mode.title);
            }
            let _ = writeln!(out, "{} failure modes", modes.len());
            say(&out)
        }
        CatalogAction::AuditChecks => crate::audit::checks(),
        CatalogAction::LogFormats => say(&log_formats()),
        CatalogAction::LogSignatures => say(&log_signatures(&catalog)),
        CatalogAction::Check => {
            let problems = check(&catalog);
            for problem in &problems {
                say(&format!("{problem}\n"))?;
            }
            say(&format!(
                "{} failure modes, {} findings, {} problems\n",
                catalog.modes.len(),
                catalog.declarations.len(),
                problems.len()
            ))?;
            Ok(ExitCode::from(if problems.is_empty() { 0 } else { 2 }))
        }
    }
}

fn log_formats() -> String {
    let mut out =
        String::from("# Formats of logs\n\nA format without a name is read all the same, if its lines have a time.\n");
    for format in firstfault_logs::formats() {
        let _ = write!(out, "\n## {}\n\n", format.name);
        for line in format.sample.lines() {
            out.push_str("    ");
            // Control characters are told, not sent to the terminal.
            line.chars().for_each(|c| match c.is_control() {
                true => out.extend(c.escape_default()),
                false => out.push(c),
            });
            out.push('\n');
        }
    }
    out
}

fn log_signatures(catalog: &Catalog) -> String {
    let specs = &catalog.signatures;
    let mut out = String::from("# Known log messages\n");
    let mut by_finding: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
    for spec in specs {
        by_finding.entry(spec.finding.id).or_insert((spec.finding.says, Vec::new())).1.push(&spec.name);
    }
    for (finding, (says, names)) in &mut by_finding {
        names.sort_unstable();
        let _ = write!(out, "\n{finding}: {says}\n    {}\n", names.join(", "));
    }
    let _ = writeln!(out, "\n{} messages, {} findings", specs.len(), by_finding.len());
    out
}

pub(crate) fn schema(of: Schema) -> anyhow::Result<ExitCode> {
    say(&match of {
        Schema::Case => firstfault_report::schema(),
        Schema::Plan => firstfault_act::schema(),
        Schema::Audit => firstfault_audit::schema(),
        Schema::Postmortem => firstfault_learn::postmortem::schema(),
    })
}

pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "firstfault", &mut out);
    std::io::stdout().write_all(&out)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man() -> anyhow::Result<ExitCode> {
    let mut out = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut out)?;
    std::io::stdout().write_all(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn say(text: &str) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn page(catalog: &Catalog, mode: &FailureMode) -> String {
    let mut out = format!(
        "{}\n{}\n\narea {}, relative frequency {} ({})\n",
        mode.id, mode.title, mode.area, mode.prior, mode.source
    );
    if !mode.what.is_empty() {
        let _ = writeln!(out, "\n{}", mode.what.trim());
    }
    let _ = writeln!(out, "\nSigns for it");
    for need in &mode.needs {
        let _ = writeln!(out, "  needs     {need}: {}", catalog.says(need));
    }
    for (finding, likelihood) in &mode.shows {
        let _ = writeln!(out, "  {:<9} {finding}: {}", format!("{likelihood:?}").to_lowercase(), catalog.says(finding));
    }
    if !mode.refutes.is_empty() {
        let _ = writeln!(out, "\nSigns against it");
        for finding in &mode.refutes {
            let _ = writeln!(out, "  {finding}: {}", catalog.says(finding));
        }
    }
    if !mode.mistaken_for.is_empty() {
        let _ = writeln!(out, "\nOften mistaken for\n  {}", mode.mistaken_for.join(", "));
    }
    if !mode.twin.is_empty() {
        let _ = writeln!(out, "\nCannot be told apart from\n  {}", mode.twin.join(", "));
    }
    let _ = writeln!(out, "\nChecks (read-only)");
    for test in &mode.tests {
        let _ = writeln!(out, "  $ {}\n    {}", test.command, test.decides);
        for outcome in &test.outcomes {
            let _ = writeln!(out, "    - {outcome}");
        }
    }
    let _ = writeln!(out, "\nRemedies");
    for remedy in &mode.remedies {
        let _ = writeln!(out, "  {} ({}, {} risk)", remedy.title, remedy.kind, remedy.risk);
        for step in &remedy.steps {
            let _ = writeln!(out, "    $ {step}");
        }
        let _ = writeln!(out, "    undo: {}\n    worked if: {}", remedy.rollback, remedy.verification);
    }
    let _ = writeln!(out, "\nPrevention");
    for prevent in &mode.prevents {
        let _ = writeln!(out, "  - {prevent}");
    }
    let _ = writeln!(out, "\nReferences");
    for reference in &mode.references {
        let _ = writeln!(out, "  {reference}");
    }
    out
}
