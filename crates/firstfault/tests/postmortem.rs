//! `firstfault postmortem`: what it holds of the reference incident, that it names nobody, and that
//! every failure mode's own scenario gives a whole document.

mod support;

use std::fs;

use support::{firstfault, parallel, root, scenarios};

fn written(arguments: &[&str]) -> String {
    let output = firstfault(&[&["postmortem"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn reference() -> String {
    root().join("examples/incidents/auth-token-cache").to_str().expect("a plain path").to_owned()
}

#[test]
fn the_reference_incident_is_told_as_it_was() {
    insta::assert_snapshot!("reference", written(&[&reference()]));
}

#[test]
fn it_holds_what_the_incident_has_to_teach() {
    let text = written(&[&reference()]);
    for part in [
        // impact
        "at least 18 min",
        "0.1 %",
        "100 %",
        "203 ms",
        "60.2 s",
        "3 of 3 lost, 0 ready",
        "Deployment platform/orders",
        // mending
        "--limits=memory=4G",
        "rollout undo",
        "a bound and an expiry",
        "a tenth of the traffic first",
        // prevention
        "10 \\* 1024 \\* 1024",
        "for 10 minutes",
        "a million, for 5 minutes",
        "regression line",
        "evictions, restarts",
        "expired entry leaves the cache",
        "load test with a million entries",
        "a bound and a lifetime",
        "runbook for kills for memory",
        // why it was not caught
        "none speaks of memory of auth",
        "a memory limit of container auth | too weak",
        "did not stop it",
        // the two inconsistencies
        "60 minutes later than logs and metrics",
        "800 kB a minute, 48.0 MB in an hour",
        "takes 2 d 14 h, not 1 h",
    ] {
        assert!(text.contains(part), "{part:?} is not in the postmortem");
    }
    assert!(!text.contains("2026-11-17T15:"), "no time of the late clock is repeated");
}

#[test]
fn a_saved_case_gives_the_same_document_and_says_when_its_evidence_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = folder.path().join("evidence");
    copy(&root().join("examples/incidents/auth-token-cache"), &evidence);
    let case = folder.path().join("case.json");
    let (evidence_path, case_path) = (evidence.to_str().expect("plain"), case.to_str().expect("plain"));
    firstfault(&["investigate", evidence_path, "--format", "json", "--output", case_path]);
    assert_eq!(written(&[case_path]), written(&[evidence_path]));
    fs::remove_dir_all(&evidence).expect("the copy goes");
    let text = written(&[case_path]);
    assert!(text.contains("the evidence is gone"), "{text}");
    assert!(text.contains("grows by 11.7 MB a minute"));
}

#[test]
fn every_failure_mode_gives_a_whole_document_in_both_formats() {
    let hits: Vec<_> = scenarios().into_iter().filter(|f| f.ends_with("hit")).collect();
    assert!(hits.len() > 200);
    let wrong: Vec<String> = parallel(&hits, |folder| {
        let evidence = folder.join("evidence");
        let path = evidence.to_str().expect("a plain path");
        let markdown = written(&[path]);
        let html = written(&[path, "--format", "html"]);
        let mut wrong = empty_sections(&markdown);
        wrong.extend(empty_parts(&html));
        wrong.into_iter().map(|w| format!("{}: {w}", folder.display())).collect::<Vec<_>>()
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Headings of a Markdown text with nothing below them, and sections that every postmortem has and this one lacks.
fn empty_sections(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let parts: Vec<&str> = text.split("\n## ").collect();
    for part in &parts[1..] {
        let (title, body) = part.split_once('\n').unwrap_or((part, ""));
        let rows = body.lines().filter(|l| !l.trim().is_empty() && !l.starts_with("|---")).count();
        let least = if body.trim_start().starts_with('|') { 2 } else { 1 };
        if rows < least {
            wrong.push(format!("`{title}` is empty"));
        }
    }
    for title in [
        "Summary",
        "Impact in numbers",
        "Timeline (UTC)",
        "Five whys",
        "Cause and effect",
        "Fault tree",
        "Mending",
        "What worked",
        "Why it was not caught: safeguards",
        "Action items",
        "Lessons",
        "What is not known",
    ] {
        if !parts.iter().any(|p| p.starts_with(title)) {
            wrong.push(format!("no `{title}`"));
        }
    }
    wrong
}

fn empty_parts(html: &str) -> Vec<String> {
    ["<tbody>\n</tbody>", "<ol></ol>", "<p></p>", "<strong></strong>", "NaN"]
        .into_iter()
        .filter(|part| html.contains(part))
        .map(|part| format!("`{part}` in the page"))
        .collect()
}

#[test]
fn nobody_is_named_whatever_the_evidence_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("examples/incidents/auth-token-cache"), folder.path());
    let add = |file: &str, text: &str| {
        let path = folder.path().join(file);
        let old = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, old + text).expect("it is written");
    };
    let history = "
$ kubectl rollout history deployment/gateway -n platform
deployment.apps/gateway
REVISION  CHANGE-CAUSE
7         gateway 1.9 by wkowalski
8         gateway 2.0, Author: Wanda Kowalski <wanda.kowalski@acme.example>
";
    let get = fs::read_to_string(folder.path().join("kubectl/get.txt")).expect("it is there");
    fs::write(folder.path().join("kubectl/get.txt"), format!("wkowalski@thinkpad:~$ {}{history}", &get[2..]))
        .expect("written");
    add(
        "logs/platform_gateway-6b5f7d9c8d-4ntzx_gateway.log",
        concat!(
            "2026-11-17T14:33:50.000Z ERROR gateway cannot log in user=omar.haddad@acme.example from /home/ohaddad/app\n",
            "2026-11-17T14:33:51.000Z ERROR gateway panic paged @ohaddad and Wanda Kowalski\n",
        ),
    );
    let alerts = fs::read_to_string(folder.path().join("alerts.json")).expect("it is there");
    let alerts = alerts.replace("100 % of requests fail", "100 % of requests fail, acknowledged by Wanda Kowalski");
    fs::write(folder.path().join("alerts.json"), alerts).expect("written");
    fs::write(
        folder.path().join("incident.yaml"),
        concat!(
            "symptom: \"All calls answer 502, reported by Omar Haddad (omar.haddad@acme.example); Zuzanna called too\"\n",
            "window: {from: 2026-11-17T14:30:00Z, to: 2026-11-17T14:50:00Z}\n",
            "said: [\"10,000 logins a minute of 80 bytes each, says <@U02ABCDEF9>\"]\n",
        ),
    )
    .expect("written");
    let path = folder.path().to_str().expect("plain");
    for format in ["markdown", "html", "json"] {
        let text = written(&[path, "--format", format, "--person", "Zuzanna"]).to_lowercase();
        for name in ["wanda", "kowalski", "omar", "haddad", "zuzanna", "u02abcdef9"] {
            assert!(!text.contains(name), "{name} in {format}");
        }
        assert!(text.contains("engineer"), "roles stand in their place");
    }
}

#[test]
fn a_template_gets_the_data_escaped_by_its_extension() {
    let folder = tempfile::tempdir().expect("a folder");
    let template = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("plain").to_owned()
    };
    let source = "{{ failure_mode }} {{ safeguards[1].name }}";
    let run = |name: &str| written(&[&reference(), "--template", &template(name, source)]);
    assert!(run("short.txt").contains("[5m]) > 10 * 1024"));
    assert!(run("short.html").contains("[5m]) &gt; 10 * 1024"));
    assert!(run("short.md").contains("\\[5m\\]) &gt; 10 \\* 1024"));
    for (name, text, error) in [
        (
            "endless.txt",
            "{% for a in range(100000) %}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}",
            "fuel",
        ),
        ("deep.txt", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("unknown.txt", "{{ no_such_thing }}", "undefined"),
        ("broken.txt", "{% if %}", "syntax error"),
    ] {
        let output = firstfault(&["postmortem", &reference(), "--template", &template(name, text)]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(error) && said.contains(name), "{name}: {said}");
    }
}

#[test]
fn without_an_incident_there_is_nothing_to_write() {
    let healthy = scenarios().into_iter().find(|f| f.components().any(|c| c.as_os_str() == "healthy")).expect("one");
    let output = firstfault(&["postmortem", healthy.join("evidence").to_str().expect("plain")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("healthy"));
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}

#[test]
fn a_past_case_of_the_same_fault_is_named_and_its_own_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = folder.path().join("history.sqlite");
    let history = history.to_str().expect("a plain path");
    let root = support::root();
    let evidence = |path: &str| root.join(path).display().to_string();
    let leak = evidence("examples/incidents/auth-token-cache");
    let other = evidence("scenarios/performance.memory-leak/hit/evidence");
    for case in [&leak, &other] {
        let added = support::firstfault(&["history", "add", case, "--file", history]);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
    let output = support::firstfault(&["postmortem", &leak, "--history", history, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a postmortem");
    let similar = document["similar"].as_array().expect("a list");
    assert_eq!(similar.len(), 1, "the other case, and not this one: {similar:?}");
    assert_eq!(similar[0]["title"], document_title(&other));
    let missing = support::firstfault(&["postmortem", &leak, "--history", "/nowhere/history.sqlite"]);
    assert_eq!(missing.status.code(), Some(2), "a history that is not there is said");
}

/// The title of the first theory on some evidence.
fn document_title(evidence: &str) -> String {
    let (case, _) = support::investigate(std::path::Path::new(evidence));
    case["hypotheses"][0]["title"].as_str().expect("a title").to_owned()
}
