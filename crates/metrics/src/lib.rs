//! Time series: rates, quantiles, shapes, onset.

mod role;
mod series;

pub use role::{role_of, split_column};
pub use series::{Role, Series};
