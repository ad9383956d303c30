//! Invariant 9: what says nothing about the fault does not change the answer, and what is taken
//! away never makes it surer.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use regex::{Captures, Regex};
use serde_json::Value;
use support::{first, investigate, parallel, scenarios};

/// Scenarios that are looked at, spread evenly over all hits.
const MOST: usize = 40;

/// The files of some evidence, by path.
type Files = BTreeMap<String, Vec<u8>>;

fn read(folder: &Path) -> Files {
    fn walk(root: &Path, folder: &Path, files: &mut Files) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(root, &entry.path(), files);
            } else {
                let path = entry.path().strip_prefix(root).expect("below it").to_string_lossy().into_owned();
                files.insert(path, fs::read(entry.path()).expect("a file"));
            }
        }
    }
    let mut files = Files::new();
    walk(folder, folder, &mut files);
    files
}

/// The answer to some files.
fn ask(files: &Files) -> Value {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("evidence");
    fs::create_dir(&folder).expect("a folder");
    for (path, bytes) in files {
        let at = folder.join(path);
        fs::create_dir_all(at.parent().expect("a parent")).expect("a folder");
        fs::write(at, bytes).expect("a file");
    }
    investigate(&folder).0
}

fn each_text(files: &Files, change: impl Fn(&str, &str) -> String) -> Files {
    let changed = files.iter().map(|(path, bytes)| {
        let text = String::from_utf8(bytes.clone()).ok().map(|text| change(path, &text).into_bytes());
        (path.clone(), text.unwrap_or_else(|| bytes.clone()))
    });
    changed.collect()
}

fn cases() -> Vec<(PathBuf, Files, Value)> {
    let hits: Vec<PathBuf> = scenarios().into_iter().filter(|folder| folder.ends_with("hit")).collect();
    let step = hits.len().div_ceil(MOST).max(1);
    let some: Vec<PathBuf> = hits.into_iter().step_by(step).collect();
    parallel(&some, |folder| {
        let files = read(&folder.join("evidence"));
        let case = investigate(&folder.join("evidence")).0;
        (folder.clone(), files, case)
    })
}

/// Runs one relation over all cases; `broken` says what is wrong with one.
fn check(relation: &str, broken: impl Fn(&Files, &Value) -> Option<String> + Sync) {
    let cases = cases();
    assert!(!cases.is_empty());
    let results =
        parallel(&cases, |(folder, files, before)| Some(format!("{}: {}", folder.display(), broken(files, before)?)));
    let broken: Vec<String> = results.into_iter().flatten().collect();
    assert!(broken.is_empty(), "{relation}: {} of {}:\n{}", broken.len(), cases.len(), broken.join("\n"));
}

fn same_answer(before: &Value, after: &Value) -> Option<String> {
    (first(before) != first(after)).then(|| format!("{} became {}", first(before), first(after)))
}

fn probability(case: &Value) -> f64 {
    case["hypotheses"][0]["probability"].as_f64().unwrap_or(0.0)
}

/// Words that kubectl and its objects use themselves: a thing of such a name is not renamed.
const TAKEN: &[&str] = &[
    "default",
    "kube-system",
    "node",
    "nodes",
    "data",
    "config",
    "events",
    "jobs",
    "service",
    "services",
    "image",
    "metrics",
    "batch",
    "apps",
    "store",
    "storage",
    "network",
    "logs",
    "reports",
    "report",
    "status",
    "public",
    "backup",
];

/// Another name of the same length, so that tables keep their columns.
fn renamed(name: &str) -> String {
    let letter = |(i, c): (usize, char)| match c {
        'a'..='z' => char::from(b'a' + ((c as u8 - b'a') + 11 + i as u8 % 3) % 26),
        c => c,
    };
    name.chars().enumerate().map(letter).collect()
}

#[test]
fn renaming_everything_changes_only_names() {
    check("renaming", |files, before| {
        let entity = &before["hypotheses"][0]["entity"];
        let names: Vec<&str> = [&entity["namespace"], &entity["name"]].into_iter().filter_map(Value::as_str).collect();
        let names: Vec<&str> = names.into_iter().filter(|name| name.len() > 3 && !TAKEN.contains(name)).collect();
        let rename = |text: &str| {
            names.iter().fold(text.to_owned(), |text, name| {
                let whole = Regex::new(&format!(r"(^|[^A-Za-z0-9]){}($|[^A-Za-z0-9])", regex::escape(name)))
                    .expect("a pattern");
                let put = |c: &Captures<'_>| format!("{}{}{}", &c[1], renamed(name), &c[2]);
                // Twice, as neighbours share the letter between them.
                let once = whole.replace_all(&text, put).into_owned();
                whole.replace_all(&once, put).into_owned()
            })
        };
        let files: Files =
            each_text(files, |_, text| rename(text)).into_iter().map(|(path, b)| (rename(&path), b)).collect();
        let (wanted, got) = (rename(&first(before).replace('/', " / ")).replace(" / ", "/"), first(&ask(&files)));
        // The mode's own words are not names.
        let mode = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
        let wanted = wanted.replacen(&mode(&wanted), &mode(&first(before)), 1);
        (wanted != got).then(|| format!("{wanted} became {got}"))
    });
}

