//! `firstfault logs PATH…`: what logs hold.

use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;
use std::thread;

use firstfault_gather::LeftOut;
use firstfault_logs::live::Kind;
use firstfault_logs::{Digest, DigestBuilder, Ingested, Level, Miner, Template, Totals};
use firstfault_model::Masked;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::log_changes::Changes;
use crate::log_files::{each_log, left_out_json, left_out_text};
use crate::log_known::Known;
use crate::log_templates::Templates;
use crate::log_words::first_line;
use crate::logs::{LogsFormat, LogsOptions};
use crate::output::{deliver, deliver_json};

/// Templates shown at a terminal.
const MOST_SHOWN: usize = 10;
/// Files shown at a terminal.
const MOST_FILES: usize = 40;

/// One log's numbers.
pub(crate) struct Read {
    pub(crate) path: String,
    pub(crate) source: String,
    pub(crate) totals: Totals,
}

/// Reads each log once and prints what they hold.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let (assume, window) = (options.assume(), options.window()?);
    let catalog = crate::explain::load(None)?;
    let signatures = crate::evidence::signatures(&catalog);
    let mut logs: Vec<Read> = Vec::new();
    let mut digests: Vec<(String, Digest)> = Vec::new();
    let mut mined: Option<Miner> = None;
    let left_out = each_log(options, &mut |log| {
        let Ingested { digest, totals, miner } = thread::scope(|scope| {
            let mut builder = DigestBuilder::beside(scope, &signatures, &assume, log.modified).with_totals();
            log.each_line(&mut |line| builder.line(line))?;
            Ok::<_, io::Error>(builder.ingested())
        })?;
        digests.push((log.path.clone(), digest));
        logs.push(Read { path: log.path.clone(), source: log.source.clone(), totals });
        add(&mut mined, miner);
        Ok(())
    })?;
    let said =
        Said { changes: Changes::of(&digests, window), known: Known::of(&digests, &signatures), new: Vec::new() };
    print(options, &logs, mined, &left_out, &said)
}

/// Joins the miners of several logs.
pub(crate) fn add(mined: &mut Option<Miner>, miner: Miner) {
    match mined {
        Some(all) => all.absorb(miner),
        None => *mined = Some(miner),
    }
}

/// What logs say, beside their numbers and templates.
pub(crate) struct Said<'d> {
    pub(crate) changes: Changes<'d>,
    pub(crate) known: Known<'d>,
    /// Kinds of message that came after what is usual was learned, in logs that were watched.
    pub(crate) new: Vec<Kind>,
}

/// Prints what logs hold.
pub(crate) fn print(
    options: &LogsOptions,
    logs: &[Read],
    mined: Option<Miner>,
    left_out: &[LeftOut],
    said: &Said<'_>,
) -> anyhow::Result<ExitCode> {
    let templates = mined.map_or_else(Vec::new, |miner| miner.finish().templates);
    let one = options.one().is_some();
    let file = options.output.as_deref();
    match options.format {
        LogsFormat::Json => {
            let numbers = match logs {
                [log] if one => numbers(&log.totals),
                several => of_several(several, left_out),
            };
            let (changes, known) = (said.changes.as_json(), said.known.as_json());
            deliver_json(&Answer { numbers, changes, known, templates: Templates(&templates) }, file)
        }
        LogsFormat::Terminal => {
            let text = match logs {
                [log] if one => as_text(log, &templates),
                several => several_as_text(several, left_out, &templates),
            };
            deliver(&(text + &as_words(said)), file)
        }
    }
}

fn as_words(said: &Said<'_>) -> String {
    let mut out = String::new();
    for kind in &said.new {
        let _ = writeln!(out, "{:>10}  new: {}", kind.count, first_line(kind.template.as_str()));
    }
    out + &said.known.as_text() + &said.changes.as_text()
}

