//! The text that kubectl prints.

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[];
