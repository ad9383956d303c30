//! Rules as they are run: checked, with their patterns shared among all.

use jiff::SignedDuration;
use rustc_hash::FxHashMap;

use super::pattern::{Pattern, Patterns};
use super::source::{self, Item, SourceRule, Written};

/// Different positives that one rule may have.
const MOST_POSITIVES: usize = 64;

/// Rules that are ready to run.
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) patterns: Patterns,
}

/// Why a rule, or a whole file, is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The rules file.
    pub file: String,
    /// The line in it, from 1; 0 where it is not known.
    pub line: usize,
    /// The rule's id, where it could be read.
    pub rule: Option<String>,
    /// What is wrong.
    pub what: String,
}

/// One rule.
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: Option<u8>,
    pub(super) shape: Shape,
    /// Nanoseconds from the first to the last positive; 0 where there is one only.
    pub(super) window: i64,
    /// Equal positives merged: in a sequence only neighbours.
    pub(super) positives: Vec<Positive>,
    pub(super) negatives: Vec<Negative>,
    pub(super) words: Words,
}

/// What a rule's author says of it: text of another, never a command of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The file that the rule stands in.
    pub file: String,
    /// Why it happens.
    pub cause: String,
    /// What can be done.
    pub mitigation: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// In any order.
    Set,
    /// In order.
    Sequence,
}

/// A pattern that has to be seen so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Positive {
    pub(super) pattern: usize,
    pub(super) count: usize,
}

/// A pattern that must not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Negative {
    pub(super) pattern: usize,
    /// Nanoseconds added to the length of what is looked at.
    pub(super) window: i64,
    /// Nanoseconds from the anchor to where looking begins.
    pub(super) slide: i64,
    /// Which positive the place is counted from.
    pub(super) anchor: usize,
    /// The length is the window alone.
    pub(super) absolute: bool,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rules", self.len())
    }
}