/// 52 weeks: the day of the week stays.
const SHIFT_DAYS: i64 = 364;

fn shift(text: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let later = |year: &str, month: usize, day: &str| {
        let date = jiff::civil::date(year.parse().ok()?, i8::try_from(month).ok()?, 1);
        let day: i64 = day.parse().ok()?;
        let span = jiff::Span::new().try_days(day - 1 + SHIFT_DAYS).ok()?;
        date.checked_add(span).ok()
    };
    let month = |name: &str| MONTHS.iter().position(|m| *m == name).map_or(0, |at| at + 1);
    let rfc3339 = Regex::new(r"\b(20\d\d)([-/])(\d\d)[-/](\d\d)([T ]\d\d:\d\d)").expect("a pattern");
    let text = rfc3339.replace_all(text, |c: &Captures<'_>| match later(&c[1], c[3].parse().unwrap_or(0), &c[4]) {
        Some(date) => format!("{}{}{}", date.strftime(&format!("%Y{0}%m{0}%d", &c[2])), "", &c[5]),
        None => c[0].to_owned(),
    });
    let described = Regex::new(r"\b(\d\d) ([A-Z][a-z]{2}) (20\d\d) (\d\d:\d\d)").expect("a pattern");
    let text = described.replace_all(&text, |c: &Captures<'_>| match later(&c[3], month(&c[2]), &c[1]) {
        Some(date) => format!("{} {}", date.strftime("%d %b %Y"), &c[4]),
        None => c[0].to_owned(),
    });
    let access = Regex::new(r"\b(\d\d)/([A-Z][a-z]{2})/(20\d\d):").expect("a pattern");
    let text = access.replace_all(&text, |c: &Captures<'_>| match later(&c[3], month(&c[2]), &c[1]) {
        Some(date) => format!("{}:", date.strftime("%d/%b/%Y")),
        None => c[0].to_owned(),
    });
    text.into_owned()
}

/// Times without a year (klog, syslog), and those that are numbers, would not be shifted with the others.
fn has_other_times(files: &Files) -> bool {
    let others = Regex::new(r"(?m)^[IWEF]\d{4} \d\d:|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d|\b1[678]\d{8}(\.\d+)?\b|\b1[678]\d{11}\b|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d").expect("a pattern");
    files.values().any(|bytes| others.is_match(&String::from_utf8_lossy(bytes)))
}

#[test]
fn shifting_all_times_changes_only_times() {
    check("shifting", |files, before| {
        if has_other_times(files) {
            return None;
        }
        let shifted = each_text(files, |_, text| shift(text));
        same_answer(before, &ask(&shifted))
    });
}

/// Healthy neighbours in namespaces of their own.
fn bystander() -> (String, Vec<u8>) {
    let table = "$ kubectl get pods,deploy -n orchard\n\
        NAME                         READY   STATUS    RESTARTS      AGE\n\
        pod/cider-6f7b9c5d4c-b8n2k   1/1     Running   1 (12d ago)   31d\n\
        pod/cider-6f7b9c5d4c-q5v7z   1/1     Running   0             31d\n\
        pod/juice-5c8d7f6b9d-x4k9w   1/1     Running   0             31d\n\n\
        NAME                    READY   UP-TO-DATE   AVAILABLE   AGE\n\
        deployment.apps/cider   2/2     2            2           31d\n\
        deployment.apps/juice   1/1     1            1           31d\n";
    ("orchard-neighbours.txt".to_owned(), table.as_bytes().to_vec())
}

#[test]
fn a_healthy_bystander_changes_nothing() {
    check("bystander", |files, before| {
        let mut files = files.clone();
        files.extend([bystander()]);
        same_answer(before, &ask(&files))
    });
}

