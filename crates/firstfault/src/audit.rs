//! `firstfault audit`.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use firstfault_audit::{Rank, SuppressionError, Suppressions};
use jiff::Timestamp;

use crate::arguments::Evidence;
use crate::evidence::{Progress, read};
use crate::mistake::Mistake;
use crate::output::deliver;

/// The file of suppressions, beside the evidence.
const CONFIG: &str = "firstfault.toml";

/// Find what could fail with nobody to notice and nothing to stop it.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing of high rank, 1 something of high rank, 2 usage or read error, 3 nothing to audit."
)]
pub(crate) struct AuditOptions {
    /// Folders, files or archives: manifests before they are applied, or what was printed of a cluster
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Suppressions; without it, `firstfault.toml` in the folder of the evidence
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What dates are compared with (RFC 3339); without it, the newest moment of the evidence
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = AuditFormat::Terminal)]
    pub(crate) format: AuditFormat,
    /// Write the answer to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// No colours
    #[arg(long)]
    pub(crate) no_color: bool,
    /// A folder of failure modes of your own
    #[arg(long, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// For a person at a terminal
    Terminal,
    /// `firstfault.audit/v1`
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// For a ticket or a review
    Markdown,
}

/// Reads the evidence, looks at everything, and prints it.
pub(crate) fn run(options: &AuditOptions) -> anyhow::Result<ExitCode> {
    let now = options.now.as_deref().map(time).transpose()?;
    let suppressions = suppressions(options)?;
    let evidence = Evidence { paths: options.paths.clone(), catalog: options.catalog.clone(), ..Evidence::default() };
    let (catalog, world) = read(&evidence, Progress::Shown)?;
    let audit = firstfault_audit::audit(&world, &catalog, &suppressions, now).map_err(|error| refused(&error))?;
    let output = options.output.as_deref();
    let colours = options.format == AuditFormat::Terminal && output.is_none() && !options.no_color;
    let text = match options.format {
        AuditFormat::Terminal => firstfault_audit::terminal(&audit),
        AuditFormat::Json => firstfault_audit::json(&audit),
        AuditFormat::Sarif => firstfault_audit::sarif(&audit),
        AuditFormat::Markdown => firstfault_audit::markdown(&audit),
    };
    match options.format {
        AuditFormat::Terminal if colours => anstream::stdout().lock().write_all(text.as_bytes())?,
        AuditFormat::Terminal => drop(deliver(&anstream::adapter::strip_str(&text).to_string(), output)?),
        _ => drop(deliver(&text, output)?),
    }
    Ok(ExitCode::from(match audit.count(Rank::High) {
        _ if audit.looked.is_nothing() => 3,
        0 => 0,
        _ => 1,
    }))
}

/// Prints the list of checks.
pub(crate) fn checks() -> anyhow::Result<ExitCode> {
    deliver(&firstfault_audit::check_list(), None)
}

fn time(text: &str) -> anyhow::Result<Timestamp> {
    text.parse().map_err(|_| Mistake::error(format!("`{text}` is no time"), "write it as 2026-11-24T14:32:00Z"))
}

/// The suppressions of `--config`, or of the first folder that has some.
fn suppressions(options: &AuditOptions) -> anyhow::Result<Suppressions> {
    let beside = || options.paths.iter().map(|path| path.join(CONFIG)).find(|file| file.is_file());
    let Some(file) = options.config.clone().or_else(beside) else { return Ok(Suppressions::default()) };
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Suppressions::parse(&text).map_err(|error| refused(&error).context(format!("in {}", file.display())))
}

fn refused(error: &SuppressionError) -> anyhow::Error {
    let hint = match error {
        SuppressionError::NoTime => "give the present time, as in --now \"$(date -u +%FT%TZ)\"",
        _ => "a suppression has code, entity (KIND/NAMESPACE/NAME), reason and until (a date within a year)",
    };
    Mistake::error(error.to_string(), hint)
}
