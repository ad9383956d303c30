//! The patterns of all rules, found in one pass over a record.
//!
//! One automaton looks for a literal piece of each pattern; only where its piece stands is a regular expression run.
//! Patterns without such a piece are run on every record.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::jq::Program;
use super::source::Kind;

/// A piece shorter than this stands everywhere and says nothing.
const SHORTEST: usize = 3;

/// A pattern is looked for by at most this many alternative pieces.
const MOST_PIECES: usize = 64;

/// One pattern.
pub(super) enum Pattern {
    /// A substring.
    Value(String),
    /// A regular expression, compiled when its piece is first seen.
    Regex { text: String, pieces: Option<Vec<Vec<u8>>>, compiled: OnceLock<Option<Regex>> },
    /// A jq program.
    Jq(Program),
}

impl Pattern {
    pub(super) fn new(kind: Kind, text: &str) -> Result<Self, String> {
        match kind {
            Kind::Value if text.is_empty() => Err("an empty literal".to_owned()),
            Kind::Value => Ok(Self::Value(text.to_owned())),
            Kind::Regex => {
                let hir = regex_syntax::parse(text).map_err(|_| format!("`{text}` is no regular expression"))?;
                Ok(Self::Regex { text: text.to_owned(), pieces: pieces(&hir), compiled: OnceLock::new() })
            }
            Kind::Jq => Program::new(text).map(Self::Jq),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Value(value) => memchr::memmem::find(text.as_bytes(), value.as_bytes()).is_some(),
            Self::Regex { text: pattern, compiled, .. } => {
                let regex = compiled.get_or_init(|| Regex::new(pattern).ok());
                regex.as_ref().is_some_and(|r| r.is_match(text))
            }
            Self::Jq(program) => program.matches(text),
        }
    }
}

/// All patterns with their automaton.
pub(super) struct Patterns {
    patterns: Vec<Pattern>,
    automaton: Option<AhoCorasick>,
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
        let (mut pieces, mut owner, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (number, pattern) in patterns.iter().enumerate() {
            let own: Option<Vec<Vec<u8>>> = match pattern {
                Pattern::Value(value) => Some(vec![value.clone().into_bytes()]),
                Pattern::Regex { pieces, .. } => pieces.clone(),
                Pattern::Jq(_) => None,
            };
            match own {
                Some(own) => {
                    owner.extend(own.iter().map(|_| number));
                    pieces.extend(own);
                }
                None => always.push(number),
            }
        }
        // Letters of both cases: a piece only announces, the pattern decides.
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&pieces)
            .ok()
            .filter(|_| !pieces.is_empty());
        if automaton.is_none() {
            always = (0..patterns.len()).collect();
        }
        Self { patterns, automaton, owner, always }
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
        if let Some(automaton) = &self.automaton {
            for found in automaton.find_overlapping_iter(text) {
                let number = self.owner[found.pattern().as_usize()];
                if scratch.tried[number] != scratch.record {
                    scratch.tried[number] = scratch.record;
                    if self.patterns[number].matches(text) {
                        scratch.matched.push(number);
                    }
                }
            }
        }
        for &number in &self.always {
            if self.patterns[number].matches(text) {
                scratch.matched.push(number);
            }
        }
        scratch.matched.sort_unstable();
    }

    /// The same without the automaton: what the prefilter must not change.
    #[cfg(test)]
    pub(super) fn search_plainly(&self, text: &str) -> Vec<usize> {
        (0..self.patterns.len()).filter(|&n| self.patterns[n].matches(text)).collect()
    }
}

/// Pieces of which one stands in every match, whatever the case of its letters; nothing if there are none worth
/// looking for.
fn pieces(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let found = required(hir)?;
    let shortest = found.iter().map(Vec::len).min()?;
    (shortest >= SHORTEST && found.len() <= MOST_PIECES).then_some(found)
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
    fn the_longest_piece_that_must_stand_there_announces_a_pattern() {
        assert_eq!(of("Discarding message(.+)in an old incarnation"), Some(vec!["in an old incarnation".to_owned()]));
        assert_eq!(of("(foo123|barbar)\\d+"), Some(vec!["foo123".to_owned(), "barbar".to_owned()]));
        assert_eq!(of("(?i)timed out"), Some(vec!["timed out".to_owned()]));
        assert_eq!(of(".*"), None);
        assert_eq!(of("(abc)?x"), None, "what may be missing announces nothing");
        assert_eq!(of("(?i)ok"), None, "the Kelvin sign is a k as well");
    }
}
