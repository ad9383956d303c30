//! Text of the evidence inside markup: what stands there stays text.

/// Text from evidence cannot become markup: no HTML, no table cell, no link.
#[must_use]
pub fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '[' | ']' | '*' | '_' | '`' | '#' | '!' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A code span that its content cannot close.
#[must_use]
pub fn code(raw: &str) -> String {
    let one_line: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = one_line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{one_line}{pad}{fence}")
}

/// A code span inside a table, where a bar would begin the next cell.
#[must_use]
pub fn code_in_table(raw: &str) -> String {
    code(raw).replace('|', "\\|")
}

/// Text inside XML or HTML, also inside an attribute in double quotes.
#[must_use]
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_cannot_become_markup() {
        assert_eq!(text("<b>|[x](y)"), "&lt;b&gt;\\|\\[x\\](y)");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("ps | wc"), "`ps | wc`", "what is copied runs");
        assert_eq!(code_in_table("ps | wc"), "`ps \\| wc`");
    }
}
