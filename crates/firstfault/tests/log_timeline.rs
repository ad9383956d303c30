//! `firstfault logs` over several logs: overview, templates, and the merged timeline.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn logs(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .arg("logs")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

fn text(folder: &Path, arguments: &[&str]) -> String {
    let output = logs(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&text(folder, &[arguments, &["--format", "json"]].concat())).expect("JSON")
}

/// What a mistake says, and what to do about it.
fn mistake(folder: &Path, arguments: &[&str]) -> String {
    let output = logs(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("UTF-8")
}

const TRACE: &str = "5b0c9de1a24b4f0f8a7d3c6e91f2b854";

/// A bakery: its door hands a trace to the till in JSON, the till to the oven in Java's log, which fails with a stack trace.
fn bakery() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a temporary folder is writable");
        fs::write(path, text).expect("a temporary folder is writable");
    };
    write(
        "shop/door.log",
        &format!(
            "2031-02-03T04:05:01Z level=info msg=\"order in\" trace_id={TRACE}\n\
             2031-02-03T04:05:09Z level=warn msg=\"order late\" trace_id={TRACE} password=hunter2hunter2\n\
             2031-02-03T05:00:00Z level=info msg=\"closing\"\n"
        ),
    );
    write(
        "shop/till.json.log",
        &format!(
            "{{\"ts\":\"2031-02-03T04:05:02Z\",\"level\":\"info\",\"service\":\"till\",\"traceId\":\"{TRACE}\",\"msg\":\"sold\"}}\n\
             {{\"ts\":\"2031-02-03T04:05:03Z\",\"level\":\"info\",\"service\":\"till\",\"traceId\":\"00c0ffee00c0ffee00c0ffee00c0ffee\",\"msg\":\"sold\"}}\n"
        ),
    );
    write(
        "shop/oven.log",
        &format!(
            "2031-02-03 04:05:04,000 ERROR [oven,{TRACE},8a7d3c6e91f2b854] c.b.Oven - too hot\n\
             java.lang.IllegalStateException: 451 degrees\n\
             \tat c.b.Oven.bake(Oven.java:45)\n\
             2031-02-03 04:05:06,000 INFO  [oven,,] c.b.Oven - cooled\n"
        ),
    );
    write("shop/menu.yaml", "bread: 3\ncake: 5\n");
    folder
}

#[test]
fn several_logs_have_one_overview() {
    let folder = bakery();
    let answer = json(folder.path(), &["shop"]);
    let files: Vec<&str> =
        answer["files"].as_array().expect("files").iter().filter_map(|f| f["file"].as_str()).collect();
    assert_eq!(files, ["shop/door.log", "shop/oven.log", "shop/till.json.log"]);
    assert_eq!((&answer["lines"], &answer["records"]), (&Value::from(9), &Value::from(7)));
    assert_eq!(answer["first_time"], "2031-02-03T04:05:01Z");
    assert_eq!(answer["last_time"], "2031-02-03T05:00:00Z");
    assert_eq!(answer["levels"]["error"], 1);
    assert_eq!(answer["left_out"][0]["file"], "shop/menu.yaml");
    let counts: u64 =
        answer["templates"].as_array().expect("templates").iter().filter_map(|t| t["count"].as_u64()).sum();
    assert_eq!(counts, 7, "of records, not of lines");
    // One file stays one.
    assert!(json(folder.path(), &["shop/oven.log"]).get("files").is_none());
    let shown = text(folder.path(), &["shop"]);
    assert!(shown.starts_with("3 logs\n  9 lines, 7 records\n") && shown.contains("shop/oven.log"), "{shown}");
    assert!(shown.contains("not read, no log by its look (what is named itself is read): shop/menu.yaml"), "{shown}");
}

#[test]
fn each_line_of_several_logs_has_its_template() {
    let folder = bakery();
    text(folder.path(), &["shop/oven.log", "shop/door.log", "--templates-out", "out.csv"]);
    let rows = fs::read_to_string(folder.path().join("out.csv")).expect("the answer is there");
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!((rows.len(), rows[0]), (8, "file,line,template_id,template"));
    assert!(rows[1].starts_with("shop/door.log,1,") && rows[4].starts_with("shop/oven.log,1,"), "{rows:?}");
}

