//! Where in its lines a file keeps the time.

use super::notation::{self, Found, Notation, Order, Orders};
use super::scan::{Clocks, Scan, after_words, words};

/// Places that a file may have.
const MOST_PLACES: usize = 8;

/// Where a time stands, by what is the same from line to line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) notation: Notation,
    /// Words before it; those before a time in brackets may vary.
    words: u8,
    /// The byte before it; 0 at the start of a line.
    before: u8,
}

/// A time in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) found: Found,
    pub(super) start: usize,
    place: Place,
    standing: Standing,
}

impl Sighting {
    /// Whether the line alone tells that it is the record's.
    pub(super) fn leads(&self) -> bool {
        matches!(self.standing, Standing::First | Standing::AfterHead | Standing::Keyed)
    }

    /// Whether nothing but brackets and the like is before it.
    pub(super) fn at_start(&self, bytes: &[u8]) -> bool {
        is_punctuation(&bytes[..self.start])
    }
}

fn is_punctuation(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_punctuation)
}

/// How much a line alone says for a time's being the record's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// At the very start but for brackets and the like.
    First,
    /// After nothing but a level, a process id or other short heads.
    AfterHead,
    /// After `time=` or a like key.
    Keyed,
    /// In an indented line's start.
    Indented,
    /// Elsewhere.
    Within,
}

/// What was learned from the head of a file.
#[derive(Clone, Debug)]
pub(super) struct Places {
    accepted: Vec<Place>,
    pub(super) orders: Orders,
    /// Offset and notation that fitted the last line: tried first on the next.
    last: Option<(usize, Place)>,
    /// Dates stand only here and there within the text: they date a line, and tell nothing of where records begin.
    pub(super) rare: bool,
}

impl Default for Places {
    fn default() -> Self {
        Self { accepted: Vec::new(), orders: Orders { long: None, short: None }, last: None, rare: false }
    }
}

