//! Runs the tool on hostile evidence and watches its memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Memory that no evidence may take, in KiB.
const MOST_MEMORY: u64 = 300 << 10;

/// Something readable, to see that the rest of the evidence still counts.
pub(crate) const PODS: &str = "$ kubectl get pods -n mill\nNAME                     READY   STATUS    RESTARTS   AGE\nsaw-5d9c7b8f4d-m2k4q     1/1     Running   0          3d\n";

/// The answer to a folder, its exit code and its peak memory in KiB.
pub(crate) struct Answer {
    pub(crate) case: Value,
    code: i32,
    peak: u64,
}

/// Runs the tool on a folder and watches its memory.
pub(crate) fn investigate(folder: &Path) -> Answer {
    let out = tempfile::NamedTempFile::new().expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .args(["investigate", folder.to_str().expect("a plain path"), "--format", "json"])
        .stdin(Stdio::null())
        .stdout(out.reopen().expect("the file"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the tool runs");
    let mut peak = 0;
    let status = loop {
        peak = peak.max(high_water(child.id()));
        match child.try_wait().expect("our child") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(3)),
        }
    };
    let text = fs::read_to_string(out.path()).expect("the answer");
    let code = status.code().unwrap_or_else(|| panic!("{} ends it: {status}", folder.display()));
    let case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("exit {code}: {error}: {text}"));
    Answer { case, code, peak }
}

/// The most memory that a process held so far, where the system tells.
fn high_water(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// What the coverage says of the files whose path holds `part`.
pub(crate) fn coverage(case: &Value, part: &str) -> String {
    let lines = case["coverage"].as_array().expect("coverage");
    let about = lines.iter().filter(|line| line["subject"].as_str().is_some_and(|subject| subject.contains(part)));
    about.map(|line| format!("{} {}; ", line["what"].as_str().unwrap_or_default(), line["problems"])).collect()
}

/// Asks about a folder with [`PODS`] in `pods.txt`, and checks what every answer has to hold and what is
/// said of the files whose path holds `part`.
pub(crate) fn check_folder(folder: &Path, part: &str, says: &[&str]) -> Answer {
    let answer = investigate(folder);
    assert!(matches!(answer.code, 0 | 1 | 3), "{part}: exit {}", answer.code);
    assert!(answer.peak < MOST_MEMORY, "{part}: {} MiB", answer.peak >> 10);
    let said = coverage(&answer.case, part);
    assert!(!said.is_empty(), "{part}: no coverage line in {}", answer.case["coverage"]);
    for text in says {
        assert!(said.contains(text), "{part}: {text:?} is not in {said}");
    }
    assert!(coverage(&answer.case, "pods.txt").contains("transcript"), "{part}: {}", answer.case["coverage"]);
    answer
}
