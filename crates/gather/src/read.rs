//! From files to yields: which reader reads what, on all cores, joined in order of path.

use std::fs;
use std::hash::Hasher as _;
use std::io::{BufReader, Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use firstfault_logs::Signatures;
use firstfault_model::{FileCoverage, Incident, Name, Place, Problem};

use crate::formats::{Chunk, Command, Context, Format, all};
use crate::input::{File, Inventory, LARGEST_WHOLE, Pending, clean, inventory};
use crate::retaken::{Begun, renew};
use crate::world::{World, Yield};
use crate::{assemble, command_line, incident, read_large, transcript};

/// Told the path of each file that is being read.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// What `gather` is told besides the paths.
#[derive(Clone, Default)]
pub struct Options {
    /// What was said on the command line; `incident.yaml` fills in the rest.
    pub incident: Incident,
    /// Known log messages.
    pub signatures: Arc<Signatures>,
    /// Called with the path of each file that is being read.
    pub progress: Option<Progress>,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A path that was given does not exist or cannot be opened.
    #[error("cannot read {path}: {error}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// One file's yield, its size and the hash of its bytes.
pub(crate) struct Read {
    pub(crate) path: Name,
    pub(crate) bytes: u64,
    pub(crate) hash: u64,
    pub(crate) yields: Yield,
}

/// A file above this is not held whole.
pub(crate) const LARGEST_TEXT: u64 = 32 << 20;

/// Reads all paths into one world.
///
/// # Errors
/// Only a path that does not exist or cannot be opened; what is inside never is an error.
pub fn gather(paths: &[PathBuf], options: &Options) -> Result<World, GatherError> {
    let mut all = Inventory::default();
    for path in paths {
        let unreadable = |error| GatherError::Unreadable { path: path.display().to_string(), error };
        let mut inventory = inventory(path).map_err(unreadable)?;
        if paths.len() > 1
            && let Some(name) = path.file_name().filter(|_| path.is_dir())
        {
            inventory.put_below(&name.to_string_lossy());
        }
        all.files.append(&mut inventory.files);
        all.passed.append(&mut inventory.passed);
    }
    all.files.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(world(all, options))
}

/// Reads standard input: a transcript, the output of one command, a dump or a log.
///
/// # Errors
/// When it cannot be read.
pub fn gather_stdin(mut input: impl std::io::Read, options: &Options) -> Result<World, GatherError> {
    let unreadable = |error| GatherError::Unreadable { path: "standard input".to_owned(), error };
    let mut bytes = Vec::new();
    input.by_ref().take(LARGEST_TEXT).read_to_end(&mut bytes).map_err(unreadable)?;
    let (path, context) = (Name::from("stdin"), context(&options.incident, options));
    if bytes.len() as u64 == LARGEST_TEXT && read_large::is_log(&path, &bytes, &context) {
        let read = read_large::stream(&path, &mut BufReader::new(Cursor::new(bytes).chain(input)), &context);
        return Ok(assemble::world(options.incident.clone(), vec![read], Vec::new()));
    }
    input.take(LARGEST_WHOLE - bytes.len() as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    let file = File { path: "stdin".to_owned(), bytes, modified: None };
    Ok(world(Inventory { files: vec![Pending::InMemory(file)], ..Inventory::default() }, options))
}

fn context(incident: &Incident, options: &Options) -> Context {
    Context {
        assume: incident.assume.clone(),
        window: incident.window,
        signatures: Arc::clone(&options.signatures),
        modified: incident.window.to.or(incident.window.from),
    }
}

fn world(inventory: Inventory, options: &Options) -> World {
    let Inventory { mut files, passed, .. } = inventory;
    let (incident, mut coverage) = stated(&mut files, &options.incident);
    let context = context(&incident, options);
    let reads = read_all(files, &context, options);
    coverage.extend(passed.into_iter().map(|p| FileCoverage {
        path: p.path.into(),
        read_as: p.why,
        items: 0,
        problems: Vec::new(),
    }));
    assemble::world(incident, reads, coverage)
}

/// Takes `incident.yaml` out of the files.
fn stated(files: &mut Vec<Pending>, given: &Incident) -> (Incident, Vec<FileCoverage>) {
    let mut incident = given.clone();
    let mut coverage = Vec::new();
    let is_statement = |path: &str| matches!(path.rsplit('/').next(), Some("incident.yaml" | "incident.yml"));
    let (statements, rest): (Vec<Pending>, Vec<Pending>) =
        std::mem::take(files).into_iter().partition(|f| is_statement(f.path()));
    *files = rest;
    for pending in statements {
        let path = Name::from(pending.path());
        let Ok(file) = load(pending) else { continue };
        let text = clean(&file.bytes).unwrap_or_default();
        let (stated, problems) = incident::read(&text);
        incident = incident::combine(&incident, stated);
        let problems = problems.into_iter().map(|what| Problem { place: Place::line(&path, 1), what }).collect();
        coverage.push(FileCoverage { path, read_as: "what the person says".to_owned(), items: 1, problems });
    }
    (incident, coverage)
}

fn read_all(files: Vec<Pending>, context: &Context, options: &Options) -> Vec<Read> {
    let count = files.len();
    let queue: Vec<Mutex<Option<Pending>>> = files.into_iter().map(|f| Mutex::new(Some(f))).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(count.max(1));
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = queue.get(i) else { return done };
            let Some(pending) = slot.lock().ok().and_then(|mut slot| slot.take()) else { continue };
            if let Some(progress) = &options.progress {
                progress(pending.path());
            }
            let path = Name::from(pending.path());
            // A reader that panics is a defect; the other files still count.
            let read = catch_unwind(AssertUnwindSafe(|| read_one(pending, context)));
            done.push((i, read.unwrap_or_else(|_| passed(path, 0, "the reader failed on it"))));
        }
    };
    let mut reads: Vec<(usize, Read)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for worker in workers {
            all.extend(worker.join().unwrap_or_default());
        }
        all
    });
    reads.sort_by_key(|(i, _)| *i);
    reads.into_iter().map(|(_, read)| read).collect()
}