#[test]
fn a_trace_is_followed_over_all_services() {
    let folder = bakery();
    let shown = text(folder.path(), &["shop", "--trace", TRACE]);
    let lines: Vec<&str> = shown.lines().collect();
    let first = lines[0];
    assert!(first.contains("4 records: door 2, till 1, oven 1"), "{first}");
    assert!(first.contains("first error at 2031-02-03T04:05:04Z in oven: "), "{first}");
    assert!(first.ends_with("(shop/oven.log:1)"), "{first}");
    let places: Vec<&str> =
        lines.iter().filter_map(|l| l.rsplit("  ").next()).filter(|w| w.starts_with("shop/")).collect();
    assert_eq!(places, ["shop/door.log:1", "shop/till.json.log:1", "shop/oven.log:1", "shop/door.log:2"]);
    assert!(shown.contains("    \tat c.b.Oven.bake") || shown.contains("     at c.b.Oven.bake"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("next: firstfault logs shop --around 2031-02-03T04:05:04Z"), "{shown}");
    // A service is found by its name too.
    let answer = json(folder.path(), &["shop", "--trace", "till"]);
    assert_eq!(answer["records"].as_array().map(Vec::len), Some(2));
}

#[test]
fn records_around_a_time_are_merged() {
    let folder = bakery();
    let answer = json(folder.path(), &["shop", "--around", "04:05:03", "--within", "1s"]);
    let records = answer["records"].as_array().expect("records");
    let of = |r: &Value| {
        format!("{} {} {}", r["source"].as_str().unwrap_or(""), r["level"].as_str().unwrap_or(""), r["line"])
    };
    assert_eq!(records.iter().map(of).collect::<Vec<_>>(), ["till info 1", "till info 2", "oven error 1"]);
    assert_eq!((&answer["omitted"], &records[2]["trace"]), (&Value::from(0), &Value::from(TRACE)));
    assert_eq!(answer["next"], format!("firstfault logs shop --trace {TRACE}"));
    let some = json(folder.path(), &["shop", "--around", "2031-02-03T04:05:03Z", "--limit", "1"]);
    assert_eq!((some["records"][0]["line"].as_u64(), some["omitted"].as_u64()), (Some(2), Some(5)));
    let berlin =
        json(folder.path(), &["shop/till.json.log", "--around", "05:05:03", "--within", "0s", "--timezone", "+01:00"]);
    assert_eq!(berlin["records"][0]["message"], "sold");
    let none = text(folder.path(), &["shop", "--around", "2031-02-03T04:30:00Z"]);
    assert!(none.contains("no record; the logs are from 2031-02-03T04:05:01Z to 2031-02-03T05:00:00Z; the nearest record is at 2031-02-03T04:05:09Z"), "{none}");
}

#[test]
fn what_matches_is_shown_whole() {
    let folder = bakery();
    let shown = text(folder.path(), &["shop", "--grep", r"Oven\.java:\d+", "--around", "04:05:00"]);
    assert!(shown.contains("1 record: oven 1") && shown.contains("java.lang.IllegalStateException"), "{shown}");
    assert!(shown.contains(&format!("next: firstfault logs shop --trace {TRACE}")), "{shown}");
    let none = text(folder.path(), &["shop", "--grep", "cake"]);
    assert!(none.starts_with("`cake`: no record"), "{none}");
}

#[test]
fn mistakes_say_what_to_do() {
    let folder = bakery();
    let around = mistake(folder.path(), &["shop", "--around", "noon"]);
    assert!(around.contains("`noon` is no time") && around.contains("hint: write it as"), "{around}");
    let within = mistake(folder.path(), &["shop", "--around", "04:05", "--within", "long"]);
    assert!(within.contains("`long` is no duration") && within.contains("30s"), "{within}");
    let grep = mistake(folder.path(), &["shop", "--grep", "a(b"]);
    assert!(grep.contains("cannot be searched for") && grep.contains("backslash"), "{grep}");
    let missing = mistake(folder.path(), &["shop", "gone.log", "--trace", "x"]);
    assert!(missing.contains("gone.log") && missing.contains("hint:"), "{missing}");
    fs::write(folder.path().join("days.log"), "2031-02-03T04:05:01Z a\n2031-02-04T04:05:01Z b\n").expect("writable");
    let days = mistake(folder.path(), &["days.log", "--around", "04:05:01"]);
    assert!(days.contains("2031-02-03, 2031-02-04") && days.contains("--around 2031-02-03T04:05:01"), "{days}");
}

#[test]
fn archives_and_compressed_logs_are_read_where_they_lie() {
    let folder = bakery();
    let plain = json(folder.path(), &["shop", "--trace", TRACE]);
    let packed = tempfile::tempdir().expect("a temporary folder");
    let pack = flate2::write::GzEncoder::new(
        fs::File::create(packed.path().join("shop.tar.gz")).expect("writable"),
        flate2::Compression::fast(),
    );
    let mut tar = tar::Builder::new(pack);
    tar.append_dir_all("shop", folder.path().join("shop")).expect("a tar");
    tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("a tar");
    let mut zip = zip::ZipWriter::new(fs::File::create(packed.path().join("shop.zip")).expect("writable"));
    let mut gz = flate2::write::GzEncoder::new(
        fs::File::create(packed.path().join("oven.log.gz")).expect("writable"),
        flate2::Compression::fast(),
    );
    for name in ["door.log", "oven.log", "till.json.log"] {
        let text = fs::read(folder.path().join("shop").join(name)).expect("a log");
        zip.start_file(format!("shop/{name}"), zip::write::SimpleFileOptions::default()).expect("a zip");
        zip.write_all(&text).expect("a zip");
        if name == "oven.log" {
            gz.write_all(&text).expect("writable");
        }
    }
    zip.finish().expect("a zip");
    gz.finish().expect("writable");
    let of = |answer: &Value| -> Vec<String> {
        let records = answer["records"].as_array().expect("records").iter();
        records.map(|r| format!("{} {} {} {}", r["time"], r["source"], r["message"], r["line"])).collect()
    };
    for archive in ["shop.tar.gz", "shop.zip"] {
        assert_eq!(of(&json(packed.path(), &[archive, "--trace", TRACE])), of(&plain), "{archive}");
    }
    let all = json(packed.path(), &[".", "--trace", TRACE]);
    assert_eq!(all["records"].as_array().map(Vec::len), Some(9), "two archives and one compressed log");
    assert_eq!(json(packed.path(), &["oven.log.gz"])["records"], 2);
}

#[test]
fn rules_run_on_each_log() {
    let folder = bakery();
    let rules = "rules:\n- cre:\n    id: hot\n    severity: 1\n    title: too hot\n  metadata:\n    id: hot1\n    hash: hot1\n  rule:\n    set:\n      event:\n        source: cre.log\n      match:\n      - regex: too hot\n";
    fs::write(folder.path().join("rules.yaml"), rules).expect("writable");
    let output = logs(folder.path(), &["shop", "--rules", "rules.yaml", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1), "{answer}");
    let fired: Vec<&str> = answer["files"]
        .as_array()
        .expect("files")
        .iter()
        .filter(|f| f["matches"].as_array().is_some_and(|m| !m.is_empty()))
        .filter_map(|f| f["file"].as_str())
        .collect();
    assert_eq!(fired, ["shop/oven.log"]);
    let excerpt = answer["files"][1]["matches"][0]["evidence"][0]["excerpt"].as_str().unwrap_or("");
    assert!(excerpt.contains("too hot"), "{answer}");
}

#[test]
fn known_messages_are_told_in_order_of_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = "2031-02-03T04:05:01Z INFO ready\n\
               2031-02-03T04:05:03Z FATAL: sorry, too many clients already\n\
               2031-02-03T04:05:02Z ERROR no route: connection refused\n\
               2031-02-03T04:05:04Z FATAL: sorry, too many clients already\n";
    fs::write(folder.path().join("till.log"), log).expect("can be written");
    let known = json(folder.path(), &["till.log"])["known"].take();
    let of = |at: usize| (&known[at]["finding"], &known[at]["count"], &known[at]["line"]);
    assert_eq!(of(0), (&"log.connection-refused".into(), &1.into(), &3.into()));
    assert_eq!(of(1), (&"log.connections-exhausted".into(), &2.into(), &2.into()));
    assert_eq!(known[1]["last"], "2031-02-03T04:05:04Z");
    assert!(known.get(2).is_none(), "{known}");
    let shown = text(folder.path(), &["till.log"]);
    let said = "2  till was turned away because a server has no connection left since 2031-02-03T04:05:03Z (line 2)";
    assert!(shown.contains(said), "{shown}");
    let trace = "2031-02-03T04:05:01Z ERROR order 7 failed\njava.net.ConnectException: Connection refused\n\tat a.B.c(B.java:1)\n";
    fs::write(folder.path().join("cart.log"), trace).expect("can be written");
    let shown = text(folder.path(), &["cart.log"]);
    let line = "cart was refused when it connected to another since 2031-02-03T04:05:01Z (line 1)\n            java.net.ConnectException: Connection refused\n";
    assert!(shown.contains(line), "{shown}");
    fs::write(folder.path().join("calm.log"), "2031-02-03T04:05:01Z INFO ready\n").expect("can be written");
    assert!(!text(folder.path(), &["calm.log"]).contains("Known messages"));
}
