//! What the memory of cases acknowledged is there, whatever happens to the processes that write it.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// Files, each with its own writers, and how often a writer of each is killed.
const FILES: usize = 7;
const KILLS: usize = 30;
/// Lines given to a writer before it is killed: more than it can write in that time.
const LINES: usize = 300;

fn case(n: usize) -> Value {
    let entity = json!({ "kind": "Deployment", "namespace": "parcels", "name": format!("sorter-{}", n % 13) });
    let filler: String = (0..300).map(|i| format!("{:x} ", (n * 7919 + i) * 104_729 % 1_000_003)).collect();
    json!({
        "schema": "firstfault.case/v1", "status": "incident", "over": false,
        "severity": { "level": 3, "reasons": [] },
        "hypotheses": [{
            "failure_mode": "container.oom-killed", "title": "It is killed", "area": "runtime", "entity": entity,
            "probability": 0.8, "summary": "Deployment parcels/sorter is killed", "chain": [],
            "evidence": [{ "finding": "container.oom-killed", "says": "it is killed", "excerpt": filler }],
        }],
        "evidence": { "paths": [], "hash": format!("{n:016x}") },
    })
}

fn line(n: usize) -> String {
    let line = json!({ "schema": "firstfault.history/v1", "added_at": "2026-05-01T00:00:00Z", "case": case(n) });
    format!("{line}\n")
}

fn history(file: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.arg("history").args(arguments).arg("--file").arg(file).stdin(Stdio::null());
    command
}

fn importer(file: &Path, lines: &Path) -> Child {
    let mut command = history(file, &["import"]);
    command.arg(lines).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool runs")
}

/// The numbers of the cases in a file, as the tool lists them.
fn listed(file: &Path) -> BTreeSet<u64> {
    let output = history(file, &["list", "--format", "json"]).output().expect("the tool runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["cases"].as_array().expect("cases").iter().filter_map(|case| case["id"].as_u64()).collect()
}

fn sound(file: &Path) {
    let output = history(file, &["check"]).output().expect("the tool runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
}

/// The numbers that a writer acknowledged in whole lines.
fn acknowledged(output: &str) -> Vec<u64> {
    let whole = output.rfind('\n').map_or("", |end| &output[..end]);
    whole.lines().filter_map(|line| line.strip_prefix("case ")?.split(':').next()?.parse().ok()).collect()
}

#[test]
fn killing_the_writer_at_any_moment_loses_nothing_that_was_acknowledged() {
    let rounds: Vec<usize> = (0..FILES).collect();
    let results = support::parallel(&rounds, |round| kill_again_and_again(*round));
    let interrupted: usize = results.iter().map(|(interrupted, _)| interrupted).sum();
    let acknowledged: usize = results.iter().map(|(_, acknowledged)| acknowledged).sum();
    let kills = FILES * KILLS;
    assert!(kills >= 200, "{kills} kills");
    assert!(interrupted >= kills / 2, "only {interrupted} of {kills} kills fell among writes");
    println!("{kills} kills, {interrupted} among writes, {acknowledged} cases acknowledged, none lost");
}

/// How many kills fell among writes, and how many cases were acknowledged.
fn kill_again_and_again(round: usize) -> (usize, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, lines) = (folder.path().join("history.sqlite"), folder.path().join("lines.jsonl"));
    let mut known = BTreeSet::new();
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let first = kill * LINES;
        fs::write(&lines, (first..first + LINES).map(line).collect::<String>()).expect("writes");
        let mut child = importer(&file, &lines);
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        if kill % 3 != 0 {
            // After the first acknowledgement, so that the kill falls among writes and not into the start.
            out.read_line(&mut text).expect("reads");
        }
        // From before the first write to the middle of many: the moments spread over the whole of it.
        std::thread::sleep(Duration::from_micros(((round * KILLS + kill) * 7_919 % 60_000) as u64));
        child.kill().expect("kills");
        child.wait().expect("ends");
        out.read_to_string(&mut text).expect("reads");
        let now = acknowledged(&text);
        interrupted += usize::from(!now.is_empty() && now.len() < LINES);
        known.extend(now);
        let there = listed(&file);
        let lost: Vec<_> = known.difference(&there).collect();
        assert!(lost.is_empty(), "file {round}, kill {kill}: {lost:?} were acknowledged and are gone");
    }
    sound(&file);
    (interrupted, known.len())
}

#[test]
fn killing_single_additions_leaves_each_whole_or_absent() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    let mut known = BTreeSet::new();
    for n in 0..40 {
        let saved = folder.path().join(format!("case-{n}.json"));
        // The schema stands first, as `investigate` writes it.
        let body = case(n).to_string();
        fs::write(
            &saved,
            format!(
                "{{\"schema\":\"firstfault.case/v1\",{}",
                &body[1..].replace("\"schema\":\"firstfault.case/v1\",", "")
            ),
        )
        .expect("writes");
        let mut add = history(&file, &["add"]);
        let mut child = add.arg(&saved).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the tool runs");
        std::thread::sleep(Duration::from_micros((n * 1_733 % 30_000) as u64));
        let _ = child.kill();
        let output = child.wait_with_output().expect("ends");
        let text = String::from_utf8_lossy(&output.stdout);
        if let Some(id) = text.strip_prefix("case ").and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok()) {
            known.insert(id);
        }
        assert!(known.is_subset(&listed(&file)), "addition {n}");
    }
    sound(&file);
}

#[test]
fn processes_that_write_and_read_at_once_do_not_hinder_each_other() {
    const EACH: usize = 150;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    let writers: Vec<Child> = (0..4)
        .map(|writer| {
            let lines = folder.path().join(format!("lines-{writer}.jsonl"));
            // A third of the cases are the same for all writers.
            let numbers = (0..EACH).map(|n| if n % 3 == 0 { n } else { (writer + 1) * 10_000 + n });
            fs::write(&lines, numbers.map(line).collect::<String>()).expect("writes");
            importer(&file, &lines)
        })
        .collect();
    for _ in 0..10 {
        listed(&file);
    }
    let mut known = BTreeSet::new();
    for writer in writers {
        let output = writer.wait_with_output().expect("ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        known.extend(acknowledged(&String::from_utf8_lossy(&output.stdout)));
    }
    let expected = EACH / 3 + 4 * (EACH - EACH / 3);
    assert_eq!(known.len(), expected);
    assert_eq!(listed(&file), known);
    sound(&file);
}

#[test]
fn what_is_exported_comes_back_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.sqlite"), folder.path().join("two.sqlite"));
    let lines = folder.path().join("lines.jsonl");
    let mut text: String = (0..40).map(line).collect();
    text.push_str("this is no case\n");
    fs::write(&lines, text).expect("writes");
    let output = importer(&one, &lines).wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(2), "a line that is no case is said");
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 41"));
    let remark = history(&one, &["remark", "7", "--note", "drained by hand", "--resolved"]).output().expect("runs");
    assert!(remark.status.success(), "{}", String::from_utf8_lossy(&remark.stderr));

    let export = |file: &Path| history(file, &["export"]).output().expect("runs").stdout;
    let first = export(&one);
    let mut child =
        history(&two, &["import", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the tool runs");
    child.stdin.take().expect("a pipe").write_all(&first).expect("writes");
    assert!(child.wait().expect("ends").success());
    assert_eq!(first.split(|b| *b == b'\n').count(), 41);
    assert!(export(&two) == first, "the second export differs from the first");
    let list = history(&two, &["list", "--closed"]).output().expect("runs");
    assert_eq!(String::from_utf8_lossy(&list.stdout).lines().count(), 2, "a heading and case 7");
}
