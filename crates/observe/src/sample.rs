//! Objects and events built by hand, for the tests of detectors.

use firstfault_gather::{Event, Form, Object, Origin, World};
use firstfault_model::{Entity, Finding, Map, Name, Place, Value};

/// A tree from JSON text.
pub(crate) fn json(text: &str) -> Value {
    from(&serde_json::from_str(text).expect("a test's own JSON"))
}

fn from(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap_or_default()), Value::Int)
        }
        serde_json::Value::String(text) => Value::str(text),
        serde_json::Value::Array(list) => Value::List(list.iter().map(from).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(Map(map.iter().map(|(k, v)| (Name::from(k.as_str()), from(v))).collect()))
        }
    }
}

/// A world that is filled by hand.
#[derive(Default)]
pub(crate) struct Sample(pub(crate) World);

impl Sample {
    /// Adds an object as the API prints it. `at` is `Kind/namespace/name` or `Kind/name`.
    pub(crate) fn api(self, at: &str, body: &str) -> Self {
        self.put(at, body, Form::Api)
    }

    /// Adds an object that only a manifest asks for.
    pub(crate) fn manifest(self, at: &str, body: &str) -> Self {
        self.put(at, body, Form::Manifest)
    }

    fn put(mut self, at: &str, body: &str, form: Form) -> Self {
        let entity = entity(at);
        let place = Place::line(&Name::from("objects.json"), 1);
        let object = Object {
            kind: entity.kind.clone(),
            namespace: entity.namespace.clone(),
            name: entity.name.clone(),
            body: json(body),
            origins: vec![Origin { place, form }],
        };
        self.0.objects.insert((entity.kind, entity.namespace, entity.name), object);
        self
    }

    /// Says that a kind was listed completely everywhere.
    pub(crate) fn listed(mut self, kinds: &[&str]) -> Self {
        for kind in kinds {
            self.0.coverage.saw(kind, None, firstfault_model::Looked::Completely);
        }
        self
    }

    /// Adds an event.
    pub(crate) fn event(mut self, about: &str, reason: &str, message: &str) -> Self {
        self.0.events.push(Event {
            about: entity(about),
            warning: true,
            reason: reason.into(),
            message: message.into(),
            from: Name::default(),
            count: 3,
            first: None,
            last: None,
            ago: None,
            place: Place::line(&Name::from("events.txt"), 2),
        });
        self.0.index_events();
        self
    }

    /// What a detector finds, as `id entity` lines in order.
    pub(crate) fn found(&self, detect: fn(&World, &mut Vec<Finding>)) -> Vec<Finding> {
        let mut findings = Vec::new();
        detect(&self.0, &mut findings);
        findings
    }
}

/// `Kind/namespace/name` or `Kind/name`.
pub(crate) fn entity(at: &str) -> Entity {
    let parts: Vec<&str> = at.split('/').collect();
    match parts[..] {
        [kind, namespace, name] => Entity::namespaced(kind, namespace, name),
        [kind, name] => Entity::new(kind, name),
        _ => panic!("a test's own entity: {at}"),
    }
}

/// The ids among findings, sorted, each once.
pub(crate) fn ids(findings: &[Finding]) -> Vec<&'static str> {
    let mut ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
