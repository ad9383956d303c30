//! Kubernetes objects as JSON and YAML, in every tree layout.

mod accept;
mod asked;
mod discovery;
mod events;
mod goldpinger;
mod internal;
mod json;
mod json_scan;
mod json_value;
mod listing;
mod manifest;
mod manifest_stream;
mod recognise;
mod rules;
pub(crate) mod secret;
mod source;
#[cfg(test)]
mod tests;
mod tree;
mod yaml;

use firstfault_model::{Place, Problem};

use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::large::Large;

/// The formats of this folder.
pub(crate) const FORMATS: &[Format] = &[
    Format { name: "Kubernetes objects (JSON)", recognise: recognise::json, read: json::read },
    Format { name: "Kubernetes objects (YAML)", recognise: recognise::yaml, read: manifest::read },
    Format {
        name: "the kinds that the API serves",
        recognise: discovery::is_discovery,
        read: discovery::read_discovery,
    },
    Format { name: "the collector's rights", recognise: discovery::is_rights, read: discovery::read_rights },
    Format { name: "goldpinger check_all", recognise: goldpinger::recognise, read: goldpinger::read },
    Format { name: "rules (Prometheus)", recognise: rules::file, read: rules::read_file },
    Format { name: "rules (Prometheus answer)", recognise: rules::answer, read: rules::read_answer },
    Format {
        name: "collector's errors",
        recognise: recognise::collector_errors,
        read: recognise::read_collector_errors,
    },
    Format {
        name: "a vendor's own checks: not used as evidence",
        recognise: recognise::claims,
        read: recognise::read_claims,
    },
];

/// How a file of one of these formats is read that is too large to hold.
pub(crate) fn of_large(format: &Format) -> Option<fn(&mut Large<'_>, &mut Yield)> {
    match format.name {
        "Kubernetes objects (JSON)" => Some(json::read_large),
        "Kubernetes objects (YAML)" => Some(manifest_stream::read_large),
        _ => None,
    }
}

/// How much of a text is looked at to recognise it.
const HEAD: usize = 64 << 10;

/// The head of a text, cut at a character.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(HEAD)]
}

/// Notes what could not be read.
fn problem(chunk: &Chunk<'_>, line: u32, what: String, out: &mut Yield) {
    out.problems.push(Problem { place: Place::line(chunk.path, line), what });
}
