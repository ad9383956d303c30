//! The log engine: formats, records, error lines and counts by shape.

mod digest;
mod signatures;

pub use digest::{Digest, Hit, Level, Shape, Words};
pub use signatures::Signatures;
