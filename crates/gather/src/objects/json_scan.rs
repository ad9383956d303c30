//! Where the documents and items of JSON stand, found without building anything: one pass, no
//! recursion, and as many bytes at a time as are there, so that neither 400 MB nor a hundred
//! thousand open brackets matter.

use std::ops::Range;

use memchr::memchr2;

/// One document of a stream. All offsets count from the beginning of the stream.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// All of it, as far as it goes.
    pub(crate) span: Range<usize>,
    /// Members of the outermost object but `items`: their names and where their values stand.
    pub(crate) members: Vec<(String, Range<usize>)>,
    /// The complete elements of `items`, or of the outermost array.
    pub(crate) items: Option<Vec<Range<usize>>>,
    /// It is an array and not an object.
    pub(crate) bare: bool,
    /// It ends before it is closed, or is broken.
    pub(crate) truncated: bool,
    /// It has more items than are held.
    pub(crate) more: bool,
}

/// How many members an outermost object may have before the rest is left alone.
const MEMBERS: usize = 10_000;
/// Names of members are kept up to this length.
const LONGEST_NAME: usize = 64;
/// How many items a list may have before the rest is left alone: 16 MB of offsets.
const ITEMS: usize = 1_000_000;

/// Reads the document that begins at `start`, which is `{` or `[`.
#[cfg(test)]
fn document(text: &str, start: usize) -> Document {
    let mut scan = Scan::new(start);
    scan.feed(&text.as_bytes()[start..]);
    scan.finish()
}

/// What may come next in the outermost object or in the list of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// The outermost bracket.
    Document,
    /// A member's name, or the end of the object.
    Name,
    Colon,
    /// A member's value.
    Value,
    /// An item, or the end of the list.
    Item,
}

/// What is being walked over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Nothing: what comes next is told by `Awaits`.
    Structure,
    /// A name, number, `true`, `false` or `null`.
    Word,
    String,
    /// A string, right after its backslash.
    Escape,
    /// An object or array, outside its strings.
    Nested,
    NestedString,
    NestedEscape,
}

/// A scan that takes the bytes of one document piece by piece.
#[derive(Debug)]
pub(crate) struct Scan {
    found: Document,
    /// The offset of the next byte.
    at: usize,
    awaits: Awaits,
    inside: Inside,
    /// Open brackets of the value that is being walked over.
    depth: usize,
    /// Where that value, or that name, begins.
    from: usize,
    name: Vec<u8>,
    /// `items` is open inside the outermost object.
    in_items: bool,
    done: bool,
}

impl Scan {
    /// A scan of the document whose first byte, `{` or `[`, has the offset `start`.
    pub(crate) fn new(start: usize) -> Self {
        Self {
            found: Document { span: start..start, truncated: true, ..Document::default() },
            at: start,
            awaits: Awaits::Document,
            inside: Inside::Structure,
            depth: 0,
            from: start,
            name: Vec::new(),
            in_items: false,
            done: false,
        }
    }

