//! `firstfault prevent --only runbook`: what to do the next time, for every failure mode.

mod support;

use std::path::Path;

use firstfault_catalog::Catalog;
use support::{firstfault, parallel, root};

fn runbook(evidence: &Path) -> String {
    let path = evidence.to_str().expect("a plain path");
    let output = firstfault(&["prevent", path, "--only", "runbook", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    document["files"][0]["contents"].as_str().unwrap_or_default().to_owned()
}

/// What stands below a heading of the second level.
fn section<'a>(runbook: &'a str, name: &str) -> &'a str {
    let from = runbook.split_once(&format!("\n## {name}\n")).map_or("", |(_, after)| after);
    from.split("\n## ").next().unwrap_or_default()
}

#[test]
fn every_failure_mode_has_a_runbook_with_all_its_parts() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    let modes: Vec<&str> = catalog.modes.keys().map(String::as_str).collect();
    let runbooks = parallel(&modes, |mode| (*mode, runbook(&root().join("scenarios").join(mode).join("hit/evidence"))));
    let mut with_commands = 0;
    for (mode, runbook) in &runbooks {
        let title = runbook.lines().next().unwrap_or_default();
        assert!(title.starts_with("# Runbook: "), "{mode}: {title}");
        let signs = section(runbook, "Recognise");
        assert!(signs.contains("decide"), "{mode}: no sign that decides\n{runbook}");
        assert!(signs.contains("seen this time"), "{mode}: no sign of the incident itself\n{runbook}");
        let checks = section(runbook, "Check");
        assert!(checks.contains("1. Decides "), "{mode}: no check\n{runbook}");
        let mend = section(runbook, "Mend");
        assert!(mend.contains("\n### ") && mend.contains("Worked if"), "{mode}: no step with its check\n{runbook}");
        let undo = section(runbook, "Undo");
        assert!(undo.lines().filter(|l| l.starts_with("- ")).count() > 0, "{mode}: no way back\n{runbook}");
        let escalate = section(runbook, "Escalate");
        for part in ["To whom: ", "With what:", "- The checks speak against"] {
            assert!(escalate.contains(part), "{mode}: {part}\n{runbook}");
        }
        with_commands += usize::from(undo.contains("```sh"));
    }
    assert!(with_commands * 2 > runbooks.len(), "only {with_commands} of {} go back by a command", runbooks.len());
}

#[test]
fn the_runbook_of_the_reference_incident_says_what_its_story_says() {
    let runbook = runbook(&root().join("examples/incidents/auth-token-cache"));
    assert!(section(&runbook, "Mend").contains("--limits=memory=4G"), "{runbook}");
    assert!(section(&runbook, "Undo").contains("rollout undo"), "{runbook}");
    assert!(section(&runbook, "Recognise").contains("ContainerMemoryGrows"), "{runbook}");
}

#[test]
fn a_healthy_cluster_has_no_runbook() {
    let healthy = root().join("scenarios/healthy");
    let evidence = std::fs::read_dir(&healthy).expect("scenarios").flatten().map(|e| e.path()).min().expect("one");
    let path = evidence.to_str().expect("a plain path");
    let output = firstfault(&["prevent", path, "--only", "runbook"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "nothing to prevent: the case names no failure mode\n");
}
