//! The tables that `kubectl get` prints, in every form.

use firstfault_model::{Name, Problem, Value};

use super::asked::Asked;
use super::columns::{Columns, pieces};
use super::sheet::{self, Sheet};
use super::{answers, events, guess, lineage, paths, rows, words};
use crate::kinds;
use crate::{Form, Object, Yield};

/// One row under its header.
pub(super) struct Row<'a> {
    /// The columns.
    pub(super) columns: &'a Columns,
    /// One cell a column.
    pub(super) cells: &'a [&'a str],
}

impl Row<'_> {
    /// A cell by its column's title; empty if there is no such column.
    pub(super) fn cell(&self, title: &str) -> &str {
        self.columns.position(title).and_then(|at| self.cells.get(at)).copied().unwrap_or("")
    }

    /// A cell, unless it stands for nothing.
    pub(super) fn known(&self, title: &str) -> Option<&str> {
        words::known(self.cell(title))
    }

    /// Whether the column was printed.
    pub(super) fn has(&self, title: &str) -> bool {
        self.columns.has(title)
    }
}

/// Reads the tables of one output.
pub(super) fn read(sheet: &Sheet, out: &mut Yield) {
    let begun = out.objects.len();
    let mut reading =
        Reading { sheet, begun, columns: None, shown: Vec::new(), complained: false, cut: false, empty: false };
    for line in 0..sheet.lines.len() {
        reading.line(line, out);
    }
    reading.note_listing(out);
}

struct Reading<'s, 'a> {
    sheet: &'s Sheet<'a>,
    /// How many objects other outputs had given before.
    begun: usize,
    columns: Option<Columns>,
    /// Kinds of which a row was seen.
    shown: Vec<Name>,
    complained: bool,
    cut: bool,
    empty: bool,
}

impl Reading<'_, '_> {
    fn line(&mut self, number: usize, out: &mut Yield) {
        let line = self.sheet.lines[number];
        if line.trim().is_empty() || answers::is_remark(line) {
            return;
        }
        if answers::nothing_found(line).is_some() {
            self.empty = true;
        } else if answers::is_complaint(line) {
            self.complained = true;
            out.errors.push(self.sheet.complaint(number, line.trim(), None));
        } else if is_cut_mark(line) {
            self.cut = true;
        } else if self.is_header(line) {
            self.columns = Columns::of(line);
        } else if !line.trim().contains(char::is_whitespace) && line.contains('/') {
            self.name_only(number, line.trim(), out);
        } else {
            self.row(number, line, out);
        }
    }

    fn is_header(&self, line: &str) -> bool {
        if is_header(line) {
            return true;
        }
        let custom = self.asked().is_some_and(|asked| asked.output.starts_with("custom-columns") && !asked.headless);
        custom && self.columns.is_none()
    }

    fn asked(&self) -> Option<&Asked> {
        self.sheet.asked.as_ref()
    }

    /// A line of `-o name`.
    fn name_only(&mut self, number: usize, line: &str, out: &mut Yield) {
        let Some((kind, name)) = line.split_once('/') else { return };
        let Some(kind) = kinds::kind_of(kind) else { return };
        if is_name(name) && !self.last_is_open(number) {
            let namespace = self.sheet.namespace();
            let place = self.sheet.place(number, number);
            out.objects.push(sheet::object(&kind, namespace.as_deref(), name, place, Form::Table));
            self.saw(&kind);
        }
    }

    fn row(&mut self, number: usize, line: &str, out: &mut Yield) {
        let columns = match &self.columns {
            Some(columns) => columns.clone(),
            None => match guess::headless(self.sheet, line) {
                Some(columns) => columns,
                None => {
                    out.problems.push(self.problem(number, "a row without a header whose kind is not known"));
                    return;
                }
            },
        };
        if self.last_is_open(number) && !columns.is_reached_by(line) {
            self.cut = true;
            out.problems.push(self.problem(number, "the table is cut in the middle of this row"));
            return;
        }
        let Some(cells) = columns.cells(line) else {
            out.problems.push(self.problem(number, "the row does not fit its header"));
            return;
        };
        let row = Row { columns: &columns, cells: &cells };
        if events::is_event_table(&columns) {
            let begun = out.events.len();
            events::row(self.sheet, number, &row, out);
            if out.events.len() > begun {
                self.saw(&"Event".into());
            }
            return;
        }
        match self.object(number, &row) {
            Ok(Some(object)) => {
                self.saw(&object.kind);
                keep_latest(object, self.begun, out);
            }
            Ok(None) => {}
            Err(what) => out.problems.push(self.problem(number, what)),
        }
    }

