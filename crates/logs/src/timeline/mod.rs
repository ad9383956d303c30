//! The records of several logs in one order of time: those around a moment, those of one request, those that match.
//!
//! [`Entries`] reads a log record by record, a [`Selection`] says which are wanted, a [`Timeline`] keeps a bounded number of
//! them. What it keeps depends on the records alone, not on the order in which the logs came.

mod entries;
mod held;
mod identity;
mod merge;
mod select;

pub use entries::{Entries, Entry};
pub use held::Kept;
pub use merge::{Log, Merged, Source, Timeline};
pub use select::{Around, Selection, Unreadable};
