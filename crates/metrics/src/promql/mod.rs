//! The part of `PromQL` that alert rules are written in: read, evaluated over samples in memory, and run as rules do.
//!
//! The meaning follows Prometheus itself (`promql/engine.go` and `promql/functions.go`, version 2.42); a test of the
//! `firstfault` crate runs the real `promtool` on the same rules and samples and compares. What this part does not
//! have (subqueries, `@`, `bool`, histograms of the new kind) is an error, never another meaning.

mod evaluate;
mod functions;
mod labels;
mod lex;
mod matching;
mod notation;
mod parse;
mod rule;
mod syntax;

pub use evaluate::{Query, RangeStart, Sample, Value};
pub use labels::Labels;
pub use notation::{expand, write_values};
pub use parse::parse;
pub use rule::{Firing, Rule, firings};
pub use syntax::{Expr, Grouping, Matcher, Operator, Selector};

/// The label that holds a metric's name.
pub const NAME: &str = "__name__";

/// A series with its samples, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// The labels, the name among them.
    pub labels: Labels,
    /// Milliseconds and value; a missing sample is not there.
    pub points: Vec<(i64, f64)>,
}

/// Why an expression cannot be read or evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at {at} of `{expression}`")]
pub struct PromqlError {
    /// What is wrong.
    pub what: String,
    /// The byte where it was seen.
    pub at: usize,
    /// The expression.
    pub expression: String,
}

/// Milliseconds of a duration such as `1h30m`; none if it is not one.
#[must_use]
pub fn duration(text: &str) -> Option<i64> {
    lex::duration(text)
}
