//! `firstfault plan` and `firstfault status`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::arguments::Evidence;
use crate::evidence::open;
use crate::output::deliver;

/// Say what to do, step by step, and the way back.
#[derive(Debug, Args)]
pub(crate) struct PlanOptions {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// How to print it
    #[arg(long, value_enum, default_value_t = PlanFormat::Markdown)]
    pub(crate) format: PlanFormat,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Markdown,
    /// `firstfault.plan/v1`
    Json,
}

/// Write the message for a status page or a channel.
#[derive(Debug, Args)]
pub(crate) struct StatusOptions {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// Who reads it
    #[arg(long = "for", value_enum, default_value_t = Audience::Customers)]
    pub(crate) audience: Audience,
    /// How far it is; without it, as the case says
    #[arg(long, value_enum)]
    pub(crate) progress: Option<Progress>,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Audience {
    /// What they notice, and nothing of the inside
    Customers,
    /// Everything that helps to mend it
    Engineers,
    /// Impact, cause and risk in plain words
    Executives,
}

impl From<Audience> for firstfault_act::Audience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Customers => Self::Customers,
            Audience::Engineers => Self::Engineers,
            Audience::Executives => Self::Executives,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    /// The cause is not known
    Investigating,
    /// The cause is known
    Identified,
    /// Mended, and watched
    Monitoring,
    /// Over
    Resolved,
}

impl From<Progress> for firstfault_act::Progress {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Investigating => Self::Investigating,
            Progress::Identified => Self::Identified,
            Progress::Monitoring => Self::Monitoring,
            Progress::Resolved => Self::Resolved,
        }
    }
}

/// Exit code 0: a plan was made, whatever the case's status.
pub(crate) fn plan(options: &PlanOptions) -> anyhow::Result<ExitCode> {
    let opened = open(&options.evidence)?;
    let plan = firstfault_act::plan(&opened.case, &opened.catalog);
    let text = match options.format {
        PlanFormat::Markdown => firstfault_act::markdown(&plan),
        PlanFormat::Json => firstfault_act::json(&plan),
    };
    deliver(&text, options.output.as_deref())
}

pub(crate) fn status(options: &StatusOptions) -> anyhow::Result<ExitCode> {
    let opened = open(&options.evidence)?;
    let progress = options.progress.map_or_else(|| firstfault_act::Progress::of(&opened.case), Into::into);
    deliver(&firstfault_act::message(&opened.case, options.audience.into(), progress), options.output.as_deref())
}
