//! The logs in files, folders and archives, opened one after another and streamed.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use firstfault_model::Name;
use jiff::Timestamp;

use crate::formats::{Chunk, Context};
use crate::input::{Container, LINK, blocks, clean, unpacked};
use crate::read::{BINARY, GatherError, is_log_path, surest};
use crate::read_large::reads_log;
use crate::{command_line, log_reader, transcript};

/// So much tells what a file is.
const HEAD: usize = 64 << 10;
/// Bytes read at a time.
const BUFFER: usize = 1 << 20;
/// Archives inside archives, at most.
const DEEPEST: u32 = 3;

/// A file that may be a log, or an archive of logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPath {
    /// As it is shown: what was given, and the way from there.
    path: String,
    at: PathBuf,
    /// It was given itself, and so is read whatever it looks like.
    named: bool,
}

/// Whose log a file is, as its path tells.
#[must_use]
pub fn log_source(path: &Path) -> String {
    log_reader::source(&Name::from(path.display().to_string()))
}

/// A log that is open to be read.
pub struct OpenLog<'a> {
    /// Its path; archives count as folders.
    pub path: String,
    /// Whose it is, as its path tells: a service, a pod, a unit.
    pub source: String,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    input: Box<dyn BufRead + 'a>,
}

impl OpenLog<'_> {
    /// Gives its lines, many at a time with their line feeds.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn each_block(&mut self, take: &mut dyn FnMut(&str)) -> io::Result<()> {
        blocks(&mut *self.input, take)
    }
}

/// A file that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// The files that were given and those in the folders that were given, in order of path, each once.
///
/// # Errors
/// Where a path does not exist or cannot be opened.
pub fn log_paths(paths: &[PathBuf]) -> Result<(Vec<LogPath>, Vec<LeftOut>), GatherError> {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for given in paths {
        let unreadable = |error| GatherError::Unreadable { path: given.display().to_string(), error };
        let shown = given.display().to_string();
        if fs::metadata(given).map_err(unreadable)?.is_dir() {
            fs::read_dir(given).map_err(unreadable)?;
            walk(given, shown.trim_end_matches('/'), (&mut found, &mut left_out));
        } else {
            // Opening what is no regular file may already take something from it.
            if given.is_file() {
                fs::File::open(given).map_err(unreadable)?;
            }
            found.push(LogPath { path: shown, at: given.clone(), named: true });
        }
    }
    // A file that was given twice, once by its folder, is one log.
    let place = |log: &LogPath| log.at.canonicalize().unwrap_or_else(|_| log.at.clone());
    found.sort_by_cached_key(|log| (place(log), !log.named, log.path.clone()));
    found.dedup_by_key(|log| place(log));
    found.sort();
    left_out.sort();
    Ok((found, left_out))
}

fn walk(folder: &Path, shown: &str, (found, left_out): (&mut Vec<LogPath>, &mut Vec<LeftOut>)) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            left_out.push(LeftOut { path: shown.to_owned(), why: format!("cannot be listed: {error}") });
            return;
        }
    };
    for entry in entries.flatten() {
        let path = format!("{shown}/{}", entry.file_name().to_string_lossy());
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk(&entry.path(), &path, (&mut *found, &mut *left_out));
        } else if kind.is_file() {
            found.push(LogPath { path, at: entry.path(), named: false });
        } else {
            let why = if kind.is_symlink() { LINK } else { "no regular file" };
            left_out.push(LeftOut { path, why: why.to_owned() });
        }
    }
}

