//! From a value to what the World keeps: an object, an event, a complaint of the API.

use firstfault_model::{Evidence, Masked, Name, Place, Value};

use crate::{CommandError, Form, Object, Origin, Yield};

use super::tree::Hint;
use super::{events, internal, secret};
use crate::kinds;

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// An object of a kind in a namespace, seen in the cluster or only asked for.
    Object(Name, Option<Name>, Form),
    /// An event.
    Event,
    /// An answer of the API that is no object.
    Complaint,
    /// Nothing of Kubernetes.
    Foreign,
}

/// Takes one value. `kind` is the kind that the list around it gives its items.
pub(crate) fn accept(value: Value, kind: Option<&str>, hint: &Hint, place: Place, out: &mut Yield) -> Accepted {
    let mut value = if internal::is_internal(&value) { internal::fold(value) } else { value };
    let own = value.get("kind").as_name().filter(|name| !name.is_empty()).cloned();
    let Some(kind) = own.or_else(|| kind.map(Name::from)).or_else(|| hint.kind.map(Name::from)) else {
        return Accepted::Foreign;
    };
    if kind == "Event" {
        return match events::event(&value, hint, place) {
            Some(event) => {
                out.events.push(event);
                Accepted::Event
            }
            None => Accepted::Foreign,
        };
    }
    if kind == "Status" && value.get("status") == &Value::str("Failure") {
        complain(&value, place, out);
        return Accepted::Complaint;
    }
    let metadata = value.get("metadata");
    let Some(name) = metadata.get("name").as_name().filter(|name| !name.is_empty()).cloned() else {
        return Accepted::Foreign;
    };
    let form = form(&value);
    let namespace = match kinds::is_namespaced(&kind) {
        Some(false) => None,
        _ => metadata.get("namespace").as_name().filter(|name| !name.is_empty()).cloned(),
    };
    let namespace = match (namespace, kinds::is_namespaced(&kind)) {
        (None, Some(true)) => hint.namespace.clone(),
        (given, _) => given,
    };
    if kind == "Secret" {
        secret::decode_data(&mut value);
    }
    let origins = vec![Origin { place, form }];
    let accepted = Accepted::Object(kind.clone(), namespace.clone(), form);
    out.objects.push(Object { kind, namespace, name, body: value, origins });
    accepted
}

/// What only the API writes tells an object from a manifest.
fn form(value: &Value) -> Form {
    let metadata = value.get("metadata");
    let stamped = ["uid", "resourceVersion", "creationTimestamp"].iter().any(|key| !metadata.get(key).is_null());
    let has_status = value.get("status").entries().next().is_some();
    if stamped || has_status { Form::Api } else { Form::Manifest }
}

/// A `Status` object: what kubectl would print as `Error from server (Reason): message`.
fn complain(value: &Value, place: Place, out: &mut Yield) {
    let message = format!("Error from server ({}): {}", value.get("reason").text(), value.get("message").text());
    let evidence = Evidence { place, excerpt: Masked::new(&message) };
    out.errors.push(CommandError { command: None, message, evidence });
}
