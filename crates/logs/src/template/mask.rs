//! A message as a row of parts: words, what separates them, and marks where something varies.

use super::header::is_month;

/// Parts beyond this many are one mark: a message is not a document.
const MOST_PARTS: usize = 400;

/// Of a longer message the rest is left out.
const LONGEST_MESSAGE: usize = 1 << 20;

/// No longer word is part of a sentence: it is encoded data.
const LONGEST_WORD: usize = 200;

/// What a part of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word that may be constant.
    Word,
    /// Something that varies by its notation: a number, an address, a path.
    Mark,
    /// One byte between words, or a run of dots.
    Separator,
    /// Any run of blanks.
    Blank,
}

/// A part and its bytes in the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    start: u32,
    end: u32,
    pub(super) kind: Kind,
}

impl Part {
    fn new(kind: Kind, start: usize, end: usize) -> Self {
        Self { kind, start: start as u32, end: end as u32 }
    }

    /// Its bytes in the message.
    pub(super) fn span(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

const SEPARATOR: u8 = 1;
const BLANK: u8 = 2;
const DIGIT: u8 = 4;
const HEX: u8 = 8;
const SLASH: u8 = 16;
const AT: u8 = 32;
const OTHER: u8 = 64;
const DOT: u8 = 128;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => BLANK,
            b',' | b'!' | b';' | b':' | b'=' | b'|' | b'"' | b'\'' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'<'
            | b'>' => SEPARATOR,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'/' | b'\\' => SLASH,
            b'@' => AT,
            b'.' => DOT,
            _ => OTHER,
        };
        b += 1;
    }
    table
}

/// Is this text one that separates words?
pub(super) fn is_separator(text: &str) -> bool {
    match text.as_bytes() {
        [b] => CLASSES[usize::from(*b)] & (SEPARATOR | BLANK) != 0,
        bytes => bytes.len() > 1 && bytes.iter().all(|b| *b == b'.'),
    }
}

/// The parts of one message; kept and used again, so that a line costs no allocation.
#[derive(Debug, Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    /// Words that may belong to a date.
    calendar: Vec<usize>,
    spare: Vec<Part>,
}

impl Parts {
    pub(super) fn as_slice(&self) -> &[Part] {
        &self.parts
    }

    /// Cuts a message.
    pub(super) fn read(&mut self, message: &[u8]) {
        let message = &message[..message.len().min(LONGEST_MESSAGE)];
        self.parts.clear();
        self.calendar.clear();
        let mut at = 0;
        while at < message.len() {
            if self.parts.len() >= MOST_PARTS {
                self.mark(message, at, message.len());
                break;
            }
            let class = CLASSES[usize::from(message[at])];
            if class == BLANK {
                let end = at + run(&message[at..], |b| CLASSES[usize::from(b)] == BLANK);
                if !self.parts.is_empty() && end < message.len() {
                    self.parts.push(Part::new(Kind::Blank, at, end));
                }
                at = end;
            } else if class == SEPARATOR {
                self.parts.push(Part::new(Kind::Separator, at, at + 1));
                at += 1;
            } else if class == DOT && message.get(at + 1) == Some(&b'.') {
                let end = at + run(&message[at..], |b| b == b'.');
                self.parts.push(Part::new(Kind::Separator, at, end));
                at = end;
            } else {
                at = self.word(message, at);
            }
        }
        if !self.calendar.is_empty() {
            self.dates(message);
        }
    }

