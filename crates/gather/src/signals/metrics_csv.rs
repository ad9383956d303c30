//! Metrics as comma-separated tables: a column an entity and metric, a column a metric, or a row
//! a sample.

use std::collections::BTreeMap;

use firstfault_metrics::{Series, role_of, split_column};
use firstfault_model::{Assume, Entity, Name, Place, kind};
use jiff::Timestamp;

use super::frame::Frame;
use super::time;
use crate::Yield;
use crate::formats::{Chunk, Context, Format};

pub(crate) const METRICS: Format = Format { name: "metrics (CSV)", recognise, read };

/// Names of the time column, the better first.
const TIMES: &[&str] =
    &["timestamp", "unix_timestamp", "ts", "epoch", "time", "datetime", "date", "@timestamp", "_time"];
/// Columns that say whom a row is about, with the kind they mean.
const ENTITIES: &[(&str, &str)] = &[
    ("pod", "Pod"),
    ("podname", "Pod"),
    ("pod_name", "Pod"),
    ("node", "Node"),
    ("nodename", "Node"),
    ("deployment", "Deployment"),
    ("workload", kind::SERVICE),
    ("microservice", kind::SERVICE),
    ("service", kind::SERVICE),
    ("service_name", kind::SERVICE),
    ("app", kind::SERVICE),
    ("entity", kind::SERVICE),
    ("component", kind::SERVICE),
    ("host", kind::HOST),
    ("hostname", kind::HOST),
    ("instance", kind::HOST),
    ("cmdb_id", kind::SERVICE),
    ("name", kind::SERVICE),
];
const METRIC_COLUMNS: &[&str] = &["metric", "metric_name", "kpi_name", "__name__", "measurement", "kpi"];
const VALUE_COLUMNS: &[&str] = &["value", "val", "sample"];

fn find(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|cell| cell.eq_ignore_ascii_case(name)))
}

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let Some(header) = Frame::header(chunk.text) else { return 0 };
    let Some(at) = find(&header, TIMES) else { return if titles(chunk.text) > 0 { 82 } else { 0 } };
    if find(&header, &["message", "log", "msg", "body", "traceid", "trace_id", "spanid", "span_id"]).is_some() {
        return 0;
    }
    let Some(line) = chunk.text.lines().nth(1) else { return 40 };
    let Some(row) = Frame::header(line) else { return 0 };
    let timed = row.get(at).is_some_and(|cell| time::parse(cell, &chunk.context.assume).is_some());
    if timed { 86 } else { 0 }
}

/// How many title rows stand above the samples, where there are several: the first cells name
/// the rows (`service`, `metric`, `statistic`) and the time column's name stands in the last.
fn titles(text: &str) -> usize {
    let first = |line: &str| line.split(',').next().unwrap_or_default().trim().to_lowercase();
    let mut lines = text.lines();
    let named = lines
        .next()
        .is_some_and(|line| ENTITIES.iter().any(|(name, _)| *name == first(line).trim_start_matches('\u{feff}')));
    if !named {
        return 0;
    }
    lines.take(4).position(|line| TIMES.contains(&first(line).as_str())).map_or(0, |at| at + 1)
}

/// One series as it grows.
struct Growing {
    entity: Entity,
    labels: Vec<(Name, Name)>,
    metric: Name,
    line: u32,
    points: Vec<(Timestamp, f64)>,
}

/// The series of a file, by what tells them apart.
#[derive(Default)]
struct Grown(BTreeMap<(Entity, Name, Vec<(Name, Name)>), Growing>);

impl Grown {
    /// More series than this are not held.
    const MOST: usize = 200_000;

    fn add(&mut self, entity: &Entity, metric: &Name, labels: &[(Name, Name)], line: usize, at: Timestamp, value: f64) {
        let key = (entity.clone(), metric.clone(), labels.to_vec());
        if self.0.len() >= Self::MOST && !self.0.contains_key(&key) {
            return;
        }
        let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
        let fresh = || Growing {
            entity: entity.clone(),
            labels: labels.to_vec(),
            metric: metric.clone(),
            line,
            points: Vec::new(),
        };
        self.0.entry(key).or_insert_with(fresh).points.push((at, value));
    }

