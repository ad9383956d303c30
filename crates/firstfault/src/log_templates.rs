//! `firstfault logs PATH… --templates` and `--templates-out`.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::Context as _;
use firstfault_logs::{Mined, Miner, Mining, Template, Variable};
use firstfault_model::Masked;
use serde_json::{Value, json};

use crate::log_files::{each_log, left_out_json, left_out_text};
use crate::log_overview::add;
use crate::logs::{LogsFormat, LogsOptions};
use crate::output::deliver;

/// Values shown for each place that varies.
const VALUES: usize = 3;
/// A value is frequent from this share in per cent.
const FREQUENT: f64 = 5.0;
/// Values written for each place as JSON.
const MORE_VALUES: usize = 16;

/// Mines the logs and prints their templates, or writes the template of each line.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let mut mined: Option<Miner> = None;
    let mut files: Vec<(String, usize)> = Vec::new();
    let left_out = each_log(options, &mut |log| {
        let (miner, count) = thread::scope(|scope| {
            let mut mining = Mining::new(scope, options.templates_out.is_some());
            log.each_block(&mut |block| mining.block(block))?;
            Ok::<_, io::Error>(mining.finish())
        })?;
        files.push((log.path.clone(), count));
        add(&mut mined, miner);
        Ok(())
    })?;
    let mined = mined.unwrap_or_default().finish();
    if let Some(file) = &options.templates_out {
        let one = options.one().is_some();
        write_lines(&mined, &files, one, file).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if !options.templates {
        return Ok(ExitCode::SUCCESS);
    }
    let text = match options.format {
        LogsFormat::Json => {
            let templates: Vec<Value> = mined.templates.iter().map(as_json).collect();
            let mut answer = json!({"templates": templates});
            if options.one().is_none() {
                let files: Vec<Value> =
                    files.iter().map(|(path, lines)| json!({"file": path, "lines": lines})).collect();
                answer["files"] = Value::Array(files);
                answer["left_out"] = left_out_json(&left_out);
            }
            let mut text = serde_json::to_string_pretty(&answer)?;
            text.push('\n');
            text
        }
        LogsFormat::Terminal => as_text(&mined) + &left_out_text(&left_out),
    };
    deliver(&text, options.output.as_deref())
}

/// `line,template_id,template`, one row a line, from 1; for several logs `file` comes first.
fn write_lines(mined: &Mined, files: &[(String, usize)], one: bool, file: &Path) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_path(file)?;
    let rows: Vec<(String, String)> = mined.templates.iter().map(|t| (t.id(), masked(&t.typed()))).collect();
    let columns = ["file", "line", "template_id", "template"];
    let from = usize::from(one);
    out.write_record(&columns[from..])?;
    let mut of_lines = mined.lines.iter();
    for (path, lines) in files {
        for (n, at) in of_lines.by_ref().take(*lines).enumerate() {
            if let Some((id, text)) = rows.get(*at as usize) {
                out.write_record(&[path, &(n + 1).to_string(), id, text][from..])?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn masked(text: &str) -> String {
    Masked::new(text).to_string()
}

pub(crate) fn as_json(template: &Template) -> Value {
    let variables: Vec<Value> = template
        .variables
        .iter()
        .map(|v| {
            let top: Vec<Value> = v
                .top()
                .iter()
                .take(MORE_VALUES)
                .map(|(value, count)| json!({"value": masked(value), "count": count}))
                .collect();
            let range = v.range();
            json!({
                "type": v.value_type().name(), "sampled": v.seen(), "top": top,
                "min": range.map(|r| r.0), "max": range.map(|r| r.1),
            })
        })
        .collect();
    json!({
        "id": template.id(), "count": template.count, "template": masked(&template.typed()),
        "loki": masked(&template.loki()), "drain": masked(&template.drain()), "example": masked(&template.example),
        "variables": variables,
    })
}

fn as_text(mined: &Mined) -> String {
    let lines: u64 = mined.templates.iter().map(|t| t.count).sum();
    let mut out =
        format!("{} templates in {lines} lines\n\n{:>10}  {:<16}  TEMPLATE\n", mined.templates.len(), "LINES", "ID");
    for template in &mined.templates {
        let _ = writeln!(out, "{:>10}  {}  {}", template.count, template.id(), masked(&template.typed()));
        for variable in &template.variables {
            let _ = writeln!(out, "{:30}<{}>  {}", "", variable.value_type().name(), values(variable));
        }
    }
    out
}

/// The span of numbers, and the values that are frequent, or one as an example.
fn values(variable: &Variable) -> String {
    let share = |count: u64| count as f64 * 100.0 / variable.seen().max(1) as f64;
    let top = variable.top();
    let frequent: Vec<String> = top
        .iter()
        .filter(|(_, count)| share(*count) >= FREQUENT)
        .take(VALUES)
        .map(|(value, count)| format!("{} ({:.0} %)", masked(value), share(*count)))
        .collect();
    let said = match (frequent.is_empty(), top.first()) {
        (true, Some((value, _))) => format!("many values, as {}", masked(value)),
        _ => frequent.join(", "),
    };
    match variable.range() {
        Some((low, high)) if low < high => format!("{low} to {high}; {said}"),
        _ => said,
    }
}
