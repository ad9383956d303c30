//! Which shapes are one template: those that differ in few words, where these look like values.
//!
//! The answer depends on the set of shapes alone, not on the order or the number in which they came, so that shards can be
//! mined apart and merged.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::mask::{is_separator, is_truth};

/// A part of a shape: its text, or none where it varies.
pub(super) type Piece = Option<Box<str>>;
/// A shape as numbers: `MARK`, or one more than the text's place in the sorted vocabulary.
type Key = Vec<u32>;

const MARK: u32 = 0;
/// Rounds of joining. A round fixes one word of a template; messages with more free words are rare.
const ROUNDS: usize = 6;
/// A message of more words is a document; one of a single word has no rest to compare.
const WORDS: std::ops::RangeInclusive<usize> = 2..=60;

/// The templates, and which shapes each stands for.
pub(super) fn merge(shapes: &[&[Piece]]) -> Vec<(Vec<Piece>, Vec<usize>)> {
    let (words, keys) = Vocabulary::of(shapes);
    let mut step: BTreeMap<Key, Key> = keys.iter().map(|k| (k.clone(), k.clone())).collect();
    words.families(&mut step);
    for _ in 0..ROUNDS {
        if !advance(&mut step, |current| words.joins(current)) {
            break;
        }
    }
    advance(&mut step, |current| words.empties(current));
    let mut members: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for (shape, key) in keys.iter().enumerate() {
        members.entry(&step[key]).or_default().push(shape);
    }
    members.into_iter().map(|(key, members)| (words.pieces(key), members)).collect()
}

/// Replaces templates by wider ones; tells whether anything changed.
fn advance(step: &mut BTreeMap<Key, Key>, wider: impl Fn(&[&Key]) -> FxHashMap<Key, Key>) -> bool {
    let current: BTreeSet<&Key> = step.values().collect();
    let wider = wider(&current.into_iter().collect::<Vec<_>>());
    for template in step.values_mut() {
        if let Some(wide) = wider.get(template) {
            template.clone_from(wide);
        }
    }
    !wider.is_empty()
}

/// What a word is, found once.
struct Word {
    text: Box<str>,
    separator: bool,
    identifier: bool,
    truth: bool,
    unit: bool,
    noun: bool,
    acronym: bool,
    of_sentence: bool,
}

/// The words of all shapes, in order.
struct Vocabulary(Vec<Word>);

impl Vocabulary {
    /// The words, and each shape in numbers.
    fn of(shapes: &[&[Piece]]) -> (Self, Vec<Key>) {
        let texts = || shapes.iter().map(|s| s.iter().map(|p| p.as_deref()));
        let mut numbers: FxHashMap<&str, u32> = texts().flatten().flatten().map(|text| (text, MARK)).collect();
        let mut sorted: Vec<&str> = numbers.keys().copied().collect();
        sorted.sort_unstable();
        numbers.extend(sorted.iter().zip(1..).map(|(text, number)| (*text, number)));
        let words = Self(sorted.into_iter().map(Word::new).collect());
        let key = texts().map(|shape| collapse(shape.map(|text| text.map_or(MARK, |text| numbers[text])), &words));
        let keys = key.collect();
        (words, keys)
    }

    fn pieces(&self, key: &Key) -> Vec<Piece> {
        key.iter().map(|k| self.word(*k).map(|w| w.text.clone())).collect()
    }

    fn word(&self, key: u32) -> Option<&Word> {
        (key as usize).checked_sub(1).and_then(|i| self.0.get(i))
    }

    fn text(&self, key: Option<&u32>) -> &str {
        key.and_then(|k| self.word(*k)).map_or("", |w| &w.text)
    }

    fn is_separator(&self, key: u32) -> bool {
        self.word(key).is_some_and(|w| w.separator)
    }

    /// The last part before a place that is no blank.
    fn before(&self, key: &[u32], at: usize) -> Option<usize> {
        (0..at).rev().find(|i| self.text(key.get(*i)) != " ")
    }

    /// Shapes that are one when the values of `key=value` and truth values are taken out: what differs there is a value.
    fn families(&self, step: &mut BTreeMap<Key, Key>) {
        let mut families: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        for key in step.keys() {
            let value =
                |i: usize| self.word(key[i]).is_some_and(|w| !w.separator && (w.truth || self.is_value(key, i)));
            let open = (0..key.len()).map(|i| if value(i) { MARK } else { key[i] }).collect();
            families.entry(open).or_default().push(key.clone());
        }
        for members in families.into_values().filter(|m| m.len() > 1) {
            let same = |i: usize| members.iter().all(|m| m[i] == members[0][i]);
            let parts = (0..members[0].len()).map(|i| if same(i) { members[0][i] } else { MARK });
            let template = collapse(parts, self);
            for member in members {
                step.insert(member, template.clone());
            }
        }
    }

