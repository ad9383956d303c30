use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use firstfault_catalog::Catalog;
use firstfault_diagnose::Situation;
use firstfault_gather::{Options, World};
use firstfault_model::case::{Case, Status};
use firstfault_model::{Assume, Entity, Incident, Window};
use firstfault_report::Style;
use jiff::Timestamp;

use crate::arguments::{Format, Investigate};
use crate::explain::load;
use crate::mistake::Mistake;

/// `firstfault investigate`: gather, observe, diagnose, report.
pub(crate) fn run(options: &Investigate) -> anyhow::Result<ExitCode> {
    let mut catalog = load(options.catalog.as_deref())?;
    let signatures = Arc::new(firstfault_logs::Signatures::compile(&signatures(&mut catalog)?));
    let world = gather(options, signatures)?;
    let case = diagnose(&world, &catalog);
    print(options, &render(options, &case))?;
    Ok(ExitCode::from(match case.status {
        Status::Healthy => 0,
        Status::Incident => 1,
        Status::Insufficient => 3,
    }))
}

/// The log signatures of the catalogue; their findings are declared with it.
fn signatures(catalog: &mut Catalog) -> anyhow::Result<Vec<firstfault_model::SignatureSpec>> {
    let signatures =
        firstfault_catalog::signatures(&catalog.signature_files).context("the built-in log signatures are broken")?;
    for signature in &signatures {
        catalog.declare(signature.finding);
    }
    Ok(signatures)
}

fn gather(options: &Investigate, signatures: Arc<firstfault_logs::Signatures>) -> anyhow::Result<World> {
    let progress = Progress::start(options.quiet);
    let options_for_gather = Options { incident: incident(options)?, signatures, progress: progress.callback() };
    let stdin = PathBuf::from("-");
    let world = if options.paths == [stdin] {
        firstfault_gather::gather_stdin(std::io::stdin().lock(), &options_for_gather)
    } else {
        firstfault_gather::gather(&options.paths, &options_for_gather)
    };
    world.map_err(|error| {
        Mistake::error(error.to_string(), "give an existing folder, file or archive, or `-` for standard input")
    })
}

/// Diagnoses a world: everything after reading, and before printing.
fn diagnose(world: &World, catalog: &Catalog) -> Case {
    let findings = firstfault_observe::observe(world);
    let situation = Situation {
        incident: &world.incident,
        now: world.now,
        findings: &findings,
        relations: &world.relations,
        coverage: &world.coverage,
        health: firstfault_observe::health(world),
        looked: firstfault_observe::looked(world),
        changes: &world.changes,
        notes: &world.notes,
        sources: &world.sources,
    };
    firstfault_diagnose::diagnose(&situation, catalog)
}

fn render(options: &Investigate, case: &Case) -> String {
    if options.explain_coverage && options.format == Format::Terminal {
        return firstfault_report::coverage(case);
    }
    match options.format {
        Format::Json => firstfault_report::json(case),
        Format::Markdown => firstfault_report::markdown(case),
        Format::Html => firstfault_report::html(case),
        Format::Terminal if options.quiet => firstfault_report::quiet(case),
        Format::Terminal => firstfault_report::terminal(case, if options.why { Style::Why } else { Style::Short }),
    }
}

fn print(options: &Investigate, text: &str) -> anyhow::Result<()> {
    let plain = || anstream::adapter::strip_str(text).to_string();
    if let Some(path) = &options.output {
        return fs::write(path, plain()).with_context(|| format!("cannot write {}", path.display()));
    }
    if options.no_color || options.format != Format::Terminal {
        std::io::stdout().lock().write_all(plain_or(options, text, plain).as_bytes())?;
    } else {
        anstream::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Only the terminal report holds escape codes.
fn plain_or(options: &Investigate, text: &str, plain: impl Fn() -> String) -> String {
    if options.format == Format::Terminal { plain() } else { text.to_owned() }
}

/// What the user said on the command line; `incident.yaml` fills in the rest.
fn incident(options: &Investigate) -> anyhow::Result<Incident> {
    let time = |text: &Option<String>| -> anyhow::Result<Option<Timestamp>> {
        let Some(text) = text else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| Mistake::error(format!("`{text}` is no time"), "write it as 2026-11-24T14:32:00Z"))
    };
    Ok(Incident {
        symptom: options.symptom.clone(),
        window: Window { from: time(&options.from)?, to: time(&options.to)? },
        about: options.about.iter().map(|text| entity(text)).collect::<anyhow::Result<_>>()?,
        assume: Assume { timezone: options.timezone.clone(), year: options.assume_year },
    })
}

fn entity(text: &str) -> anyhow::Result<Entity> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [name] if !name.is_empty() => Ok(Entity::new(firstfault_model::kind::SERVICE, name)),
        [kind, name] => Ok(Entity::new(kind, name)),
        [kind, namespace, name] => Ok(Entity::namespaced(kind, namespace, name)),
        _ => Err(Mistake::error(format!("`{text}` names no entity"), "write KIND/NAME, KIND/NAMESPACE/NAME or a name")),
    }
}

/// A line that says what is being read, on a terminal and only for long work.
struct Progress {
    bar: Option<indicatif::ProgressBar>,
}

impl Progress {
    fn start(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { bar: shown.then(|| indicatif::ProgressBar::new_spinner().with_message("reading")) }
    }

    fn callback(&self) -> Option<firstfault_gather::Progress> {
        let bar = self.bar.clone()?;
        Some(Arc::new(move |path: &str| {
            bar.set_message(format!("reading {path}"));
            bar.tick();
        }))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
