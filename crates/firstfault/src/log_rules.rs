//! `firstfault logs PATH… --rules FILE|DIR`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use firstfault_gather::LeftOut;
use firstfault_logs::Joiner;
use firstfault_logs::cre::{Match, Matcher, RuleError, Rules};
use firstfault_model::Masked;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log_files::{LogFile, each_log, left_out_json, left_out_text};
use crate::logs::{LogsFormat, LogsOptions};
use crate::output::deliver;

/// Exit code 1 where a rule fired, 0 where none did, 2 where one was rejected.
pub(crate) fn run(options: &LogsOptions, rules: &Path) -> anyhow::Result<ExitCode> {
    let (rules, errors) = crate::rules::load(rules)?;
    let (scanned, left_out) = scan(options, &rules)?;
    let text = match options.format {
        LogsFormat::Json => as_json(options, &scanned, &left_out, &errors),
        LogsFormat::Terminal => as_text(&rules, &scanned, &left_out, &errors),
    };
    deliver(&text, options.output.as_deref())?;
    Ok(match (errors.is_empty(), scanned.iter().all(|s| s.matches.is_empty())) {
        (false, _) => ExitCode::from(2),
        (true, false) => ExitCode::from(1),
        (true, true) => ExitCode::SUCCESS,
    })
}

/// What fired in one log.
struct Scanned {
    path: String,
    matches: Vec<Match>,
    excerpts: Excerpts,
}

/// One pass over each log: what fired, and the first lines of the records that are shown.
fn scan(options: &LogsOptions, rules: &Rules) -> anyhow::Result<(Vec<Scanned>, Vec<LeftOut>)> {
    let assume = options.assume();
    let mut scanned = Vec::new();
    let left_out = each_log(options, &mut |log| {
        let mut matcher = Matcher::new(rules);
        let modified = log.modified;
        let joiner = log.read(
            |head| Joiner::new(&assume, modified, &head.join("\n")),
            |joiner, line| joiner.line(line, |r| matcher.record(r.time, &r.text, r.line)),
        )?;
        joiner.finish(|r| matcher.record(r.time, &r.text, r.line));
        let path = log.path.clone();
        scanned.push(Scanned { path, matches: matcher.finish(), excerpts: Excerpts::default() });
        Ok(())
    })?;
    // Standard input cannot be read twice.
    if scanned.iter().any(|s| !s.matches.is_empty()) && options.paths != [Path::new("-")] {
        let mut logs = scanned.iter_mut();
        each_log(options, &mut |log| {
            let Some(scanned) = logs.find(|s| s.path == log.path).filter(|s| !s.matches.is_empty()) else {
                return Ok(());
            };
            scanned.excerpts = Excerpts::read(log, &scanned.matches)?;
            Ok(())
        })?;
    }
    Ok((scanned, left_out))
}

/// The lines that are shown, masked; read in a second pass, so that none is held in the first.
#[derive(Default)]
struct Excerpts(Vec<(u32, String)>);

impl Excerpts {
    fn read(log: &mut LogFile<'_>, matches: &[Match]) -> io::Result<Self> {
        let mut wanted: Vec<u32> = matches.iter().flat_map(|m| m.lines.iter().copied()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut lines = Vec::new();
        let (mut number, mut next) = (0, 0);
        log.each_line(&mut |line| {
            number += 1;
            if wanted.get(next) == Some(&number) {
                lines.push((number, Masked::new(line).to_string()));
                next += 1;
            }
        })?;
        Ok(Self(lines))
    }

    fn of(&self, line: u32) -> &str {
        self.0.binary_search_by_key(&line, |(n, _)| *n).map_or("", |i| self.0[i].1.as_str())
    }
}

fn matches_json(scanned: &Scanned) -> Value {
    let time = |t: Option<Timestamp>| t.map_or(Value::Null, |t| Value::String(t.to_string()));
    let of = |m: &Match| {
        let evidence: Vec<Value> =
            m.lines.iter().map(|&line| json!({"line": line, "excerpt": scanned.excerpts.of(line)})).collect();
        json!({
            "rule": m.rule, "title": m.title, "severity": m.severity, "count": m.count,
            "first": time(m.first), "last": time(m.last), "evidence": evidence,
        })
    };
    scanned.matches.iter().map(of).collect()
}

/// One log's matches on their own, those of several by file.
fn as_json(options: &LogsOptions, scanned: &[Scanned], left_out: &[LeftOut], errors: &[RuleError]) -> String {
    let errors: Vec<Value> =
        errors.iter().map(|e| json!({"file": e.file, "line": e.line, "rule": e.rule, "error": e.what})).collect();
    let answer = match scanned {
        [one] if options.one().is_some() => json!({"matches": matches_json(one), "rule_errors": errors}),
        several => {
            let files: Vec<Value> =
                several.iter().map(|s| json!({"file": s.path, "matches": matches_json(s)})).collect();
            json!({"files": files, "left_out": left_out_json(left_out), "rule_errors": errors})
        }
    };
    let mut text = serde_json::to_string_pretty(&answer).expect("plain data with text keys");
    text.push('\n');
    text
}

fn as_text(rules: &Rules, scanned: &[Scanned], left_out: &[LeftOut], errors: &[RuleError]) -> String {
    let mut out = String::new();
    for error in errors {
        let rule = error.rule.as_deref().unwrap_or("no rule");
        let _ = writeln!(out, "rejected: {}:{}: {rule}: {}", error.file, error.line, error.what);
    }
    let mut fired = BTreeSet::new();
    for Scanned { path, matches, excerpts } in scanned {
        for found in matches {
            fired.insert(&found.rule);
            let times = match (found.first, found.last) {
                (Some(first), Some(last)) if first != last => format!(", {first} to {last}"),
                (Some(first), _) => format!(", {first}"),
                _ => String::new(),
            };
            let _ = writeln!(out, "{} {} ({} times{times})", found.rule, found.title, found.count);
            for &line in found.lines.iter().take(3) {
                let _ = writeln!(out, "  {path}:{line}  {}", excerpts.of(line));
            }
        }
    }
    out += &left_out_text(left_out);
    let _ = writeln!(out, "{} of {} rules fired", fired.len(), rules.len());
    out
}
