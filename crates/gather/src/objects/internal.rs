//! Objects as kubectl up to 1.13 dumped them: Go's field names (`Spec`, `NodeName`, `HTTPGet`),
//! no kind, the metadata at the top. They are folded to the API's shape.

use firstfault_model::{Map, Name, Value};

/// Maps whose keys are data and no field names.
const DATA: &[&str] = &[
    "labels",
    "annotations",
    "limits",
    "requests",
    "capacity",
    "allocatable",
    "nodeSelector",
    "matchLabels",
    "data",
    "stringData",
    "hard",
    "used",
    "parameters",
    "Limits",
    "Requests",
    "Capacity",
    "Allocatable",
    "NodeSelector",
    "Data",
    "StringData",
    "Hard",
    "Used",
    "Parameters",
];

/// Whether an object has that shape.
pub(crate) fn is_internal(value: &Value) -> bool {
    value.get("metadata").is_null()
        && value.get("name").as_str().is_some()
        && value.entries().any(|(key, _)| key.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Folds an object.
pub(crate) fn fold(value: Value) -> Value {
    let Value::Map(map) = value else { return value };
    let (fields, metadata) = map.0.into_iter().partition(|(key, _)| key.starts_with(|c: char| c.is_ascii_uppercase()));
    let Value::Map(mut object) = fold_value(Value::Map(Map(fields)), false) else { return Value::Null };
    object.0.push(("metadata".into(), Value::Map(Map(metadata))));
    Value::Map(object)
}

fn fold_value(value: Value, data: bool) -> Value {
    match value {
        Value::List(list) => Value::List(list.into_iter().map(|item| fold_value(item, false)).collect()),
        Value::Map(map) if !data => Value::Map(Map(map.0.into_iter().map(fold_pair).collect())),
        other => other,
    }
}

fn fold_pair((key, value): (Name, Value)) -> (Name, Value) {
    // A Service's selector is a plain map of labels; elsewhere it has named parts in lower case.
    let data = DATA.contains(&key.as_str()) || key == "Selector";
    (field_name(&key), fold_value(value, data))
}

/// `PodIP` → `podIP`, `HTTPGet` → `httpGet`, `UID` → `uid`.
fn field_name(go: &str) -> Name {
    let capitals = go.bytes().take_while(u8::is_ascii_uppercase).count();
    let lowered = if capitals == go.len() || capitals <= 1 { capitals } else { capitals - 1 };
    Name::from(go[..lowered].to_ascii_lowercase() + &go[lowered..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_follow_the_api() {
        for (go, api) in [
            ("PodIP", "podIP"),
            ("HTTPGet", "httpGet"),
            ("UID", "uid"),
            ("FSType", "fsType"),
            ("NodeName", "nodeName"),
            ("ExternalIPs", "externalIPs"),
            ("name", "name"),
        ] {
            assert_eq!(field_name(go), api);
        }
    }

    #[test]
    fn an_object_gets_the_shape_of_the_api() {
        let text = r#"{"name":"web-1","namespace":"shop","labels":{"App":"web"},
            "Spec":{"NodeName":"n1","NodeSelector":{"Disk":"ssd"},"Containers":[{"Name":"web","Image":"w:1",
            "Resources":{"Limits":{"CPU":"1"}}}]},"Status":{"Phase":"Running","PodIP":"10.1.1.1"}}"#;
        let value = super::super::json_value::parse(text, &mut Default::default()).expect("valid");
        assert!(is_internal(&value));
        let object = fold(value);
        assert_eq!(object.at("metadata.namespace").text(), "shop");
        assert_eq!(object.at("metadata.labels.App").text(), "web");
        assert_eq!(object.at("spec.containers.0.image").text(), "w:1");
        assert_eq!(object.at("spec.containers.0.resources.limits.CPU").text(), "1");
        assert_eq!(object.at("spec.nodeSelector.Disk").text(), "ssd");
        assert_eq!(object.at("status.podIP").text(), "10.1.1.1");
    }
}
