//! The inference: theories, chain, next test, severity.
//!
//! Pure: findings and relations go in, a [`Case`](firstfault_model::case::Case) comes out.
//! The arithmetic is a naive-Bayes log-odds with noisy-OR likelihoods; every weight is kept,
//! so that a report can show the sum.

mod by_kind;
mod chain;
mod conclude;
mod coverage;
mod faults;
mod graph;
mod score;
mod severity;
mod situation;
mod status;
mod template;
mod theory;

pub use conclude::diagnose;
pub use situation::Situation;
