//! From paths to a world and a case; every command that looks at an incident begins here.

use std::fs;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use firstfault_catalog::Catalog;
use firstfault_diagnose::Situation;
use firstfault_gather::{Options, World};
use firstfault_model::case::{Case, SCHEMA};
use firstfault_model::{Assume, Entity, Incident, Window};
use jiff::Timestamp;

use crate::arguments::Evidence;
use crate::explain::load;
use crate::mistake::Mistake;

/// Whether a line on the terminal says what is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// For long work, where somebody looks.
    Shown,
    /// Never.
    Silent,
}

/// What evidence holds and what is made of it.
pub(crate) struct Investigated {
    pub(crate) catalog: Catalog,
    pub(crate) world: World,
    pub(crate) case: Case,
}

/// Reads the evidence, runs rules of others on its logs where some are given, and diagnoses it.
pub(crate) fn investigate(
    evidence: &Evidence,
    rules: Option<&Path>,
    progress: Progress,
) -> anyhow::Result<Investigated> {
    let catalog = load(evidence.catalog.as_deref())?;
    let mut known = signatures(&catalog);
    let mut coverage = None;
    if let Some(at) = rules {
        let (rules, errors) = crate::rules::load(at)?;
        coverage = Some(crate::rules::coverage(at, &rules, &errors));
        known = known.with_rules(rules);
    }
    let mut world = gather(evidence, Arc::new(known), progress)?;
    world.coverage.files.extend(coverage);
    let case = diagnose(&world, &catalog);
    Ok(Investigated { catalog, world, case })
}

/// Reads the evidence.
pub(crate) fn read(evidence: &Evidence, progress: Progress) -> anyhow::Result<(Catalog, World)> {
    let catalog = load(evidence.catalog.as_deref())?;
    let world = gather(evidence, Arc::new(signatures(&catalog)), progress)?;
    Ok((catalog, world))
}

/// A case that was saved, or one made from evidence now.
pub(crate) struct Opened {
    pub(crate) catalog: Catalog,
    pub(crate) case: Case,
    /// The file that it was saved in.
    pub(crate) saved_in: Option<PathBuf>,
    /// What the evidence holds, where it was read now.
    pub(crate) world: Option<World>,
}

/// Opens `CASE|PATH…`: one file of `firstfault.case/v1` is a saved case, anything else is evidence.
pub(crate) fn open(evidence: &Evidence) -> anyhow::Result<Opened> {
    if let [path] = &evidence.paths[..]
        && let Some(case) = saved(path)?
    {
        let catalog = load(evidence.catalog.as_deref())?;
        return Ok(Opened { catalog, case, saved_in: Some(path.clone()), world: None });
    }
    let Investigated { catalog, world, case } = investigate(evidence, None, Progress::Shown)?;
    Ok(Opened { catalog, case, saved_in: None, world: Some(world) })
}

/// The world of an opened case: read now, or read again from where the saved case says that it lies.
///
/// The second part says what is not as it was: nothing where the evidence is unchanged.
pub(crate) fn reread(opened: &Opened) -> anyhow::Result<(Option<World>, Vec<String>)> {
    let Some(saved_in) = &opened.saved_in else { return Ok((None, Vec::new())) };
    let folder = saved_in.parent().unwrap_or(Path::new(""));
    let paths: Vec<PathBuf> = opened.case.evidence.paths.iter().map(|p| folder.join(p)).collect();
    if paths.is_empty() {
        let what = "the saved case does not say where its evidence lies (save it with `--output`)";
        return Ok((None, vec![what.to_owned()]));
    }
    if let Some(gone) = paths.iter().find(|p| !p.exists()) {
        return Ok((None, vec![format!("the evidence is gone: {}", gone.display())]));
    }
    let again = Evidence { paths, ..Evidence::default() };
    // Only what the evidence holds is wanted: the diagnosis is the saved one.
    let world = gather(&again, Arc::new(signatures(&opened.catalog)), Progress::Silent)?;
    let mut notes = Vec::new();
    let before = &opened.case.sources;
    let same = |path: &str, hash: u64| before.iter().any(|s| s.path == path && s.hash == format!("{hash:016x}"));
    let changed = world.sources.iter().filter(|(path, _, hash)| !same(path, *hash)).count();
    let gone = before.iter().filter(|s| world.sources.iter().all(|(path, ..)| **path != *s.path)).count();
    if changed + gone > 0 {
        notes.push(format!(
            "the evidence has changed since the case was saved: {changed} files new or changed, {gone} gone"
        ));
    }
    Ok((Some(world), notes))
}

/// Whether a file holds a saved case: its beginning names the schema.
pub(crate) fn holds_case(path: &Path) -> bool {
    const HEAD: usize = 256;
    let Ok(mut file) = fs::File::open(path) else { return false };
    let mut head = [0; HEAD];
    let read = file.read(&mut head).unwrap_or(0);
    String::from_utf8_lossy(&head[..read]).contains(SCHEMA)
}

/// The case in a file, if it holds one.
fn saved(path: &Path) -> anyhow::Result<Option<Case>> {
    if !holds_case(path) {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Mistake::error(
            format!("{} is no whole {SCHEMA}: {error}", path.display()),
            "save it again with `firstfault investigate PATH --format json --output FILE`",
        )
    })
}

/// The log signatures of the catalogue, ready to be looked for.
pub(crate) fn signatures(catalog: &Catalog) -> firstfault_logs::Signatures {
    firstfault_logs::Signatures::compile(&catalog.signatures)
}

fn gather(
    evidence: &Evidence,
    signatures: Arc<firstfault_logs::Signatures>,
    progress: Progress,
) -> anyhow::Result<World> {
    let line = ProgressLine::start(progress);
    let options = Options { incident: incident(evidence)?, signatures, progress: line.callback() };
    let stdin = PathBuf::from("-");
    let world = if evidence.paths == [stdin] {
        firstfault_gather::gather_stdin(std::io::stdin().lock(), &options)
    } else {
        firstfault_gather::gather(&evidence.paths, &options)
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
        losses: firstfault_observe::losses(world),
        changes: &world.changes,
        notes: &world.notes,
        sources: &world.sources,
    };
    firstfault_diagnose::diagnose(&situation, catalog)
}

/// A time as it was typed.
pub(crate) fn time(text: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    let parse = |text: &str| {
        text.parse().map_err(|_| Mistake::error(format!("`{text}` is no time"), "write it as 2026-11-24T14:32:00Z"))
    };
    text.map(parse).transpose()
}

/// What the user said on the command line; `incident.yaml` fills in the rest.
fn incident(evidence: &Evidence) -> anyhow::Result<Incident> {
    Ok(Incident {
        symptom: evidence.symptom.clone(),
        window: Window { from: time(evidence.from.as_deref())?, to: time(evidence.to.as_deref())? },
        about: evidence.about.iter().map(|text| entity(text)).collect::<anyhow::Result<_>>()?,
        assume: Assume {
            timezone: evidence.timezone.clone(),
            year: evidence.assume_year,
            window_offset: [&evidence.from, &evidence.to]
                .into_iter()
                .flatten()
                .find_map(|text| firstfault_gather::offset_of(text)),
        },
        said: Vec::new(),
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
struct ProgressLine {
    bar: Option<indicatif::ProgressBar>,
}

impl ProgressLine {
    fn start(progress: Progress) -> Self {
        let shown = progress == Progress::Shown && std::io::stderr().is_terminal();
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

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
