//! Every scenario gives what its `expect.yaml` says.

mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

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

/// Every scenario's folder, answer and exit code; all tests look at the same run.
static ANSWERS: LazyLock<Vec<(PathBuf, Value, i32)>> = LazyLock::new(|| {
    parallel(&scenarios(), |folder| {
        let (case, code) = investigate(&folder.join("evidence"));
        (folder.clone(), case, code)
    })
});

#[test]
fn every_scenario_gives_what_it_expects() {
    assert!(!ANSWERS.is_empty(), "there are scenarios");
    let misses: Vec<String> = ANSWERS.iter().filter_map(|(folder, case, code)| miss(folder, case, *code)).collect();
    assert!(misses.is_empty(), "{} of {} scenarios miss:\n{}", misses.len(), ANSWERS.len(), misses.join("\n"));
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

/// kubectl rolls out three kinds, and knows the logs of a few more.
#[test]
fn no_remedy_asks_kubectl_for_what_a_kind_does_not_have() {
    let rolls = ["Deployment", "StatefulSet", "DaemonSet"];
    let has_logs = ["Deployment", "StatefulSet", "DaemonSet", "Pod", "Job", "ReplicaSet", "Service"];
    let mut wrong = Vec::new();
    for (folder, case, _) in ANSWERS.iter() {
        for hypothesis in case["hypotheses"].as_array().into_iter().flatten() {
            let kind = hypothesis["entity"]["kind"].as_str().unwrap_or_default();
            let itself = format!("{kind}/{}", hypothesis["entity"]["name"].as_str().unwrap_or_default());
            let mut commands = Vec::new();
            strings(&hypothesis["remedies"], &mut commands);
            strings(&hypothesis["tests"], &mut commands);
            for command in commands {
                let names_it = command.contains(&itself) || command.contains(&itself.replace('/', " "));
                let rolled = command.contains(" rollout ") && names_it && !rolls.contains(&kind);
                let logged = command.contains(&format!(" logs {itself}")) && !has_logs.contains(&kind);
                if rolled || logged {
                    wrong.push(format!("{}: {command}", folder.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} commands that cannot work:\n{}", wrong.len(), wrong.join("\n"));
}

fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(list) => list.iter().for_each(|v| strings(v, out)),
        Value::Object(map) => map.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

/// `--why` adds up: the weights are the score, and the scores of a fault's theories are its probabilities.
#[test]
fn every_score_is_the_sum_of_its_weights_and_every_probability_follows_from_the_scores() {
    /// The temperature and cap of `crates/diagnose/src/{faults,score}.rs`.
    const TEMPERATURE: f64 = 1.3;
    const CAP: f64 = 0.79;
    let mut second_faults = 0;
    for (_, case, _) in ANSWERS.iter() {
        for hypothesis in case["hypotheses"].as_array().into_iter().flatten() {
            let score = hypothesis["score"].as_f64().unwrap_or(f64::NAN);
            let weights = hypothesis["weights"].as_array().expect("a table");
            let sum: f64 = weights.iter().filter_map(|w| w["weight"].as_f64()).sum();
            assert!((sum - score).abs() < 1e-6, "{}: {sum} is not {score}", first(case));
            // At most the share against "none" alone; more theories only lower it.
            let share = 1.0 / (1.0 + (-score / TEMPERATURE).exp());
            let probability = hypothesis["probability"].as_f64().unwrap_or(f64::NAN);
            assert!(probability <= share + 1e-6, "{}: {probability} of a score of {score}", first(case));
            let taken = weights.iter().any(|w| w["of"].as_str().is_some_and(|of| of.starts_with("explained already")));
            second_faults += usize::from(hypothesis["independent"] == true && taken);
        }
        let hypotheses = case["hypotheses"].as_array().map_or(&[][..], Vec::as_slice);
        if let [only] = hypotheses
            && let Some(probability) = only["probability"].as_f64()
            && (probability - CAP).abs() > 1e-9
        {
            let share = 1.0 / (1.0 + (-only["score"].as_f64().unwrap_or(f64::NAN) / TEMPERATURE).exp());
            // Rivals too unlikely to be shown take a little of it.
            assert!((share - probability).abs() < 0.06, "{}: {probability}, not {share}", first(case));
        }
    }
    assert!(second_faults > 0, "no scenario has a second fault that shares findings with the first");
}

/// What is wrong with a scenario's answer, if anything.
fn miss(folder: &Path, case: &Value, code: i32) -> Option<String> {
    let name = folder.strip_prefix(root().join("scenarios")).expect("found below it").display().to_string();
    let text = std::fs::read_to_string(folder.join("expect.yaml")).unwrap_or_default();
    let expect: Expect = match serde_saphyr::from_str(&text) {
        Ok(expect) => expect,
        Err(error) => return Some(format!("{name}: expect.yaml: {error}")),
    };
    let wrong = wrong(&expect, case, code)?;
    let probability = case["hypotheses"][0]["probability"].as_f64().unwrap_or(0.0);
    Some(format!("{name}: {wrong}; said {} {} {probability:.2}", case["status"], first(case)))
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
