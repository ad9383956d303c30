use crate::{Masked, Name};

/// Where something stands: a file of the evidence and lines in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The path relative to what was given, archives as folders (`dump.tar.gz/pods.json`).
    pub path: Name,
    /// First and last line, counted from 1; 0 where lines mean nothing.
    pub lines: (u32, u32),
}

impl Place {
    /// One line of a file.
    #[must_use]
    pub fn line(path: &Name, line: u32) -> Self {
        Self { path: path.clone(), lines: (line, line) }
    }
}

/// A place and what stands there, masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What, at most a few lines.
    pub excerpt: Masked,
}
