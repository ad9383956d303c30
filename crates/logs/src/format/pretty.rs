//! Objects printed over several lines.

use super::json;
use super::moment::Moment;
use super::notation::Orders;
use crate::Level;

/// Follows the braces of pretty-printed JSON.
#[derive(Clone, Debug)]
pub(super) struct Pretty {
    /// How deep a record's object lies: 1 for objects one after another, 2 in an array, 3 in `{"Records": [`.
    record: u32,
    depth: u32,
    /// The last key that opened an object.
    parent: String,
    /// How sure the time of the open record is.
    rank: Option<u8>,
}

/// What a line of pretty-printed JSON is to its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) begins: bool,
    /// Belongs to no record: the brackets around them.
    pub(super) frame: bool,
    pub(super) time: Option<Moment>,
    pub(super) level: Option<Level>,
}

impl Pretty {
    /// For a file that begins with an object or array which goes on over lines.
    pub(super) fn learn<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut lines = lines.filter(|l| !l.trim().is_empty());
        let first = lines.next()?.trim();
        let orders = Orders { long: None, short: None };
        if !first.starts_with(['{', '[']) || json::read(first, orders, &mut json::Roles::default()).is_some() {
            return None;
        }
        let rest = first[1..].trim_start();
        let opens = rest.is_empty() || rest.starts_with(['{', '"']);
        let mut record = 1;
        let mut depth = 0;
        // Down to the first plain member: records lie in the innermost array on the way there.
        for line in std::iter::once(first).chain(lines).take(12) {
            let mut value_before_end = false;
            each_mark(line, |mark| match mark {
                b'{' => depth += 1,
                b'[' => {
                    depth += 1;
                    record = depth + 1;
                }
                b'}' | b']' => value_before_end = true,
                _ => {}
            });
            let plain = json::member(line.trim()).is_some_and(|(_, v)| !matches!(v, json::Value::Nested(_)));
            if plain || value_before_end {
                break;
            }
        }
        // Brackets that no object follows are text: `[ERROR] x`.
        (opens && depth >= record).then_some(Self { record, depth: 0, parent: String::new(), rank: None })
    }

    pub(super) fn line(&mut self, line: &str, orders: Orders) -> Part {
        let mut part = Part::default();
        let (record, mut depth) = (self.record, self.depth);
        let inside = depth >= record;
        each_mark(line, |mark| match mark {
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                part.begins |= depth == record && mark == b'{';
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        });
        self.depth = depth;
        if part.begins {
            self.rank = None;
            self.parent.clear();
        }
        part.frame = !inside && !part.begins;
        if let Some((key, json::Value::Nested(_))) = json::member(line.trim()) {
            self.parent.clear();
            self.parent.push_str(key);
        }
        // Members of the record itself are surer than those further in.
        let further = u8::try_from(depth.saturating_sub(record)).unwrap_or(u8::MAX).saturating_mul(8);
        if let Some((rank, moment)) = json::time_of_member(line.trim(), &self.parent, orders) {
            let rank = rank.saturating_add(further);
            if self.rank.is_none_or(|r| rank < r) {
                self.rank = Some(rank);
                part.time = Some(moment);
            }
        }
        if depth == record {
            part.level = json::level_of_member(line.trim());
        }
        part
    }
}

/// Shows the braces and brackets of a line that are not within strings.
fn each_mark(line: &str, mut see: impl FnMut(u8)) {
    let mut quoted = false;
    let mut escaped = false;
    for byte in line.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'}' | b'[' | b']' if !quoted => see(byte),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(usize, usize)> {
        let mut pretty = Pretty::learn(text.lines())?;
        let all: Vec<Part> = text.lines().map(|l| pretty.line(l, Orders { long: None, short: None })).collect();
        Some((all.iter().filter(|p| p.begins).count(), all.iter().filter(|p| p.time.is_some()).count()))
    }

    #[test]
    fn objects_over_lines_are_counted() {
        let one = "{\n  \"time\": \"2026-11-24T10:00:01Z\",\n  \"a\": {\n    \"b\": 1\n  }\n}\n";
        assert_eq!(parts(&one.repeat(3)), Some((3, 3)));
        assert_eq!(parts(&format!("[\n{}]\n", one.repeat(2).replace("}\n{", "},\n{"))), Some((2, 2)));
        let trail = "{\n \"Records\": [\n  {\n   \"eventTime\": \"2026-11-24T10:00:01Z\"\n  },\n  {\n   \"eventTime\": \"2026-11-24T10:00:02Z\"\n  }\n ]\n}\n";
        assert_eq!(parts(trail), Some((2, 2)));
        assert_eq!(parts("[ERROR] no\n[INFO] yes\n"), None);
        assert_eq!(parts("{\"a\":1}\n{\"a\":2}\n"), None, "an object a line needs no following");
    }
}
