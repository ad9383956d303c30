//! Spans as a table: a row a span.

use std::collections::BTreeMap;

use firstfault_model::{Name, Place};
use firstfault_traces::Span;
use jiff::SignedDuration;

use super::frame::Frame;
use super::time;
use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const SPANS: Format = Format { name: "spans (CSV)", recognise, read };

/// More spans than this are not held of one file.
const MOST: usize = 2_000_000;

/// What columns are called, letters only.
const TRACE: &[&str] = &["traceid", "trace"];
const SPAN: &[&str] = &["spanid", "span"];
const PARENT: &[&str] = &["parentspanid", "parentid", "parentspan", "parent"];
const SERVICE: &[&str] = &["servicename", "service", "cmdbid", "podname", "pod", "process", "localservice"];
const OPERATION: &[&str] =
    &["operationname", "operation", "name", "spanname", "methodname", "method", "endpoint", "url"];
const START: &[&str] =
    &["starttime", "starttimeunixnano", "starttimeunix", "startts", "start", "timestamp", "starttimemillis", "time"];
const END: &[&str] = &["endtime", "endtimeunixnano", "end", "endts", "endtimemillis"];
const DURATION: &[&str] =
    &["duration", "durationus", "durationms", "durationns", "elapsedtime", "elapsed", "latency", "durationnano"];
const STATUS: &[&str] = &["statuscode", "httpstatuscode", "status", "resultcode", "error", "iserror", "success"];
const KIND: &[&str] = &["spankind", "kind"];
const PEER: &[&str] = &["peerservice", "peer", "remoteservice", "callee"];

struct Columns {
    trace: usize,
    span: usize,
    start: usize,
    service: usize,
    parent: Option<usize>,
    operation: Option<usize>,
    end: Option<usize>,
    duration: Option<(usize, String)>,
    status: Vec<(usize, String)>,
    kind: Option<usize>,
    peer: Option<usize>,
}

