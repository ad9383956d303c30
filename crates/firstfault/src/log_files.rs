//! The logs that a command is given: one file, standard input, or all in some folders and archives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use firstfault_gather::{LeftOut, OpenLog, log_paths};
use firstfault_logs::lines;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log_words::visible;
use crate::logs::LogsOptions;
use crate::mistake::Mistake;

/// Lines of the beginning that tell what a log looks like.
const HEAD: usize = 200;
/// Files named at a terminal of those that were left out for one reason.
const MOST_SHOWN: usize = 3;

/// A log whose lines can be read once.
pub(crate) struct LogFile<'a> {
    /// As it is shown.
    pub(crate) path: String,
    /// Whose it is, as its path tells.
    pub(crate) source: String,
    /// When it was last written.
    pub(crate) modified: Option<Timestamp>,
    lines: Lines<'a>,
}

enum Lines<'a> {
    /// A file on its own, or standard input.
    One(&'a Path),
    Opened(OpenLog<'a>),
}

impl LogFile<'_> {
    /// Gives each line, without its line feed.
    pub(crate) fn each_line(&mut self, take: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.each_block(&mut |block| lines(block).for_each(&mut *take))
    }

    /// Gives the same lines, many at a time with their line feeds.
    pub(crate) fn each_block(&mut self, take: &mut dyn FnMut(&str)) -> io::Result<()> {
        match &mut self.lines {
            Lines::One(path) => firstfault_gather::each_block(path, take),
            Lines::Opened(log) => log.each_block(take),
        }
    }

    /// Makes the reader of the log from its first lines, then gives it all of them.
    pub(crate) fn read<R>(
        &mut self,
        make: impl Fn(&[String]) -> R,
        mut take: impl FnMut(&mut R, &str),
    ) -> io::Result<R> {
        let mut reader = None;
        let mut head: Vec<String> = Vec::new();
        let begin = |head: &mut Vec<String>, take: &mut dyn FnMut(&mut R, &str)| {
            let mut made = make(head);
            head.drain(..).for_each(|line| take(&mut made, &line));
            made
        };
        self.each_line(&mut |line| match &mut reader {
            Some(reader) => take(reader, line),
            None => {
                head.push(line.to_owned());
                if head.len() >= HEAD {
                    reader = Some(begin(&mut head, &mut take));
                }
            }
        })?;
        Ok(reader.unwrap_or_else(|| begin(&mut head, &mut take)))
    }
}

/// Opens each log in order of path; gives what was not read.
pub(crate) fn each_log(
    options: &LogsOptions,
    visit: &mut dyn FnMut(&mut LogFile<'_>) -> io::Result<()>,
) -> anyhow::Result<Vec<LeftOut>> {
    const HINT: &str = "give log files, folders or archives of them, or `-` alone for standard input";
    if let Some(path) = options.one() {
        let modified = path.metadata().and_then(|m| m.modified()).ok().and_then(|at| Timestamp::try_from(at).ok());
        let (shown, source) = (path.display().to_string(), firstfault_gather::log_source(path));
        let mut log = LogFile { path: shown, source, modified, lines: Lines::One(path) };
        let unreadable = |error| Mistake::error(format!("cannot read {}: {error}", path.display()), HINT);
        visit(&mut log).map_err(unreadable)?;
        return Ok(Vec::new());
    }
    let (paths, mut left_out) = log_paths(&options.paths).map_err(|error| Mistake::error(error.to_string(), HINT))?;
    for path in paths {
        let mut broken = Vec::new();
        let mut opened = |log: OpenLog<'_>| {
            let (path, source, modified) = (log.path.clone(), log.source.clone(), log.modified);
            let read = visit(&mut LogFile { path: path.clone(), source, modified, lines: Lines::Opened(log) });
            broken.extend(read.err().map(|error| LeftOut { path, why: format!("cannot be read: {error}") }));
        };
        path.open(&mut opened, &mut left_out);
        left_out.append(&mut broken);
    }
    Ok(left_out)
}

/// What was not read, for programs.
pub(crate) fn left_out_json(left_out: &[LeftOut]) -> Value {
    left_out.iter().map(|l| json!({"file": l.path, "why": l.why})).collect()
}

/// What was not read, for a person: a line for each reason.
pub(crate) fn left_out_text(left_out: &[LeftOut]) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for LeftOut { path, why } in left_out {
        by_reason.entry(why).or_default().push(path);
    }
    let mut out = String::new();
    for (why, paths) in by_reason {
        let mut named: Vec<String> = paths.iter().take(MOST_SHOWN).map(|path| visible(path)).collect();
        if paths.len() > MOST_SHOWN {
            named.push(format!("{} more", paths.len() - MOST_SHOWN));
        }
        let _ = writeln!(out, "not read, {why}: {}", named.join(", "));
    }
    out
}
