use std::path::PathBuf;
use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, bail};

use crate::root;

/// Whether to write generated files or to say which are stale.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

/// Generated file, and the tool's arguments whose output it is.
const FILES: &[(&str, &[&str])] = &[
    ("docs/generated/case.schema.json", &["schema"]),
    ("docs/generated/plan.schema.json", &["schema", "plan"]),
    ("docs/generated/audit.schema.json", &["schema", "audit"]),
    ("docs/generated/postmortem.schema.json", &["schema", "postmortem"]),
    ("docs/generated/audit-checks.md", &["catalog", "audit-checks"]),
    ("docs/generated/log-formats.md", &["catalog", "log-formats"]),
    ("docs/generated/log-signatures.md", &["catalog", "log-signatures"]),
    ("docs/generated/firstfault.1", &["man"]),
    ("docs/generated/failure-modes.txt", &["catalog", "list"]),
    ("docs/generated/cli.txt", &["investigate", "--help"]),
    ("docs/generated/completions/firstfault.bash", &["completions", "bash"]),
    ("docs/generated/completions/_firstfault", &["completions", "zsh"]),
    ("docs/generated/completions/firstfault.fish", &["completions", "fish"]),
];

/// Writes all generated files, or fails when one differs from what would be written.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    crate::run("cargo", &["build", "--package", "firstfault"])?;
    let mut stale = Vec::new();
    for (path, arguments) in FILES {
        put(mode, path, &tool(arguments)?, &mut stale)?;
    }
    for id in tool(&["catalog", "list"])?
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|id| id.contains('.'))
    {
        let page = tool(&["explain", id])?;
        put(mode, &format!("docs/generated/failure-modes/{id}.txt"), &page, &mut stale)?;
    }
    if !stale.is_empty() {
        bail!("stale, run `cargo xtask generate`: {}", stale.join(", "));
    }
    Ok(())
}

fn put(mode: Mode, path: &str, text: &str, stale: &mut Vec<String>) -> io::Result<()> {
    let file: PathBuf = root().join(path);
    if fs::read_to_string(&file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    match mode {
        Mode::Check => stale.push(path.to_owned()),
        Mode::Write => {
            fs::create_dir_all(file.parent().expect("below the root"))?;
            fs::write(&file, text)?;
        }
    }
    Ok(())
}

fn tool(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(root().join("target/debug/firstfault"))
        .args(arguments)
        .output()
        .context("cannot run firstfault")?;
    if !output.status.success() {
        bail!("firstfault {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).context("its output is text")
}