fn read_one(pending: Pending, context: &Context) -> Read {
    let path = Name::from(pending.path());
    let opened = match pending {
        Pending::OnDisk { at, size, modified, .. } if size > LARGEST_TEXT => {
            fs::File::open(at).map(|mut file| read_large::read(&path, &mut file, size, &context.of_file(modified)))
        }
        Pending::InMemory(File { bytes, modified, .. }) if bytes.len() as u64 > LARGEST_TEXT => {
            let size = bytes.len() as u64;
            Ok(read_large::read(&path, &mut Cursor::new(bytes), size, &context.of_file(modified)))
        }
        pending => load(pending).map(|file| read_file(&path, &file, context)),
    };
    opened.unwrap_or_else(|error| passed(path, 0, &format!("cannot be read: {error}")))
}

fn passed(path: Name, bytes: u64, why: &str) -> Read {
    Read { path, bytes, hash: 0, yields: Yield { read_as: why.to_owned(), ..Yield::default() } }
}

fn load(pending: Pending) -> std::io::Result<File> {
    match pending {
        Pending::InMemory(file) => Ok(file),
        Pending::OnDisk { path, at, modified, .. } => Ok(File { path, bytes: fs::read(at)?, modified }),
    }
}

pub(crate) const BINARY: &str = "binary, not read";

fn read_file(path: &Name, file: &File, context: &Context) -> Read {
    let mut yields = Yield::default();
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(&file.bytes);
    let context = context.of_file(file.modified);
    if file.bytes.iter().all(u8::is_ascii_whitespace) {
        yields.read_as = "empty".to_owned();
    } else if let Some(text) = clean(&file.bytes) {
        read_text(path, &text, &context, &mut yields);
    } else {
        yields.read_as = BINARY.to_owned();
    }
    Read { path: path.clone(), bytes: file.bytes.len() as u64, hash: hasher.finish(), yields }
}

