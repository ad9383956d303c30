//! Every scenario gives what its `expect.yaml` says.

mod support;

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use support::{first, investigate, parallel, root, scenarios};

/// What a scenario expects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    status: Option<String>,
    first: Option<First>,
    #[serde(default)]
    not: Vec<String>,
    min_probability: Option<f64>,
    over: Option<bool>,
    /// Prose for readers.
    #[serde(default, rename = "why")]
    _why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    mode: Option<String>,
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

#[test]
fn every_scenario_gives_what_it_expects() {
    let folders = scenarios();
    assert!(!folders.is_empty(), "there are scenarios");
    let misses: Vec<String> = parallel(&folders, |folder| miss(folder)).into_iter().flatten().collect();
    assert!(misses.is_empty(), "{} of {} scenarios miss:\n{}", misses.len(), folders.len(), misses.join("\n"));
}

#[test]
fn every_failure_mode_has_a_hit_and_a_near_miss() {
    let catalog = firstfault_catalog::Catalog::embedded([]).expect("the catalogue is readable");
    let missing: Vec<String> = catalog
        .modes
        .keys()
        .flat_map(|mode| ["hit", "near-miss"].map(|side| format!("{mode}/{side}")))
        .filter(|path| !root().join("scenarios").join(path).join("expect.yaml").is_file())
        .collect();
    assert!(missing.is_empty(), "no scenario: {}", missing.join(", "));
}

/// What is wrong with a scenario's answer, if anything.
fn miss(folder: &Path) -> Option<String> {
    let name = folder.strip_prefix(root().join("scenarios")).expect("found below it").display().to_string();
    let text = std::fs::read_to_string(folder.join("expect.yaml")).unwrap_or_default();
    let expect: Expect = match serde_saphyr::from_str(&text) {
        Ok(expect) => expect,
        Err(error) => return Some(format!("{name}: expect.yaml: {error}")),
    };
    let (case, code) = investigate(&folder.join("evidence"));
    let wrong = wrong(&expect, &case, code)?;
    let probability = case["hypotheses"][0]["probability"].as_f64().unwrap_or(0.0);
    Some(format!("{name}: {wrong}; said {} {} {probability:.2}", case["status"], first(&case)))
}

fn wrong(expect: &Expect, case: &Value, code: i32) -> Option<String> {
    let status = case["status"].as_str().unwrap_or("?");
    if expect.status.as_deref().is_some_and(|wanted| wanted != status) {
        return Some(format!("status is not {:?}", expect.status.as_deref().unwrap_or_default()));
    }
    if code
        != match status {
            "healthy" => 0,
            "incident" => 1,
            _ => 3,
        }
    {
        return Some(format!("exit code {code}"));
    }
    if expect.over.is_some_and(|over| case["over"] != over) {
        return Some("over is wrong".to_owned());
    }
    let said = &case["hypotheses"][0];
    if status == "incident" && expect.not.iter().any(|mode| said["failure_mode"] == mode.as_str()) {
        return Some("it is the near miss".to_owned());
    }
    if let Some(first) = &expect.first {
        let entity = &said["entity"];
        for (wanted, got) in [
            (&first.mode, &said["failure_mode"]),
            (&first.kind, &entity["kind"]),
            (&first.namespace, &entity["namespace"]),
            (&first.name, &entity["name"]),
        ] {
            if wanted.as_deref().is_some_and(|wanted| got != wanted) {
                return Some(format!(
                    "wanted {:?}",
                    [&first.mode, &first.kind, &first.namespace, &first.name]
                        .map(|p| p.as_deref().unwrap_or("*"))
                        .join(" ")
                ));
            }
        }
    }
    let probability = said["probability"].as_f64().unwrap_or(0.0);
    expect.min_probability.filter(|least| probability < *least).map(|least| format!("probability below {least}"))
}
