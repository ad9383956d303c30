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
    said: Vec<String>,
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
    let window_offset = [&stated.window.from, &stated.window.to].into_iter().flatten().find_map(|text| offset_of(text));
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
    let assume = Assume { timezone: stated.assume.timezone, year: stated.assume.year, window_offset };
    (Incident { symptom: stated.symptom, window, about, assume, said: stated.said }, problems)
}

/// `+08:00` of `2026-01-02T16:01:18+08:00`; `None` for UTC and for what has none.
#[must_use]
pub fn offset_of(time: &str) -> Option<String> {
    let (_, clock) = time.trim().split_once(['T', ' '])?;
    let offset = &clock[clock.rfind(['+', '-'])?..];
    (offset.len() > 2 && !offset[1..].bytes().all(|b| matches!(b, b'0' | b':'))).then(|| offset.to_owned())
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
            window_offset: first.assume.window_offset.clone().or(second.assume.window_offset),
        },
        said: if first.said.is_empty() { second.said } else { first.said.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_own_offset_is_kept() {
        let (incident, _) = read("window: {from: 2026-01-02T16:01:18+08:00, to: 2026-01-02T16:31:18+08:00}\n");
        assert_eq!(incident.assume.window_offset.as_deref(), Some("+08:00"));
        assert_eq!(offset_of("2026-01-02T16:01:18Z"), None);
        assert_eq!(offset_of("2026-01-02T16:01:18+00:00"), None);
        assert_eq!(offset_of("2026-01-02T16:01:18-0330").as_deref(), Some("-0330"));
        assert_eq!(offset_of("yesterday"), None);
    }
}
