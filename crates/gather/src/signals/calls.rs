//! Who calls whom: trees of services, edge lists, DOT.

use std::collections::BTreeSet;

use firstfault_model::{Entity, kind};

use super::frame::Frame;
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host::cite;

pub(crate) const TREE: Format = Format { name: "service map", recognise: is_tree, read: read_tree };
pub(crate) const DOT: Format = Format { name: "call graph (DOT)", recognise: is_dot, read: read_dot };
pub(crate) const EDGES: Format = Format { name: "call edges", recognise: is_edges, read: read_edges };

/// More calls than this are no map.
const MOST: usize = 100_000;

fn push(
    chunk: &Chunk<'_>,
    caller: &str,
    callee: &str,
    index: usize,
    seen: &mut BTreeSet<(String, String)>,
    out: &mut Yield,
) {
    let (caller, callee) = (caller.trim().trim_matches('"'), callee.trim().trim_matches('"'));
    if caller.is_empty() || callee.is_empty() || caller == callee || out.calls.len() >= MOST {
        return;
    }
    if seen.insert((caller.to_owned(), callee.to_owned())) {
        let evidence = cite(chunk, index, &format!("{caller} calls {callee}"));
        out.calls.push((Entity::new(kind::SERVICE, caller), Entity::new(kind::SERVICE, callee), evidence));
    }
}

fn file_says_map(chunk: &Chunk<'_>) -> bool {
    let file = chunk.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    ["map", "depend", "topolog", "graph", "call", "edges"].iter().any(|word| file.contains(word))
}

fn is_tree(chunk: &Chunk<'_>) -> u8 {
    if chunk.command.is_some() {
        return 0;
    }
    let mut branch = false;
    let mut titled = false;
    for line in chunk.text.lines().take(200) {
        branch |= line.contains("├── ") || line.contains("└── ");
        titled |= line.starts_with("[Service]") || bracketed(line).is_some_and(|(key, _)| key.contains("call"));
        if line.contains("CGroup:") {
            return 0;
        }
    }
    match (branch, titled || file_says_map(chunk)) {
        (true, true) => 85,
        (false, true) if titled => 75,
        _ => 0,
    }
}

/// `[Key words]: value`, the key in lower case.
fn bracketed(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.trim().strip_prefix('[')?.split_once(']')?;
    Some((key.to_lowercase(), value.trim_start_matches(':').trim()))
}

/// A branch's depth (0 is the child of the root) and its name.
fn branch(line: &str) -> Option<(usize, &str)> {
    let at = line.find("── ")?;
    let depth = line[..at].chars().count().saturating_sub(1) / 4;
    let name = line[at + "── ".len()..].split_whitespace().next()?;
    Some((depth, name))
}

fn read_tree(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut seen = BTreeSet::new();
    let mut subject = String::new();
    let mut path: Vec<String> = Vec::new();
    for (index, line) in chunk.text.lines().enumerate() {
        if let Some((key, value)) = bracketed(line) {
            if key == "service" || key == "component" {
                value.clone_into(&mut subject);
            } else if key.contains("called by") || key.contains("caller") {
                for caller in value.split(',').filter(|name| is_name(name.trim())) {
                    push(chunk, caller, &subject, index, &mut seen, out);
                }
            } else if key.contains("call") {
                for callee in value.split(',').filter(|name| is_name(name.trim())) {
                    push(chunk, &subject, callee, index, &mut seen, out);
                }
            }
            path = vec![subject.clone()];
        } else if let Some((depth, name)) = branch(line) {
            path.truncate(depth + 1);
            if let Some(parent) = path.last().cloned() {
                push(chunk, &parent, name, index, &mut seen, out);
            }
            path.push(name.to_owned());
        } else if let Some(name) = line.split_whitespace().next().filter(|name| is_name(name)) {
            path = vec![name.to_owned()];
        }
    }
}

/// A name of a service, not a remark.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@".contains(c))
        && !text.eq_ignore_ascii_case("none")
}

fn is_dot(chunk: &Chunk<'_>) -> u8 {
    let text = chunk.text.trim_start();
    if (text.starts_with("digraph") || text.starts_with("strict digraph")) && text.contains("->") { 92 } else { 0 }
}

fn read_dot(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut seen = BTreeSet::new();
    for (index, line) in chunk.text.lines().enumerate() {
        let body = line.split('[').next().unwrap_or(line).trim().trim_end_matches(';');
        let body = body.rsplit('{').next().unwrap_or(body).trim_end_matches('}');
        let nodes: Vec<&str> = body.split("->").map(|node| node.trim().trim_end_matches(';')).collect();
        for pair in nodes.windows(2) {
            push(chunk, pair[0], pair[1], index, &mut seen, out);
        }
    }
}

const CALLERS: &[&str] = &["caller", "source", "src", "from", "client", "parent", "source_workload", "source_service"];
const CALLEES: &[&str] = &[
    "callee",
    "target",
    "destination",
    "dst",
    "dest",
    "to",
    "server",
    "child",
    "destination_workload",
    "destination_service",
];

/// The columns of caller and callee in a header.
fn columns(header: &[String]) -> Option<(usize, usize)> {
    let find = |names: &[&str]| header.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()));
    Some((find(CALLERS)?, find(CALLEES)?))
}

fn is_edges(chunk: &Chunk<'_>) -> u8 {
    let Some(header) = Frame::header(chunk.text) else { return 0 };
    let timed = header.iter().any(|cell| matches!(cell.trim().to_lowercase().as_str(), "time" | "timestamp"));
    if columns(&header).is_some() && !timed && header.len() <= 6 { 84 } else { 0 }
}

fn read_edges(chunk: &Chunk<'_>, out: &mut Yield) {
    let Some(frame) = Frame::read(chunk, out) else { return };
    let Some((caller, callee)) = columns(&frame.header) else { return };
    let mut seen = BTreeSet::new();
    for (line, row) in &frame.rows {
        if let (Some(from), Some(to)) = (row.get(caller), row.get(callee)) {
            push(chunk, from, to, *line, &mut seen, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::chunk;
    use super::*;

    fn calls(format: &Format, path: &str, text: &str) -> Vec<(String, String)> {
        let chunk = chunk(path, text, None);
        assert!((format.recognise)(&chunk) > 70, "{text}");
        let mut out = Yield::default();
        (format.read)(&chunk, &mut out);
        out.calls.iter().map(|(a, b, _)| (a.name.to_string(), b.name.to_string())).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn a_tree_gives_calls_at_every_depth() {
        let text = "[Service]: till\n[Upstream (Called By)]: shop\n[Downstream (Calls)]:\ntill\n├── ledger\n└── basket\n    └── basket-db      <-- (Database)\n\n[Service]: ledger\n[Downstream (Calls)]:\n(None - Leaf Service)\n";
        let got = calls(&TREE, "service-map.txt", text);
        assert_eq!(got, pairs(&[("shop", "till"), ("till", "ledger"), ("till", "basket"), ("basket", "basket-db")]));
    }

    #[test]
    fn edge_lists_and_dot_give_calls() {
        let expected = pairs(&[("shop", "till"), ("till", "ledger")]);
        assert_eq!(calls(&EDGES, "e.csv", "caller,callee,count\nshop,till,4\ntill,ledger,2\n"), expected);
        assert_eq!(calls(&EDGES, "e.csv", "Source,Target\nshop,till\ntill,ledger\n"), expected);
        assert_eq!(
            calls(&DOT, "e.dot", "digraph g {\n  \"shop\" -> \"till\" -> \"ledger\" [label=\"2\"];\n}\n"),
            expected
        );
    }
}
