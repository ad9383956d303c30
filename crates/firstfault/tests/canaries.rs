//! Secrets stop at the door: canaries of twenty kinds in every place where evidence holds secrets
//! are in no output of any format (invariant 5).

#[path = "../../model/src/mask/canaries.rs"]
mod canary;
mod support;

use std::fs;
use std::path::Path;

use canary::{Canary, Random, base64};
use support::{firstfault, parallel};

/// The same canaries in every run.
fn canaries() -> Vec<Canary> {
    canary::canaries(&mut Random(0x0DDB_A11C_0FFE_E001))
}

const POD: &str = "saw-5d9c7b8f4d-m2k4q";

/// The evidence of a crash whose every part holds the canary: each place is one that reports quote from.
fn evidence(canary: &Canary) -> Vec<(&'static str, String)> {
    let Canary { name, value, hidden } = canary;
    let half = value.len() / 2;
    let (front, back) = value.split_at(half);
    let quoted = value.replace('"', "\\\"");
    let code = base64(value);
    // What stands before a value decides where a report cuts the line.
    let before =
        |length: usize| "the mill could not be reached, tried again and again; ".repeat(9)[..length].to_owned();
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{POD}","namespace":"mill","creationTimestamp":"2026-03-01T09:00:00Z"}},
"spec":{{"nodeName":"n1","containers":[{{"name":"saw","image":"registry.example/saw:1","args":["--{arg}={quoted}"],
"command":["/bin/sh","-c","export {name}={quoted}; exec saw"],"env":[{{"name":"{name}","value":"{quoted}"}}]}}]}},
"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"False","message":"{name}={quoted}"}}],
"containerStatuses":[{{"name":"saw","ready":false,"restartCount":7,"state":{{"waiting":{{"reason":"CrashLoopBackOff","message":"back-off: {name}={quoted}"}}}},
"lastState":{{"terminated":{{"exitCode":1,"reason":"Error","message":"{cut}{name}={quoted}","finishedAt":"2026-03-01T10:00:09Z"}}}}}}]}}}}"#,
        arg = name.to_lowercase().replace('_', "-"),
        cut = before(175),
    );
    let log = format!(
        "2026-03-01T10:00:00Z INFO starting with {name}={value}\n\
         2026-03-01T10:00:01Z ERROR {{\"msg\":\"{{\\\"{name}\\\":\\\"{value}\\\"}}\"}}\n\
         2026-03-01T10:00:02Z ERROR request failed: Authorization: Bearer {value}\n\
         2026-03-01T10:00:03Z ERROR cannot connect to https://saw:{hidden}@api.mill.example:8443/v1: connection refused\n\
         2026-03-01T10:00:04Z ERROR statement failed: ALTER USER saw IDENTIFIED BY '{hidden}'\n\
         2026-03-01T10:00:05Z \u{1b}[31mERROR\u{1b}[0m \u{1b}[33m{name}\u{1b}[0m={front}\u{1b}[1m{back}\u{1b}[0m\n\
         2026-03-01T10:00:06Z ERROR {}{name}={value}\n\
         2026-03-01T10:00:07Z ERROR {}{name}={value}\n\
         2026-03-01T10:00:08Z FATAL java.lang.IllegalStateException: cannot connect ({name}={value})\n\
         \tat org.mill.Saw.open(Saw.java:12) [{name}={value}]\n\
         Caused by: java.net.ConnectException: {name}: {value}\n",
        before(155),
        before(255),
    );
    let session = format!(
        "$ kubectl -n mill describe pod {POD}\nName:             {POD}\nNamespace:        mill\nContainers:\n  saw:\n    Image:  registry.example/saw:1\n    \
         State:          Waiting\n      Reason:       CrashLoopBackOff\n    Environment:\n      {name}:  {value}\nEvents:\n  \
         Type     Reason   Age   From     Message\n  ----     ------   ----  ----     -------\n  \
         Warning  Failed   1m    kubelet  Error: failed to start container \"saw\": {name}={value}\n\n\
         $ kubectl -n mill exec {POD} -- env\nPATH=/usr/bin\n{name}={value}\n\n\
         $ curl -v -H 'X-Api-Key: {value}' http://saw.mill:8080/\n> GET / HTTP/1.1\n> X-Api-Key: {value}\n> Authorization: Bearer {value}\n< HTTP/1.1 503 Service Unavailable\n\n\
         $ kubectl -n mill logs {POD} --previous {name}={value}\n{log}"
    );
    let config = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: saw\n  namespace: mill\ndata:\n  {name}: \"{quoted}\"\n  app.yaml: |\n    \
         {name}: {value}\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: saw\n  namespace: mill\ndata:\n  {name}: {code}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: saw\n  namespace: mill\n  annotations:\n    kubernetes.io/change-cause: \"set {name}={quoted}\"\n\
         spec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - name: saw\n        env:\n        - name: {name}\n          value: \"{quoted}\"\n"
    );
    let events = format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[{{"apiVersion":"v1","kind":"Event","type":"Warning","reason":"BackOff","message":"Back-off restarting failed container saw: {name}={quoted}",
"count":9,"lastTimestamp":"2026-03-01T10:00:10Z","involvedObject":{{"kind":"Pod","namespace":"mill","name":"{POD}"}},"metadata":{{"name":"e.1","namespace":"mill"}}}}]}}"#
    );
    vec![
        ("pod.json", pod),
        ("mill_saw-5d9c7b8f4d-m2k4q.log", log),
        ("session.txt", session),
        ("config.yaml", config),
        ("events.json", events),
        ("notes.txt", format!("we have seen {name}={value} and\n{value}\nin the mill\n")),
        ("incident.yaml", format!("symptom: \"the saw stands still, {name}={quoted}\"\n")),
    ]
}