    /// Takes the word at a byte; gives where it ends.
    fn word(&mut self, message: &[u8], start: usize) -> usize {
        let mut seen = 0;
        let mut end = message.len();
        for (at, byte) in message.iter().enumerate().skip(start) {
            let class = CLASSES[usize::from(*byte)];
            if class & (SEPARATOR | BLANK) != 0 {
                end = at;
                break;
            }
            seen |= class;
        }
        // A run of dots ends a word.
        if seen & DOT != 0
            && let Some(dots) = message[start..end].windows(2).position(|pair| pair == b"..")
        {
            end = start + dots;
            seen = message[start..end].iter().fold(0, |seen, byte| seen | CLASSES[usize::from(*byte)]);
        }
        let word = &message[start..end];
        if message.get(end) == Some(&b':') {
            if seen & OTHER != 0 && message[end..].starts_with(b"://") && word.iter().all(u8::is_ascii_alphabetic) {
                return self.mark(message, start, url_end(message, end + 3));
            }
            if word.len() == 2
                && seen & !(DIGIT | HEX) == 0
                && let Some(end) = hardware_address(message, start)
            {
                return self.mark(message, start, end);
            }
        }
        if seen & SLASH != 0 && word.contains(&b'?') {
            return self.mark(message, start, url_end(message, end));
        }
        if seen & DIGIT != 0
            || word.len() > LONGEST_WORD
            || seen & (SLASH | AT) != 0 && is_place(word)
            || seen == HEX && word.len() >= 8
        {
            return self.mark(message, start, end);
        }
        if word.len() <= 5 {
            if matches!(word[0] | 0x20, b't' | b'f' | b'n' | b'y') && self.is_truth(message, word) {
                return self.mark(message, start, end);
            }
            if word[0].is_ascii_uppercase() && is_calendar(word) {
                self.calendar.push(self.parts.len());
            }
        }
        self.parts.push(Part::new(Kind::Word, start, end));
        end
    }

    /// Adds a mark. Marks that touch, or are parted by no more than blanks and colons, are one, and so is a list of addresses.
    fn mark(&mut self, message: &[u8], start: usize, end: usize) -> usize {
        let mut kept = self.parts.len();
        while kept > 0 && self.parts.len() - kept < 2 && joins(message, &self.parts[kept - 1]) {
            kept -= 1;
        }
        let list = self.parts.last().is_some_and(|p| &message[p.span()] == b",") && is_ipv4(&message[start..end]);
        if list {
            kept = self.parts.len() - 1;
        }
        if kept > 0 && self.parts[kept - 1].kind == Kind::Mark {
            self.parts.truncate(kept);
            self.parts[kept - 1].end = end as u32;
        } else {
            self.parts.push(Part::new(Kind::Mark, start, end));
        }
        end
    }

    /// Behind `=` or `:` a truth value is a value.
    fn is_truth(&self, message: &[u8], word: &[u8]) -> bool {
        if !is_truth(word) {
            return false;
        }
        let mut before = self.parts.iter().rev().filter(|p| p.kind != Kind::Blank);
        match before.next().map(|p| &message[p.span()]) {
            Some(b"=") => true,
            Some(b":") => !matches!(word, b"yes" | b"no"),
            _ => false,
        }
    }

    /// Names of months, days and zones beside numbers belong to a date.
    fn dates(&mut self, message: &[u8]) {
        let digit = |t: &[u8]| t.first().is_some_and(u8::is_ascii_digit);
        let parts = &self.parts;
        // The nearest two parts on a side that are neither blanks nor joints.
        let near = |side: &mut dyn Iterator<Item = &Part>| {
            let mut solid = side.map(|p| &message[p.span()]).filter(|t| !matches!(t, [b' ' | b'\t' | b':' | b',', ..]));
            [solid.next().unwrap_or_default(), solid.next().unwrap_or_default()]
        };
        self.calendar.retain(|i| {
            let [left, farther_left] = near(&mut parts[..*i].iter().rev());
            let [right, farther_right] = near(&mut parts[i + 1..].iter());
            let beside = [left, right].iter().any(|t| digit(t) || is_month(t));
            beside && [farther_left, left, right, farther_right].iter().any(|t| digit(t))
        });
        if self.calendar.is_empty() {
            return;
        }
        let mut parts = std::mem::take(&mut self.spare);
        std::mem::swap(&mut parts, &mut self.parts);
        self.calendar.iter().for_each(|i| parts[*i].kind = Kind::Mark);
        for part in parts.drain(..) {
            if part.kind == Kind::Mark {
                self.mark(message, part.span().start, part.span().end);
            } else {
                self.parts.push(part);
            }
        }
        self.spare = parts;
    }

