//! `firstfault history`: the memory of cases on the command line.

mod arguments;
mod words;

use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use firstfault_learn::history::{
    self as memory, Confirmed, Document, Error, Filter, History, Imported, Line, Outline, Progress, Reader, Remarks,
    Slo, Verdict,
};
use firstfault_model::case::Status;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arguments::Evidence;
use crate::evidence::{holds_case, open};
use crate::explain::load;
use crate::mistake::Mistake;

pub(crate) use arguments::History as Options;
use arguments::{Action, Add, Choice, HistoryFormat, Said, Similar, Stats, StatusWord};

/// Runs one of the actions.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let file = options.file.clone().map_or_else(usual_file, Ok)?;
    let format = options.format;
    match &options.action {
        Action::Add(add) => self::add(&file, format, add),
        Action::Remark { id, said, catalog } => remark(&file, format, *id, said, catalog.as_deref()),
        Action::Import { lines } => import(&file, format, lines),
        reading => {
            let mut reader = Reader::open(&file).map_err(told)?;
            read(&mut reader, format, reading)?;
            ending(&mut reader, &file)
        }
    }
}

/// What only reads.
fn read(reader: &mut Reader, format: HistoryFormat, action: &Action) -> anyhow::Result<()> {
    match action {
        Action::List(choice) => {
            let cases = chosen(reader, choice)?;
            print(format, || words::list(&cases), || json!({ "cases": cases }), reader.damage())
        }
        Action::Show { id } => {
            let record = reader.ask(|history| history.record(*id)).map_err(told)?;
            let Some(record) = record else { return Err(no_case(*id)) };
            let line = Line::of(&record).map_err(told)?;
            let damage = reader.damage();
            print(format, || words::show(&record), || serde_json::to_value(&line).unwrap_or(Value::Null), damage)
        }
        Action::Search { words: wanted, limit } => {
            let text = wanted.join(" ");
            let hits = reader.ask(|history| history.search(&text, *limit)).map_err(told)?;
            print(format, || words::hits(&hits), || json!({ "hits": hits }), reader.damage())
        }
        Action::Similar(similar) => self::similar(reader, format, similar),
        Action::Stats(stats) => self::stats(reader, format, stats),
        Action::Export(choice) => export(reader, choice),
        Action::Check => {
            let problems = reader.ask(History::check).map_err(told)?;
            let sound = problems.is_empty() && reader.damage().is_empty();
            let text = if sound { "the history is sound\n".to_owned() } else { lines(&problems) };
            print(format, || text, || json!({ "problems": problems }), reader.damage())?;
            if problems.is_empty() {
                return Ok(());
            }
            Err(Mistake::error(format!("{} places are damaged", problems.len()), SAVE_THE_REST))
        }
        Action::Add(_) | Action::Remark { .. } | Action::Import { .. } => Ok(()),
    }
}

const SAVE_THE_REST: &str = "save what can be read: `firstfault history export > cases.jsonl`, then `history import cases.jsonl` into a new file";

