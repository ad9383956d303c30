//! What the project depends on: a reason for each crate, and licences and sources that are allowed.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{root, run};

/// Every direct dependency has its reason in `docs/dependencies.md`, and every crate there is used.
pub(crate) fn have_reasons() -> anyhow::Result<()> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let page = fs::read_to_string(root().join("docs/dependencies.md")).context("cannot read docs/dependencies.md")?;
    let (direct, named) = (direct(&manifest), named(&page));
    let without: Vec<&str> = direct.iter().filter(|crate_| !named.contains(crate_)).copied().collect();
    let gone: Vec<&str> = named.iter().filter(|crate_| !direct.contains(crate_)).copied().collect();
    if !without.is_empty() || !gone.is_empty() {
        bail!("docs/dependencies.md: no reason for {without:?}; no longer used: {gone:?}");
    }
    Ok(())
}

/// `cargo deny` but for advisories, which lie elsewhere than the crates; what is skipped is returned.
pub(crate) fn are_allowed() -> anyhow::Result<Option<String>> {
    let installed = Command::new("cargo").args(["deny", "--version"]).output().is_ok_and(|o| o.status.success());
    if !installed {
        return Ok(Some("licences and sources: cargo-deny is not installed".to_owned()));
    }
    // It also looks at crates of other platforms, which no build has fetched.
    run("cargo", &["fetch", "--locked"])?;
    run("cargo", &["deny", "--offline", "--workspace", "check", "licenses", "bans", "sources"])?;
    Ok(None)
}

/// The crates of others in `[workspace.dependencies]`.
fn direct(manifest: &str) -> Vec<&str> {
    let table = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let table = table.split("\n[").next().unwrap_or_default();
    let names = table.lines().filter_map(|line| Some(line.split_once('=')?.0.trim()));
    names.filter(|name| !name.starts_with('#') && !name.starts_with("firstfault-")).collect()
}

/// The crates in the first column of the page's table.
fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let names = rows.filter(|row| *row != "crate").flat_map(|row| row.split(','));
    names.map(str::trim).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_both_pages() {
        let manifest = "[workspace.dependencies]\nfirstfault-model = { path = \"x\" }\n\ncsv = \"1\"\ntar = { version = \"0\" }\n\n[workspace.lints]\nx = 1\n";
        assert_eq!(direct(manifest), ["csv", "tar"]);
        assert_eq!(named("| crate | why |\n|---|---|\n| csv, tar | files |\n"), ["csv", "tar"]);
    }
}