/// A transcript command by command, anything else as a whole.
pub(crate) fn read_text(path: &Name, text: &str, context: &Context, yields: &mut Yield) {
    let is_capture = text.starts_with("Script started on ");
    let is_whole = is_log_path(path) && !is_capture || is_commented_document(path, text);
    let sections = if is_whole { Vec::new() } else { transcript::sections(text) };
    if sections.is_empty() {
        let command = if is_log_path(path) { None } else { command_line::command_of_name(path) };
        let chunk = Chunk { path, first_line: 1, command: command.as_ref(), text, context };
        yields.read_as = read_chunk(&chunk, yields).unwrap_or("not understood").to_owned();
        return;
    }
    let mut names = Vec::new();
    read_sections(path, 1, &sections, context, (yields, &mut names));
    yields.read_as = format!("transcript: {}", names.join(", "));
}

/// The outputs of a transcript's commands; `first_line` is the number of the first line that the
/// sections were cut from. Notes which formats they were.
pub(crate) fn read_sections(
    path: &Name,
    first_line: u32,
    sections: &[transcript::Section<'_>],
    context: &Context,
    (yields, names): (&mut Yield, &mut Vec<&'static str>),
) {
    for section in sections {
        let first_line = first_line + section.first_line - 1;
        let chunk = Chunk { path, first_line, command: Some(&section.command), text: section.output, context };
        let begun = Begun::now(yields);
        let name = if section.output.trim().is_empty() { Some("no output") } else { read_chunk(&chunk, yields) };
        renew(yields, begun);
        match name {
            Some(name) if !names.contains(&name) => names.push(name),
            Some(_) => {}
            None => yields.problems.push(Problem {
                place: Place::line(path, first_line),
                what: format!("output of `{}` not understood", section.command.line),
            }),
        }
    }
}

/// A manifest that begins with the comment `# kubectl apply -f this.yaml` is no transcript.
fn is_commented_document(path: &str, text: &str) -> bool {
    [".yaml", ".yml", ".sh", ".py", ".conf"].iter().any(|end| path.ends_with(end)) && text.trim_start().starts_with('#')
}

pub(crate) fn is_log_path(path: &str) -> bool {
    path.ends_with(".log") || path.contains(".log.") || path.starts_with("logs/") || path.contains("/logs/")
}

fn read_chunk(chunk: &Chunk<'_>, yields: &mut Yield) -> Option<&'static str> {
    let format = surest(chunk)?;
    (format.read)(chunk, yields);
    Some(format.name)
}

pub(crate) fn surest(chunk: &Chunk<'_>) -> Option<&'static Format> {
    let mut best: Option<(u8, &Format)> = None;
    for format in all() {
        let sure = (format.recognise)(chunk);
        if sure > best.map_or(0, |(s, _)| s) {
            best = Some((sure, format));
        }
    }
    best.map(|(_, format)| format)
}

/// Reads one text as a whole, for tests and examples of readers.
#[must_use]
pub fn read_one_text(path: &str, command: Option<&str>, text: &str) -> Yield {
    let (path, context) = (Name::from(path), Context::default());
    let mut yields = Yield::default();
    let command: Option<Command> = command.map(command_line::parse);
    let chunk = Chunk { path: &path, first_line: 1, command: command.as_ref(), text, context: &context };
    yields.read_as = read_chunk(&chunk, &mut yields).unwrap_or("not understood").to_owned();
    yields
}

/// Reads a text with the reader of one format, whether or not it recognises the text: a fuzz target
/// has to reach a reader without guessing what its recognition asks for. `None` for an unknown name.
#[must_use]
pub fn read_as(format: &str, path: &str, command: Option<&str>, text: &str) -> Option<Yield> {
    let format = all().find(|f| f.name == format)?;
    let (path, context) = (Name::from(path), Context::default());
    let command: Option<Command> = command.map(command_line::parse);
    let chunk = Chunk { path: &path, first_line: 1, command: command.as_ref(), text, context: &context };
    let mut yields = Yield { read_as: format.name.to_owned(), ..Yield::default() };
    (format.read)(&chunk, &mut yields);
    Some(yields)
}
