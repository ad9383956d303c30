//! The log engine: formats, records, error lines and counts by shape.

pub mod change;
pub mod cre;
mod digest;
mod format;
mod lines;
mod literals;
pub mod live;
mod pending;
mod record;
mod requests;
mod signatures;
pub mod stack;
mod template;
mod timeline;
mod totals;

pub use digest::{Digest, DigestBuilder, Histogram, Hit, Ingested, Level, Shape, Varying, Words};
pub use format::{Format, Ids, formats, ids};
pub use lines::lines;
pub use record::{Joiner, Record};
pub use requests::Endpoint;
pub use signatures::Signatures;
pub use template::{Mined, Miner, Mining, Template, ValueType, Variable};
pub use timeline::{Around, Entries, Entry, Kept, Log, Merged, Selection, Source, Timeline, Unreadable};
pub use totals::Totals;
