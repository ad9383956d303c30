//! `firstfault audit` as its users run it.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{firstfault, parallel, root};

/// The answer and the exit code.
fn audit(path: &Path, more: &[&str]) -> (Value, i32) {
    let path = path.to_str().expect("a plain path");
    let output = firstfault(&[&["audit", path, "--format", "json"], more].concat());
    let code = output.status.code().unwrap_or(-1);
    let answer = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{path}: exit {code}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    (answer, code)
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

/// What has more than one remark of high rank.
fn too_loud(folder: &Path) -> Vec<String> {
    let (answer, code) = audit(folder, &[]);
    assert!((0..=3).contains(&code) && code != 2, "{}: exit {code}", folder.display());
    let mut high: BTreeMap<String, usize> = BTreeMap::new();
    for remark in answer["remarks"].as_array().expect("remarks").iter().filter(|r| r["rank"] == "high") {
        *high.entry(remark["entity"].to_string()).or_default() += 1;
    }
    high.into_iter()
        .filter(|(_, n)| *n > 1)
        .map(|(entity, n)| format!("{}: {n} of {entity}", folder.display()))
        .collect()
}

#[test]
fn what_is_healthy_has_at_most_one_remark_of_high_rank_a_workload() {
    let all: Vec<PathBuf> =
        folders(&root().join("scenarios/healthy")).into_iter().map(|scenario| scenario.join("evidence")).collect();
    assert!(all.len() > 20, "there are healthy scenarios");
    let loud: Vec<String> = parallel(&all, |folder| too_loud(folder)).into_iter().flatten().collect();
    assert!(loud.is_empty(), "{}", loud.join("\n"));
}

#[test]
fn a_cluster_that_is_well_set_up_gives_an_empty_list() {
    let folder = root().join("examples/audit/well-kept");
    let (answer, code) = audit(&folder, &[]);
    assert_eq!(answer["remarks"].as_array().map(Vec::len), Some(0), "{}", answer["remarks"]);
    assert_eq!(code, 0);
    assert!(answer["looked"]["workloads"].as_u64() >= Some(6), "{}", answer["looked"]);
    let output = firstfault(&["audit", folder.to_str().expect("a plain path")]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("NOTHING TO REMARK"));
}

#[test]
fn a_cluster_that_is_not_has_what_is_wrong_with_it() {
    let (answer, code) = audit(&root().join("examples/audit/corner-cut"), &[]);
    assert_eq!(code, 1);
    let codes: std::collections::BTreeSet<&str> =
        answer["remarks"].as_array().expect("remarks").iter().filter_map(|r| r["code"].as_str()).collect();
    for code in ["FF101", "FF201", "FF401", "FF501", "FF601", "FF701", "FF802", "FF902", "FF1001", "FF1003", "FF1201"] {
        assert!(codes.contains(code), "{code} is missing in {codes:?}");
    }
    assert_eq!(answer["suppressed"].as_array().map(Vec::len), Some(1));
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a plain path");
    fs::write(
        folder.path().join("pods.txt"),
        "$ kubectl get pods\nNAME   READY   STATUS    RESTARTS   AGE\ntill   1/1     Running   0          3d\n",
    )
    .expect("written");
    assert_eq!(firstfault(&["audit", path]).status.code(), Some(3), "nothing to audit");
    assert_eq!(firstfault(&["audit", "/no/such/folder"]).status.code(), Some(2));
    assert_eq!(firstfault(&["audit", path, "--now", "tomorrow"]).status.code(), Some(2));
    fs::write(
        folder.path().join("firstfault.toml"),
        "[[audit.suppress]]\ncode = \"FF401\"\nentity = \"*\"\nreason = \"x\"\nuntil = 2026-12-31\n",
    )
    .expect("written");
    let output = firstfault(&["audit", path]);
    assert_eq!(output.status.code(), Some(2), "a bare star is refused");
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint:"));
}

#[test]
fn the_answer_does_not_depend_on_how_the_evidence_lies_there() {
    let source = root().join("examples/audit/corner-cut");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("elsewhere");
    fs::create_dir(&copy).expect("made");
    for entry in fs::read_dir(&source).expect("the example").flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name())).expect("copied");
        }
    }
    assert_eq!(audit(&source, &[]), audit(&copy, &[]));
}
