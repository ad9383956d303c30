//! Our part of `PromQL` means what the real `promtool` (Debian's package `prometheus`) says that it means.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use firstfault_metrics::promql::{NAME, Query, RangeStart, Samples, Value, expand, parse};

const STEP: i64 = 15_000;

/// Series of every shape that rules meet: a noisy gauge, a counter with a reset, gaps, a constant.
const SERIES: &[(&str, &str, &str)] = &[
    ("gauge", "a", "5 7 6 9 12 11 14 18 17 21 20 26 24 29 33 31 36 40 39 44"),
    ("gauge", "b", "100-3x19"),
    ("counter", "a", "10 12.5 15 19 24 30 3 5 9 14 20 27 30 31 33 40 52 53 53 60"),
    ("counter", "b", "0+4.5x19"),
    ("gap", "a", "1 2 _ _ 5 6 _ 8 9 _ _ _ _ 14 15 _ 17 18 19 20"),
    ("late", "a", "_x9 3+2x10"),
    ("constant", "a", "7x19"),
    ("limit", "a", "50x19"),
    ("limit", "b", "90x19"),
];

const EXPRESSIONS: &[&str] = &[
    "deriv(gauge{who=\"a\"}[1m])",
    "deriv(gap{who=\"a\"}[2m])",
    "deriv(constant[1m])",
    "predict_linear(gauge{who=\"a\"}[2m], 600)",
    "predict_linear(gap[2m], 60)",
    "rate(counter{who=\"a\"}[1m])",
    "rate(counter{who=\"a\"}[5m])",
    "increase(counter{who=\"b\"}[90s])",
    "increase(counter{who=\"a\"}[2m] offset 30s)",
    "rate(gap[2m])",
    "rate(late[3m])",
    "delta(gauge{who=\"b\"}[1m])",
    "changes(counter{who=\"a\"}[2m])",
    "max_over_time(gauge{who=\"a\"}[1m])",
    "avg_over_time(gap[2m])",
    "count_over_time(gap[2m])",
    "gap offset 1m",
    "sum(gauge)",
    "sum(gauge) / count(gauge)",
    "max(rate(counter[1m])) - min(rate(counter[1m]))",
    "gauge{who=\"a\"} / on(who) limit",
    "gauge{who=\"a\"} / ignoring(job) limit",
    "avg(gauge / on(who) limit)",
    "-2 ^ 2 + 10 % 4 * constant",
    "2 * 3 + 4 > 5 * constant",
    "count(gauge > 30)",
    "gauge{who=~\"a|x\"} and on(who) counter",
    "gauge{who!~\"b.*\"} unless on(who) late",
    "sum(gauge{who=\"a\"} > 30 or constant)",
    "abs(0 - gauge{who=\"a\"})",
    "absent(nothing{who=\"z\"})",
    "time() - constant",
    "clamp_max(gauge{who=\"a\"}, 20)",
    "vector(3) * 2",
    "sum without (who, job) (gauge)",
    "gauge{who=\"a\"} * on(who) group_left() limit",
];

fn samples() -> Vec<Samples> {
    let one = |(name, who, values): &(&str, &str, &str)| {
        let labels: BTreeMap<String, String> =
            [(NAME, *name), ("who", *who)].map(|(l, v)| (l.to_owned(), v.to_owned())).into();
        let values = expand(values).expect("values");
        let points = values.iter().enumerate().filter_map(|(i, v)| Some((i as i64 * STEP, (*v)?))).collect();
        Samples { labels: labels.into(), points }
    };
    SERIES.iter().map(one).collect()
}

#[test]
fn expressions_have_the_values_that_promtool_gives_them() {
    if !Command::new("promtool").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no promtool (apt-get install prometheus)");
        return;
    }
    let inputs = samples();
    let mut file = String::from("evaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n");
    for (name, who, values) in SERIES {
        let _ = writeln!(file, "      - series: '{name}{{who=\"{who}\"}}'\n        values: '{values}'");
    }
    file.push_str("    promql_expr_test:\n");
    let mut compared = 0;
    for text in EXPRESSIONS {
        let expr = parse(text).unwrap_or_else(|error| panic!("{error}"));
        for at in [0, 15, 60, 75, 97, 150, 240, 285, 400] {
            let query = Query::new(&expr, &inputs, RangeStart::Included);
            let value = match query.at(at * 1000) {
                Value::Scalar(value) => Some(value),
                Value::Vector(samples) => {
                    assert!(samples.len() < 2, "{text} gives several");
                    samples.first().map(|s| s.value)
                }
            };
            // Compared within the error of sums: Prometheus adds with Kahan's compensation.
            let single = match query.at(at * 1000) {
                Value::Scalar(_) => format!("vector({text})"),
                Value::Vector(_) => format!("sum({text})"),
            };
            let wrapped = match value {
                Some(value) => format!("count(abs({single} - ({value})) < {})", 1e-9 + value.abs() * 1e-12),
                None => format!("count({text})"),
            };
            let expected = if value.is_some() { "[{labels: '{}', value: 1}]" } else { "[]" };
            let wrapped = wrapped.replace('\'', "''");
            let _ =
                writeln!(file, "      - expr: '{wrapped}'\n        eval_time: {at}s\n        exp_samples: {expected}");
            compared += 1;
        }
    }
    assert!(compared > 300, "enough is compared");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("test.yaml"), &file).expect("written");
    let output = Command::new("promtool").args(["test", "rules", "test.yaml"]).current_dir(folder.path()).output();
    let output = output.expect("promtool runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn what_is_not_understood_is_an_error_and_never_another_meaning() {
    for text in [
        "sum(",
        "rate(x[5m)",
        "x{a=b}",
        "topk(3, x)",
        "rate(x[5m:1m])",
        "x @ 10",
        "x > bool 1",
        "histogram_quantile(0.9, x)",
        "x y",
        "",
        "x{a=~\"(\"}",
        "deriv(x[5m], 3)",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(parse(&"(".repeat(10_000)).is_err());
    assert!(parse(&"-".repeat(10_000)).is_err());
}