    /// Behind `=`, or `="…"`.
    fn is_value(&self, key: &[u32], at: usize) -> bool {
        if matches!(self.text(key.get(at + 1)), "=" | "(" | ":") {
            return false;
        }
        let Some(before) = self.before(key, at).filter(|b| *b > 0) else { return false };
        match self.text(key.get(before)) {
            "=" => true,
            "\"" => before + 1 == at && self.text(key.get(at + 1)) == "\"" && self.text(key.get(before - 1)) == "=",
            _ => false,
        }
    }

    /// Templates that are the same but for one word, where that word looks like a value: each with what they become.
    fn joins(&self, current: &[&Key]) -> FxHashMap<Key, Key> {
        let mut places: Vec<(u64, u32, u32)> = Vec::new();
        for (n, key) in current.iter().enumerate() {
            let words = key.iter().filter(|k| !self.is_separator(**k)).count();
            if !WORDS.contains(&words) {
                continue;
            }
            let all = key.iter().enumerate().fold(0_u64, |sum, (i, k)| sum.wrapping_add(mix(i, *k)));
            for (i, part) in key.iter().enumerate().filter(|(_, k)| !self.is_separator(**k)) {
                let rest = all.wrapping_sub(mix(i, *part));
                places.push((rest ^ (key.len() as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93), i as u32, n as u32));
            }
        }
        places.sort_unstable();
        // The widest join of each template; on a tie the one at the earlier word.
        let mut best: FxHashMap<u32, (usize, u32)> = FxHashMap::default();
        for group in places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|g| g.len() > 1) {
            let at = group[0].1;
            let members: Vec<&Key> = group.iter().map(|(_, _, n)| current[*n as usize]).collect();
            if self.are_values(&members, at as usize) {
                for (_, _, n) in group {
                    let entry = best.entry(*n).or_insert((group.len(), at));
                    if group.len() > entry.0 || group.len() == entry.0 && at < entry.1 {
                        *entry = (group.len(), at);
                    }
                }
            }
        }
        let wide = |n: u32, at: u32| {
            let key = current[n as usize];
            let parts = key.iter().enumerate().map(|(i, k)| if i == at as usize { MARK } else { *k });
            (key.clone(), collapse(parts, self))
        };
        best.into_iter().map(|(n, (_, at))| wide(n, at)).filter(|(key, wide)| key != wide).collect()
    }

    /// Do the words at this place of otherwise equal templates look like values rather than like different sentences?
    fn are_values(&self, members: &[&Key], at: usize) -> bool {
        let key = members[0];
        let words: Vec<&Word> = members.iter().filter_map(|m| self.word(m[at])).collect();
        let marked = words.len() < members.len();
        let distinct = words.len() + usize::from(marked);
        let rest = key.iter().enumerate().filter(|(i, _)| *i != at).filter_map(|(_, k)| self.word(*k));
        let fixed = rest.filter(|w| !w.separator && w.text.len() > 1).count();
        let previous = at.checked_sub(1).map_or("", |i| self.text(key.get(i)));
        let following = self.text(key.get(at + 1));
        // A key or the name of a function says what the sentence is about.
        if fixed == 0 || words.is_empty() || matches!(following, "=" | ":" | "(") {
            return false;
        }
        if words.iter().all(|w| w.truth) {
            return true;
        }
        if at > 1 && previous == " " && key[at - 2] == MARK && words.iter().all(|w| w.unit) {
            return words.len() > 1;
        }
        let identifiers = words.iter().all(|w| w.identifier);
        if at == 0 {
            let acronyms = words.iter().all(|w| w.identifier || w.acronym);
            return words.len() >= 4 && fixed >= 3 && acronyms
                || words.len() >= 2 && fixed >= 2 && identifiers && (words.len() >= 4 || marked);
        }
        let before = self.before(key, at);
        let opener = before.map_or("", |b| self.text(key.get(b)));
        let enclosed = matches!((previous, following), ("\"", "\"") | ("'", "'") | ("[", "]"));
        let announced = previous == " " && before.and_then(|b| self.word(key[b])).is_some_and(|w| w.noun);
        let named = announced && !words.iter().any(|w| w.of_sentence);
        if opener == "=" || enclosed || named {
            return distinct >= 2;
        }
        // What stands in parentheses is as often a remark: `(reserved)`, `(usable)`.
        if (previous, following) == ("(", ")") {
            return marked || identifiers || words.len() >= 4;
        }
        if opener == ":" {
            return identifiers && distinct >= 3 || words.len() >= 4 && fixed >= 2;
        }
        if identifiers {
            return fixed >= 2;
        }
        // Plain words: only many of them in one place of a long sentence, or as the object at its end.
        words.len() >= 6 && (fixed >= 3 || following.is_empty() && previous == " ")
    }

    /// Templates with nothing where another has a value, `()` beside `(<*>)`, and values in the notation of a call.
    fn empties(&self, current: &[&Key]) -> FxHashMap<Key, Key> {
        let known = |key: &Key| current.binary_search(&key).is_ok();
        let mut found = FxHashMap::default();
        for key in current {
            for i in 1..key.len() {
                let pair = |open: usize, close: usize| {
                    matches!(
                        (self.text(key.get(open)), self.text(key.get(close))),
                        ("(", ")") | ("[", "]") | ("{", "}") | ("\"", "\"") | ("'", "'")
                    )
                };
                let full: Key = if pair(i - 1, i) {
                    [&key[..i], &[MARK], &key[i..]].concat()
                } else if key[i] == MARK && i > 2 && self.is_call(key, i) {
                    [&key[..i - 2], &[MARK], &key[i + 2..]].concat()
                } else {
                    continue;
                };
                if known(&full) {
                    found.insert((*key).clone(), full);
                    break;
                }
            }
        }
        found
    }

    /// `name(<*>)` or `name{<*>}` with its mark at a place, as a word of its own.
    fn is_call(&self, key: &[u32], mark: usize) -> bool {
        let inside = matches!((self.text(key.get(mark - 1)), self.text(key.get(mark + 1))), ("(", ")") | ("{", "}"));
        let name = self.word(key[mark - 2]).is_some_and(|w| !w.separator);
        inside && name && matches!(self.text(key.get(mark - 3)), " " | "=") && mark + 2 < key.len()
    }
}

