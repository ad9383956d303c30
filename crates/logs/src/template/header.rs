//! Where the header of a line ends and its message begins, learned from the first lines of a file.
//!
//! A header is what a logging library writes in front of every message: time, level, process, thread, logger. It shows as
//! columns that have the same class in nearly every line. The classes are those of notation (a date, a level word, a
//! number), never of a known system.

use super::mask::is_ipv4;

/// Columns that are looked at.
const COLUMNS: usize = 14;
/// A column has a class when this share of the lines has it.
const SAME: f64 = 0.95;
/// A component column may be missing from some lines: the kernel's, a repeated message's.
const MOST: f64 = 0.8;
/// Words that may stand between two columns of a known class (host, facility, logger).
const GAP: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Time,
    Month,
    /// A number as long as seconds, milli-, micro- or nanoseconds since 1970.
    Epoch,
    Number,
    Level,
    /// Punctuation alone: `-`, `|`.
    Dash,
    /// `[…]`
    Bracket,
    /// Ends with a bracket that it did not open: `file.go:12]`.
    Closing,
    /// `name:`
    Component,
    Word,
}

/// The columns in front of the messages of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Class of each column, none where it varies.
    columns: Vec<Option<Class>>,
    /// A dash ends the header, at a place that varies (`name - `, `name of two words - `).
    dash: bool,
    /// The column that is `name:` or `name[pid]:` in most lines.
    component: Option<usize>,
}

impl Layout {
    /// Learns the columns from the first lines.
    pub(super) fn infer<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let starts = |l: &&str| l.bytes().next().is_some_and(|b| b != b' ' && b != b'\t');
        let lines: Vec<Line<'a>> = lines.filter(starts).map(Line::new).collect();
        if lines.is_empty() {
            return Self::default();
        }
        let nearly_all = |count: usize| count as f64 >= SAME * lines.len() as f64;
        let mut columns: Vec<Option<Class>> = (0..COLUMNS).map(|j| common(&lines, j, nearly_all)).collect();
        // `may` and `sat` are words of a sentence where no day or year follows.
        for j in (0..COLUMNS).rev() {
            let next = columns.get(j + 1).copied().flatten();
            if columns[j] == Some(Class::Month) && !matches!(next, Some(Class::Number | Class::Month | Class::Time)) {
                columns[j] = Some(Class::Word);
            }
        }
        let mut end = 0;
        for (j, class) in columns.iter().enumerate() {
            match class {
                Some(Class::Number) if j == end => end = j + 1,
                Some(Class::Number | Class::Component | Class::Word) | None => {}
                Some(_) if j <= end + GAP => end = j + 1,
                Some(_) => {}
            }
        }
        // Numbers and dashes alone prove no header: a table of numbers is all message.
        let anchor = |c: &Option<Class>| {
            matches!(c, Some(Class::Time | Class::Month | Class::Epoch | Class::Level | Class::Bracket))
        };
        // A sentence begins with a word and may go on with a date; a header begins with a notation, or has one next to its
        // first word.
        let plain = |l: &&Line<'_>| l.token(0).is_some_and(|t| t.bytes().all(|b| b.is_ascii_alphabetic()));
        let sentence = columns[0] == Some(Class::Word) && nearly_all(lines.iter().filter(plain).count());
        match columns[..end].iter().position(anchor) {
            Some(first) if first <= 1 || !sentence => {}
            _ => return Self::default(),
        }
        while end < COLUMNS && padded(&lines, end, nearly_all) {
            columns[end] = Some(Class::Word);
            end += 1;
        }
        columns.truncate(end);
        let dash = nearly_all(lines.iter().filter(|l| l.dash(end).is_some()).count());
        let named = |j: usize| lines.iter().filter(|l| l.component(j).is_some()).count() as f64;
        let component =
            if dash { None } else { [end, end + 1].into_iter().find(|j| named(*j) >= MOST * lines.len() as f64) };
        Self { columns, dash, component }
    }

    /// The byte at which the message begins; 0 where the line does not have the columns.
    pub(super) fn message(&self, line: &str) -> usize {
        if self.columns.is_empty() {
            return 0;
        }
        let mut end = 0;
        for class in &self.columns {
            let Some((from, to)) = next(line.as_bytes(), end) else { return 0 };
            if !fits(*class, &line[from..to]) {
                return 0;
            }
            end = to;
        }
        let end = self.behind_name(line, end);
        line.len() - line[end..].trim_start_matches([' ', '\t']).len()
    }

    fn behind_name(&self, line: &str, end: usize) -> usize {
        let bytes = line.as_bytes();
        if self.dash {
            let mut at = end;
            for _ in 0..GAP {
                let Some((from, to)) = next(bytes, at) else { break };
                if is_dash(&line[from..to]) {
                    return to;
                }
                at = to;
            }
        } else if let Some(column) = self.component {
            let mut start = end;
            for _ in self.columns.len()..column {
                match next(bytes, start) {
                    Some((_, to)) => start = to,
                    None => return start,
                }
            }
            let mut at = start;
            for word in 0..3 {
                let Some((from, to)) = next(bytes, at) else { break };
                if names(&line[from..to], word) {
                    return to;
                }
                at = to;
            }
            return start;
        }
        end
    }
}

