//! Where in a line a time may begin.

/// Times are looked for in this much of a line.
const REACH: usize = 400;
/// Words of a line before which a time is looked for.
const MOST_WORDS: usize = 40;
/// No date begins farther before its time of day.
const FARTHEST_CLOCK: usize = 64;

/// Looks ahead for what every time has: hour and minute with a colon between them, or with dots up to the seconds, or a
/// number of six digits or more. Most words of a text have none of these near, and are not looked at further.
pub(super) struct Clocks<'a> {
    bytes: &'a [u8],
    /// The last mark between hour and minute and the last long number that were found; none where there are no more.
    mark: Option<usize>,
    number: Option<usize>,
}

impl<'a> Clocks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut clocks = Self { bytes: &bytes[..bytes.len().min(REACH + FARTHEST_CLOCK)], mark: None, number: None };
        clocks.find_mark(0);
        clocks.find_number(0);
        clocks
    }

    /// Whether there is none in the line.
    pub(super) fn is_none(&self) -> bool {
        self.mark.is_none() && self.number.is_none()
    }

    /// Whether a time may begin at a place; places must not go back.
    pub(super) fn near(&mut self, start: usize) -> bool {
        if self.mark.is_some_and(|at| at < start) {
            self.find_mark(start);
        }
        if self.number.is_some_and(|at| at < start) {
            self.find_number(start);
        }
        // Behind the name of a month hour and minute always have their mark.
        let number = self.number.filter(|_| !self.bytes[start].is_ascii_alphabetic());
        let near = |at: Option<usize>| at.is_some_and(|at| at - start <= FARTHEST_CLOCK);
        near(self.mark) || near(number)
    }

    fn find_mark(&mut self, from: usize) {
        let marks = memchr::memchr2_iter(b':', b'.', &self.bytes[from..]);
        self.mark = marks.map(|at| from + at).find(|at| self.is_clock(*at));
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

    /// Finds a digit within the first number of [`LONG`] digits or more.
    fn find_number(&mut self, from: usize) {
        let digit = |at: &usize| self.bytes[*at].is_ascii_digit();
        let mut at = from + LONG - 1;
        while at < self.bytes.len() {
            if digit(&at) {
                let start = (from..at).rev().take_while(digit).last().unwrap_or(at);
                let end = (at..self.bytes.len()).take_while(digit).last().unwrap_or(at) + 1;
                if end - start >= LONG {
                    self.number = Some(at);
                    return;
                }
                at = end;
            }
            at += LONG;
        }
        self.number = None;
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

/// What stands behind so many blanks: where the next word begins, if each of those before it ends with one blank.
pub(super) fn after_words(bytes: &[u8], words: u8) -> Option<usize> {
    let head = &bytes[..bytes.len().min(REACH)];
    memchr::memchr_iter(b' ', head).nth(usize::from(words.checked_sub(1)?)).map(|at| at + 1)
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
        let bytes = &self.bytes[..self.bytes.len().min(REACH)];
        let mut opens = self.at == 0 || bytes.get(self.at - 1).is_some_and(|b| ROLES[usize::from(*b)] & OPENS != 0);
        while let Some(byte) = bytes.get(self.at) {
            let at = self.at;
            self.at += 1;
            let role = ROLES[usize::from(*byte)];
            let begins = opens && role & BEGINS != 0;
            opens = role & OPENS != 0;
            if !begins {
                continue;
            }
            let before = if at == 0 { b' ' } else { bytes[at - 1] };
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
