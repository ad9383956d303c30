//! Where in a line a time may begin.

/// Times are looked for in this much of a line.
const REACH: usize = 400;
/// Words of a line before which a time is looked for.
const MOST_WORDS: usize = 40;
/// No date begins farther before its time of day.
pub(super) const FARTHEST_CLOCK: usize = 64;

/// Steps through what every time has: hour and minute with a colon between them, or with dots up to the seconds, or a
/// number of six digits or more. Most lines have none, and are not looked at further.
pub(super) struct Clocks<'a> {
    bytes: &'a [u8],
    /// The last one that was found.
    at: Option<usize>,
}

impl<'a> Clocks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: &bytes[..bytes.len().min(REACH + FARTHEST_CLOCK)], at: None }
    }

    /// One that ends behind a place, the first of them or an earlier one; places must not go back.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if self.at.is_none_or(|at| at < from) {
            let marks = memchr::memchr2_iter(b':', b'.', self.bytes.get(from..)?);
            let mark = marks.map(|at| from + at).find(|at| self.is_clock(*at));
            self.at = self.long_number(from, mark.unwrap_or(self.bytes.len())).or(mark);
        }
        self.at
    }

    /// Whether the mark at a place stands between hour and minute.
    fn is_clock(&self, at: usize) -> bool {
        let digit = |at: usize| self.bytes.get(at).is_some_and(u8::is_ascii_digit);
        let before = |by: usize| at >= by && digit(at - by);
        before(1)
            && !(before(2) && before(3))
            && digit(at + 1)
            && digit(at + 2)
            && match self.bytes[at] {
                b':' => !digit(at + 3),
                _ => self.bytes.get(at + 3) == Some(&b'.') && digit(at + 4),
            }
    }

    /// A digit within the first number of [`LONG`] digits or more between two places.
    fn long_number(&self, from: usize, to: usize) -> Option<usize> {
        let digit = |at: &usize| self.bytes[*at].is_ascii_digit();
        let mut at = from + LONG - 1;
        while at < to {
            if digit(&at) {
                let start = (from..at).rev().take_while(digit).last().unwrap_or(at);
                let end = (at..to).take_while(digit).last().unwrap_or(at) + 1;
                if end - start >= LONG {
                    return Some(at);
                }
                at = end;
            }
            at += LONG;
        }
        None
    }
}

/// Digits of a number that may be a date or a time.
const LONG: usize = 6;

/// Words that end within some bytes.
pub(super) fn words(bytes: &[u8]) -> u8 {
    let mut count = 0u8;
    let mut inside = false;
    for byte in bytes {
        let blank = matches!(byte, b' ' | b'\t');
        count = count.saturating_add(u8::from(inside && blank));
        inside = !blank;
    }
    count
}

/// A time may begin with it.
const BEGINS: u8 = 1;
/// A time may begin behind it.
const OPENS: u8 = 2;

/// What each byte can be to a time.
const ROLES: [u8; 256] = roles();

const fn roles() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        if byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'@' {
            table[b] |= BEGINS;
        }
        if matches!(
            byte,
            b' ' | b'\t'
                | b'['
                | b'('
                | b'<'
                | b'>'
                | b'"'
                | b'\''
                | b'='
                | b'|'
                | b','
                | b';'
                | b'{'
                | b'}'
                | b':'
                | b'*'
                | b'#'
                | b'@'
                | b'-'
                | b'+'
                | b']'
                | b')'
                | b'~'
        ) {
            table[b] |= OPENS;
        }
        b += 1;
    }
    table
}

/// Steps through the places of a line at which a time could begin.
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    words: u8,
    counted: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, words: 0, counted: 0 }
    }

    pub(super) fn next(&mut self) -> Option<(usize, u8)> {
        let end = self.bytes.len().min(REACH);
        while self.at < end {
            let at = self.at;
            self.at += 1;
            let byte = self.bytes[at];
            let before = if at == 0 { b' ' } else { self.bytes[at - 1] };
            if ROLES[usize::from(byte)] & BEGINS == 0 || ROLES[usize::from(before)] & OPENS == 0 {
                continue;
            }
            // `R02-M1`, `2005-06`: a dash within a word opens nothing.
            if matches!(before, b'-' | b'+')
                && at >= 2
                && !matches!(self.bytes[at - 2], b' ' | b'-' | b'[' | b'\t' | b'#')
            {
                continue;
            }
            if before == b':' && at >= 2 && byte.is_ascii_digit() && self.bytes[at - 2].is_ascii_hexdigit() {
                // `12:34:56`, `host:80`; a process id before a long date is none of these.
                let digits = self.bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
                if digits < 8 && self.bytes.get(at + 4) != Some(&b'/') && self.bytes.get(at + 4) != Some(&b'-') {
                    continue;
                }
            }
            self.words = self.words.saturating_add(words_between(self.bytes, self.counted, at));
            self.counted = at;
            if usize::from(self.words) > MOST_WORDS {
                return None;
            }
            return Some((at, self.words));
        }
        None
    }
}

/// Ends of words from `from` to `to`.
fn words_between(bytes: &[u8], from: usize, to: usize) -> u8 {
    let mut count = 0u8;
    for at in from.max(1)..=to.min(bytes.len().saturating_sub(1)) {
        let ends = matches!(bytes[at], b' ' | b'\t') && !matches!(bytes[at - 1], b' ' | b'\t');
        count = count.saturating_add(u8::from(ends));
    }
    count
}
