//! JSON text, stepped over without building what it says.

/// Objects and arrays within one another; deeper ones are no log records.
const DEEPEST: usize = 48;

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Value<'a> {
    /// A string without its quotes, with its escapes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Bare(&'a str),
    /// An object or an array.
    Nested(&'a str),
}

impl<'a> Value<'a> {
    pub(in crate::format) fn raw(self) -> &'a str {
        match self {
            Self::Text(text) | Self::Bare(text) | Self::Nested(text) => text,
        }
    }
}

/// `"key": value` of a line.
pub(in crate::format) fn member(line: &str) -> Option<(&str, Value<'_>)> {
    let mut walk = Walk::new(line);
    while matches!(walk.peek(), b' ' | b'\t' | b'{' | b',') {
        walk.at += 1;
    }
    let key = walk.string()?;
    walk.blanks();
    if walk.peek() != b':' {
        return None;
    }
    walk.at += 1;
    walk.blanks();
    match walk.peek() {
        b'"' => Some((key, Value::Text(walk.string()?))),
        b'{' | b'[' => Some((key, Value::Nested(&line[walk.at..]))),
        _ => {
            let from = walk.at;
            while !matches!(walk.peek(), b',' | b'}' | b' ' | 0) {
                walk.at += 1;
            }
            Some((key, Value::Bare(line.get(from..walk.at)?)))
        }
    }
}

/// Steps over JSON text.
pub(super) struct Walk<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// An object whose `{` is next; each member of it and of what is inside is shown with the key that it is under.
    pub(super) fn object(
        &mut self,
        parent: &str,
        depth: usize,
        visit: &mut dyn FnMut(&str, &'a str, usize, Value<'a>),
    ) -> Option<()> {
        self.at += 1;
        self.blanks();
        if self.peek() == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blanks();
            let key = self.string()?;
            self.blanks();
            if self.peek() != b':' {
                return None;
            }
            self.at += 1;
            let value = self.value(key, depth, visit)?;
            visit(parent, key, depth, value);
            self.blanks();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn value(
        &mut self,
        key: &str,
        depth: usize,
        visit: &mut dyn FnMut(&str, &'a str, usize, Value<'a>),
    ) -> Option<Value<'a>> {
        self.blanks();
        let from = self.at;
        match self.peek() {
            b'"' => self.string().map(Value::Text),
            b'{' if depth < DEEPEST => {
                self.object(key, depth + 1, visit)?;
                Some(Value::Nested(&self.text[from..self.at]))
            }
            b'[' if depth < DEEPEST => {
                self.at += 1;
                self.blanks();
                if self.peek() == b']' {
                    self.at += 1;
                    return Some(Value::Nested(&self.text[from..self.at]));
                }
                loop {
                    self.value(key, depth + 1, visit)?;
                    self.blanks();
                    match self.peek() {
                        b',' => self.at += 1,
                        b']' => {
                            self.at += 1;
                            return Some(Value::Nested(&self.text[from..self.at]));
                        }
                        _ => return None,
                    }
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I' => {
                while self.peek().is_ascii_alphanumeric() || matches!(self.peek(), b'-' | b'+' | b'.') {
                    self.at += 1;
                }
                Some(Value::Bare(&self.text[from..self.at]))
            }
            _ => None,
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        if self.peek() != b'"' {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            let found = memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)? + at;
            if self.bytes[found] == b'"' {
                self.at = found + 1;
                return Some(&self.text[from..found]);
            }
            at = found + 2;
        }
    }
}

/// Appends a string's text, its escapes resolved.
pub(in crate::format) fn unescape(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some(kind) = after.chars().next() else { return };
        rest = &after[kind.len_utf8()..];
        match kind {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' | 'f' => out.push(' '),
            'u' => {
                let code = |text: &str| text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let Some(first) = code(rest) else { continue };
                rest = &rest[4..];
                let second = rest.strip_prefix("\\u").and_then(code).filter(|s| (0xdc00..0xe000).contains(s));
                let whole = match second {
                    Some(second) if (0xd800..0xdc00).contains(&first) => {
                        rest = &rest[6..];
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => first,
                };
                out.push(char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
}