impl Places {
    /// Learns from the first lines of a file; `newest` is the last year that they can tell of.
    pub(super) fn learn<'a>(lines: impl Iterator<Item = &'a str> + Clone, newest: Option<i16>) -> Self {
        let mut places = Self { orders: orders(lines.clone(), newest), ..Self::default() };
        let mut counts: Vec<(Place, Standing, usize)> = Vec::new();
        let (mut all, mut dated) = (0usize, 0usize);
        for line in lines {
            let bytes = line.as_bytes();
            if bytes.is_empty() {
                continue;
            }
            let indented = matches!(bytes[0], b' ' | b'\t');
            let sightings = sightings(bytes, places.orders);
            let strong = sightings.iter().flatten().find(|s| !s.found.notation.is_weak());
            let first = sightings[0].as_ref();
            all += usize::from(!indented || strong.is_some());
            // A number that may be a time does not hide a date after it.
            let told = match (first, strong) {
                (Some(first), Some(strong)) if first.found.notation.is_weak() && first.standing == Standing::Within => {
                    strong
                }
                (Some(first), _) => first,
                _ => continue,
            };
            dated += 1;
            for sighting in [Some(told), first].into_iter().flatten() {
                match counts.iter_mut().find(|(p, s, _)| *p == sighting.place && *s == sighting.standing) {
                    Some((.., n)) => *n += 1,
                    None => counts.push((sighting.place, sighting.standing, 1)),
                }
                if told.place == sighting.place {
                    break;
                }
            }
        }
        let share = |n: usize, percent: usize| n * 100 >= all * percent && (n >= 2 || n * 2 >= all);
        counts.sort_by_key(|(.., n)| std::cmp::Reverse(*n));
        for (place, standing, n) in &counts {
            let weak = place.notation.is_weak();
            let is = match standing {
                Standing::First | Standing::AfterHead | Standing::Keyed if !weak => true,
                Standing::First | Standing::AfterHead | Standing::Keyed => share(*n, 30),
                Standing::Indented => share(*n, 50),
                Standing::Within => share(*n, if weak { 60 } else { 15 }),
            };
            if is && places.accepted.len() < MOST_PLACES {
                places.accepted.push(*place);
            }
        }
        if places.accepted.is_empty() && dated > 0 {
            // Nothing is frequent: dates within the text are all there is.
            places.rare = true;
            let rare = counts.iter().filter(|(p, ..)| !p.notation.is_weak()).map(|(p, ..)| *p);
            places.accepted.extend(rare.take(MOST_PLACES));
        }
        places
    }

    /// The time of a line, if it stands where this file keeps its times.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<Sighting> {
        if let Some((start, place)) = self.last {
            if let Some(sighting) = self.again(bytes, start, place) {
                return Some(sighting);
            }
            // The words before it are as many, and not as long.
            if place.before == b' '
                && let Some(start) = after_words(bytes, place.words)
                && let Some(sighting) = self.again(bytes, start, place)
            {
                self.last = Some((start, place));
                return Some(sighting);
            }
        }
        let mut clocks = Clocks::new(bytes);
        let mut scan = Scan::new(bytes);
        while !clocks.is_none()
            && let Some((start, words)) = scan.next()
        {
            if !clocks.near(start) {
                continue;
            }
            let Some(found) = notation::read(bytes, start, self.orders) else { continue };
            scan.at = found.end.max(start + 1);
            let sighting = sighting(bytes, start, words, found);
            if self.accepts(&sighting) {
                self.last = Some((start, sighting.place));
                return Some(sighting);
            }
        }
        None
    }

    /// The time that a line begins with but for brackets and the like.
    pub(super) fn find_at_start(&mut self, bytes: &[u8]) -> Option<Sighting> {
        let mut scan = Scan::new(bytes);
        while let Some((start, words)) = scan.next()
            && is_punctuation(&bytes[..start])
        {
            let Some(found) = notation::read(bytes, start, self.orders) else { continue };
            let sighting = sighting(bytes, start, words, found);
            return self.accepts(&sighting).then_some(sighting);
        }
        None
    }

    fn accepts(&self, sighting: &Sighting) -> bool {
        let strong = !sighting.found.notation.is_weak();
        let by_itself = matches!(sighting.standing, Standing::First | Standing::AfterHead | Standing::Keyed);
        strong && by_itself || self.accepted.contains(&sighting.place)
    }

    /// The time at the same offset as in the line before, where that is safe to take without looking at what is
    /// before it: at the start, or after as many words.
    fn again(&self, bytes: &[u8], start: usize, place: Place) -> Option<Sighting> {
        if start > 0 && bytes.get(start - 1) != Some(&place.before) {
            return None;
        }
        let found = notation::read(bytes, start, self.orders).filter(|f| f.notation == place.notation)?;
        let sighting = Sighting { found, start, place, standing: Standing::First };
        if start == 0 {
            return self.accepts(&sighting).then_some(sighting);
        }
        let words = words(&bytes[..start]);
        let real = self::sighting(bytes, start, words, found);
        // What begins with a digit may be another time.
        let first = || !bytes[0].is_ascii_digit() || notation::read(bytes, 0, self.orders).is_none();
        (self.accepts(&real) && first()).then_some(real)
    }
}

fn sighting(bytes: &[u8], start: usize, words: u8, found: Found) -> Sighting {
    let head = &bytes[..start];
    let before = head.last().copied().unwrap_or(0);
    let closed = matches!((before, bytes.get(found.end)), (b'[', Some(b']')) | (b'<', Some(b'>')));
    let notation = found.notation;
    let indented = head.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && words == 0;
    let standing = if indented && !head.iter().any(u8::is_ascii_alphanumeric) {
        Standing::Indented
    } else if !head.iter().any(|b| b.is_ascii_alphanumeric() || *b >= 0x80) {
        Standing::First
    } else if keyed(head) {
        Standing::Keyed
    } else if words <= 4 && heads(head) {
        Standing::AfterHead
    } else {
        Standing::Within
    };
    let words = if closed && words > 0 { u8::MAX } else { words };
    Sighting { found, start, place: Place { notation, words, before }, standing }
}

