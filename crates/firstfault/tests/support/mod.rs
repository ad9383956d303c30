//! Running the tool as its users do.
#![allow(dead_code)] // each test file uses its part

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

/// Runs the tool.
pub(crate) fn firstfault(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firstfault")).args(arguments).stdin(Stdio::null()).output().expect("the tool runs")
}

/// The answer to some evidence, and the exit code.
pub(crate) fn investigate(evidence: &Path) -> (Value, i32) {
    let output = firstfault(&["investigate", evidence.to_str().expect("a plain path"), "--format", "json"]);
    let code = output.status.code().unwrap_or(-1);
    let case = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: exit {code}: {error}: {}", evidence.display(), String::from_utf8_lossy(&output.stderr))
    });
    (case, code)
}

/// `mode kind/namespace/name` of the first hypothesis, or the status.
pub(crate) fn first(case: &Value) -> String {
    let first = &case["hypotheses"][0];
    if first.is_null() {
        return case["status"].as_str().unwrap_or("?").to_owned();
    }
    let part = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let entity = &first["entity"];
    format!(
        "{} {}/{}/{}",
        part(&first["failure_mode"]),
        part(&entity["kind"]),
        part(&entity["namespace"]),
        part(&entity["name"])
    )
}

/// All folders `scenarios/*/*` that hold evidence, in order.
pub(crate) fn scenarios() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let list = |path: &Path| -> Vec<PathBuf> {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        entries
    };
    for mode in list(&root().join("scenarios")) {
        folders.extend(list(&mode).into_iter().filter(|folder| folder.join("evidence").is_dir()));
    }
    folders
}

/// Runs a job for each item on all cores and gives the results in order.
pub(crate) fn parallel<T: Sync, R: Send>(items: &[T], job: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(item) = items.get(i) else { return done };
                        done.push((i, job(item)));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().expect("a job does not panic")).collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, r)| r).collect()
}
