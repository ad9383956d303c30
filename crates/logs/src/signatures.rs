use std::sync::OnceLock;

use firstfault_model::{Declaration, SignatureSpec};
use regex::{CaptureLocations, Regex};

use crate::cre::Rules;
use crate::format::KEYS_OF_TRACES;
use crate::literals::Literals;

/// Known messages, compiled for one pass over the text: all literals at once, and a pattern only where a literal was found.
#[derive(Debug)]
pub struct Signatures {
    texts: Vec<String>,
    /// Made when the first log is read.
    literals: OnceLock<Literals>,
    /// Which signature each literal belongs to.
    literal_of: Vec<u32>,
    signatures: Vec<Compiled>,
    rules: Option<Rules>,
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

/// In place of a signature: a record may name a trace.
const TRACED: u32 = u32::MAX;

/// A signature that a record matched.
pub(crate) struct Match<'m> {
    /// Its place among the signatures.
    pub(crate) signature: usize,
    pub(crate) finding: Declaration,
    pub(crate) name: &'m str,
    text: &'m str,
    groups: &'m [(usize, &'static str)],
    spans: Option<&'m CaptureLocations>,
}

/// A value that a message names is kept to this many characters.
const LONGEST_FIELD: usize = 200;

impl<'m> Match<'m> {
    /// What the named groups matched.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &'m str)> {
        let value = |group: usize| {
            let (start, end) = self.spans?.get(group)?;
            let value = &self.text[start..end];
            Some(value.char_indices().nth(LONGEST_FIELD).map_or(value, |(at, _)| &value[..at]))
        };
        self.groups.iter().filter_map(move |(group, name)| Some((*name, value(*group)?)))
    }
}

impl Default for Signatures {
    /// None.
    fn default() -> Self {
        Self::compile(&[])
    }
}

impl Signatures {
    /// Prepares the signatures; one that has no literal of five bytes or more is never looked for.
    #[must_use]
    pub fn compile(specs: &[SignatureSpec]) -> Self {
        let mut texts = Vec::new();
        let mut literal_of = Vec::new();
        let mut signatures = Vec::new();
        for spec in specs {
            let pattern = spec.pattern.clone().map(|text| Pattern { text, compiled: OnceLock::new() });
            for literal in &spec.literals {
                texts.push(literal.clone());
                literal_of.push(signatures.len() as u32);
            }
            signatures.push(Compiled { finding: spec.finding, name: spec.name.clone(), pattern });
        }
        literal_of.extend(KEYS_OF_TRACES.map(|_| TRACED));
        texts.extend(KEYS_OF_TRACES.map(str::to_owned));
        Self { texts, literals: OnceLock::new(), literal_of, signatures, rules: None }
    }

    /// The same, and rules of others are run on every log.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules: Some(rules).filter(|rules| !rules.is_empty()), ..self }
    }

    /// The rules of others.
    pub(crate) fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref()
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

    /// Looks for them in texts, one after another.
    pub(crate) fn finder(&self) -> Finder<'_> {
        let spans = self.signatures.iter().map(|_| None).collect();
        Finder { signatures: self, candidates: Vec::new(), next: 0, spans, found: Vec::new() }
    }

    /// The names and findings of the signatures that a text matches: for tests of the catalogue.
    #[must_use]
    pub fn names(&self, text: &str) -> Vec<(String, &'static str)> {
        let mut names = Vec::new();
        let mut finder = self.finder();
        finder.find(text, std::iter::once((0, text.len())));
        finder.matches(0, text, |found| names.push((found.name.to_owned(), found.finding.id)));
        names
    }
}

/// Looks for signatures in records, many at a time.
pub(crate) struct Finder<'s> {
    signatures: &'s Signatures,
    /// Records and signatures of which a literal stands in them, in order.
    candidates: Vec<(u32, u32)>,
    /// The first candidate that was not asked for.
    next: usize,
    /// Room for what groups match, by signature.
    spans: Vec<Option<CaptureLocations>>,
    /// Findings of the record that is looked at.
    found: Vec<&'static str>,
}