/// Keys whose value is the record's time.
fn keyed(head: &[u8]) -> bool {
    let head = head.strip_suffix(b"\"").or_else(|| head.strip_suffix(b"'")).unwrap_or(head);
    let Some(head) = head.strip_suffix(b"=") else { return false };
    let from =
        head.iter().rposition(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'@' | b'.'))).map_or(0, |i| i + 1);
    const KEYS: &[&[u8]] = &[
        b"time",
        b"ts",
        b"t",
        b"timestamp",
        b"@timestamp",
        b"datetime",
        b"date",
        b"eventtime",
        b"__REALTIME_TIMESTAMP",
        b"SystemTime",
    ];
    KEYS.iter().any(|key| head[from..].eq_ignore_ascii_case(key))
}

/// Whether all words are short heads: `INFO`, `[7]`, `1:M`, `<34>1`, `-`, `I,`.
fn heads(head: &[u8]) -> bool {
    head.split(|b| matches!(b, b' ' | b'\t' | b'|')).filter(|w| !w.is_empty()).all(|word| {
        let from = word.iter().position(u8::is_ascii_alphanumeric).unwrap_or(word.len());
        let to = word.iter().rposition(u8::is_ascii_alphanumeric).map_or(from, |i| i + 1);
        let core = &word[from..to];
        let is_number = core.iter().all(|b| b.is_ascii_digit() || matches!(b, b'>' | b'<' | b':' | b'#'));
        let is_bracket = word.first() == Some(&b'[') && word.len() <= 24 && !word[1..].contains(&b'[');
        let is_role = core.len() <= 10
            && core.last().is_some_and(u8::is_ascii_uppercase)
            && core[..core.len() - 1].iter().all(|b| b.is_ascii_digit() || *b == b':');
        core.is_empty()
            || core.len() <= 8 && is_number
            || is_bracket
            || is_role
            || std::str::from_utf8(core).is_ok_and(|w| crate::format::severity::word(w).is_some())
    })
}

/// The first times of a line, up to three.
fn sightings(bytes: &[u8], orders: Orders) -> [Option<Sighting>; 3] {
    let mut all = [None; 3];
    let mut n = 0;
    let mut scan = Scan::new(bytes);
    while n < all.len()
        && let Some((start, words)) = scan.next()
    {
        if let Some(found) = notation::read(bytes, start, orders) {
            scan.at = found.end.max(start + 1);
            all[n] = Some(sighting(bytes, start, words, found));
            n += 1;
        }
    }
    all
}

