//! Plans: every change has a way back, nothing destroys, and no name from evidence becomes a command.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The plan for some evidence.
fn plan(evidence: &Path) -> Value {
    let output = support::firstfault(&["plan", evidence.to_str().expect("a plain path"), "--format", "json"]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{}: {e}: {}", evidence.display(), String::from_utf8_lossy(&output.stderr)))
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// All commands of a plan: to run, to try, to check and to undo.
fn commands(plan: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let mut take = |value: &Value| all.extend(value.as_str().map(str::to_owned));
    for step in list(plan, "steps") {
        for command in list(step, "commands").iter().chain(list(step, "undo")) {
            take(&command["run"]);
            take(&command["dry_run"]);
        }
        for check in list(step, "precondition") {
            take(&check["run"]);
        }
        take(&step["verification"]["run"]);
    }
    all
}

fn hits() -> Vec<PathBuf> {
    support::scenarios().into_iter().filter(|s| s.ends_with("hit")).map(|s| s.join("evidence")).collect()
}

#[test]
fn every_changing_step_has_a_way_back_a_check_and_a_reason_to_stop() {
    let hits = hits();
    let plans = support::parallel(&hits, |hit| plan(hit));
    let mut changing = 0;
    for (hit, plan) in hits.iter().zip(&plans) {
        let steps = list(plan, "steps");
        assert!(!steps.is_empty(), "{}: no step", hit.display());
        for step in steps {
            let changes = list(step, "commands").iter().any(|c| c["does"] != "reads");
            if !changes {
                continue;
            }
            changing += 1;
            let place = format!("{}: step {} {}", hit.display(), step["number"], step["title"]);
            assert!(!list(step, "undo").is_empty(), "{place}: no way back");
            assert!(step["verification"]["expect"].as_str().is_some_and(|e| !e.is_empty()), "{place}: no check");
            assert!(step["verification"]["wait"].is_string(), "{place}: no waiting time");
            assert!(step["stop_when"].is_string(), "{place}: no reason to stop");
            assert!(!list(step, "precondition").is_empty(), "{place}: no precondition");
            for check in list(step, "precondition") {
                assert!(check["run"].is_string(), "{place}: a precondition that cannot be run");
            }
        }
    }
    assert!(changing > 200, "only {changing} changing steps in all plans");
}

#[test]
fn no_plan_deletes_data_or_forces_a_deletion() {
    let hits = hits();
    let plans = support::parallel(&hits, |hit| plan(hit));
    for (hit, plan) in hits.iter().zip(&plans) {
        for command in commands(plan) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let deletes = words.contains(&"delete");
            let data =
                ["pvc", "persistentvolumeclaim", "pv", "persistentvolume", "namespace", "ns", "crd", "volumesnapshot"];
            let named =
                |w: &&str| data.contains(&w.split(['/', '.']).next().unwrap_or_default().to_lowercase().as_str());
            let after_delete = words.iter().skip_while(|w| **w != "delete").nth(1);
            assert!(!(deletes && after_delete.is_some_and(named)), "{}: {command}", hit.display());
            let forced = ["--force", "--grace-period=0", "--now", "--cascade=orphan"];
            assert!(!(deletes && words.iter().any(|w| forced.contains(w))), "{}: {command}", hit.display());
            for word in ["mkfs", "dd", "DROP", "TRUNCATE", "FLUSHALL", "wipefs"] {
                assert!(!words.contains(&word), "{}: {command}", hit.display());
            }
            assert!(!command.contains("rm -rf"), "{}: {command}", hit.display());
        }
        for step in list(plan, "steps") {
            let destroys = list(step, "commands").iter().any(|c| c["does"] == "destroys");
            assert!(!destroys || step["approval"].is_object(), "{}: {} asks nobody", hit.display(), step["title"]);
        }
    }
}

#[test]
fn a_plan_without_a_diagnosis_only_looks() {
    let empty = tempfile::tempdir().expect("a folder");
    fs::write(empty.path().join("readme.txt"), "nothing of use\n").expect("a file");
    let plan = plan(empty.path());
    assert_eq!(plan["status"], "insufficient");
    assert!(!list(&plan, "steps").is_empty(), "it says what to collect");
    for step in list(&plan, "steps") {
        assert_eq!(step["phase"], "gather");
        assert!(list(step, "commands").iter().all(|c| c["does"] == "reads"), "{step}");
    }
}

#[test]
fn a_saved_case_gives_the_same_plan_as_its_evidence() {
    let evidence = support::root().join("examples/incidents/auth-token-cache");
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case.json");
    support::firstfault(&[
        "investigate",
        evidence.to_str().expect("a plain path"),
        "--format",
        "json",
        "--output",
        case.to_str().expect("a plain path"),
    ]);
    let (mut saved, mut fresh) = (plan(&case), plan(&evidence));
    // Only the saved case knows where it was saved.
    saved["evidence"]["paths"].take();
    fresh["evidence"]["paths"].take();
    assert_eq!(saved, fresh);
}

#[test]
fn the_reference_incident_is_mended_as_its_story_says() {
    let plan = plan(&support::root().join("examples/incidents/auth-token-cache"));
    let all = commands(&plan);
    assert!(
        all.iter().any(|c| c == "kubectl -n platform set resources Deployment/auth --limits=memory=4G"),
        "the limit of 3 GB is raised to 4 GB: {all:#?}"
    );
    let phases: Vec<&str> = list(&plan, "steps").iter().filter_map(|s| s["phase"].as_str()).collect();
    assert_eq!(phases, ["restore", "restore", "fix", "confirm"], "service first, then the cause");
    let fix = &list(&plan, "steps")[2];
    assert_eq!(fix["strategy"], "canary");
    assert!(fix["title"].as_str().is_some_and(|t| t.contains("bound") && t.contains("expiry")), "{}", fix["title"]);
}

/// Names that would do something in a shell that does not quote them.
const HOSTILE: &[&str] =
    &["$(reboot)", "`reboot`", "x;reboot", "|reboot", "&&reboot", "--reboot", "a'b;reboot;'", "$IFS"];

/// Each command of each plan is run by a real shell in which every tool only notes that it ran; `reboot` must not.
#[test]
fn names_from_evidence_never_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let tools = folder.path().join("bin");
    fs::create_dir(&tools).expect("a folder");
    stub(&tools.join("reboot"), "#!/bin/sh\necho \"$0 $*\" >> \"$RAN\"\n");
    let mut renamed = 0;
    for (nth, hit) in hits().iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        let hostile = HOSTILE[nth / 3 % HOSTILE.len()];
        let (case, _) = support::investigate(hit);
        let Some(name) = case["hypotheses"][0]["entity"]["name"].as_str().filter(|n| n.len() > 2) else { continue };
        let copy = folder.path().join(format!("case-{nth}"));
        rename(hit, &copy, name, hostile);
        let plan = plan(&copy);
        let all = commands(&plan);
        renamed += usize::from(all.iter().any(|c| c.contains("reboot") || c.contains("IFS")));
        for command in all {
            let tool = command.split_whitespace().next().unwrap_or_default().to_owned();
            if !tools.join(&tool).exists() && !tool.contains('/') {
                // A remote shell reads the words once more.
                let body = if tool == "ssh" { "#!/bin/sh\nshift\nexec sh -c \"$*\"\n" } else { "#!/bin/sh\nexit 0\n" };
                stub(&tools.join(&tool), body);
            }
            let ran = folder.path().join("ran");
            let work = folder.path().join("work");
            fs::create_dir_all(&work).expect("a folder");
            let _ = Command::new("/bin/sh")
                .args(["-c", &command])
                .current_dir(&work)
                .env_clear()
                .env("PATH", &tools)
                .env("RAN", &ran)
                .output()
                .expect("a shell");
            assert!(!ran.exists(), "{}: {command} ran {}", hit.display(), fs::read_to_string(&ran).unwrap_or_default());
        }
    }
    assert!(renamed >= 10, "only {renamed} plans hold a hostile name at all");
}

