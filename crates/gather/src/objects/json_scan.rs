//! Where the documents and items of JSON text stand, found without building anything: one pass,
//! no recursion, so that neither 400 MB nor a hundred thousand open brackets matter.

use std::ops::Range;

use memchr::memchr2;

/// One document of a stream.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// All of it, as far as it goes.
    pub(crate) span: Range<usize>,
    /// Members of the outermost object but `items`, with where their values stand.
    pub(crate) members: Vec<(Range<usize>, Range<usize>)>,
    /// The complete elements of `items`, or of the outermost array.
    pub(crate) items: Option<Vec<Range<usize>>>,
    /// It is an array and not an object.
    pub(crate) bare: bool,
    /// It ends before it is closed.
    pub(crate) truncated: bool,
}

/// How many members an outermost object may have before the rest is left alone.
const MEMBERS: usize = 10_000;

/// Reads the document that begins at `start`, which is `{` or `[`.
pub(crate) fn document(text: &str, start: usize) -> Document {
    let bytes = text.as_bytes();
    let mut found = Document { span: start..bytes.len(), ..Document::default() };
    let end = if bytes[start] == b'[' {
        found.bare = true;
        let mut items = Vec::new();
        let end = elements(bytes, start, &mut items);
        found.items = Some(items);
        end
    } else {
        members(bytes, start, &mut found)
    };
    match end {
        Some(end) => found.span.end = end,
        None => found.truncated = true,
    }
    found
}

/// Walks an array's elements and gives its end; `None` when it is not closed.
fn elements(bytes: &[u8], start: usize, items: &mut Vec<Range<usize>>) -> Option<usize> {
    let mut at = blank(bytes, start + 1);
    loop {
        match bytes.get(at)? {
            b']' => return Some(at + 1),
            b',' => at = blank(bytes, at + 1),
            _ => {
                let end = value_end(bytes, at)?;
                items.push(at..end);
                at = blank(bytes, end);
            }
        }
    }
}

/// Walks an object's members and gives its end; `None` when it is not closed.
fn members(bytes: &[u8], start: usize, found: &mut Document) -> Option<usize> {
    let mut at = blank(bytes, start + 1);
    loop {
        match bytes.get(at)? {
            b'}' => return Some(at + 1),
            b',' => at = blank(bytes, at + 1),
            b'"' => {
                let key = at..string_end(bytes, at)?;
                at = blank(bytes, key.end);
                if *bytes.get(at)? != b':' {
                    return None;
                }
                at = blank(bytes, at + 1);
                let name = &bytes[key.start + 1..key.end - 1];
                let end = if (name == b"items" || name == b"Items") && *bytes.get(at)? == b'[' {
                    let mut items = Vec::new();
                    let end = elements(bytes, at, &mut items);
                    found.items = Some(items);
                    end?
                } else {
                    let end = value_end(bytes, at)?;
                    if found.members.len() < MEMBERS {
                        found.members.push((key.start + 1..key.end - 1, at..end));
                    }
                    end
                };
                at = blank(bytes, end);
            }
            _ => return None,
        }
    }
}

/// The first byte at or after `at` that is not white space.
pub(crate) fn blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The end of a string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The end of any value that begins at `at`; `None` when the text ends first or no value begins.
fn value_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => return string_end(bytes, at),
        b'{' | b'[' => {}
        byte if byte.is_ascii_alphanumeric() || *byte == b'-' => {
            let rest = &bytes[at..];
            let length = rest.iter().position(|b| b",]}".contains(b) || b.is_ascii_whitespace())?;
            return Some(at + length);
        }
        _ => return None,
    }
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_members_are_found_where_they_stand() {
        let text = r#" {"a": "x\"}", "items": [{"n": [1]}, 2], "kind":"List"} {"#;
        let found = document(text, 1);
        let items: Vec<_> = found.items.expect("items").into_iter().map(|range| &text[range]).collect();
        assert_eq!(items, [r#"{"n": [1]}"#, "2"]);
        assert_eq!(&text[found.members[1].1.clone()], r#""List""#);
        assert_eq!(found.span.end, text.len() - 2);
    }

    #[test]
    fn what_was_complete_before_the_end_stays() {
        let found = document(r#"{"items":[{"a":1},{"b":"#, 0);
        assert!(found.truncated);
        assert_eq!(found.items.expect("items").len(), 1);
    }

    #[test]
    fn a_hundred_thousand_brackets_are_no_recursion() {
        let text = "[".repeat(100_000);
        assert!(document(&text, 0).truncated);
    }
}
