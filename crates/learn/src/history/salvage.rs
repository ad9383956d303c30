//! Reading a history that may be damaged: what is whole is read, and what is not is said.
//!
//! A damaged file is never written to. Its rows are taken one by one, by SQLite where it reaches them and else straight
//! from the pages ([`super::pages`]), into a history in memory, which is then asked in place of the file. A row counts
//! only where its checksum agrees; of a case whose document is broken the outline and the remarks are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use firstfault_model::case::SCHEMA;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::document::Document;
use super::record::{Facts, Outline, Record};
use super::store::{self, History, Stored, stored};
use super::{Error, PLENTY, pages};

/// The most damaged cases that are named one by one.
const NAMED: usize = 20;

/// A history that is read, damaged or not.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    history: History,
    damage: Vec<String>,
}

impl Reader {
    /// Opens a file for reading; where there is none, the history is empty.
    ///
    /// # Errors
    /// [`Error::NotAHistory`], [`Error::Newer`], [`Error::Busy`], or what SQLite says; never [`Error::Damaged`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut reader = Self { path: path.to_owned(), history: History::in_memory()?, damage: Vec::new() };
        if fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            match History::open_to_read(path) {
                Ok(history) => reader.history = history,
                Err(error) if error.is_damage() => reader.salvage(&error)?,
                Err(error) => return Err(error),
            }
        }
        Ok(reader)
    }

    /// Asks the history something; where it turns out to be damaged, asks again what is left of it.
    ///
    /// # Errors
    /// As the question.
    pub fn ask<T>(&mut self, question: impl Fn(&History) -> Result<T, Error>) -> Result<T, Error> {
        match question(&self.history) {
            Err(error) if error.is_damage() && self.damage.is_empty() => {
                self.salvage(&error)?;
                question(&self.history)
            }
            answer => answer,
        }
    }

    /// What is damaged, in sentences; empty where nothing is known to be.
    #[must_use]
    pub fn damage(&self) -> &[String] {
        &self.damage
    }

    fn salvage(&mut self, why: &Error) -> Result<(), Error> {
        let found = Found::in_file(&self.path)?;
        if found.rows.is_empty() && !found.is_sqlite {
            let why = "it is no SQLite database".to_owned();
            return Err(Error::NotAHistory { path: self.path.clone(), why });
        }
        let mut damaged = Vec::new();
        let mut history = History::in_memory()?;
        let transaction = history.write()?;
        for (row, document) in found.rows.values() {
            let outline = row.outline()?;
            let document = match document {
                Some(document) => document.clone(),
                None => {
                    damaged.push(format!("case {}: its document is lost, its outline and remarks are kept", row.id));
                    stand_in(&outline, &row.key)?
                }
            };
            store::insert(&transaction, &Record { outline, document }, row.key.clone())?;
        }
        transaction.commit()?;
        let missing: Vec<String> = match found.rows.last_key_value() {
            Some((&last, _)) => {
                (1..last).filter(|id| !found.rows.contains_key(id)).take(NAMED + 1).map(|id| id.to_string()).collect()
            }
            None => Vec::new(),
        };
        self.damage =
            vec![format!("{}: {why}; {} cases could be read", self.path.display(), found.rows.len() - damaged.len())];
        if !missing.is_empty() {
            let more = if missing.len() > NAMED { " and more" } else { "" };
            let named = missing[..missing.len().min(NAMED)].join(", ");
            self.damage.push(format!("no case was found with the number {named}{more}"));
        }
        let more = damaged.len().saturating_sub(NAMED);
        self.damage.extend(damaged.into_iter().take(NAMED));
        if more > 0 {
            self.damage.push(format!("{more} more cases have lost their document"));
        }
        self.history = history;
        Ok(())
    }
}

/// What a damaged file still holds.
struct Found {
    /// By the case's number; `None` where the document is broken.
    rows: BTreeMap<i64, (Stored, Option<Document>)>,
    /// The file begins as one of SQLite does.
    is_sqlite: bool,
}

impl Found {
    fn in_file(path: &Path) -> Result<Self, Error> {
        let file = bytes(path)?;
        let log = bytes(&beside(path, "-wal")).unwrap_or_default();
        let mut rows: BTreeMap<i64, (Stored, Option<Document>)> = BTreeMap::new();
        let mut copies: BTreeMap<i64, Vec<(Stored, Vec<u8>)>> = BTreeMap::new();
        for (row, document) in pages::rows(&file, &log) {
            copies.entry(row.id).or_default().push((row, document));
        }
        if let Ok(connection) = forgiving(path) {
            let mut ids: BTreeSet<i64> = copies.keys().copied().collect();
            ids.extend(numbers(&connection, "ASC"));
            ids.extend(numbers(&connection, "DESC"));
            for id in ids {
                if let Ok(Some(row)) = stored(&connection, "id", &id)
                    && row.outline().is_ok()
                {
                    rows.insert(id, (row, store::document(&connection, id).ok()));
                }
            }
        }
        for (id, copies) in copies {
            for (row, document) in copies {
                let document = Document::unpack(&document).ok();
                let better = rows.get(&id).is_none_or(|(known, whole)| {
                    // What SQLite reads is the present; a copy may be an older revision.
                    row.outline().is_ok()
                        && (whole.is_none() && document.is_some() && known.revision <= row.revision
                            || whole.is_some() && document.is_some() && known.revision < row.revision)
                });
                if better && row.outline().is_ok() {
                    rows.insert(id, (row, document));
                }
            }
        }
        Ok(Self { rows, is_sqlite: file.starts_with(b"SQLite format 3\0") })
    }
}

/// A connection that reads on where it can.
fn forgiving(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // With this, a file that is shorter than its header says is read as far as it goes.
    connection.pragma_update(None, "writable_schema", true)?;
    Ok(connection)
}

/// The numbers of cases from one end to the first that cannot be read.
fn numbers(connection: &Connection, order: &str) -> Vec<i64> {
    let Ok(mut query) = connection.prepare(&format!("SELECT id FROM cases ORDER BY id {order}")) else {
        return Vec::new();
    };
    let Ok(rows) = query.query_map([], |row| row.get(0)) else { return Vec::new() };
    rows.map_while(Result::ok).collect()
}

/// What can be said of a case whose document is lost.
fn stand_in(outline: &Outline, key: &str) -> Result<Document, Error> {
    let Facts { status, severity, failure_mode, area, title, entity, probability, .. } = &outline.facts;
    let theories: Vec<_> = failure_mode
        .iter()
        .map(|mode| {
            json!({ "rank": 1, "failure_mode": mode, "title": title, "area": area, "entity": entity,
                    "probability": probability })
        })
        .collect();
    Document::from_value(json!({
        "schema": SCHEMA,
        "status": status,
        "severity": { "level": severity, "reasons": [] },
        "hypotheses": theories,
        "notes": ["the document of this case is lost: its history was damaged"],
        "evidence": { "paths": [], "hash": key.split(' ').next() },
    }))
}

/// A file of SQLite that belongs to another one.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(16 * PLENTY).read_to_end(&mut bytes)?;
    Ok(bytes)
}