impl LogPath {
    /// The path as it is shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.path
    }

    /// Opens the log, or the logs in the archive, one after another.
    pub fn open(&self, visit: &mut dyn FnMut(OpenLog<'_>), left_out: &mut Vec<LeftOut>) {
        let mut opening = Opening { named: self.named, visit, left_out };
        let file = match fs::File::open(&self.at) {
            Ok(file) => file,
            Err(error) => return opening.leave(&self.path, format!("cannot be read: {error}")),
        };
        let modified = file.metadata().and_then(|m| m.modified()).ok().and_then(|at| Timestamp::try_from(at).ok());
        let mut input = BufReader::with_capacity(BUFFER, file);
        if matches!(input.fill_buf().map(|head| Container::of(head, "")), Ok(Some(Container::Zip))) {
            return opening.zip(&self.path, &self.at);
        }
        opening.stream(&self.path, modified, &mut input, DEEPEST);
    }
}

struct Opening<'o> {
    named: bool,
    visit: &'o mut dyn FnMut(OpenLog<'_>),
    left_out: &'o mut Vec<LeftOut>,
}

impl Opening<'_> {
    fn leave(&mut self, path: &str, why: impl Into<String>) {
        self.left_out.push(LeftOut { path: path.to_owned(), why: why.into() });
    }

    /// A log, or something that is packed.
    fn stream(&mut self, path: &str, modified: Option<Timestamp>, mut input: &mut dyn BufRead, depth: u32) {
        let mut head = Vec::new();
        if let Err(error) = (&mut input).take(HEAD as u64).read_to_end(&mut head) {
            return self.leave(path, format!("cannot be read: {error}"));
        }
        let kind = Container::of(&head[..head.len().min(512)], path);
        let whole = head.as_slice().chain(input);
        match kind {
            None if self.named || looks_like_log(path, &head) => {
                let source = log_reader::source(&Name::from(path));
                (self.visit)(OpenLog { path: path.to_owned(), source, modified, input: Box::new(whole) });
            }
            None if clean(&head).is_none() => self.leave(path, BINARY),
            None => self.leave(path, "no log by its look (what is named itself is read)"),
            Some(_) if depth == 0 => self.leave(path, "nested too deep"),
            Some(Container::Tar) => self.tar(path, whole, depth),
            Some(Container::Zip) => self.leave(path, "a zip inside an archive: unpack the archive first"),
            Some(packed) => match unpacked(packed, whole) {
                Ok(plain) => {
                    let inner = [".gz", ".gzip", ".zst", ".zstd", ".xz"].iter().find_map(|end| path.strip_suffix(end));
                    let mut plain = BufReader::with_capacity(BUFFER, plain);
                    self.stream(inner.unwrap_or(path), modified, &mut plain, depth - 1);
                }
                Err(error) => self.leave(path, format!("cannot be unpacked: {error}")),
            },
        }
    }

    fn tar(&mut self, path: &str, input: impl Read, depth: u32) {
        // What lies in an archive was not named, whatever was.
        self.named = false;
        let mut archive = tar::Archive::new(input);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.leave(path, format!("broken tar: {error}")),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.leave(path, format!("tar is cut off: {error}")),
            };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = format!("{path}/{}", String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./"));
            let modified =
                entry.header().mtime().ok().and_then(|s| Timestamp::from_second(i64::try_from(s).ok()?).ok());
            self.stream(&name, modified, &mut BufReader::with_capacity(BUFFER, entry), depth - 1);
        }
    }

    fn zip(&mut self, path: &str, at: &Path) {
        self.named = false;
        let opened = fs::File::open(at).map_err(zip::result::ZipError::from).and_then(zip::ZipArchive::new);
        let mut archive = match opened {
            Ok(archive) => archive,
            Err(error) => return self.leave(path, format!("broken zip: {error}")),
        };
        for i in 0..archive.len() {
            let entry = match archive.by_index(i) {
                Ok(entry) => entry,
                Err(error) => {
                    self.leave(path, format!("entry {i} of the zip: {error}"));
                    continue;
                }
            };
            if entry.is_dir() || entry.is_symlink() {
                continue;
            }
            let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
            self.stream(&format!("{path}/{name}"), None, &mut BufReader::with_capacity(BUFFER, entry), DEEPEST - 1);
        }
    }
}

