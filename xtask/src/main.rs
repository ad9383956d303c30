//! The project's own chores: `cargo xtask test`, `generate`, `eval`, `new-mode`, `log-speed`, `generate-cluster`.

mod alone;
mod cluster;
mod cre;
mod dependencies;
mod eval;
mod fuzz;
mod generate;
mod log_speed;
mod new_mode;
mod samples;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

const USAGE: &str = "usage: cargo xtask <command>
  test                       format, lints, dependencies, tests, scenarios, generated files, samples of benchmarks
  generate [--check]         docs, schema, CLI reference, man page, completions
  eval [--strict]            the scoreboard, where ../shared is there
  alone                      how much one kind of file of a namespace says by itself, where ../shared is there
  new-mode ID                a failure mode's file and its two scenario folders
  fuzz SECONDS [TARGET…]     each fuzz target for so long, from a corpus of scenarios (needs nightly, cargo-fuzz)
  log-speed [--rules DIR] [LOG…]  megabytes a second by log and command, beside drain3 and ripgrep (made logs without LOG)
  generate-cluster N DIR     a dump of N nodes and 30 N pods with ten faults in it";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["test"] => test::all(),
        ["generate"] => generate::run(generate::Mode::Write),
        ["generate", "--check"] => generate::run(generate::Mode::Check),
        ["eval"] => eval::run_sets(eval::Set::Whole),
        ["eval", "--strict"] => eval::run_sets(eval::Set::Strict),
        ["alone"] => samples::alone(),
        ["new-mode", id] => new_mode::run(id),
        ["fuzz", seconds, ref only @ ..] => {
            seconds.parse().context("how many seconds is a whole number").and_then(|seconds| fuzz::all(seconds, only))
        }
        ["log-speed", "--rules", rules, ref logs @ ..] => log_speed::table(Some(Path::new(rules)), logs),
        ["log-speed", ref logs @ ..] => log_speed::table(None, logs),
        ["generate-cluster", nodes, folder] => nodes
            .parse()
            .context("the number of nodes is a whole number")
            .and_then(|nodes| cluster::run(nodes, Path::new(folder))),
        _ => Err(anyhow::anyhow!("{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The project's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_path_buf()
}

/// Runs a command in the root; its failure is ours.
fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    println!("$ {program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    Ok(())
}
