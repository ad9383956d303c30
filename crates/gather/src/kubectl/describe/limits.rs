//! Namespaces, quotas and limit ranges.

use firstfault_model::Value;

use super::grid::Grid;
use super::{Description, implied};
use crate::Yield;
use crate::kubectl::words;

/// A ResourceQuota: `Resource  Used  Hard`.
pub(super) fn quota(description: &Description, body: &mut Value) {
    let lines: Vec<_> = description.lines().skip_while(|(_, line)| !line.starts_with("Resource")).collect();
    amounts(&lines, body);
    if let Some(scopes) = words::known(description.value("Scopes")) {
        body.set("spec.scopes", words::texts(scopes));
    }
}

fn amounts(lines: &[(usize, &str)], body: &mut Value) {
    let Some(grid) = Grid::of(lines) else { return };
    for row in grid.rows() {
        let resource = row.cell("Resource");
        if resource.is_empty() || words::known(row.cell("Hard")).is_none() {
            continue;
        }
        if let Some(used) = words::known(row.cell("Used")) {
            *body.entry("status").entry("used").entry(resource) = Value::str(used);
        }
        *body.entry("status").entry("hard").entry(resource) = Value::str(row.cell("Hard"));
        *body.entry("spec").entry("hard").entry(resource) = Value::str(row.cell("Hard"));
    }
}

/// A LimitRange: `Type  Resource  Min  Max  Default Request  Default Limit  Max Limit/Request Ratio`.
pub(super) fn limit_range(description: &Description, body: &mut Value) {
    let lines: Vec<_> =
        description.lines().skip_while(|(_, line)| !(line.starts_with("Type") && line.contains("Resource"))).collect();
    limits(&lines, body);
}

fn limits(lines: &[(usize, &str)], body: &mut Value) {
    let Some(grid) = Grid::of(lines) else { return };
    let mut all: Vec<Value> = Vec::new();
    for row in grid.rows() {
        let (kind, resource) = (row.cell("Type"), row.cell("Resource"));
        if kind.is_empty() || resource.is_empty() {
            continue;
        }
        let at = match all.iter().position(|limit| limit.at("type").text() == kind) {
            Some(at) => at,
            None => {
                all.push(words::map([("type", Value::str(kind))]));
                all.len() - 1
            }
        };
        for (title, field) in [
            ("Min", "min"),
            ("Max", "max"),
            ("Default Request", "defaultRequest"),
            ("Default Limit", "default"),
            ("Max Limit/Request Ratio", "maxLimitRequestRatio"),
        ] {
            if let Some(amount) = words::known(row.cell(title)) {
                *all[at].entry(field).entry(resource) = Value::str(amount);
            }
        }
    }
    if !all.is_empty() {
        body.set("spec.limits", Value::List(all));
    }
}

/// A Namespace, with its quotas and limits.
pub(super) fn namespace(description: &Description, body: &mut Value, out: &mut Yield) {
    words::set_known(body, "status.phase", description.value("Status"));
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        body.set("status.conditions", grid.conditions());
    }
    let name = description.value("Name");
    let mut lines = description.lines().peekable();
    while let Some((_, line)) = lines.next() {
        match line {
            "Resource Quotas" => {
                let mut section = Vec::new();
                while let Some(next) = lines.next_if(|(_, text)| *text != "Resource Limits") {
                    section.push(next);
                }
                quotas(description, name, &section, out);
            }
            "Resource Limits" => {
                let section: Vec<_> = lines.by_ref().take_while(|(_, text)| !text.is_empty()).collect();
                let mut range = implied(description, "LimitRange", name);
                range.namespace = Some(name.into());
                limits(&section, &mut range.body);
                // The table names no LimitRange; it is kept with its namespace.
                let limits = range.body.at("spec.limits").clone();
                body.set("status.printedLimits", limits);
            }
            _ => {}
        }
    }
}

/// Quotas one after the other: `Name:  compute`, a table; a blank line or `Name:` ends one.
fn quotas(description: &Description, namespace: &str, lines: &[(usize, &str)], out: &mut Yield) {
    let starts = (0..lines.len()).filter(|&at| lines[at].1.starts_with("Name:")).collect::<Vec<_>>();
    for (at, &from) in starts.iter().enumerate() {
        let to = starts.get(at + 1).copied().unwrap_or(lines.len());
        let name = lines[from].1.trim_start_matches("Name:").trim();
        if !crate::kubectl::table::is_name(name) {
            continue;
        }
        let mut quota = implied(description, "ResourceQuota", name);
        quota.namespace = Some(namespace.into());
        quota.body.set("metadata.namespace", Value::str(namespace));
        let table = lines[from + 1..to].iter().position(|(_, text)| text.starts_with("Resource"));
        if let Some(table) = table {
            amounts(&lines[from + 1 + table..to], &mut quota.body);
        }
        out.objects.push(quota);
    }
}
