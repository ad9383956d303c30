//! Detectors: from the World to Findings, one module a topic.

mod admission;
mod health;
mod quantity;
mod registry;
mod routing;
#[cfg(test)]
mod sample;
mod scheduling;
mod selector;
mod merge;
mod pod;
mod application;
mod autoscaling;
mod containers;
mod dependencies;
mod images;
mod jobs;
mod lifecycle;
mod probes;
mod resources;
mod rollouts;
mod startup;
mod words;
mod workloads;

pub use health::{health, looked};
pub use registry::{declarations, observe};
