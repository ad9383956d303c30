//! What delivery tools did: CDEvents, bare or inside CloudEvents, a line or an array each.

use firstfault_model::{Change, Entity, Masked, Place, Problem, kind};
use serde_json::Value;

use super::{json, start, time};
use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const EVENTS: Format = Format { name: "changes (CDEvents)", recognise, read };

/// More events than this are not held of one file.
const MOST: usize = 100_000;

/// The predicates of events that change what runs, and how they are said.
const VERBS: &[(&str, &str)] = &[
    ("deployed", "deployed"),
    ("upgraded", "upgraded"),
    ("rolledback", "rolled back"),
    ("removed", "removed"),
    ("published", "published"),
    ("modified", "modified"),
    ("created", "created"),
    ("deleted", "deleted"),
    ("merged", "merged"),
    ("finished", "finished"),
];

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk).trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) && start.contains("dev.cdevents.") { 96 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    if let Some(document) = json(chunk) {
        let list = document.as_array().map_or(std::slice::from_ref(&document), Vec::as_slice);
        for item in list.iter().take(MOST) {
            out.changes.extend(change(item, chunk, 0));
        }
        return;
    }
    let mut unread = None;
    for (index, line) in chunk.text.lines().take(MOST).enumerate() {
        let line = line.trim().trim_end_matches(',');
        if line.is_empty() || matches!(line, "[" | "]") {
            continue;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(item) => out.changes.extend(change(&item, chunk, index)),
            Err(_) => unread = unread.or(Some(index)),
        }
    }
    if let Some(index) = unread {
        let line = chunk.first_line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        out.problems.push(Problem { place: Place::line(chunk.path, line), what: "a line is not whole JSON".into() });
    }
}

fn change(item: &Value, chunk: &Chunk<'_>, index: usize) -> Option<Change> {
    // In a CloudEvent the event is the data.
    let event = if item["data"]["subject"].is_object() { &item["data"] } else { item };
    let name = event["context"]["type"].as_str().or_else(|| item["type"].as_str())?;
    let mut parts = name.strip_prefix("dev.cdevents.")?.split('.');
    let (subject, predicate) = (parts.next()?, parts.next()?);
    let verb = VERBS.iter().find(|(word, _)| *word == predicate)?.1;
    let content = &event["subject"]["content"];
    let concerns = matches!(subject, "service" | "environment" | "artifact" | "change")
        || (matches!(subject, "pipelinerun" | "taskrun") && predicate == "finished");
    if !concerns {
        return None;
    }
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = text(&event["subject"]["id"])?;
    let at = text(&event["context"]["timestamp"]).or_else(|| text(&item["time"]));
    let mut what = format!("{subject} {verb}");
    for (word, value) in [
        ("artifact", text(&content["artifactId"])),
        ("environment", text(&content["environment"]["id"])),
        ("pipeline", text(&content["pipelineName"])),
        ("outcome", text(&content["outcome"])),
        ("repository", text(&content["repository"]["id"])),
    ] {
        if let Some(value) = value {
            what.push_str(&format!(", {word} {value}"));
        }
    }
    let what: String = what.chars().take(300).collect();
    let entity = match subject {
        "service" => Entity::new(kind::SERVICE, last(&id)),
        other => Entity::new(other, last(&id)),
    };
    let evidence = crate::host::cite(chunk, index, &format!("{name}: {id}: {what}"));
    Some(Change {
        entity,
        at: at.and_then(|text| time::parse(&text, &chunk.context.assume)),
        what: Masked::new(&what).as_str().to_owned(),
        evidence,
    })
}

/// The last part of an id that is a path: `/namespace/service`.
fn last(id: &str) -> &str {
    id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    const LINES: &str = concat!(
        r#"{"specversion":"1.0","id":"1","source":"/ci","type":"dev.cdevents.service.upgraded.0.2.0","time":"2026-01-05T09:58:00Z","data":{"context":{"version":"0.4.1","id":"1","source":"/ci","type":"dev.cdevents.service.upgraded.0.2.0","timestamp":"2026-01-05T09:58:00Z"},"subject":{"id":"press/till","source":"/ci","type":"service","content":{"environment":{"id":"production"},"artifactId":"pkg:oci/till@sha256:0b31"}}}}"#,
        "\n",
        r#"{"context":{"version":"0.4.1","id":"2","source":"/ci","type":"dev.cdevents.pipelinerun.started.0.2.0","timestamp":"2026-01-05T09:50:00Z"},"subject":{"id":"run-7","type":"pipelineRun","content":{"pipelineName":"release"}}}"#,
        "\n",
        r#"{"context":{"version":"0.4.1","id":"3","source":"/ci","type":"dev.cdevents.pipelinerun.finished.0.2.0","timestamp":"2026-01-05T09:57:00Z"},"subject":{"id":"run-7","type":"pipelineRun","content":{"pipelineName":"release","outcome":"success"}}}"#,
        "\n",
    );

    fn changes(text: &str) -> Yield {
        let chunk = chunk("cdevents.jsonl", text, None);
        assert!(recognise(&chunk) > 90);
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    #[test]
    fn what_changes_something_is_a_change_with_its_time() {
        let out = changes(LINES);
        assert_eq!(out.changes.len(), 2);
        let upgrade = &out.changes[0];
        assert_eq!(upgrade.entity, Entity::new("service", "till"));
        assert_eq!(upgrade.at, "2026-01-05T09:58:00Z".parse().ok());
        assert_eq!(upgrade.what, "service upgraded, artifact pkg:oci/till@sha256:0b31, environment production");
        assert_eq!(out.changes[1].evidence.place.lines.0, 3);
    }

    #[test]
    fn an_array_is_read_and_a_cut_line_is_said() {
        let lines: Vec<&str> = LINES.lines().collect();
        assert_eq!(changes(&format!("[{}]", lines.join(","))).changes.len(), 2);
        let out = changes(&LINES[..LINES.len() - 40]);
        assert_eq!((out.changes.len(), out.problems.len()), (1, 1));
    }
}
