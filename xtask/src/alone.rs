//! How much one kind of file of a namespace says by itself.
//!
//! A person often sends only one command's output. For each failing namespace of the control plane's
//! fixture and each kind of file, a folder is made that holds this file, the cluster's own tables
//! (`cluster.txt`) and the symptom (`incident.yaml`), and the scorer judges the answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::root;

/// What is measured, and how many right answers each kind may not fall below: those that were reached,
/// with the file only, and with what its person typed next (`transcript.txt`) beside it.
const KINDS: &[Kind] = &[
    Kind { stem: "objects", floor: [43, 44] },
    Kind { stem: "describe", floor: [42, 43] },
    Kind { stem: "events", floor: [36, 39] },
    Kind { stem: "wide", floor: [31, 33] },
];

/// Stems of the files that lie beside the measured one.
const BESIDE: &[&str] = &["cluster", "incident"];

struct Kind {
    stem: &'static str,
    floor: [u64; 2],
}

/// Measures all kinds on the unpacked fixture `data` with the program `binary`; fails below a floor.
pub(crate) fn run(data: &Path, binary: &str) -> anyhow::Result<()> {
    let fixture = find(data).with_context(|| format!("no expected.json below {}", data.display()))?;
    let expected: Value = serde_json::from_str(&fs::read_to_string(fixture.join("expected.json"))?)?;
    let failing = expected["failing"].as_object().context("expected.json lists no failing namespaces")?;
    let folder = root().join("target/samples/alone");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    let mut short = Vec::new();
    for kind in KINDS {
        for (nth, beside) in [BESIDE.to_vec(), [BESIDE, &["transcript"]].concat()].iter().enumerate() {
            let cases = folder.join(format!("{}-{}", kind.stem, beside.len()));
            let made = make(&fixture, failing, kind.stem, beside, &cases)?;
            let right = score(&cases, binary)?;
            println!("alone: {} with {}: {right}/{made}", kind.stem, beside.join(", "));
            if right < kind.floor[nth] {
                short.push(format!("{} with {}: {right}, not {}", kind.stem, beside.join(", "), kind.floor[nth]));
            }
        }
    }
    if !short.is_empty() {
        bail!("one kind of file alone says less than it did: {}", short.join("; "));
    }
    Ok(())
}

/// The folder that holds `expected.json`, at most two levels down.
fn find(data: &Path) -> Option<PathBuf> {
    let mut folders = vec![data.to_path_buf()];
    folders.extend(fs::read_dir(data).ok()?.filter_map(|entry| Some(entry.ok()?.path())));
    folders.into_iter().find(|folder| folder.join("expected.json").is_file())
}

/// Writes the cases of one kind in the scorer's own form; returns how many there are.
fn make(
    fixture: &Path,
    failing: &Map<String, Value>,
    stem: &str,
    beside: &[&str],
    folder: &Path,
) -> anyhow::Result<usize> {
    let mut expect = Map::new();
    for (name, answer) in failing {
        let source = fixture.join(answer["path"].as_str().context("a namespace has a path")?);
        let files: Vec<PathBuf> = fs::read_dir(&source)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        let is = |file: &Path, stem: &str| file.file_stem().is_some_and(|name| name == stem);
        if !files.iter().any(|file| is(file, stem)) {
            continue;
        }
        let case = folder.join("cases").join(name);
        fs::create_dir_all(&case)?;
        for file in files.iter().filter(|file| is(file, stem) || beside.iter().any(|stem| is(file, stem))) {
            fs::copy(file, case.join(file.file_name().context("a file has a name")?))?;
        }
        let wanted = json!({"entities": answer["accept_entities"], "text_any": answer["text_any"]});
        let reference = json!([answer["cause"], answer["why"]]);
        expect.insert(name.clone(), json!({"status": "incident", "expected": reference, "accept": wanted}));
    }
    fs::write(folder.join("expect.json"), Value::Object(expect.clone()).to_string())?;
    Ok(expect.len())
}

/// How many the scorer calls right.
fn score(cases: &Path, binary: &str) -> anyhow::Result<u64> {
    let report = cases.join("score.json");
    let output = Command::new("python3")
        .arg("../shared/bench/score_holmes.py")
        .args([Path::new(binary), cases, Path::new("--json"), &report])
        .current_dir(root())
        .output()
        .context("cannot run the scorer")?;
    let text = fs::read_to_string(&report)
        .with_context(|| format!("the scorer wrote nothing: {}", String::from_utf8_lossy(&output.stderr)))?;
    let report: Value = serde_json::from_str(&text)?;
    report["summary"]["right"].as_u64().context("the scorer printed no result")
}