#[test]
fn a_red_herring_older_than_the_onset_is_not_blamed() {
    check("red herring", |files, before| {
        let mut files = files.clone();
        files.extend([bystander()]);
        let events = "$ kubectl get events -n orchard\n\
            LAST SEEN   TYPE      REASON             OBJECT                       MESSAGE\n\
            29d         Warning   FailedScheduling   pod/cider-6f7b9c5d4c-b8n2k   0/3 nodes are available: 3 Insufficient memory.\n\
            29d         Warning   BackOff            pod/cider-6f7b9c5d4c-b8n2k   Back-off restarting failed container cider in pod cider-6f7b9c5d4c-b8n2k_orchard(0e7f4c55-9a0c-4d70-8a7a-0d6f3c1b2a19)\n\
            28d         Warning   Failed             pod/juice-5c8d7f6b9d-x4k9w   Failed to pull image \"registry.orchard.example/juice:7\": rpc error: code = Unknown desc = net/http: TLS handshake timeout\n\
            28d         Warning   Unhealthy          pod/juice-5c8d7f6b9d-x4k9w   Readiness probe failed: HTTP probe failed with statuscode: 503\n";
        files.insert("orchard-events.txt".to_owned(), events.as_bytes().to_vec());
        same_answer(before, &ask(&files))
    });
}

#[test]
fn doubling_log_lines_changes_nothing() {
    check("doubling", |files, before| {
        let doubled = each_text(files, |path, text| {
            if !path.ends_with(".log") {
                return text.to_owned();
            }
            text.lines().flat_map(|line| [line, "\n", line, "\n"]).collect()
        });
        same_answer(before, &ask(&doubled))
    });
}

#[test]
fn zipping_changes_nothing() {
    check("zipping", |files, before| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in files {
            zip.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).expect("memory");
            zip.write_all(bytes).expect("memory");
        }
        let bytes = zip.finish().expect("memory").into_inner();
        let dir = tempfile::tempdir().expect("a folder");
        let archive = dir.path().join("evidence.zip");
        fs::write(&archive, bytes).expect("a file");
        same_answer(before, &investigate(&archive).0)
    });
}

/// A transcript cut before each of its prompts.
fn split_transcript(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("$ ") || parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    parts
}

#[test]
fn splitting_transcripts_changes_nothing() {
    check("splitting", |files, before| {
        let mut split = Files::new();
        for (path, bytes) in files {
            let text = String::from_utf8_lossy(bytes);
            if !path.ends_with(".txt") || !text.starts_with("$ ") {
                split.insert(path.clone(), bytes.clone());
                continue;
            }
            for (i, part) in split_transcript(&text).into_iter().enumerate() {
                split.insert(format!("{}-{i:02}.txt", path.trim_end_matches(".txt")), part.into_bytes());
            }
        }
        same_answer(before, &ask(&split))
    });
}

/// Rounding, and competitors that leave with the source.
const TOLERANCE: f64 = 0.05;

#[test]
fn removing_a_source_never_makes_the_wrong_surer() {
    check("removing", |files, before| {
        if files.len() < 2 {
            return None;
        }
        for gone in files.keys() {
            let rest: Files =
                files.iter().filter(|(path, _)| *path != gone).map(|(p, b)| (p.clone(), b.clone())).collect();
            let after = ask(&rest);
            // The same answer may become less sure; nothing else may be accused more surely than it was. Without
            // the log that told the reason, the same thing may be named by what it shows.
            let surer = after["hypotheses"][0]["entity"] != before["hypotheses"][0]["entity"]
                && after["status"] == "incident"
                && probability(&after) > probability(before) + TOLERANCE;
            if surer {
                return Some(format!(
                    "without {gone}: {} {:.2} became {} {:.2}",
                    first(before),
                    probability(before),
                    first(&after),
                    probability(&after)
                ));
            }
        }
        None
    });
}

/// Two sources may prove the same; when the last of them is gone, the answer is gone.
#[test]
fn removing_all_that_proves_it_removes_the_answer() {
    check("removing the proof", |files, before| {
        let (mut rest, mut after) = (files.clone(), before.clone());
        while first(&after) == first(before) {
            let evidence = after["hypotheses"][0]["evidence"].as_array().cloned().unwrap_or_default();
            let proofs: Vec<&str> = evidence.iter().filter_map(|proof| proof["path"].as_str()).collect();
            let left = rest.len();
            rest.retain(|path, _| !proofs.contains(&path.as_str()));
            if rest.len() == left {
                return Some(format!("{} stays without proof: {proofs:?}", first(before)));
            }
            let next = ask(&rest);
            if first(&next) == first(before) && probability(&next) > probability(&after) + TOLERANCE {
                return Some(format!(
                    "{} {:.2} grows to {:.2}",
                    first(before),
                    probability(&after),
                    probability(&next)
                ));
            }
            after = next;
        }
        None
    });
}
