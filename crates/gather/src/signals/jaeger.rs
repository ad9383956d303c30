//! Traces as Jaeger's interface and its pages export them.

use std::collections::BTreeMap;

use firstfault_model::{Name, Place};
use firstfault_traces::Span;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Lines, json_or_part, start};
use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const JAEGER: Format = Format { name: "traces (Jaeger)", recognise, read };

/// More spans than this are not held of one file.
const MOST: usize = 500_000;

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let start = start(chunk).trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| start.contains(&format!("\"{key}\""));
    if !start.starts_with(['{', '[']) || !has("traceID") {
        return 0;
    }
    if has("spans") || (has("spanID") && has("operationName")) { 94 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut lines = Lines::new(chunk);
    let Some(document) = json_or_part(chunk, out) else { return };
    let traces = [&document["data"], &document].into_iter().find_map(Value::as_array);
    match traces {
        // A list of bare spans, as the storage writes them, or of traces.
        Some(list) if list.first().is_some_and(|item| item["spanID"].is_string()) => {
            spans(chunk, list, &BTreeMap::new(), &mut lines, out);
        }
        Some(list) => list.iter().for_each(|one| trace(chunk, one, &mut lines, out)),
        None => trace(chunk, &document, &mut lines, out),
    }
}

fn trace(chunk: &Chunk<'_>, trace: &Value, lines: &mut Lines<'_>, out: &mut Yield) {
    let processes: BTreeMap<&str, &str> = trace["processes"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(id, process)| Some((id.as_str(), process["serviceName"].as_str()?)))
        .collect();
    spans(chunk, trace["spans"].as_array().map_or(&[], Vec::as_slice), &processes, lines, out);
}

fn spans(chunk: &Chunk<'_>, list: &[Value], processes: &BTreeMap<&str, &str>, lines: &mut Lines<'_>, out: &mut Yield) {
    for item in list {
        if out.spans.len() >= MOST {
            let place = Place::line(chunk.path, chunk.first_line);
            out.problems.push(firstfault_model::Problem { place, what: "more spans than are read of one file".into() });
            return;
        }
        if let Some(span) = span(item, processes, lines) {
            out.spans.push(span);
        }
    }
}

fn span(item: &Value, processes: &BTreeMap<&str, &str>, lines: &mut Lines<'_>) -> Option<Span> {
    let id = item["spanID"].as_str()?;
    let place = lines.cite(&format!("\"{id}\""), "").place;
    let tags = tags(&item["tags"]);
    let tag = |names: &[&str]| names.iter().find_map(|name| tags.get(*name)).filter(|value| !value.is_empty());
    let parent = item["references"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|reference| reference["refType"].as_str().is_none_or(|kind| kind == "CHILD_OF"))
        .and_then(|reference| reference["spanID"].as_str())
        .or_else(|| item["parentSpanID"].as_str())
        .filter(|parent| !parent.is_empty());
    let service = item["processID"].as_str().and_then(|id| processes.get(id).copied());
    let service = service.or_else(|| item["process"]["serviceName"].as_str())?;
    let http = tag(&["http.status_code", "http.response.status_code"]);
    let grpc = tag(&["rpc.grpc.status_code", "grpc.code"]);
    let failed_http = http.and_then(|code| code.parse::<u16>().ok()).is_some_and(|code| code >= 500);
    let said = tag(&["error"]).is_some_and(|value| value != "false")
        || tag(&["otel.status_code", "status.code"]).is_some_and(|value| value.eq_ignore_ascii_case("error"));
    let message = tag(&["error.message", "exception.message", "otel.status_description", "message"]).cloned();
    let micros = |key: &str| item[key].as_i64().or_else(|| item[key].as_f64().map(|v| v as i64));
    Some(Span {
        trace: Name::from(item["traceID"].as_str()?),
        id: Name::from(id),
        parent: parent.map(Name::from),
        service: Name::from(service),
        operation: Name::from(item["operationName"].as_str().unwrap_or_default()),
        start: Timestamp::from_microsecond(micros("startTime")?).ok()?,
        duration: SignedDuration::from_micros(micros("duration").unwrap_or(0).max(0)),
        error: said || failed_http,
        client: tag(&["span.kind"]).is_some_and(|kind| matches!(kind.as_str(), "client" | "producer")),
        peer: peer(&tags),
        status: message.or_else(|| http.cloned()).or_else(|| grpc.cloned()),
        place,
    })
}

