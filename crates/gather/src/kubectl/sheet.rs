//! The lines of one command's output, and what the readers of this folder put into the yield.

use firstfault_model::{Evidence, Masked, Name, Place, Problem, Value};

use super::asked::Asked;
use crate::kinds;
use crate::{Command, CommandError, Event, Form, Object, Origin};

/// The output of one command (or a whole file without a prompt), line by line.
#[derive(Clone, Debug)]
pub(super) struct Sheet<'a> {
    /// The file.
    pub(super) path: &'a Name,
    /// The number of the first line.
    pub(super) first: u32,
    /// Lines without their ends.
    pub(super) lines: Vec<&'a str>,
    /// The text stops without a line end, so the last line may be cut.
    pub(super) open_end: bool,
    /// The command line.
    pub(super) asked: Option<Asked>,
}

impl<'a> Sheet<'a> {
    /// Splits a text into lines.
    pub(super) fn new(path: &'a Name, first: u32, text: &'a str, command: Option<&Command>) -> Self {
        let lines = text.lines().map(|line| line.trim_end_matches('\r')).collect();
        let open_end = !text.is_empty() && !text.ends_with('\n');
        Self { path, first, lines, open_end, asked: command.and_then(Asked::of) }
    }

    /// The place of the lines `from..=to` (counted from 0 in this sheet).
    pub(super) fn place(&self, from: usize, to: usize) -> Place {
        let number = |line: usize| self.first.saturating_add(u32::try_from(line).unwrap_or(u32::MAX));
        Place { path: self.path.clone(), lines: (number(from), number(to)) }
    }

    /// One line as evidence.
    pub(super) fn cite(&self, line: usize) -> Evidence {
        Evidence { place: self.place(line, line), excerpt: Masked::new(self.lines[line].trim()) }
    }

    /// A line that could not be read.
    pub(super) fn problem(&self, line: usize, what: &str) -> Problem {
        Problem { place: self.place(line, line), what: what.to_owned() }
    }

    /// A command's complaint.
    pub(super) fn complaint(&self, line: usize, message: &str, command: Option<&str>) -> CommandError {
        CommandError { command: command.map(str::to_owned), message: message.to_owned(), evidence: self.cite(line) }
    }

    /// The namespace that the command asked for; `default` if it named none; else one that the path tells.
    pub(super) fn namespace(&self) -> Option<Name> {
        if let Some(asked) = self.asked.as_ref().filter(|asked| !asked.vague) {
            return match &asked.namespace {
                Some(namespace) => Some(namespace.clone()),
                None if asked.everywhere => None,
                None => Some("default".into()),
            };
        }
        let mut parts = self.path.split('/');
        parts.find(|part| *part == "namespaces")?;
        parts.next().filter(|part| !part.contains('.')).map(Name::from)
    }
}

/// An object that was printed, with its metadata begun.
pub(super) fn object(kind: &Name, namespace: Option<&str>, name: &str, place: Place, form: Form) -> Object {
    let namespace = namespace.filter(|namespace| !namespace.is_empty() && !kinds::is_cluster_scoped(kind));
    let mut body = Value::default();
    body.set("metadata.name", Value::str(name));
    if let Some(namespace) = namespace {
        body.set("metadata.namespace", Value::str(namespace));
    }
    Object {
        kind: kind.clone(),
        namespace: namespace.map(Name::from),
        name: name.into(),
        body,
        origins: vec![Origin { place, form }],
    }
}

/// An event about an object, without its namespace where the kind has none.
pub(super) fn event(kind: &Name, namespace: Option<&str>, name: &str, place: Place) -> Event {
    let namespace = namespace.filter(|_| !kinds::is_cluster_scoped(kind)).unwrap_or("");
    Event {
        about: firstfault_model::Entity::namespaced(kind, namespace, name),
        warning: false,
        reason: Name::default(),
        message: String::new(),
        from: Name::default(),
        count: 1,
        first: None,
        last: None,
        ago: None,
        place,
    }
}
