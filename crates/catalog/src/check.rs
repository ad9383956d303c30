use crate::Catalog;

/// What is wrong with the catalogue, each with its file: unknown findings, effects and modes,
/// modes that cannot be reached, remedies without a way back, tests that change something.
#[must_use]
pub fn check(catalog: &Catalog) -> Vec<String> {
    let mut problems = Vec::new();
    for (id, mode) in &catalog.modes {
        let file = catalog.files.get(id).map_or("?", String::as_str);
        let mut say = |what: String| problems.push(format!("{file}: {what}"));
        let findings = mode.needs.iter().chain(mode.shows.keys()).chain(&mode.refutes);
        for finding in findings.filter(|f| !catalog.declarations.contains_key(f.as_str())) {
            say(format!("unknown finding `{finding}`"));
        }
        if mode.needs.is_empty() {
            say("needs no finding, so it can never be a theory".into());
        }
        for effect in mode.spreads.values().filter(|e| !catalog.effects.contains_key(*e)) {
            say(format!("unknown effect `{effect}`"));
        }
        for relation in mode.spreads.keys().filter(|r| !RELATIONS.contains(&r.as_str())) {
            say(format!("unknown relation `{relation}`"));
        }
        for other in mode.mistaken_for.iter().chain(&mode.twin).filter(|m| !catalog.modes.contains_key(*m)) {
            say(format!("unknown failure mode `{other}`"));
        }
        if !(0.01..=10.0).contains(&mode.prior) {
            say(format!("prior {} is not between 0.01 and 10", mode.prior));
        }
        for (what, empty) in [
            ("test", mode.tests.is_empty()),
            ("remedy", mode.remedies.is_empty()),
            ("prevention", mode.prevents.is_empty()),
            ("reference", mode.references.is_empty()),
        ] {
            if empty {
                say(format!("has no {what}"));
            }
        }
        for test in mode.tests.iter().filter(|t| writes(&t.command)) {
            say(format!("the test `{}` changes something", test.command));
        }
        for remedy in &mode.remedies {
            if remedy.rollback.trim().is_empty() || remedy.verification.trim().is_empty() {
                say(format!("the remedy `{}` has no way back or no verification", remedy.title));
            }
            if !matches!(remedy.kind.as_str(), "restore" | "fix") {
                say(format!("the remedy `{}` is neither `restore` nor `fix`", remedy.title));
            }
            for step in remedy.steps.iter().filter(|s| destroys(s)) {
                say(format!("the step `{step}` destroys data or forces a deletion"));
            }
        }
    }
    for alert in &catalog.alerts {
        let unknown = |w: &&String| match w.strip_suffix('*') {
            Some(start) => !catalog.declarations.keys().any(|id| id.starts_with(start)),
            None => !catalog.declarations.contains_key(w.as_str()),
        };
        for finding in alert.watches.iter().filter(unknown) {
            problems.push(format!("alerts: {}: unknown finding `{finding}`", alert.alert));
        }
    }
    for policy in &catalog.policies {
        let mut say = |what: String| problems.push(format!("policies: {}: {what}", policy.id));
        for mode in policy.prevents.iter().filter(|m| !catalog.modes.contains_key(*m)) {
            say(format!("unknown failure mode `{mode}`"));
        }
        if policy.checks.is_empty() == policy.kyverno.is_empty() || policy.checks.is_empty() != policy.on.is_empty() {
            say("has to have either checks and what they look at, or rules of Kyverno".into());
        }
    }
    for (effect, findings) in &catalog.effects {
        for finding in findings.keys().filter(|f| !catalog.declarations.contains_key(f.as_str())) {
            problems.push(format!("effects.yaml: {effect}: unknown finding `{finding}`"));
        }
    }
    problems
}

/// The words of `Relation` that a mode can spread along.
const RELATIONS: &[&str] = &[
    "owns",
    "runs-on",
    "selects",
    "routes-to",
    "calls",
    "mounts",
    "reads-config",
    "bound-to",
    "scales",
    "contains",
    "authenticates-with",
    "constrains",
];

/// Verbs of usual tools that change something.
const WRITING: &[&str] = &[
    "kubectl apply",
    "kubectl create",
    "kubectl delete",
    "kubectl edit",
    "kubectl patch",
    "kubectl scale",
    "kubectl set ",
    "kubectl label",
    "kubectl annotate",
    "kubectl taint",
    "kubectl cordon",
    "kubectl uncordon",
    "kubectl drain",
    "kubectl rollout restart",
    "kubectl rollout undo",
    "kubectl run",
    "kubectl replace",
    "systemctl restart",
    "systemctl start",
    "systemctl stop",
    "helm upgrade",
    "helm rollback",
    "rm ",
    "docker pull",
    "crictl pull",
    "crictl rm",
];

fn writes(command: &str) -> bool {
    WRITING.iter().any(|verb| command.contains(verb)) && !command.contains("--dry-run")
}

fn destroys(step: &str) -> bool {
    let step = step.to_lowercase();
    [
        "delete pvc",
        "delete pv ",
        "delete persistentvolume",
        "delete namespace",
        "delete ns ",
        "--force",
        "--grace-period=0",
        "rm -rf",
        "drop table",
        "drop database",
        "truncate ",
    ]
    .iter()
    .any(|word| step.contains(word))
}
