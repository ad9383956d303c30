//! Terminal, JSON, Markdown and HTML reports of a [`Case`](firstfault_model::case::Case).
//!
//! Pure: a case goes in, text comes out. Nothing is said here that the case does not hold.

mod diagram;
mod html;
mod json;
mod markdown;
pub mod markup;
mod terminal;
pub mod words;

pub use html::html;
pub use json::{json, schema};
pub use markdown::markdown;
pub use terminal::{Style, coverage, quiet, terminal};
