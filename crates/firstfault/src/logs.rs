//! `firstfault logs`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use firstfault_model::{Assume, Window};

use crate::evidence::time;

/// Read logs.
#[derive(Debug, Args)]
pub(crate) struct LogsOptions {
    /// Logs, plain or compressed (gz, zst, xz), folders and archives of them; `-` reads standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Rules of the Common Reliability Enumeration: a file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// Show which kinds of message there are, how many of each, and what varies in them
    #[arg(long, conflicts_with = "rules")]
    pub(crate) templates: bool,
    /// Write the template of each line as CSV: line, template_id, template
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    pub(crate) templates_out: Option<PathBuf>,
    /// When the incident began, to compare with the time before; without it the point is found at which most changes
    #[arg(long, value_name = "TIME", conflicts_with_all = ["rules", "templates", "templates_out", "around", "trace", "grep"])]
    pub(crate) from: Option<String>,
    /// When it ended
    #[arg(long, value_name = "TIME", requires = "from")]
    pub(crate) to: Option<String>,
    /// Show what all logs say around a time: `2026-11-24T14:31:45Z`, or `14:31:45` on the day of the logs
    #[arg(long, value_name = "TIME", conflicts_with_all = ["rules", "templates", "templates_out"])]
    pub(crate) around: Option<String>,
    /// How far from that time
    #[arg(long, value_name = "DURATION", default_value = "30s", requires = "around")]
    pub(crate) within: String,
    /// Show what all logs say of one trace, span or request, pod or host: of what has this id or name as a word
    #[arg(long, value_name = "ID", conflicts_with_all = ["rules", "templates", "templates_out"])]
    pub(crate) trace: Option<String>,
    /// Show the records of all logs in which a regular expression matches
    #[arg(long, value_name = "REGEX", conflicts_with_all = ["rules", "templates", "templates_out"])]
    pub(crate) grep: Option<String>,
    /// Go on reading files that grow, also where they rotate; without it only standard input (`-`) is watched while it comes
    #[arg(long, conflicts_with_all = ["around", "trace", "grep", "rules", "templates", "templates_out"])]
    pub(crate) follow: bool,
    /// What comes so long after the start counts as usual, what is seen first later as new
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    pub(crate) baseline: String,
    /// Most records shown with `--around`, `--trace` and `--grep`: the nearest to the time, else the first
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub(crate) limit: usize,
    /// Year of dates that do not say theirs
    #[arg(long, value_name = "YEAR")]
    pub(crate) assume_year: Option<i16>,
    /// Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = LogsFormat::Terminal)]
    pub(crate) format: LogsFormat,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogsFormat {
    /// For a person at a terminal
    Terminal,
    /// For programs
    Json,
}

impl LogsOptions {
    /// The one log that is read, where it is one; folders, archives and several paths are several.
    pub(crate) fn one(&self) -> Option<&Path> {
        const ARCHIVES: [&str; 8] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".zip"];
        let [path] = &self.paths[..] else { return None };
        let is_archive = path.to_str().is_some_and(|name| ARCHIVES.iter().any(|end| name.ends_with(end)));
        (!is_archive && !path.is_dir()).then_some(path)
    }

    /// The time of the incident.
    pub(crate) fn window(&self) -> anyhow::Result<Window> {
        Ok(Window { from: time(self.from.as_deref())?, to: time(self.to.as_deref())? })
    }

    /// What is assumed of times that do not say it.
    pub(crate) fn assume(&self) -> Assume {
        Assume { timezone: self.timezone.clone(), year: self.assume_year, ..Assume::default() }
    }
}

/// Rules, records, templates, or an overview.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    if options.around.is_some() || options.trace.is_some() || options.grep.is_some() {
        return crate::log_timeline::run(options);
    }
    if let Some(rules) = &options.rules {
        return crate::log_rules::run(options, rules);
    }
    if options.templates || options.templates_out.is_some() {
        return crate::log_templates::run(options);
    }
    let streams = options.follow || options.one() == Some(Path::new("-"));
    if streams { crate::log_live::run(options) } else { crate::log_overview::run(options) }
}
