//! The file: opening, migrations, adding and reading.
//!
//! Write-ahead log with `synchronous = FULL`: what was committed is on the disk before it is acknowledged, and readers
//! never wait for writers. Writers take turns (`BEGIN IMMEDIATE` and a time to wait).

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::document::Document;
use super::record::{Facts, Outline, Record, Remarks};
use super::{Error, search, signs};

/// `ffhi`: firstfault's history, in the header of the file.
pub(super) const APPLICATION: i64 = 0x6666_6869;
/// The page size is fixed, so that a file whose header is lost can still be read.
pub(super) const PAGE: usize = 4096;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(20);
/// The schema's versions: each takes a file of the version before it to its own.
const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];
/// The columns of a case in the order that [`Stored::from_row`] reads.
const COLUMNS: &str = "id, key, revision, added_at, outline, remarks, sum";

/// What adding did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// A new case with this number.
    New(i64),
    /// The case was known under this number, and something was said of it that is new.
    Remarked(i64),
    /// The case was known under this number, and nothing is new.
    Known(i64),
}

impl Added {
    /// The case's number.
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Remarked(id) | Self::Known(id) => id,
        }
    }
}

/// An open memory of cases.
#[derive(Debug)]
pub struct History {
    pub(super) connection: Connection,
}

/// A row of `cases` without its document, as it lies in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) revision: i64,
    pub(super) added_at: String,
    pub(super) outline: String,
    pub(super) remarks: String,
    pub(super) sum: i64,
}

impl History {
    /// Opens the file for adding; makes it where there is none.
    ///
    /// # Errors
    /// [`Error::NotAHistory`], [`Error::Newer`], [`Error::Damaged`], [`Error::Busy`], or what SQLite says.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let mut history = Self::prepared(connection)?;
        if version(&history.connection, path)? < MIGRATIONS.len() {
            history.connection.pragma_update(None, "page_size", PAGE as i64)?;
            write_ahead(&history.connection)?;
            migrate(&mut history.connection, path, MIGRATIONS)?;
        }
        Ok(history)
    }

    /// Opens an existing file for reading. It is brought to the newest schema where it is older.
    ///
    /// # Errors
    /// As [`History::open`].
    pub fn open_to_read(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        let mut history = Self::prepared(connection)?;
        match version(&history.connection, path)? {
            // Nothing is in it yet; reading makes no tables.
            0 => return Self::in_memory(),
            found if found < MIGRATIONS.len() => migrate(&mut history.connection, path, MIGRATIONS)?,
            _ => {}
        }
        Ok(history)
    }

    /// A history that is nowhere but in memory.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn in_memory() -> Result<Self, Error> {
        let mut history = Self::prepared(Connection::open_in_memory()?)?;
        migrate(&mut history.connection, &PathBuf::new(), MIGRATIONS)?;
        Ok(history)
    }

    fn prepared(connection: Connection) -> Result<Self, Error> {
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // The file may come from anybody: nothing in its schema is run, and broken pages are noticed early.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(Self { connection })
    }

    /// Adds a case, or says more of one that is known: the same evidence with the same first answer is the same case.
    /// When it returns, the case is on the disk.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Busy`], or what SQLite says.
    pub fn add(&mut self, document: &Document, said: &Remarks, added_at: Timestamp) -> Result<Added, Error> {
        let transaction = self.write()?;
        let added = put(&transaction, document, said, added_at)?;
        transaction.commit()?;
        Ok(added)
    }

    /// Adds remarks to the case with this number; `None` where there is none.
    ///
    /// # Errors
    /// As [`History::add`].
    pub fn remark(&mut self, id: i64, said: &Remarks) -> Result<Option<Added>, Error> {
        let transaction = self.write()?;
        let Some(stored) = stored(&transaction, "id", &id)? else { return Ok(None) };
        let added = say_more(&transaction, &stored, said)?;
        transaction.commit()?;
        Ok(Some(added))
    }

    pub(super) fn write(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// All cases in the order of their numbers, without their documents.
    ///
    /// # Errors
    /// [`Error::Damaged`] where a row is not what was written.
    pub fn outlines(&self) -> Result<Vec<Outline>, Error> {
        let mut query = self.connection.prepare(&format!("SELECT {COLUMNS} FROM cases ORDER BY id"))?;
        let rows = query.query_map([], Stored::from_row)?;
        rows.map(|row| row?.outline()).collect()
    }

    /// A case by its number, without its document.
    ///
    /// # Errors
    /// As [`History::outlines`].
    pub fn outline(&self, id: i64) -> Result<Option<Outline>, Error> {
        stored(&self.connection, "id", &id)?.map(|row| row.outline()).transpose()
    }

    /// A case by its number.
    ///
    /// # Errors
    /// As [`History::outlines`].
    pub fn record(&self, id: i64) -> Result<Option<Record>, Error> {
        let Some(outline) = self.outline(id)? else { return Ok(None) };
        Ok(Some(Record { outline, document: document(&self.connection, id)? }))
    }

    /// The number of the case with this evidence and first answer.
    ///
    /// # Errors
    /// As [`History::outlines`].
    pub fn known(&self, document: &Document) -> Result<Option<i64>, Error> {
        Ok(stored(&self.connection, "key", &document.digest().key())?.map(|row| row.id))
    }

    /// Looks at every page, row and document, and says what is not as it was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] where not even that is possible.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        let mut query = self.connection.prepare("PRAGMA integrity_check(20)")?;
        let mut problems: Vec<String> =
            query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<_, _>>()?;
        problems.retain(|line| line != "ok");
        for outline in self.outlines()? {
            let id = outline.id;
            if let Err(error) = document(&self.connection, id) {
                problems.push(format!("case {id}: {error}"));
            }
            if let Err(error) = signs::of_case(&self.connection, id) {
                problems.push(format!("case {id}: {error}"));
            }
        }
        Ok(problems)
    }
}

