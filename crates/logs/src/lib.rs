//! The log engine: formats, records, error lines and counts by shape.

pub mod change;
pub mod cre;
mod digest;
mod format;
pub mod live;
mod overview;
mod pending;
mod record;
mod requests;
mod signatures;
pub mod stack;
mod template;
mod timeline;

pub use digest::{Digest, DigestBuilder, Histogram, Hit, Level, Shape, Varying, Words};
pub use format::{Format, Ids, formats, ids};
pub use overview::{Overview, Totals};
pub use record::{Joiner, Record};
pub use requests::Endpoint;
pub use signatures::Signatures;
pub use template::{Mined, Miner, Template, ValueType, Variable};
pub use timeline::{Around, Entries, Entry, Kept, Log, Merged, Selection, Source, Timeline, Unreadable};
