use std::collections::BTreeMap;

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
    pattern: Option<Regex>,
    groups: Vec<(usize, &'static str)>,
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
    /// Compiles the signatures; one whose pattern is no regular expression, or that has no literal,
    /// is left out (a test of the catalogue keeps this from happening).
    #[must_use]
    pub fn compile(specs: &[SignatureSpec]) -> Self {
        let mut literals = Vec::new();
        let mut literal_of = Vec::new();
        let mut signatures = Vec::new();
        for spec in specs {
            let pattern = match &spec.pattern {
                Some(pattern) => match Regex::new(&format!("(?i){pattern}")) {
                    Ok(regex) => Some(regex),
                    Err(_) => continue,
                },
                None => None,
            };
            let groups = pattern.iter().flat_map(|p| p.capture_names().enumerate()).filter_map(|(i, name)| {
                // Compiled once a process, and few.
                name.map(|n| (i, &*Box::leak(n.to_owned().into_boxed_str())))
            });
            let groups = groups.collect();
            for literal in &spec.literals {
                literals.push(literal.clone());
                literal_of.push(signatures.len());
            }
            signatures.push(Compiled { finding: spec.finding, name: spec.name.clone(), pattern, groups });
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
                Some(pattern) => match pattern.captures(text) {
                    None => continue,
                    Some(captures) => signature
                        .groups
                        .iter()
                        .filter_map(|(i, name)| {
                            let value = captures.get(*i)?.as_str();
                            Some((*name, value.chars().take(LONGEST_FIELD).collect()))
                        })
                        .collect(),
                },
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
