//! `firstfault history` as its users meet it.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn history(file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.arg("history").args(arguments).arg("--file").arg(file).stdin(Stdio::null());
    command.output().expect("the tool runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(file: &Path, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--format", "json"]);
    let output = history(file, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn scenario(path: &str) -> String {
    support::root().join("scenarios").join(path).display().to_string()
}

#[test]
fn an_incident_is_remembered_once_and_helps_the_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep/er/history.sqlite");
    let leak = scenario("performance.memory-leak/hit/evidence");
    let first = history(&file, &["add", &leak, "--note", "the cache has a bound now", "--tag", "cache"]);
    assert!(text(&first).starts_with("case 1 is added: performance.memory-leak on "), "{}", text(&first));

    // The same evidence from a saved case is the same case.
    let saved = folder.path().join("case.json").display().to_string();
    support::firstfault(&["investigate", &leak, "--format", "json", "--output", &saved]);
    let again = history(&file, &["add", &saved]);
    assert!(text(&again).starts_with("case 1 was known; nothing is new"), "{}", text(&again));
    let said = history(&file, &["add", &saved, "--confirmed", "performance.memory-leak", "--resolved"]);
    assert!(text(&said).starts_with("case 1 was known; what is newly said is added"), "{}", text(&said));
    history(&file, &["add", &scenario("storage.volume-full/hit/evidence")]);

    let list = json(&file, &["list", "--area", "performance", "--closed"]);
    assert_eq!(list["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["cases"][0]["remarks"]["verdict"]["confirmed"]["failure_mode"], "performance.memory-leak");
    assert_eq!(text(&history(&file, &["list", "--entity", "nothing-of-that-name"])), "no cases\n");

    let incident = support::root().join("examples/incidents/auth-token-cache").display().to_string();
    let similar = text(&history(&file, &["similar", &incident]));
    let best = similar.lines().next().unwrap_or_default();
    assert!(best.starts_with("case 1  0.") && best.contains("performance.memory-leak"), "{similar}");
    assert!(similar.contains("  note: the cache has a bound now\n"), "{similar}");
    assert!(!similar.contains("storage.volume-full"), "{similar}");
    let itself = text(&history(&file, &["similar", &saved]));
    assert!(itself.starts_with("this is case 1; it is left out\n"), "{itself}");

    let found = json(&file, &["search", "bound"]);
    assert_eq!(found["hits"][0]["excerpt"], "the cache has a bound now");
    assert_eq!(json(&file, &["stats"])["statistics"]["incidents"], 2);
}

#[test]
fn masking_again_changes_no_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    for evidence in support::scenarios().iter().step_by(29) {
        let evidence = evidence.join("evidence");
        let (case, _) = support::investigate(&evidence);
        let added = json(&file, &["add", evidence.to_str().expect("a plain path")]);
        let id = added["case"]["id"].to_string();
        assert!(json(&file, &["show", &id])["case"] == case, "{}", evidence.display());
    }
}

#[test]
fn mistakes_are_told_with_a_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    let evidence = scenario("storage.volume-full/hit/evidence");
    let nothing = history(&file, &["list"]);
    assert!(nothing.status.success() && !file.exists(), "reading makes no file");
    let late = ["--detected", "2026-03-01T10:00:00Z", "--mended", "2026-03-01T09:00:00Z"];
    let cases: &[(&[&str], &str)] = &[
        (&["show", "7"], "there is no case 7"),
        (&["remark", "7", "--resolved"], "there is no case 7"),
        (&["search", "…"], "no word"),
        (&["add", &evidence, "--confirmed", "storage.no-such-mode"], "no failure mode"),
        (&["add", &evidence, "--mended", "yesterday"], "is no time"),
        (&["add", &evidence, late[0], late[1], late[2], late[3]], "before it was noticed"),
        (&["stats", "--slo", "100"], "leaves no budget"),
    ];
    for (arguments, says) in cases {
        let output = history(&file, arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(error.contains(says) && error.contains("hint: "), "{arguments:?}: {error}");
    }
    assert!(!file.exists(), "a mistake leaves nothing behind");
}

#[test]
fn damage_is_said_the_rest_is_printed_and_can_be_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    for mode in ["storage.volume-full", "performance.memory-leak", "container.oom-killed"] {
        history(&file, &["add", &scenario(&format!("{mode}/hit/evidence"))]);
    }
    let mut bytes = fs::read(&file).expect("reads");
    bytes[..4096].fill(0);
    fs::write(&file, &bytes).expect("writes");
    let list = history(&file, &["list"]);
    let error = String::from_utf8_lossy(&list.stderr);
    assert_eq!(list.status.code(), Some(2), "{error}");
    assert!(error.contains("first page is damaged") && error.contains("3 cases could be read"), "{error}");
    assert_eq!(text(&list).lines().count(), 4, "{}", text(&list));

    let lines = folder.path().join("cases.jsonl");
    fs::write(&lines, history(&file, &["export"]).stdout).expect("writes");
    let mended = folder.path().join("mended.sqlite");
    assert!(history(&mended, &["import", lines.to_str().expect("a plain path")]).status.success());
    assert_eq!(text(&history(&mended, &["list"])), text(&list));
    assert_eq!(text(&history(&mended, &["check"])), "the history is sound\n");
}

#[test]
fn without_a_name_the_file_lies_where_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = scenario("storage.volume-full/hit/evidence");
    let run = |name: &str, value: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
        command.args(["history", "add", &evidence]).stdin(Stdio::null());
        command.env_remove("FIRSTFAULT_HISTORY").env_remove("XDG_DATA_HOME").env(name, value);
        assert!(command.output().expect("the tool runs").status.success());
    };
    run("XDG_DATA_HOME", folder.path());
    assert!(folder.path().join("firstfault/history.sqlite").exists());
    let named = folder.path().join("mine.sqlite");
    run("FIRSTFAULT_HISTORY", &named);
    assert!(named.exists());
}
