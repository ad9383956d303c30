//! The names of all metrics that a Prometheus holds: `/api/v1/label/__name__/values`.

use firstfault_model::{Name, Place};

use super::{json, start};
use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const NAMES: Format = Format { name: "metric names (Prometheus answer)", recognise, read };

/// More names than this are not held.
const MOST: usize = 500_000;

/// The answer does not say which label it is about: the command or the file's name does, or a
/// name that every Prometheus has of itself.
fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk).trim_start();
    let packed: String = start.chars().take(200).filter(|c| !c.is_whitespace()).collect();
    let listed = packed.starts_with("{\"status\":\"success\",\"data\":[\"");
    let said = chunk.command.is_some_and(|c| c.line.contains("__name__")) || chunk.path.contains("__name__");
    let known = chunk.text.contains("\"scrape_duration_seconds\"") && chunk.text.contains("\"up\"");
    if listed && (said || known) { 94 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(document) = json(chunk) else { return };
    let names = document["data"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
    let place = Place::line(chunk.path, chunk.first_line);
    out.metric_names.extend(names.take(MOST).map(|name| (Name::from(name), place.clone())));
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    #[test]
    fn names_are_read_where_the_file_says_that_they_are_metrics() {
        let text = r#"{"status":"success","data":["shop_orders_total","up"]}"#;
        assert!(recognise(&chunk("label___name___values.json", text, None)) > 80);
        let mut out = Yield::default();
        read(&chunk("label___name___values.json", text, None), &mut out);
        assert_eq!(out.metric_names.len(), 2);
        assert_eq!(recognise(&chunk("label_job_values.json", text, None)), 0);
    }
}
