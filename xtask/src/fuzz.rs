//! `cargo xtask fuzz`: every fuzz target for a while, beginning with the project's own scenarios.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{root, run};

/// Memory that an input may take, in MiB: what no evidence may take, and room for the fuzzer itself.
const MOST_MEMORY: u32 = 600;
/// A slower input is a defect: seconds.
const SLOWEST: u32 = 20;

/// Runs the targets one after another, `seconds` each; one that finds something stops the rest.
pub(crate) fn all(seconds: u32, only: &[&str]) -> anyhow::Result<()> {
    let installed = Command::new("cargo").args(["fuzz", "--version"]).output().is_ok_and(|o| o.status.success());
    if !installed {
        bail!("cargo-fuzz is not installed: `cargo install cargo-fuzz`, `rustup toolchain install nightly`");
    }
    seed()?;
    let targets = targets()?;
    let chosen: Vec<&String> = targets.iter().filter(|t| only.is_empty() || only.contains(&t.as_str())).collect();
    for target in &chosen {
        let (time, memory, slowest) = (
            format!("-max_total_time={seconds}"),
            format!("-rss_limit_mb={MOST_MEMORY}"),
            format!("-timeout={SLOWEST}"),
        );
        run(
            "cargo",
            &[
                "+nightly",
                "fuzz",
                "run",
                "--sanitizer",
                "none",
                target,
                "--",
                &time,
                &memory,
                &slowest,
                "-fork=0",
                "-max_len=65536",
                "-print_final_stats=1",
            ],
        )?;
    }
    println!("{} targets ran for {seconds} s each and found nothing:", chosen.len());
    for target in &chosen {
        let inputs = fs::read_dir(root().join("fuzz/corpus").join(target)).map_or(0, Iterator::count);
        println!("  {target}: {inputs} inputs in its corpus");
    }
    Ok(())
}

/// The corpus from scenarios, the catalogue, and cases of a few scenarios.
fn seed() -> anyhow::Result<()> {
    let (root, corpus) = (root(), root().join("fuzz/corpus"));
    let (from, to) = (root.display().to_string(), corpus.display().to_string());
    run("cargo", &["run", "-q", "-p", "firstfault-gather", "--example", "fuzz_seeds", "--", &from, &to])?;
    let cases = corpus.join("case");
    fs::create_dir_all(&cases).context("cannot make the corpus of cases")?;
    let mut scenarios: Vec<_> = fs::read_dir(root.join("scenarios"))?.filter_map(|e| Some(e.ok()?.path())).collect();
    scenarios.sort();
    for scenario in scenarios.iter().step_by(20) {
        let evidence = scenario.join("hit/evidence");
        let case = cases.join(scenario.file_name().unwrap_or_default());
        if evidence.is_dir() {
            let said = Command::new("cargo")
                .args(["run", "-q", "-p", "firstfault", "--", "investigate", "--format", "json"])
                .arg(&evidence)
                .current_dir(&root)
                .output()?;
            fs::write(case, said.stdout)?;
        }
    }
    Ok(())
}

fn targets() -> anyhow::Result<Vec<String>> {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).context("cannot read fuzz/Cargo.toml")?;
    let bins = manifest.split("[[bin]]").skip(1);
    Ok(bins.filter_map(|bin| Some(bin.split("name = \"").nth(1)?.split('"').next()?.to_owned())).collect())
}
