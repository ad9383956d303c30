//! Claims, volumes and classes.

use firstfault_model::{Map, Value};

use super::tree::Node;
use super::{Description, volumes};
use crate::kubectl::words;

/// A PersistentVolumeClaim. Of a pending one the size that was asked for is not printed.
pub(super) fn claim(description: &Description, body: &mut Value) {
    let status = description.value("Status");
    if status.starts_with("Terminating") {
        body.set("metadata.deletionTimestamp", Value::Bool(true));
    } else {
        words::set_known(body, "status.phase", status);
    }
    words::set_known(body, "spec.storageClassName", description.value("StorageClass"));
    words::set_known(body, "spec.volumeName", description.value("Volume"));
    // A claim that has no volume, or waits for it, prints 0.
    if description.value("Capacity") != "0" {
        words::set_known(body, "status.capacity.storage", description.value("Capacity"));
    }
    words::set_known(body, "spec.volumeMode", description.value("VolumeMode"));
    if let Some(modes) = words::known(description.value("Access Modes")) {
        body.set("spec.accessModes", words::access_modes(modes));
    }
    let users = description.find("Used By").or_else(|| description.find("Mounted By"));
    if let Some(users) = users {
        let users = users.values().filter_map(words::known).map(Value::str).collect();
        body.set("status.printedUsedBy", Value::List(users));
    }
}

/// A PersistentVolume.
pub(super) fn volume(description: &Description, body: &mut Value) {
    let status = description.value("Status");
    if status.starts_with("Terminating") {
        body.set("metadata.deletionTimestamp", Value::Bool(true));
    } else {
        words::set_known(body, "status.phase", status);
    }
    for (key, field) in [
        ("StorageClass", "spec.storageClassName"),
        ("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
        ("VolumeMode", "spec.volumeMode"),
        ("Capacity", "spec.capacity.storage"),
        ("Reason", "status.reason"),
        ("Message", "status.message"),
    ] {
        words::set_known(body, field, description.value(key));
    }
    if let Some((namespace, name)) = description.value("Claim").split_once('/') {
        body.set("spec.claimRef", words::map([("namespace", Value::str(namespace)), ("name", Value::str(name))]));
    }
    if let Some(modes) = words::known(description.value("Access Modes")) {
        body.set("spec.accessModes", words::access_modes(modes));
    }
    if let Some(terms) = description.find("Node Affinity").and_then(|node| node.child("Required Terms")) {
        body.set(
            "spec.nodeAffinity.required.nodeSelectorTerms",
            Value::List(terms.children.iter().map(term).collect()),
        );
    }
    if let Some(source) = description.find("Source") {
        let (field, source) = volumes::source(&source.children);
        if !field.is_empty() {
            body.set(&format!("spec.{field}"), source);
        }
    }
}

/// `Term 0:  kubernetes.io/hostname in [worker-1]`, further expressions below.
fn term(node: &Node) -> Value {
    let expressions = node.values().chain(node.children.iter().map(|child| child.raw));
    words::map([("matchExpressions", Value::List(expressions.filter_map(words::expression).collect()))])
}

/// A StorageClass.
pub(super) fn class(description: &Description, body: &mut Value) {
    for (key, field) in
        [("Provisioner", "provisioner"), ("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")]
    {
        words::set_known(body, field, description.value(key));
    }
    match description.value("AllowVolumeExpansion") {
        "True" | "true" => body.set("allowVolumeExpansion", Value::Bool(true)),
        "False" | "false" => body.set("allowVolumeExpansion", Value::Bool(false)),
        _ => {}
    }
    if description.value("IsDefaultClass") == "Yes" {
        let annotations = body.entry("metadata").entry("annotations");
        *annotations.entry("storageclass.kubernetes.io/is-default-class") = Value::str("true");
    }
    let mut parameters = Map::default();
    for pair in description.find("Parameters").into_iter().flat_map(Node::values).flat_map(|line| line.split(',')) {
        if let Some((key, value)) = pair.split_once('=') {
            *parameters.entry(key.trim()) = Value::str(value);
        }
    }
    if !parameters.is_empty() {
        body.set("parameters", Value::Map(parameters));
    }
    if let Some(options) = description.find("MountOptions").filter(|node| words::known(node.value).is_some()) {
        body.set("mountOptions", Value::List(options.values().map(Value::str).collect()));
    }
}
