//! The template miner: which kinds of message a log has, and what varies in them.
//!
//! Streaming, deterministic and without configuration. A line goes three steps: its header is cut off by the columns that the
//! first lines of the file show (`header`); its message becomes a row of words, separators and marks for what varies by its
//! notation (`mask`); the row's fingerprint finds its shape in a map, which is all that a line costs once its shape is known.
//! At the end shapes that differ in what looks like values are joined to templates (`merge`). That step sees the set of
//! shapes only, so miners of several threads or files can be merged in any order.

mod header;
mod mask;
mod merge;
mod miner;
mod mining;
mod shape;
mod values;

#[cfg(test)]
mod tests;

pub use miner::{Mined, Miner, Template};
pub(crate) use miner::{Placed, Source};
pub use mining::Mining;
pub use values::{ValueType, Variable};
