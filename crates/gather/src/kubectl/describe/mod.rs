//! `kubectl describe`: every kind back into the API's shape.

mod cluster;
mod config;
mod containers;
mod generic;
mod grid;
mod kind;
mod limits;
mod metadata;
mod network;
mod node;
mod pods;
mod policy;
mod probes;
mod rights;
mod scaling;
mod storage;
mod tree;
mod volumes;
mod workloads;

use std::ops::Range;

use firstfault_model::{Name, Value};

use self::tree::Node;
use super::sheet::{self, Sheet};
use super::{answers, events, table};
use crate::kinds;
use crate::{Form, Object, Yield};

/// One described object: its lines and their tree.
struct Description<'s, 'a> {
    sheet: &'s Sheet<'a>,
    kind: Name,
    namespace: Option<Name>,
    /// The lines of the object without its events.
    range: Range<usize>,
    /// Their tree.
    nodes: Vec<Node<'a>>,
}

impl<'a> Description<'_, 'a> {
    /// The value at a top-level key; empty if there is none.
    fn value(&self, key: &str) -> &'a str {
        tree::value(&self.nodes, key)
    }

    /// A top-level node.
    fn find(&self, key: &str) -> Option<&Node<'a>> {
        tree::find(&self.nodes, key)
    }

    /// The lines of the object, each with how far it is indented.
    fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.sheet.lines[self.range.clone()].iter().map(|line| (line.len() - line.trim_start().len(), line.trim()))
    }
}

/// Reads all objects of one output.
pub(super) fn read(sheet: &Sheet, out: &mut Yield) {
    let begins = beginnings(sheet);
    let head = begins.first().copied().unwrap_or(sheet.lines.len());
    let mut complained = false;
    let mut empty = false;
    for line in (0..head).chain(begins.last().map_or(0..0, |&last| last..sheet.lines.len())) {
        let text = sheet.lines[line];
        empty |= answers::nothing_found(text).is_some();
        if !text.starts_with(' ') && answers::is_complaint(text) && (line < head || is_tail(sheet, line)) {
            complained = true;
            out.errors.push(sheet.complaint(line, text.trim(), None));
        }
    }
    for (at, &from) in begins.iter().enumerate() {
        let to = begins.get(at + 1).copied().unwrap_or(sheet.lines.len());
        one(sheet, from..to, out);
    }
    note_listing(sheet, complained, empty || !begins.is_empty(), out);
}

/// `kubectl describe pods -n shop` describes all of them.
fn note_listing(sheet: &Sheet, complained: bool, answered: bool, out: &mut Yield) {
    let Some(asked) = &sheet.asked else { return };
    if asked.verb == "describe" && asked.is_whole() && answered && !complained && !sheet.open_end {
        for kind in &asked.kinds {
            let namespace = sheet.namespace().filter(|_| !kinds::is_cluster_scoped(kind));
            out.listed.push((kind.clone(), namespace));
        }
    }
}

/// Complaints come after the last object, behind an empty line.
fn is_tail(sheet: &Sheet, line: usize) -> bool {
    line.checked_sub(1).is_some_and(|before| sheet.lines[before].trim().is_empty())
        && sheet.lines[line].starts_with("Error from server")
}

/// Whether a text looks like a description: `Name:` and what follows it.
pub(super) fn is_description(lines: &[&str]) -> bool {
    let mut lines = lines.iter().filter(|line| !line.trim().is_empty()).skip_while(|line| answers::is_remark(line));
    lines.next().is_some_and(|line| begins(line)) && lines.next().is_some_and(|line| is_second(line))
}

fn begins(line: &str) -> bool {
    line.strip_prefix("Name:").is_some_and(|rest| rest.starts_with([' ', '\t']) && !rest.trim().is_empty())
}

/// What may follow `Name:` in a description.
fn is_second(line: &str) -> bool {
    const SECOND: &[&str] = &[
        "Namespace:",
        "Labels:",
        "Roles:",
        "Annotations:",
        "IsDefaultClass:",
        "Value:",
        "Role:",
        "Controller:",
        "Schedule:",
        "Selector:",
        "Image:",
        "API Version:",
        "CreationTimestamp:",
        "Priority:",
        "StorageClass:",
        "Type:",
        "Resource",
        "Min available:",
        "Max unavailable:",
        "Created on:",
        "Address:",
        "Status:",
        "Reference:",
    ];
    SECOND.iter().any(|start| line.starts_with(start))
}