fn sum(logs: &[Read]) -> Totals {
    let mut sum = Totals::default();
    logs.iter().for_each(|log| sum.add(&log.totals));
    sum
}

fn numbers(totals: &Totals) -> Map<String, Value> {
    let time = |t: Option<Timestamp>| t.map_or(Value::Null, |t| Value::String(t.to_string()));
    let levels: Map<String, Value> =
        totals.levels.iter().map(|(level, n)| (level_name(*level).to_owned(), json!(n))).collect();
    let Value::Object(numbers) = json!({
        "format": totals.format, "lines": totals.lines, "records": totals.records, "parsed": totals.parsed,
        "with_time": totals.with_time, "with_trace": totals.with_trace, "with_level": totals.with_level, "levels": levels,
        "first_time": time(totals.first), "last_time": time(totals.last),
    }) else {
        unreachable!("an object was written")
    };
    numbers
}

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'t> {
    #[serde(flatten)]
    numbers: Map<String, Value>,
    changes: Value,
    known: Value,
    templates: Templates<'t>,
}

/// The numbers of all logs, and of each.
fn of_several(logs: &[Read], left_out: &[LeftOut]) -> Map<String, Value> {
    let file = |log: &Read| {
        let mut numbers = numbers(&log.totals);
        numbers.insert("file".to_owned(), json!(log.path));
        numbers.insert("source".to_owned(), json!(log.source));
        Value::Object(numbers)
    };
    let mut all = numbers(&sum(logs));
    all.insert("files".to_owned(), logs.iter().map(file).collect());
    all.insert("left_out".to_owned(), left_out_json(left_out));
    all
}

pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warning",
        Level::Error => "error",
        Level::Fatal => "fatal",
    }
}

fn as_text(log: &Read, mined: &[Template]) -> String {
    let mut out = format!("{}: {}\n", log.path, log.totals.format);
    out += &counts(&log.totals);
    out + &most_frequent(mined)
}

fn several_as_text(logs: &[Read], left_out: &[LeftOut], mined: &[Template]) -> String {
    let mut out = format!("{} logs\n", logs.len());
    out += &counts(&sum(logs));
    let width = logs.iter().take(MOST_FILES).map(|log| log.path.chars().count()).max().unwrap_or(0);
    for Read { path, totals, .. } in logs.iter().take(MOST_FILES) {
        let _ = write!(out, "  {path:<width$}  {}, {} records", totals.format, totals.records);
        if let (Some(first), Some(last)) = (totals.first, totals.last) {
            let _ = write!(out, ", {first} to {last}");
        }
        let bad: u64 = totals.levels.iter().filter(|(level, _)| **level >= Level::Error).map(|(_, n)| n).sum();
        out += &if bad > 0 { format!(", {bad} errors\n") } else { "\n".to_owned() };
    }
    if logs.len() > MOST_FILES {
        let _ = writeln!(out, "  and {} more", logs.len() - MOST_FILES);
    }
    out += &left_out_text(left_out);
    out + &most_frequent(mined)
}

fn counts(totals: &Totals) -> String {
    let mut out = format!("  {} lines, {} records\n", totals.lines, totals.records);
    match (totals.first, totals.last) {
        (Some(first), Some(last)) => {
            let _ = writeln!(out, "  {first} to {last} ({} records have a time)", totals.with_time);
        }
        _ => out.push_str("  no times\n"),
    }
    let levels: Vec<String> =
        totals.levels.iter().rev().map(|(level, n)| format!("{n} {}", level_name(*level))).collect();
    if !levels.is_empty() {
        let _ = writeln!(out, "  by level: {}", levels.join(", "));
    }
    out
}

fn most_frequent(mined: &[Template]) -> String {
    let mut out = format!("  {} templates; `--templates` shows them\n", mined.len());
    for template in mined.iter().take(MOST_SHOWN) {
        let _ = writeln!(out, "{:>10}  {}", template.count, Masked::new(&template.typed()));
    }
    out
}