    /// Takes the next bytes; `true` when the document ended in them, or cannot go on.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> bool {
        let base = self.at;
        let mut i = 0;
        while i < bytes.len() && !self.done {
            i = match self.inside {
                Inside::Structure => self.structure(bytes[i], base + i, i),
                Inside::Word => self.word(bytes[i], base + i, i),
                Inside::String | Inside::NestedString => self.string(bytes, base, i),
                Inside::Escape => {
                    self.escaped(bytes[i]);
                    self.inside = Inside::String;
                    i + 1
                }
                Inside::NestedEscape => {
                    self.inside = Inside::NestedString;
                    i + 1
                }
                Inside::Nested => self.nested(bytes, base, i),
            };
        }
        self.at = base + i;
        self.done
    }

    /// What was found.
    pub(crate) fn finish(mut self) -> Document {
        if self.found.truncated {
            self.found.span.end = self.at;
        }
        self.found
    }

    /// A byte between values: gives the index to go on at.
    fn structure(&mut self, byte: u8, at: usize, i: usize) -> usize {
        if byte.is_ascii_whitespace() {
            return i + 1;
        }
        match (self.awaits, byte) {
            (Awaits::Document, b'[') => {
                self.found.bare = true;
                self.found.items = Some(Vec::new());
                self.awaits = Awaits::Item;
            }
            (Awaits::Document, _) => self.awaits = Awaits::Name,
            (Awaits::Item, b']') if self.in_items => {
                self.in_items = false;
                self.awaits = Awaits::Name;
            }
            (Awaits::Item, b']') | (Awaits::Name, b'}') => {
                self.found.truncated = false;
                self.found.span.end = at + 1;
                self.done = true;
            }
            (Awaits::Item | Awaits::Name, b',') => {}
            (Awaits::Name, b'"') => {
                self.name.clear();
                self.inside = Inside::String;
            }
            (Awaits::Colon, b':') => self.awaits = Awaits::Value,
            (Awaits::Value, b'[') if matches!(&self.name[..], b"items" | b"Items") => {
                self.found.items = Some(Vec::new());
                self.in_items = true;
                self.awaits = Awaits::Item;
            }
            (Awaits::Value | Awaits::Item, _) => self.begin(byte, at),
            // Nothing that JSON allows here: what was complete before it stays.
            _ => self.done = true,
        }
        i + 1
    }

    /// A value begins.
    fn begin(&mut self, byte: u8, at: usize) {
        self.from = at;
        self.inside = match byte {
            b'"' => Inside::String,
            b'{' | b'[' => {
                self.depth = 1;
                Inside::Nested
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => Inside::Word,
            _ => {
                self.done = true;
                return;
            }
        };
    }

    /// A value, or a name, ended before `end`.
    fn end(&mut self, end: usize) {
        self.inside = Inside::Structure;
        match self.awaits {
            Awaits::Name => self.awaits = Awaits::Colon,
            Awaits::Value => {
                if self.found.members.len() < MEMBERS {
                    let name = String::from_utf8_lossy(&self.name).into_owned();
                    self.found.members.push((name, self.from..end));
                }
                self.awaits = Awaits::Name;
            }
            _ => {
                let items = self.found.items.get_or_insert_default();
                if items.len() < ITEMS { items.push(self.from..end) } else { self.found.more = true }
            }
        }
    }

    fn word(&mut self, byte: u8, at: usize, i: usize) -> usize {
        if b",]}".contains(&byte) || byte.is_ascii_whitespace() {
            self.end(at);
            return i;
        }
        i + 1
    }

    /// The bytes of a string up to its end, or to a backslash.
    fn string(&mut self, bytes: &[u8], base: usize, i: usize) -> usize {
        let stop = memchr2(b'"', b'\\', &bytes[i..]).map(|found| i + found);
        let is_name = self.inside == Inside::String && self.awaits == Awaits::Name;
        if is_name {
            for byte in &bytes[i..stop.unwrap_or(bytes.len())] {
                self.escaped(*byte);
            }
        }
        let Some(stop) = stop else { return bytes.len() };
        match (bytes[stop], self.inside) {
            (b'"', Inside::NestedString) => self.inside = Inside::Nested,
            (b'"', _) => self.end(base + stop + 1),
            (_, Inside::NestedString) => self.inside = Inside::NestedEscape,
            _ => self.inside = Inside::Escape,
        }
        stop + 1
    }

    /// A byte of a member's name.
    fn escaped(&mut self, byte: u8) {
        if self.awaits == Awaits::Name && self.name.len() < LONGEST_NAME {
            self.name.push(byte);
        }
    }

    /// The bytes of an object or array up to its end, or to a string in it.
    fn nested(&mut self, bytes: &[u8], base: usize, from: usize) -> usize {
        for (i, byte) in bytes.iter().enumerate().skip(from) {
            match byte {
                b'"' => {
                    self.inside = Inside::NestedString;
                    return i + 1;
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.end(base + i + 1);
                        return i + 1;
                    }
                }
                _ => {}
            }
        }
        bytes.len()
    }
}

/// The first byte at or after `at` that is not white space.
pub(crate) fn blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
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
        assert_eq!(found.members[1].0, "kind");
        assert_eq!(&text[found.members[1].1.clone()], r#""List""#);
        assert_eq!(found.span.end, text.len() - 2);
        assert!(!found.truncated);
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

    #[test]
    fn pieces_of_any_size_give_the_same() {
        let text = r#"{"kind":"Li\"st","n":-1.5e3,"items":[{"a":"]\\\"}"},[[]],"x\"y",true],"m":{"c":"{"}} tail"#;
        let whole = format!("{:?}", document(text, 0));
        for size in 1..text.len() {
            let mut scan = Scan::new(0);
            text.as_bytes().chunks(size).any(|piece| scan.feed(piece));
            assert_eq!(format!("{:?}", scan.finish()), whole, "pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_json_ends_the_document() {
        for text in ["{,x", "{\"a\" 1", "[?]", "{\"items\":[;"] {
            assert!(document(text, 0).truncated, "{text}");
        }
    }
}
