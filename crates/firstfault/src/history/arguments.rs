use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::arguments::Evidence;

/// Remember cases: add, list, search, compare, count.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, 2 usage or read error, or the history is damaged (what can be read is printed)."
)]
pub(crate) struct History {
    #[command(subcommand)]
    pub(crate) action: Action,
    /// The history's file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) file: Option<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = HistoryFormat::Terminal, global = true)]
    pub(crate) format: HistoryFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// For a person at a terminal
    Terminal,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Add a saved case or the diagnosis of evidence, or say more of one that is known
    Add(Box<Add>),
    /// Say more of a case by its number
    Remark {
        /// The case's number
        id: i64,
        #[command(flatten)]
        said: Said,
        /// A folder of failure modes of your own
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// List cases
    List(Choice),
    /// Show a case
    Show {
        /// The case's number
        id: i64,
    },
    /// Find cases by words in titles, summaries, evidence, entities and notes
    Search {
        /// Words that must all stand in the case, or their beginnings
        #[arg(required = true)]
        words: Vec<String>,
        /// The most cases to print
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Find past cases that are like this one, and say why
    Similar(Box<Similar>),
    /// Count: how often, how long, how often again, how much of the error budget
    Stats(Stats),
    /// Print cases as JSON lines
    Export(Choice),
    /// Read JSON lines that `export` printed
    Import {
        /// The file, or `-` for standard input
        lines: PathBuf,
    },
    /// Look at every page and case of the file for damage
    Check,
}

/// Add a case.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    #[command(flatten)]
    pub(crate) said: Said,
}

/// What people say of a case. Who says it is not kept.
#[derive(Debug, Args)]
pub(crate) struct Said {
    /// Nothing is left to do
    #[arg(long)]
    pub(crate) resolved: bool,
    /// When the failure was noticed (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) detected: Option<String>,
    /// When its cause was known (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) diagnosed: Option<String>,
    /// When the service was well again (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) mended: Option<String>,
    /// The failure mode that was found to be the cause
    #[arg(long, value_name = "MODE", conflicts_with = "wrong")]
    pub(crate) confirmed: Option<String>,
    /// The first answer was wrong
    #[arg(long)]
    pub(crate) wrong: bool,
    /// What should be remembered
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Vec<String>,
    /// A word to find it by
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Vec<String>,
}

/// Which cases.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// A failure mode, or the beginning of its id up to a dot
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// An area of the catalogue
    #[arg(long, value_name = "AREA")]
    pub(crate) area: Option<String>,
    /// `KIND/NAMESPACE/NAME`, `NAMESPACE/NAME`, `KIND/NAME` or a name
    #[arg(long, value_name = "ENTITY")]
    pub(crate) entity: Option<String>,
    /// 1 to 4
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) severity: Option<u8>,
    /// Whether it was an incident
    #[arg(long, value_enum)]
    pub(crate) status: Option<StatusWord>,
    /// A tag
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Option<String>,
    /// Began then or later (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Began before then (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only those that are not resolved
    #[arg(long, conflicts_with = "closed")]
    pub(crate) open: bool,
    /// Only those that are resolved or mended
    #[arg(long)]
    pub(crate) closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusWord {
    /// Something was broken
    Incident,
    /// Nothing that matters was wrong
    Healthy,
    /// Not enough was looked at
    Insufficient,
}

/// Find past cases that are like this one.
#[derive(Debug, Args)]
pub(crate) struct Similar {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// The most cases to print
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) limit: usize,
    /// Leave out what is less alike, from 0 to 1
    #[arg(long, value_name = "LIKENESS", default_value_t = 0.3)]
    pub(crate) least: f64,
}

/// Count.
#[derive(Debug, Args)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// The same failure mode on the same entity again within so many days is a recurrence
    #[arg(long, value_name = "DAYS", default_value_t = 30.0)]
    pub(crate) again_within: f64,
    /// The service level objective in percent, such as 99.9: says what the incidents took of its error budget
    #[arg(long, value_name = "PERCENT")]
    pub(crate) slo: Option<f64>,
    /// The objective's period, ending with the latest time in the history or with `--until`
    #[arg(long, value_name = "DAYS", default_value_t = 30.0)]
    pub(crate) days: f64,
}
