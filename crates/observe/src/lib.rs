//! Detectors: from the World to Findings, one module a topic.

mod health;
mod registry;

pub use health::{health, looked};
pub use registry::{declarations, observe};
