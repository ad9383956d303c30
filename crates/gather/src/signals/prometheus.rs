//! Answers of Prometheus' HTTP interface: `query` and `query_range`, as matrix, vector, scalar or
//! error. Thanos, Mimir and VictoriaMetrics answer alike.

use firstfault_metrics::{Series, role_of};
use firstfault_model::{Entity, Name, Place, Problem, kind};
use jiff::Timestamp;
use serde_json::Value;

use super::histogram::means;
use super::whom::whom;
use super::{Lines, json_or_part, start};
use crate::formats::{Chunk, Format};
use crate::{CommandError, Yield};

pub(crate) const ANSWER: Format = Format { name: "Prometheus answer", recognise, read };

/// More series than this are not held of one file.
const MOST: usize = 200_000;
/// More samples than this are not held of one file.
const MOST_SAMPLES: usize = 20_000_000;

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk).trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with(['{', '[']) {
        return 0;
    }
    let has = |key: &str| start.contains(&format!("\"{key}\""));
    if has("resultType") && (has("result") || has("data")) {
        return 95;
    }
    if has("status") && has("errorType") && has("error") {
        return 90;
    }
    // `promtool query -o json` prints the result alone.
    let bare = has("metric") && (has("values") || has("value")) && start.starts_with('[');
    if bare && !has("labels") { 85 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut lines = Lines::new(chunk);
    let Some(document) = json_or_part(chunk, out) else { return };
    let data = if document["data"].is_object() { &document["data"] } else { &document };
    if document["status"] == "error" {
        let text = |key: &str| document[key].as_str().unwrap_or_default();
        let message = format!("{}: {}", text("errorType"), text("error"));
        let evidence = lines.cite("\"error\"", &message);
        out.errors.push(CommandError { command: chunk.command.map(|c| c.line.clone()), message, evidence });
        return;
    }
    for warning in document["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).take(10) {
        let place = Place::line(chunk.path, chunk.first_line);
        out.problems.push(Problem { place, what: format!("Prometheus warns: {warning}") });
    }
    match data["resultType"].as_str() {
        Some("scalar") => scalar(chunk, &data["result"], &mut lines, out),
        _ => {
            let result = data["result"].as_array().or_else(|| document.as_array());
            vector(chunk, result.map_or(&[], Vec::as_slice), &mut lines, out);
        }
    }
    means(&mut out.series);
}

/// The file's name stands for the metric where the query took the name away.
fn named(chunk: &Chunk<'_>) -> Name {
    let file = chunk.path.rsplit('/').next().unwrap_or_default();
    Name::from(file.split('.').next().unwrap_or_default())
}

fn scalar(chunk: &Chunk<'_>, result: &Value, lines: &mut Lines<'_>, out: &mut Yield) {
    if let Some(point) = point(result) {
        let place = lines.cite("\"result\"", "").place;
        out.series.push(series(named(chunk), &[], vec![point], place));
    }
}

fn vector(chunk: &Chunk<'_>, result: &[Value], lines: &mut Lines<'_>, out: &mut Yield) {
    let mut samples = 0;
    for item in result.iter().take(MOST) {
        let labels: Vec<(Name, Name)> = item["metric"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((Name::from(name.as_str()), Name::from(value.as_str()?))))
            .take(64)
            .collect();
        let metric = labels.iter().find(|(name, _)| *name == "__name__").map(|(_, value)| value.clone());
        let mut points: Vec<(Timestamp, f64)> =
            item["values"].as_array().into_iter().flatten().chain([&item["value"]]).filter_map(point).collect();
        samples += points.len();
        if samples > MOST_SAMPLES {
            let place = Place::line(chunk.path, chunk.first_line);
            out.problems.push(Problem { place, what: "more samples than are read of one file".into() });
            return;
        }
        points.sort_by_key(|(at, _)| *at);
        let place = lines.cite("\"metric\"", "").place;
        lines.pass("\"metric\"");
        if !points.is_empty() {
            out.series.push(series(metric.unwrap_or_else(|| named(chunk)), &labels, points, place));
        }
    }
}

