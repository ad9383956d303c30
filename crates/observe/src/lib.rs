//! Detectors: from the World to Findings, one module a topic.

mod admission;
mod alerts;
mod application;
mod autoscaling;
mod containers;
mod dependencies;
mod health;
mod host;
mod images;
mod jobs;
mod lifecycle;
mod log_changes;
mod losses;
mod merge;
mod mesh;
mod nodes;
mod performance;
mod pod;
mod probes;
mod registry;
mod requests;
mod resources;
mod rollouts;
mod routing;
mod rules;
#[cfg(test)]
mod sample;
mod scheduling;
pub mod selector;
mod startup;
mod storage;
mod words;
mod workloads;

pub use health::{health, looked};
pub use host::x509;
pub use losses::losses;
pub use registry::{declarations, observe};
