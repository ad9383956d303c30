//! Readers of metrics, traces, alerts and changes never panic, and keep what came before a cut.

use firstfault_gather::read_one_text;
use proptest::prelude::*;

/// One text of each format, in invented names.
const SAMPLES: &[(&str, &str)] = &[
    (
        "query.json",
        r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","pod":"a-0"},"values":[[1767607200,"1"],[1767607215.5,"NaN"]]}]}}"#,
    ),
    ("scalar.json", r#"{"status":"success","data":{"resultType":"scalar","result":[1767607200,"3"]}}"#),
    (
        "metrics.txt",
        "# HELP a b\n# TYPE a counter\na_total{x=\"1\\\"\",y=\"z\"} 3 1767607200000\na_bucket{le=\"+Inf\"} 8 # {t=\"1\"} 0.5\n# EOF\n",
    ),
    ("m.csv", "time,loom-cpu,loom-p95latency\n2026-01-05 10:00:00,0.1,20\n2026-01-05 10:00:05,,3\n"),
    ("long.csv", "timestamp,pod,metric,value\n1767607200,till-0,cpu,5\n"),
    (
        "trace.json",
        r#"{"data":[{"traceID":"7","spans":[{"traceID":"7","spanID":"1","operationName":"x","references":[{"refType":"CHILD_OF","spanID":"0"}],"startTime":1767607200000000,"duration":9,"tags":[{"key":"error","value":true}],"processID":"p1"}],"processes":{"p1":{"serviceName":"till"}}}]}"#,
    ),
    (
        "spans.csv",
        "trace_id,span_id,parent_id,service,start_time,duration_ms,status_code\nt,a,,till,1767607200000,1.5,500\n",
    ),
    (
        "changes.jsonl",
        "{\"context\":{\"type\":\"dev.cdevents.service.upgraded.0.2.0\",\"timestamp\":\"2026-01-05T09:58:00Z\"},\"subject\":{\"id\":\"till\",\"content\":{}}}\n",
    ),
    (
        "heap.txt",
        "File: till\nType: inuse_space\n flat  flat%   sum%        cum   cum%\n 7.50MB 93.72% 93.72%   7.50MB 93.72%  main.f\n",
    ),
    ("histo.txt", " num     #instances         #bytes  class name (module)\n---\n   1:  9  90  java.lang.String\n"),
    (
        "alerts.json",
        r#"[{"labels":{"alertname":"X","pod":"a-0"},"annotations":{},"status":{"state":"active"},"startsAt":"2026-03-01T10:00:00Z"}]"#,
    ),
    (
        "rules.json",
        r#"{"status":"success","data":{"groups":[{"name":"g","rules":[{"type":"alerting","name":"X","state":"firing","alerts":[{"labels":{"alertname":"X","pod":"a-0"},"annotations":{"summary":"s"},"state":"firing","activeAt":"2026-03-01T10:00:00Z"}]}]}]}}"#,
    ),
];

#[test]
fn each_sample_is_read_without_a_problem() {
    for (path, text) in SAMPLES {
        let out = read_one_text(path, None, text);
        let items = out.series.len() + out.spans.len() + out.changes.len() + out.profiles.len() + out.alerts.len();
        assert!(items > 0, "{path} is read as {}", out.read_as);
        assert!(out.problems.is_empty(), "{path}: {:?}", out.problems);
    }
}

#[test]
fn a_cut_at_any_byte_does_no_harm() {
    for (path, text) in SAMPLES {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            drop(read_one_text(path, None, &text[..end]));
        }
    }
}

proptest! {
    #[test]
    fn damaged_samples_do_no_harm(which in 0..SAMPLES.len(), at in 0.0..1.0_f64, garbage in "\\PC{0,12}", cut in 0..20_usize) {
        let (path, text) = SAMPLES[which];
        let mut place = (text.len() as f64 * at) as usize;
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        let mut rest = (place + cut).min(text.len());
        while !text.is_char_boundary(rest) {
            rest -= 1;
        }
        let rest = rest.max(place);
        drop(read_one_text(path, None, &format!("{}{garbage}{}", &text[..place], &text[rest..])));
    }
}
