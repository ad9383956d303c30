//! JSON lines: one case a line, out of a history and into one.

use std::io::BufRead;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::document::Document;
use super::record::{Facts, Outline, Record, Remarks};
use super::store::{self, Added, History, stored};
use super::{Error, PLENTY};

/// The schema of a line.
pub const SCHEMA: &str = "firstfault.history/v1";

/// How many cases share a commit: few, so that they are acknowledged soon, and more than one, since each commit waits
/// for the disk.
const BATCH: usize = 16;

/// Numbers above this are given anew, so that there is always a next one.
const MOST_NUMBER: i64 = 1 << 48;

/// A case on one line.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// `firstfault.history/v1`.
    pub schema: &'static str,
    /// The case's number in its history.
    pub id: i64,
    /// 1, and one more with each remark.
    pub revision: i64,
    /// When it was added.
    pub added_at: Timestamp,
    /// What people said of it.
    pub remarks: &'a Remarks,
    /// The whole case.
    pub case: &'a RawValue,
}

/// A line as it comes in.
#[derive(Debug, Deserialize)]
struct Incoming {
    schema: String,
    id: Option<i64>,
    revision: Option<i64>,
    added_at: Timestamp,
    #[serde(default)]
    remarks: Remarks,
    case: Value,
}

/// What became of a line.
#[derive(Debug)]
pub enum Imported {
    /// It is in the history now, or was there, and on the disk.
    Kept(Added),
    /// It is no case; the number of the line and why.
    Refused(usize, String),
}

impl<'a> Line<'a> {
    /// A record as a line.
    ///
    /// # Errors
    /// [`Error::NoCase`] where the case is no JSON.
    pub fn of(record: &'a Record) -> Result<Self, Error> {
        let case = serde_json::from_str(record.document.text()).map_err(|e| Error::NoCase(e.to_string()))?;
        let outline = &record.outline;
        let (id, revision, added_at) = (outline.id, outline.revision, outline.added_at);
        Ok(Self { schema: SCHEMA, id, revision, added_at, remarks: &outline.remarks, case })
    }
}

/// Reads lines and adds their cases. A case keeps its number where that is free. One that is known takes the line's
/// remarks where the line has a later revision of them. `told` hears of each line once it is on the disk.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Busy`], or what reading says. What was told stays.
pub fn import(
    history: &mut History,
    lines: &mut impl BufRead,
    mut told: impl FnMut(&Imported) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut number = 0;
    loop {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let mut line = Vec::new();
            number += 1;
            match std::io::Read::take(&mut *lines, PLENTY).read_until(b'\n', &mut line)? {
                0 => break,
                _ if line.trim_ascii().is_empty() => {}
                _ => batch.push((number, parse(&line))),
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let transaction = history.write()?;
        let mut results = Vec::new();
        for (number, line) in batch {
            results.push(match line {
                Ok((incoming, document)) => Imported::Kept(take(&transaction, &incoming, document)?),
                Err(why) => Imported::Refused(number, why),
            });
        }
        transaction.commit()?;
        results.iter().try_for_each(&mut told)?;
    }
}

fn parse(line: &[u8]) -> Result<(Incoming, Document), String> {
    let mut incoming: Incoming = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    if incoming.schema != SCHEMA {
        return Err(format!("its schema is not {SCHEMA}"));
    }
    let document = Document::from_value(incoming.case.take()).map_err(|e| e.to_string())?;
    Ok((incoming, document))
}

fn take(connection: &rusqlite::Connection, incoming: &Incoming, document: Document) -> Result<Added, Error> {
    let revision = incoming.revision.unwrap_or(1).max(1);
    if let Some(known) = stored(connection, "key", &document.digest().key())? {
        let mut outline = known.outline()?;
        let remarks = incoming.remarks.masked();
        if revision <= outline.revision || outline.remarks == remarks {
            return Ok(Added::Known(outline.id));
        }
        (outline.revision, outline.remarks) = (revision, remarks);
        store::rewrite(connection, &outline, known.key)?;
        return Ok(Added::Remarked(outline.id));
    }
    let free = match incoming.id {
        Some(id @ 1..MOST_NUMBER) => stored(connection, "id", &id)?.is_none().then_some(id),
        _ => None,
    };
    let next = || connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM cases", [], |row| row.get(0));
    let id = free.map_or_else(next, Ok)?;
    let facts = Facts::of(document.digest());
    let outline = Outline { id, revision, added_at: incoming.added_at, facts, remarks: incoming.remarks.masked() };
    let key = document.digest().key();
    store::insert(connection, &Record { outline, document }, key)?;
    Ok(Added::New(id))
}