/// Damage is said after the answer, and the exit code tells of it.
fn ending(reader: &mut Reader, file: &Path) -> anyhow::Result<ExitCode> {
    for line in reader.damage() {
        anstream::eprintln!("warning: {line}");
    }
    if reader.damage().is_empty() {
        if !file.exists() {
            anstream::eprintln!(
                "note: there is no history at {} yet; `firstfault history add` begins it",
                file.display()
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    anstream::eprintln!("hint: {SAVE_THE_REST}");
    Ok(ExitCode::from(2))
}

fn usual_file() -> anyhow::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(file) = set("FIRSTFAULT_HISTORY") {
        return Ok(file);
    }
    let data = set("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
    let local = || set("LOCALAPPDATA").or_else(|| Some(std::env::home_dir()?.join(".local/share")));
    let folder = data.or_else(local).ok_or_else(|| {
        Mistake::error("it is not known where to keep the history", "name a file with --file or $FIRSTFAULT_HISTORY")
    })?;
    Ok(folder.join("firstfault/history.sqlite"))
}

/// An error of the memory, with what to do about it.
fn told(error: Error) -> anyhow::Error {
    let hint = match &error {
        Error::NotAHistory { .. } => "name another file with --file or $FIRSTFAULT_HISTORY; this one was left as it is",
        Error::NoDatabase => "name another file with --file, or see with `firstfault history list` what is left in it",
        Error::Newer { .. } => "use the firstfault that wrote it, or name another file with --file",
        Error::Damaged(_) => SAVE_THE_REST,
        Error::Busy => "try again when the other process has ended",
        Error::NoCase(_) => "save a case with `firstfault investigate PATH --format json --output FILE`",
        Error::NoWord => "give at least one word with a letter or a digit",
        Error::Sqlite(_) | Error::Io(_) => return anyhow::Error::new(error),
    };
    Mistake::error(error.to_string(), hint)
}

fn no_case(id: i64) -> anyhow::Error {
    Mistake::error(format!("there is no case {id}"), "`firstfault history list` shows all of them")
}

/// Opens the file for writing; its folder is made.
fn open_to_write(file: &Path) -> anyhow::Result<History> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    History::open(file).map_err(told).with_context(|| format!("cannot write to {}", file.display()))
}

/// The saved cases that the paths name, or else the one that is made of the evidence there.
fn documents(evidence: &Evidence) -> anyhow::Result<Vec<Document>> {
    if !evidence.paths.iter().all(|path| holds_case(path)) {
        return Ok(vec![Document::of(&open(evidence)?.case).map_err(told)?]);
    }
    let one = |path: &PathBuf| {
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let value = serde_json::from_slice(&text).map_err(|error| Error::NoCase(error.to_string()));
        value.and_then(Document::from_value).map_err(told).with_context(|| format!("cannot read {}", path.display()))
    };
    evidence.paths.iter().map(one).collect()
}

fn add(file: &Path, format: HistoryFormat, add: &Add) -> anyhow::Result<ExitCode> {
    let said = remarks(&add.said, add.evidence.catalog.as_deref())?;
    let documents = documents(&add.evidence)?;
    let mut history = open_to_write(file)?;
    for document in documents {
        let added = history.add(&document, &said, Timestamp::now()).map_err(told)?;
        say_added(format, &history, added)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn remark(
    file: &Path,
    format: HistoryFormat,
    id: i64,
    said: &Said,
    catalog: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let said = remarks(said, catalog)?;
    if !file.exists() {
        return Err(no_case(id));
    }
    let mut history = open_to_write(file)?;
    let added = history.remark(id, &said).map_err(told)?.ok_or_else(|| no_case(id))?;
    say_added(format, &history, added)?;
    Ok(ExitCode::SUCCESS)
}

fn say_added(format: HistoryFormat, history: &History, added: memory::Added) -> anyhow::Result<()> {
    let outline = history.outline(added.id()).map_err(told)?.ok_or_else(|| no_case(added.id()))?;
    let result = words::result(added);
    print(format, || words::added(added, &outline), || json!({ "result": result, "case": outline }), &[])
}

fn remarks(said: &Said, catalog: Option<&Path>) -> anyhow::Result<Remarks> {
    let (detected, diagnosed) = (time(said.detected.as_deref())?, time(said.diagnosed.as_deref())?);
    let mended = time(said.mended.as_deref())?;
    if let (Some(detected), Some(mended)) = (detected, mended)
        && mended < detected
    {
        let what = "it was well again before it was noticed";
        return Err(Mistake::error(what, "give --mended a time after --detected"));
    }
    let verdict = match &said.confirmed {
        Some(id) => {
            let catalog = load(catalog)?;
            let mode = catalog.modes.get(id).ok_or_else(|| {
                Mistake::error(format!("no failure mode `{id}`"), "`firstfault catalog list` shows all of them")
            })?;
            Verdict::Confirmed(Confirmed { failure_mode: mode.id.clone(), area: mode.area.clone() })
        }
        None if said.wrong => Verdict::Wrong,
        None => Verdict::Unknown,
    };
    let (notes, tags) = (said.note.clone(), said.tag.iter().cloned().collect());
    Ok(Remarks { detected, diagnosed, mended, resolved: said.resolved, verdict, notes, tags })
}

fn time(text: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let mistake = |_| Mistake::error(format!("`{text}` is no time"), "write it as 2026-11-24T14:32:00Z");
    text.parse().map(Some).map_err(mistake)
}

fn filter(choice: &Choice) -> anyhow::Result<Filter> {
    Ok(Filter {
        failure_mode: choice.mode.clone(),
        area: choice.area.clone(),
        entity: choice.entity.clone(),
        severity: choice.severity,
        status: choice.status.map(|status| match status {
            StatusWord::Incident => Status::Incident,
            StatusWord::Healthy => Status::Healthy,
            StatusWord::Insufficient => Status::Insufficient,
        }),
        tag: choice.tag.clone(),
        since: time(choice.since.as_deref())?,
        until: time(choice.until.as_deref())?,
        progress: match (choice.open, choice.closed) {
            (true, _) => Some(Progress::Open),
            (_, true) => Some(Progress::Resolved),
            _ => None,
        },
    })
}

fn chosen(reader: &mut Reader, choice: &Choice) -> anyhow::Result<Vec<Outline>> {
    let filter = filter(choice)?;
    let mut cases = reader.ask(History::outlines).map_err(told)?;
    cases.retain(|case| filter.admits(case));
    Ok(cases)
}

fn similar(reader: &mut Reader, format: HistoryFormat, options: &Similar) -> anyhow::Result<()> {
    let documents = documents(&options.evidence)?;
    let [asked] = &documents[..] else {
        return Err(Mistake::error("several cases were given", "compare one case at a time"));
    };
    let (found, itself) = reader
        .ask(|history| Ok((history.similar(asked, options.least, options.limit)?, history.known(asked)?)))
        .map_err(told)?;
    let data = || json!({ "weights": memory::WEIGHTS, "itself": itself, "similar": found });
    print(format, || words::similar(&found, itself, options.least), data, reader.damage())
}

fn stats(reader: &mut Reader, format: HistoryFormat, options: &Stats) -> anyhow::Result<()> {
    let slo = match options.slo {
        Some(percent) if !(0.0..100.0).contains(&percent) => {
            return Err(Mistake::error(
                format!("an objective of {percent} % leaves no budget"),
                "give one like --slo 99.9",
            ));
        }
        Some(percent) => Some(Slo { percent, days: options.days, until: time(options.choice.until.as_deref())? }),
        None => None,
    };
    if !(options.days > 0.0 && options.days < 36_600.0 && options.again_within >= 0.0) {
        return Err(Mistake::error("a number of days must be above 0", "give one like --days 30"));
    }
    let cases = chosen(reader, &options.choice)?;
    let found = memory::statistics(&cases, options.again_within, slo);
    print(format, || words::statistics(&found), || json!({ "statistics": found }), reader.damage())
}

/// One line a case; damage that is met on the way costs only the cases that it hit.
fn export(reader: &mut Reader, choice: &Choice) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for case in chosen(reader, choice)? {
        let Some(record) = reader.ask(|history| history.record(case.id)).map_err(told)? else { continue };
        serde_json::to_writer(&mut out, &Line::of(&record).map_err(told)?).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn import(file: &Path, format: HistoryFormat, lines: &Path) -> anyhow::Result<ExitCode> {
    let mut history = open_to_write(file)?;
    let input: Box<dyn std::io::Read> = if lines == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(lines).with_context(|| format!("cannot read {}", lines.display()))?)
    };
    let (mut refused, mut out) = (0, std::io::stdout().lock());
    memory::import(&mut history, &mut BufReader::new(input), |line| {
        match line {
            Imported::Kept(added) if format == HistoryFormat::Json => {
                writeln!(out, "{}", json!({ "result": words::result(*added), "id": added.id() }))?;
            }
            Imported::Kept(added) => writeln!(out, "case {}: {}", added.id(), words::result(*added))?,
            Imported::Refused(number, why) => {
                refused += 1;
                anstream::eprintln!("warning: line {number} is no case: {why}");
            }
        }
        // Whoever reads this may rely on it at once.
        Ok(out.flush()?)
    })
    .map_err(told)?;
    Ok(ExitCode::from(if refused == 0 { 0 } else { 2 }))
}

fn lines(of: &[String]) -> String {
    of.iter().map(|line| format!("{line}\n")).collect()
}

/// Prints words or data; data says as well what is damaged.
fn print(
    format: HistoryFormat,
    words: impl FnOnce() -> String,
    data: impl FnOnce() -> Value,
    damage: &[String],
) -> anyhow::Result<()> {
    let text = match format {
        HistoryFormat::Terminal => words(),
        HistoryFormat::Json => {
            let mut data = data();
            if let Some(fields) = data.as_object_mut() {
                fields.entry("schema").or_insert(json!(memory::SCHEMA));
                if !damage.is_empty() {
                    fields.insert("damage".to_owned(), json!(damage));
                }
            }
            serde_json::to_string_pretty(&data)? + "\n"
        }
    };
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