    fn finish(self, chunk: &Chunk<'_>, out: &mut Yield) {
        for (_, mut series) in self.0 {
            series.points.sort_by_key(|(at, _)| *at);
            out.series.push(Series {
                role: role_of(&series.metric),
                metric: series.metric,
                entity: series.entity,
                labels: series.labels,
                points: series.points,
                place: Place::line(chunk.path, chunk.first_line + series.line - 1),
            });
        }
    }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(mut frame) = Frame::read(chunk, out) else { return };
    let titles = titles(chunk.text);
    let context = Context { assume: zone(&frame, titles, chunk), ..chunk.context.clone() };
    let chunk = &Chunk { context: &context, ..*chunk };
    let mut grown = Grown::default();
    if titles > 0 {
        titled(chunk, &frame, titles, &mut grown);
    } else {
        if let Some(first) = frame.header.first_mut() {
            *first = first.trim_start_matches('\u{feff}').to_owned();
        }
        match (find(&frame.header, METRIC_COLUMNS), find(&frame.header, VALUE_COLUMNS)) {
            (metric, Some(value)) if frame.header.len() <= 24 => long(chunk, &frame, metric, value, &mut grown),
            _ => wide(chunk, &frame, &mut grown),
        }
    }
    grown.finish(chunk, out);
}

/// How the times of a table are to be read.
fn zone(frame: &Frame, titles: usize, chunk: &Chunk<'_>) -> Assume {
    let column = if titles > 0 { 0 } else { find(&frame.header, TIMES).unwrap_or(0) };
    let mut cells = frame.rows.iter().skip(titles).filter_map(|(_, row)| row.get(column)).filter(|c| !c.is_empty());
    let Some(first) = cells.next() else { return chunk.context.assume.clone() };
    // Rows may be grouped by metric, so that the last row is the last time of one of them.
    time::fitting(first, cells.next_back().unwrap_or(first), chunk.context)
}

fn value(cell: Option<&String>) -> Option<f64> {
    cell?.trim_end_matches('%').parse().ok().filter(|number: &f64| number.is_finite())
}

/// Several title rows.
fn titled(chunk: &Chunk<'_>, frame: &Frame, titles: usize, grown: &mut Grown) {
    let upper: Vec<&Vec<String>> =
        std::iter::once(&frame.header).chain(frame.rows.iter().take(titles - 1).map(|(_, row)| row)).collect();
    let columns: Vec<(Entity, Name, Vec<(Name, Name)>)> = (0..frame.header.len())
        .map(|column| {
            let cell = |row: usize| upper.get(row).and_then(|cells| cells.get(column)).map_or("", String::as_str);
            let labels =
                (2..upper.len()).map(|row| (Name::from(upper[row][0].as_str()), Name::from(cell(row)))).collect();
            (Entity::new(kind::SERVICE, cell(0)), Name::from(cell(1)), labels)
        })
        .collect();
    for (line, row) in frame.rows.iter().skip(titles) {
        let Some(at) = row.first().and_then(|cell| time::parse(cell, &chunk.context.assume)) else { continue };
        for (column, (entity, metric, labels)) in columns.iter().enumerate().skip(1) {
            if let Some(value) = value(row.get(column)) {
                grown.add(entity, metric, labels, *line, at, value);
            }
        }
    }
}

/// Whom a row is about: its entity column, and the column's index.
fn entity_column(header: &[String]) -> Option<(usize, &'static str)> {
    ENTITIES.iter().find_map(|(name, kind)| find(header, &[name]).map(|at| (at, *kind)))
}

fn entity(kind: &str, row: &[String], header: &[String], at: usize) -> Option<Entity> {
    let name = row.get(at).filter(|name| !name.is_empty())?;
    let namespace = find(header, &["namespace"]).and_then(|at| row.get(at)).map_or("", String::as_str);
    Some(if kind == "Node" { Entity::new(kind, name) } else { Entity::namespaced(kind, namespace, name) })
}

/// A row a sample.
fn long(chunk: &Chunk<'_>, frame: &Frame, metric: Option<usize>, value_at: usize, grown: &mut Grown) {
    let Some(time_at) = find(&frame.header, TIMES) else { return };
    // `name` is the metric where no other column is, and something else says whom it is about.
    let metric = metric.or_else(|| find(&frame.header, &["name"]));
    let about = ENTITIES
        .iter()
        .find_map(|(name, kind)| find(&frame.header, &[name]).filter(|at| Some(*at) != metric).map(|at| (at, *kind)));
    let taken = [Some(time_at), metric, Some(value_at), about.map(|(at, _)| at), find(&frame.header, &["namespace"])];
    for (line, row) in &frame.rows {
        let Some(at) = row.get(time_at).and_then(|cell| time::parse(cell, &chunk.context.assume)) else { continue };
        let Some(number) = value(row.get(value_at)) else { continue };
        let name = metric.and_then(|at| row.get(at)).map_or_else(|| stem(chunk), String::as_str);
        let found = about.and_then(|(column, kind)| entity(kind, row, &frame.header, column));
        let (whom, name) = match found {
            Some(whom) => (whom, name),
            None => match split_column(name) {
                Some((whom, name)) => (Entity::new(kind::SERVICE, whom), name),
                None => (Entity::new(kind::SERVICE, stem(chunk)), name),
            },
        };
        let labels: Vec<(Name, Name)> = (0..row.len().min(frame.header.len()))
            .filter(|column| !taken.contains(&Some(*column)) && !row[*column].is_empty())
            .map(|column| (Name::from(frame.header[column].as_str()), Name::from(row[column].as_str())))
            .collect();
        grown.add(&whom, &Name::from(name), &labels, *line, at, number);
    }
}

