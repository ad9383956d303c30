//! Trees of owned objects, as the plug-ins `lineage` and `tree` print them.

use firstfault_model::{Name, Value};

use super::columns::Columns;
use super::sheet::{self, Sheet};
use super::table::{self, Row};
use super::{ages, rows, words};
use crate::kinds;
use crate::{Form, Yield};

/// A watch repeats a name within this many rows.
pub(super) const WATCHED: usize = 256;

/// Reads a tree: each row is `Kind/name` behind branches.
pub(super) fn read(sheet: &Sheet, out: &mut Yield) {
    let mut columns: Option<Columns> = None;
    for (line, text) in sheet.lines.iter().enumerate() {
        if table::is_header(text) {
            columns = Columns::of(text);
            continue;
        }
        let Some(cells) = columns.as_ref().and_then(|columns| columns.cells(text)) else { continue };
        let Some(columns) = &columns else { continue };
        row(sheet, line, &Row { columns, cells: &cells }, out);
    }
}

fn row(sheet: &Sheet, line: usize, row: &Row, out: &mut Yield) {
    let name = row.cell("NAME").trim_start_matches([' ', '│', '├', '└', '─', '|', '`', '-', '\u{a0}']);
    let Some((kind, name)) = name.split_once('/') else { return };
    let Some(kind) = kinds::kind_of(kind) else { return };
    let name = name.split_whitespace().next().unwrap_or(name);
    if !table::is_name(name) {
        return;
    }
    let namespace = row.known("NAMESPACE").map(Name::from).or_else(|| sheet.namespace());
    if kind == "Event" {
        return event(sheet, line, row, name, namespace.as_deref(), out);
    }
    let mut object = sheet::object(&kind, namespace.as_deref(), name, sheet.place(line, line), Form::Table);
    if let Some(age) = row.known("AGE").and_then(ages::seconds) {
        object.body.set("metadata.printedAge", Value::Int(age));
    }
    match kind.as_str() {
        "ReplicaSet" => {
            if let Some((ready, wanted)) = words::fraction(row.cell("READY")) {
                object.body.set("spec.replicas", Value::Int(wanted));
                object.body.set("status.readyReplicas", Value::Int(ready));
            }
        }
        _ if matches!(row.cell("READY"), "-" | "") && row.known("STATUS").is_none() => {}
        kind => rows::fill(kind, row, &mut object.body),
    }
    out.objects.push(object);
}

/// `Event/api.1851351aea934102   -   ScalingReplicaSet: Scaled up …`. The object that it is about
/// is the row above that is no event and whose name the event's name begins with.
fn event(sheet: &Sheet, line: usize, row: &Row, name: &str, namespace: Option<&str>, out: &mut Yield) {
    let subject = name.rsplit_once('.').map_or(name, |(subject, _)| subject);
    let Some(about) = out.objects.iter().rev().find(|object| object.name == subject) else { return };
    let (reason, message) = row.cell("STATUS").split_once(": ").unwrap_or(("", row.cell("STATUS")));
    let mut event = sheet::event(&about.kind.clone(), namespace, subject, sheet.place(line, line));
    event.reason = reason.into();
    event.warning = is_warning(reason);
    message.clone_into(&mut event.message);
    let seen = ages::Seen::parse(row.cell("AGE"));
    event.ago = seen.ago;
    out.events.push(event);
}

/// The tree does not print the type of an event; these reasons are always warnings.
fn is_warning(reason: &str) -> bool {
    reason.starts_with("Failed")
        || matches!(
            reason,
            "BackOff" | "Unhealthy" | "Evicted" | "NodeNotReady" | "BackoffLimitExceeded" | "NetworkNotReady"
        )
}
