//! The text of one log file, streamed in blocks of whole lines: plain or compressed, UTF-8 or UTF-16.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::XZ_MEMORY;
use super::archive::Container;
use super::text::{decode, tidy};

/// A line is kept up to this many bytes; the rest of it is passed over.
const LONGEST_LINE: usize = 256 << 10;

/// A file in another encoding than UTF-8 is decoded whole, up to this size.
const MOST_DECODED: u64 = 256 << 20;

/// Bytes read at a time, and of a block.
const BUFFER: usize = 512 << 10;

/// Bytes of the beginning that tell how the text is encoded.
const HEAD: usize = 4096;

/// Gives the lines of a file as soon as they are there, many at a time with their line feeds; `-` is standard input. Gzip,
/// zstd and xz are unpacked on the way.
///
/// # Errors
/// Where the file cannot be opened or read, or is an archive of several files.
pub fn each_block(path: &Path, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    Blocks::open(path)?.each(take);
    Ok(())
}

/// Gives each line of a log.
pub(crate) fn lines(input: &mut dyn BufRead, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    blocks(input, &mut |block| firstfault_logs::lines(block).for_each(&mut *take))
}

/// Gives the lines of a log, many at a time with their line feeds.
pub(crate) fn blocks(input: &mut dyn BufRead, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    Blocks::of(Box::new(input))?.each(take);
    Ok(())
}

/// What a compressed stream holds.
pub(crate) fn unpacked<'a>(kind: Container, input: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match kind {
        Container::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
        Container::Zstd => Box::new(zstd::Decoder::with_buffer(input)?),
        Container::Xz => {
            let decoder = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)?;
            Box::new(liblzma::bufread::XzDecoder::new_stream(input, decoder))
        }
        Container::Zip | Container::Tar => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an archive of several files, not a log"));
        }
    })
}

/// A log in blocks of whole lines.
struct Blocks<'a> {
    input: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were read, and of these the ones that were given.
    filled: usize,
    given: usize,
    ended: bool,
    /// The rest of a line that is too long is passed over.
    skips: bool,
}

impl<'a> Blocks<'a> {
    /// Opens a file; `-` is standard input.
    fn open(path: &Path) -> io::Result<Self> {
        let file: Box<dyn Read> =
            if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(File::open(path)?) };
        let mut input = BufReader::with_capacity(BUFFER, file);
        let plain = match Container::of(input.fill_buf()?, "") {
            None => Box::new(input),
            Some(kind) => unpacked(kind, input)?,
        };
        Self::of(plain)
    }

    fn of(input: Box<dyn Read + 'a>) -> io::Result<Self> {
        let mut blocks = Self { input, buffer: vec![0; BUFFER], filled: 0, given: 0, ended: false, skips: false };
        blocks.fill();
        blocks.leave_hole();
        let head = &blocks.buffer[..blocks.filled.min(HEAD)];
        let zeros = head.iter().filter(|b| **b == 0).count();
        let mark = encoding_rs::Encoding::for_bom(head);
        if let Some((_, bytes)) = mark.filter(|(encoding, _)| *encoding == encoding_rs::UTF_8) {
            blocks.leave(bytes);
        } else if mark.is_some() || zeros * 3 > head.len() {
            let mut bytes = blocks.buffer[..blocks.filled].to_vec();
            blocks.input.take(MOST_DECODED).read_to_end(&mut bytes)?;
            let binary = || io::Error::new(io::ErrorKind::InvalidData, "it holds binary data, no text");
            let text = decode(&bytes).ok_or_else(binary)?.into_owned();
            blocks.input = Box::new(io::Cursor::new(text));
            (blocks.filled, blocks.ended) = (0, false);
        }
        Ok(blocks)
    }

    /// Passes over zeros at the start: a log that was emptied while its writer had it open begins with as many as it was long.
    fn leave_hole(&mut self) {
        loop {
            let zeros = self.buffer[..self.filled].iter().take_while(|b| **b == 0).count();
            // Fewer may be text in UTF-16.
            if zeros < 4 {
                return;
            }
            self.leave(zeros);
            if self.filled > 0 || self.ended {
                return;
            }
            self.fill();
        }
    }

    fn each(&mut self, take: &mut dyn FnMut(&str)) {
        let mut tidied = String::new();
        while let Some(bytes) = self.lines() {
            // Checking is much faster than replacing, and mostly all is well.
            let text = str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
            if is_tidy(&text) {
                take(&text);
                continue;
            }
            tidied.clear();
            for line in firstfault_logs::lines(&text) {
                tidied.push_str(&tidy(line));
                tidied.push('\n');
            }
            take(&tidied);
        }
    }

    /// The bytes of the next lines. A stream that breaks off keeps what came before.
    fn lines(&mut self) -> Option<&[u8]> {
        self.leave(self.given);
        loop {
            // A program that waits for our answer writes no more than it has.
            if memchr::memrchr(b'\n', &self.buffer[..self.filled]).is_none() {
                self.fill();
            }
            let bytes = &self.buffer[..self.filled];
            if self.skips {
                let end = memchr::memchr(b'\n', bytes);
                self.skips = end.is_none();
                self.leave(end.map_or(self.filled, |end| end + 1));
            } else {
                self.given = whole_lines(bytes);
                if self.given == 0 && bytes.len() > LONGEST_LINE {
                    self.given = LONGEST_LINE;
                    self.skips = true;
                } else if self.given == 0 && self.ended {
                    self.given = self.filled;
                }
                if self.given > 0 {
                    return Some(&self.buffer[..self.given]);
                }
            }
            if self.ended && self.filled == 0 {
                return None;
            }
        }
    }

    /// Forgets the first bytes of the buffer.
    fn leave(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
        self.given = 0;
    }

    /// Reads what is there, and waits only where nothing is.
    fn fill(&mut self) {
        while self.filled < self.buffer.len() && !self.ended {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => self.ended = true,
                Ok(read) => {
                    self.filled += read;
                    return;
                }
            }
        }
    }
}