/// The file's name without folders and endings.
fn stem<'a>(chunk: &Chunk<'a>) -> &'a str {
    let file = chunk.path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    ["_metrics", "_metric", "-metrics", "-metric"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem)
}

/// A column a metric, of the entity in the column's name, in a column of its own, or in the
/// file's name.
fn wide(chunk: &Chunk<'_>, frame: &Frame, grown: &mut Grown) {
    let Some(time_at) = find(&frame.header, TIMES) else { return };
    let about = entity_column(&frame.header);
    let columns: Vec<Option<(Option<Entity>, Name)>> = frame
        .header
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let skip = at == time_at
                || TIMES.iter().any(|name| title.eq_ignore_ascii_case(name))
                || about.is_some_and(|(a, _)| a == at);
            (!skip && !title.is_empty()).then(|| match split_column(title).filter(|_| about.is_none()) {
                Some((whom, metric)) => (Some(Entity::new(kind::SERVICE, whom)), Name::from(metric)),
                None => (None, Name::from(title.as_str())),
            })
        })
        .collect();
    let file = Entity::new(kind::SERVICE, stem(chunk));
    for (line, row) in &frame.rows {
        let Some(at) = row.get(time_at).and_then(|cell| time::parse(cell, &chunk.context.assume)) else { continue };
        let row_entity = about.and_then(|(column, kind)| entity(kind, row, &frame.header, column));
        for (column, titled) in columns.iter().enumerate() {
            let (Some((named, metric)), Some(number)) = (titled, value(row.get(column))) else { continue };
            let whom = row_entity.as_ref().or(named.as_ref()).unwrap_or(&file);
            grown.add(whom, metric, &[], *line, at, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    fn series(path: &str, text: &str) -> Vec<Series> {
        let chunk = chunk(path, text, None);
        assert!(recognise(&chunk) > 80, "{text}");
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out.series
    }

    fn find<'a>(all: &'a [Series], entity: &str, metric: &str) -> &'a Series {
        all.iter().find(|s| s.entity.name == entity && s.metric == metric).expect("the series is there")
    }

    #[test]
    fn wide_tables_split_their_columns() {
        let text = "\u{feff}time,loom-0-cpu,loom-0-p95latency,pine-01-tcp_retrans\n2026-01-05 10:00:00,0.1,20,\n2026-01-05 10:00:05,0.2,,3\n";
        let all = series("metrics.csv", text);
        assert_eq!(find(&all, "loom-0", "cpu").points.iter().map(|p| p.1).collect::<Vec<_>>(), [0.1, 0.2]);
        assert_eq!(find(&all, "loom-0", "p95latency").points.len(), 1);
        assert_eq!(find(&all, "pine-01", "tcp_retrans").role, Some(firstfault_metrics::Role::Retransmits));
    }

    #[test]
    fn several_title_rows_name_entity_metric_and_statistic() {
        let text = "microservice,till,till\nmetric,latency,requests\nstatistic,p90,Sum\nunix_timestamp,,\n1767340878.0,0.2,7\n1767341178.0,,9\n";
        let all = series("metrics.csv", text);
        assert_eq!(find(&all, "till", "latency").points.len(), 1);
        assert_eq!(find(&all, "till", "requests").points.len(), 2);
        assert_eq!(find(&all, "till", "latency").labels[0].1, "p90");
    }

    #[test]
    fn long_tables_give_a_series_for_each_entity_metric_and_label() {
        let text = "timestamp,pod,metric,code,value\n2026-01-05T10:00:00Z,till-0,requests,200,5\n2026-01-05T10:00:00Z,till-0,requests,500,1\n";
        let all = series("long.csv", text);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].entity, Entity::new("Pod", "till-0"));
    }

    #[test]
    fn a_file_for_each_entity_takes_it_from_column_or_name() {
        let text = "Time,TimeStamp,PodName,CpuUsageRate(%)\n2026-01-05 10:00:00.1 +0000 UTC,1767607200,till-7d-x,3.5\n";
        assert_eq!(series("till-7d-x_metric.csv", text)[0].entity, Entity::new("Pod", "till-7d-x"));
        let text = "timestamp,cpu\n1767607200,3.5\n";
        assert_eq!(series("metrics/till.csv", text)[0].entity.name, "till");
    }

    #[test]
    fn a_cut_table_keeps_its_rows() {
        let all = series("m.csv", "time,a-cpu,b-cpu\n2026-01-05 10:00:00,1,2\n2026-01-05 10:0");
        assert_eq!(all.len(), 2);
    }
}
