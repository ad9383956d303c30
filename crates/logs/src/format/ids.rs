//! What a record names itself by: trace, span, request, service, and the part of the program that wrote it.

/// Identifiers of a record, as they stand in its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids<'a> {
    /// Trace id.
    pub trace: Option<&'a str>,
    /// Span id.
    pub span: Option<&'a str>,
    /// Request or correlation id.
    pub request: Option<&'a str>,
    /// The service that the record says it is of.
    pub service: Option<&'a str>,
    /// Logger, component or service.
    pub source: Option<&'a str>,
}

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Trace,
    /// The trace of AWS X-Ray in its header: `Root=1-…;Parent=…`.
    Root,
    Span,
    Request,
    Service,
    Source,
}

/// Marks after which a value may stand that are looked at in one record.
const MOST_MARKS: usize = 96;
/// Keys are at most this long, without what joins their words.
const LONGEST_KEY: usize = 24;

/// The identifiers in a record's text, be it JSON, `key=value`, `key: value` or in brackets as Spring writes them.
#[must_use]
pub fn ids(text: &str) -> Ids<'_> {
    let mut ids = Ids::default();
    let bytes = text.as_bytes();
    for Key { mark, from, end, quoted, kind } in keys(bytes) {
        let slot = match kind {
            Kind::Trace | Kind::Root => &mut ids.trace,
            Kind::Span => &mut ids.span,
            Kind::Request => &mut ids.request,
            // In prose a colon says no name: `service: connection refused`.
            Kind::Service if !quoted && bytes[mark] == b':' => &mut ids.source,
            Kind::Service => &mut ids.service,
            Kind::Source => &mut ids.source,
        };
        if slot.is_none() {
            *slot = value(text, mark + 1).filter(|v| is_meant(kind, &text[from..end], v));
        }
    }
    if ids.trace.is_none() {
        bracketed(text, &mut ids);
    }
    if let Some(trace) = ids.trace {
        composed(trace, &mut ids);
    }
    ids.source = ids.source.or(ids.service);
    // All zeros mean that there is none.
    let real = |id: &&str| id.bytes().any(|b| b != b'0');
    Ids { trace: ids.trace.filter(real), span: ids.span.filter(real), ..ids }
}

/// Of these, one stands in each record that names a trace or a request by a key of more than two letters, in whatever case.
pub(crate) const KEYS_OF_TRACES: [&str; 20] = [
    "trace",
    "\"@tr\"",
    "@tr\\\"",
    "root=1-",
    "root: 1-",
    "root\":\"1-",
    "root\": \"1-",
    "reqid",
    "req_id",
    "req-id",
    "req.id",
    "requestid",
    "request_id",
    "request-id",
    "request.id",
    "correlation",
    "transaction",
    "auditid",
    "audit_id",
    "audit-id",
];

/// Whether a record names a trace or a request: as [`ids`] finds them, and no further. `keyed` says whether one of
/// [`KEYS_OF_TRACES`] stands in it.
pub(crate) fn is_traced(text: &str, keyed: bool) -> bool {
    let real = |id: &str| id.bytes().any(|b| b != b'0');
    let mut found = Ids::default();
    if !keyed && memchr::memmem::find(text.as_bytes(), b"b3").is_none() {
        bracketed(text, &mut found);
        return found.trace.is_some_and(real) || found.request.is_some();
    }
    for Key { mark, from, end, kind, .. } in keys(text.as_bytes()) {
        let traces = matches!(kind, Kind::Trace | Kind::Root) && found.trace.is_none();
        if !traces && kind != Kind::Request {
            continue;
        }
        let Some(id) = value(text, mark + 1).filter(|v| is_meant(kind, &text[from..end], v)) else { continue };
        if kind == Kind::Request {
            return true;
        }
        found.trace = Some(id);
        composed(id, &mut found);
        if found.trace.is_some_and(real) {
            return true;
        }
    }
    if found.trace.is_none() {
        bracketed(text, &mut found);
        return found.trace.is_some_and(real) || found.request.is_some();
    }
    false
}

/// A key that says something, and the mark that stands behind it.
struct Key {
    mark: usize,
    from: usize,
    end: usize,
    quoted: bool,
    kind: Kind,
}

