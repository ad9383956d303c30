//! `history similar` over ten thousand cases. Not part of the gate; run it on a release build:
//!
//! ```text
//! cargo test --release -p firstfault --test history_speed -- --ignored --nocapture
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const CASES: usize = 10_000;

/// Numbers that look random and are the same each time (Knuth's multiplier for a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }
}

/// A case with one of 200 modes, 800 entities, 5 to 25 of 500 findings, and a chain of 2 to 9 steps.
fn case(n: usize) -> Value {
    let mut dice = Dice(n as u64 * 2_654_435_761 + 17);
    let mode = dice.below(200);
    let kind = ["Deployment", "StatefulSet", "Node", "Service"][dice.below(4)];
    let entity = json!({
        "kind": kind,
        "namespace": format!("area-{}", dice.below(10)),
        "name": format!("thing-{}", dice.below(20)),
    });
    // Findings of a mode lie together, and some come from anywhere.
    let mut findings: Vec<usize> = (0..5 + dice.below(20)).map(|_| (mode * 2 + dice.below(12)) % 500).collect();
    findings.extend((0..3).map(|_| dice.below(500)));
    let facts: Vec<Value> = findings
        .iter()
        .map(|f| {
            json!({ "finding": format!("topic-{}.fact-{f}", f % 40), "says": format!("it shows fact {f}"),
                    "path": "kubectl/describe.txt", "lines": [f, f + 3], "excerpt": format!("line {n} of what shows {f}"),
                    "fields": { "value": f.to_string() } })
        })
        .collect();
    let steps: Vec<Value> = (0..2 + dice.below(8))
        .map(|step| {
            json!({ "entity": entity, "what": format!("does {}", (mode + step * 7 + dice.below(3)) % 300),
                    "at": "2026-04-01T10:00:00Z", "via": "calls" })
        })
        .collect();
    json!({
        "schema": "firstfault.case/v1", "status": "incident", "over": false,
        "severity": { "level": 1 + dice.below(4), "reasons": [] },
        "hypotheses": [{
            "failure_mode": format!("topic-{}.mode-{mode}", mode % 20), "title": format!("Mode {mode}"),
            "area": format!("topic-{}", mode % 20), "entity": entity, "probability": 0.9,
            "summary": format!("Thing {n} has mode {mode}"), "chain": steps, "evidence": facts,
        }],
        "evidence": { "paths": [], "hash": format!("{n:016x}") },
    })
}

fn run(file: &Path, arguments: &[&str]) -> (Duration, String) {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .arg("history")
        .args(arguments)
        .arg("--file")
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .expect("the tool runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (start.elapsed(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
#[ignore = "measures a release build"]
fn similar_over_ten_thousand_cases_takes_at_most_fifty_milliseconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.sqlite");
    let lines = folder.path().join("lines.jsonl");
    let mut text = String::new();
    for n in 0..CASES {
        let line = json!({ "schema": "firstfault.history/v1", "added_at": "2026-05-01T00:00:00Z", "case": case(n) });
        let _ = writeln!(text, "{line}");
    }
    fs::write(&lines, text).expect("writes");
    let (import, _) = run(&file, &["import", lines.to_str().expect("a plain path")]);
    let asked = folder.path().join("case.json");
    let body = case(CASES + 1).to_string();
    let body = body[1..].replace("\"schema\":\"firstfault.case/v1\",", "");
    fs::write(&asked, format!("{{\"schema\":\"firstfault.case/v1\",{body}")).expect("writes");
    let asked = asked.to_str().expect("a plain path");

    let median = |arguments: &[&str]| {
        let mut times: Vec<Duration> = (0..11).map(|_| run(&file, arguments).0).collect();
        times.sort();
        times[5]
    };
    let similar = median(&["similar", asked]);
    let (_, answer) = run(&file, &["similar", asked]);
    assert!(answer.starts_with("case "), "something is alike: {answer}");
    println!(
        "{CASES} cases, {} MiB: import {import:.1?}, similar {similar:.1?}, list {:.1?}, stats {:.1?}, search {:.1?}",
        fs::metadata(&file).expect("is there").len() >> 20,
        median(&["list"]),
        median(&["stats", "--slo", "99.9"]),
        median(&["search", "fact 77"]),
    );
    if !cfg!(debug_assertions) {
        assert!(similar <= Duration::from_millis(50), "{similar:?}");
    }
}
