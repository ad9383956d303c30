//! `firstfault logs PATH… --templates` and `--templates-out`.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::Context as _;
use firstfault_logs::{Mined, Miner, Mining, Template, Variable};
use firstfault_model::Masked;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::log_files::{each_log, left_out_json, left_out_text};
use crate::log_overview::add;
use crate::logs::{LogsFormat, LogsOptions};
use crate::output::{deliver, deliver_json};

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
    match options.format {
        LogsFormat::Json => {
            let several = options.one().is_none();
            let file = |(path, lines): &(String, usize)| json!({"file": path, "lines": lines});
            let answer = Answer {
                templates: Templates(&mined.templates),
                files: several.then(|| files.iter().map(file).collect()),
                left_out: several.then(|| left_out_json(&left_out)),
            };
            deliver_json(&answer, options.output.as_deref())
        }
        LogsFormat::Terminal => deliver(&(as_text(&mined) + &left_out_text(&left_out)), options.output.as_deref()),
    }
}

#[derive(Serialize)]
struct Answer<'t> {
    templates: Templates<'t>,
    /// Of several logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<Value>,
}

/// Templates as JSON: each is made when it is written.
pub(crate) struct Templates<'t>(pub(crate) &'t [Template]);

impl Serialize for Templates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown::of))
    }
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

#[derive(Serialize)]
struct Shown {
    id: String,
    count: u64,
    template: String,
    loki: String,
    drain: String,
    example: String,
    variables: Vec<ShownVariable>,
}

#[derive(Serialize)]
struct ShownVariable {
    r#type: &'static str,
    /// Values that were looked at.
    sampled: u64,
    top: Vec<ShownValue>,
    min: Option<f64>,
    max: Option<f64>,
}

#[derive(Serialize)]
struct ShownValue {
    value: String,
    count: u64,
}

impl Shown {
    fn of(template: &Template) -> Self {
        Self {
            id: template.id(),
            count: template.count,
            template: masked(&template.typed()),
            loki: masked(&template.loki()),
            drain: masked(&template.drain()),
            example: masked(&template.example),
            variables: template.variables.iter().map(ShownVariable::of).collect(),
        }
    }
}

impl ShownVariable {
    fn of(variable: &Variable) -> Self {
        let value = |(value, count): (&str, u64)| ShownValue { value: masked(value), count };
        let range = variable.range();
        Self {
            r#type: variable.value_type().name(),
            sampled: variable.seen(),
            top: variable.top().into_iter().take(MORE_VALUES).map(value).collect(),
            min: range.map(|r| r.0),
            max: range.map(|r| r.1),
        }
    }
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
