//! A node, and the pods that its description lists.

use firstfault_model::Value;

use super::grid::{Grid, time};
use super::tree::Node;
use super::{Description, grid};
use crate::kubectl::{ages, sheet, words};
use crate::{Form, Yield};

/// Fills a node's body; the pods of its table become objects of their own.
pub(super) fn fill(description: &Description, body: &mut Value, out: &mut Yield) {
    if let Some(truth) = words::known(description.value("Unschedulable")) {
        body.set("spec.unschedulable", Value::Bool(truth == "true"));
    }
    if let Some(node) = description.find("Taints") {
        body.set("spec.taints", Value::List(node.values().filter_map(taint).collect()));
    }
    for (key, field) in [("PodCIDR", "podCIDR"), ("ProviderID", "providerID")] {
        words::set_known(body, &format!("spec.{field}"), description.value(key));
    }
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        body.set("status.conditions", grid.conditions());
    }
    addresses(description, body);
    for (key, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        for amount in description.find(key).map_or(&[][..], |node| &node.children) {
            if !amount.key.is_empty() {
                *body.entry("status").entry(field).entry(amount.key) = Value::str(amount.value);
            }
        }
    }
    for line in description.find("System Info").map_or(&[][..], |node| &node.children) {
        let field = grid::lower_first(&line.key.replace(' ', ""));
        words::set_known(body, &format!("status.nodeInfo.{}", info(&field)), line.value);
    }
    lease(description, body);
    allocated(description, body);
    pods(description, out);
}

/// The API's name of a field of `nodeInfo`.
fn info(field: &str) -> &str {
    match field {
        "machineID" => "machineID",
        "systemUUID" => "systemUUID",
        "oSImage" => "osImage",
        other => other,
    }
}

/// `dedicated=ml:NoSchedule`, `node.kubernetes.io/unreachable:NoExecute`.
fn taint(line: &str) -> Option<Value> {
    let (key, effect) = words::known(line)?.rsplit_once(':')?;
    let (key, value) = key.split_once('=').unwrap_or((key, ""));
    let mut body = words::map([("key", Value::str(key)), ("effect", Value::str(effect))]);
    words::set_known(&mut body, "value", value);
    Some(body)
}

fn addresses(description: &Description, body: &mut Value) {
    let lines = description.find("Addresses").map_or(&[][..], |node| &node.children);
    let address = |line: &Node| words::map([("type", Value::str(line.key)), ("address", Value::str(line.value))]);
    let all: Vec<_> = lines.iter().filter(|line| !line.key.is_empty()).map(address).collect();
    if !all.is_empty() {
        body.set("status.addresses", Value::List(all));
    }
}

/// The node's lease shows when its kubelet was last heard.
fn lease(description: &Description, body: &mut Value) {
    let Some(lease) = description.find("Lease") else { return };
    words::set_known(body, "status.lease.holderIdentity", lease.value_of("HolderIdentity"));
    if let Some(text) = words::known(lease.value_of("RenewTime")) {
        body.set("status.lease.renewTime", time(text));
    }
}

/// `Allocated resources:`: requests and limits per resource.
fn allocated(description: &Description, body: &mut Value) {
    let Some(node) = description.find("Allocated resources") else { return };
    let lines: Vec<_> =
        node.children.iter().filter(|line| !line.raw.starts_with('(')).map(|line| (line.indent, line.raw)).collect();
    let Some(grid) = Grid::of(&lines) else { return };
    for row in grid.rows() {
        let resource = row.cell("Resource");
        for (title, field) in [("Requests", "requests"), ("Limits", "limits")] {
            let amount = row.cell(title).split(" (").next().unwrap_or("");
            if !resource.is_empty() && words::known(amount).is_some() {
                *body.entry("status").entry("printedAllocated").entry(field).entry(resource) = Value::str(amount);
            }
        }
    }
}

/// `Non-terminated Pods:`: each row is a pod on this node, with what it requests.
fn pods(description: &Description, out: &mut Yield) {
    let Some(node) = description.find("Non-terminated Pods") else { return };
    let Some(grid) = Grid::under(node) else { return };
    let lines: Vec<_> =
        node.children.iter().filter(|line| !line.raw.starts_with("--")).skip(1).map(|line| line.line).collect();
    for (row, line) in grid.rows().zip(lines) {
        let (namespace, name) = (row.cell("Namespace"), row.cell("Name"));
        if !crate::kubectl::table::is_name(name) || namespace.is_empty() {
            continue;
        }
        let place = description.sheet.place(line, line);
        let mut pod = sheet::object(&"Pod".into(), Some(namespace), name, place, Form::Table);
        pod.body.set("spec.nodeName", Value::str(description.value("Name")));
        for (title, field) in [
            ("CPU Requests", "requests.cpu"),
            ("CPU Limits", "limits.cpu"),
            ("Memory Requests", "requests.memory"),
            ("Memory Limits", "limits.memory"),
        ] {
            let amount = row.cell(title).split(" (").next().unwrap_or("");
            words::set_known(&mut pod.body, &format!("status.printedResources.{field}"), amount);
        }
        if let Some(age) = ages::seconds(row.cell("Age")) {
            pod.body.set("metadata.printedAge", Value::Int(age));
        }
        out.objects.push(pod);
    }
}
