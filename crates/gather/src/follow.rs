//! A file that grows, read as `tail -F` does: it may be cut short, or renamed and made anew.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::input::tidy;

/// Bytes read at a time.
const BUFFER: usize = 256 << 10;
/// A line is kept up to this many bytes; the rest of it is passed over.
const LONGEST_LINE: usize = 256 << 10;

/// A file that is followed.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    file: File,
    which: Which,
    position: u64,
    /// The beginning of a line whose end has not been written.
    partial: Vec<u8>,
    buffer: Vec<u8>,
}

/// What a look at the file gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// Something was read; there may be more.
    Read,
    /// Another file stands in its place, or it was emptied: what comes next is its beginning.
    Renewed,
    /// Nothing new.
    Same,
}

impl Follow {
    /// Begins at the start of a file.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let which = Which::of(&file.metadata()?);
        let (path, buffer) = (path.to_owned(), vec![0; BUFFER]);
        Ok(Self { path, file, which, position: 0, partial: Vec::new(), buffer })
    }

    /// Gives the lines that were written since the last time, at most some of them.
    ///
    /// # Errors
    /// Where the file cannot be read. That it is gone is none: it may come back.
    pub fn look(&mut self, take: &mut dyn FnMut(&str)) -> io::Result<Grown> {
        let read = match self.file.read(&mut self.buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Grown::Read),
            Err(error) => return Err(error),
        };
        if read > 0 {
            self.position += read as u64;
            let buffer = std::mem::take(&mut self.buffer);
            self.lines(&buffer[..read], take);
            self.buffer = buffer;
            return Ok(Grown::Read);
        }
        if self.file.metadata()?.len() < self.position {
            self.finish(take);
            self.file.seek(SeekFrom::Start(0))?;
            self.position = 0;
            return Ok(Grown::Renewed);
        }
        // All of the old file has been read: whoever wrote it has made a new one.
        let Ok(file) = File::open(&self.path) else { return Ok(Grown::Same) };
        let which = Which::of(&file.metadata()?);
        if which == self.which {
            return Ok(Grown::Same);
        }
        self.finish(take);
        (self.file, self.which, self.position) = (file, which, 0);
        Ok(Grown::Renewed)
    }

    /// Gives the last line, where it has no line feed.
    pub fn finish(&mut self, take: &mut dyn FnMut(&str)) {
        if !self.partial.is_empty() {
            take(&tidy(&String::from_utf8_lossy(&self.partial)));
            self.partial.clear();
        }
    }

    fn lines(&mut self, bytes: &[u8], take: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let whole = piece.last() == Some(&b'\n');
            let piece = &piece[..piece.len() - usize::from(whole)];
            let room = LONGEST_LINE.saturating_sub(self.partial.len());
            self.partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if whole {
                take(&tidy(&String::from_utf8_lossy(&self.partial)));
                self.partial.clear();
            }
        }
    }
}

/// Which file it is, however it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg(unix)]
struct Which(u64, u64);

#[cfg(unix)]
impl Which {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(metadata.dev(), metadata.ino())
    }
}

/// Which file it is: the time at which it was made tells, where nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg(not(unix))]
struct Which(Option<std::time::SystemTime>);

#[cfg(not(unix))]
impl Which {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.created().ok())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    /// Looks until nothing is new.
    fn lines(follow: &mut Follow) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            match follow.look(&mut |line| found.push(line.to_owned())).expect("it can be read") {
                Grown::Read => {}
                Grown::Renewed => found.push("renewed".to_owned()),
                Grown::Same => return found,
            }
        }
    }

    fn append(path: &Path, text: &str) {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path).expect("writable");
        file.write_all(text.as_bytes()).expect("writable");
    }

    #[test]
    fn a_file_is_followed_through_rotation_and_truncation() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.log");
        append(&path, "one\ntw");
        let mut follow = Follow::open(&path).expect("it is there");
        assert_eq!(lines(&mut follow), ["one"]);
        assert!(lines(&mut follow).is_empty());
        append(&path, "o\r\n\x1b[31mthree");
        assert_eq!(lines(&mut follow), ["two"]);
        fs::rename(&path, folder.path().join("a.log.1")).expect("writable");
        assert!(lines(&mut follow).is_empty(), "a file that is gone may come back");
        // The old one is read to its end before the new one.
        append(&folder.path().join("a.log.1"), " and a half");
        append(&path, "four\n");
        assert_eq!(lines(&mut follow), ["three and a half", "renewed", "four"]);
        fs::write(&path, "5\n").expect("writable");
        assert_eq!(lines(&mut follow), ["renewed", "5"]);
        append(&path, "last");
        lines(&mut follow);
        let mut last = Vec::new();
        follow.finish(&mut |line| last.push(line.to_owned()));
        assert_eq!(last, ["last"]);
    }

    #[test]
    fn a_line_without_end_takes_no_more_than_its_share() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.log");
        append(&path, &"x".repeat(3 * LONGEST_LINE));
        append(&path, "\nnext\n");
        let mut follow = Follow::open(&path).expect("it is there");
        let lengths: Vec<usize> = lines(&mut follow).iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST_LINE, 4]);
    }
}