/// A line of the sample, cut into columns.
struct Line<'a> {
    text: &'a str,
    tokens: Vec<(usize, usize, Class)>,
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut at = 0;
        while tokens.len() < COLUMNS + 4
            && let Some((from, to)) = next(text.as_bytes(), at)
        {
            tokens.push((from, to, class(&text[from..to])));
            at = to;
        }
        Self { text, tokens }
    }

    fn token(&self, j: usize) -> Option<&'a str> {
        self.tokens.get(j).map(|(from, to, _)| &self.text[*from..*to])
    }

    fn dash(&self, from: usize) -> Option<usize> {
        (from..from + GAP).find(|j| self.token(*j).is_some_and(is_dash))
    }

    fn component(&self, from: usize) -> Option<usize> {
        (0..3).find(|word| self.token(from + word).is_some_and(|t| names(t, *word)))
    }
}

/// The class of a column.
fn common(lines: &[Line<'_>], j: usize, nearly_all: impl Fn(usize) -> bool) -> Option<Class> {
    let count = |classes: &[Class]| {
        lines.iter().filter(|l| l.tokens.get(j).is_some_and(|(_, _, c)| classes.contains(c))).count()
    };
    let all = [
        Class::Time,
        Class::Month,
        Class::Epoch,
        Class::Number,
        Class::Level,
        Class::Dash,
        Class::Bracket,
        Class::Closing,
        Class::Component,
        Class::Word,
    ];
    let one = all.into_iter().find(|c| nearly_all(count(&[*c])));
    one.or_else(|| nearly_all(count(&[Class::Number, Class::Epoch])).then_some(Class::Number))
}

/// A column that is padded to a width, with few values.
fn padded(lines: &[Line<'_>], j: usize, nearly_all: impl Fn(usize) -> bool) -> bool {
    let mut values = Vec::new();
    for line in lines {
        let Some((from, to, _)) = line.tokens.get(j) else { continue };
        let wide = line.tokens.get(j + 1).is_some_and(|(next, _, _)| next - to >= 2);
        if wide || line.text.as_bytes().get(*to) == Some(&b'\t') {
            values.push(&line.text[*from..*to]);
        }
    }
    let padded = values.len();
    values.sort_unstable();
    values.dedup();
    nearly_all(padded) && values.len() <= (lines.len() / 10).max(2)
}

/// The next column from a byte on: a word, one `|`, or a whole `[…]`.
fn next(line: &[u8], from: usize) -> Option<(usize, usize)> {
    let blank = |b: &u8| *b == b' ' || *b == b'\t';
    let start = from + line.get(from..)?.iter().position(|b| !blank(b))?;
    let rest = &line[start..];
    if rest[0] == b'|' {
        return Some((start, start + 1));
    }
    if rest[0] == b'['
        && let Some(close) = closing(rest)
    {
        let end = close + 1;
        return Some((start, start + end + usize::from(matches!(rest.get(end), Some(b':' | b',')))));
    }
    let end = rest.iter().position(|b| blank(b) || *b == b'|').unwrap_or(rest.len());
    Some((start, start + end))
}

/// The bracket that closes the first one.
fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    for (i, b) in text.iter().enumerate().take(400) {
        match b {
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_dash(token: &str) -> bool {
    token == "-" || token == "--"
}

/// `name:`, or within the first words of a name with blanks `…[pid]:`.
fn names(token: &str, word: usize) -> bool {
    token.ends_with("]:") && !token.starts_with('[')
        || word == 0
            && (class(token) == Class::Component || token.ends_with(']') && token.find('[').is_some_and(|i| i > 0))
}

/// Does a column of this line have the class that it has in the others?
fn fits(want: Option<Class>, token: &str) -> bool {
    match want {
        None | Some(Class::Word | Class::Component) => true,
        Some(Class::Number) => is_number(bare(token)),
        Some(Class::Bracket) => token.starts_with('['),
        Some(Class::Month) => is_month(bare(token).as_bytes()),
        Some(Class::Time) => !token.starts_with('[') && is_time(bare(token)),
        Some(want) => class(token) == want,
    }
}

/// A token without what frames or ends it.
fn bare(token: &str) -> &str {
    let edge = |b: &u8| matches!(b, b'<' | b'>' | b':' | b',' | b';');
    let bytes = token.as_bytes();
    let from = bytes.iter().position(|b| !edge(b)).unwrap_or(bytes.len());
    let to = bytes.iter().rposition(|b| !edge(b)).map_or(from, |at| at + 1);
    &token[from..to]
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn class(token: &str) -> Class {
    if token.starts_with('[') {
        let inner = token.trim_matches(['[', ']', ':', ',', ' ']);
        return if is_level(inner) {
            Class::Level
        } else if token.trim_end_matches([':', ',']).ends_with(']') {
            Class::Bracket
        } else {
            Class::Word
        };
    }
    if token.len() <= 3 && token.bytes().all(|b| b.is_ascii_punctuation() && !b"*<>\"'".contains(&b)) {
        return Class::Dash;
    }
    let bare = bare(token);
    let bytes = bare.as_bytes();
    if is_number(bare) {
        let epoch = matches!(bare.len(), 10 | 13 | 16 | 19) && matches!(bytes[0], b'1' | b'2');
        return if epoch { Class::Epoch } else { Class::Number };
    }
    if is_time(bare) {
        return Class::Time;
    }
    if is_level(bare) {
        return Class::Level;
    }
    if is_month(bytes) {
        return Class::Month;
    }
    match token.as_bytes().last() {
        Some(b']') if !token.contains('[') => Class::Closing,
        Some(b':') => Class::Component,
        _ => Class::Word,
    }
}

/// Four digits or more with what joins them in dates and times of the day, which is neither a number nor an IPv4 address.
fn is_time(bare: &str) -> bool {
    let (mut digits, mut dots) = (0, 0);
    for byte in bare.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => dots += 1,
            b'-' | b'/' | b':' | b',' | b'+' | b'_' | b'T' | b'Z' => {}
            _ => return false,
        }
    }
    let is_address = || dots == 3 && is_ipv4(bare.as_bytes().split(|b| *b == b':').next().unwrap_or_default());
    digits >= 4 && !is_number(bare) && !is_address()
}

/// A level word in any notation, or its letter.
fn is_level(word: &str) -> bool {
    const WORDS: [&str; 27] = [
        "trace",
        "debug",
        "dbg",
        "verbose",
        "info",
        "inf",
        "information",
        "notice",
        "note",
        "log",
        "config",
        "fine",
        "finer",
        "warn",
        "warning",
        "wrn",
        "error",
        "err",
        "severe",
        "failure",
        "fatal",
        "ftl",
        "crit",
        "critical",
        "panic",
        "emerg",
        "alert",
    ];
    match word.as_bytes() {
        [one] => b"VDIWEFTC".contains(one),
        bytes if bytes.len() > 11 => false,
        _ => WORDS.iter().any(|w| word.eq_ignore_ascii_case(w)),
    }
}

/// The English name of a month or a day of the week, in three letters. Dates write it with a capital; `may` is a word.
pub(super) fn is_month(word: &[u8]) -> bool {
    const NAMES: [&[u8; 3]; 19] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec", b"mon", b"tue",
        b"wed", b"thu", b"fri", b"sat", b"sun",
    ];
    word.len() == 3 && word[0].is_ascii_uppercase() && NAMES.iter().any(|n| word.eq_ignore_ascii_case(*n))
}
