//! The patterns of all rules, found in one pass over a record.
//!
//! All are looked for at once by a literal piece of each; only where its piece stands is a regular expression run. Patterns
//! without such a piece are run on every record.

use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::jq::Program;
use super::source::Kind;
use crate::literals::{Literals, SHORTEST};

/// A pattern is looked for by at most this many alternative pieces.
const MOST_PIECES: usize = 64;

/// One pattern.
pub(super) enum Pattern {
    /// A substring.
    Value(Finder<'static>),
    /// A regular expression.
    Regex(Expression),
    /// A jq program.
    Jq(Program),
}

/// A regular expression, compiled when its pieces are first seen.
pub(super) struct Expression {
    text: String,
    /// Of these, one stands in every match.
    pieces: Option<Vec<Vec<u8>>>,
    /// All of these do, one behind the other.
    fixed: Vec<Finder<'static>>,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    fn new(text: &str) -> Result<Self, String> {
        let hir = regex_syntax::parse(text).map_err(|_| format!("`{text}` is no regular expression"))?;
        let mut fixed = Vec::new();
        fixed_pieces(&hir, &mut fixed);
        let fixed = fixed.iter().map(|piece| Finder::new(piece).into_owned()).collect();
        Ok(Self { text: text.to_owned(), pieces: pieces(&hir), fixed, compiled: OnceLock::new() })
    }

    fn matches(&self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        for piece in &self.fixed {
            let Some(at) = piece.find(rest) else { return false };
            rest = &rest[at + piece.needle().len()..];
        }
        let regex = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().is_some_and(|r| r.is_match(text))
    }
}

impl Pattern {
    pub(super) fn new(kind: Kind, text: &str) -> Result<Self, String> {
        match kind {
            Kind::Value if text.is_empty() => Err("an empty literal".to_owned()),
            Kind::Value => Ok(Self::Value(Finder::new(text).into_owned())),
            Kind::Regex => Expression::new(text).map(Self::Regex),
            Kind::Jq => Program::new(text).map(Self::Jq),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Value(value) => value.find(text.as_bytes()).is_some(),
            Self::Regex(expression) => expression.matches(text),
            Self::Jq(program) => program.matches(text),
        }
    }
}

/// All patterns, and what announces them.
pub(super) struct Patterns {
    patterns: Vec<Pattern>,
    pieces: Literals,
    /// The pattern of each piece.
    owner: Vec<usize>,
    /// Patterns that no piece announces.
    always: Vec<usize>,
}

/// What is kept between records, so that nothing is allocated for each.
pub(super) struct Scratch {
    /// The number of the record in which a pattern was last tried.
    tried: Vec<u64>,
    record: u64,
    /// The patterns that match the record, in order.
    pub(super) matched: Vec<usize>,
}

impl Patterns {
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        let (mut pieces, mut owner, mut always): (Vec<&[u8]>, _, _) = (Vec::new(), Vec::new(), Vec::new());
        for (number, pattern) in patterns.iter().enumerate() {
            let own: Vec<&[u8]> = match pattern {
                Pattern::Value(value) if value.needle().len() >= SHORTEST => vec![value.needle()],
                Pattern::Regex(Expression { pieces: Some(pieces), .. }) => pieces.iter().map(Vec::as_slice).collect(),
                _ => Vec::new(),
            };
            if own.is_empty() {
                always.push(number);
            }
            owner.extend(own.iter().map(|_| number));
            pieces.extend(own);
        }
        // Letters of both cases: a piece only announces, the pattern decides.
        let pieces = Literals::new(pieces.into_iter());
        Self { patterns, pieces, owner, always }
    }

    pub(super) fn len(&self) -> usize {
        self.patterns.len()
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { tried: vec![0; self.patterns.len()], record: 0, matched: Vec::new() }
    }

    /// Puts the patterns that match a text into `scratch.matched`.
    pub(super) fn search(&self, text: &str, scratch: &mut Scratch) {
        scratch.record += 1;
        scratch.matched.clear();
        self.pieces.find(text.as_bytes(), |piece, _| {
            let number = self.owner[piece];
            if scratch.tried[number] != scratch.record {
                scratch.tried[number] = scratch.record;
                if self.patterns[number].matches(text) {
                    scratch.matched.push(number);
                }
            }
        });
        for &number in &self.always {
            if self.patterns[number].matches(text) {
                scratch.matched.push(number);
            }
        }
        scratch.matched.sort_unstable();
    }

    /// The same without pieces: what the prefilter must not change.
    #[cfg(test)]
    pub(super) fn search_plainly(&self, text: &str) -> Vec<usize> {
        let matches = |pattern: &Pattern| match pattern {
            Pattern::Regex(expression) => Regex::new(&expression.text).is_ok_and(|regex| regex.is_match(text)),
            other => other.matches(text),
        };
        (0..self.patterns.len()).filter(|&n| matches(&self.patterns[n])).collect()
    }
}