fn keys(bytes: &[u8]) -> impl Iterator<Item = Key> {
    let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    memchr::memchr2_iter(b'=', b':', bytes).take(MOST_MARKS).filter_map(move |mark| {
        let quoted = mark > 0 && matches!(bytes[mark - 1], b'"' | b'\'');
        let mut end = mark - usize::from(quoted);
        // JSON within a string of JSON.
        end -= usize::from(quoted && end > 0 && bytes[end - 1] == b'\\');
        // The last letter rules out nearly all keys.
        if !matches!(bytes.get(end.wrapping_sub(1))? | 0x20, b'd' | b'e' | b't' | b'r' | b'n' | b'3' | b'p') {
            return None;
        }
        let from = bytes[..end].iter().rposition(|b| !is_key(b)).map_or(0, |i| i + 1);
        let at = from > 0 && bytes[from - 1] == b'@';
        Some(Key { mark, from, end, quoted, kind: kind(&bytes[from..end], at)? })
    })
}

/// What a key names, however its words are joined: `trace_id`, `traceId`, `trace.id`, `X-B3-TraceId`. `at` says that `@`
/// stands before it, as in Serilog's compact form.
fn kind(key: &[u8], at: bool) -> Option<Kind> {
    let mut letters = [0; LONGEST_KEY];
    let mut length = 0;
    for byte in key.iter().filter(|b| b.is_ascii_alphanumeric()) {
        *letters.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    Some(match &letters[..length] {
        b"traceid"
        | b"trace"
        | b"traceparent"
        | b"ddtraceid"
        | b"xb3traceid"
        | b"b3"
        | b"oteltraceid"
        | b"ubertraceid"
        | b"xraytraceid"
        | b"xcloudtracecontext"
        | b"xtraceid" => Kind::Trace,
        b"tr" if at => Kind::Trace,
        b"root" => Kind::Root,
        b"spanid" | b"span" | b"ddspanid" | b"xb3spanid" | b"otelspanid" => Kind::Span,
        b"sp" if at => Kind::Span,
        b"requestid" | b"reqid" | b"xrequestid" | b"correlationid" | b"xcorrelationid" | b"awsrequestid"
        | b"functionrequestid" | b"xamznrequestid" | b"transactionid" | b"transaction" | b"auditid" => Kind::Request,
        b"service" | b"servicename" | b"ddservice" | b"otelservicename" => Kind::Service,
        b"logger" | b"loggername" | b"loglogger" | b"component" | b"caller" | b"target" | b"syslogidentifier" => {
            Kind::Source
        }
        _ => return None,
    })
}

/// Whether a value is what its key says: words that also stand in prose need a value that looks like an id.
fn is_meant(kind: Kind, key: &str, value: &str) -> bool {
    let digits = value.bytes().any(|b| b.is_ascii_digit());
    match kind {
        Kind::Root => value.starts_with("1-") && value.len() == 35,
        // `trace-id: Root=1-…`: the id follows a mark of its own.
        Kind::Trace if value == "Root" || value == "Self" => false,
        Kind::Trace if key.eq_ignore_ascii_case("b3") => value.len() > 16,
        _ if ["trace", "span", "transaction"].iter().any(|k| key.eq_ignore_ascii_case(k)) => digits && value.len() >= 8,
        _ => true,
    }
}

/// The value at a place; for `{"id": …}` and `{"name": …}`, as ECS nests them, what is inside.
fn value(text: &str, from: usize) -> Option<&str> {
    let open = |rest: &'_ str| rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
    let rest = text.get(from..)?;
    let mut rest = &rest[open(rest)..];
    if let Some(inside) = rest.strip_prefix('{') {
        let inside = &inside[open(inside)..];
        let inside = inside.strip_prefix("id").or_else(|| inside.strip_prefix("name"))?;
        let inside = inside.trim_start_matches(['"', '\\', ' ']).strip_prefix(':')?;
        rest = &inside[open(inside)..];
    }
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/' | b'$' | b'@');
    let end = rest.as_bytes().iter().take_while(|b| is_part(b)).count();
    (end > 0 && !matches!(&rest[..end], "null" | "-" | "none" | "None")).then(|| &rest[..end])
}

/// Ids that are joined in one value: W3C Trace Context (version, trace, span, flags), B3 in one header (trace, span, …), a
/// resource of Google Cloud (`projects/P/traces/ID`) and its header (`TRACE/SPAN`).
fn composed<'a>(value: &'a str, ids: &mut Ids<'a>) {
    if let Some((before, last)) = value.rsplit_once('/') {
        ids.trace = Some(if is_hex(before, &[32]) { before } else { last });
        return;
    }
    let mut parts = value.splitn(5, '-');
    let (trace, span) = match (parts.next(), parts.next(), parts.next()) {
        (Some(version), Some(trace), Some(span)) if version.len() == 2 => (trace, span),
        (Some(trace), Some(span), _) => (trace, span),
        _ => return,
    };
    if is_hex(trace, &[16, 32]) && is_hex(span, &[16]) {
        ids.trace = Some(trace);
        ids.span = ids.span.or(Some(span));
    }
}

