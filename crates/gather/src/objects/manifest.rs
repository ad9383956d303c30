//! YAML documents: manifests, `kubectl get -o yaml`, must-gather's lists.

use firstfault_model::{Interner, Place, Value};

use crate::{Chunk, Yield};

use super::accept::accept;
use super::asked::{Asked, asked};
use super::listing::List;
use super::tree::{Hint, hint};
use super::yaml;

/// Reads all documents of a text.
pub(crate) fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let hint = hint(chunk.path);
    let asked = chunk.command.and_then(asked);
    let mut names = Interner::default();
    for (line, text) in yaml::documents(chunk.text) {
        let document = yaml::read(text, chunk.first_line + line, &mut names);
        if let Some((what, line)) = document.problem.clone() {
            super::problem(chunk, line, what, out);
        }
        take(chunk, document, &hint, asked.as_ref(), out);
    }
    out.read_as = match hint.tree {
        "" => "Kubernetes objects (YAML)".to_owned(),
        tree => format!("Kubernetes objects (YAML, {tree})"),
    };
}

fn take(chunk: &Chunk<'_>, document: yaml::Document, hint: &Hint, asked: Option<&Asked>, out: &mut Yield) {
    let place = |lines: (u32, u32)| Place { path: chunk.path.clone(), lines };
    let mut value = document.value;
    let kind = value.get("kind").text().to_owned();
    let is_list = matches!(value, Value::List(_)) || !value.get("items").list().is_empty() || kind.ends_with("List");
    if !is_list {
        accept(value, None, hint, place(document.lines), out);
        return;
    }
    let metadata = value.get("metadata").clone();
    let mut items = match value {
        Value::List(items) => items,
        ref mut map => match std::mem::take(map.entry("items")) {
            Value::List(items) => items,
            _ => Vec::new(),
        },
    };
    // kubectl writes `kind` after `items`: where it is missing, the end was cut off, and the last
    // item with it.
    let bare = metadata.is_null() && kind.is_empty();
    let cut = bare && chunk.text.contains("\nitems:");
    if cut && document.problem.is_none() && items.len() > 1 {
        items.pop();
        super::problem(
            chunk,
            document.lines.1,
            "the list ends in the middle: its last item was left out".to_owned(),
            out,
        );
    }
    let mut list = List::new(kind, metadata, cut || document.problem.is_some());
    let kind = list.item_kind().map(str::to_owned);
    for (item, lines) in items.into_iter().zip(document.items) {
        let accepted = accept(item, kind.as_deref(), hint, place(lines), out);
        list.saw(accepted);
    }
    list.note(asked, hint, out);
}
