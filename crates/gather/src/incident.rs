//! `incident.yaml`: what a person says about the incident.

use firstfault_model::{Assume, Entity, Incident, Window};
use serde::Deserialize;

/// The file's own shape; everything in it is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stated {
    symptom: Option<String>,
    window: StatedWindow,
    about: Vec<StatedEntity>,
    assume: StatedAssume,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatedWindow {
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatedEntity {
    kind: String,
    namespace: Option<String>,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatedAssume {
    timezone: Option<String>,
    year: Option<i16>,
}

/// Reads the file; what cannot be read is said, and the rest holds.
pub(crate) fn read(text: &str) -> (Incident, Vec<String>) {
    let stated: Stated = match serde_saphyr::from_str(text) {
        Ok(stated) => stated,
        Err(error) => return (Incident::default(), vec![format!("not understood: {error}")]),
    };
    let mut problems = Vec::new();
    let mut time = |text: Option<String>| {
        let text = text?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            problems.push(format!("`{text}` is no RFC 3339 time"));
        }
        parsed
    };
    let window = Window { from: time(stated.window.from), to: time(stated.window.to) };
    let about = stated
        .about
        .iter()
        .map(|e| Entity::namespaced(&e.kind, e.namespace.as_deref().unwrap_or(""), &e.name))
        .collect();
    let assume = Assume { timezone: stated.assume.timezone, year: stated.assume.year };
    (Incident { symptom: stated.symptom, window, about, assume }, problems)
}

/// What was said on the command line, filled in from the file.
pub(crate) fn combine(first: &Incident, second: Incident) -> Incident {
    Incident {
        symptom: first.symptom.clone().or(second.symptom),
        window: Window { from: first.window.from.or(second.window.from), to: first.window.to.or(second.window.to) },
        about: if first.about.is_empty() { second.about } else { first.about.clone() },
        assume: Assume {
            timezone: first.assume.timezone.clone().or(second.assume.timezone),
            year: first.assume.year.or(second.assume.year),
        },
    }
}
