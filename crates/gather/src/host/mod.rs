//! What the tools of a host print.

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[];
