//! Tables inside a description: a header, perhaps a line of dashes, rows.

use firstfault_model::{Map, Value};

use super::tree::Node;
use crate::kubectl::columns::Columns;
use crate::kubectl::{ages, words};

/// The rows of the table under a node, each with the cells by title.
pub(super) struct Grid<'a> {
    columns: Columns,
    rows: Vec<Vec<&'a str>>,
}

impl<'a> Grid<'a> {
    /// Reads the lines under a node.
    pub(super) fn under(node: &Node<'a>) -> Option<Self> {
        Self::of(&rows_below(node))
    }

    /// Reads lines, each with how far it is indented.
    pub(super) fn of(lines: &[(usize, &'a str)]) -> Option<Self> {
        let mut lines = lines.iter();
        let (indent, header) = lines.next()?;
        let columns = Columns::of(header)?;
        let mut rows = Vec::new();
        for (at, line) in lines {
            let dashes = line.starts_with("--");
            if !dashes && at == indent {
                rows.extend(columns.cells(line));
            }
        }
        Some(Self { columns, rows })
    }

    /// Each row as a function from title to cell.
    pub(super) fn rows(&self) -> impl Iterator<Item = GridRow<'_, 'a>> {
        self.rows.iter().map(|cells| GridRow { columns: &self.columns, cells })
    }

    /// Rows as the API's conditions: `Type`, `Status`, `Reason`, `LastTransitionTime`, …
    pub(super) fn conditions(&self) -> Value {
        Value::List(self.rows().map(|row| row.condition()).collect())
    }
}

/// One row.
pub(super) struct GridRow<'g, 'a> {
    columns: &'g Columns,
    cells: &'g [&'a str],
}

impl<'a> GridRow<'_, 'a> {
    /// A cell by its title.
    pub(super) fn cell(&self, title: &str) -> &'a str {
        self.columns.position(title).and_then(|at| self.cells.get(at)).copied().unwrap_or("")
    }

    fn condition(&self) -> Value {
        let mut condition = Map::default();
        for (title, cell) in self.columns.names().iter().zip(self.cells) {
            let Some(text) = words::known(cell) else { continue };
            let key = lower_first(title);
            let value = if key.ends_with("Time") { time(text) } else { Value::str(text) };
            *condition.entry(&key) = value;
        }
        Value::Map(condition)
    }
}

fn rows_below<'a>(node: &Node<'a>) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for child in &node.children {
        found.push((child.indent, child.raw));
        found.extend(child.more.iter().map(|more| (child.indent, *more)));
    }
    found
}

/// `LastHeartbeatTime` → `lastHeartbeatTime`.
pub(super) fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// A printed time as the API writes it; text that is none stays.
pub(super) fn time(text: &str) -> Value {
    match ages::time(text) {
        Some(time) => Value::str(&time.to_string()),
        None => Value::str(text),
    }
}