    /// A number for the row of parts, the same for messages that differ in marks alone.
    pub(super) fn fingerprint(&self, message: &[u8]) -> u64 {
        let mut hash = 0_u64;
        let mut add = |x: u64| hash = (hash.rotate_left(5) ^ x).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for part in &self.parts {
            match part.kind {
                Kind::Mark => add(1),
                Kind::Blank => add(2),
                Kind::Separator => {
                    add(u64::from(part.end - part.start) << 16 | u64::from(message[part.start as usize]) << 8 | 3);
                }
                Kind::Word => {
                    let word = &message[part.span()];
                    let (eights, rest) = word.as_chunks::<8>();
                    eights.iter().for_each(|eight| add(u64::from_le_bytes(*eight)));
                    add(short(rest).rotate_left(8) ^ (word.len() as u64) << 3 ^ 4);
                }
            }
        }
        hash ^ hash >> 29
    }
}

/// Fewer than eight bytes as a number; together with how many they are it tells them apart.
fn short(bytes: &[u8]) -> u64 {
    let four = |at: usize| u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
    match bytes {
        [] => 0,
        [_, _, _, _, ..] => four(0) | four(bytes.len() - 4) << 32,
        [first, .., last] => u64::from(*first) | u64::from(bytes[bytes.len() / 2]) << 8 | u64::from(*last) << 16,
        [one] => u64::from(*one),
    }
}

fn joins(message: &[u8], part: &Part) -> bool {
    part.kind == Kind::Blank || part.kind == Kind::Separator && message[part.start as usize] == b':'
}

fn run(bytes: &[u8], of: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !of(*b)).unwrap_or(bytes.len())
}

/// A URL goes to the next blank, quote or closing bracket.
fn url_end(message: &[u8], from: usize) -> usize {
    from + run(&message[from..], |b| CLASSES[usize::from(b)] != BLANK && !b"\"'<>)]}|,".contains(&b))
}

/// Six or more bytes in hex, parted by colons.
fn hardware_address(message: &[u8], start: usize) -> Option<usize> {
    let pair = |at: usize| message.get(at..at + 2).is_some_and(|p| p.iter().all(u8::is_ascii_hexdigit));
    let mut end = start + 2;
    while message.get(end) == Some(&b':') && pair(end + 1) {
        end += 3;
    }
    let whole = message.get(end).is_none_or(|b| !b.is_ascii_alphanumeric());
    (end - start >= 11 && whole).then_some(end)
}

/// A path or an address at a host.
fn is_place(word: &[u8]) -> bool {
    let slashes = word.iter().filter(|b| **b == b'/').count();
    let letters = word.iter().any(u8::is_ascii_alphabetic);
    match word {
        [b'/', second, ..] if second.is_ascii_alphabetic() => true,
        [b'.' | b'~', b'/', _, ..] => true,
        _ if slashes >= 2 && letters => true,
        [first, middle @ .., _] if *first != b'\\' && middle.contains(&b'\\') => true,
        _ => word.len() > 2 && word.contains(&b'@'),
    }
}

/// Four numbers parted by dots.
pub(super) fn is_ipv4(word: &[u8]) -> bool {
    word.split(|b| *b == b'.').count() == 4
        && word.split(|b| *b == b'.').all(|p| (1..=3).contains(&p.len()) && p.iter().all(u8::is_ascii_digit))
}

/// Truth values and nothing, as languages print them.
pub(super) fn is_truth(word: &[u8]) -> bool {
    matches!(
        word,
        b"true"
            | b"false"
            | b"null"
            | b"True"
            | b"False"
            | b"None"
            | b"nil"
            | b"NULL"
            | b"TRUE"
            | b"FALSE"
            | b"yes"
            | b"no"
    )
}

/// A month, a day, a time zone or half of the day.
fn is_calendar(word: &[u8]) -> bool {
    is_month(word)
        || matches!(
            word,
            b"UTC"
                | b"GMT"
                | b"EST"
                | b"EDT"
                | b"CST"
                | b"CDT"
                | b"MST"
                | b"MDT"
                | b"PST"
                | b"PDT"
                | b"CET"
                | b"CEST"
                | b"AM"
                | b"PM"
        )
}