impl Stored {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            revision: row.get(2)?,
            added_at: row.get(3)?,
            outline: row.get(4)?,
            remarks: row.get(5)?,
            sum: row.get(6)?,
        })
    }

    /// CRC-32 over the columns, each with its length before it.
    pub(super) fn summed(&self) -> i64 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.id.to_le_bytes());
        hasher.update(&self.revision.to_le_bytes());
        for text in [&self.key, &self.added_at, &self.outline, &self.remarks] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        i64::from(hasher.finalize())
    }

    /// The row as an outline, where it is what was written.
    pub(super) fn outline(&self) -> Result<Outline, Error> {
        let damaged = |why: &dyn std::fmt::Display| Error::Damaged(format!("case {}: {why}", self.id));
        if self.sum != self.summed() {
            return Err(damaged(&"its checksum does not agree with it"));
        }
        let facts: Facts = serde_json::from_str(&self.outline).map_err(|e| damaged(&e))?;
        let remarks: Remarks = serde_json::from_str(&self.remarks).map_err(|e| damaged(&e))?;
        let added_at = self.added_at.parse().map_err(|e| damaged(&e))?;
        Ok(Outline { id: self.id, revision: self.revision, added_at, facts, remarks })
    }
}

/// The schema's version; an error where the file is not ours or too new.
fn version(connection: &Connection, path: &Path) -> Result<usize, Error> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (found, application) = (number("user_version")?, number("application_id")?);
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == APPLICATION && found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    let (empty, ours) = (tables == 0 && found == 0 && application == 0, application == APPLICATION && found > 0);
    if !empty && !ours {
        let why = "it is the SQLite database of another program".to_owned();
        return Err(Error::NotAHistory { path: path.to_owned(), why });
    }
    Ok(usize::try_from(found).unwrap_or(0))
}

/// Turns the write-ahead log on. While another process does the same, SQLite answers "busy" without waiting.
fn write_ahead(connection: &Connection) -> Result<(), Error> {
    const TRIES: u32 = 200;
    let mut last = None;
    for _ in 0..TRIES {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(Error::from(error)),
        }
        if !matches!(last, Some(Error::Busy)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    last.map_or(Ok(()), Err)
}

/// Runs what is missing of the migrations, all or nothing; whoever comes second finds the work done.
pub(super) fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    let done = usize::try_from(done)
        .map_err(|_| Error::NotAHistory { path: path.to_owned(), why: "its schema has no version".to_owned() })?;
    for (number, migration) in migrations.iter().enumerate().skip(done) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", (number + 1) as i64)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()?;
    Ok(())
}

/// Adds a case inside a transaction, or says more of a known one.
pub(super) fn put(
    connection: &Connection,
    document: &Document,
    said: &Remarks,
    added_at: Timestamp,
) -> Result<Added, Error> {
    if let Some(stored) = stored(connection, "key", &document.digest().key())? {
        return say_more(connection, &stored, said);
    }
    let id: i64 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM cases", [], |row| row.get(0))?;
    let outline = Outline { id, revision: 1, added_at, facts: Facts::of(document.digest()), remarks: said.masked() };
    insert(connection, &Record { outline, document: document.clone() }, document.digest().key())?;
    Ok(Added::New(id))
}

