//! What a support bundle says of the API itself: which kinds it serves, and what its collector might read.

use firstfault_model::{Entity, Evidence, Masked, Place};
use serde_json::Value;

use super::problem;
use crate::formats::Chunk;
use crate::{CanI, Yield};

/// `cluster-resources/groups.json` and `resources.json`.
pub(crate) fn is_discovery(chunk: &Chunk<'_>) -> u8 {
    let named =
        ["groups.json", "resources.json"].iter().any(|file| chunk.path.ends_with(&format!("cluster-resources/{file}")));
    let shaped = ["\"groupVersion\"", "\"preferredVersion\"", "\"versions\""]
        .iter()
        .any(|key| super::head(chunk.text).contains(key));
    if named && shaped { 95 } else { 0 }
}

/// The kinds that a cluster serves say nothing of what is there.
pub(crate) fn read_discovery(_: &Chunk<'_>, _: &mut Yield) {}

/// `cluster-resources/auth-cani-list/NAMESPACE.json`: the rules of a `SelfSubjectRulesReview`.
pub(crate) fn is_rights(chunk: &Chunk<'_>) -> u8 {
    if chunk.path.contains("cluster-resources/auth-cani-list/") && chunk.path.ends_with(".json") { 95 } else { 0 }
}

/// Kinds without which little can be said of a namespace.
const NEEDED: &[&str] = &["pods", "events", "services"];

/// The rights are the collector's own and not those of any workload. What it may not list was not looked at.
pub(crate) fn read_rights(chunk: &Chunk<'_>, out: &mut Yield) {
    let Ok(Value::Array(rules)) = serde_json::from_str::<Value>(chunk.text.trim()) else {
        return problem(chunk, chunk.first_line, "no whole JSON document".to_owned(), out);
    };
    let file = chunk.path.rsplit('/').next().unwrap_or_default();
    let namespace = file.trim_end_matches(".json");
    for rule in &rules {
        let words = |key: &str| rule.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        // A rule for named objects does not allow to list them.
        if words("resourceNames").next().is_some() {
            continue;
        }
        for (resource, verb) in words("resources").flat_map(|r| words("verbs").map(move |v| (r, v))).take(2_000) {
            out.can_i.push(CanI {
                subject: None,
                verb: verb.to_owned(),
                resource: resource.to_owned(),
                namespace: Some(namespace.to_owned()),
                allowed: true,
                evidence: Evidence {
                    place: Place::line(chunk.path, chunk.first_line),
                    excerpt: Masked::new(&format!("the collector may {verb} {resource} in {namespace}")),
                },
            });
        }
    }
    let may_list = |kind: &str| {
        out.can_i.iter().any(|c| matches!(c.verb.as_str(), "list" | "*") && (c.resource == kind || c.resource == "*"))
    };
    let hidden: Vec<&str> = NEEDED.iter().copied().filter(|kind| !may_list(kind)).collect();
    if !hidden.is_empty() {
        let of = Entity::new("Namespace", namespace);
        problem(chunk, chunk.first_line, format!("the collector may not list {} in {of}", hidden.join(", ")), out);
    }
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    #[test]
    fn what_the_collector_may_not_list_is_said() {
        let read = |rules: &str| read_one_text("b/cluster-resources/auth-cani-list/shop.json", None, rules);
        let all = read(r#"[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]"#);
        assert_eq!((all.read_as.as_str(), all.problems.len(), all.can_i.len()), ("the collector's rights", 0, 1));
        let few = read(
            r#"[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","services"]},
                {"verbs":["list"],"apiGroups":[""],"resources":["events"],"resourceNames":["one"]},
                {"verbs":["get"],"nonResourceURLs":["/healthz"]}]"#,
        );
        assert_eq!(few.problems[0].what, "the collector may not list events in Namespace/shop");
        assert!(few.can_i.iter().all(|answer| answer.subject.is_none()), "no workload's rights");
        assert_eq!(read("[{\"verbs\"").problems.len(), 1);
    }

    #[test]
    fn discovery_is_named_and_a_list_of_that_name_is_not() {
        let read = |path: &str, text: &str| read_one_text(path, None, text).read_as;
        let groups = r#"[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]"#;
        assert_eq!(read("b/cluster-resources/groups.json", groups), "the kinds that the API serves");
        let list = r#"{"kind":"List","apiVersion":"v1","items":[]}"#;
        assert_eq!(read("b/cluster-resources/resources.json", list), "Kubernetes objects (JSON)");
    }
}