/// Whether a file that nobody named is a log: by its path or its lines.
fn looks_like_log(path: &str, head: &[u8]) -> bool {
    let Some(text) = clean(head).filter(|text| !text.trim().is_empty()) else { return false };
    let (path, context) = (Name::from(path), Context::default());
    let command = if is_log_path(&path) { None } else { command_line::command_of_name(&path) };
    let chunk = Chunk { path: &path, first_line: 1, command: command.as_ref(), text: &text, context: &context };
    (is_log_path(&path) || transcript::console(&text).is_none()) && surest(&chunk).is_some_and(reads_log)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "2031-02-03T04:05:06Z INFO one\n2031-02-03T04:05:07Z INFO two\n";

    /// What is read of some paths, with how many lines, and what is left out.
    fn opened(paths: &[PathBuf]) -> (Vec<(String, usize)>, Vec<(String, String)>) {
        let (found, mut left_out) = log_paths(paths).expect("they are there");
        let mut logs = Vec::new();
        for log in found {
            let mut visit = |mut log: OpenLog<'_>| {
                let mut lines = 0;
                match log.each_block(&mut |block| lines += block.lines().count()) {
                    Ok(()) => logs.push((log.path, lines)),
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}"),
                }
            };
            log.open(&mut visit, &mut left_out);
        }
        (logs, left_out.into_iter().map(|l| (l.path, l.why)).collect())
    }

    #[test]
    fn each_log_is_read_once_and_the_rest_is_said() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).expect("writable");
        fs::write(at("a/b/deep.log"), LOG).expect("writable");
        fs::write(at("a/one.log"), LOG).expect("writable");
        fs::write(at("a/core.bin"), [0x7f, b'E', b'L', b'F', 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 9, 9, 0, 0])
            .expect("writable");
        fs::write(at("a/notes.yaml"), "a: 1\n").expect("writable");
        #[cfg(unix)]
        std::os::unix::fs::symlink("one.log", at("a/same.log")).expect("writable");
        let shown = |name: &str| at(name).display().to_string();
        let (logs, left_out) = opened(&[at("a"), at("a/one.log"), at("a/notes.yaml")]);
        assert_eq!(logs, [(shown("a/b/deep.log"), 2), (shown("a/notes.yaml"), 1), (shown("a/one.log"), 2)]);
        let left: Vec<&str> = left_out.iter().map(|(path, _)| path.as_str()).collect();
        assert!(left.contains(&shown("a/core.bin").as_str()), "{left_out:?}");
        assert_eq!(left.contains(&shown("a/same.log").as_str()), cfg!(unix), "{left_out:?}");
        assert!(log_paths(&[at("gone")]).is_err());
    }

    #[test]
    fn what_an_archive_holds_is_bounded_and_stays_inside_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Archives in archives: only so many are opened.
        let mut bytes = LOG.as_bytes().to_vec();
        let mut name = "deep.log".to_owned();
        for level in 0..5 {
            let mut tar = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, &name, &bytes[..]).expect("a tar");
            bytes = tar.into_inner().expect("a tar");
            name = format!("level{level}.tar");
            fs::write(folder.path().join(&name), &bytes).expect("writable");
        }
        let at = |name: &str| folder.path().join(name);
        let (logs, _) = opened(&[at("level0.tar")]);
        assert_eq!(logs, [(format!("{}/deep.log", at("level0.tar").display()), 2)]);
        let (logs, left_out) = opened(&[at("level4.tar")]);
        assert!(logs.is_empty() && left_out[0].1 == "nested too deep", "{logs:?} {left_out:?}");
        // Cut off at any byte, it gives what it gives.
        let whole = fs::read(at("level0.tar")).expect("it is there");
        for end in (0..whole.len()).step_by(97) {
            fs::write(at("cut.tar"), &whole[..end]).expect("writable");
            let _ = opened(&[at("cut.tar")]);
        }
    }
}
