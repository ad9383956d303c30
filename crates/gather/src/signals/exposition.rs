//! What `/metrics` prints: the Prometheus text format and OpenMetrics.

use std::collections::BTreeMap;

use firstfault_model::{Name, Place, Problem};
use jiff::Timestamp;

use super::histogram::means;
use super::prometheus::series;
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host::ran;

pub(crate) const EXPOSITION: Format = Format { name: "metrics (exposition)", recognise, read };

/// More series than this are not held of one file.
const MOST: usize = 200_000;

fn recognise(chunk: &Chunk<'_>) -> u8 {
    if chunk.command.is_some() && !ran(chunk, &["curl", "wget", "kubectl", "http", "cat"]) {
        return 0;
    }
    let mut samples = 0;
    let mut comments = 0;
    for line in chunk.text.lines().take(60).filter(|line| !line.trim().is_empty()) {
        if line.starts_with("# HELP ") || line.starts_with("# TYPE ") || line.starts_with("# UNIT ") {
            comments += 1;
        } else if line.starts_with('#') {
            continue;
        } else if sample(line).is_some() {
            samples += 1;
        } else if !chunk.text.trim_end().ends_with(line.trim_end()) {
            // Only the last line may be cut off.
            return 0;
        }
    }
    match (comments, samples) {
        (1.., 1..) => 92,
        (0, 3..) if chunk.text.lines().take(60).any(|line| line.contains('{')) => 70,
        _ => 0,
    }
}

/// A metric's name and its labels.
type Key = (Name, Vec<(Name, Name)>);

/// One line: name, labels, value, time in milliseconds (or seconds with a fraction).
struct Sample<'a> {
    name: &'a str,
    labels: Vec<(Name, Name)>,
    value: f64,
    at: Option<Timestamp>,
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let name = &line[..end];
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(legal) {
        return None;
    }
    let (labels, rest) = match line[end..].strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), &line[end..]),
    };
    // An exemplar stands behind a hash.
    let rest = rest.split(" # ").next().unwrap_or(rest);
    let mut words = rest.split_whitespace();
    let value = match words.next()? {
        "+Inf" | "-Inf" | "NaN" | "Nan" => f64::NAN,
        number => number.parse().ok()?,
    };
    let at = match words.next() {
        Some(time) => Some(time_of(time)?),
        None => None,
    };
    words.next().is_none().then_some(Sample { name, labels, value, at })
}

/// Milliseconds in the old format, seconds with a fraction in OpenMetrics.
fn time_of(text: &str) -> Option<Timestamp> {
    let number: f64 = text.parse().ok()?;
    let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
    Timestamp::from_millisecond(millis.round() as i64).ok()
}

/// Labels up to the closing brace, and what follows it.
fn labels(text: &str) -> Option<(Vec<(Name, Name)>, &str)> {
    let mut labels = Vec::new();
    let mut rest = text.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start().strip_prefix('"')?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (_, '\\') => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (at, '"') => break at,
                (_, other) => value.push(other),
            }
        };
        if labels.len() < 64 {
            labels.push((Name::from(name.trim()), Name::from(value)));
        }
        rest = after[end + 1..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let scraped = chunk.context.modified.unwrap_or(Timestamp::UNIX_EPOCH);
    let mut grown: BTreeMap<Key, (Place, Vec<(Timestamp, f64)>)> = BTreeMap::new();
    let mut unread: Option<u32> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let number = chunk.first_line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(sample) = sample(line) else {
            unread = unread.or(Some(number));
            continue;
        };
        if !sample.value.is_finite() || grown.len() >= MOST {
            continue;
        }
        let key = (Name::from(sample.name), sample.labels);
        let fresh = || (Place::line(chunk.path, number), Vec::new());
        grown.entry(key).or_insert_with(fresh).1.push((sample.at.unwrap_or(scraped), sample.value));
    }
    if let Some(line) = unread {
        out.problems.push(Problem { place: Place::line(chunk.path, line), what: "a line is no sample".into() });
    }
    let own = own_name(chunk);
    for ((metric, mut labels), (place, mut points)) in grown {
        points.sort_by_key(|(at, _)| *at);
        if super::whom::whom(&labels).0.is_none()
            && let Some(own) = &own
        {
            labels.push((Name::from("service"), own.clone()));
        }
        out.series.push(series(metric, &labels, points, place));
    }
    means(&mut out.series);
}

/// Whose page it is: the pod of `kubectl exec`, else the file's name.
fn own_name(chunk: &Chunk<'_>) -> Option<Name> {
    if let Some(command) = chunk.command {
        let pod = command.arguments().into_iter().skip_while(|word| *word != "exec").nth(1);
        return pod.map(|pod| Name::from(pod.rsplit('/').next().unwrap_or(pod)));
    }
    let file = chunk.path.rsplit('/').next()?;
    let stem = file.split('.').next()?;
    let stem = ["-metrics", "_metrics"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    (!matches!(stem, "" | "metrics")).then(|| Name::from(stem))
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;
    use firstfault_metrics::Role;

    const TEXT: &str = "# HELP process_resident_memory_bytes Resident memory size in bytes.\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 1.5e+08\n# TYPE http_requests_total counter\nhttp_requests_total{method=\"get\",path=\"/a \\\"b\\\"\",code=\"200\"} 1027 1767607200000\nhttp_requests_total{method=\"get\",code=\"500\",} 3 1767607200000\n";

    fn read_all(path: &str, text: &str) -> Yield {
        let chunk = chunk(path, text, None);
        assert!(recognise(&chunk) > 60, "{text}");
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    #[test]
    fn the_text_format_gives_series_with_labels_and_times() {
        let out = read_all("till-metrics.txt", TEXT);
        assert_eq!(out.series.len(), 3);
        assert!(out.series.iter().all(|s| s.entity.name == "till"));
        let requests = out.series.iter().find(|s| s.labels.iter().any(|(_, v)| v == "200")).expect("it is there");
        assert_eq!((requests.role, requests.points[0].0.as_second()), (Some(Role::Throughput), 1_767_607_200));
        assert!(requests.labels.iter().any(|(_, v)| v == "/a \"b\""));
    }

    #[test]
    fn openmetrics_has_seconds_exemplars_and_an_end() {
        let text = "# TYPE foo histogram\nfoo_bucket{le=\"0.1\"} 8 # {trace_id=\"ab\"} 0.05 1767607200.1\nfoo_count 9 1767607200.25\nfoo_sum 1.5\n# EOF\n";
        let out = read_all("m.prom", text);
        assert!(out.problems.is_empty(), "{:?}", out.problems);
        assert_eq!(out.series.len(), 3);
    }

    #[test]
    fn a_cut_page_keeps_its_earlier_lines() {
        let out = read_all("m.txt", &TEXT[..TEXT.len() - 30]);
        assert_eq!(out.series.len(), 2);
        assert_eq!(out.problems.len(), 1);
    }

    #[test]
    fn a_log_or_an_env_file_is_no_exposition() {
        for text in ["2026-01-05 10:00:00 started\n", "PATH=/bin\nHOME=/\n", "a 1\nb 2\n"] {
            assert_eq!(recognise(&chunk("x.txt", text, None)), 0, "{text}");
        }
    }
}