impl Finder<'_> {
    /// Finds the literals in a text that holds records, given by their bytes.
    pub(crate) fn find(&mut self, text: &str, mut records: impl Iterator<Item = (usize, usize)>) {
        self.candidates.clear();
        self.next = 0;
        let (mut number, mut record) = (0, records.next());
        let Signatures { literals, texts, .. } = self.signatures;
        let literals = literals.get_or_init(|| Literals::new(texts.iter().map(String::as_bytes)));
        literals.find(text.as_bytes(), |literal, found| {
            while record.is_some_and(|(_, end)| end <= found.start) {
                (number, record) = (number + 1, records.next());
            }
            if record.is_some_and(|(start, end)| start <= found.start && found.end <= end) {
                self.candidates.push((number, self.signatures.literal_of[literal]));
            }
        });
        self.candidates.sort_unstable();
        self.candidates.dedup();
    }

    /// The signatures that a record matches, at most one for each finding. Records are asked for in their order. Answers
    /// with whether a key of a trace or a request stands in it.
    pub(crate) fn matches(&mut self, record: u32, text: &str, mut each: impl FnMut(&Match<'_>)) -> bool {
        self.found.clear();
        let mut traced = false;
        while let Some((_, signature)) = self.candidates.get(self.next).filter(|(r, _)| *r == record) {
            self.next += 1;
            if *signature == TRACED {
                traced = true;
                continue;
            }
            let signature = *signature as usize;
            let Compiled { finding, name, pattern } = &self.signatures.signatures[signature];
            if self.found.contains(&finding.id) {
                continue;
            }
            let (mut groups, mut spans) = (&[][..], None);
            if let Some(pattern) = pattern {
                let Some(Expression { regex, groups: named }) = pattern.expression() else { continue };
                let known = self.spans[signature].get_or_insert_with(|| regex.capture_locations());
                if regex.captures_read(known, text).is_none() {
                    continue;
                }
                (groups, spans) = (named, Some(&*known));
            }
            self.found.push(finding.id);
            each(&Match { signature, finding: *finding, name, text, groups, spans });
        }
        traced
    }
}

#[cfg(test)]
mod tests {
    use firstfault_model::{Background, Trust};

    use super::*;

    fn compiled(specs: &[(&'static str, &str, Option<&str>)]) -> Signatures {
        let spec = |(id, literal, pattern): &(&'static str, &str, Option<&str>)| SignatureSpec {
            finding: Declaration { id, says: "", background: Background::Rarely, trust: Trust::Application },
            name: literal.replace(' ', "-"),
            literals: vec![(*literal).to_owned()],
            pattern: pattern.map(str::to_owned),
        };
        Signatures::compile(&specs.iter().map(spec).collect::<Vec<_>>())
    }

    #[test]
    fn each_record_of_a_text_has_its_own_matches() {
        let signatures = compiled(&[
            ("a", "connection refused", Some(r"refused by (?P<host>\S+)")),
            ("b", "disk full", None),
            ("a", "refused", None),
        ]);
        let records = ["Connection REFUSED by db", "all is well", "disk", "full", "disk full, connection refused"];
        let (mut text, mut spans) = (String::new(), Vec::new());
        for record in records {
            spans.push((text.len(), text.len() + record.len()));
            text.push_str(record);
            // No line feed: what crosses the end of a record is in none.
            text.push(' ');
        }
        let mut finder = signatures.finder();
        finder.find(&text, spans.iter().copied());
        let mut found = Vec::new();
        for (i, record) in records.iter().enumerate() {
            finder.matches(i as u32, record, |m| {
                let fields: String = m.fields().map(|(n, v)| format!("{n}={v}")).collect();
                found.push((i, m.name.to_owned(), fields));
            });
        }
        let expected = [(0, "connection-refused", "host=db"), (4, "disk-full", ""), (4, "refused", "")];
        assert_eq!(found, expected.map(|(i, name, fields)| (i, name.to_owned(), fields.to_owned())));
    }
}