    fn object(&self, number: usize, row: &Row) -> Result<Option<Object>, &'static str> {
        let Some((prefix, name)) = self.name(row) else { return Err("the row has no name") };
        let kind = match prefix {
            Some(prefix) => kinds::kind_of(prefix),
            None => guess::kind(self.sheet, row.columns),
        };
        let Some(kind) = kind else { return Err("the kind of this row is not known") };
        let namespace = match row.known("NAMESPACE").or(row.known("NS")) {
            Some(namespace) => Some(Name::from(namespace)),
            None => self.sheet.namespace(),
        };
        let place = self.sheet.place(number, number);
        let mut object = sheet::object(&kind, namespace.as_deref(), name, place, Form::Table);
        if kind == "APIResource" {
            return Ok(None);
        }
        common(row, &mut object.body);
        match self.asked().and_then(|asked| paths::of_custom_columns(&asked.output)) {
            Some(paths) => paths::fill(&paths, row, &mut object.body),
            None => rows::fill(&kind, row, &mut object.body),
        }
        self.label_columns(row, &mut object.body);
        Ok(Some(object))
    }

    /// The name, and the kind that stands before it.
    fn name<'r>(&self, row: &'r Row) -> Option<(Option<&'r str>, &'r str)> {
        let named = self.asked().and_then(|asked| paths::of_custom_columns(&asked.output)).and_then(|paths| {
            let at = paths.iter().position(|path| path == "metadata.name")?;
            row.cells.get(at).copied()
        });
        let cell = named
            .or_else(|| row.known("POD").filter(|_| row.has("CPU(cores)")))
            .or_else(|| row.known("NAME"))
            .or(row.cells.first().copied())?;
        let cell = cell.trim_end_matches(" (default)").trim_end_matches(" (current)");
        let (prefix, name) = match cell.split_once('/') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, cell),
        };
        is_name(name).then_some((prefix, name))
    }

    /// `-L key`: the last columns are labels.
    fn label_columns(&self, row: &Row, body: &mut Value) {
        let Some(asked) = self.asked() else { return };
        let keys = &asked.label_columns;
        let labels_last = usize::from(row.has("LABELS"));
        let Some(from) = row.cells.len().checked_sub(keys.len() + labels_last) else { return };
        for (key, cell) in keys.iter().zip(&row.cells[from..]) {
            if let Some(value) = words::known(cell) {
                *body.entry("metadata").entry("labels").entry(key) = Value::str(value);
            }
        }
    }

    fn last_is_open(&self, number: usize) -> bool {
        self.sheet.open_end && number + 1 == self.sheet.lines.len()
    }

    fn problem(&self, number: usize, what: &str) -> Problem {
        self.sheet.problem(number, what)
    }

    fn saw(&mut self, kind: &Name) {
        if !self.shown.contains(kind) {
            self.shown.push(kind.clone());
        }
    }

    /// What was listed completely.
    fn note_listing(&self, out: &mut Yield) {
        let Some(asked) = self.asked() else { return };
        if asked.verb != "get" || !asked.is_whole() || self.cut {
            return;
        }
        let answered = self.empty || !self.shown.is_empty();
        for kind in &asked.kinds {
            let shown = self.shown.contains(kind);
            if answered && (shown || !self.complained) {
                let namespace = self.sheet.namespace().filter(|_| !kinds::is_cluster_scoped(kind));
                out.listed.push((kind.clone(), namespace));
            }
        }
    }
}

/// Whether a line is the header of a table of kubectl.
pub(super) fn is_header(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or("");
    let begins =
        matches!(first, "NAME" | "NAMESPACE" | "LASTSEEN" | "FIRSTSEEN" | "POD" | "SHORTNAMES" | "OBJECT" | "NS");
    let begins = begins || line.starts_with("LAST SEEN") || line.starts_with("FIRST SEEN");
    begins && pieces(line).iter().all(|(_, title)| is_title(title))
}

fn is_title(title: &str) -> bool {
    let bare = title.split('(').next().unwrap_or(title);
    !bare.bytes().any(|b| b.is_ascii_lowercase())
}

/// A mark that somebody left where he cut the output.
fn is_cut_mark(line: &str) -> bool {
    let line = line.trim().trim_matches(['[', ']', '<', '>', '(', ')', '-', ' ']);
    let line = line.to_ascii_lowercase();
    matches!(line.as_str(), "..." | "…" | "snip" | "more" | "output truncated" | "truncated" | "cut")
        || line.ends_with("lines omitted")
        || line.ends_with("truncated...")
}

/// Whether a text may be the name of an object.
pub(super) fn is_name(name: &str) -> bool {
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let ends = name.bytes().next_back().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'*');
    begins && ends && name.len() <= 253 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:/@*$".contains(&b))
}

/// What all kinds of rows print alike.
fn common(row: &Row, body: &mut Value) {
    if let Some(age) = row.known("AGE").and_then(super::ages::seconds) {
        body.set("metadata.printedAge", Value::Int(age));
    }
    if row.has("LABELS") {
        body.set("metadata.labels", words::labels(row.cell("LABELS")));
    }
    if let Some(time) = row.known("CREATED AT").and_then(super::ages::time) {
        body.set("metadata.creationTimestamp", Value::str(&time.to_string()));
    }
}

/// In the output of a watch the later row of a name is the newer one. What another output said
/// stays beside it.
fn keep_latest(object: Object, begun: usize, out: &mut Yield) {
    let recent = out.objects.len().saturating_sub(lineage::WATCHED).max(begun);
    let same =
        |other: &Object| other.kind == object.kind && other.name == object.name && other.namespace == object.namespace;
    match out.objects[recent..].iter_mut().find(|other| same(other)) {
        // `top --containers` has a row for each container.
        Some(other) if other.kind == "PodMetrics" => {
            for container in object.at("containers").list() {
                words::push(&mut other.body, "containers", container.clone());
            }
        }
        Some(other) => *other = object,
        None => out.objects.push(object),
    }
}
