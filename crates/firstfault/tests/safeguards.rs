//! Policies, patches and test stubs of `firstfault prevent`, for every failure mode and for hostile names.
//!
//! What needs Python says so and passes without it: PyPI `kubernetes-validate`, `common-expression-language` and `jmespath`,
//! put into `target/safeguards` (or where `FIRSTFAULT_SAFEGUARDS_PYTHON` points).

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use firstfault_catalog::Catalog;
use serde_json::{Value, json};
use support::{firstfault, parallel, root};

/// The files of some kinds, by name.
fn files(evidence: &Path, kinds: &[&str]) -> BTreeMap<String, String> {
    let mut arguments = vec!["prevent", evidence.to_str().expect("a plain path"), "--format", "json"];
    arguments.extend(kinds.iter().flat_map(|kind| ["--only", *kind]));
    let output = firstfault(&arguments);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{}: {e}: {}", evidence.display(), String::from_utf8_lossy(&output.stderr)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    document["files"].as_array().expect("files").iter().map(|f| (text(&f["file"]), text(&f["contents"]))).collect()
}

/// The documents of a YAML file.
fn documents(text: &str) -> Vec<Value> {
    text.split("\n---\n").map(|part| serde_saphyr::from_str(part).unwrap_or_else(|e| panic!("{e}\n{part}"))).collect()
}

fn hits() -> Vec<PathBuf> {
    support::scenarios().into_iter().filter(|s| s.ends_with("hit")).map(|s| s.join("evidence")).collect()
}

/// A Python with both packages; nothing, said once, where there is none.
fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let has = |python: &Path| {
            Command::new(python)
                .args(["-c", "import kubernetes_validate, cel, jmespath, yaml"])
                .output()
                .is_ok_and(|o| o.status.success())
        };
        let folder = root().join("target/safeguards");
        let own = folder.join("bin/python3");
        let given = std::env::var_os("FIRSTFAULT_SAFEGUARDS_PYTHON").map(PathBuf::from);
        if let Some(python) = given.into_iter().chain([own.clone()]).find(|python| has(python)) {
            return Some(python);
        }
        let run = |program: &Path, arguments: &[&str]| {
            Command::new(program).args(arguments).output().is_ok_and(|o| o.status.success())
        };
        let made = run(Path::new("python3"), &["-m", "venv", folder.to_str()?])
            && run(
                &own,
                &[
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "kubernetes-validate",
                    "common-expression-language",
                    "jmespath",
                    "pyyaml",
                ],
            )
            && has(&own);
        if !made {
            eprintln!("skipped: no python3, or no kubernetes-validate and common-expression-language from PyPI");
        }
        made.then_some(own)
    };
    PYTHON.get_or_init(find).as_ref()
}

/// Runs a script of `tests/support` on a JSON document.
fn script(name: &str, input: &Value) {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("input.json");
    std::fs::write(&file, input.to_string()).expect("written");
    let script = root().join("crates/firstfault/tests/support").join(name);
    let output = Command::new(python).arg(script).arg(&file).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn policies_refuse_and_allow_what_their_examples_say() {
    let mut all: Vec<Value> = Vec::new();
    for entry in std::fs::read_dir(root().join("catalog/policies")).expect("policies").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("readable");
        // What comes from a case; these stand for it.
        let text = text.replace("<registries>", "['registry.example']");
        let text = text.replace("<container>", "main").replace("<memory-limit>", "1Gi");
        let list: Vec<Value> = serde_saphyr::from_str(&text).expect("a list");
        all.extend(list);
    }
    let ids: BTreeSet<&str> = all.iter().filter_map(|p| p["id"].as_str()).collect();
    assert_eq!(ids.len(), all.len(), "an id twice");
    for policy in all.iter().filter(|p| p["checks"].is_array()) {
        for examples in ["refuses", "allows"] {
            assert!(policy[examples].as_array().is_some_and(|l| !l.is_empty()), "{}: {examples} nothing", policy["id"]);
        }
    }
    script("check_policies.py", &json!(all));
}

