//! The lines of one log file, streamed: plain or compressed, UTF-8 or UTF-16.

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

/// Bytes read at a time.
const BUFFER: usize = 1 << 20;

/// Gives each line of a file, without its line feed; `-` is standard input. Gzip, zstd and xz are unpacked on the way.
///
/// # Errors
/// Where the file cannot be opened or read, or is an archive of several files.
pub fn each_line(path: &Path, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    let file: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(File::open(path)?) };
    let mut input = BufReader::with_capacity(BUFFER, file);
    let kind = Container::of(input.fill_buf()?, "");
    let plain: Box<dyn Read> = match kind {
        None => Box::new(input),
        Some(kind) => unpacked(kind, input)?,
    };
    lines(&mut BufReader::with_capacity(BUFFER, plain), take)
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

/// Gives each line of a log.
pub(crate) fn lines(input: &mut dyn BufRead, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    let head = input.fill_buf()?;
    let zeros = head.iter().take(4096).filter(|b| **b == 0).count();
    let marked = encoding_rs::Encoding::for_bom(head).is_some();
    if marked || zeros * 3 > head.len().min(4096) {
        let mut bytes = Vec::new();
        input.take(MOST_DECODED).read_to_end(&mut bytes)?;
        let text = decode(&bytes).unwrap_or(Cow::Borrowed(""));
        text.lines().for_each(|line| take(&tidy(line)));
        return Ok(());
    }
    let mut line = Vec::new();
    loop {
        if !read_line(input, &mut line, LONGEST_LINE) {
            return Ok(());
        }
        match std::str::from_utf8(&line) {
            Ok(text) => take(&tidy(text)),
            Err(_) => take(&tidy(&String::from_utf8_lossy(&line))),
        }
    }
}

/// Reads the next line, without its line feed and cut at `longest` bytes; `false` at the end. A stream that breaks off
/// keeps what came before.
pub(crate) fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>, longest: usize) -> bool {
    line.clear();
    let mut got = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return got,
        };
        if buffer.is_empty() {
            return got;
        }
        got = true;
        let end = memchr::memchr(b'\n', buffer);
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        let room = longest.saturating_sub(line.len());
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        let used = end.map_or(buffer.len(), |e| e + 1);
        input.consume(used);
        if end.is_some() {
            return true;
        }
    }
}
