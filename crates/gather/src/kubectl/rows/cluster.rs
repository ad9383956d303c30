//! Rows of nodes, namespaces, quotas, rights and the API's own objects.

use firstfault_model::Value;

use crate::kubectl::table::Row;
use crate::kubectl::words;

/// A Node.
pub(super) fn node(row: &Row, body: &mut Value) {
    let words_of_status: Vec<_> = row.cell("STATUS").split(',').map(str::trim).collect();
    for word in &words_of_status {
        let status = match *word {
            "Ready" => "True",
            "NotReady" => "False",
            "Unknown" => "Unknown",
            _ => continue,
        };
        words::push(body, "status.conditions", words::condition("Ready", status, "", ""));
    }
    if row.has("STATUS") {
        body.set("spec.unschedulable", Value::Bool(words_of_status.contains(&"SchedulingDisabled")));
    }
    for role in row.cell("ROLES").split(',').filter_map(words::known) {
        let label = format!("node-role.kubernetes.io/{role}");
        let labels = body.entry("metadata").entry("labels");
        if labels.get(&label).is_null() && !row.has("LABELS") {
            *labels.entry(&label) = Value::str("");
        }
    }
    for (title, kind) in [("INTERNAL-IP", "InternalIP"), ("EXTERNAL-IP", "ExternalIP")] {
        if let Some(address) = row.known(title) {
            let entry = words::map([("type", Value::str(kind)), ("address", Value::str(address))]);
            words::push(body, "status.addresses", entry);
        }
    }
    for (title, field) in [
        ("VERSION", "kubeletVersion"),
        ("OS-IMAGE", "osImage"),
        ("KERNEL-VERSION", "kernelVersion"),
        ("CONTAINER-RUNTIME", "containerRuntimeVersion"),
    ] {
        words::set_known(body, &format!("status.nodeInfo.{field}"), row.cell(title));
    }
}

/// A Namespace.
pub(super) fn namespace(row: &Row, body: &mut Value) {
    words::set_known(body, "status.phase", row.cell("STATUS"));
    if row.cell("STATUS") == "Terminating" {
        body.set("metadata.deletionTimestamp", Value::Bool(true));
    }
}

/// A ResourceQuota: `requests.cpu: 10/10, pods: 2/10`.
pub(super) fn quota(row: &Row, body: &mut Value) {
    for title in ["REQUEST", "LIMIT"] {
        for part in row.cell(title).split(',') {
            let Some((resource, amounts)) = part.split_once(": ") else { continue };
            let Some((used, hard)) = amounts.split_once('/') else { continue };
            let resource = resource.trim();
            *body.entry("status").entry("used").entry(resource) = Value::str(used.trim());
            *body.entry("status").entry("hard").entry(resource) = Value::str(hard.trim());
            *body.entry("spec").entry("hard").entry(resource) = Value::str(hard.trim());
        }
    }
}

/// A PriorityClass.
pub(super) fn priority_class(row: &Row, body: &mut Value) {
    words::set_number(body, "value", row.cell("VALUE"));
    if let Some(truth) = row.known("GLOBAL-DEFAULT") {
        body.set("globalDefault", Value::Bool(truth == "true"));
    }
    words::set_known(body, "preemptionPolicy", row.cell("PREEMPTIONPOLICY"));
}

/// An APIService: `False (MissingEndpoints)`.
pub(super) fn api_service(row: &Row, body: &mut Value) {
    if let Some((namespace, name)) = row.cell("SERVICE").split_once('/') {
        body.set("spec.service", words::map([("namespace", Value::str(namespace)), ("name", Value::str(name))]));
    }
    let (status, reason) = match row.cell("AVAILABLE").split_once('(') {
        Some((status, reason)) => (status.trim(), reason.trim_end_matches(')')),
        None => (row.cell("AVAILABLE"), ""),
    };
    if words::known(status).is_some() {
        words::push(body, "status.conditions", words::condition("Available", status, reason, ""));
    }
}

/// A Lease.
pub(super) fn lease(row: &Row, body: &mut Value) {
    words::set_known(body, "spec.holderIdentity", row.cell("HOLDER"));
}

/// A Secret: the type and how many keys.
pub(super) fn secret(row: &Row, body: &mut Value) {
    words::set_known(body, "type", row.cell("TYPE"));
    words::set_number(body, "status.printed.DATA", row.cell("DATA"));
}

/// A RoleBinding or ClusterRoleBinding.
pub(super) fn binding(row: &Row, body: &mut Value) {
    if let Some((kind, name)) = row.cell("ROLE").split_once('/') {
        body.set("roleRef", words::map([("kind", Value::str(kind)), ("name", Value::str(name))]));
    }
    for (title, kind) in [("USERS", "User"), ("GROUPS", "Group"), ("SERVICEACCOUNTS", "ServiceAccount")] {
        for subject in row.cell(title).split(',').filter_map(words::known) {
            let (namespace, name) = match subject.split_once('/') {
                Some((namespace, name)) if kind == "ServiceAccount" => (namespace, name),
                _ => ("", subject),
            };
            let mut pairs = vec![("kind", Value::str(kind)), ("name", Value::str(name))];
            if !namespace.is_empty() {
                pairs.push(("namespace", Value::str(namespace)));
            }
            words::push(body, "subjects", words::map(pairs));
        }
    }
}

/// A RuntimeClass.
pub(super) fn runtime_class(row: &Row, body: &mut Value) {
    words::set_known(body, "handler", row.cell("HANDLER"));
}
