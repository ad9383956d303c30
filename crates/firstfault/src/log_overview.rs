//! `firstfault logs FILE`: what a log holds.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use firstfault_logs::{Level, Miner, Overview, Template, Totals};
use firstfault_model::Masked;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log_templates;
use crate::logs::{LogsFormat, LogsOptions, assumptions, each_line};
use crate::output::deliver;

/// Templates shown at a terminal.
const MOST_SHOWN: usize = 10;

/// Reads the log once and prints what it holds.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let (assume, modified) = assumptions(options);
    let mut reader = None;
    each_line(
        options,
        &mut reader,
        |head| (Overview::new(&assume, modified, head.iter().map(String::as_str)), Miner::new()),
        |(overview, miner), line| {
            overview.line(line);
            miner.line(line);
        },
    )?;
    let (totals, mined) = match reader {
        Some((overview, miner)) => (overview.finish(), miner.finish().templates),
        None => (Totals::default(), Vec::new()),
    };
    let text = match options.format {
        LogsFormat::Json => as_json(&totals, &mined),
        LogsFormat::Terminal => as_text(&options.file, &totals, &mined),
    };
    deliver(&text, options.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(totals: &Totals, mined: &[Template]) -> String {
    let time = |t: Option<Timestamp>| t.map_or(Value::Null, |t| Value::String(t.to_string()));
    let templates: Vec<Value> = mined.iter().map(log_templates::as_json).collect();
    let levels: serde_json::Map<String, Value> =
        totals.levels.iter().map(|(level, n)| (level_name(*level).to_owned(), json!(n))).collect();
    let mut text = serde_json::to_string_pretty(&json!({
        "format": totals.format, "lines": totals.lines, "records": totals.records, "parsed": totals.parsed,
        "with_time": totals.with_time, "with_trace": totals.with_trace, "with_level": totals.with_level, "levels": levels,
        "first_time": time(totals.first), "last_time": time(totals.last), "templates": templates,
    }))
    .expect("plain data with text keys");
    text.push('\n');
    text
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warning",
        Level::Error => "error",
        Level::Fatal => "fatal",
    }
}

fn as_text(file: &Path, totals: &Totals, mined: &[Template]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", file.display(), totals.format);
    let _ = writeln!(out, "  {} lines, {} records", totals.lines, totals.records);
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
    let _ = writeln!(out, "  {} templates; `--templates` shows them", mined.len());
    for template in mined.iter().take(MOST_SHOWN) {
        let _ = writeln!(out, "{:>10}  {}", template.count, Masked::new(&template.typed()));
    }
    out
}