/// Writes a record as it is, with its number; the number must be free.
pub(super) fn insert(connection: &Connection, record: &Record, key: String) -> Result<(), Error> {
    let row = row_of(&record.outline, key)?;
    connection
        .prepare_cached(
            "INSERT INTO cases (id, key, revision, added_at, outline, remarks, document, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            row.id,
            row.key,
            row.revision,
            row.added_at,
            row.outline,
            row.remarks,
            record.document.packed()?,
            row.sum
        ])?;
    signs::write(connection, &record.outline, record.document.digest())?;
    search::write(connection, &record.outline, record.document.digest())
}

/// Writes other remarks to a case that is there. The outline is written as well: a number that was read may be printed
/// with another last digit, and the checksum is over what is printed.
pub(super) fn rewrite(connection: &Connection, outline: &Outline, key: String) -> Result<(), Error> {
    let row = row_of(outline, key)?;
    connection.execute(
        "UPDATE cases SET revision = ?2, added_at = ?3, outline = ?4, remarks = ?5, sum = ?6 WHERE id = ?1",
        params![row.id, row.revision, row.added_at, row.outline, row.remarks, row.sum],
    )?;
    let document = document(connection, outline.id)?;
    signs::write(connection, outline, document.digest())?;
    search::write(connection, outline, document.digest())
}

fn say_more(connection: &Connection, stored: &Stored, said: &Remarks) -> Result<Added, Error> {
    let mut outline = stored.outline()?;
    let before = outline.remarks.clone();
    outline.remarks.take(&said.masked());
    if outline.remarks == before {
        return Ok(Added::Known(outline.id));
    }
    outline.revision += 1;
    rewrite(connection, &outline, stored.key.clone())?;
    Ok(Added::Remarked(outline.id))
}

fn row_of(outline: &Outline, key: String) -> Result<Stored, Error> {
    let json = |error: serde_json::Error| Error::NoCase(error.to_string());
    let mut row = Stored {
        id: outline.id,
        key,
        revision: outline.revision,
        added_at: outline.added_at.to_string(),
        outline: serde_json::to_string(&outline.facts).map_err(json)?,
        remarks: serde_json::to_string(&outline.remarks).map_err(json)?,
        sum: 0,
    };
    row.sum = row.summed();
    Ok(row)
}

/// The row whose `column` (`id` or `key`) has this value.
pub(super) fn stored(
    connection: &Connection,
    column: &'static str,
    value: &dyn rusqlite::ToSql,
) -> Result<Option<Stored>, Error> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM cases WHERE {column} = ?1"))?;
    Ok(query.query_row([value], Stored::from_row).optional()?)
}

/// The whole case with this number.
pub(super) fn document(connection: &Connection, id: i64) -> Result<Document, Error> {
    let mut query = connection.prepare_cached("SELECT document FROM cases WHERE id = ?1")?;
    let packed: Vec<u8> = query.query_row([id], |row| row.get(0))?;
    Document::unpack(&packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_runs_once_and_keeps_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.sqlite");
        let mut history = History::open(&path).expect("opens");
        history.connection.execute("INSERT INTO terms (text) VALUES ('kept')", []).expect("writes");
        let later = [MIGRATIONS[0], "CREATE TABLE later (text TEXT) STRICT; INSERT INTO later VALUES ('once');"];
        for _ in 0..2 {
            migrate(&mut history.connection, &path, &later).expect("migrates");
        }
        let count = |table: &str| -> i64 {
            let query = format!("SELECT count(*) FROM {table}");
            history.connection.query_row(&query, [], |row| row.get(0)).expect("counts")
        };
        assert_eq!((count("terms"), count("later")), (1, 1));
        let found = History::open(&path).map(drop);
        assert!(matches!(found, Err(Error::Newer { found: 2, known: 1, .. })), "{found:?}");
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut history = History::in_memory().expect("opens");
        let broken = [MIGRATIONS[0], "CREATE TABLE half (text TEXT); SELECT nonsense;"];
        migrate(&mut history.connection, Path::new(""), &broken).expect_err("the second step is wrong");
        let version: i64 =
            history.connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("reads");
        assert_eq!(version, 1);
        history.connection.prepare("SELECT * FROM half").expect_err("it was undone");
    }

    #[test]
    fn what_is_committed_is_on_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::open(&folder.path().join("history.sqlite")).expect("opens");
        let pragma = |name: &str| -> String {
            let value =
                history.connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
            format!("{:?}", value.expect("reads"))
        };
        assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
        assert_eq!(pragma("synchronous"), "Integer(2)", "FULL");
    }
}
