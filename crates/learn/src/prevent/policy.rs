//! Admission policies that keep the fault out, where one exists for the failure mode.

use std::collections::BTreeSet;

use firstfault_catalog::PolicyTemplate;
use firstfault_model::Value as Body;
use serde_json::{Value, json};

use super::manifest::{documents, said};
use super::workload::{Workload, memory_limit};
use super::{Artifact, Kind, Situation};

/// Stands for the list of known registries.
const REGISTRIES: &str = "<registries>";

/// The policies of the likeliest theory's mode.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let Some(first) = situation.first() else { return Vec::new() };
    let templates = situation.catalog.policies.iter().filter(|p| p.prevents.contains(&first.failure_mode));
    let mut objects = Vec::new();
    let mut titles = Vec::new();
    for template in templates {
        let made = made(template, situation);
        if !made.is_empty() {
            titles.push(template.title.clone());
            objects.extend(made);
        }
    }
    if objects.is_empty() {
        return Vec::new();
    }
    let mut says =
        vec!["they warn and note at first; make it Deny (Enforce) when nothing is reported any more".to_owned()];
    if objects.iter().any(|(_, object)| object["kind"] == "ClusterPolicy") {
        says.push("a ClusterPolicy needs Kyverno, and rights to read what its rules look up".into());
    }
    vec![Artifact {
        kind: Kind::Policy,
        file: "policies.yaml".into(),
        title: "Admission policies".into(),
        says,
        digest: titles.join("\n"),
        contents: documents(&objects),
    }]
}

/// The objects of one template with the comment above each; none where the case cannot fill it in.
fn made(template: &PolicyTemplate, situation: &Situation) -> Vec<(String, Value)> {
    let name = format!("firstfault-{}", template.id);
    if !template.kyverno.is_empty() {
        let policy = json!({
            "apiVersion": "kyverno.io/v1",
            "kind": "ClusterPolicy",
            "metadata": {"name": name},
            "spec": {"background": true, "rules": template.kyverno},
        });
        return vec![(template.title.clone(), policy)];
    }
    let fill = |text: &str| filled(text, situation);
    let mut validations = Vec::new();
    for check in &template.checks {
        let Some(expression) = fill(&check.expression) else { return Vec::new() };
        validations.push(json!({"expression": expression, "message": check.message}));
    }
    let mut conditions = Vec::new();
    for (nth, condition) in template.conditions.iter().enumerate() {
        let Some(expression) = fill(condition) else { return Vec::new() };
        conditions.push(json!({"name": format!("condition-{}", nth + 1), "expression": expression}));
    }
    let rules: Vec<Value> = template
        .on
        .iter()
        .map(|on| {
            json!({
                "apiGroups": [on.group], "apiVersions": [on.version],
                "operations": on.operations, "resources": on.resources,
            })
        })
        .collect();
    let mut spec = json!({
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": rules},
        "validations": validations,
    });
    if !conditions.is_empty() {
        spec["matchConditions"] = conditions.into();
    }
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name}, "spec": spec,
    });
    let mut bound = json!({"policyName": name, "validationActions": ["Warn", "Audit"]});
    let mut comment = "Where it holds".to_owned();
    if let Some(namespace) = situation.first().and_then(|h| h.entity.namespace.as_deref()) {
        bound["matchResources"] =
            json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": said(namespace)}}});
        comment.push_str(": at first in the namespace of the incident");
    }
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": bound,
    });
    let mut title = template.title.clone();
    if template.checks.iter().any(|check| check.expression.contains(REGISTRIES)) {
        title.push_str(
            "\nThe registries are those that running pods of the evidence were pulled from: complete the list.",
        );
    }
    vec![(title, policy), (comment, binding)]
}

/// An expression with the case's values; nothing where the case has no value for a placeholder.
fn filled(text: &str, situation: &Situation) -> Option<String> {
    let first = situation.first()?;
    let mut out = text.to_owned();
    let limit = || memory_limit(situation);
    let known = |placeholder: &str| -> Option<String> {
        match placeholder {
            "<namespace>" => first.entity.namespace.clone(),
            "<name>" => Some(first.entity.name.clone()),
            "<container>" => Some(limit()?.0.or_else(|| only_container(situation)).unwrap_or_default()),
            "<memory-limit>" => Some(limit()?.1),
            _ => None,
        }
    };
    for placeholder in ["<namespace>", "<name>", "<container>", "<memory-limit>"] {
        if out.contains(placeholder) {
            out = out.replace(placeholder, &inside_quotes(&known(placeholder)?));
        }
    }
    if out.contains(REGISTRIES) {
        let registries = registries(situation);
        if registries.is_empty() {
            return None;
        }
        let listed: Vec<String> = registries.iter().map(|r| format!("'{}'", inside_quotes(r))).collect();
        out = out.replace(REGISTRIES, &format!("[{}]", listed.join(", ")));
    }
    Some(out)
}

/// The container of the first theory's workload, if it has only one.
fn only_container(situation: &Situation) -> Option<String> {
    let workload = Workload::of(&situation.first()?.entity, situation.world?)?;
    let mut containers = workload.containers();
    (containers.len() == 1).then(|| containers.remove(0).name)
}

/// A text as it stands inside single quotes of CEL.
fn inside_quotes(text: &str) -> String {
    said(text).replace('\\', "\\\\").replace('\'', "\\'")
}

/// Registries that running pods of others were pulled from: those that work.
fn registries(situation: &Situation) -> BTreeSet<String> {
    let (Some(world), Some(first)) = (situation.world, situation.first()) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for pod in world.kind("Pod") {
        let own = world.carrier(pod);
        if own.name == first.entity.name.as_str() && own.namespace.as_deref() == first.entity.namespace.as_deref() {
            continue;
        }
        let running = pod.at("status.phase").text() == "Running";
        for container in pod.at("spec.containers").list().iter().filter(|_| running) {
            found.extend(registry(container.get("image")));
        }
    }
    found
}

/// The host of an image's reference, where it names one.
fn registry(image: &Body) -> Option<String> {
    let (host, _) = image.text().split_once('/')?;
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    (plain && (host.contains('.') || host.contains(':'))).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_a_host_and_no_path() {
        assert_eq!(registry(&Body::str("registry.example:5000/shop:1")).as_deref(), Some("registry.example:5000"));
        assert_eq!(registry(&Body::str("library/shop:1")), None);
        assert_eq!(registry(&Body::str("shop")), None);
        assert_eq!(registry(&Body::str("a'b.c/x")), None);
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(inside_quotes(r"a' || true || 'b\"), r"a\' || true || \'b\\");
    }
}
