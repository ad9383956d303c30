//! Comma-separated tables: header and rows, whatever the separator, quotes or byte order mark.

use csv::ReaderBuilder;
use firstfault_model::{Place, Problem};

use crate::Yield;
use crate::formats::Chunk;

/// A table as text.
pub(super) struct Frame {
    /// The first row.
    pub(super) header: Vec<String>,
    /// The line of each row, from 0, and its cells.
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

impl Frame {
    /// No more cells than this are held of a table.
    const MOST_CELLS: usize = 20_000_000;

    fn separator(text: &str) -> u8 {
        let first = text.lines().next().unwrap_or_default();
        let count = |c: char| first.matches(c).count();
        if count(';') > count(',') {
            b';'
        } else if count('\t') > count(',') {
            b'\t'
        } else {
            b','
        }
    }

    fn reader(text: &str) -> csv::Reader<&[u8]> {
        let text = text.trim_start_matches('\u{feff}');
        ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(Self::separator(text))
            .from_reader(text.as_bytes())
    }

    /// The first row, if the text looks like a table with two columns at least.
    pub(super) fn header(text: &str) -> Option<Vec<String>> {
        let text = text.trim_start_matches('\u{feff}');
        if text.starts_with(['{', '[', '<', '$']) {
            return None;
        }
        let line = text.lines().next().filter(|line| line.len() < 1 << 20)?;
        // A CSV reader is dear to make, and most texts are no tables of that kind.
        if !line.bytes().any(|byte| matches!(byte, b',' | b';' | b'\t')) {
            return None;
        }
        let row = Self::reader(line).records().next()?.ok()?;
        (row.len() >= 2).then(|| row.iter().map(|cell| cell.trim().to_owned()).collect())
    }

    /// Reads the table; a row that cannot be read is a problem.
    pub(super) fn read(chunk: &Chunk<'_>, out: &mut Yield) -> Option<Self> {
        let mut rows = Vec::new();
        let mut cells = 0;
        let mut header = None;
        for record in Self::reader(chunk.text).into_records() {
            let Ok(record) = record else {
                problem(chunk, "a row cannot be read", out);
                break;
            };
            let line =
                record.position().map_or(0, |place| usize::try_from(place.line().saturating_sub(1)).unwrap_or(0));
            cells += record.len();
            if cells > Self::MOST_CELLS {
                problem(chunk, "the table is longer than what is read of one", out);
                break;
            }
            let row = record.iter().map(|cell| cell.trim().to_owned()).collect();
            if header.is_none() { header = Some(row) } else { rows.push((line, row)) }
        }
        Some(Self { header: header?, rows })
    }
}

fn problem(chunk: &Chunk<'_>, what: &str, out: &mut Yield) {
    out.problems.push(Problem { place: Place::line(chunk.path, chunk.first_line), what: what.to_owned() });
}
