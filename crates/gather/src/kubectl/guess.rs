//! The kind of a table: from the command, from the file's name, or from the columns themselves.

use firstfault_model::Name;

use super::columns::Columns;
use super::sheet::Sheet;
use super::words;
use crate::kinds;

/// Columns that only one kind prints; all of them must be there.
const TELLTALE: &[(&[&str], &str)] = &[
    (&["POD", "NAME", "CPU(cores)"], "PodMetrics"),
    (&["CPU(cores)", "CPU%"], "NodeMetrics"),
    (&["CPU(cores)", "MEMORY(bytes)"], "PodMetrics"),
    (&["APIVERSION", "KIND"], "APIResource"),
    (&["READY", "STATUS", "RESTARTS"], "Pod"),
    (&["DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE"], "DaemonSet"),
    (&["READY", "UP-TO-DATE", "AVAILABLE"], "Deployment"),
    (&["DESIRED", "UP-TO-DATE", "AVAILABLE"], "Deployment"),
    (&["DESIRED", "CURRENT", "READY"], "ReplicaSet"),
    (&["COMPLETIONS", "DURATION"], "Job"),
    (&["SCHEDULE", "SUSPEND"], "CronJob"),
    (&["TYPE", "CLUSTER-IP"], "Service"),
    (&["ADDRESSTYPE", "ENDPOINTS"], "EndpointSlice"),
    (&["ENDPOINTS"], "Endpoints"),
    (&["CLASS", "HOSTS"], "Ingress"),
    (&["HOSTS", "ADDRESS", "PORTS"], "Ingress"),
    (&["ACCESS MODES", "RECLAIM POLICY"], "PersistentVolume"),
    (&["VOLUME", "CAPACITY", "ACCESS MODES"], "PersistentVolumeClaim"),
    (&["PROVISIONER"], "StorageClass"),
    (&["REFERENCE", "TARGETS"], "HorizontalPodAutoscaler"),
    (&["MIN AVAILABLE", "ALLOWED DISRUPTIONS"], "PodDisruptionBudget"),
    (&["STATUS", "ROLES", "VERSION"], "Node"),
    (&["REQUEST", "LIMIT"], "ResourceQuota"),
    (&["POD-SELECTOR"], "NetworkPolicy"),
    (&["TYPE", "DATA"], "Secret"),
    (&["SECRETS"], "ServiceAccount"),
    (&["HOLDER"], "Lease"),
    (&["SERVICE", "AVAILABLE"], "APIService"),
    (&["ATTACHER", "PV", "NODE"], "VolumeAttachment"),
    (&["VALUE", "GLOBAL-DEFAULT"], "PriorityClass"),
    (&["CONTROLLER", "PARAMETERS"], "IngressClass"),
    (&["ATTACHREQUIRED"], "CSIDriver"),
    (&["READY", "CONTAINERS", "IMAGES"], "StatefulSet"),
    (&["DATA"], "ConfigMap"),
];

/// The kind of a table whose rows do not tell it.
pub(super) fn kind(sheet: &Sheet, columns: &Columns) -> Option<Name> {
    if let Some(asked) = &sheet.asked {
        if asked.verb == "top" {
            let node = asked.kind().is_some_and(|kind| kind == "Node");
            return Some(if node { "NodeMetrics" } else { "PodMetrics" }.into());
        }
        if let Some(kind) = asked.kind().filter(|_| !asked.vague) {
            return Some(kind.clone());
        }
    }
    let vague = sheet.asked.as_ref().and_then(|asked| asked.kind().cloned());
    by_columns(columns).map(Name::from).or(vague).or_else(|| by_path(sheet.path))
}

/// The kind whose columns these are.
pub(super) fn by_columns(columns: &Columns) -> Option<&'static str> {
    TELLTALE.iter().find(|(titles, _)| titles.iter().all(|title| columns.has(title))).map(|(_, kind)| *kind)
}

/// A file named after what it holds: `get-deployments.txt`, `pods_wide.txt`, `describe-svc.log`.
pub(super) fn by_path(path: &str) -> Option<Name> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file).to_ascii_lowercase();
    let mut words = stem.split(['-', '_', ' ']);
    words.find_map(|word| if is_kind_word(word) { kinds::known(word) } else { None }).map(Name::from)
}

/// Short words mean a kind only if nobody would use them for something else.
fn is_kind_word(word: &str) -> bool {
    word.len() > 4
        || matches!(
            word,
            "pod" | "pods" | "po" | "svc" | "sts" | "ds" | "rs" | "cm" | "sa" | "pvc" | "pv" | "ing" | "hpa"
        )
        || matches!(word, "pdb" | "ep" | "cj" | "job" | "jobs" | "node" | "role" | "ns" | "sc" | "vpa" | "crd")
}

