//! Kinds without a describer of their own: the whole object, with spoken keys (`Last Transition Time`).

use firstfault_model::{Map, Value};

use super::Description;
use super::grid::lower_first;
use super::tree::Node;
use crate::kubectl::{ages, words};

/// Top-level keys that are not fields of the body.
const HEAD: &[&str] = &["Name", "Namespace", "Labels", "Annotations", "Events", "Created on"];

/// Fields that hold lists, also when they hold one item only.
const LISTS: &[&str] = &[
    "conditions",
    "rules",
    "parentRefs",
    "backendRefs",
    "listeners",
    "hostnames",
    "parents",
    "matches",
    "filters",
    "containers",
    "initContainers",
    "ports",
    "subjects",
    "addresses",
    "env",
    "volumes",
    "volumeMounts",
    "tcp",
    "servers",
    "hosts",
    "subsets",
    "route",
    "routes",
    "gateways",
    "webhooks",
    "versions",
    "finalizers",
    "ownerReferences",
    "managedFields",
    "tolerations",
    "taints",
    "dnsNames",
    "recommendations",
    "containerRecommendations",
    "containerPolicies",
    "allowedRoutes",
    "certificateRefs",
    "endpoints",
    "metrics",
    "triggers",
    "attachments",
    "accessModes",
    "resources",
    "sources",
    "supportedKinds",
    "imagePullSecrets",
    "topologyKeys",
    "items",
];

/// Fields that hold mappings although their items look like a list.
const MAPPINGS: &[&str] = &["resources", "allowedRoutes", "status", "spec"];

/// Depth of a body; deeper parts are left out.
const DEEPEST: usize = 32;

/// Fills in the body.
pub(super) fn fill(description: &Description, body: &mut Value) {
    for node in &description.nodes {
        if node.key.is_empty() || HEAD.contains(&node.key) {
            continue;
        }
        let key = field(node.key);
        let value = value(&key, node, 0);
        if key == "metadata" {
            body.entry("metadata").fill_from(&value);
        } else {
            *body.entry(&key) = value;
        }
    }
}

fn value(key: &str, node: &Node, depth: usize) -> Value {
    if depth >= DEEPEST {
        return Value::Null;
    }
    if node.children.is_empty() {
        return scalar(key, &node.text());
    }
    if node.children.iter().all(|child| child.key.is_empty()) {
        return Value::List(node.lines_below().into_iter().map(|line| scalar("", line)).collect());
    }
    let items = items(&node.children);
    let mut items: Vec<_> = items.into_iter().map(|item| mapping(item, depth + 1)).collect();
    let is_list = items.len() > 1 || (LISTS.contains(&key) && !MAPPINGS.contains(&key));
    if is_list { Value::List(items) } else { items.pop().unwrap_or_default() }
}

fn mapping(nodes: &[Node], depth: usize) -> Value {
    let mut map = Map::default();
    for node in nodes.iter().filter(|node| !node.key.is_empty()) {
        let key = field(node.key);
        *map.entry(&key) = value(&key, node, depth);
    }
    Value::Map(map)
}

/// Keys are printed in order; where the order falls back, the next item of a list begins.
fn items<'n, 'a>(nodes: &'n [Node<'a>]) -> Vec<&'n [Node<'a>]> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in 1..nodes.len() {
        if field(nodes[at].key) <= field(nodes[at - 1].key) {
            found.push(&nodes[from..at]);
            from = at;
        }
    }
    if from < nodes.len() {
        found.push(&nodes[from..]);
    }
    found
}

fn scalar(key: &str, text: &str) -> Value {
    // The status of a condition is a text in the API.
    if text == "True" || text == "False" || text == "Unknown" {
        return Value::str(text);
    }
    if (key.ends_with("Time") || key.ends_with("Timestamp"))
        && let Some(time) = ages::time(text)
    {
        return Value::str(&time.to_string());
    }
    words::scalar(text)
}

/// `Last Transition Time` → `lastTransitionTime`, `API Version` → `apiVersion`.
fn field(spoken: &str) -> String {
    let mut parts = spoken.split(' ').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or("");
    let whole = spoken.contains(['.', '/', '_']) || first.is_empty();
    if whole {
        return spoken.to_owned();
    }
    let first =
        if first.bytes().all(|b| b.is_ascii_uppercase()) { first.to_ascii_lowercase() } else { lower_first(first) };
    parts.fold(first, |field, part| field + part)
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    const CERTIFICATE: &str = "\
Spec:
  Dns Names:
    shop.example.org
    www.example.org
  Issuer Ref:
    Kind:  ClusterIssuer
    Name:  letsencrypt
Status:
  Conditions:
    Last Transition Time:  2026-02-03T04:05:06Z
    Message:               Issuing certificate as Secret does not exist
    Reason:                DoesNotExist
    Status:                False
    Type:                  Ready
    Last Transition Time:  2026-02-03T04:05:06Z
    Status:                True
    Type:                  Issuing
";

    #[test]
    fn keys_and_lists_come_back() {
        let lines: Vec<_> = CERTIFICATE.lines().collect();
        let nodes = tree::grow(&lines, 0..lines.len());
        let spec = value("spec", &nodes[0], 0);
        assert_eq!(spec.at("dnsNames.1").text(), "www.example.org");
        assert_eq!(spec.at("issuerRef.kind").text(), "ClusterIssuer");
        let status = value("status", &nodes[1], 0);
        assert_eq!(status.at("conditions").list().len(), 2);
        assert_eq!(status.at("conditions.0.status").text(), "False");
        assert_eq!(status.at("conditions.1.type").text(), "Issuing");
        assert_eq!(field("API Version"), "apiVersion");
        assert_eq!(field("cert-manager.io/x"), "cert-manager.io/x");
    }
}
