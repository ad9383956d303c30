//! Time series: rates, quantiles, shapes, onset.

mod baseline;
mod onset;
pub mod promql;
mod role;
mod series;
mod trend;

pub use baseline::{Baseline, median, quantile};
pub use onset::{change_point, onset};
pub use role::{role_of, split_column};
pub use series::{Role, Series};
pub use trend::{Trend, runs};
