//! What a record names itself by: trace, span, request, and the part of the program that wrote it.

/// Identifiers of a record, as they stand in its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids<'a> {
    /// Trace id.
    pub trace: Option<&'a str>,
    /// Span id.
    pub span: Option<&'a str>,
    /// Request or correlation id.
    pub request: Option<&'a str>,
    /// Logger, component or service.
    pub source: Option<&'a str>,
}

/// Marks after which a value may stand that are looked at in one record.
const MOST_MARKS: usize = 96;

/// The identifiers in a record's text, be it JSON, `key=value` or `key: value`.
#[must_use]
pub fn ids(text: &str) -> Ids<'_> {
    let mut ids = Ids::default();
    let bytes = text.as_bytes();
    for mark in memchr::memchr2_iter(b'=', b':', bytes).take(MOST_MARKS) {
        let end = if mark > 0 && matches!(bytes[mark - 1], b'"' | b'\'') { mark - 1 } else { mark };
        let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let from = bytes[..end].iter().rposition(|b| !is_key(b)).map_or(0, |i| i + 1);
        let key = &text[from..end];
        let slot = match key {
            "trace_id" | "traceId" | "traceID" | "TraceId" | "trace.id" | "dd.trace_id" | "trace" | "traceparent" => {
                &mut ids.trace
            }
            "span_id" | "spanId" | "spanID" | "SpanId" | "span.id" | "dd.span_id" => &mut ids.span,
            "request_id" | "requestId" | "requestID" | "RequestId" | "req_id" | "reqId" | "correlation_id"
            | "correlationId" | "x-request-id" | "X-Request-ID" => &mut ids.request,
            "logger" | "logger_name" | "loggerName" | "log.logger" | "component" | "caller" | "service"
            | "service.name" | "target" | "SYSLOG_IDENTIFIER" => &mut ids.source,
            _ => continue,
        };
        if slot.is_none() {
            *slot = value(text, mark + 1);
        }
    }
    // W3C Trace Context: version, trace, span and flags.
    if let Some(parent) = ids.trace
        && let [version, trace, span, flags] = parent.split('-').collect::<Vec<_>>()[..]
        && (version.len(), trace.len(), span.len(), flags.len()) == (2, 32, 16, 2)
    {
        ids.trace = Some(trace);
        ids.span = ids.span.or(Some(span));
    }
    // All zeros mean that there is none.
    let real = |id: &&str| id.bytes().any(|b| b != b'0');
    Ids { trace: ids.trace.filter(real), span: ids.span.filter(real), ..ids }
}

fn value(text: &str, from: usize) -> Option<&str> {
    let rest = text.get(from..)?.trim_start_matches([' ', '"', '\'']);
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/' | b'$' | b'@');
    let end = rest.as_bytes().iter().take_while(|b| is_part(b)).count();
    (end > 0 && !matches!(&rest[..end], "null" | "-" | "none" | "None")).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_from_several_writings() {
        let json = ids(r#"{"msg":"a","trace_id":"4bf92f3577b34da6","span.id":"00f067aa","logger":"c.e.Cart"}"#);
        assert_eq!(
            (json.trace, json.span, json.source),
            (Some("4bf92f3577b34da6"), Some("00f067aa"), Some("c.e.Cart"))
        );
        let pairs = ids("level=info traceID=4bf92f35 request_id=\"a-7\" component=cart");
        assert_eq!((pairs.trace, pairs.request, pairs.source), (Some("4bf92f35"), Some("a-7"), Some("cart")));
        let parent = ids("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!((parent.trace, parent.span), (Some("4bf92f3577b34da6a3ce929d0e0e4736"), Some("00f067aa0ba902b7")));
        assert_eq!(ids("trace_id=00000000 span_id=null"), Ids::default());
        assert_eq!(ids("no ids: here=1"), Ids::default());
    }

    #[test]
    fn a_cut_record_does_no_harm() {
        let text = "é traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 request_id=\"ü";
        for (end, _) in text.char_indices() {
            let _ = ids(&text[..end]);
            let _ = ids(&text[end..]);
        }
    }
}
