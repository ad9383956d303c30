//! Alerts, metrics, traces and changes.

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[];