/// `[service,trace,span]` and `[service,trace,span,exported]` of Sleuth and Micrometer, `[trace-span]` of Spring Boot; a
/// request's UUID alone, as Rails tags lines with it, and `[req-UUID …]` of OpenStack.
fn bracketed<'a>(text: &'a str, ids: &mut Ids<'a>) {
    const MOST: usize = 8;
    for open in memchr::memchr_iter(b'[', text.as_bytes()).take(MOST) {
        let inside = &text[open + 1..];
        let Some(end) = memchr::memchr(b']', &inside.as_bytes()[..inside.len().min(160)]) else { continue };
        // No id is shorter, and one alone is a UUID.
        if end < 16 || memchr::memchr2(b',', b'-', &inside.as_bytes()[..end]).is_none() {
            continue;
        }
        let inside = inside[..end].trim();
        let mut parts = inside.split(',').map(str::trim);
        let (first, second, third) = (parts.next().unwrap_or(""), parts.next(), parts.next());
        if let (Some(trace), Some(span)) = (second, third)
            && is_hex(trace, &[16, 32])
            && is_hex(span, &[16])
        {
            ids.trace = Some(trace);
            ids.span = ids.span.or(Some(span));
            ids.service = ids.service.or(Some(first).filter(|name| !name.is_empty()));
            return;
        }
        if let (Some(span), None) = (second, third)
            && is_hex(first, &[16, 32])
            && is_hex(span, &[16])
        {
            ids.trace = Some(first);
            ids.span = ids.span.or(Some(span));
            return;
        }
        if second.is_some() {
            continue;
        }
        if let Some((trace, span)) = first.split_once('-')
            && is_hex(trace, &[32])
            && is_hex(span, &[16])
        {
            ids.trace = Some(trace);
            ids.span = ids.span.or(Some(span));
            return;
        }
        if ids.request.is_none() {
            let mut words = first.split(' ').filter(|w| *w != "None");
            let word = words.next().unwrap_or("");
            let is_request = word.strip_prefix("req-").is_some_and(is_uuid) || is_uuid(word) && words.next().is_none();
            ids.request = Some(word).filter(|_| is_request);
        }
    }
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn identifiers_are_read_from_several_writings() {
        let json = ids(r#"{"msg":"a","trace_id":"4bf92f3577b34da6","span.id":"00f067aa","logger":"c.e.Cart"}"#);
        assert_eq!(
            (json.trace, json.span, json.source),
            (Some("4bf92f3577b34da6"), Some("00f067aa"), Some("c.e.Cart"))
        );
        let pairs = ids("level=info traceID=4bf92f35 request_id=\"a-7\" component=cart");
        assert_eq!((pairs.trace, pairs.request, pairs.source), (Some("4bf92f35"), Some("a-7"), Some("cart")));
        assert_eq!(ids("trace_id=00000000 span_id=null"), Ids::default());
        assert_eq!(ids("no ids: here=1"), Ids::default());
    }

    #[test]
    fn the_notations_of_tracers_name_trace_and_span() {
        for text in [
            format!("traceparent: 00-{TRACE}-{SPAN}-01"),
            format!("X-B3-TraceId: {TRACE}, X-B3-SpanId: {SPAN}"),
            format!("headers: b3={TRACE}-{SPAN}-1-05e3ac9a4f6e3b90"),
            format!(r#"{{"@mt":"a","@tr":"{TRACE}","@sp":"{SPAN}"}}"#),
            format!(r#"{{"trace":{{"id":"{TRACE}"}},"span":{{"id": "{SPAN}"}}}}"#),
            format!(r#"{{"log":"{{\"trace_id\":\"{TRACE}\",\"span_id\":\"{SPAN}\"}}"}}"#),
            format!("INFO [cart,{TRACE},{SPAN}] 1 --- [nio-1] c.e.Cart : added"),
            format!("INFO [cart,{TRACE},{SPAN},true] 1 --- [nio-1] c.e.Cart : added"),
            format!("INFO 1 --- [cart] [nio-1] [{TRACE}-{SPAN}] c.e.Cart : added"),
            format!("INFO 1 --- [nio-1] [{TRACE},{SPAN}] c.e.Cart : added"),
            format!("otelTraceID={TRACE} otelSpanID={SPAN} otelServiceName=cart"),
        ] {
            let found = ids(&text);
            assert_eq!((found.trace, found.span), (Some(TRACE), Some(SPAN)), "{text}");
        }
    }

    #[test]
    fn a_trace_is_named_without_its_span_too() {
        let xray = "1-5759e988-bd862e3fe1be46a994272793";
        for (text, trace) in [
            (format!("X-Amzn-Trace-Id: Root={xray};Parent=53995c3f42cd8ad8;Sampled=1"), xray),
            (format!("\"Self=1-67891234-12456789abcdef012345678;Root={xray}\""), xray),
            (format!(r#"{{"xray_trace_id":"{xray}","message":"a"}}"#), xray),
            (format!("XRAY TraceId: {xray}\tSegmentId: 78be28577ad6ab1e"), xray),
            ("dd.trace_id=1234567890123456789 dd.span_id=7".to_owned(), "1234567890123456789"),
            (format!("uber-trace-id: {TRACE}:{SPAN}:0:1"), TRACE),
            (format!("X-Cloud-Trace-Context: {TRACE}/1;o=1"), TRACE),
            (format!(r#"{{"logging.googleapis.com/trace":"projects/shop/traces/{TRACE}"}}"#), TRACE),
        ] {
            assert_eq!(ids(&text).trace, Some(trace), "{text}");
        }
        for text in ["trace: Traceback follows", "span=12 px", "Root=/var/www", "b3=on", "[cart,7,8] added", "span: 3"]
        {
            assert_eq!((ids(text).trace, ids(text).span), (None, None), "{text}");
        }
    }

    #[test]
    fn requests_are_named_by_header_member_and_tag() {
        let id = "2e1c0b9a-7d55-4b0e-9f0a-5d1f8a3c6e21";
        for text in [
            format!("x-request-id: {id}"),
            format!(r#"{{"requestId":"{id}"}}"#),
            format!("START RequestId: {id} Version: $LATEST"),
            format!("I, [2026-11-24T10:00:00 #7]  INFO -- : [{id}] Started GET \"/cart\""),
            format!("X-Correlation-ID={id}"),
            format!(r#"{{"http":1,"transaction":{{"id":"{id}"}}}}"#),
        ] {
            assert_eq!(ids(&text).request, Some(id), "{text}");
        }
        let stack = format!("INFO nova.api [None req-{id} admin demo] done");
        assert_eq!(ids(&stack).request, Some(format!("req-{id}").as_str()));
        assert_eq!(ids(&format!("[volume {id}] attached")).request, None);
    }

    #[test]
    fn a_service_is_a_member_and_no_word_of_prose() {
        for text in
            [r#"{"service":{"name":"cart"}}"#, r#"{"service":"cart"}"#, "service.name=cart a=1", "dd.service=cart a"]
        {
            assert_eq!((ids(text).service, ids(text).source), (Some("cart"), Some("cart")), "{text}");
        }
        assert_eq!(ids("service: connection refused").service, None);
        let named = format!("[cart,{TRACE},{SPAN}] added");
        assert_eq!(ids(&named).service, Some("cart"));
    }

    #[test]
    fn what_names_a_trace_has_one_of_the_keys() {
        for text in [
            format!("traceparent: 00-{TRACE}-{SPAN}-01"),
            format!(r#"{{"@mt":"a","@tr":"{TRACE}"}}"#),
            format!(r#"{{"log":"{{\"@tr\":\"{TRACE}\"}}"}}"#),
            "X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793".to_owned(),
            format!("headers: b3={TRACE}-{SPAN}-1"),
            format!("INFO [cart,{TRACE},{SPAN}] added"),
            "X-Request-ID=a-7".to_owned(),
            "I [2e1c0b9a-7d55-4b0e-9f0a-5d1f8a3c6e21] Started".to_owned(),
        ] {
            let lower = text.to_lowercase();
            let keyed = KEYS_OF_TRACES.iter().any(|key| lower.contains(key));
            assert!(is_traced(&text, keyed) && is_traced(&text, true), "{text}");
        }
        assert!(!is_traced("trace=0000 of [19939]: b3 on", true));
    }

    #[test]
    fn a_cut_record_does_no_harm() {
        let text = "é traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 request_id=\"ü [ä,4bf,";
        for (end, _) in text.char_indices() {
            let _ = ids(&text[..end]);
            let _ = ids(&text[end..]);
        }
        for text in ["=", "\"=", "\\\"=", ":", "[", "[]", "trace:{", "trace:{id", "trace:{\"id\":"] {
            let _ = ids(text);
        }
    }
}
