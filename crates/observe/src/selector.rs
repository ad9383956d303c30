//! Label selectors, evaluated against labels.

use firstfault_model::Value;

/// Whether `labels` satisfy a label selector (`matchLabels` and `matchExpressions`).
/// An empty selector matches everything; a `Null` one nothing, as in the API.
pub fn matches(selector: &Value, labels: &Value) -> bool {
    if selector.is_null() {
        return false;
    }
    has_all(selector.at("matchLabels"), labels)
        && selector.at("matchExpressions").list().iter().all(|requirement| meets(requirement, labels))
}

/// Whether `labels` hold every key and value of `wanted`.
pub fn has_all(wanted: &Value, labels: &Value) -> bool {
    wanted.entries().all(|(key, value)| {
        let label = labels.get(key);
        !label.is_null() && label.show() == value.show()
    })
}

/// Whether `labels` meet one requirement of `matchExpressions`.
pub fn meets(requirement: &Value, labels: &Value) -> bool {
    let value = labels.get(requirement.at("key").text());
    let one_of = || requirement.at("values").list().iter().any(|v| v.show() == value.show());
    match requirement.at("operator").text() {
        "In" => !value.is_null() && one_of(),
        "NotIn" => value.is_null() || !one_of(),
        "Exists" => !value.is_null(),
        "DoesNotExist" => value.is_null(),
        "Gt" => compare(value, requirement).is_some_and(|(label, bound)| label > bound),
        "Lt" => compare(value, requirement).is_some_and(|(label, bound)| label < bound),
        // An operator that nobody knows excludes nothing.
        _ => true,
    }
}

fn compare(label: &Value, requirement: &Value) -> Option<(i64, i64)> {
    Some((label.as_int()?, requirement.at("values.0").as_int()?))
}

/// A selector as a person would type it: `app=web,tier in (a,b)`.
pub fn show(selector: &Value) -> String {
    let mut parts: Vec<String> = show_labels(selector.at("matchLabels"));
    parts.extend(selector.at("matchExpressions").list().iter().map(show_requirement));
    parts.join(",")
}

/// Labels as `key=value` each.
pub fn show_labels(labels: &Value) -> Vec<String> {
    labels.entries().map(|(key, value)| format!("{key}={}", value.show())).collect()
}

/// One requirement as a person would type it.
pub fn show_requirement(requirement: &Value) -> String {
    let key = requirement.at("key").text();
    let values: Vec<_> = requirement.at("values").list().iter().map(Value::show).collect();
    let values = values.join(",");
    match requirement.at("operator").text() {
        "In" => format!("{key} in ({values})"),
        "NotIn" => format!("{key} not in ({values})"),
        "Exists" => key.to_owned(),
        "DoesNotExist" => format!("!{key}"),
        "Gt" => format!("{key} > {values}"),
        "Lt" => format!("{key} < {values}"),
        other => format!("{key} {other} {values}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::json;

    #[test]
    fn every_operator_is_evaluated() {
        let labels = json(r#"{"zone":"b","size":"12","gpu":"true"}"#);
        for (requirement, expected) in [
            (r#"{"key":"zone","operator":"In","values":["a","b"]}"#, true),
            (r#"{"key":"zone","operator":"NotIn","values":["b"]}"#, false),
            (r#"{"key":"none","operator":"NotIn","values":["b"]}"#, true),
            (r#"{"key":"gpu","operator":"Exists"}"#, true),
            (r#"{"key":"gpu","operator":"DoesNotExist"}"#, false),
            (r#"{"key":"size","operator":"Gt","values":["8"]}"#, true),
            (r#"{"key":"size","operator":"Lt","values":["8"]}"#, false),
            (r#"{"key":"zone","operator":"Gt","values":["8"]}"#, false),
        ] {
            assert_eq!(meets(&json(requirement), &labels), expected, "{requirement}");
        }
    }

    #[test]
    fn an_empty_selector_matches_and_an_unset_one_does_not() {
        assert!(matches(&json("{}"), &json(r#"{"a":"b"}"#)));
        assert!(!matches(&Value::Null, &json(r#"{"a":"b"}"#)));
        assert!(matches(&json(r#"{"matchLabels":{"a":"b"}}"#), &json(r#"{"a":"b","c":"d"}"#)));
    }
}