#[test]
fn every_policy_names_modes_that_exist_and_is_one_of_two_kinds() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    assert!(catalog.policies.len() > 40, "{}", catalog.policies.len());
    let of_policies: Vec<String> =
        firstfault_catalog::check(&catalog).into_iter().filter(|p| p.starts_with("policies")).collect();
    assert!(of_policies.is_empty(), "{of_policies:#?}");
    for policy in &catalog.policies {
        assert!(!policy.prevents.is_empty(), "{}", policy.id);
        assert!(policy.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", policy.id);
        for rule in &policy.kyverno {
            assert!(rule["name"].is_string() && rule["match"]["any"][0]["resources"]["kinds"].is_array(), "{rule}");
            let does = ["validate", "generate"].iter().filter(|does| rule[**does].is_object()).count();
            assert_eq!(does, 1, "{rule}");
            let generate = &rule["generate"];
            assert!(
                generate.is_null() || (generate["kind"].is_string() && generate["data"]["spec"].is_object()),
                "{rule}"
            );
            let validate = &rule["validate"];
            assert!(
                validate.is_null() || (validate["failureAction"] == "Audit" && validate["message"].is_string()),
                "{rule}"
            );
        }
    }
}

#[test]
fn policies_and_patches_of_all_scenarios_are_valid_manifests() {
    let hits = hits();
    let made = parallel(&hits, |hit| files(hit, &["policy", "patches"]));
    let mut all = Vec::new();
    let (mut policies, mut patches, mut budgets) = (0, 0, 0);
    for (hit, files) in hits.iter().zip(&made) {
        let scenario = hit.strip_prefix(root()).unwrap_or(hit).display().to_string();
        for (name, text) in files {
            for object in documents(text) {
                assert!(object["metadata"]["name"].is_string() && object["spec"].is_object(), "{scenario}: {text}");
                match (name.as_str(), object["kind"].as_str().unwrap_or_default()) {
                    ("policies.yaml", "ClusterPolicy") => assert_eq!(object["apiVersion"], "kyverno.io/v1"),
                    ("policies.yaml", kind) => {
                        assert!(kind.starts_with("ValidatingAdmissionPolicy"), "{kind}");
                        assert!(!text.contains("<name"), "a placeholder stayed: {text}");
                    }
                    _ => {}
                }
            }
            policies += usize::from(name.starts_with("policies"));
            patches += usize::from(name.starts_with("patch"));
            budgets += usize::from(name.starts_with("budget"));
            all.push(json!([format!("{scenario} {name}"), text]));
        }
    }
    assert!(policies > 80, "{policies} policies");
    assert!(patches > 20, "{patches} patches");
    assert!(budgets > 3, "{budgets} budgets");
    script("check_manifests.py", &Value::from(all));
}

#[test]
fn known_registries_are_those_that_others_run_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = |name: &str, image: &str, waits: bool| {
        let state = if waits {
            json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image: dial tcp: lookup gone.example: no such host"}})
        } else {
            json!({"running": {"startedAt": "2026-03-01T10:00:00Z"}})
        };
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "ink", "uid": name},
               "spec": {"containers": [{"name": "main", "image": image}]},
               "status": {"phase": if waits { "Pending" } else { "Running" }, "containerStatuses": [{
                   "name": "main", "ready": !waits, "restartCount": 0, "image": image, "imageID": "", "state": state}]}})
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        pod("press", "gone.example/press:1", true), pod("fold", "here.example:5000/fold:1", false)]});
    std::fs::write(folder.path().join("pods.json"), list.to_string()).expect("written");
    let (case, _) = support::investigate(folder.path());
    assert_eq!(support::first(&case), "image.registry-unresolvable Pod/ink/press", "the case that this test is about");
    let text = files(folder.path(), &["policy"]).remove("policies.yaml").expect("a policy");
    assert!(text.contains("['here.example:5000'].exists"), "{text}");
    assert!(text.contains("complete the list"), "{text}");
}

#[test]
fn a_mode_that_no_policy_prevents_gets_none() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    let mode = "tls.certificate-expired";
    assert!(catalog.policies.iter().all(|p| !p.prevents.iter().any(|m| m == mode)));
    assert!(files(&root().join("scenarios").join(mode).join("hit/evidence"), &["policy"]).is_empty());
}