fn outputs(path: &Path) -> Vec<(String, String)> {
    let path = path.to_str().expect("a plain path");
    let mut outputs = Vec::new();
    for format in ["terminal", "json", "markdown", "html"] {
        for more in [&[][..], &["--why", "--explain-coverage", "--no-color"]] {
            let arguments = [&["investigate", path, "--format", format], more].concat();
            let output = firstfault(&arguments);
            let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(!text.is_empty(), "{arguments:?}");
            outputs.push((arguments[2..].join(" "), text));
        }
    }
    outputs
}

/// Where a canary is seen.
fn seen(canary: &Canary) -> Option<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("evidence");
    fs::create_dir(&folder).expect("a folder");
    let mut archive = tar::Builder::new(fs::File::create(dir.path().join("evidence.tar")).expect("a file"));
    for (name, text) in evidence(canary) {
        fs::write(folder.join(name), &text).expect("a file");
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, name, text.as_bytes()).expect("the disk");
    }
    archive.into_inner().expect("the disk");
    let code = base64(&canary.value);
    for (how, text) in outputs(&folder).into_iter().chain(outputs(&dir.path().join("evidence.tar"))) {
        // Half of a secret is a secret as well.
        let part = &canary.hidden[..canary.hidden.len().min(10)];
        let tail = &canary.hidden[canary.hidden.len().saturating_sub(10)..];
        for shape in [part, tail, code.as_str()] {
            if let Some(line) = text.lines().find(|line| line.contains(shape)) {
                let at = line.find(shape).unwrap_or(0);
                let from = line.char_indices().map(|(i, _)| i).rfind(|i| *i + 160 <= at).unwrap_or(0);
                let to = line.char_indices().map(|(i, _)| i).find(|i| *i > at + 100).unwrap_or(line.len());
                return Some(format!("{} in {how}: …{}…", canary.name, &line[from..to]));
            }
        }
    }
    None
}

#[test]
fn no_canary_is_in_any_output() {
    let canaries = canaries();
    assert!(canaries.len() >= 20);
    let seen: Vec<String> = parallel(&canaries, seen).into_iter().flatten().collect();
    assert!(seen.is_empty(), "{} of {} canaries are seen:\n{}", seen.len(), canaries.len(), seen.join("\n"));
}

/// What is tested above would be worth nothing if the reports quoted none of it.
#[test]
fn the_reports_quote_what_held_the_canaries() {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in evidence(&canaries()[0]) {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    // The list of what was read quotes nothing but names.
    for (how, text) in outputs(dir.path()).into_iter().filter(|(how, _)| !how.contains("coverage")) {
        assert!(text.contains("secret"), "{how}: {text}");
    }
}
