//! A sample of the CRE rules: each fires on its own log, and on no log where it must not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::root;

/// Every so many-th log is run against all rules.
const EVERY: usize = 8;

/// Runs the sample in an unpacked archive.
pub(crate) fn sample(folder: &Path, binary: &str) -> anyhow::Result<()> {
    let folder = folder.join("cre");
    let expected: Value = serde_json::from_str(&fs::read_to_string(folder.join("expected.json"))?)?;
    let logs = expected["logs"].as_object().context("expected.json lists no logs")?;
    let rules = folder.join("rules").display().to_string();
    let (mut own, mut fired, mut same) = (0, 0, 0);
    for (name, entry) in logs.iter().step_by(EVERY) {
        let log = folder.join("logs").join(name).display().to_string();
        let output =
            Command::new(root().join(binary)).args(["logs", &log, "--rules", &rules, "--format", "json"]).output()?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))?;
        if answer["rule_errors"].as_array().is_none_or(|errors| !errors.is_empty()) {
            bail!("rules were rejected: {}", answer["rule_errors"]);
        }
        let matches = answer["matches"].as_array().context("no list of matches")?;
        let got: BTreeMap<&str, &Value> =
            matches.iter().filter_map(|m| Some((m["rule"].as_str()?, &m["count"]))).collect();
        if let Some(rule) = entry["own"].as_str().filter(|_| entry["must_fire"] == true) {
            own += 1;
            fired += usize::from(got.contains_key(rule));
            same += usize::from(got.get(rule).is_some_and(|count| **count == entry["fires"][rule]));
        }
        let may = |rule: &str| {
            let listed = entry["may_fire"].as_array().is_some_and(|list| list.iter().any(|r| r == rule));
            listed || !entry["fires"][rule].is_null()
        };
        if let Some(wrong) = got.keys().find(|rule| !may(rule)) {
            bail!("{name}: {wrong} fires, and must not");
        }
    }
    println!("cre: {fired} of {own} rules fire on their own logs, {same} as often as the reference, no other does");
    if fired < own {
        bail!("a rule is silent on its own log");
    }
    Ok(())
}
