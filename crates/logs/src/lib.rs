//! The log engine: formats, records, error lines and counts by shape.

mod builder;
pub mod cre;
mod digest;
mod format;
mod overview;
mod pending;
mod record;
mod requests;
mod shape;
mod signatures;
pub mod stack;
mod template;
mod timeline;

pub use builder::DigestBuilder;
pub use digest::{Digest, Hit, Level, Shape, Words};
pub use format::{Format, Ids, formats, ids};
pub use overview::{Overview, Totals};
pub use record::{Joiner, Record};
pub use requests::Endpoint;
pub use signatures::Signatures;
pub use template::{Mined, Miner, Template, ValueType, Variable};
pub use timeline::{Around, Entries, Entry, Kept, Log, Merged, Selection, Source, Timeline, Unreadable};
