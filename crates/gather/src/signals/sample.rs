//! What tests of readers share.

use std::sync::LazyLock;

use firstfault_model::Name;

use crate::formats::{Chunk, Command, Context};

static CONTEXT: LazyLock<Context> = LazyLock::new(Context::default);

/// A chunk of a file.
pub(crate) fn chunk<'a>(path: &str, text: &'a str, command: Option<&'a Command>) -> Chunk<'a> {
    // Leaked: a test's path must outlive the chunk that borrows it.
    let path: &'static Name = Box::leak(Box::new(Name::from(path)));
    Chunk { path, first_line: 1, command, text, context: &CONTEXT }
}

/// A command line as the transcript reader would give it.
pub(crate) fn command(line: &str) -> Command {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let (host, words) = match words.first().map(String::as_str) {
        Some("ssh") => (words.get(1).cloned(), words[2..].to_vec()),
        _ => (None, words),
    };
    Command { line: line.to_owned(), host, words, piped: None }
}
