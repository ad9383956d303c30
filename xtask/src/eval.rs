use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{root, run};

/// What the tool is shown of each case.
#[derive(Clone, Copy)]
pub(crate) enum Set {
    /// Everything.
    Whole,
    /// Without alerts and symptom.
    Strict,
}

/// Benchmarks and fixtures beside the project; no part of it.
pub(crate) fn shared() -> PathBuf {
    root().join("../shared")
}

const BINARY: &str = "target/release/firstfault";

/// Prints the scorers' own lines on all sets.
pub(crate) fn run_sets(set: Set) -> anyhow::Result<()> {
    if !shared().is_dir() {
        bail!("no benchmarks beside this checkout (../shared)");
    }
    run("cargo", &["build", "--release", "--package", "firstfault"])?;
    let mut arguments = vec!["../shared/bench/score_cloud_opsbench.py", "--show-misses", "--jobs", "2"];
    if matches!(set, Set::Strict) {
        arguments.push("--strict");
    }
    run("python3", &arguments)?;
    run("python3", &["../shared/bench/score_holmes.py", BINARY, "../shared/fixtures/kubernetes-1.36.2.tar.xz"])?;
    run("python3", &["../shared/bench/score_holmes.py", BINARY, "../shared/bench/holmes-sample.tar.xz"])
}

/// A small sample of each set must keep its score; says what was skipped, and why.
pub(crate) fn samples() -> anyhow::Result<Vec<String>> {
    if !shared().is_dir() {
        return Ok(vec!["benchmark samples: no ../shared beside this checkout".to_owned()]);
    }
    if Command::new("python3").arg("--version").output().is_err() {
        return Ok(vec!["benchmark samples: no python3 to run their scorers".to_owned()]);
    }
    holmes("../shared/fixtures/kubernetes-1.36.2.tar.xz", 26)?;
    Ok(Vec::new())
}

/// The scorer's `right` must not fall below what was reached.
fn holmes(archive: &str, least: u64) -> anyhow::Result<()> {
    let output = Command::new("python3")
        .args(["../shared/bench/score_holmes.py", "target/debug/firstfault", archive])
        .current_dir(root())
        .output()
        .context("cannot run the scorer")?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{archive}\n{text}");
    let right = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"right\": "))
        .and_then(|n| n.trim_end_matches(',').parse::<u64>().ok())
        .context("the scorer printed no result")?;
    if right < least {
        bail!("{archive}: {right} right, fewer than the {least} that were reached before");
    }
    Ok(())
}
