//! Spans: self time, error origin, comparison; profiles.

mod edges;
mod profile;
mod span;

pub use edges::{Edge, edges, self_time};
pub use profile::ProfileEntry;
pub use span::Span;
