//! `firstfault logs FILE --templates` and `--templates-out`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn logs(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .arg("logs")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// 60 lines of a till: a sale in two of three, a drawer in the third, and a trace behind the last.
fn till(folder: &Path) {
    let mut text = String::new();
    for i in 0..60 {
        let message = if i % 3 == 0 { "drawer open" } else { "sold" };
        let _ = writeln!(text, "2031-02-03 04:05:{i:02} INFO Till: {message} at desk {i} password=hunter2hunter2");
    }
    text.push_str("    at shop.Till.open(Till.java:7)\n");
    fs::write(folder.join("till.log"), text).expect("a temporary folder is writable");
}

#[test]
fn each_line_has_one_row() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    till(folder.path());
    logs(folder.path(), &["till.log", "--templates-out", "out.csv"]);
    let text = fs::read_to_string(folder.path().join("out.csv")).expect("the answer is there");
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 62);
    assert_eq!(rows[0], "line,template_id,template");
    let cells = |n: usize| rows[n].split(',').collect::<Vec<_>>();
    assert_eq!(cells(1)[0], "1");
    assert!(cells(1)[2].starts_with("drawer open at desk <num>"), "{}", rows[1]);
    assert_eq!(cells(1)[1..], cells(4)[1..]);
    assert_ne!(cells(1)[1], cells(2)[1]);
    assert!(rows[61].ends_with(",at shop.Till.open(Till.java:<num>)"), "{}", rows[61]);
    logs(folder.path(), &["till.log", "--templates-out", "again.csv"]);
    assert_eq!(text, fs::read_to_string(folder.path().join("again.csv")).expect("the answer is there"));
}

#[test]
fn the_table_shows_counts_values_and_no_secret() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    till(folder.path());
    let table = String::from_utf8(logs(folder.path(), &["till.log", "--templates"]).stdout).expect("UTF-8");
    assert!(table.starts_with("3 templates in 61 lines\n"), "{table}");
    assert!(table.contains("1 to 59;"), "{table}");
    assert!(!table.contains("hunter2"), "{table}");
    let json = logs(folder.path(), &["till.log", "--templates", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let first = &json["templates"][0];
    assert_eq!(first["count"], 40);
    assert!(first["loki"].as_str().is_some_and(|t| t.starts_with("sold at desk <_>")), "{first}");
    assert_eq!(first["variables"][0]["max"], 59.0);
    assert!(!json.to_string().contains("hunter2"));
}