fn letters(title: &str) -> String {
    title.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

impl Columns {
    fn of(header: &[String]) -> Option<Self> {
        let titles: Vec<String> = header.iter().map(|title| letters(title)).collect();
        let find = |names: &[&str]| names.iter().find_map(|name| titles.iter().position(|title| title == name));
        Some(Self {
            trace: find(TRACE)?,
            span: find(SPAN)?,
            start: find(START)?,
            service: find(SERVICE)?,
            parent: find(PARENT),
            operation: find(OPERATION),
            end: find(END),
            duration: find(DURATION).map(|at| (at, titles[at].clone())),
            status: titles
                .iter()
                .enumerate()
                .filter(|(_, title)| STATUS.contains(&title.as_str()))
                .map(|(at, title)| (at, title.clone()))
                .collect(),
            kind: find(KIND),
            peer: find(PEER),
        })
    }
}

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let Some(header) = Frame::header(chunk.text) else { return 0 };
    if Columns::of(&header).is_some() { 93 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(frame) = Frame::read(chunk, out) else { return };
    let Some(columns) = Columns::of(&frame.header) else { return };
    let mut unread = 0_usize;
    for (line, row) in frame.rows.iter().take(MOST) {
        match span(chunk, &columns, *line, row) {
            Some(span) => out.spans.push(span),
            None => unread += 1,
        }
    }
    if unread > 0 {
        let place = Place::line(chunk.path, chunk.first_line);
        out.problems.push(firstfault_model::Problem { place, what: format!("{unread} rows are no spans") });
    }
}

fn span(chunk: &Chunk<'_>, columns: &Columns, line: usize, row: &[String]) -> Option<Span> {
    let cell = |at: usize| row.get(at).map_or("", String::as_str);
    let some =
        |at: Option<usize>| at.map(cell).filter(|text| !text.is_empty() && !matches!(*text, "null" | "None" | "nan"));
    let start = time::parse(cell(columns.start), &chunk.context.assume)?;
    let duration = match (&columns.duration, some(columns.end)) {
        (Some((at, title)), _) if !cell(*at).is_empty() => {
            let number: f64 = cell(*at).parse().ok()?;
            SignedDuration::try_from_secs_f64(number * unit(title, cell(columns.start))).ok()?
        }
        (_, Some(end)) => time::parse(end, &chunk.context.assume)?.duration_since(start),
        _ => SignedDuration::ZERO,
    };
    let tags: BTreeMap<String, String> =
        some(columns.peer).map(|peer| ("peer.service".to_owned(), peer.to_owned())).into_iter().collect();
    let (error, status) = outcome(columns, row);
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    Some(Span {
        trace: Name::from(cell(columns.trace)),
        id: Name::from(Some(cell(columns.span)).filter(|id| !id.is_empty())?),
        parent: some(columns.parent).filter(|parent| *parent != "0").map(Name::from),
        service: Name::from(Some(cell(columns.service)).filter(|name| !name.is_empty())?),
        operation: Name::from(some(columns.operation).unwrap_or_default()),
        start,
        duration,
        error,
        client: some(columns.kind).is_some_and(|kind| kind.to_ascii_lowercase().contains("client") || kind == "3"),
        peer: super::jaeger::peer(&tags),
        status,
        place: Place::line(chunk.path, chunk.first_line.saturating_add(line)),
    })
}

/// Seconds in one unit of a duration: said by the title, else as fine as the start is written.
fn unit(title: &str, start: &str) -> f64 {
    if title.ends_with("ns") || title.ends_with("nano") {
        return 1e-9;
    }
    if title.ends_with("us") {
        return 1e-6;
    }
    if title.ends_with("ms") {
        return 1e-3;
    }
    match start.trim_matches('"').split('.').next().unwrap_or_default().len() {
        19 if start.bytes().all(|b| b.is_ascii_digit()) => 1e-9,
        16 => 1e-6,
        _ => 1e-3,
    }
}

/// Whether it failed, and the status as it is written.
fn outcome(columns: &Columns, row: &[String]) -> (bool, Option<String>) {
    let mut error = false;
    let mut shown = None;
    for (at, title) in &columns.status {
        let Some(text) = row.get(*at).filter(|text| !text.is_empty()) else { continue };
        let lower = text.to_ascii_lowercase();
        let code = lower.parse::<f64>().ok();
        let failed = match title.as_str() {
            "success" => matches!(lower.as_str(), "false" | "0"),
            "error" | "iserror" => !matches!(lower.as_str(), "false" | "0" | "0.0" | "none" | "null"),
            _ => code.is_some_and(|code| code >= 500.0 || code == 2.0) || lower.contains("error") || lower == "false",
        };
        error |= failed;
        if shown.is_none() || failed {
            shown = Some(text.clone());
        }
    }
    (error, shown)
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    fn spans(text: &str) -> Yield {
        let chunk = chunk("traces.csv", text, None);
        assert!(recognise(&chunk) > 90, "{text}");
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    #[test]
    fn the_usual_titles_and_units_are_understood() {
        let out = spans(
            "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\nt1,a,root,till-0,pay,1767607200000000000,1767607200250000000,250000000\n",
        );
        assert_eq!(out.spans[0].duration, SignedDuration::from_millis(250));
        assert_eq!(out.spans[0].service, "till-0");
        let out = spans(
            "trace_id,span_id,parent_span_id,service_name,operation_name,start_time,duration_ms,status_code\nt1,a,,front,GET,2026-01-05T10:00:00Z,12.5,503\nt1,b,a,till,pay,2026-01-05T10:00:00.001Z,9,200\n",
        );
        assert_eq!((out.spans[0].error, out.spans[1].error), (true, false));
        assert_eq!(out.spans[0].duration, SignedDuration::from_micros(12_500));
        assert_eq!((out.spans[0].parent.as_deref(), out.spans[1].parent.as_deref()), (None, Some("a")));
        let out = spans(
            "traceId,spanId,parentSpanId,serviceName,startTime,duration,kind\nt,a,,till,1767607200000000,2500,CLIENT\n",
        );
        assert_eq!((out.spans[0].duration, out.spans[0].client), (SignedDuration::from_micros(2500), true));
    }

    #[test]
    fn a_cut_row_is_left_out_and_said() {
        let out = spans("trace_id,span_id,service,start,duration\nt,a,till,2026-01-05T10:00:00Z,1\nt,b,ti");
        assert_eq!((out.spans.len(), out.problems.len()), (1, 1));
    }
}
