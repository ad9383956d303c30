use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use firstfault_learn::history::{Document, History};
use firstfault_learn::postmortem::{self, NoIncident, Similar, Sources};
use firstfault_model::case::Case;

use crate::arguments::Evidence;
use crate::evidence::{open, reread};
use crate::mistake::Mistake;
use crate::output::deliver;

/// Write the blameless postmortem of a saved case or of evidence.
#[derive(Debug, Args)]
pub(crate) struct PostmortemOptions {
    #[command(flatten)]
    evidence: Evidence,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// A minijinja template that gets the postmortem's data; its extension decides how values are escaped
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    template: Option<PathBuf>,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A person's name that must not be printed either, where it stands in free text
    #[arg(long, value_name = "NAME")]
    person: Vec<String>,
    /// A history (`firstfault history`) in which similar past cases are looked for
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a wiki or a pull request
    Markdown,
    /// One self-contained page
    Html,
    /// `firstfault.postmortem/v1`
    Json,
}

/// Past cases less alike than this are no help.
const LEAST_ALIKE: f64 = 0.3;

/// Past cases that are listed.
const MOST_SIMILAR: usize = 5;

/// Not enough evidence to name a cause.
const INSUFFICIENT: u8 = 3;

/// `firstfault postmortem`: what happened, why, and what is to be done.
pub(crate) fn run(options: &PostmortemOptions) -> anyhow::Result<ExitCode> {
    let opened = open(&options.evidence)?;
    let (again, notes) = reread(&opened)?;
    let sources = Sources {
        case: &opened.case,
        world: opened.world.as_ref().or(again.as_ref()),
        catalog: &opened.catalog,
        notes: &notes,
        similar: similar(&opened.case, options.history.as_deref())?,
        persons: &options.person,
    };
    let document = match postmortem::write(sources) {
        Ok(document) => document,
        Err(NoIncident::Insufficient) => {
            anstream::eprintln!("{}", NoIncident::Insufficient);
            for test in &opened.case.collect {
                anstream::eprintln!("collect: {}", test.command);
            }
            return Ok(ExitCode::from(INSUFFICIENT));
        }
        Err(healthy) => {
            let hint =
                "`firstfault investigate` says what was looked at; give `--from` and `--to` where it is over by now";
            return Err(Mistake::error(healthy.to_string(), hint));
        }
    };
    let text = match (&options.template, options.format) {
        (Some(file), _) => templated(&document, file)?,
        (None, Format::Markdown) => postmortem::markdown(&document),
        (None, Format::Html) => postmortem::html(&document),
        (None, Format::Json) => serde_json::to_string_pretty(&document)? + "\n",
    };
    deliver(&text, options.output.as_deref())
}

/// Past cases that are like this one, the most alike first.
fn similar(case: &Case, history: Option<&Path>) -> anyhow::Result<Vec<Similar>> {
    let Some(file) = history else { return Ok(Vec::new()) };
    let asked = Document::of(case)?;
    let found = History::open_to_read(file)
        .and_then(|history| history.similar(&asked, LEAST_ALIKE, MOST_SIMILAR))
        .with_context(|| format!("cannot look for similar cases in {}", file.display()))?;
    let similar = found.into_iter().map(|like| Similar {
        id: like.case.id.to_string(),
        at: like.case.began().map(|at| at.to_string()),
        title: like.case.facts.title.clone().unwrap_or_else(|| "without a cause".to_owned()),
        why: format!("{:.2} of 1 alike; {} findings in both", like.likeness, like.agreement.shared.len()),
    });
    Ok(similar.collect())
}

fn templated(document: &postmortem::Postmortem, file: &Path) -> anyhow::Result<String> {
    let source = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.file_name().map_or_else(|| "template".to_owned(), |name| name.to_string_lossy().into_owned());
    postmortem::render(document, &name, &source)
        .map_err(|error| Mistake::error(error.to_string(), "`--format json` prints the data that a template gets"))
}