/// Pieces of which one stands in every match, whatever the case of its letters; nothing if there are none worth
/// looking for.
fn pieces(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let found = required(hir)?;
    let shortest = found.iter().map(Vec::len).min()?;
    (shortest >= SHORTEST && found.len() <= MOST_PIECES).then_some(found)
}

/// Literals that all stand in every match, one behind the other.
fn fixed_pieces(hir: &Hir, pieces: &mut Vec<Vec<u8>>) {
    match hir.kind() {
        HirKind::Literal(literal) => pieces.push(literal.0.to_vec()),
        HirKind::Capture(capture) => fixed_pieces(&capture.sub, pieces),
        HirKind::Repetition(repetition) if repetition.min > 0 => fixed_pieces(&repetition.sub, pieces),
        HirKind::Concat(parts) => parts.iter().for_each(|part| fixed_pieces(part, pieces)),
        _ => {}
    }
}

fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required(branch)?);
            }
            Some(all)
        }
        HirKind::Concat(parts) => best(parts),
        HirKind::Class(_) => letter(hir).map(|c| vec![vec![c]]),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of the parts that follow each other, the one whose shortest piece is longest; neighbouring letters are one piece.
fn best(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let mut candidates: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    for part in parts {
        match (part.kind(), letter(part)) {
            (HirKind::Literal(literal), _) => run.extend_from_slice(&literal.0),
            (_, Some(c)) => run.push(c),
            _ => {
                if !run.is_empty() {
                    candidates.push(vec![std::mem::take(&mut run)]);
                }
                candidates.extend(required(part));
            }
        }
    }
    if !run.is_empty() {
        candidates.push(vec![run]);
    }
    candidates.into_iter().max_by_key(|c| c.iter().map(Vec::len).min().unwrap_or(0))
}

/// The one ASCII letter that a class means in both cases. `k` and `s` are none: Unicode has more of them.
fn letter(hir: &Hir) -> Option<u8> {
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else { return None };
    let ranges = class.ranges();
    let [upper, lower] = ranges else { return None };
    let single = |r: &regex_syntax::hir::ClassUnicodeRange| (r.start() == r.end()).then_some(r.start());
    let (upper, lower) = (single(upper)?, single(lower)?);
    (upper.is_ascii_uppercase() && upper.to_ascii_lowercase() == lower).then_some(lower as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Vec<String>> {
        let hir = regex_syntax::parse(text).expect("an expression");
        Some(pieces(&hir)?.into_iter().map(|p| String::from_utf8_lossy(&p).into_owned()).collect())
    }

    #[test]
    fn what_must_stand_in_a_match_is_looked_for_in_its_order() {
        let mut pieces = Vec::new();
        fixed_pieces(&regex_syntax::parse("^lost (.+) of x+ (a|b)(c)?$").expect("an expression"), &mut pieces);
        assert_eq!(pieces, [&b"lost "[..], b" of ", b"x", b" "]);
        let expression = Expression::new("lost .* of x").expect("an expression");
        assert!(expression.matches("we lost 3 of x"));
        assert!(!expression.matches("of x we lost 3"));
    }

    #[test]
    fn the_longest_piece_that_must_stand_there_announces_a_pattern() {
        assert_eq!(of("Discarding message(.+)in an old incarnation"), Some(vec!["in an old incarnation".to_owned()]));
        assert_eq!(of("(foo123|barbar)\\d+"), Some(vec!["foo123".to_owned(), "barbar".to_owned()]));
        assert_eq!(of("(?i)timed out"), Some(vec!["timed out".to_owned()]));
        assert_eq!(of(".*"), None);
        assert_eq!(of("(abc)?x"), None, "what may be missing announces nothing");
        assert_eq!(of("(?i)ok"), None, "the Kelvin sign is a k as well");
    }
}
