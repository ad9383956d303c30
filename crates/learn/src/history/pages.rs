//! Rows of `cases` straight from the pages of the file, without SQLite: for a file whose tree or header is broken.
//!
//! Every page that looks like a leaf of a table is read, whatever points to it. What comes out of it is believed only
//! where its checksum agrees. The layout is that of <https://www.sqlite.org/fileformat2.html>.

use std::collections::BTreeMap;

use super::store::{PAGE, Stored};

/// The type of a page that holds rows.
const LEAF: u8 = 0x0d;
/// Bytes of the file's header, before the first page's own.
const FILE_HEADER: usize = 100;
/// Bytes of a leaf's header, before the places of its cells.
const LEAF_HEADER: usize = 8;
/// Bytes of the write-ahead log's header, and of each frame's before its page.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The most bytes that a row may have.
const MOST_ROW: u64 = 80 << 20;

/// The rows whose checksum agrees, with their documents as they lie there; of several copies of a row all are given.
pub(super) fn rows(file: &[u8], log: &[u8]) -> Vec<(Stored, Vec<u8>)> {
    let pages = Pages::of(file, log);
    let mut found = Vec::new();
    for page in pages.all() {
        // The first page of the file begins with the file's header.
        for start in [0, FILE_HEADER] {
            found.extend(pages.cells(page, start).filter_map(decode).filter(|(row, _)| row.sum == row.summed()));
        }
    }
    found
}

struct Pages<'a> {
    file: Vec<&'a [u8]>,
    /// The latest frame of each page, by the page's number.
    log: BTreeMap<usize, &'a [u8]>,
    frames: Vec<&'a [u8]>,
}

impl<'a> Pages<'a> {
    fn of(file: &'a [u8], log: &'a [u8]) -> Self {
        let mut latest = BTreeMap::new();
        let mut frames = Vec::new();
        for frame in log.get(LOG_HEADER..).unwrap_or_default().chunks_exact(FRAME_HEADER + PAGE) {
            let page = &frame[FRAME_HEADER..];
            if let Some(number) = number(frame, 0) {
                latest.insert(number, page);
            }
            frames.push(page);
        }
        Self { file: file.chunks_exact(PAGE).collect(), log: latest, frames }
    }

    fn all(&self) -> impl Iterator<Item = &'a [u8]> {
        self.file.iter().chain(&self.frames).copied()
    }

    /// A page by its number, which counts from 1.
    fn page(&self, number: usize) -> Option<&'a [u8]> {
        self.log.get(&number).or_else(|| self.file.get(number.checked_sub(1)?)).copied()
    }

    /// The whole rows of a leaf: number and content.
    fn cells(&self, page: &'a [u8], start: usize) -> impl Iterator<Item = (i64, Vec<u8>)> {
        let leaf = page.get(start) == Some(&LEAF);
        let cells =
            page.get(start + 3..start + 5).filter(|_| leaf).map_or(0, |b| usize::from(b[0]) << 8 | usize::from(b[1]));
        let places = start + LEAF_HEADER..page.len().min(start + LEAF_HEADER + 2 * cells);
        places.step_by(2).filter_map(move |at| {
            let place = page.get(at..at + 2)?;
            self.cell(page, usize::from(place[0]) << 8 | usize::from(place[1]))
        })
    }

    fn cell(&self, page: &[u8], place: usize) -> Option<(i64, Vec<u8>)> {
        let mut rest = page.get(place..)?;
        let size = varint(&mut rest)?;
        let id = varint(&mut rest)?;
        if size > MOST_ROW {
            return None;
        }
        let size = usize::try_from(size).ok()?;
        let here = local(size);
        let mut content = rest.get(..here)?.to_vec();
        let mut next = if here < size { number(rest, here)? } else { 0 };
        // A chain that goes in a circle ends when the row is full.
        while content.len() < size {
            let page = self.page(next)?;
            next = number(page, 0)?;
            let wanted = (size - content.len()).min(PAGE - 4);
            content.extend_from_slice(page.get(4..4 + wanted)?);
        }
        Some((id.cast_signed(), content))
    }
}

/// How much of a row of this size lies on its leaf; the rest is on overflow pages.
fn local(size: usize) -> usize {
    let most = PAGE - 35;
    let least = (PAGE - 12) * 32 / 255 - 23;
    if size <= most {
        return size;
    }
    let fitting = least + (size - least) % (PAGE - 4);
    if fitting <= most { fitting } else { least }
}

/// A big-endian number of four bytes.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

/// SQLite's number of one to nine bytes, the high bits first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for at in 0..9 {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        if at == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// A row of `cases`: no number (it is the row's own), key, revision, time, outline, remarks, document, checksum.
fn decode((id, content): (i64, Vec<u8>)) -> Option<(Stored, Vec<u8>)> {
    let mut header = &content[..];
    let size = usize::try_from(varint(&mut header)?).ok()?;
    let mut header = content.get(content.len() - header.len()..size)?;
    let mut body = content.get(size..)?;
    let types: [u64; 8] = {
        let mut types = [0; 8];
        for one in &mut types {
            *one = varint(&mut header)?;
        }
        types
    };
    if !header.is_empty() || types[0] != 0 {
        return None;
    }
    let mut column = |kind: u64, text: bool| -> Option<&[u8]> {
        let size = match kind {
            1..=4 => kind,
            5 => 6,
            6 => 8,
            8 | 9 => 0,
            12.. if (kind % 2 == 1) == text => (kind - 12) / 2,
            _ => return None,
        };
        let (value, rest) = body.split_at_checked(usize::try_from(size).ok()?)?;
        body = rest;
        Some(value)
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let key = text(column(types[1], true)?)?;
    let revision = integer(types[2], column(types[2], true)?);
    let (added_at, outline) = (text(column(types[3], true)?)?, text(column(types[4], true)?)?);
    let remarks = text(column(types[5], true)?)?;
    let document = column(types[6], false)?.to_vec();
    let sum = integer(types[7], column(types[7], true)?);
    Some((Stored { id, key, revision, added_at, outline, remarks, sum }, document))
}

/// A big-endian number of any size; the constants 0 and 1 have a type of their own.
fn integer(kind: u64, bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return i64::from(kind == 9);
    }
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
    bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
}