impl Word {
    fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            separator: is_separator(text),
            identifier: is_identifier(text),
            truth: is_truth(text.as_bytes()),
            unit: UNITS.contains(&text),
            acronym: text.len() > 1 && text.bytes().all(|b| b.is_ascii_uppercase()),
            of_sentence: is_of_sentence(text),
            noun: NOUNS.iter().any(|n| n.eq_ignore_ascii_case(text)),
        }
    }
}

/// Units that stand behind a number.
const UNITS: [&str; 23] = [
    "B", "KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "bytes", "ns", "us", "ms", "s", "sec", "secs", "seconds",
    "min", "minutes", "m", "h", "hours", "days",
];

/// Words that announce a name.
const NOUNS: [&str; 21] = [
    "user",
    "username",
    "account",
    "host",
    "hostname",
    "node",
    "interface",
    "device",
    "domain",
    "program",
    "database",
    "table",
    "topic",
    "queue",
    "package",
    "app",
    "pod",
    "namespace",
    "container",
    "datasource",
    "caller",
];

/// Words of sentences, which are no names even behind a noun: `node is up`, `user logged in`.
fn is_of_sentence(text: &str) -> bool {
    const SMALL: [&str; 22] = [
        "is", "was", "are", "has", "had", "not", "and", "or", "to", "in", "on", "at", "with", "for", "from", "by",
        "of", "will", "can", "does", "did", "as",
    ];
    SMALL.contains(&text) || text.ends_with("ed") || text.ends_with("ing")
}

/// Text as programs name things: mixed case inside, or joined by dots, underlines, slashes.
fn is_identifier(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pair = |of: &dyn Fn(u8, u8) -> bool| bytes.windows(2).any(|w| of(w[0], w[1]));
    pair(&|a, b| b"._/\\$#@".contains(&a) && (b.is_ascii_alphanumeric() || b == b'_'))
        || pair(&|a, b| a.is_ascii_lowercase() && b.is_ascii_uppercase())
}

/// Marks that only blanks or colons part are one.
fn collapse(parts: impl Iterator<Item = u32>, words: &Vocabulary) -> Key {
    let mut key: Key = Vec::new();
    for part in parts {
        if part == MARK {
            let mut kept = key.len();
            while kept > 0 && key.len() - kept < 2 && matches!(words.text(key.get(kept - 1)), " " | ":") {
                kept -= 1;
            }
            if kept > 0 && key[kept - 1] == MARK {
                key.truncate(kept);
                continue;
            }
        }
        key.push(part);
    }
    key
}

/// A number for a part at a place, such that sums of them tell rows of parts apart.
fn mix(at: usize, part: u32) -> u64 {
    let x = ((at as u64) << 32 | u64::from(part)).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}
