//! What comes after an incident: the postmortem, what would have caught it, and the memory of cases.

pub mod history;
pub mod postmortem;
pub mod prevent;
