//! Evidence that is too large to hold is read piece by piece, within the memory of any other
//! (invariant 3). Holes in a file are zeros that take no disk.

#[path = "support/watched.rs"]
mod watched;

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use watched::{Answer, PODS, check_folder};

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"drill","namespace":"mill","uid":"1"},"status":{"phase":"Running"}}"#;

/// A file with a hole of some megabytes between its head and its foot, beside something readable.
fn check_hole(name: &str, head: &str, megabytes: u64, foot: &str, says: &[&str]) -> Answer {
    check_written(name, says, |file| {
        file.write_all(head.as_bytes())?;
        file.seek(SeekFrom::Current(i64::try_from(megabytes << 20).expect("no such file")))?;
        file.write_all(foot.as_bytes())
    })
}

/// A file of one text again and again.
fn check_repeated(name: &str, head: &str, body: &str, megabytes: usize, foot: &str, says: &[&str]) -> Answer {
    check_written(name, says, |file| {
        let block = body.repeat((1 << 20) / body.len() + 1);
        file.write_all(head.as_bytes())?;
        (0..megabytes).try_for_each(|_| file.write_all(block.as_bytes()))?;
        file.write_all(foot.as_bytes())
    })
}

fn check_written(name: &str, says: &[&str], write: impl Fn(&mut fs::File) -> std::io::Result<()>) -> Answer {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("pods.txt"), PODS).expect("a file");
    let mut file = fs::File::create(dir.path().join(name)).expect("a file");
    write(&mut file).expect("the disk");
    check_folder(dir.path(), name, says)
}

#[test]
fn json_that_is_too_large_leaves_what_is_not() {
    let list = r#"{"apiVersion":"v1","kind":"List","items":["#;
    // What a file is, is told by its first 64 KB.
    let (pods, words) = (format!("{POD},").repeat(700), "planks ".repeat(12_000));
    let open = format!(r#"{list}{pods}{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"x","note":""#);
    let answer = check_hole("string.json", &open, 400, &format!(r#""}}}},{POD}]}}"#), &["400 MB were left out"]);
    let read = answer.case["coverage"].as_array().into_iter().flatten().find(|line| line["subject"] == "string.json");
    assert_eq!(read.map(|line| &line["items"]), Some(&701.into()));
    let open = format!(r#"{{"apiVersion":"v1","kind":"Pod","note":"{words}"#);
    check_hole("member.json", &open, 400, r#""}"#, &["too large to hold"]);
    check_repeated("brackets.json", list, "[", 40, "", &["not closed"]);
    check_repeated("numbers.json", list, "0,", 40, "0]}", &["more items than are held"]);
    let bulk = format!(r#"{list}{{"kind":"Pod","metadata":{{"name":"x"}},"spec":["#);
    check_repeated("bulk.json", &bulk, "0,", 40, "0]}]}", &["too large to hold"]);
}

#[test]
fn samples_that_are_too_many_are_read_in_part() {
    let answer = r#"{"status":"success","data":{"resultType":"vector","result":["#;
    check_repeated("numbers.json", answer, "0,", 20, "0]}}", &[]);
    check_repeated("objects.json", answer, r#"{"a":0},"#, 20, "0]}}", &[]);
}

#[test]
fn yaml_that_is_too_large_leaves_what_is_not() {
    let head = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  namespace: mill\n", "planks");
    check_repeated(
        "config.yaml",
        &format!("{head}---\n{head}data:\n  notes: |\n"),
        "    one more line of the notes of the mill\n",
        40,
        &format!("---\n{head}"),
        &["too large to hold", "Kubernetes objects"],
    );
}

#[test]
fn a_gigabyte_of_one_line_is_streamed() {
    let line = "2026-03-01T10:00:00Z INFO sawed a plank\n".repeat(3000);
    let error = format!("\n{line}2026-03-01T10:00:01Z ERROR the mill is closed\n");
    let answer = check_hole("mill_saw-5d9c7b8f4d-m2k4q.log", &line, 1024, &error, &["log"]);
    assert!(answer.case.to_string().contains("saw-5d9c7b8f4d-m2k4q.log"));
}

#[test]
fn a_command_that_printed_too_much_leaves_the_next_one() {
    let head = "$ kubectl get pods -n mill\nNAME      READY   STATUS    RESTARTS   AGE\ndrill-1   1/1     Running   0          3d\n$ kubectl logs drill-1 -n mill\n";
    let foot = "$ kubectl get pods -n yard\nNAME     READY   STATUS             RESTARTS   AGE\ncart-1   0/1     CrashLoopBackOff   9          3d\n";
    let line = "2026-03-01T10:00:00Z INFO sawed one more plank of 2400x200x40 for the customer\n";
    let answer = check_repeated("session.txt", head, line, 40, foot, &["too large to hold", "transcript"]);
    assert!(answer.case.to_string().contains("cart-1"), "{}", answer.case["coverage"]);
}

/// A log of ordinary lines with an error among them.
fn log_of(megabytes: u64, path: &Path) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    let mut written = 0;
    let mut i: u64 = 0;
    while written < megabytes << 20 {
        let (m, s) = (i / 60 % 60, i % 60);
        let line = if i.is_multiple_of(5000) {
            format!("2026-03-01T10:{m:02}:{s:02}Z ERROR order {i} was refused: the mill is closed\n")
        } else {
            format!(
                "2026-03-01T10:{m:02}:{s:02}Z INFO sawed plank {i} of 2400x200x40 in {} ms for customer-{}\n",
                i % 977,
                i % 131
            )
        };
        written += line.len() as u64;
        file.write_all(line.as_bytes()).expect("the disk");
        i += 1;
    }
}

fn check_log_of(megabytes: u64) {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("pods.txt"), PODS).expect("a file");
    log_of(megabytes, &dir.path().join("mill_saw-5d9c7b8f4d-m2k4q.log"));
    check_folder(dir.path(), "saw-5d9c7b8f4d-m2k4q.log", &["log"]);
}

#[test]
fn a_large_log_is_streamed() {
    check_log_of(100);
}

#[test]
#[ignore = "writes 1 GiB and takes a minute in a debug build; run it before a release"]
fn a_log_of_a_gigabyte_is_streamed() {
    check_log_of(1024);
}

#[cfg(unix)]
#[test]
fn a_large_file_of_zeros_is_not_read() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("pods.txt"), PODS).expect("a file");
    fs::File::create(dir.path().join("core.12")).and_then(|file| file.set_len(400 << 20)).expect("a sparse file");
    check_folder(dir.path(), "core.12", &["binary, not read"]);
}