/// Columns by kind, for rows without a header: plain, and what `-o wide` adds.
const STANDARD: &[(&str, &[&str], &[&str])] = &[
    ("Pod", &["NAME", "READY", "STATUS", "RESTARTS", "AGE"], &["IP", "NODE", "NOMINATED NODE", "READINESS GATES"]),
    ("Deployment", &["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"]),
    ("ReplicaSet", &["NAME", "DESIRED", "CURRENT", "READY", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"]),
    ("StatefulSet", &["NAME", "READY", "AGE"], &["CONTAINERS", "IMAGES"]),
    (
        "DaemonSet",
        &["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"],
        &["CONTAINERS", "IMAGES", "SELECTOR"],
    ),
    ("Job", &["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"]),
    ("Job", &["NAME", "COMPLETIONS", "DURATION", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"]),
    (
        "CronJob",
        &["NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"],
        &["CONTAINERS", "IMAGES", "SELECTOR"],
    ),
    ("Service", &["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"], &["SELECTOR"]),
    ("Endpoints", &["NAME", "ENDPOINTS", "AGE"], &[]),
    ("EndpointSlice", &["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"], &[]),
    (
        "Node",
        &["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
        &["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
    ),
    ("Namespace", &["NAME", "STATUS", "AGE"], &[]),
    ("ConfigMap", &["NAME", "DATA", "AGE"], &[]),
    ("Secret", &["NAME", "TYPE", "DATA", "AGE"], &[]),
    ("ServiceAccount", &["NAME", "SECRETS", "AGE"], &[]),
    ("NetworkPolicy", &["NAME", "POD-SELECTOR", "AGE"], &[]),
    (
        "PersistentVolumeClaim",
        &["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE"],
        &["VOLUMEMODE"],
    ),
    (
        "PersistentVolumeClaim",
        &["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE"],
        &["VOLUMEMODE"],
    ),
    ("PersistentVolumeClaim", &["NAME", "STATUS", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE"], &["VOLUMEMODE"]),
    ("PersistentVolumeClaim", &["NAME", "STATUS", "STORAGECLASS", "AGE"], &["VOLUMEMODE"]),
    ("HorizontalPodAutoscaler", &["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"], &[]),
    ("PodDisruptionBudget", &["NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"], &[]),
    ("Ingress", &["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"], &[]),
    ("PodMetrics", &["NAME", "CPU(cores)", "MEMORY(bytes)"], &[]),
    ("NodeMetrics", &["NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%"], &[]),
    ("Event", &["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"], &[]),
];

/// The columns of a row whose header is gone, if the kind is known and the row has its shape.
pub(super) fn headless(sheet: &Sheet, row: &str) -> Option<Columns> {
    let asked = sheet.asked.as_ref();
    if asked.is_some_and(|asked| !matches!(asked.verb.as_str(), "get" | "top" | "events")) {
        return None;
    }
    let prefix =
        row.split_whitespace().find_map(|word| word.split_once('/').and_then(|(kind, _)| kinds::kind_of(kind)));
    let asked_kind = asked.and_then(|asked| asked.kind().cloned());
    let kind = asked_kind.or(prefix).or_else(|| by_path(sheet.path))?;
    let top = asked.is_some_and(|asked| asked.verb == "top");
    let kind = if top { Name::from(format!("{kind}Metrics")) } else { kind };
    let shapes = STANDARD.iter().filter(|(known, ..)| kind == *known);
    let mut titles: Vec<Vec<&str>> = Vec::new();
    for (_, plain, wide) in shapes {
        for wide in [&[][..], wide] {
            for namespace in [&[][..], &["NAMESPACE"][..]] {
                for labels in [&[][..], &["LABELS"][..]] {
                    titles.push([namespace, plain, wide, labels].concat());
                }
            }
        }
    }
    titles.iter().map(|titles| Columns::named(titles)).find(|columns| has_shape(columns, row))
}

/// Whether cells look like what their titles say.
fn has_shape(columns: &Columns, row: &str) -> bool {
    let Some(cells) = columns.cells(row) else { return false };
    columns.names().iter().zip(cells).all(|(title, cell)| match title.as_str() {
        "AGE" => super::ages::seconds(cell).is_some() || cell == "<unknown>" || cell == "<invalid>",
        "READY" | "COMPLETIONS" if columns.has("STATUS") || columns.has("UP-TO-DATE") => {
            words::fraction(cell).is_some()
        }
        "UP-TO-DATE" | "AVAILABLE" | "DESIRED" | "CURRENT" => cell.parse::<u32>().is_ok(),
        "NAMESPACE" | "NAME" => super::table::is_name(cell),
        "LABELS" => cell == "<none>" || cell.contains('='),
        "TYPE" if columns.has("REASON") => matches!(cell, "Normal" | "Warning"),
        "SCHEDULE" => cell.contains(' ') || cell.starts_with('@'),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_tell_the_kind() {
        let kind = |header: &str| by_columns(&Columns::of(header).expect("a header"));
        assert_eq!(kind("NAME   READY   STATUS   RESTARTS   AGE"), Some("Pod"));
        assert_eq!(kind("NAME   DESIRED   CURRENT   READY   AGE"), Some("ReplicaSet"));
        assert_eq!(kind("NAME   SIZE   COLOUR"), None);
    }

    #[test]
    fn file_names_tell_the_kind() {
        assert_eq!(by_path("dump/get-deployments.txt").as_deref(), Some("Deployment"));
        assert_eq!(by_path("pvc_wide.log").as_deref(), Some("PersistentVolumeClaim"));
        assert_eq!(by_path("notes.txt"), None);
    }
}