/// A Deployment that shows what `spec` says, and a pod of it that was killed for its memory.
fn workload(name: &str, namespace: &str, label: &str, spec: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let labels = json!({"app": label});
    let mut whole = json!({
        "replicas": 1, "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
            "name": "main", "image": "i:1", "ports": [{"containerPort": 8080, "name": "web"}],
            "resources": {"limits": {"memory": "512Mi"}},
        }]}},
    });
    for (key, value) in spec.as_object().into_iter().flatten() {
        whole[key] = value.clone();
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "apps/v1", "kind": "Deployment",
         "metadata": {"name": name, "namespace": namespace, "uid": "1"}, "spec": whole, "status": {"replicas": 1}},
        {"apiVersion": "apps/v1", "kind": "ReplicaSet",
         "metadata": {"name": "rs", "namespace": namespace, "uid": "2",
                      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": "1", "controller": true}]},
         "spec": {"replicas": 1}, "status": {"replicas": 1}},
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "rs-1", "namespace": namespace, "uid": "3", "labels": labels,
                      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": "2", "controller": true}]},
         "spec": whole["template"]["spec"],
         "status": {"phase": "Running", "containerStatuses": [{
             "name": "main", "ready": false, "restartCount": 9, "image": "i:1", "imageID": "",
             "state": {"waiting": {"reason": "CrashLoopBackOff"}},
             "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}},
    ]});
    std::fs::write(folder.path().join("all.json"), list.to_string()).expect("written");
    folder
}

#[test]
fn a_patch_sets_what_is_known_and_says_what_is_not() {
    let folder = workload("press", "ink", "press", &json!({}));
    let files = files(folder.path(), &["patches"]);
    let text = &files["patch.yaml"];
    let patch = &documents(text)[0];
    let spec = &patch["spec"];
    let container = &spec["template"]["spec"]["containers"][0];
    assert_eq!(patch["metadata"], json!({"name": "press", "namespace": "ink"}));
    assert_eq!(container["name"], "main");
    assert_eq!(container["readinessProbe"], json!({"tcpSocket": {"port": "web"}}), "the declared port");
    assert_eq!(spec["replicas"], 2);
    let spread = &spec["template"]["spec"]["topologySpreadConstraints"][0];
    assert_eq!(spread["labelSelector"]["matchLabels"], json!({"app": "press"}), "the selector's own labels");
    assert!(text.contains("# resources.requests.cpu: what it uses"), "{text}");
    assert!(text.contains("# httpGet: "), "{text}");
    assert!(container["resources"]["requests"].is_null(), "no number is invented: {text}");
}

#[test]
fn what_is_set_already_is_left_alone() {
    let spec = json!({
        "replicas": 3,
        "template": {"metadata": {"labels": {"app": "press"}}, "spec": {
            "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}],
            "containers": [{
                "name": "main", "image": "i:1", "ports": [{"containerPort": 8080}],
                "readinessProbe": {"tcpSocket": {"port": 8080}},
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
            }],
        }},
    });
    let folder = workload("press", "ink", "press", &spec);
    let made = files(folder.path(), &["patches"]);
    let text = made.get("patch.yaml").map_or("", String::as_str);
    for field in ["readinessProbe", "replicas", "topologySpreadConstraints", "requests"] {
        assert!(!text.contains(field), "{field}: {text}");
    }
    let budget = &documents(&made["budget.yaml"])[0];
    assert_eq!(budget["spec"], json!({"maxUnavailable": 1, "selector": {"matchLabels": {"app": "press"}}}));
}

#[test]
fn a_pod_that_holds_a_claim_is_not_doubled() {
    let spec = json!({"template": {"metadata": {"labels": {"app": "press"}}, "spec": {
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
        "containers": [{"name": "main", "image": "i:1", "ports": [{"containerPort": 8080}]}],
    }}});
    let folder = workload("press", "ink", "press", &spec);
    let text = files(folder.path(), &["patches"]).remove("patch.yaml").unwrap_or_default();
    assert!(text.contains("readinessProbe") && !text.contains("replicas"), "{text}");
}

