//! Formats of lines: where each keeps its time, how loud it is, and what begins a record.
//!
//! A [`Reader`] learns from the head of a stream where its lines have their times (`place`) and in which notation
//! (`notation`), tries that first on each line, and all else after it, so that formats may alternate.

mod batch;
mod carrier;
mod cursor;
mod directive;
mod ids;
mod json;
mod logfmt;
mod look;
mod moment;
mod month;
mod name;
mod notation;
mod place;
mod pretty;
mod reader;
mod scan;
mod severity;
mod xml;
mod zone;

pub(crate) use batch::each;
pub(crate) use carrier::write_writer;
pub use ids::{Ids, ids};
pub(crate) use ids::{KEYS_OF_TRACES, is_traced};
pub(crate) use look::is_exception_head;
pub(crate) use moment::time_zone;
pub use name::{Format, formats};
pub(crate) use reader::{Line, Reader};
