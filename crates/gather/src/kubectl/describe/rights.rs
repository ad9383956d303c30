//! Service accounts, roles and bindings.

use firstfault_model::Value;

use super::Description;
use super::grid::Grid;
use crate::kubectl::words;

/// A ServiceAccount.
pub(super) fn service_account(description: &Description, body: &mut Value) {
    for (key, field) in [("Image pull secrets", "imagePullSecrets"), ("Mountable secrets", "secrets")] {
        let Some(node) = description.find(key) else { continue };
        let name = |text: &str| {
            let name = text.split(" (not found)").next().unwrap_or(text);
            words::map([("name", Value::str(name.trim()))])
        };
        let names: Vec<_> = node.values().filter_map(words::known).map(name).collect();
        body.set(field, Value::List(names));
    }
}

/// A Role or ClusterRole: the table under `PolicyRule:`.
pub(super) fn role(description: &Description, body: &mut Value) {
    let Some(grid) = description.find("PolicyRule").and_then(Grid::under) else { return };
    let mut rules = Vec::new();
    for row in grid.rows() {
        let mut rule = Value::default();
        let verbs = row.cell("Verbs");
        rule.set("verbs", bracketed(verbs));
        let resource = row.cell("Resources");
        if words::known(resource).is_some() {
            let (resource, group) = match resource.split_once('/') {
                Some((head, sub)) => {
                    let (kind, group) = head.split_once('.').unwrap_or((head, ""));
                    (format!("{kind}/{sub}"), group)
                }
                None => {
                    let (kind, group) = resource.split_once('.').unwrap_or((resource, ""));
                    (kind.to_owned(), group)
                }
            };
            rule.set("resources", Value::List(vec![Value::str(&resource)]));
            rule.set("apiGroups", Value::List(vec![Value::str(group)]));
        }
        for (title, field) in [("Non-Resource URLs", "nonResourceURLs"), ("Resource Names", "resourceNames")] {
            let list = bracketed(row.cell(title));
            if !list.list().is_empty() {
                rule.set(field, list);
            }
        }
        rules.push(rule);
    }
    body.set("rules", Value::List(rules));
}

/// `[get list watch]`.
pub(super) fn bracketed(text: &str) -> Value {
    Value::List(text.trim_matches(['[', ']']).split_whitespace().map(Value::str).collect())
}

/// A RoleBinding or ClusterRoleBinding.
pub(super) fn binding(description: &Description, body: &mut Value) {
    if let Some(role) = description.find("Role") {
        let pairs = [("kind", Value::str(role.value_of("Kind"))), ("name", Value::str(role.value_of("Name")))];
        body.set("roleRef", words::map(pairs));
    }
    let Some(node) = description.find("Subjects") else { return };
    let subjects = Grid::under(node).map(|grid| {
        let subject = |row: super::grid::GridRow| {
            let mut body = Value::default();
            words::set_known(&mut body, "kind", row.cell("Kind"));
            words::set_known(&mut body, "name", row.cell("Name"));
            words::set_known(&mut body, "namespace", row.cell("Namespace"));
            body
        };
        grid.rows().map(subject).collect()
    });
    body.set("subjects", Value::List(subjects.unwrap_or_default()));
}
