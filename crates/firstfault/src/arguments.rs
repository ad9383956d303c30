//! What the user typed. Help, the man page and completions are made from this.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reads the evidence of an incident and says what broke first.
#[derive(Debug, Parser)]
#[command(
    name = "firstfault",
    version,
    about,
    after_help = "Exit codes: 0 healthy, 1 incident, 2 usage or read error, 3 not enough evidence."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Diagnose the evidence in folders, files or archives
    Investigate(Investigate),
    /// Make what would have caught or avoided the incident: alert rules and their proof, dashboard, runbook, patches
    Prevent(Prevent),
    /// Say what to do, step by step, and the way back
    Plan(crate::act::PlanOptions),
    /// Write the message for a status page or a channel
    Status(crate::act::StatusOptions),
    /// Find what could fail with nobody to notice and nothing to stop it
    Audit(crate::audit::AuditOptions),
    /// Remember cases: add, list, search, compare, count
    History(crate::history::Options),
    /// Read logs: what others' rules find in them
    Logs(crate::logs::LogsOptions),
    /// Write the blameless postmortem of a saved case or of evidence
    Postmortem(crate::postmortem::PostmortemOptions),
    /// Print a failure mode: what it is, its signs, how to check and mend it
    Explain(Explain),
    /// List or check the catalogue of failure modes
    Catalog(CatalogOptions),
    /// Print the JSON Schema of an answer
    Schema {
        /// Of which
        #[arg(value_enum, default_value_t = Schema::Case)]
        of: Schema,
    },
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// `firstfault.case/v1`, what `investigate` says
    Case,
    /// `firstfault.plan/v1`, what `plan` says
    Plan,
    /// `firstfault.audit/v1`, what `audit` says
    Audit,
    /// `firstfault.postmortem/v1`, what a template of a postmortem gets
    Postmortem,
}

/// Diagnose the evidence in folders, files or archives.
#[derive(Debug, Args)]
pub(crate) struct Investigate {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// Run rules of the Common Reliability Enumeration on every log: a file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Write the answer to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show the table of findings and weights of each theory
    #[arg(long)]
    pub(crate) why: bool,
    /// List what was read from each file
    #[arg(long)]
    pub(crate) explain_coverage: bool,
    /// Print one line
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// No colours
    #[arg(long)]
    pub(crate) no_color: bool,
}

/// Make what would have caught or avoided the incident.
#[derive(Debug, Args)]
pub(crate) struct Prevent {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// Write the files into a folder instead of printing them
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Make only this kind; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) only: Vec<Safeguard>,
    /// Only say when each alert rule would have fired on the incident's series, and how often before
    #[arg(long, conflicts_with_all = ["output", "only"])]
    pub(crate) backtest: bool,
    /// Percentage of requests that has to succeed, for the rules on the error budget
    #[arg(long, value_name = "PERCENT", default_value_t = 99.9)]
    pub(crate) objective: f64,
    /// How to print
    #[arg(long, value_enum, default_value_t = PreventFormat::Terminal)]
    pub(crate) format: PreventFormat,
}

/// A kind of safeguard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Safeguard {
    /// Prometheus alert and recording rules, and their proof
    Alerts,
    /// The same signals as Datadog monitors and CloudWatch alarms
    Monitors,
    /// A Grafana dashboard
    Dashboard,
    /// What to do the next time: recognise, check, mend, undo, escalate
    Runbook,
    /// Admission policies (ValidatingAdmissionPolicy, Kyverno) that keep the fault out
    Policy,
    /// Patches of the workloads: limits, probes, spread, replicas, and a PodDisruptionBudget
    Patches,
    /// Stubs of a load or regression test with the numbers of the case
    Tests,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreventFormat {
    /// For a person at a terminal
    Terminal,
    /// `firstfault.prevention/v1`: every file with its contents
    Json,
}

/// Evidence, and what the person knows of the incident.
#[derive(Debug, Default, Args)]
pub(crate) struct Evidence {
    /// Folders, files or archives (tar, gz, zst, xz, zip); `-` reads a transcript from standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// What is felt, in your words
    #[arg(long, value_name = "TEXT")]
    pub(crate) symptom: Option<String>,
    /// What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name
    #[arg(long, value_name = "ENTITY")]
    pub(crate) about: Vec<String>,
    /// Beginning of the incident (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// End of the incident (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Year of dates that do not say theirs
    #[arg(long, value_name = "YEAR")]
    pub(crate) assume_year: Option<i16>,
    /// Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// A folder of failure modes of your own
    #[arg(long, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal
    Terminal,
    /// `firstfault.case/v1`
    Json,
    /// For a ticket or a channel
    Markdown,
    /// One self-contained page
    Html,
}

/// Print a failure mode.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Its id, such as `image.tag-missing`
    pub(crate) id: String,
    /// A folder of failure modes of your own
    #[arg(long, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
}

/// List or check the catalogue.
#[derive(Debug, Args)]
pub(crate) struct CatalogOptions {
    #[command(subcommand)]
    pub(crate) action: CatalogAction,
    /// A folder of failure modes of your own
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) catalog: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum CatalogAction {
    /// One line a failure mode, the most frequent first
    List,
    /// Unknown findings, unreachable modes, remedies without a way back, tests that write
    Check,
    /// The checks of `audit`
    AuditChecks,
    /// The formats of logs that have a name, each with a sample
    LogFormats,
    /// The log messages that are known, and what each says
    LogSignatures,
}
