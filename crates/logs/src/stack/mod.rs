//! Stack traces: what failed at the root, where in the application, and a fingerprint that stays the same over runs.
//!
//! Each language prints its traces in its own grammar; a file here reads one family of them to the same parts: what was
//! raised, the root first, each with its frames, the innermost first. What is made of the parts is the same for all.

mod at;
mod dotnet;
mod erlang;
mod fingerprint;
mod frame;
mod go;
mod java;
mod library;
mod native;
mod node;
mod php;
mod plain;
mod python;
mod ruby;
mod rust;

#[cfg(test)]
mod tests;

use frame::{Frame, Raised};
use library::Origin;

/// Lines of a record that are looked at; longer traces repeat themselves.
const MOST_LINES: usize = 2000;

/// What printed a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// Python.
    Python,
    /// Go.
    Go,
    /// JavaScript on Node.js.
    Node,
    /// C#, F#, Visual Basic.
    DotNet,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Rust.
    Rust,
    /// C and C++: debuggers, sanitizers, core dumps.
    Native,
    /// Erlang and Elixir.
    Erlang,
}

/// A stack trace in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What printed it; nothing where only an exception's name and message stand there.
    pub language: Option<Language>,
    /// The root exception's type, or `panic`, `fatal error`, a signal's name.
    pub exception: String,
    /// The first line of its message.
    pub message: String,
    /// The first frame from the failure outward that is the application's own: `function (file:line)`.
    pub frame: Option<String>,
    /// The same for the same failure: without lines, addresses, messages and generated names.
    pub fingerprint: u64,
}

/// How a language's traces are read: the raised, the root first.
type Reader = for<'a> fn(&[&'a str]) -> Option<Vec<Raised<'a>>>;

const READERS: &[(Language, Reader)] = &[
    (Language::Java, java::read),
    (Language::Python, python::read),
    (Language::Go, go::read),
    (Language::Node, node::read),
    (Language::DotNet, dotnet::read),
    (Language::Ruby, ruby::read),
    (Language::Php, php::read),
    (Language::Rust, rust::read),
    (Language::Native, native::read),
    (Language::Erlang, erlang::read),
];

/// Reads the trace in a record, if it has one.
#[must_use]
pub fn read(text: &str) -> Option<Trace> {
    let unescaped = unescaped(text);
    let text = unescaped.as_deref().unwrap_or(text);
    // rsyslog writes a tab as its octal number.
    let lines: Vec<&str> = text.lines().take(MOST_LINES).map(|line| line.trim_start_matches("#011")).collect();
    // The trace of one language may quote that of another: the longest is the failure's own.
    let mut best: Option<(usize, Language, Vec<Raised<'_>>)> = None;
    for (language, read) in READERS {
        let Some(chain) = read(&lines).filter(|chain| !chain.is_empty()) else { continue };
        let frames = chain.iter().map(|raised| raised.frames.len()).sum();
        if best.as_ref().is_none_or(|(most, ..)| frames > *most) {
            best = Some((frames, *language, chain));
        }
    }
    match best {
        Some((_, language, chain)) => Some(trace(language, &chain)),
        None => plain::read(&lines),
    }
}

fn trace(language: Language, chain: &[Raised<'_>]) -> Trace {
    let root = &chain[0];
    let frames = || chain.iter().flat_map(|raised| &raised.frames);
    let first = |origin: Origin| frames().find(|f| library::origin(language, f) == origin);
    // Where a framework is all there is, it is the application: a broker, a database.
    let frame = first(Origin::Application).or_else(|| first(Origin::Library));
    Trace {
        language: Some(language),
        exception: root.kind.to_owned(),
        message: root.message.trim().to_owned(),
        frame: frame.map(Frame::shown),
        fingerprint: fingerprint::of(language, chain),
    }
}

/// The lines of a trace that a log wrote on one line, with `\n` for line feeds.
fn unescaped(text: &str) -> Option<String> {
    if text.contains('\n') || !text.contains("\\n") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (character, length) = match rest[at + 1..].chars().next() {
            Some('n') => ('\n', 2),
            Some('t') => ('\t', 2),
            Some('r') => (' ', 2),
            Some(escaped @ ('"' | '\\' | '/')) => (escaped, 2),
            _ => ('\\', 1),
        };
        out.push(character);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Some(out)
}