impl Rules {
    /// Reads rules files, given by name and text. What is wrong with one rule does not stop the others.
    #[must_use]
    pub fn load(files: &[(String, String)]) -> (Self, Vec<RuleError>) {
        let mut errors = Vec::new();
        let mut documents = Vec::new();
        for (file, text) in files {
            documents.extend(source::read(file, text, &mut errors));
        }
        let mut terms: FxHashMap<String, Item> = FxHashMap::default();
        for document in &documents {
            for (name, written) in &document.terms {
                let error = match item(&written.value, &FxHashMap::default()) {
                    Ok(item) if !terms.contains_key(name) => {
                        terms.insert(name.clone(), item);
                        continue;
                    }
                    Ok(_) => format!("the term `{name}` is given twice"),
                    Err(what) => format!("the term `{name}`: {what}"),
                };
                errors.push(RuleError { file: document.file.clone(), line: written.line, rule: None, what: error });
            }
        }
        let mut compiler = Compiler { patterns: Vec::new(), known: FxHashMap::default(), terms };
        let mut rules = Vec::new();
        for document in &documents {
            for written in &document.rules {
                match compiler.rule(&written.value, &document.file) {
                    Ok(rule) => rules.push(rule),
                    Err(what) => errors.push(RuleError {
                        file: document.file.clone(),
                        line: written.line,
                        rule: written.value.id().map(str::to_owned),
                        what,
                    }),
                }
            }
        }
        (Self { rules, patterns: Patterns::new(compiler.patterns) }, errors)
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

struct Compiler {
    patterns: Vec<Pattern>,
    known: FxHashMap<(u8, String), usize>,
    terms: FxHashMap<String, Item>,
}

impl Compiler {
    fn rule(&mut self, source: &SourceRule, file: &str) -> Result<Rule, String> {
        let id = source.id().ok_or("it has no `cre.id`")?.to_owned();
        // Where a rule has both, the sequence is what counts.
        let (shape, body) = match (&source.rule.sequence, &source.rule.set) {
            (Some(sequence), _) => (Shape::Sequence, sequence),
            (None, Some(set)) => (Shape::Set, set),
            (None, None) => return Err("it has neither a `set` nor a `sequence`".to_owned()),
        };
        let items = if shape == Shape::Set { &body.r#match } else { &body.order };
        let mut positives: Vec<Positive> = Vec::new();
        for written in items {
            let item = item(written, &self.terms)?;
            let next = Positive { pattern: self.pattern(&item)?, count: item.count };
            let same = match shape {
                Shape::Set => positives.iter_mut().find(|p| p.pattern == next.pattern),
                Shape::Sequence => positives.last_mut().filter(|p| p.pattern == next.pattern),
            };
            match same {
                Some(same) => same.count += next.count,
                None => positives.push(next),
            }
        }
        let total: usize = positives.iter().map(|p| p.count).sum();
        let window = body.window.as_deref().map(duration).transpose()?;
        check(shape, total, positives.len(), window)?;
        let negatives = body.negate.iter().map(|n| self.negative(n, total)).collect::<Result<_, _>>()?;
        Ok(Rule {
            id,
            title: source.text("title"),
            severity: source.severity(),
            shape,
            window: window.unwrap_or(0),
            positives,
            negatives,
            words: Words { file: file.to_owned(), cause: source.text("cause"), mitigation: source.text("mitigation") },
        })
    }

    fn negative(&mut self, written: &Written, positives: usize) -> Result<Negative, String> {
        let item = item(written, &self.terms)?;
        if item.count > 1 {
            return Err("`count` in `negate` cannot be above 1".to_owned());
        }
        let anchor = item.anchor.unwrap_or(0);
        if anchor > 1 || anchor >= positives {
            return Err(format!("`anchor: {anchor}` names no positive (0 or 1, below {positives})"));
        }
        Ok(Negative {
            pattern: self.pattern(&item)?,
            window: item.window.as_deref().map(duration).transpose()?.unwrap_or(0),
            slide: item.slide.as_deref().map(duration).transpose()?.unwrap_or(0),
            anchor,
            absolute: item.absolute,
        })
    }

    /// The number of a pattern; equal ones share it.
    fn pattern(&mut self, item: &Item) -> Result<usize, String> {
        let key = (item.kind as u8, item.text.clone());
        if let Some(&known) = self.known.get(&key) {
            return Ok(known);
        }
        self.patterns.push(Pattern::new(item.kind, &item.text)?);
        self.known.insert(key, self.patterns.len() - 1);
        Ok(self.patterns.len() - 1)
    }
}

fn check(shape: Shape, total: usize, different: usize, window: Option<i64>) -> Result<(), String> {
    match (shape, total, window) {
        (_, 0, _) => Err("it has no positive".to_owned()),
        (Shape::Sequence, 1, _) => Err("a sequence needs two positives or more".to_owned()),
        (Shape::Sequence, _, None) => Err("a sequence needs a `window`".to_owned()),
        (Shape::Set, 1, Some(_)) => Err("a set with one positive must have no `window`".to_owned()),
        (Shape::Set, 2.., None) => Err("a set with several positives needs a `window`".to_owned()),
        _ if different > MOST_POSITIVES => Err(format!("more than {MOST_POSITIVES} different positives")),
        _ => Ok(()),
    }
}

/// An item as it is meant: a term in the place of its name, with what is written at the place of use.
fn item(written: &Written, terms: &FxHashMap<String, Item>) -> Result<Item, String> {
    let mut item = written.item()?;
    if item.kind == source::Kind::Value
        && let Some(term) = terms.get(&item.text)
    {
        item = Item {
            kind: term.kind,
            text: term.text.clone(),
            count: if written.says_count() { item.count } else { term.count },
            window: item.window.or_else(|| term.window.clone()),
            slide: item.slide.or_else(|| term.slide.clone()),
            anchor: item.anchor.or(term.anchor),
            absolute: item.absolute || term.absolute,
        };
    }
    if item.count == 0 {
        return Err("`count` is 0".to_owned());
    }
    Ok(item)
}

/// Nanoseconds of `300ms`, `5s`, `10m`, `1h30m`, `-5s`.
fn duration(text: &str) -> Result<i64, String> {
    let parsed: SignedDuration =
        text.trim().parse().map_err(|_| format!("`{text}` is no duration (`30s`, `1h30m`)"))?;
    i64::try_from(parsed.as_nanos()).map_err(|_| format!("`{text}` is too long"))
}
