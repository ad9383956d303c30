//! Detectors: from the World to Findings, one module a topic.

mod health;
mod quantity;
mod registry;
mod routing;
#[cfg(test)]
mod sample;
mod scheduling;
mod selector;

pub use health::{health, looked};
pub use registry::{declarations, observe};
