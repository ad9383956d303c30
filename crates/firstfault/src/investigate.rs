use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use firstfault_act::Audience;
use firstfault_model::case::{Case, Status};
use firstfault_report::Style;

use crate::arguments::{Format, Investigate};
use crate::evidence::{Investigated, Progress, investigate};

/// `firstfault investigate`: gather, observe, diagnose, report.
pub(crate) fn run(options: &Investigate) -> anyhow::Result<ExitCode> {
    let progress = if options.quiet { Progress::Silent } else { Progress::Shown };
    let Investigated { mut case, catalog, .. } = investigate(&options.evidence, options.rules.as_deref(), progress)?;
    if let Some(file) = &options.output {
        case.evidence.paths = lies_at(&options.evidence.paths, file);
    }
    let mut text = render(options, &case);
    let whole = options.format == Format::Terminal && !options.quiet && !options.explain_coverage;
    if whole {
        text.push_str(&crate::next::lines(&case, &catalog, &options.evidence.paths));
    }
    if options.format == Format::Markdown && case.status == Status::Incident {
        let message = firstfault_act::message(&case, Audience::Customers, firstfault_act::Progress::of(&case));
        text.push_str(&format!("\n*Status message*: {message}"));
    }
    print(options, &text)?;
    Ok(ExitCode::from(match case.status {
        Status::Healthy => 0,
        Status::Incident => 1,
        Status::Insufficient => 3,
    }))
}

/// Where evidence lies, seen from the folder of the file that the case is saved in.
fn lies_at(evidence: &[PathBuf], file: &Path) -> Vec<String> {
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else { return Vec::new() };
    let seen = evidence.iter().filter_map(|path| Some(from(&folder, &path.canonicalize().ok()?)));
    seen.map(|path| path.display().to_string()).collect()
}

/// The relative path from a folder to a place; both are absolute and have no links.
fn from(folder: &Path, place: &Path) -> PathBuf {
    let shared = folder.components().zip(place.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Path::new("..").to_path_buf());
    let down = place.components().skip(shared).map(|c| PathBuf::from(c.as_os_str()));
    let path: PathBuf = up.chain(down).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

fn render(options: &Investigate, case: &Case) -> String {
    if options.explain_coverage && options.format == Format::Terminal {
        return firstfault_report::coverage(case);
    }
    match options.format {
        Format::Json => firstfault_report::json(case),
        Format::Markdown => firstfault_report::markdown(case),
        Format::Html => firstfault_report::html(case),
        Format::Terminal if options.quiet => firstfault_report::quiet(case),
        Format::Terminal => firstfault_report::terminal(case, if options.why { Style::Why } else { Style::Short }),
    }
}

fn print(options: &Investigate, text: &str) -> anyhow::Result<()> {
    let plain = || anstream::adapter::strip_str(text).to_string();
    if let Some(path) = &options.output {
        return std::fs::write(path, plain()).with_context(|| format!("cannot write {}", path.display()));
    }
    if options.no_color || options.format != Format::Terminal {
        std::io::stdout().lock().write_all(plain_or(options, text, plain).as_bytes())?;
    } else {
        anstream::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Only the terminal report holds escape codes.
fn plain_or(options: &Investigate, text: &str, plain: impl Fn() -> String) -> String {
    if options.format == Format::Terminal { plain() } else { text.to_owned() }
}