#[test]
fn hostile_names_stay_text() {
    for name in [
        "$(reboot)",
        "a: b",
        "x'\"}\nkind: Namespace\n",
        "--- # x",
        "zz find out x: y",
        "`reboot`;reboot",
        "x\n## Escalate\n",
    ] {
        let folder = workload(name, name, name, &json!({}));
        let made = files(folder.path(), &["policy", "patches", "tests", "runbook"]);
        let wanted: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        assert!(
            made.contains_key("patch.yaml") && made.contains_key("regression_test.sh"),
            "{name}: {:?}",
            made.keys()
        );
        for (file, text) in made.iter().filter(|(file, _)| file.ends_with(".yaml")) {
            for object in documents(text) {
                assert_ne!(object["kind"], "Namespace", "{file}: {text}");
                if file == "patch.yaml" {
                    assert_eq!(object["metadata"]["name"], wanted.as_str(), "{text}");
                }
            }
        }
        let headings = made["runbook.md"].lines().filter(|line| line.starts_with("## ")).count();
        assert_eq!(headings, 6, "a name made a heading of its own: {}", made["runbook.md"]);
        ran_nothing(&made["regression_test.sh"], name);
    }
}

/// Runs a stub in a real shell whose tools do nothing and whose `reboot` tells.
fn ran_nothing(stub: &str, name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let ran = folder.path().join("ran");
    for (tool, body) in [("reboot", "#!/bin/sh\necho ran >> \"$RAN\"\n"), ("kubectl", "#!/bin/sh\nexit 0\n")] {
        let path = folder.path().join(tool);
        std::fs::write(&path, body).expect("a tool");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can run");
    }
    let file = folder.path().join("stub.sh");
    std::fs::write(&file, stub).expect("written");
    let output = Command::new("/bin/sh")
        .arg(&file)
        .env_clear()
        .env("PATH", folder.path())
        .env("RAN", &ran)
        .output()
        .expect("a shell");
    assert!(!ran.exists(), "{name}: {stub}");
    assert_eq!(output.status.code(), Some(1), "a stub fails: {stub}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is a stub") && !said.contains("yntax error"), "{said}\n{stub}");
}

#[test]
fn the_reference_incident_gets_a_load_test_with_its_numbers_and_keeps_its_limit() {
    let made = files(&root().join("examples/incidents/auth-token-cache"), &["policy", "tests", "patches"]);
    let test = &made["load_test.js"];
    assert!(test.starts_with("// STUB"), "{test}");
    let rate = test.lines().find_map(|l| l.strip_prefix("const USUAL_REQUESTS_A_SECOND = ")).expect("a rate");
    assert!(rate.trim_end_matches(';').parse::<u32>().is_ok_and(|rate| rate > 1), "{test}");
    let policy = &made["policies.yaml"];
    assert!(policy.contains("quantity('4G')") && policy.contains("c.name != 'auth'"), "{policy}");
    let patch = &documents(&made["patch.yaml"])[0];
    let container = &patch["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["name"], "auth");
    assert_eq!(container["resources"]["limits"]["memory"], "4G");
    assert!(patch["spec"]["replicas"].is_null(), "the evidence does not show how many: {patch}");
}

#[test]
fn every_failure_mode_has_a_stub_that_a_shell_reads() {
    let hits = hits();
    let made = parallel(&hits, |hit| files(hit, &["tests"]));
    let mut stubs = 0;
    for (hit, files) in hits.iter().zip(&made) {
        assert!(!files.is_empty(), "{}: no test", hit.display());
        let Some(stub) = files.get("regression_test.sh") else { continue };
        stubs += 1;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("stub.sh");
        std::fs::write(&file, stub).expect("written");
        let output = Command::new("/bin/sh").arg("-n").arg(&file).output().expect("a shell");
        assert!(output.status.success(), "{}: {}\n{stub}", hit.display(), String::from_utf8_lossy(&output.stderr));
    }
    assert!(stubs > 100, "{stubs}");
}
