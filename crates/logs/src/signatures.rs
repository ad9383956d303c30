use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use firstfault_model::{Declaration, SignatureSpec};
use regex::Regex;

/// Known messages, compiled for one pass over the text: one automaton over all literals, and a
/// pattern only where a literal was found.
#[derive(Debug, Default)]
pub struct Signatures {
    automaton: Option<AhoCorasick>,
    /// Which signature each literal belongs to.
    literal_of: Vec<usize>,
    signatures: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    finding: Declaration,
    name: String,
    pattern: Option<Pattern>,
}

/// A regular expression that is compiled when one of its literals is first met: most never are,
/// and compiling them all takes longer than reading an ordinary log.
#[derive(Debug)]
struct Pattern {
    text: String,
    compiled: OnceLock<Option<Expression>>,
}

#[derive(Debug)]
struct Expression {
    regex: Regex,
    groups: Vec<(usize, &'static str)>,
}

impl Pattern {
    /// `None` if it is no regular expression (a test of the catalogue keeps this from happening).
    fn expression(&self) -> Option<&Expression> {
        let compile = || {
            let regex = Regex::new(&format!("(?i){}", self.text)).ok()?;
            // Compiled once a process, and few.
            let leak = |name: &str| &*Box::leak(name.to_owned().into_boxed_str());
            let groups = regex.capture_names().enumerate().filter_map(|(i, name)| Some((i, leak(name?)))).collect();
            Some(Expression { regex, groups })
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// A signature that a line matched.
pub(crate) struct Match<'a> {
    pub(crate) finding: Declaration,
    pub(crate) name: &'a str,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

/// A value that a message names is kept to this length.
const LONGEST_FIELD: usize = 200;

impl Signatures {
    /// Prepares the signatures; one that has no literal is never looked for.
    #[must_use]
    pub fn compile(specs: &[SignatureSpec]) -> Self {
        let mut literals = Vec::new();
        let mut literal_of = Vec::new();
        let mut signatures = Vec::new();
        for spec in specs {
            let pattern = spec.pattern.clone().map(|text| Pattern { text, compiled: OnceLock::new() });
            for literal in &spec.literals {
                literals.push(literal.clone());
                literal_of.push(signatures.len());
            }
            signatures.push(Compiled { finding: spec.finding, name: spec.name.clone(), pattern });
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&literals).ok();
        Self { automaton, literal_of, signatures }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.signatures.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signatures.is_empty()
    }

    /// The signatures that a text matches, at most one for each finding.
    pub(crate) fn matches(&self, text: &str) -> Vec<Match<'_>> {
        let Some(automaton) = self.automaton.as_ref().filter(|_| !self.signatures.is_empty()) else {
            return Vec::new();
        };
        let mut candidates: Vec<usize> = Vec::new();
        for found in automaton.find_overlapping_iter(text) {
            let signature = self.literal_of[found.pattern().as_usize()];
            if !candidates.contains(&signature) {
                candidates.push(signature);
            }
        }
        candidates.sort_unstable();
        let mut matches: Vec<Match<'_>> = Vec::new();
        for i in candidates {
            let signature = &self.signatures[i];
            if matches.iter().any(|m| m.finding.id == signature.finding.id) {
                continue;
            }
            let fields = match &signature.pattern {
                None => BTreeMap::new(),
                Some(pattern) => {
                    let Some(expression) = pattern.expression() else { continue };
                    let Some(captures) = expression.regex.captures(text) else { continue };
                    let value = |i: usize| captures.get(i).map(|m| m.as_str().chars().take(LONGEST_FIELD).collect());
                    expression.groups.iter().filter_map(|(i, name)| Some((*name, value(*i)?))).collect()
                }
            };
            matches.push(Match { finding: signature.finding, name: &signature.name, fields });
        }
        matches
    }

    /// The names and fields of the signatures that a text matches: for tests of the catalogue.
    #[must_use]
    pub fn names(&self, text: &str) -> Vec<(String, &'static str)> {
        self.matches(text).into_iter().map(|m| (m.name.to_owned(), m.finding.id)).collect()
    }
}