/// Bytes of whole lines at the start, none of them too long.
fn whole_lines(bytes: &[u8]) -> usize {
    let mut end = 0;
    while let Some(next) = memchr::memrchr(b'\n', &bytes[end..bytes.len().min(end + LONGEST_LINE + 1)]) {
        end += next + 1;
    }
    end
}

/// Whether no line has a byte that [`tidy`] takes out.
fn is_tidy(text: &str) -> bool {
    memchr::memchr3(b'\r', 0x1b, 0x08, text.as_bytes()).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a pipe does.
    struct Drops(Vec<u8>, usize);

    impl Read for Drops {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(out.len()).min(self.0.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0.drain(..n);
            Ok(n)
        }
    }

    fn given(bytes: &[u8], at_once: usize) -> Vec<String> {
        let mut input = Blocks::of(Box::new(Drops(bytes.to_vec(), at_once))).expect("it can be read");
        let mut all = Vec::new();
        input.each(&mut |block| all.extend(firstfault_logs::lines(block).map(str::to_owned)));
        all
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_come() {
        let lines: Vec<String> = (0..200_000).map(|n| format!("line {n} of a log")).collect();
        let text = lines.join("\n");
        assert!(given(text.as_bytes(), usize::MAX) == lines);
        assert!(given(text.as_bytes(), 7001) == lines);
    }

    /// Notes how often it is read.
    struct Asked<'c>(&'c std::cell::Cell<u32>, &'static [u8]);

    impl Read for Asked<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0.set(self.0.get() + 1);
            self.1.read(out)
        }
    }

    #[test]
    fn lines_that_are_there_are_given_before_more_are_waited_for() {
        let asked = std::cell::Cell::new(0);
        let mut given = Vec::new();
        let mut blocks = Blocks::of(Box::new(Asked(&asked, b"one\ntwo\nthr"))).expect("it can be read");
        blocks
            .each(&mut |block| given.extend(firstfault_logs::lines(block).map(|line| (line.to_owned(), asked.get()))));
        assert_eq!(given, [("one".to_owned(), 1), ("two".to_owned(), 1), ("thr".to_owned(), 2)]);
    }

    #[test]
    fn lines_are_tidied_and_invalid_bytes_replaced() {
        assert_eq!(given(b"a\r\n\x1b[31mred\x1b[0m\ncaf\xe9\n\nlast", 3), ["a", "red", "caf\u{fffd}", "", "last"]);
        assert_eq!(given(b"\xff\xfeh\0i\0\n\0x\0", 100), ["hi", "x"]);
        assert_eq!(given(b"\xef\xbb\xbfhi", 100), ["hi"]);
        assert!(given(b"", 1).is_empty());
    }

    #[test]
    fn a_hole_at_the_start_is_passed_over_and_binary_data_is_an_error() {
        let log = [&vec![0; 3 * BUFFER + 5][..], b"one\ntwo\n"].concat();
        assert_eq!(given(&log, 100_000), ["one", "two"]);
        assert_eq!(given(&[0; 20], 7), [""; 0]);
        let binary: Vec<u8> = (0..4000).map(|i: u32| if i % 5 < 3 { 0 } else { i as u8 | 1 }).collect();
        let error = Blocks::of(Box::new(&[b"ELF", &binary[..]].concat()[..])).err().expect("it is no text");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_is_read() {
        for long in [LONGEST_LINE, LONGEST_LINE + 1, BUFFER - 2, BUFFER, 3 * BUFFER + 5] {
            let text = format!("before\n{}\nafter\nend", "x".repeat(long));
            let lines: Vec<usize> = given(text.as_bytes(), 100_000).iter().map(String::len).collect();
            assert_eq!(lines, [6, LONGEST_LINE, 5, 3], "{long}");
        }
    }
}
