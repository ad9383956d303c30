//! The Common Reliability Enumeration's rule language: rules of others, run on any log, offline.
//!
//! A rules file is a YAML stream. Each rule is a set (positives in any order) or a sequence (in order) of literals,
//! regular expressions or jq programs, inside a window, perhaps with negatives. [`Rules::load`] reads and checks them,
//! [`Matcher`] takes the records of one log in file order.

mod jq;
mod matcher;
mod negative;
mod pattern;
mod rule;
mod scan;
mod sequence;
mod set;
mod source;

#[cfg(test)]
mod tests;

pub use matcher::{Match, Matcher};
pub use rule::{RuleError, Rules, Words};
pub(crate) use scan::Scan;
