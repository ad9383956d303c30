//! Log files and log output of commands.

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[];
