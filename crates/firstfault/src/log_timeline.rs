//! `firstfault logs PATH… --around TIME`, `--trace ID`, `--grep REGEX`: one timeline over all logs.

use std::fmt::Write as _;
use std::process::ExitCode;

use firstfault_gather::LeftOut;
use firstfault_logs::{Around, Kept, Merged, Selection, Timeline};
use firstfault_model::shell;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::log_files::{each_log, left_out_json, left_out_text};
use crate::log_overview::level_name;
use crate::log_words::{counted, cut, first_line, visible};
use crate::logs::{LogsFormat, LogsOptions};
use crate::mistake::Mistake;
use crate::output::deliver;

/// Lines shown of a record below its first.
const MOST_LINES: usize = 20;
/// Sources named in the first line.
const MOST_SOURCES: usize = 8;
/// Columns of a source's name.
const WIDEST_SOURCE: usize = 32;

/// What is asked for, as it was typed and as it was read.
struct Asked<'o> {
    options: &'o LogsOptions,
    around: Option<Around>,
}

/// Reads the logs and prints the records that are asked for in order of time.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let asked = Asked { options, around: around(options)? };
    let selection = selection(options, asked.around.clone())?;
    let assume = options.assume();
    let mut timeline = Timeline::new(selection, options.limit);
    let left_out = each_log(options, &mut |log| {
        let (path, source) = (log.path.clone(), log.source.clone());
        let mut reading = timeline.log(&path, &source, &assume, log.modified);
        let read = log.each_line(&mut |line| reading.line(line));
        reading.finish();
        read
    })?;
    let merged = timeline.finish();
    one_day(&asked, &merged)?;
    let text = match options.format {
        LogsFormat::Json => asked.as_json(&merged, &left_out),
        LogsFormat::Terminal => asked.as_text(&merged, &left_out),
    };
    deliver(&text, options.output.as_deref())
}

fn around(options: &LogsOptions) -> anyhow::Result<Option<Around>> {
    let Some(text) = &options.around else { return Ok(None) };
    let within: SignedDuration = options
        .within
        .parse()
        .map_err(|_| Mistake::error(format!("`{}` is no duration", options.within), "write it as 30s, 5m or 1h"))?;
    let around = Around::parse(text, options.timezone.as_deref(), within).ok_or_else(|| {
        Mistake::error(
            format!("`{text}` is no time"),
            "write it as 2026-11-24T14:31:45Z, `2026-11-24 14:31:45` or 14:31:45; without a zone it is UTC, or what --timezone says",
        )
    })?;
    Ok(Some(around))
}

fn selection(options: &LogsOptions, around: Option<Around>) -> anyhow::Result<Selection> {
    Selection::new(around, options.trace.as_deref(), options.grep.as_deref()).map_err(|error| {
        let text = options.grep.as_deref().unwrap_or("");
        Mistake::error(
            format!("`{text}` cannot be searched for: {}", error.0),
            "put a backslash before ( [ { . * + ? | ^ $ that are meant as they stand",
        )
    })
}

/// A time of day is meant on one day.
fn one_day(asked: &Asked<'_>, merged: &Merged) -> anyhow::Result<()> {
    let days: Vec<String> = merged.days.iter().map(ToString::to_string).collect();
    let (Some(text), [first, _, ..]) = (&asked.options.around, &days[..]) else { return Ok(()) };
    Err(Mistake::error(
        format!("there are records around {text} on {} days: {}", days.len(), days[..days.len().min(5)].join(", ")),
        format!("say which day: --around {first}T{text}"),
    ))
}

