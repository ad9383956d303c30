//! Small samples of the public sets: their scores must not fall below what was reached.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use crate::eval::shared;
use crate::root;

const BINARY: &str = "target/debug/firstfault";
/// Every so many-th case of Cloud-OpsBench is in the sample.
const EVERY: usize = 8;
/// Trees of the bundles' fixture in which nothing is wrong.
const WELL: &[&str] = &[
    "01-support-bundle-k3s",
    "04-goldpinger",
    "05-must-gather-4.8",
    "06-must-gather-mini",
    "07-must-gather-packed",
    "10-sosreport",
];

/// Runs all samples; says what was skipped, and why.
pub(crate) fn run() -> anyhow::Result<Vec<String>> {
    if !shared().is_dir() {
        return Ok(vec!["benchmark samples: no ../shared beside this checkout".to_owned()]);
    }
    for tool in ["python3", "tar", "xz"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return Ok(vec![format!("benchmark samples: no {tool}")]);
        }
    }
    holmes("../shared/fixtures/kubernetes-1.36.2.tar.xz", 48)?;
    holmes("../shared/bench/holmes-sample.tar.xz", 6)?;
    alone()?;
    cloud_opsbench(0.9)?;
    bundles()?;
    audits()?;
    logs()?;
    crate::cre::sample(&unpack("bench/cre.tar.xz")?, BINARY)?;
    Ok(Vec::new())
}

/// What one kind of file of a namespace says by itself.
pub(crate) fn alone() -> anyhow::Result<()> {
    crate::alone::run(&unpack("fixtures/kubernetes-1.36.2.tar.xz")?, BINARY)
}

/// The standard output of a scorer.
fn scored(arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new("python3").args(arguments).current_dir(root()).output().context("cannot run the scorer")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{}\n{text}", arguments.join(" "));
    Ok(text)
}

fn holmes(archive: &str, least: u64) -> anyhow::Result<()> {
    let text = scored(&["../shared/bench/score_holmes.py", BINARY, archive])?;
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

fn cloud_opsbench(least: f64) -> anyhow::Result<()> {
    let folder = unpack("bench/cloud-opsbench.tar.xz")?;
    let path = folder.join("labels.json");
    let labels: Map<String, Value> = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let sample: Map<String, Value> = labels.into_iter().step_by(EVERY).collect();
    fs::write(&path, serde_json::to_string(&sample)?)?;
    let cases = folder.display().to_string();
    let text = scored(&["../shared/bench/score_cloud_opsbench.py", "--bin", BINARY, "--jobs", "2", "--cases", &cases])?;
    let first = text
        .lines()
        .find_map(|line| line.strip_prefix("A@1 "))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
        .context("the scorer printed no result")?;
    if first < least {
        bail!("cloud-opsbench: A@1 {first} on every {EVERY}th case, less than {least}");
    }
    Ok(())
}

/// Formats and templates of logs: both sets are small enough to be run whole; the floors are the bars.
fn logs() -> anyhow::Result<()> {
    let at_least = |what: &str, got: Option<&str>, least: f64| -> anyhow::Result<()> {
        let got: f64 = got.and_then(|g| g.parse().ok()).with_context(|| format!("the scorer printed no {what}"))?;
        if got < least {
            bail!("{what}: {got}, less than {least}");
        }
        Ok(())
    };
    let text = scored(&["../shared/bench/score_log_formats.py", "--bin", BINARY])?;
    let word = |line: &str, nth: usize| {
        text.lines().find_map(|l| l.strip_prefix(line)).and_then(|rest| rest.split_whitespace().nth(nth))
    };
    at_least("times of logs", word("times right", 0), 0.96)?;
    at_least("records of logs", word("records right", 0), 0.93)?;
    let text = scored(&["../shared/bench/score_logs.py", "--bin", BINARY])?;
    let mean: Vec<&str> = text
        .lines()
        .find_map(|l| l.strip_prefix("mean"))
        .map(|rest| rest.split_whitespace().collect())
        .unwrap_or_default();
    for (nth, (what, least)) in [("GA", 0.92), ("FGA", 0.90), ("PA", 0.84), ("FTA", 0.76)].into_iter().enumerate() {
        at_least(&format!("{what} of templates"), mean.get(nth).copied(), least)?;
    }
    Ok(())
}

/// Every tree is read, and what is well is not accused.
fn bundles() -> anyhow::Result<()> {
    let folder = unpack("fixtures/bundles.tar.xz")?;
    let top = folder.join("bundles");
    let mut trees: Vec<PathBuf> =
        fs::read_dir(&top)?.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
    trees.sort();
    if trees.is_empty() {
        bail!("no bundles in {}", top.display());
    }
    for tree in trees {
        let output = Command::new(root().join(BINARY)).args(["investigate", "--format", "json"]).arg(&tree).output()?;
        let case: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{}: no answer: {}", tree.display(), String::from_utf8_lossy(&output.stderr)))?;
        let name = tree.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let read = case["coverage"].as_array().is_some_and(|files| !files.is_empty());
        println!("{name}: {}", case["status"]);
        if !read {
            bail!("{name}: no coverage line");
        }
        if WELL.contains(&name.as_str()) && case["status"] == "incident" {
            bail!("{name}: accuses {} {}", case["hypotheses"][0]["failure_mode"], case["hypotheses"][0]["entity"]);
        }
    }
    Ok(())
}

/// What is well has at most one remark of high rank a workload.
fn audits() -> anyhow::Result<()> {
    let mut trees = Vec::new();
    for (archive, below) in [
        ("fixtures/kubernetes-1.36.2.tar.xz", "kubernetes-1.36.2/main/healthy"),
        ("fixtures/bundles.tar.xz", "bundles"),
    ] {
        let folder = unpack(archive)?.join(below);
        trees.extend(fs::read_dir(&folder)?.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()));
    }
    trees.sort();
    for tree in trees {
        let output = Command::new(root().join(BINARY)).args(["audit", "--format", "json"]).arg(&tree).output()?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{}: {}", tree.display(), String::from_utf8_lossy(&output.stderr)))?;
        let remarks = answer["remarks"].as_array().context("an audit has remarks")?;
        let mut high: Vec<String> =
            remarks.iter().filter(|r| r["rank"] == "high").map(|r| r["entity"].to_string()).collect();
        println!("{}: {} remarks, {} of high rank", tree.display(), remarks.len(), high.len());
        high.sort();
        if let Some(pair) = high.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("{}: two remarks of high rank about {}", tree.display(), pair[0]);
        }
    }
    Ok(())
}

/// Unpacks an archive of `../shared` into a fresh folder below `target`.
pub(crate) fn unpack(archive: &str) -> anyhow::Result<PathBuf> {
    let name = Path::new(archive).file_name().context("an archive has a name")?;
    let folder = root().join("target/samples").join(name);
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let status = Command::new("tar").arg("-xJf").arg(shared().join(archive)).arg("-C").arg(&folder).status()?;
    if !status.success() {
        bail!("cannot unpack {archive}");
    }
    Ok(folder)
}
