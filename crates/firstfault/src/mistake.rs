use std::fmt;
use std::io;

/// Something the user can put right, and how.
#[derive(Debug)]
pub(crate) struct Mistake {
    what: String,
    hint: String,
}

impl Mistake {
    pub(crate) fn error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { what: what.into(), hint: hint.into() })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Mistake {}

/// What to do about an error, where that is known.
pub(crate) fn hint(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<Mistake>().map(|m| m.hint.as_str())
}

/// Whether an error is only that nobody reads our output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