impl Asked<'_> {
    fn as_json(&self, merged: &Merged, left_out: &[LeftOut]) -> String {
        let whole = self.reads_text();
        let records: Vec<Value> = merged.records.iter().map(|r| record_json(r, whole)).collect();
        let sources: Vec<Value> = merged
            .sources
            .iter()
            .map(|(name, s)| {
                json!({
                    "source": name.as_str(), "records": s.records, "errors": s.errors,
                    "first_time": time_json(s.first), "last_time": time_json(s.last),
                })
            })
            .collect();
        let answer = json!({
            "records": records, "omitted": merged.omitted, "sources": sources,
            "first_error": merged.first_error.as_ref().map(|r| record_json(r, whole)),
            "without_time": merged.timeless, "left_out": left_out_json(left_out), "next": self.next(merged),
        });
        let mut text = serde_json::to_string_pretty(&answer).expect("plain data with text keys");
        text.push('\n');
        text
    }

    fn as_text(&self, merged: &Merged, left_out: &[LeftOut]) -> String {
        let mut out = self.summary(merged);
        out.push('\n');
        let width = |r: &Kept| r.source.chars().count().min(WIDEST_SOURCE);
        let width = merged.records.iter().map(width).max().unwrap_or(0);
        for record in &merged.records {
            out += &record_text(record, width, self.reads_text());
        }
        if merged.omitted > 0 {
            let which = if self.around.is_some() { "further away" } else { "later" };
            let _ = writeln!(out, "{} more records, {which}; `--limit` shows more", merged.omitted);
        }
        if merged.timeless > 0 {
            let _ = writeln!(out, "{} records that would fit have no time", merged.timeless);
        }
        out += &left_out_text(left_out);
        if let Some(next) = self.next(merged) {
            let _ = writeln!(out, "next: {next}");
        }
        out
    }

    fn reads_text(&self) -> bool {
        self.options.trace.is_some() || self.options.grep.is_some()
    }

    /// What was asked for, in words.
    fn what(&self, merged: &Merged) -> String {
        let mut parts = Vec::new();
        if let Some(id) = &self.options.trace {
            parts.push(visible(id));
        }
        if let Some(grep) = &self.options.grep {
            parts.push(format!("`{}`", visible(grep)));
        }
        if let Some(around) = &self.around {
            let moment = around.moment(merged.days.first().copied()).map(|t| t.to_string());
            let moment = moment.or_else(|| self.options.around.clone()).unwrap_or_default();
            parts.push(format!("{:#} around {moment}", around.within()));
        }
        parts.join(", ")
    }

    fn summary(&self, merged: &Merged) -> String {
        let what = self.what(merged);
        let total = merged.records.len() as u64 + merged.omitted;
        if total == 0 {
            let mut text = format!("{what}: no record");
            if let Some((first, last)) = merged.span {
                let _ = write!(text, "; the logs are from {first} to {last}");
            }
            if let Some(nearest) = merged.nearest {
                let _ = write!(text, "; the nearest record is at {nearest}");
            }
            return text;
        }
        let mut sources: Vec<_> = merged.sources.iter().collect();
        sources.sort_by(|a, b| (a.1.first.is_none(), a.1.first, a.0).cmp(&(b.1.first.is_none(), b.1.first, b.0)));
        let mut named: Vec<String> =
            sources.iter().take(MOST_SOURCES).map(|(name, s)| format!("{} {}", visible(name), s.records)).collect();
        if sources.len() > MOST_SOURCES {
            named.push(format!("and {} more", sources.len() - MOST_SOURCES));
        }
        let mut text = format!("{what}: {}: {}", counted(total, "record"), named.join(", "));
        let first = merged.sources.values().filter_map(|s| s.first).min();
        let last = merged.sources.values().filter_map(|s| s.last).max();
        if let (Some(first), Some(last)) = (first, last) {
            let took = SignedDuration::from_millis(last.duration_since(first).as_millis() as i64);
            let _ = write!(text, "; {first}, {took:#} long");
        }
        match &merged.first_error {
            Some(error) => {
                let at = error.time.map(|t| format!(" at {t}")).unwrap_or_default();
                let _ = write!(
                    text,
                    "; first error{at} in {}: {} ({}:{})",
                    visible(&error.source),
                    first_line(error.message.as_str()),
                    visible(&error.file),
                    error.line
                );
            }
            None => text += "; no record says that it is an error",
        }
        text
    }

    /// The command that leads on: to the trace that the records name, or to what else happened at the first error.
    fn next(&self, merged: &Merged) -> Option<String> {
        let mut command = "firstfault logs".to_owned();
        for path in &self.options.paths {
            let _ = write!(command, " {}", shell::quote(&path.display().to_string()));
        }
        match (&self.options.trace, &merged.id, merged.first_error.as_ref().and_then(|e| e.time)) {
            (None, Some(id), _) => Some(format!("{command} --trace {}", shell::quote(id))),
            (Some(_), _, Some(at)) if self.around.is_none() => Some(format!("{command} --around {at}")),
            _ => None,
        }
    }
}

fn time_json(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |t| Value::String(t.to_string()))
}

fn record_json(record: &Kept, whole: bool) -> Value {
    let mut value = json!({
        "time": time_json(record.time), "level": record.level.map(level_name), "source": record.source.as_str(),
        "message": record.message.as_str(), "file": record.file.as_str(), "line": record.line, "lines": record.lines,
        "trace": record.trace, "span": record.span, "request": record.request,
    });
    if whole && record.lines > 1 {
        value["text"] = json!(record.text.as_str());
    }
    value
}

/// One line, and below it the rest of the record where that is wanted.
fn record_text(record: &Kept, width: usize, whole: bool) -> String {
    let time = record.time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default();
    let level = record.level.map_or("", level_name);
    let source: String = visible(&record.source).chars().take(WIDEST_SOURCE).collect();
    let message = first_line(record.message.as_str());
    let mut out =
        format!("{time:<24}  {level:<7}  {source:<width$}  {message}  {}:{}\n", visible(&record.file), record.line);
    if !whole {
        return out;
    }
    // A message in JSON may hold a stack trace in one line of the file.
    let (text, lines) =
        if record.lines > 1 { (record.text.as_str(), record.lines) } else { (record.message.as_str(), 0) };
    let rest: Vec<&str> = text.lines().skip(1).collect();
    for text in rest.iter().take(MOST_LINES) {
        let _ = writeln!(out, "    {}", cut(&visible(text)));
    }
    let more = (rest.len() as u64).max(lines.saturating_sub(1)).saturating_sub(MOST_LINES as u64);
    if more > 0 {
        let _ = writeln!(out, "    … {}", counted(more, "more line"));
    }
    out
}