/// `[1700000000.5, "12"]`; what is no number (`NaN`, `+Inf`) is no sample.
fn point(value: &Value) -> Option<(Timestamp, f64)> {
    let pair = value.as_array()?;
    let seconds = pair.first()?.as_f64()?;
    let number = match pair.get(1)? {
        Value::String(text) => text.parse().ok()?,
        other => other.as_f64()?,
    };
    let at = Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()?;
    f64::is_finite(number).then_some((at, number))
}

/// A series of a metric and its labels.
pub(super) fn series(metric: Name, labels: &[(Name, Name)], points: Vec<(Timestamp, f64)>, place: Place) -> Series {
    let (entity, labels) = whom(labels);
    let (entity, metric) = match entity {
        Some(entity) => (entity, metric),
        None => match firstfault_metrics::split_column(&metric) {
            Some((name, rest)) => (Entity::new(kind::SERVICE, name), Name::from(rest)),
            None => (Entity::new(kind::SERVICE, "unknown"), metric),
        },
    };
    Series { role: role_of(&metric), metric, entity, labels, points, place }
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;
    use firstfault_metrics::Role;

    fn all(path: &str, text: &str) -> Yield {
        let chunk = chunk(path, text, None);
        assert!(recognise(&chunk) > 80, "{text}");
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    const MATRIX: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[
      {"metric":{"__name__":"container_memory_working_set_bytes","namespace":"press","pod":"ink-5d9f7c6b8-x2k4q","container":"ink"},
       "values":[[1767607200,"104857600"],[1767607215.5,"115343360"],[1767607230,"NaN"]]},
      {"metric":{"__name__":"up","instance":"10.0.0.7:9100","job":"node"},"values":[[1767607200,"1"]]}]}}"#;

    #[test]
    fn a_matrix_gives_series_of_its_pods_and_hosts() {
        let out = all("memory.json", MATRIX);
        assert_eq!(out.series.len(), 2);
        let memory = &out.series[0];
        assert_eq!(memory.entity, Entity::namespaced("Pod", "press", "ink-5d9f7c6b8-x2k4q"));
        assert_eq!((memory.role, memory.points.len()), (Some(Role::Memory), 2));
        assert_eq!(memory.points[1].0.to_string(), "2026-01-05T10:00:15.5Z");
        assert_eq!(out.series[1].entity, Entity::new("host", "10.0.0.7"));
    }

    #[test]
    fn a_vector_and_a_scalar_give_one_sample_each() {
        let vector = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"service":"till"},"value":[1767607200.781,"0.25"]}]}}"#;
        let out = all("prom/error_ratio.json", vector);
        assert_eq!((out.series[0].metric.as_str(), out.series[0].role), ("error_ratio", Some(Role::Errors)));
        let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1767607200,"3"]}}"#;
        assert_eq!(all("x.json", scalar).series[0].points[0].1, 3.0);
    }

    #[test]
    fn promtools_bare_result_is_the_same() {
        let text = r#"[{"metric":{"__name__":"http_requests_total","pod":"till-0"},"values":[[1767607200,"7"]]}]"#;
        assert_eq!(all("q.json", text).series[0].role, Some(Role::Throughput));
    }

    #[test]
    fn an_error_is_a_failed_command() {
        let out = all(
            "q.json",
            r#"{"status":"error","errorType":"bad_data","error":"parse error: unexpected end of input"}"#,
        );
        assert!(out.series.is_empty());
        assert_eq!(out.errors[0].message, "bad_data: parse error: unexpected end of input");
    }

    #[test]
    fn a_cut_answer_keeps_its_earlier_series() {
        let out = all("memory.json", &MATRIX[..MATRIX.len() - 40]);
        assert_eq!(out.series[0].points.len(), 2);
        assert_eq!(out.problems.len(), 1);
    }
}
