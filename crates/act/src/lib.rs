//! Plans to mend what a case found: what to do, in which order, how to see that it worked, and the way back.
//! And the message that says how it goes.
//!
//! Pure: a case and the catalogue go in, text and data come out. Nothing is executed.

mod action;
mod blanks;
mod compose;
pub mod markdown;
mod memory;
mod message;
mod plan;
mod step;
mod words;

#[cfg(test)]
mod compose_tests;

pub use compose::plan;
pub use markdown::markdown;
pub use message::{Audience, Progress, message};
pub use plan::{Approval, Blank, Cause, Check, Command, Does, Phase, Plan, SCHEMA, Step, Strategy, json, schema};
pub use step::command;