/// The lines at which objects begin.
fn beginnings(sheet: &Sheet) -> Vec<usize> {
    let lines = &sheet.lines;
    let is_begin = |line: &usize| {
        let first = lines[..*line].iter().all(|before| before.trim().is_empty());
        let after_gap = *line > 0 && lines[*line - 1].trim().is_empty();
        begins(lines[*line])
            && (first || after_gap || answers::is_complaint(lines[*line - 1]) || answers::is_remark(lines[*line - 1]))
            && lines.get(*line + 1).is_none_or(|next| is_second(next))
    };
    (0..lines.len()).filter(is_begin).collect()
}

fn one(sheet: &Sheet, mut range: Range<usize>, out: &mut Yield) {
    while range.end > range.start + 1 && sheet.lines[range.end - 1].trim().is_empty() {
        range.end -= 1;
    }
    let foot = foot(sheet, range.clone());
    let body_range = range.start..foot.unwrap_or(range.end);
    let nodes = tree::grow(&sheet.lines, body_range.clone());
    let name = tree::value(&nodes, "Name");
    let Some(kind) = kind::of(sheet, body_range.clone(), &nodes) else {
        out.problems.push(sheet.problem(range.start, "a description of a kind that is not known"));
        return;
    };
    if !table::is_name(name) {
        out.problems.push(sheet.problem(range.start, "a description without a name"));
        return;
    }
    let namespace = match tree::value(&nodes, "Namespace") {
        "" | "<none>" => sheet.namespace(),
        namespace => Some(namespace.into()),
    };
    let mut object =
        sheet::object(&kind, namespace.as_deref(), name, sheet.place(range.start, range.end - 1), Form::Describe);
    let namespace = object.namespace.clone();
    let description = Description { sheet, kind, namespace, range: body_range, nodes };
    metadata::fill(&description, &mut object.body);
    fill(&description, &mut object.body, out);
    if let Some(foot) = foot {
        events::foot(sheet, foot + 1..range.end, &object.entity(), out);
    }
    out.objects.push(object);
}

/// The line `Events:`, at the edge. Data of a ConfigMap may hold such a line too: the last one counts.
fn foot(sheet: &Sheet, range: Range<usize>) -> Option<usize> {
    let is_foot = |line: &usize| sheet.lines[*line].starts_with("Events:");
    let is_data = range.clone().any(|line| sheet.lines[line].starts_with("===="));
    let mut range = range;
    if is_data { range.rev().find(is_foot) } else { range.find(is_foot) }
}

fn fill(description: &Description, body: &mut Value, out: &mut Yield) {
    match description.kind.as_str() {
        "Pod" => pods::pod(description, body),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet" | "DaemonSet" => {
            workloads::fill(description, body);
        }
        "Job" => workloads::job(description, body),
        "CronJob" => workloads::cron_job(description, body),
        "Service" => network::service(description, body, out),
        "Endpoints" => network::endpoints(description, body),
        "EndpointSlice" => network::endpoint_slice(description, body),
        "Ingress" => network::ingress(description, body),
        "IngressClass" => network::ingress_class(description, body),
        "NetworkPolicy" => policy::fill(description, body),
        "ConfigMap" => config::config_map(description, body),
        "Secret" => config::secret(description, body),
        "ServiceAccount" => rights::service_account(description, body),
        "Role" | "ClusterRole" => rights::role(description, body),
        "RoleBinding" | "ClusterRoleBinding" => rights::binding(description, body),
        "PersistentVolumeClaim" => storage::claim(description, body),
        "PersistentVolume" => storage::volume(description, body),
        "StorageClass" => storage::class(description, body),
        "Node" => node::fill(description, body, out),
        "Namespace" => limits::namespace(description, body, out),
        "ResourceQuota" => limits::quota(description, body),
        "LimitRange" => limits::limit_range(description, body),
        "PriorityClass" => cluster::priority_class(description, body),
        "HorizontalPodAutoscaler" => scaling::autoscaler(description, body),
        "PodDisruptionBudget" => scaling::disruption_budget(description, body),
        _ => generic::fill(description, body),
    }
}

/// An object that the description of another one implies.
fn implied(description: &Description, kind: &str, name: &str) -> Object {
    let place = description.sheet.place(description.range.start, description.range.end.saturating_sub(1));
    sheet::object(&kind.into(), description.namespace.as_deref(), name, place, Form::Describe)
}
