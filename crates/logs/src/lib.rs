//! The log engine: formats, records, error lines and counts by shape.

mod digest;

pub use digest::{Digest, Hit, Level, Shape, Words};