fn tags(value: &Value) -> BTreeMap<String, String> {
    let pair = |name: &str, value: &Value| {
        let text = match value {
            Value::String(text) => text.chars().take(500).collect(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return None,
        };
        Some((name.to_owned(), text))
    };
    match value {
        Value::Array(list) => {
            list.iter().take(256).filter_map(|tag| pair(tag["key"].as_str()?, &tag["value"])).collect()
        }
        Value::Object(map) => map.iter().take(256).filter_map(|(name, value)| pair(name, value)).collect(),
        _ => BTreeMap::new(),
    }
}

/// The side that was called, by its name rather than its address.
pub(super) fn peer(tags: &BTreeMap<String, String>) -> Option<Name> {
    const NAMES: &[&str] = &["peer.service", "server.address", "net.peer.name", "peer.hostname", "db.instance"];
    let named = NAMES.iter().find_map(|name| tags.get(*name)).map(String::as_str);
    let url = || {
        let url = ["http.url", "url.full"].iter().find_map(|name| tags.get(*name))?;
        crate::lookup::host_and_port(url).map(|(host, _)| host)
    };
    let host = named.or_else(url)?;
    let host = crate::lookup::host_and_port(host).map_or(host, |(host, _)| host);
    if host.is_empty() || host.parse::<std::net::IpAddr>().is_ok() || host == "localhost" {
        return None;
    }
    // `ink.press.svc.cluster.local` is the Service's name.
    let name = if host.contains(".svc") { host.split('.').next().unwrap_or(host) } else { host };
    Some(Name::from(name))
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    const UI: &str = r#"{"data":[{"traceID":"7af1","spans":[
      {"traceID":"7af1","spanID":"01","operationName":"GET /buy","references":[],"startTime":1767607200000000,"duration":3050000,
       "tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"http.status_code","type":"int64","value":504}],"processID":"p1"},
      {"traceID":"7af1","spanID":"02","operationName":"POST","references":[{"refType":"CHILD_OF","traceID":"7af1","spanID":"01"}],
       "startTime":1767607200002000,"duration":3000000,"tags":[{"key":"span.kind","value":"client"},{"key":"error","type":"bool","value":true},
       {"key":"http.url","value":"http://till.shop.svc.cluster.local:8080/pay"}],"processID":"p1"},
      {"traceID":"7af1","spanID":"03","operationName":"pay","references":[{"refType":"CHILD_OF","spanID":"02"}],
       "startTime":1767607200004000,"duration":12000,"tags":[],"processID":"p2"}],
      "processes":{"p1":{"serviceName":"front"},"p2":{"serviceName":"till"}}}],"total":0,"errors":null}"#;

    fn spans_of(text: &str) -> Yield {
        let chunk = chunk("trace.json", text, None);
        assert!(recognise(&chunk) > 90);
        let mut out = Yield::default();
        read(&chunk, &mut out);
        out
    }

    #[test]
    fn an_export_gives_spans_with_service_parent_error_and_peer() {
        let out = spans_of(UI);
        let [root, call, work] = &out.spans[..] else { panic!("three spans") };
        assert_eq!((root.service.as_str(), root.error, root.parent.is_none()), ("front", true, true));
        assert_eq!((call.client, call.error, call.peer.as_deref()), (true, true, Some("till")));
        assert_eq!((work.service.as_str(), work.parent.as_deref(), work.error), ("till", Some("02"), false));
        assert_eq!(work.duration, SignedDuration::from_millis(12));
        assert!(call.place.lines.0 > root.place.lines.0);
    }

    #[test]
    fn bare_spans_of_a_store_are_read_too() {
        let text = r#"[{"traceID":"1","spanID":"2","operationName":"x","startTime":1767607200000000,"duration":5,"tags":{"error":"true"},"process":{"serviceName":"till"}}]"#;
        let out = spans_of(text);
        assert_eq!((out.spans[0].service.as_str(), out.spans[0].error), ("till", true));
    }

    #[test]
    fn a_cut_export_keeps_its_whole_spans_where_their_process_is_known() {
        let ahead = UI.replace(
            "{\"traceID\":\"7af1\",\"spans\"",
            "{\"processes\":{\"p1\":{\"serviceName\":\"front\"}},\"traceID\":\"7af1\",\"spans\"",
        );
        let cut = &ahead[..ahead.find("\"spanID\":\"03\"").expect("it is there")];
        let out = spans_of(cut);
        assert_eq!(out.spans.len(), 2);
        assert_eq!(out.problems.len(), 1);
    }
}
