/// A call in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// The function with its class or package; empty where only the place is printed.
    pub(super) function: &'a str,
    /// The file, as printed.
    pub(super) file: &'a str,
    /// The line in it; 0 where it is not printed.
    pub(super) line: u32,
}

impl Frame<'_> {
    /// `function (file:line)`.
    pub(super) fn shown(&self) -> String {
        let Self { function, file, line } = self;
        match (function.is_empty(), file.is_empty(), line) {
            (false, true, _) => (*function).to_owned(),
            (true, _, 0) => (*file).to_owned(),
            (true, _, line) => format!("{file}:{line}"),
            (false, _, 0) => format!("{function} ({file})"),
            (false, _, line) => format!("{function} ({file}:{line})"),
        }
    }
}

/// An exception, a panic or a signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Raised<'a> {
    /// Its type.
    pub(super) kind: &'a str,
    /// The first line of what it says.
    pub(super) message: &'a str,
    /// The calls that it was raised in, the innermost first.
    pub(super) frames: Vec<Frame<'a>>,
}

impl<'a> Raised<'a> {
    /// Without frames yet.
    pub(super) fn new(kind: &'a str, message: &'a str) -> Self {
        Self { kind, message, frames: Vec::new() }
    }

    /// `Type: message` or `Type` alone; `None` where what stands before the colon is no name.
    pub(super) fn from_head(head: &'a str) -> Option<Self> {
        let (kind, message) = head.split_once(": ").unwrap_or((head.trim_end_matches(':'), ""));
        is_name(kind).then(|| Self::new(kind, message))
    }
}

/// Whether a text can be the name of a type: letters, digits, and what joins namespaces.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "._$:\\`+-".contains(c))
        && !text.ends_with([':', '.'])
}

/// How many blanks a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// `path:12` or `path:12:7`: the path and the line.
pub(super) fn place(text: &str) -> Option<(&str, u32)> {
    let (before, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match before.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some((path, line)) if !path.is_empty() => Some((path, line)),
        _ => (!before.is_empty()).then_some((before, last)),
    }
}
