//! Detectors: from the World to Findings, one module a topic.

mod registry;

pub use registry::{declarations, observe};
