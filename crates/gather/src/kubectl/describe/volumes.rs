//! Volumes of a pod, and what a persistent volume is made of.

use firstfault_model::{Map, Value};

use super::tree::{Node, find};
use crate::kubectl::words;

/// Fills `spec.volumes`.
pub(super) fn fill(nodes: &[Node], spec: &mut Value) {
    let Some(list) = find(nodes, "Volumes") else { return };
    let volumes: Vec<_> = list.children.iter().filter(|node| !node.key.is_empty()).map(volume).collect();
    if !volumes.is_empty() {
        spec.set("volumes", Value::List(volumes));
    }
}

fn volume(node: &Node) -> Value {
    let mut body = words::map([("name", Value::str(node.key))]);
    let (field, source) = source(&node.children);
    if !field.is_empty() {
        body.set(field, source);
    }
    body
}

/// The field that a source has in the API, and its content.
pub(super) fn source(lines: &[Node]) -> (&'static str, Value) {
    let value = |key: &str| super::tree::value(lines, key);
    let mut body = Value::Map(Map::default());
    let kind = value("Type").split(" (").next().unwrap_or("").trim();
    let field = match kind {
        "Secret" => {
            words::set_known(&mut body, "secretName", value("SecretName"));
            "secret"
        }
        "ConfigMap" => {
            words::set_known(&mut body, "name", value("Name"));
            "configMap"
        }
        "PersistentVolumeClaim" => {
            words::set_known(&mut body, "claimName", value("ClaimName"));
            "persistentVolumeClaim"
        }
        "EmptyDir" => {
            words::set_known(&mut body, "medium", value("Medium"));
            words::set_known(&mut body, "sizeLimit", value("SizeLimit"));
            "emptyDir"
        }
        "HostPath" => {
            words::set_known(&mut body, "path", value("Path"));
            words::set_known(&mut body, "type", value("HostPathType"));
            "hostPath"
        }
        "LocalVolume" => {
            words::set_known(&mut body, "path", value("Path"));
            "local"
        }
        "NFS" => {
            words::set_known(&mut body, "server", value("Server"));
            words::set_known(&mut body, "path", value("Path"));
            "nfs"
        }
        "Projected" => {
            body.set("sources", projected(lines));
            "projected"
        }
        "DownwardAPI" => "downwardAPI",
        "CSI" => {
            words::set_known(&mut body, "driver", value("Driver"));
            words::set_known(&mut body, "fsType", value("FSType"));
            words::set_known(&mut body, "volumeHandle", value("VolumeHandle"));
            "csi"
        }
        "EphemeralVolume" => {
            ephemeral(lines, &mut body);
            "ephemeral"
        }
        "AWSElasticBlockStore" => {
            words::set_known(&mut body, "volumeID", value("VolumeID"));
            "awsElasticBlockStore"
        }
        "GCEPersistentDisk" => {
            words::set_known(&mut body, "pdName", value("PDName"));
            "gcePersistentDisk"
        }
        "AzureDisk" => {
            words::set_known(&mut body, "diskName", value("DiskName"));
            "azureDisk"
        }
        "AzureFile" => {
            words::set_known(&mut body, "shareName", value("ShareName"));
            words::set_known(&mut body, "secretName", value("SecretName"));
            "azureFile"
        }
        "ISCSI" => {
            words::set_known(&mut body, "targetPortal", value("TargetPortal"));
            "iscsi"
        }
        "CephFS" => "cephfs",
        "RBD" => "rbd",
        "Glusterfs" => "glusterfs",
        "Image" => {
            words::set_known(&mut body, "reference", value("Reference"));
            "image"
        }
        _ => "",
    };
    if let Ok(optional) = value("Optional").parse::<bool>()
        && matches!(field, "secret" | "configMap")
    {
        body.set("optional", Value::Bool(optional));
    }
    if value("ReadOnly") == "true" {
        body.set("readOnly", Value::Bool(true));
    }
    (field, body)
}

/// The parts of a projected volume, one after the other.
fn projected(lines: &[Node]) -> Value {
    let mut sources: Vec<Value> = Vec::new();
    let mut last = "";
    for line in lines {
        let mut source = Value::default();
        match line.key {
            "TokenExpirationSeconds" => {
                source.set("serviceAccountToken.expirationSeconds", words::number_or_text(line.value));
            }
            "ConfigMapName" => {
                last = "configMap";
                source.set("configMap.name", Value::str(line.value));
            }
            "SecretName" => {
                last = "secret";
                source.set("secret.name", Value::str(line.value));
            }
            "DownwardAPI" => source.set("downwardAPI", Value::Map(Map::default())),
            "Optional" | "ConfigMapOptional" | "SecretOptionalName" => {
                if let (Some(before), Ok(optional)) = (sources.last_mut(), line.value.parse::<bool>())
                    && !last.is_empty()
                    && !before.at(last).is_null()
                {
                    before.set(&format!("{last}.optional"), Value::Bool(optional));
                }
                continue;
            }
            _ => continue,
        }
        sources.push(source);
    }
    Value::List(sources)
}

fn ephemeral(lines: &[Node], body: &mut Value) {
    let value = |key: &str| super::tree::value(lines, key);
    let at = "volumeClaimTemplate.spec";
    words::set_known(body, &format!("{at}.storageClassName"), value("StorageClass"));
    words::set_known(body, &format!("{at}.resources.requests.storage"), value("Capacity"));
    if let Some(modes) = words::known(value("Access Modes")) {
        body.set(&format!("{at}.accessModes"), words::access_modes(modes));
    }
}
