//! JSON text into the model's `Value`: shared keys and texts, what nobody needs left out.

use std::fmt;

use firstfault_model::{Interner, Map, Name, Value};
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Parses one value. Deeper nesting than serde_json's own limit (128) is an error.
pub(crate) fn parse(text: &str, names: &mut Interner) -> Result<Value, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_any(Build { names, share: true }).map_err(|error| match error.to_string() {
        deep if deep.contains("recursion limit") => "nested deeper than 128 levels".to_owned(),
        other => format!("not valid JSON: {other}"),
    })
}

/// What to do with the value of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Keep it, equal texts shared.
    Shared,
    /// Keep it; its text is different in every object.
    Unique,
    /// Leave it out: bookkeeping that repeats the object, or bulk without meaning.
    Not,
}

/// What the value of a key is worth.
pub(crate) fn keep(key: &str) -> Keep {
    match key {
        "managedFields" | "kubectl.kubernetes.io/last-applied-configuration" | "caBundle" | "selfLink" => Keep::Not,
        _ if key.starts_with("objectset.rio.cattle.io/applied") => Keep::Not,
        "uid" | "containerID" | "podIP" | "ip" | "resourceVersion" => Keep::Unique,
        _ => Keep::Shared,
    }
}

struct Build<'i> {
    names: &'i mut Interner,
    share: bool,
}

impl Build<'_> {
    fn name(&mut self, text: &str) -> Name {
        if self.share { self.names.name(text) } else { Name::from(text) }
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(mut self, text: &str) -> Result<Value, E> {
        Ok(Value::Str(self.name(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(Build { names: self.names, share: self.share })? {
            list.push(value);
        }
        list.shrink_to_fit();
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key_seed(Key(self.names))? {
            let keep = keep(&key);
            if keep == Keep::Not {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value_seed(Build { names: self.names, share: keep == Keep::Shared })?;
            pairs.push((key, value));
        }
        pairs.shrink_to_fit();
        Ok(Value::Map(Map(pairs)))
    }
}

struct Key<'i>(&'i mut Interner);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Name;
    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Name, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Name;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, text: &str) -> Result<Name, E> {
        Ok(self.0.name(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_types_and_bookkeeping_goes() {
        let mut names = Interner::default();
        let text = r#"{"metadata":{"name":"a","managedFields":[{"x":{}}]},"n":3,"f":1.5,"b":true,"z":null,"s":"true"}"#;
        let value = parse(text, &mut names).expect("valid");
        assert_eq!(value.at("metadata.name").text(), "a");
        assert!(value.at("metadata.managedFields").is_null());
        assert_eq!(value.at("n"), &Value::Int(3));
        assert_eq!(value.at("f"), &Value::Float(1.5));
        assert_eq!(value.at("s"), &Value::str("true"));
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let error = parse(&text, &mut Interner::default()).expect_err("too deep");
        assert_eq!(error, "nested deeper than 128 levels");
        let ignored = format!(r#"{{"managedFields":{text}}}"#);
        assert!(parse(&ignored, &mut Interner::default()).is_ok());
    }
}
