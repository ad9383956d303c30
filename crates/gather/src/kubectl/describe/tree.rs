//! The indented lines of a description as a tree of keys.

/// Deeper lines are hung to the deepest that is allowed.
const DEEPEST: usize = 48;

/// A termination message has no more lines than this.
const LONGEST_MESSAGE: usize = 200;

/// A line, what follows it at its value's column, and what is indented under it.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    /// The line's index in the sheet.
    pub(super) line: usize,
    /// How far it is indented.
    pub(super) indent: usize,
    /// The line without its indentation.
    pub(super) raw: &'a str,
    /// What stands before the colon; empty if there is none.
    pub(super) key: &'a str,
    /// What stands behind it.
    pub(super) value: &'a str,
    /// Further lines of the value.
    pub(super) more: Vec<&'a str>,
    /// What is indented under it.
    pub(super) children: Vec<Node<'a>>,
    /// Where the value begins, in characters.
    column: usize,
}

impl<'a> Node<'a> {
    fn new(line: usize, text: &'a str) -> Self {
        let raw = text.trim();
        let indent = indent(text);
        let (key, value) = split(raw);
        let before = if value.is_empty() { 0 } else { raw.len() - value.len() };
        let column = indent + raw.get(..before).map_or(before, |before| before.chars().count());
        Self { line, indent, raw, key, value, more: Vec::new(), children: Vec::new(), column }
    }

    /// The value and its further lines.
    pub(super) fn values(&self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.value).filter(|value| !value.is_empty()).chain(self.more.iter().copied())
    }

    /// The whole text of the value.
    pub(super) fn text(&self) -> String {
        self.values().collect::<Vec<_>>().join("\n")
    }

    /// All lines under it, in order, as they stand.
    pub(super) fn lines_below(&self) -> Vec<&'a str> {
        let mut found = Vec::new();
        for child in &self.children {
            found.push(child.raw);
            found.extend(&child.more);
            found.extend(child.lines_below());
        }
        found
    }

    /// A child by its key.
    pub(super) fn child(&self, key: &str) -> Option<&Node<'a>> {
        find(&self.children, key)
    }

    /// A child's value; empty if there is none.
    pub(super) fn value_of(&self, key: &str) -> &'a str {
        value(&self.children, key)
    }
}

/// A node by its key.
pub(super) fn find<'n, 'a>(nodes: &'n [Node<'a>], key: &str) -> Option<&'n Node<'a>> {
    nodes.iter().find(|node| node.key == key)
}

/// The value at a key; empty if there is none.
pub(super) fn value<'a>(nodes: &[Node<'a>], key: &str) -> &'a str {
    find(nodes, key).map_or("", |node| node.value)
}

/// Builds the tree of some lines of a sheet.
pub(super) fn grow<'a>(lines: &[&'a str], range: std::ops::Range<usize>) -> Vec<Node<'a>> {
    let mut open: Vec<Node<'a>> = vec![Node::default()];
    let mut skip_to = 0;
    for at in range.clone() {
        let text = lines[at];
        if text.trim().is_empty() || at < skip_to {
            continue;
        }
        if continues(&mut open, text) {
            continue;
        }
        let mut node = Node::new(at, text);
        if node.key == "Message" && node.indent > 0 {
            skip_to = message_end(lines, at, range.end, node.indent);
            node.more.extend(lines[(at + 1).min(skip_to)..skip_to].iter().map(|line| line.trim()));
        }
        while open.len() > 1 && (open[open.len() - 1].indent >= node.indent || open.len() > DEEPEST) {
            close(&mut open);
        }
        open.push(node);
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|root| root.children).unwrap_or_default()
}

fn close<'a>(open: &mut Vec<Node<'a>>) {
    if let Some(done) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(done);
    }
}

/// Whether a line goes on with an open value: it begins at the value's column or behind it.
fn continues<'a>(open: &mut [Node<'a>], text: &'a str) -> bool {
    let indent = indent(text);
    let goes_on = |node: &&mut Node| !node.value.is_empty() && !node.key.is_empty() && indent >= node.column;
    let Some(node) = open.iter_mut().skip(1).rev().find(goes_on) else { return false };
    node.more.push(text.trim());
    true
}

/// A message may hold line ends; its further lines begin at the edge. It ends where the next
/// field of the container's state or of the container stands.
fn message_end(lines: &[&str], at: usize, end: usize, indent_of_message: usize) -> usize {
    const NEXT: &[&str] =
        &["Exit Code", "Signal", "Started", "Finished", "Reason", "Ready", "Last State", "Restart Count"];
    let last = end.min(at + LONGEST_MESSAGE);
    for (next, text) in lines.iter().enumerate().take(last).skip(at + 1) {
        let (key, _) = split(text.trim());
        let depth = indent(text);
        let next_field = depth == indent_of_message && !key.is_empty();
        if next_field || (NEXT.contains(&key) && depth > 0 && depth <= indent_of_message) {
            return next;
        }
    }
    at + 1
}

/// How many blanks a line begins with; a tab reaches to the next multiple of eight.
fn indent(text: &str) -> usize {
    let mut column = 0;
    for letter in text.chars() {
        match letter {
            ' ' => column += 1,
            '\t' => column = (column / 8 + 1) * 8,
            _ => break,
        }
    }
    column
}

/// Key and value of a line; without a colon that ends a word there is no key.
fn split(raw: &str) -> (&str, &str) {
    for (at, _) in raw.match_indices(':') {
        let rest = &raw[at + 1..];
        if rest.is_empty() || rest.starts_with([' ', '\t']) {
            return (raw[..at].trim_end(), rest.trim());
        }
    }
    ("", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
Name:         api-0
Labels:       app=api
              tier=front
Containers:
  api:
    State:          Terminated
      Reason:       Error
      Message:      panic: no route
goroutine 1 [running]:
main.main()
      Exit Code:    2
    Ready:          False
    Environment:
      GREETING:  hello
                 world
";

    #[test]
    fn lines_become_a_tree() {
        let lines: Vec<_> = SAMPLE.lines().collect();
        let nodes = grow(&lines, 0..lines.len());
        assert_eq!(value(&nodes, "Name"), "api-0");
        let labels = find(&nodes, "Labels").expect("labels");
        assert_eq!(labels.values().collect::<Vec<_>>(), ["app=api", "tier=front"]);
        let api = find(&nodes, "Containers").and_then(|n| n.child("api")).expect("a container");
        let state = api.child("State").expect("a state");
        assert_eq!(state.value_of("Exit Code"), "2");
        assert_eq!(
            state.child("Message").expect("a message").text(),
            "panic: no route\ngoroutine 1 [running]:\nmain.main()"
        );
        assert_eq!(api.value_of("Ready"), "False");
        assert_eq!(
            api.child("Environment").and_then(|n| n.child("GREETING")).expect("a variable").text(),
            "hello\nworld"
        );
    }
}