fn stub(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).expect("a stub");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a stub can run");
}

/// Copies a folder with another name for one thing.
fn rename(from: &Path, to: &Path, name: &str, other: &str) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name().to_string_lossy().replace(name, "renamed"));
        if entry.path().is_dir() {
            rename(&entry.path(), &target, name, other);
        } else {
            let text = fs::read(entry.path()).expect("a file");
            fs::write(target, String::from_utf8_lossy(&text).replace(name, other)).expect("a copy");
        }
    }
}

#[test]
fn what_customers_read_names_nothing_of_the_inside() {
    let hits = hits();
    let seen = support::parallel(&hits, |hit| {
        let (case, _) = support::investigate(hit);
        let output = support::firstfault(&["status", hit.to_str().expect("a plain path"), "--for", "customers"]);
        (case, String::from_utf8_lossy(&output.stdout).into_owned())
    });
    for (hit, (case, message)) in hits.iter().zip(&seen) {
        for hypothesis in list(case, "hypotheses") {
            for part in [&hypothesis["failure_mode"], &hypothesis["entity"]["name"], &hypothesis["title"]] {
                let part = part.as_str().unwrap_or_default();
                let said = message.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.')).any(|w| w == part);
                // A name such as `service` or `web` may be a word of the sentence.
                assert!(!said || part.len() < 8, "{}: {message}", hit.display());
            }
        }
        assert!(message.lines().count() == 1 && message.len() < 400, "{}: {message}", hit.display());
    }
}
