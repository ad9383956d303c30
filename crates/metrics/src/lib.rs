//! Time series: rates, quantiles, shapes, onset.

mod series;

pub use series::{Role, Series};
