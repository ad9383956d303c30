//! Files that are too large to hold: what a reader is given instead of a text.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use firstfault_model::{Name, Place, Problem};

use crate::Yield;
use crate::formats::{Command, Context};

/// Something that can be read from any place: a file on disk, or bytes out of an archive.
pub(crate) trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// A file that is too large to hold.
pub(crate) struct Large<'a> {
    /// Its path in the evidence.
    pub(crate) path: &'a Name,
    /// The command that its name tells.
    pub(crate) command: Option<&'a Command>,
    /// What holds for the whole evidence.
    pub(crate) context: &'a Context,
    /// How many bytes it has.
    pub(crate) size: u64,
    pub(crate) bytes: &'a mut dyn Bytes,
}

/// A piece of a large file larger than this is left out: an object of Kubernetes has at most some
/// 1.5 MB, since etcd takes no more.
pub(crate) const LARGEST_PIECE: usize = 8 << 20;

impl Large<'_> {
    /// The file from its beginning, line by line.
    pub(crate) fn lines(&mut self) -> Lines<'_> {
        let _ = self.bytes.seek(SeekFrom::Start(0));
        Lines { input: BufReader::with_capacity(1 << 20, &mut *self.bytes), number: 0 }
    }

    /// At most `length` bytes from `offset` on.
    pub(crate) fn read(&mut self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.bytes.seek(SeekFrom::Start(offset)).is_ok() {
            // What cannot be read is missing, as if the file were cut off there.
            let _ = (&mut *self.bytes).take(length as u64).read_to_end(&mut bytes);
        }
        bytes
    }

    /// Notes what could not be read.
    pub(crate) fn problem(&self, line: u32, what: String, out: &mut Yield) {
        out.problems.push(Problem { place: Place::line(self.path, line), what });
    }
}

/// The lines of a large file.
pub(crate) struct Lines<'a> {
    input: BufReader<&'a mut dyn Bytes>,
    number: u32,
}

impl Lines<'_> {
    /// The next line into `line`, with its line feed, and its number from 1. A longer line than a
    /// piece may have is cut there. `None` at the end.
    pub(crate) fn next(&mut self, line: &mut String) -> Option<u32> {
        let mut bytes = Vec::new();
        while let Ok(buffer) = self.input.fill_buf() {
            if buffer.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', buffer);
            let piece = &buffer[..end.map_or(buffer.len(), |end| end + 1)];
            let room = LARGEST_PIECE.saturating_sub(bytes.len());
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            let used = piece.len();
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if bytes.is_empty() {
            return None;
        }
        line.clear();
        line.push_str(&String::from_utf8_lossy(&bytes));
        self.number = self.number.saturating_add(1);
        Some(self.number)
    }
}
