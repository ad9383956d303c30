//! `firstfault logs`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use firstfault_logs::Joiner;
use firstfault_logs::cre::{Match, Matcher, RuleError, Rules};
use firstfault_model::{Assume, Masked};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mistake::Mistake;
use crate::output::deliver;

/// Read logs.
#[derive(Debug, Args)]
pub(crate) struct LogsOptions {
    /// A log, plain or compressed (gz, zst, xz); `-` reads standard input
    pub(crate) file: PathBuf,
    /// Rules of the Common Reliability Enumeration: a file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// Show which kinds of message there are, how many of each, and what varies in them
    #[arg(long, conflicts_with = "rules")]
    pub(crate) templates: bool,
    /// Write the template of each line as CSV: line, template_id, template
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    pub(crate) templates_out: Option<PathBuf>,
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

/// Lines of the beginning that tell what a log looks like.
const HEAD: usize = 200;

/// With rules, exit code 1 where one fired, 0 where none did, 2 where one was rejected; without, an overview.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let Some(rules) = &options.rules else {
        let mines = options.templates || options.templates_out.is_some();
        return if mines { crate::log_templates::run(options) } else { crate::log_overview::run(options) };
    };
    let (rules, errors) = Rules::load(&files(rules)?);
    let (matches, excerpts) = scan(options, &rules)?;
    let text = match options.format {
        LogsFormat::Json => as_json(&matches, &excerpts, &errors),
        LogsFormat::Terminal => as_text(&options.file, &rules, &matches, &excerpts, &errors),
    };
    deliver(&text, options.output.as_deref())?;
    Ok(match (errors.is_empty(), matches.is_empty()) {
        (false, _) => ExitCode::from(2),
        (true, false) => ExitCode::from(1),
        (true, true) => ExitCode::SUCCESS,
    })
}

/// The rules files by name and text.
fn files(at: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let missing =
        || Mistake::error(format!("no rules at {}", at.display()), "give a YAML file of rules, or a folder of them");
    let mut paths = Vec::new();
    if at.is_dir() {
        for entry in fs::read_dir(at).with_context(|| format!("cannot read {}", at.display()))? {
            paths.push(entry?.path());
        }
        paths.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"));
        paths.sort();
    } else if at.is_file() {
        paths.push(at.to_owned());
    }
    if paths.is_empty() {
        return Err(missing());
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    paths.into_iter().map(read).collect()
}

/// What is assumed of times that do not say it, and when the file was last written.
pub(crate) fn assumptions(options: &LogsOptions) -> (Assume, Option<Timestamp>) {
    let assume = Assume { timezone: options.timezone.clone(), year: options.assume_year, ..Assume::default() };
    let modified =
        fs::metadata(&options.file).and_then(|m| m.modified()).ok().and_then(|at| Timestamp::try_from(at).ok());
    (assume, modified)
}

/// Makes the reader of a log from its first lines, then gives it all of them.
pub(crate) fn each_line<R>(
    options: &LogsOptions,
    reader: &mut Option<R>,
    make: impl Fn(&[String]) -> R,
    mut take: impl FnMut(&mut R, &str),
) -> anyhow::Result<()> {
    let mut head: Vec<String> = Vec::new();
    let begin = |head: &mut Vec<String>, take: &mut dyn FnMut(&mut R, &str)| {
        let mut made = make(head);
        head.drain(..).for_each(|line| take(&mut made, &line));
        made
    };
    let read = firstfault_gather::each_line(&options.file, &mut |line| match reader {
        Some(reader) => take(reader, line),
        None => {
            head.push(line.to_owned());
            if head.len() >= HEAD {
                *reader = Some(begin(&mut head, &mut take));
            }
        }
    });
    read.map_err(|e| {
        Mistake::error(
            format!("cannot read {}: {e}", options.file.display()),
            "give a log file, or `-` for standard input",
        )
    })?;
    if reader.is_none() {
        *reader = Some(begin(&mut head, &mut take));
    }
    Ok(())
}

/// One pass over the log: what fired, and the first lines of the records that are shown.
fn scan(options: &LogsOptions, rules: &Rules) -> anyhow::Result<(Vec<Match>, Excerpts)> {
    let (assume, modified) = assumptions(options);
    let mut matcher = Matcher::new(rules);
    let mut joiner = None;
    each_line(
        options,
        &mut joiner,
        |head| Joiner::new(&assume, modified, &head.join("\n")),
        |joiner, line| joiner.line(line, |r| matcher.record(r.time, &r.text, r.line)),
    )?;
    if let Some(joiner) = joiner {
        joiner.finish(|r| matcher.record(r.time, &r.text, r.line));
    }
    let matches = matcher.finish();
    let excerpts = Excerpts::read(&options.file, &matches);
    Ok((matches, excerpts))
}

/// The lines that are shown, masked; read in a second pass, so that none is held in the first.
struct Excerpts(Vec<(u32, String)>);

impl Excerpts {
    fn read(file: &Path, matches: &[Match]) -> Self {
        let mut wanted: Vec<u32> = matches.iter().flat_map(|m| m.lines.iter().copied()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut lines = Vec::new();
        // Standard input cannot be read twice.
        if !wanted.is_empty() && file != Path::new("-") {
            let (mut number, mut next) = (0, 0);
            let _ = firstfault_gather::each_line(file, &mut |line| {
                number += 1;
                if wanted.get(next) == Some(&number) {
                    lines.push((number, Masked::new(line).to_string()));
                    next += 1;
                }
            });
        }
        Self(lines)
    }

    fn of(&self, line: u32) -> &str {
        self.0.binary_search_by_key(&line, |(n, _)| *n).map_or("", |i| self.0[i].1.as_str())
    }
}

fn as_json(matches: &[Match], excerpts: &Excerpts, errors: &[RuleError]) -> String {
    let time = |t: Option<Timestamp>| t.map_or(Value::Null, |t| Value::String(t.to_string()));
    let matches: Vec<Value> = matches
        .iter()
        .map(|m| {
            let evidence: Vec<Value> =
                m.lines.iter().map(|&line| json!({"line": line, "excerpt": excerpts.of(line)})).collect();
            json!({
                "rule": m.rule, "title": m.title, "severity": m.severity, "count": m.count,
                "first": time(m.first), "last": time(m.last), "evidence": evidence,
            })
        })
        .collect();
    let errors: Vec<Value> =
        errors.iter().map(|e| json!({"file": e.file, "line": e.line, "rule": e.rule, "error": e.what})).collect();
    let mut text = serde_json::to_string_pretty(&json!({"matches": matches, "rule_errors": errors}))
        .expect("plain data with text keys");
    text.push('\n');
    text
}

fn as_text(file: &Path, rules: &Rules, matches: &[Match], excerpts: &Excerpts, errors: &[RuleError]) -> String {
    let mut out = String::new();
    for error in errors {
        let rule = error.rule.as_deref().unwrap_or("no rule");
        let _ = writeln!(out, "rejected: {}:{}: {rule}: {}", error.file, error.line, error.what);
    }
    for found in matches {
        let times = match (found.first, found.last) {
            (Some(first), Some(last)) if first != last => format!(", {first} to {last}"),
            (Some(first), _) => format!(", {first}"),
            _ => String::new(),
        };
        let _ = writeln!(out, "{} {} ({} times{times})", found.rule, found.title, found.count);
        for &line in found.lines.iter().take(3) {
            let _ = writeln!(out, "  {}:{line}  {}", file.display(), excerpts.of(line));
        }
    }
    let _ = writeln!(out, "{} of {} rules fired", matches.len(), rules.len());
    out
}
