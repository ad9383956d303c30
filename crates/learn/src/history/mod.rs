//! The memory of cases: one SQLite file that is added to, listed, searched, compared and counted.
//!
//! | module | what |
//! |---|---|
//! | `document` | a case as it is kept, and the part of it that is read |
//! | `record` | what people said of a case, and its outline |
//! | `store` | the file: opening, migrations, adding, reading |
//! | `signs` | what two cases are compared by, packed |
//! | `similar` | the measure of likeness |
//! | `search` | full text |
//! | `statistics` | frequency, times, recurrences, error budget |
//! | `exchange` | JSON lines out and in |
//! | `salvage`, `pages` | what a damaged file still holds |
//!
//! Nothing here looks at the clock: the time of adding is given.

mod document;
mod exchange;
mod filter;
mod pages;
mod record;
mod salvage;
mod search;
mod signs;
mod similar;
mod statistics;
mod store;

pub use document::{Digest, Document};
pub use exchange::{Imported, Line, SCHEMA, import};
pub use filter::{Filter, Progress};
pub use record::{Confirmed, Facts, Outline, Record, Remarks, Verdict};
pub use salvage::Reader;
pub use search::Hit;
pub use similar::{Agreement, Likeness, Shared, WEIGHTS, Weights};
pub use statistics::{Budget, Frequency, Recurrence, Slo, Spread, Statistics, statistics};
pub use store::{Added, History};

use std::path::PathBuf;

/// The most bytes of a line that is imported; a damaged file is read up to sixteen times as much.
const PLENTY: u64 = 128 << 20;

/// Why the memory of cases could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is something else, and was left as it is.
    #[error("{} is no history of firstfault: {why}", .path.display())]
    NotAHistory {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// The file has a schema that this version does not know.
    #[error("{} was written by a newer firstfault (schema {found}, this one knows {known})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// Parts of the file are not what was written.
    #[error("the history is damaged: {0}")]
    Damaged(String),
    /// The file does not begin as one of SQLite does.
    #[error("the file is no SQLite database, or its first page is damaged")]
    NoDatabase,
    /// Another process holds the file for too long.
    #[error("the history is in use by another process")]
    Busy,
    /// Anything else that SQLite says.
    #[error("the history cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// The file cannot be read or compressed data cannot be made.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A text is no case.
    #[error("this is no case: {0}")]
    NoCase(String),
    /// A search without a word in it.
    #[error("there is no word to search for")]
    NoWord,
}

impl Error {
    /// Whether it is about a file that was once right.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::NoDatabase)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error as E, ErrorCode};
        match &error {
            E::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::NotADatabase => Self::NoDatabase,
                ErrorCode::DatabaseCorrupt => Self::Damaged(error.to_string()),
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                _ => Self::Sqlite(error),
            },
            // The schema says what each column holds, so another type was not written by us.
            E::InvalidColumnType(..)
            | E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}
