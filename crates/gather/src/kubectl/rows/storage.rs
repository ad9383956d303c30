//! Rows of volumes and what provides them.

use firstfault_model::Value;

use crate::kubectl::table::Row;
use crate::kubectl::words;

/// A PersistentVolumeClaim.
pub(super) fn claim(row: &Row, body: &mut Value) {
    status(row, body);
    words::set_known(body, "spec.volumeName", row.cell("VOLUME"));
    if row.cell("CAPACITY") != "0" {
        words::set_known(body, "status.capacity.storage", row.cell("CAPACITY"));
    }
    if let Some(modes) = row.known("ACCESS MODES") {
        body.set("status.accessModes", words::access_modes(modes));
        body.set("spec.accessModes", words::access_modes(modes));
    }
    words::set_known(body, "spec.storageClassName", row.cell("STORAGECLASS"));
    words::set_known(body, "spec.volumeAttributesClassName", row.cell("VOLUMEATTRIBUTESCLASS"));
    words::set_known(body, "spec.volumeMode", row.cell("VOLUMEMODE"));
}

/// A PersistentVolume.
pub(super) fn volume(row: &Row, body: &mut Value) {
    status(row, body);
    words::set_known(body, "spec.capacity.storage", row.cell("CAPACITY"));
    if let Some(modes) = row.known("ACCESS MODES") {
        body.set("spec.accessModes", words::access_modes(modes));
    }
    words::set_known(body, "spec.persistentVolumeReclaimPolicy", row.cell("RECLAIM POLICY"));
    if let Some((namespace, name)) = row.cell("CLAIM").split_once('/') {
        let claim = [("namespace", Value::str(namespace)), ("name", Value::str(name))];
        body.set("spec.claimRef", words::map(claim));
    }
    words::set_known(body, "spec.storageClassName", row.cell("STORAGECLASS"));
    words::set_known(body, "status.reason", row.cell("REASON"));
    words::set_known(body, "spec.volumeMode", row.cell("VOLUMEMODE"));
}

/// The phase; a deletion stands in the same column.
fn status(row: &Row, body: &mut Value) {
    match row.cell("STATUS") {
        "Terminating" => body.set("metadata.deletionTimestamp", Value::Bool(true)),
        phase => words::set_known(body, "status.phase", phase),
    }
}

/// A StorageClass; the default one is marked after its name.
pub(super) fn class(row: &Row, body: &mut Value) {
    words::set_known(body, "provisioner", row.cell("PROVISIONER"));
    words::set_known(body, "reclaimPolicy", row.cell("RECLAIMPOLICY"));
    words::set_known(body, "volumeBindingMode", row.cell("VOLUMEBINDINGMODE"));
    if let Some(truth) = row.known("ALLOWVOLUMEEXPANSION") {
        body.set("allowVolumeExpansion", Value::Bool(truth == "true"));
    }
    if row.cell("NAME").ends_with(" (default)") {
        let annotations = body.entry("metadata").entry("annotations");
        *annotations.entry("storageclass.kubernetes.io/is-default-class") = Value::str("true");
    }
}

/// A VolumeAttachment.
pub(super) fn attachment(row: &Row, body: &mut Value) {
    words::set_known(body, "spec.attacher", row.cell("ATTACHER"));
    words::set_known(body, "spec.source.persistentVolumeName", row.cell("PV"));
    words::set_known(body, "spec.nodeName", row.cell("NODE"));
    if let Some(attached) = row.known("ATTACHED") {
        body.set("status.attached", Value::Bool(attached == "true"));
    }
}
