//! Lines that hold many records: JSON arrays as services and collectors deliver them.

/// Where the records lie in an object: its first key, and the keys of the arrays on the way to them.
struct Envelope {
    first: &'static str,
    arrays: &'static [&'static str],
}

/// Sources: CloudTrail's log files and S3's notifications (`Records`), Azure Monitor's export (`records`), what CloudWatch
/// Logs sends to its subscribers (`messageType`, `logEvents`) and answers to `get-log-events` (`events`), OTLP's JSON
/// (`opentelemetry/proto/logs/v1/logs.proto`).
const ENVELOPES: &[Envelope] = &[
    Envelope { first: "Records", arrays: &["Records"] },
    Envelope { first: "records", arrays: &["records"] },
    Envelope { first: "messageType", arrays: &["logEvents"] },
    Envelope { first: "events", arrays: &["events"] },
    Envelope { first: "resourceLogs", arrays: &["resourceLogs", "scopeLogs", "logRecords"] },
];

/// Gives each record of a line that holds several, else the line itself.
pub(crate) fn each<'a>(line: &'a str, take: &mut dyn FnMut(&'a str)) {
    if !matches!(line.as_bytes().first(), Some(b'{' | b'[')) || !records(line, take) {
        take(line);
    }
}

/// Whether the line holds several records; they are given.
fn records<'a>(line: &'a str, take: &mut dyn FnMut(&'a str)) -> bool {
    if let Some(rest) = line.strip_prefix('[') {
        // `[ERROR] x` is text; an array of anything but objects is one record.
        let mut found = false;
        if rest.trim_start().starts_with('{') {
            elements(rest, &mut |element| {
                found = true;
                take(element);
            });
        }
        return found;
    }
    let Some((first, _)) = line[1..].trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
        return false;
    };
    let Some(envelope) = ENVELOPES.iter().find(|envelope| envelope.first == first) else { return false };
    inside(line, envelope.arrays, take)
}

/// The elements of the arrays that lie in one another under these keys.
fn inside<'a>(object: &'a str, arrays: &[&str], take: &mut dyn FnMut(&'a str)) -> bool {
    let [key, further @ ..] = arrays else {
        take(object);
        return true;
    };
    let Some(array) = array(object, key) else { return false };
    let mut found = false;
    let cut = elements(array, &mut |element| found |= inside(element, further, take));
    // What was cut off may hold whole ones further in.
    if let Some(cut) = cut.filter(|_| !further.is_empty()) {
        found |= inside(cut, further, take);
    }
    found
}

/// What follows the bracket of `"key":[`.
fn array<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = object;
    loop {
        let at = memchr::memmem::find(rest.as_bytes(), key.as_bytes())?;
        let quoted = rest[..at].ends_with('"');
        rest = &rest[at + key.len()..];
        let value = rest.strip_prefix('"').and_then(|rest| rest.trim_start().strip_prefix(':')).map(str::trim_start);
        if let Some(array) = value.filter(|_| quoted).and_then(|value| value.strip_prefix('[')) {
            return Some(array);
        }
    }
}

/// Gives the objects of an array whose bracket was read, and answers with one that is cut off.
fn elements<'a>(array: &'a str, take: &mut dyn FnMut(&'a str)) -> Option<&'a str> {
    let bytes = array.as_bytes();
    let (mut depth, mut begin, mut at) = (0u32, 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(bytes, at) {
                Some(end) => at = end,
                None => break,
            },
            b'{' | b'[' => {
                if depth == 0 {
                    begin = at;
                }
                depth += 1;
            }
            b'}' | b']' if depth == 0 => return None,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 && bytes[begin] == b'{' {
                    take(&array[begin..=at]);
                }
            }
            _ => {}
        }
        at += 1;
    }
    (depth > 0).then(|| &array[begin..])
}

/// The place of the quote that ends the string that begins here.
fn string_end(bytes: &[u8], quote: usize) -> Option<usize> {
    let mut at = quote + 1;
    loop {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)? + at;
        if bytes[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Vec<&str> {
        let mut parts = Vec::new();
        each(line, &mut |part| parts.push(part));
        parts
    }

    #[test]
    fn records_in_arrays_are_taken_out() {
        let two =
            [r#"{"eventTime":"2026-11-24T10:00:01Z","a":{"b":["]}"]}}"#, r#"{"eventTime":"2026-11-24T10:00:02Z"}"#];
        let joined = two.join(",");
        for (before, after) in [
            (r#"{"Records":["#, "]}"),
            (r#"{ "records" : [ "#, " ]}"),
            ("[", "]"),
            (r#"{"events":["#, r#"],"nextToken":"x"}"#),
            (r#"{"messageType":"DATA_MESSAGE","logGroup":"logEvents","logEvents":["#, "]}"),
            (r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":["#, "]}]}]}"),
        ] {
            let line = format!("{before}{joined}{after}");
            assert_eq!(parts(&line), two, "{line}");
            let cut = &line[..before.len() + two[0].len() + 10];
            assert_eq!(parts(cut), two[..1], "what was whole is kept: {cut}");
        }
    }

    #[test]
    fn a_record_of_its_own_is_left_whole() {
        for line in [
            "",
            "[ERROR] {\"a\":1}",
            "[1,2]",
            "[]",
            r#"{"time":"x","Records":[{"a":1}]}"#,
            r#"{"Records":3}"#,
            r#"{"Records":[]}"#,
            r#"{"resourceLogs":[{"scopeLogs":[]}]}"#,
            r#"{"msg":"\"Records\":[{}]"}"#,
        ] {
            assert_eq!(parts(line), [line]);
        }
    }
}
