//! Spans: self time, error origin, comparison; profiles.

mod profile;
mod span;

pub use profile::ProfileEntry;
pub use span::Span;
