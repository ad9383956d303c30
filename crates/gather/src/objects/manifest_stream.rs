//! YAML that is too large to hold: document by document, and the items of a list some at a time.

use firstfault_model::{Interner, Place, Value};

use crate::Yield;
use crate::large::{LARGEST_PIECE, Large};

use super::accept::accept;
use super::asked::{Asked, asked};
use super::listing::List;
use super::tree::{Hint, hint};
use super::yaml;

/// Items are read when so many bytes of them are there.
const BATCH: usize = 1 << 20;
/// How many problems of one file are told.
const PROBLEMS: usize = 20;
/// The end of a file, where kubectl writes the kind of a list.
const TAIL: usize = 4 << 10;

/// Reads all documents of a file that is too large to hold.
pub(crate) fn read_large(large: &mut Large<'_>, out: &mut Yield) {
    let hint = hint(large.path);
    let path = large.path.clone();
    let mut stream = Stream {
        asked: large.command.and_then(asked),
        kind: kind_at_the_end(large),
        place: Box::new(move |lines| Place { path: path.clone(), lines }),
        names: Interner::default(),
        rest: Text::default(),
        list: None,
        last: 0,
        problems: Vec::new(),
        hint,
    };
    let (mut line, mut lines) = (String::new(), large.lines());
    while let Some(number) = lines.next(&mut line) {
        stream.line(number, &line, out);
    }
    stream.end_document(out);
    for (line, what) in std::mem::take(&mut stream.problems) {
        large.problem(line, what, out);
    }
    out.read_as = match stream.hint.tree {
        "" => "Kubernetes objects (YAML)".to_owned(),
        tree => format!("Kubernetes objects (YAML, {tree})"),
    };
}

/// `PodList` where the last lines say so.
fn kind_at_the_end(large: &mut Large<'_>) -> String {
    let from = large.size.saturating_sub(TAIL as u64);
    let tail = large.read(from, TAIL);
    let tail = String::from_utf8_lossy(&tail);
    tail.lines().rev().find_map(|line| line.strip_prefix("kind: ")).unwrap_or_default().trim().to_owned()
}

/// Some lines, and the number of the first.
#[derive(Default)]
struct Text {
    first_line: u32,
    text: String,
    /// It grew too large: what follows is passed over.
    dropped: bool,
}

impl Text {
    fn push(&mut self, number: u32, line: &str) {
        if self.text.is_empty() {
            self.first_line = number;
        }
        if self.text.len() + line.len() > LARGEST_PIECE {
            self.dropped = true;
        } else if !self.dropped {
            self.text.push_str(line);
        }
    }
}

/// The items of a list that are being read.
struct Items {
    list: List,
    /// The kind that was taken for the list's.
    kind: String,
    /// How many objects there were before it.
    began: usize,
    /// What stands before the `-` of an item.
    indent: Option<usize>,
    batch: Text,
    /// Something else of the list follows.
    closed: bool,
}

struct Stream {
    hint: Hint,
    asked: Option<Asked>,
    /// The kind of a list that does not say it before its items.
    kind: String,
    place: Box<dyn Fn((u32, u32)) -> Place>,
    names: Interner,
    /// The document without its items.
    rest: Text,
    list: Option<Items>,
    /// The line that was read last.
    last: u32,
    problems: Vec<(u32, String)>,
}

impl Stream {
    fn line(&mut self, number: u32, line: &str, out: &mut Yield) {
        let bare = line.trim_end();
        self.last = number;
        if bare == "---" || bare.starts_with("--- ") {
            return self.end_document(out);
        }
        if let Some(items) = self.list.as_mut().filter(|items| !items.closed) {
            let indent = line.len() - line.trim_start().len();
            let is_item = line[indent..].starts_with("- ") && items.indent.is_none_or(|known| known == indent);
            if is_item {
                items.indent = Some(indent);
                if items.batch.text.len() > BATCH || items.batch.dropped {
                    self.read_batch(Rest::Follows, out);
                }
            }
            let is_margin = indent == 0 && !line.starts_with(['-', '#', '\n', '\r']);
            if !is_margin {
                if let Some(items) = &mut self.list {
                    items.batch.push(number, line);
                }
                return;
            }
            if let Some(items) = &mut self.list {
                items.closed = true;
            }
        }
        self.rest.push(number, line);
        let may_list = self.list.is_none() && bare == "items:";
        if may_list {
            let said = self.rest.text.lines().find_map(|line| line.strip_prefix("kind: ")).unwrap_or(&self.kind);
            let kind = if said.ends_with("List") { said.to_owned() } else { String::new() };
            // What the list says of itself comes after its items; whether it is whole is known then.
            let list = List::new(kind.clone(), Value::default(), false);
            let (began, batch) = (out.objects.len(), Text::default());
            self.list = Some(Items { list, kind, began, indent: None, batch, closed: false });
        }
    }

    /// Reads the items that were gathered.
    fn read_batch(&mut self, rest: Rest, out: &mut Yield) {
        let Some(items) = &mut self.list else { return };
        let batch = std::mem::take(&mut items.batch);
        if batch.text.is_empty() && !batch.dropped {
            return;
        }
        if batch.dropped {
            self.problem(batch.first_line, "too large to hold: items were left out".to_owned());
            return;
        }
        let text = format!("items:\n{}", batch.text);
        let mut document = yaml::read(&text, batch.first_line.saturating_sub(1), &mut self.names);
        if let Some((what, line)) = document.problem.take() {
            self.problem(line, what);
        }
        let Some(items) = &mut self.list else { return };
        let kind = items.list.item_kind().map(str::to_owned);
        let Value::List(mut values) = std::mem::take(document.value.entry("items")) else { return };
        // Where nothing follows the last item, it may be cut off.
        if rest == Rest::Missing {
            values.pop();
        }
        for (value, lines) in values.into_iter().zip(document.items) {
            let accepted = accept(value, kind.as_deref(), &self.hint, (self.place)(lines), out);
            items.list.saw(accepted);
        }
    }

    fn end_document(&mut self, out: &mut Yield) {
        let rest_says = self.rest.text.contains("kind:") || self.rest.text.contains("metadata:");
        self.read_batch(if rest_says { Rest::Follows } else { Rest::Missing }, out);
        let rest = std::mem::take(&mut self.rest);
        if rest.dropped {
            self.problem(rest.first_line, "too large to hold: a document that is no list was left out".to_owned());
        }
        if rest.dropped || rest.text.trim().is_empty() {
            self.list = None;
            return;
        }
        let document = yaml::read(&rest.text, rest.first_line, &mut self.names);
        if let Some((what, line)) = document.problem {
            self.problem(line, what);
        }
        let Some(items) = self.list.take() else {
            accept(document.value, None, &self.hint, (self.place)(document.lines), out);
            return;
        };
        if !rest_says {
            self.problem(self.last, "the list ends in the middle: its last item was left out".to_owned());
            return;
        }
        // The kind was taken from the end of the file, and this is another list.
        if !items.kind.is_empty() && document.value.get("kind").text() != items.kind {
            out.objects.truncate(items.began);
            return self.problem(rest.first_line, "a list that says its kind only at its end was left out".to_owned());
        }
        let is_whole = self.problems.is_empty() && document.value.at("metadata.continue").text().is_empty();
        if is_whole {
            items.list.note(self.asked.as_ref(), &self.hint, out);
        }
    }

    fn problem(&mut self, line: u32, what: String) {
        if self.problems.len() < PROBLEMS {
            self.problems.push((line, what));
        }
    }
}

/// Whether something stands after the items that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Follows,
    Missing,
}
