//! Kubernetes objects as JSON and YAML, in every tree layout.

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[];
