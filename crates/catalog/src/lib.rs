//! Loading, checking and compiling failure modes.
//!
//! The catalogue is data: one YAML file a failure mode, one file of effects, and log
//! signatures. It is embedded into the binary; `--catalog DIR` adds more.

mod alert;
mod check;
mod load;
mod mode;
mod policy;
mod signatures;

pub use alert::{AlertTemplate, AlertTry, CloudWatchTemplate, Computed, DatadogTemplate, Threshold};
pub use check::check;
pub use load::{Catalog, CatalogError};
pub use mode::{Effect, FailureMode, Likelihood, RemedySpec, TestSpec};
pub use policy::{PolicyCheck, PolicyTarget, PolicyTemplate};
