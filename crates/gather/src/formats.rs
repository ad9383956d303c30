//! The one table of formats, and what a reader is given.

use std::sync::Arc;

use firstfault_logs::Signatures;
use firstfault_model::{Assume, Name, Window};
use jiff::Timestamp;

use crate::{Yield, host, kubectl, log_reader, mesh, objects, signals};

/// What a reader is given: one file, or the output of one command inside a transcript.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The file, relative to what was given.
    pub path: &'a Name,
    /// The line of the file at which `text` begins, from 1.
    pub first_line: u32,
    /// The command whose output this is, where a prompt or the file's name tells.
    pub command: Option<&'a Command>,
    /// The text: UTF-8, line feeds only, no escape codes.
    pub text: &'a str,
    /// What holds for the whole evidence.
    pub context: &'a Context,
}

/// What holds for the whole evidence.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// How to read times without a zone or year.
    pub assume: Assume,
    /// The time of the incident.
    pub window: Window,
    /// Known log messages.
    pub signatures: Arc<Signatures>,
    /// The file's own time, for years that nothing else tells.
    pub modified: Option<Timestamp>,
}

impl Context {
    /// For one file. The window, where it is given, tells the year better than a file's time, which
    /// unpacking changes.
    pub(crate) fn of_file(&self, modified: Option<Timestamp>) -> Self {
        Self { modified: self.modified.or(modified), ..self.clone() }
    }
}

/// A command line as a prompt showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The whole line.
    pub line: String,
    /// The host it ran on (`ssh HOST …`, or a prompt that tells).
    pub host: Option<String>,
    /// The words of the command itself: without `ssh HOST`, `sudo` and what follows a pipe.
    pub words: Vec<String>,
    /// What follows the first pipe or redirection: `grep x`, `tail -n 5`, …
    pub piped: Option<String>,
}

impl Command {
    /// The program: `kubectl` also for `k` and `oc`.
    #[must_use]
    pub fn program(&self) -> &str {
        let word = self.words.first().map_or("", String::as_str);
        match word.rsplit('/').next().unwrap_or(word) {
            "k" | "oc" | "kubectl.exe" => "kubectl",
            other => other,
        }
    }

    /// The value of an option in any of its forms: `-n x`, `-nx`, `--namespace x`, `--namespace=x`.
    #[must_use]
    pub fn option(&self, short: &str, long: &str) -> Option<&str> {
        let mut words = self.words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if (!short.is_empty() && word == short) || word == long {
                return words.next();
            }
            let attached = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
            let attached =
                attached.or_else(|| word.strip_prefix(short).filter(|_| short.len() == 2 && !word.starts_with("--")));
            if let Some(value) = attached.map(|v| v.trim_start_matches('=')).filter(|v| !v.is_empty()) {
                return Some(value);
            }
        }
        None
    }

    /// Whether a switch is there.
    #[must_use]
    pub fn has(&self, switches: &[&str]) -> bool {
        self.words.iter().any(|word| switches.contains(&word.as_str()))
    }

    /// `-n`/`--namespace`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.option("-n", "--namespace")
    }

    /// `-A`/`--all-namespaces`.
    #[must_use]
    pub fn all_namespaces(&self) -> bool {
        self.has(&["-A", "--all-namespaces", "--all-namespaces=true"])
    }

    /// Words that are neither the program, nor options, nor values of known options.
    #[must_use]
    pub fn arguments(&self) -> Vec<&str> {
        const WITH_VALUE: &[&str] = &[
            "-n",
            "--namespace",
            "-o",
            "--output",
            "-l",
            "--selector",
            "-c",
            "--container",
            "--context",
            "--kubeconfig",
            "--tail",
            "--since",
            "--sort-by",
            "--field-selector",
            "-L",
            "--as",
            "--as-group",
            "-f",
            "--filename",
        ];
        let mut arguments = Vec::new();
        let mut skip = true; // the program
        for word in &self.words {
            if std::mem::take(&mut skip) {
                continue;
            }
            if word.starts_with('-') && word.len() > 1 {
                skip = WITH_VALUE.contains(&word.as_str()) && !(word == "-f" && self.has(&["logs"]));
            } else {
                arguments.push(word.as_str());
            }
        }
        arguments
    }
}

/// One format: how it is recognised and how it is read.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name in coverage lines.
    pub name: &'static str,
    /// How sure it is, 0 to 100, from the head of the text, the command and the path.
    pub recognise: fn(&Chunk<'_>) -> u8,
    /// Reads it; what cannot be read becomes a problem.
    pub read: fn(&Chunk<'_>, &mut Yield),
}

/// The formats by family, which is the folder that their readers stand in.
const FAMILIES: &[(&str, &[Format])] = &[
    ("objects", objects::FORMATS),
    ("kubectl", kubectl::FORMATS),
    ("host", host::FORMATS),
    ("mesh", mesh::FORMATS),
    ("signals", signals::FORMATS),
    ("logs", log_reader::FORMATS),
];

/// All formats. The surest wins; of two that are equally sure, the first.
pub(crate) fn all() -> impl Iterator<Item = &'static Format> {
    FAMILIES.iter().flat_map(|(_, formats)| *formats)
}

/// The family and the name of each format.
pub fn families() -> impl Iterator<Item = (&'static str, &'static str)> {
    FAMILIES.iter().flat_map(|(family, formats)| formats.iter().map(|format| (*family, format.name)))
}