/// The order in which most dates of a file are days that exist; years first where both fit.
fn orders<'a>(lines: impl Iterator<Item = &'a str>, newest: Option<i16>) -> Orders {
    let newest = newest.filter(|y| *y >= 2000).map_or(u32::MAX, |y| u32::from(y.unsigned_abs()));
    let mut dates: Vec<([u32; 3], bool)> = Vec::new();
    for line in lines {
        let bytes = line.as_bytes();
        let mut scan = Scan::new(bytes);
        while let Some((start, _)) = scan.next() {
            if bytes[start].is_ascii_digit()
                && let Some(date) = notation::numbers(bytes, start)
            {
                dates.push(date);
                break;
            }
        }
    }
    let decide = |long: bool| {
        let of: Vec<[u32; 3]> = dates.iter().filter(|(_, l)| *l == long).map(|(d, _)| *d).collect();
        let fits = |month: usize, day: usize| {
            let known = |year: u32| year >= 70 || year + 2000 <= newest;
            of.iter().all(|d| {
                (1..=12).contains(&d[month]) && (1..=31).contains(&d[day]) && (long || known(d[3 - month - day]))
            })
        };
        let constant = |i: usize| of.iter().all(|d| d[i] == of[0][i]);
        let turned = |i: usize| of.windows(2).any(|w| w[0][i] != w[1][i]);
        if of.is_empty() {
            return None;
        }
        let candidates: &[(Order, usize, usize)] = if long {
            &[(Order::MonthDayYear, 0, 1), (Order::DayMonthYear, 1, 0)]
        } else {
            &[(Order::YearMonthDay, 1, 2), (Order::MonthDayYear, 0, 1), (Order::DayMonthYear, 1, 0)]
        };
        let fitting: Vec<&(Order, usize, usize)> = candidates.iter().filter(|(_, m, d)| fits(*m, *d)).collect();
        // One number alone changes from line to line: it is the day.
        let by_day =
            fitting.iter().find(|(_, month, day)| turned(*day) && constant(*month) && constant(3 - month - day));
        match (by_day, fitting.as_slice()) {
            (Some((order, ..)), _) => Some(*order),
            (None, [(order, ..)]) => Some(*order),
            // Nothing in the file tells: the usual order of the mark.
            _ => None,
        }
    };
    Orders { long: decide(true), short: decide(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(text: &str) -> Vec<Option<usize>> {
        let mut places = Places::learn(text.lines(), None);
        text.lines().map(|l| places.find(l.as_bytes()).map(|s| s.start)).collect()
    }

    #[test]
    fn a_time_after_other_words_counts_where_it_is_frequent() {
        let access = "10.1.2.3 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n10.1.2.3, 10.9.9.9 - ann [24/Nov/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 1\n";
        assert_eq!(learned(access), [Some(14), Some(26)]);
        let odd = format!("{}backup began at 2026-11-24 10:00:00\n", "no date here\n".repeat(3));
        assert_eq!(learned(&odd), [None, None, None, Some(16)], "the only date there is");
        let mixed = format!("{}last backup at 2026-11-24 10:00:00\n", "2026-11-24 10:00:00 INFO x\n".repeat(9));
        assert_eq!(learned(&mixed).last(), Some(&None));
    }

    #[test]
    fn heads_and_keys_stand_before_a_time() {
        for line in [
            "[7] 2026/11/24 10:00:00.1 [ERR] x",
            "1:M 24 Nov 2026 10:00:00.123 * x",
            "INFO  [main] 2026-11-24 10:00:00,123 File.java:1 - x",
            "<34>1 2026-11-24T10:00:00Z host app - - - x",
            "<34>Nov 24 10:00:00 host app: x",
            "I, [2026-11-24T10:00:00.123456 #7]  INFO -- : x",
            "level=info ts=2026-11-24T10:00:00Z msg=x",
            "####<Nov 24, 2026 10:00:00 AM PST> <Info> x",
            "==== x at 2026-11-24 10:00:00 ====",
        ] {
            assert!(learned(line)[0].is_some(), "{line}");
        }
        let mut places = Places::default();
        assert!(places.find(b"a sum of 7 at 2026-11-24 10:00:00").is_none(), "nothing was learned");
        assert!(places.find(b"1795514401 words").is_none(), "a number at the start is not a time by itself");
    }

    #[test]
    fn numbers_are_times_where_most_lines_have_them() {
        assert_eq!(learned("1795514401 a\n1795514402 b\n1795514403 c\n"), [Some(0); 3]);
        assert_eq!(learned("ok 1795514401\nno\nno\nno\nno\nno\n")[0], None);
        let flow = "2 123456789010 eni-0a 10.0.0.1 10.0.0.2 443 50000 6 10 840 1795514401 1795514461 ACCEPT OK\n";
        assert_eq!(learned(&flow.repeat(3)), [Some(59); 3]);
    }

    #[test]
    fn the_order_of_dates_is_decided_over_the_file() {
        let of = |text: &str| orders(text.lines(), Some(2026));
        assert_eq!(of("17/06/2026 x\n03/04/2026 x\n").long, Some(Order::DayMonthYear));
        assert_eq!(of("06/17/2026 x\n").long, Some(Order::MonthDayYear));
        assert_eq!(of("03/04/2026 x\n04/04/2026 x\n").long, Some(Order::DayMonthYear), "the day moves");
        assert_eq!(of("03/04/2026 x\n").long, None);
        assert_eq!(of("26/11/24 x\n").short, None, "the years first, as usual");
        assert_eq!(of("24/11/30 x\n").short, Some(Order::YearMonthDay), "no year after the file's own");
        assert_eq!(of("30/11/24 x\n").short, Some(Order::DayMonthYear));
    }
}
