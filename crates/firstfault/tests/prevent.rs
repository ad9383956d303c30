//! `firstfault prevent`: rules that the real `promtool` accepts, and whose proof it agrees with.
//!
//! Without `promtool` (Debian's package `prometheus`) the tests say that they were skipped, and pass.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use firstfault_catalog::Catalog;
use serde_json::Value;
use support::{firstfault, parallel, root};

/// Modes of which no exporter shows anything that a rule could compare; none at present.
const WITHOUT_METRIC: &[&str] = &[];

fn has_promtool() -> bool {
    let found = Command::new("promtool").arg("--version").output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: no promtool (apt-get install prometheus)");
    }
    found
}

/// Runs `promtool` in a folder; what it said, if it was not content.
fn promtool(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("promtool").args(arguments).current_dir(folder).output().expect("promtool runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// The files of `firstfault prevent --format json`, by name.
fn files(evidence: &Path) -> BTreeMap<String, String> {
    let output = firstfault(&["prevent", evidence.to_str().expect("a plain path"), "--format", "json"]);
    assert!(output.status.success(), "{}: {}", evidence.display(), String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = document["files"].as_array().expect("files").iter();
    files.map(|file| (text(&file["file"]), text(&file["contents"]))).collect()
}

fn written(files: &BTreeMap<String, String>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, contents) in files {
        std::fs::write(folder.path().join(name), contents).expect("written");
    }
    folder
}

fn reference() -> PathBuf {
    root().join("examples/incidents/auth-token-cache")
}

#[test]
fn the_reference_incident_has_its_two_rules_and_promtool_agrees_with_their_proof() {
    let files = files(&reference());
    let rules = &files["rules.yaml"];
    assert!(rules.contains("- alert: ContainerMemoryGrows"), "{rules}");
    let cache =
        rules.split("- alert: ").find(|rule| rule.starts_with("CacheHoldsTooMuch")).expect("a rule on the cache");
    assert!(
        cache.contains("> 1000000") && cache.contains("for: 5m") && cache.contains("severity: critical"),
        "{cache}"
    );
    if has_promtool() {
        let folder = written(&files);
        promtool(folder.path(), &["check", "rules", "rules.yaml"]).expect("rules");
        promtool(folder.path(), &["test", "rules", "rules_test.yaml"]).expect("proof");
    }
}

#[test]
fn growth_warns_before_the_first_kill_and_is_silent_in_the_hour_before() {
    let output = firstfault(&["prevent", reference().to_str().expect("a path"), "--backtest"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let row = text.lines().find(|line| line.starts_with("ContainerMemoryGrows")).expect("a row");
    assert!(row.contains("before it was felt"), "{row}");
    assert!(row.trim_end().ends_with(" 0"), "fires while all was well: {row}");
    // The proof holds it as well: a count over the hour, and the moment of the first firing.
    let proof = &files(&reference())["rules_test.yaml"];
    assert!(proof.contains(r#"count_over_time(ALERTS{alertname="ContainerMemoryGrows",alertstate="firing"}[59m45s])"#));
}

#[test]
fn a_threshold_that_can_never_fire_is_said_to_be_so() {
    let output = firstfault(&["prevent", reference().to_str().expect("a path"), "--only", "alerts"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("above 10 MiB a second for 10m: stays silent on this incident"), "{text}");
    assert!(text.contains("it can never fire here"), "{text}");
    assert!(text.contains("needs the metric exported"), "{text}");
}

#[test]
fn the_operators_resource_has_the_same_groups() {
    let files = files(&reference());
    let read = |name: &str| serde_saphyr::from_str::<Value>(&files[name]).expect("YAML");
    let custom = read("prometheusrule.yaml");
    assert_eq!(custom["spec"]["groups"], read("rules.yaml")["groups"]);
    assert_eq!(custom["kind"], "PrometheusRule");
    let name = custom["metadata"]["name"].as_str().expect("a name");
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
}

#[test]
fn the_error_budget_is_watched_over_pairs_of_windows() {
    let evidence = reference();
    let evidence = evidence.to_str().expect("a path");
    let rules = &files(&reference())["rules.yaml"];
    for (times, long, short) in [("14.4", "1h", "5m"), ("6", "6h", "30m"), ("3", "1d", "2h"), ("1", "3d", "6h")] {
        let record = |window: &str| format!("workload:http_requests:error_ratio_rate{window}");
        for window in [long, short] {
            assert!(rules.contains(&format!("- record: {}\n", record(window))), "{window}");
        }
        let alert = rules.split("- alert: ").find(|rule| rule.starts_with(&format!("ErrorBudgetBurn{long}\n")));
        let alert = alert.expect("an alert a pair");
        assert!(alert.contains(&format!("> ({times} * 0.001) and {}", record(short))), "{alert}");
    }
    let output = firstfault(&["prevent", evidence, "--objective", "99.5", "--only", "alerts"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("objective 99.5 %"));
    for nonsense in ["100", "0", "-3", "NaN"] {
        let output = firstfault(&["prevent", evidence, &format!("--objective={nonsense}")]);
        assert_eq!(output.status.code(), Some(2), "{nonsense}");
    }
}

#[test]
fn every_failure_mode_has_a_rule_that_promtool_accepts() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    let modes: Vec<&str> = catalog.modes.keys().map(String::as_str).collect();
    let made = parallel(&modes, |mode| {
        let evidence = root().join("scenarios").join(mode).join("hit/evidence");
        (*mode, files(&evidence))
    });
    let without = |files: &BTreeMap<String, String>| files.get("rules.yaml").is_none_or(|r| !r.contains("- alert:"));
    let missing: Vec<&str> = made
        .iter()
        .filter(|(mode, files)| without(files) && !WITHOUT_METRIC.contains(mode))
        .map(|(mode, _)| *mode)
        .collect();
    assert!(missing.is_empty(), "no alert rule: {}", missing.join(", "));
    if has_promtool() {
        let folder = tempfile::tempdir().expect("a folder");
        for (mode, files) in &made {
            std::fs::create_dir(folder.path().join(mode)).expect("a folder");
            for name in ["rules.yaml", "rules_test.yaml"].iter().filter(|name| files.contains_key(**name)) {
                std::fs::write(folder.path().join(mode).join(name), &files[*name]).expect("written");
            }
        }
        for (arguments, name) in [(["check", "rules"], "rules.yaml"), (["test", "rules"], "rules_test.yaml")] {
            let paths: Vec<String> = made
                .iter()
                .filter(|(_, files)| files.contains_key(name))
                .map(|(mode, _)| format!("{mode}/{name}"))
                .collect();
            let all: Vec<&str> = arguments.into_iter().chain(paths.iter().map(String::as_str)).collect();
            if let Err(said) = promtool(folder.path(), &all) {
                let at = said.find("FAILED").map_or(0, |at| at.saturating_sub(200));
                panic!("{}", said.chars().skip(at).take(4000).collect::<String>());
            }
        }
    }
}

#[test]
fn a_saved_case_gives_the_same_and_says_when_its_evidence_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = folder.path().join("evidence");
    copy(&reference(), &evidence);
    let case = folder.path().join("case.json");
    let (evidence_text, case_text) = (evidence.to_str().expect("a path"), case.to_str().expect("a path"));
    firstfault(&["investigate", evidence_text, "--format", "json", "--output", case_text]);
    assert_eq!(files(&case), files(&evidence));
    std::fs::remove_dir_all(&evidence).expect("removed");
    let output = firstfault(&["prevent", case_text]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("note: the evidence is gone"), "{text}");
    assert!(text.contains("ContainerMemoryGrows"), "{text}");
    assert!(!text.contains("proven: fires"), "nothing can be proven without the series: {text}");
}

#[test]
fn evidence_that_has_changed_since_is_said_to_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = folder.path().join("evidence");
    copy(&reference(), &evidence);
    let case = folder.path().join("case.json");
    let (evidence_text, case_text) = (evidence.to_str().expect("a path"), case.to_str().expect("a path"));
    firstfault(&["investigate", evidence_text, "--format", "json", "--output", case_text]);
    let metrics = evidence.join("metrics.csv");
    let text = std::fs::read_to_string(&metrics).expect("metrics");
    std::fs::write(&metrics, text.lines().take(300).collect::<Vec<_>>().join("\n")).expect("written");
    let output = firstfault(&["prevent", case_text, "--backtest"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("note: the evidence has changed since the case was saved: 1 files new or changed"), "{text}");
}

#[test]
fn a_secret_in_a_label_does_not_reach_the_proof() {
    const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("scenarios/performance.memory-leak/hit/evidence"), folder.path());
    let memory = folder.path().join("prometheus/memory.json");
    let text = std::fs::read_to_string(&memory).expect("metrics");
    let with = text.replace(r#""container": "ledger""#, &format!(r#""container": "ledger", "id": "key={SECRET}""#));
    assert_ne!(text, with);
    std::fs::write(&memory, with).expect("written");
    let files = files(folder.path());
    assert!(files["rules_test.yaml"].contains("ledger-6d5f7c9b8d-x2k4q"), "the proof has the series");
    assert!(files.values().all(|contents| !contents.contains(SECRET)));
}

#[test]
fn hostile_names_stay_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = r#"x"}) or vector(1) # {{ reboot }} 'y"#;
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "List", "items": [{
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "a'b: c\nd", "uid": "1"},
            "spec": {"containers": [{"name": "c\"d", "image": "i"}]},
            "status": {"phase": "Running", "containerStatuses": [{
                "name": "c\"d", "ready": false, "restartCount": 9, "image": "i", "imageID": "",
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
            }]},
        }],
    });
    std::fs::write(folder.path().join("pods.json"), pod.to_string()).expect("written");
    let files = files(folder.path());
    let rules = &files["rules.yaml"];
    assert!(rules.contains("- alert:"), "{rules}");
    assert!(!rules.contains("{{ reboot"), "{rules}");
    if has_promtool() {
        let folder = written(&files);
        promtool(folder.path(), &["check", "rules", "rules.yaml"]).expect("rules");
        promtool(folder.path(), &["test", "rules", "rules_test.yaml"]).expect("proof");
    }
}

#[test]
fn grafana_loads_the_dashboard() {
    let script = root().join("crates/firstfault/tests/support/load_dashboard.py");
    let python = std::env::var("FIRSTFAULT_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = Command::new(&python).args(["-c", "import grafana_foundation_sdk"]).output();
    if !has.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no grafana_foundation_sdk for {python} (pip install grafana-foundation-sdk)");
        return;
    }
    let folder = written(&files(&reference()));
    let output = Command::new(python).arg(script).arg(folder.path().join("dashboard.json")).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_dashboard_marks_the_incident_and_draws_the_trend() {
    let dashboard: Value = serde_json::from_str(&files(&reference())["dashboard.json"]).expect("JSON");
    let text = dashboard.to_string();
    assert!(text.contains("predict_linear(container_memory_working_set_bytes"), "no regression line");
    assert_eq!(dashboard["time"]["from"], "2026-11-17T13:30:00Z");
    assert!(dashboard["annotations"]["list"].as_array().is_some_and(|list| list.len() == 2));
    let panels = dashboard["panels"].as_array().expect("panels");
    let marked = |p: &&Value| p["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "line";
    assert!(panels.iter().filter(marked).count() >= 3, "thresholds are drawn");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
