use super::*;

const OPEN: Orders = Orders { long: None, short: None };

/// Writers and what their records say: time, level and message.
const SAMPLES: &[(&str, Option<i64>, Option<Level>, &str)] = &[
    (
        r#"{"@timestamp":"2026-11-24T10:00:01.5Z","log.level":"ERROR","message":"ecs","ecs":{"version":"8"}}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "ecs",
    ),
    (
        r#"{"name":"a","hostname":"h","pid":7,"level":50,"msg":"bunyan","time":"2026-11-24T10:00:01.123Z","v":0}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "bunyan",
    ),
    (r#"{"level":30,"time":1795514401123,"pid":7,"msg":"pino"}"#, Some(1_795_514_401), Some(Level::Info), "pino"),
    (r#"{"level":"warn","ts":1795514401.25,"logger":"a","msg":"zap"}"#, Some(1_795_514_401), Some(Level::Warn), "zap"),
    (
        r#"{"time":"2026-11-24T10:00:01+00:00","level":"INFO","msg":"slog"}"#,
        Some(1_795_514_401),
        Some(Level::Info),
        "slog",
    ),
    (
        r#"{"@t":"2026-11-24T10:00:01Z","@mt":"clef {N}","@l":"Error","N":1}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "clef {N}",
    ),
    (
        r#"{"version":"1.1","host":"h","short_message":"gelf","timestamp":1795514401.5,"level":3}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "gelf",
    ),
    (
        r#"{"severity":"ERROR","timestamp":{"seconds":1795514401,"nanos":5},"jsonPayload":{"message":"cloud"}}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "cloud",
    ),
    (
        r#"{"timeUnixNano":"1795514401000000000","severityNumber":17,"body":{"stringValue":"otlp"}}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "otlp",
    ),
    (
        r#"{"t":{"$date":"2026-11-24T10:00:01.401+00:00"},"s":"W","c":"STORAGE","msg":"mongo"}"#,
        Some(1_795_514_401),
        Some(Level::Warn),
        "mongo",
    ),
    (
        r#"{"__REALTIME_TIMESTAMP":"1795514401250000","PRIORITY":"3","MESSAGE":"journal"}"#,
        Some(1_795_514_401),
        Some(Level::Error),
        "journal",
    ),
    (
        r#"{"instant":{"epochSecond":1795514401,"nanoOfSecond":484000000},"level":"FATAL","message":"log4j"}"#,
        Some(1_795_514_401),
        Some(Level::Fatal),
        "log4j",
    ),
    (
        r#"{"timestamp":"2026-11-24T10:00:01.8Z","level":"INFO","fields":{"message":"tracing"},"target":"a"}"#,
        Some(1_795_514_401),
        Some(Level::Info),
        "tracing",
    ),
    (
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"x","requestReceivedTimestamp":"2026-11-24T10:00:01.8Z"}"#,
        Some(1_795_514_401),
        None,
        "",
    ),
    (
        r#"{"eventVersion":"1.08","eventTime":"2026-11-24T10:00:01Z","eventName":"X","message":"trail"}"#,
        Some(1_795_514_401),
        None,
        "trail",
    ),
    (
        r#"{"timestamp":"2026-11-24 10:00:01.123 UTC","pid":7,"error_severity":"LOG","message":"pg"}"#,
        Some(1_795_514_401),
        Some(Level::Info),
        "pg",
    ),
    (r#"{"level":0,"msg":"no time, no level"}"#, None, None, "no time, no level"),
    (r#"{"time":12.5,"message":"uptime"}"#, None, None, "uptime"),
];

#[test]
fn records_of_many_writers() {
    for (text, seconds, level, message) in SAMPLES {
        let record = read(text, OPEN, &mut Roles::default()).unwrap_or_else(|| panic!("not read: {text}"));
        let time = match record.time {
            Some(Moment::Instant(seconds, _)) => Some(seconds),
            Some(moment) => super::super::moment::Assumed::new(&firstfault_model::Assume::default(), None)
                .resolve(moment)
                .map(jiff::Timestamp::as_second),
            None => None,
        };
        assert_eq!(time, *seconds, "{text}");
        assert_eq!(record.level, *level, "{text}");
        assert_eq!(record.message.map_or("", Value::raw), *message, "{text}");
    }
}

#[test]
fn a_cut_record_is_none_and_does_no_harm() {
    for (text, ..) in SAMPLES {
        for end in 0..text.len() {
            assert!(read(&text[..end], OPEN, &mut Roles::default()).is_none(), "{}", &text[..end]);
            let _ = member(&text[end..]);
        }
    }
    for text in ["{a}", "{\"a\":1} x", "{\"a\":}", "{\"a\" 1}", "[1]", "{{}}"] {
        assert!(read(text, OPEN, &mut Roles::default()).is_none(), "{text}");
    }
    assert!(
        read(&format!("{}{}", "{\"a\":".repeat(500), "}".repeat(500)), OPEN, &mut Roles::default()).is_none(),
        "too deep"
    );
}

#[test]
fn escapes_become_text() {
    let of = |raw: &str| {
        let mut out = String::new();
        unescape(raw, &mut out);
        out
    };
    assert_eq!(of(r#"a\n\"b\" \u00e9 \ud83d\ude00 c"#), "a\n\"b\" é 😀 c");
    assert_eq!(of(r"\ud83d"), "\u{fffd}");
    assert_eq!(of(r"\u12"), "12");
    assert_eq!(of("\\"), "");
}
