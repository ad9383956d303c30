//! Texts of logs on a terminal.

/// Characters shown of a line.
const LONGEST_LINE: usize = 240;

/// A text of the evidence: nothing in it moves the cursor.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

/// The first line of a text, cut.
pub(crate) fn first_line(text: &str) -> String {
    cut(&visible(text.lines().next().unwrap_or("")))
}

/// A line, cut.
pub(crate) fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_LINE {
        return text.to_owned();
    }
    text.chars().take(LONGEST_LINE).chain(['…']).collect()
}

/// `1 record`, `2 records`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
