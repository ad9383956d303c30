use std::path::PathBuf;

use anyhow::bail;

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
    run("python3", &["../shared/bench/score_holmes.py", BINARY, "../shared/bench/holmes-sample.tar.xz"])?;
    crate::alone::run(&crate::samples::unpack("fixtures/kubernetes-1.36.2.tar.xz")?, BINARY)
}
