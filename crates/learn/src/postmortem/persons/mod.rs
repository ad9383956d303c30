//! Blameless by construction: a person becomes a role before anything is printed.
//!
//! Names of persons stand in known places: authors of commits, users in audit logs and prompts, home
//! folders, e-mail addresses, handles. [`patterns`] recognises them there; whoever is recognised once is
//! then hidden everywhere, as a whole word. The same person has the same token throughout.
//!
//! Service accounts, system users and the names of things (workloads, namespaces, pods) are no persons.
//! What this cannot do: a name in free prose that stands in none of those places is not recognised; it
//! can be given by hand.

mod accounts;
mod patterns;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use super::document::Postmortem;
use super::facts::Facts;
pub use patterns::Role;
use patterns::Sighting;

/// Those who were recognised, and what stands for them.
#[derive(Debug, Default)]
pub struct Persons {
    /// What finds their names.
    finder: Option<AhoCorasick>,
    /// The token of each name that the finder knows, in its order.
    tokens: Vec<Token>,
    /// Names of things, in lower case: a name inside one of them stays.
    things: BTreeSet<String>,
}

/// A text of the evidence in which persons may be named.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// Any text.
    Any(&'a str),
    /// The cause of a change, which often ends with whoever made it (`image till:3.2 by …`).
    Change(&'a str),
}

/// What stands for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// In a sentence: `an engineer`, `engineer 2`.
    prose: String,
    /// Inside a path, a prompt or a compound: `engineer`, `engineer-2`.
    compound: String,
    /// The name has to be written as it was recognised: a given name that is a word as well.
    exact: Option<String>,
}

impl Persons {
    /// Recognises persons in texts, besides those given by name.
    ///
    /// `things` are names that stand for no person, whatever is said of them.
    #[must_use]
    pub fn of<'a>(texts: impl Iterator<Item = Text<'a>>, given: &[String], things: BTreeSet<String>) -> Self {
        let things: BTreeSet<String> = things.into_iter().map(|t| t.to_lowercase()).collect();
        let mut known = Known::default();
        for name in given {
            known.add(&Sighting { names: vec![name.trim().to_owned()], role: Role::Person }, &BTreeSet::new());
        }
        for text in texts {
            for sighting in patterns::sightings(text) {
                known.add(&sighting, &things);
            }
        }
        known.into_persons(things)
    }

    /// The text with tokens in place of persons.
    #[must_use]
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(finder) = &self.finder else { return Cow::Borrowed(text) };
        let mut out = String::new();
        let mut done = 0;
        for found in finder.find_iter(text) {
            let token = &self.tokens[found.pattern().as_usize()];
            let (start, end) = (found.start(), found.end());
            let exact = token.exact.as_deref().is_none_or(|exact| exact == &text[start..end]);
            if start < done || !exact || !is_word(text, start, end) || self.in_a_thing(text, start, end) {
                continue;
            }
            out.push_str(&text[done..start]);
            out.push_str(if is_compound(text, start, end) { &token.compound } else { &token.prose });
            done = end;
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[done..]);
        Cow::Owned(once(&out))
    }

    /// Whether the longest name-like text around a match is the name of a thing.
    fn in_a_thing(&self, text: &str, start: usize, end: usize) -> bool {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let from = text[..start].char_indices().rev().take_while(|(_, c)| part(*c)).last().map_or(start, |(at, _)| at);
        let to = end + text[end..].chars().take_while(|c| part(*c)).map(char::len_utf8).sum::<usize>();
        let around = text[from..to].trim_end_matches('.').to_lowercase();
        (from < start || to > end) && self.things.contains(&around)
    }
}

/// `an engineer <an engineer>`, from a name with its address, is said once.
fn once(text: &str) -> String {
    let mut text = text.to_owned();
    for token in ["an engineer", "a user", "a person"] {
        text = text.replace(&format!("{token} <{token}>"), token).replace(&format!("{token} ({token})"), token);
    }
    for role in ["engineer", "user", "person"] {
        for nth in 1..=20 {
            let token = format!("{role} {nth}");
            text = text.replace(&format!("{token} <{token}>"), &token);
        }
    }
    text
}

/// Whether a match is not a part of a longer word.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    !text[..start].chars().next_back().is_some_and(letter) && !text[end..].chars().next().is_some_and(letter)
}

/// Whether a match is a part of a path, a prompt, an address or a name.
fn is_compound(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let follows = |c: char| text[end + c.len_utf8()..].chars().next().is_some_and(char::is_alphanumeric);
    matches!(before, Some('/' | '\\' | '-' | '.' | '='))
        || matches!(after, Some('/' | '\\' | '@'))
        || after.is_some_and(|c| matches!(c, '-' | '.') && follows(c))
}

/// Persons as they are recognised, each with all names that were seen of them.
#[derive(Default)]
struct Known {
    people: Vec<Person>,
    by_name: BTreeMap<String, usize>,
}

struct Person {
    role: Role,
    /// As written; in order of sight.
    names: Vec<String>,
}

impl Known {
    fn add(&mut self, sighting: &Sighting, things: &BTreeSet<String>) {
        let mut names: Vec<String> = Vec::new();
        for name in &sighting.names {
            let lower = name.to_lowercase();
            if name.chars().count() < 2 || things.contains(&lower) || accounts::is_technical(&lower) {
                continue;
            }
            names.push(name.clone());
            if let Some((local, _)) = name.split_once('@').filter(|(local, _)| !local.is_empty()) {
                let local_lower = local.to_lowercase();
                if local.len() > 1 && !things.contains(&local_lower) && !accounts::is_technical(&local_lower) {
                    names.push(local.to_owned());
                }
            }
        }
        if names.is_empty() {
            return;
        }
        let known = names.iter().find_map(|n| self.by_name.get(&n.to_lowercase()).copied());
        let at = known.unwrap_or_else(|| {
            self.people.push(Person { role: sighting.role, names: Vec::new() });
            self.people.len() - 1
        });
        let person = &mut self.people[at];
        person.role = person.role.max(sighting.role);
        for name in names {
            if let std::collections::btree_map::Entry::Vacant(entry) = self.by_name.entry(name.to_lowercase()) {
                entry.insert(at);
                self.people[at].names.push(name);
            }
        }
    }

    fn into_persons(self, things: BTreeSet<String>) -> Persons {
        let mut totals: BTreeMap<Role, usize> = BTreeMap::new();
        for person in &self.people {
            *totals.entry(person.role).or_default() += 1;
        }
        let mut counted: BTreeMap<Role, usize> = BTreeMap::new();
        let (mut patterns, mut tokens) = (Vec::new(), Vec::new());
        for person in &self.people {
            let nth = counted.entry(person.role).or_default();
            *nth += 1;
            let word = person.role.word();
            let (prose, compound) = if totals.get(&person.role) == Some(&1) {
                (person.role.one().to_owned(), word.to_owned())
            } else {
                (format!("{word} {nth}"), format!("{word}-{nth}"))
            };
            for name in &person.names {
                patterns.push(name.clone());
                tokens.push(Token { prose: prose.clone(), compound: compound.clone(), exact: None });
                for part in parts(name)
                    .filter(|p| !self.by_name.contains_key(&p.to_lowercase()) && !things.contains(&p.to_lowercase()))
                {
                    patterns.push(part.to_owned());
                    tokens.push(Token {
                        prose: prose.clone(),
                        compound: compound.clone(),
                        exact: Some(part.to_owned()),
                    });
                }
            }
        }
        if patterns.is_empty() {
            return Persons { things, ..Persons::default() };
        }
        let finder =
            AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(&patterns);
        Persons { finder: finder.ok(), tokens, things }
    }
}

/// Given and family name of a full name, where they are no everyday words.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let full = name.contains(' ') && !name.contains('@');
    name.split(' ').filter(move |part| {
        full && part.chars().count() > 2
            && part.chars().next().is_some_and(char::is_uppercase)
            && !accounts::is_everyday(&part.to_lowercase())
    })
}

/// The document with every person replaced by a role.
pub(crate) fn blameless(document: Postmortem, facts: &Facts<'_>, given: &[String]) -> Postmortem {
    let Ok(mut value) = serde_json::to_value(&document) else { return document };
    let texts = texts(facts);
    let all = texts.any.iter().map(|t| Text::Any(t)).chain(texts.changes.iter().map(|t| Text::Change(t)));
    let persons = Persons::of(all, given, things(facts));
    if persons.finder.is_none() {
        return document;
    }
    rewrite(&mut value, &persons);
    serde_json::from_value(value).unwrap_or(document)
}

/// Names that the case and the evidence give to things.
fn things(facts: &Facts<'_>) -> BTreeSet<String> {
    let mut things = BTreeSet::new();
    let case = facts.case;
    let hypotheses =
        case.hypotheses.iter().flat_map(|h| std::iter::once(&h.entity).chain(h.chain.iter().map(|l| &l.entity)));
    let moments = case.timeline.iter().chain(&case.changes).map(|m| &m.entity);
    for entity in hypotheses.chain(&case.affected).chain(&case.unaffected).chain(moments) {
        if !matches!(entity.kind.as_str(), "User" | "Group" | "user" | "user-agent") {
            things.insert(entity.name.clone());
            things.extend(entity.namespace.clone());
        }
    }
    for fact in case.hypotheses.iter().flat_map(|h| &h.evidence) {
        for key in ["container", "pod", "node", "service", "namespace"] {
            things.extend(fact.fields.get(key).cloned());
        }
    }
    if let Some(world) = facts.world {
        for object in world.objects.values().filter(|o| !matches!(o.kind.as_str(), "User" | "Group")) {
            things.insert(object.name.to_string());
            things.extend(object.namespace.as_ref().map(ToString::to_string));
        }
    }
    things
}

/// The evidence's own words: what stands in the catalogue names nobody.
#[derive(Default)]
struct Texts {
    any: Vec<String>,
    changes: Vec<String>,
}

fn texts(facts: &Facts<'_>) -> Texts {
    /// Shapes of log lines read at most.
    const MOST: usize = 500;
    let case = facts.case;
    let mut texts = Texts::default();
    let any = &mut texts.any;
    for hypothesis in &case.hypotheses {
        any.push(hypothesis.summary.clone());
        for fact in hypothesis.evidence.iter().chain(&hypothesis.against) {
            any.push(fact.excerpt.clone());
            any.push(fact.path.clone());
            any.extend(fact.fields.iter().map(|(key, value)| format!("{key}: {value}")));
        }
    }
    for moment in &case.changes {
        texts.changes.push(moment.what.clone());
        any.push(moment.path.clone());
    }
    any.extend(case.timeline.iter().map(|m| m.path.clone()));
    any.extend(case.symptoms.iter().chain(&case.notes).chain(&case.severity.reasons).cloned());
    any.extend(case.unexplained.iter().map(|fact| fact.excerpt.clone()));
    any.extend(case.coverage.iter().map(|line| line.subject.clone()));
    if let Some(world) = facts.world {
        texts.changes.extend(world.changes.iter().map(|c| c.evidence.excerpt.to_string()));
        any.extend(world.incident.said.iter().cloned());
        for alert in &world.alerts {
            any.push(alert.summary.clone());
            any.extend(alert.labels.iter().map(|(key, value)| format!("{key}: {value}")));
        }
        let shapes = world.logs.iter().filter(|log| facts.concerns(&log.entity)).flat_map(|log| log.digest.warnings());
        any.extend(shapes.take(MOST).map(|shape| shape.example.text.to_string()));
    }
    any.sort();
    any.dedup();
    texts
}

fn rewrite(value: &mut Value, persons: &Persons) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = persons.hide(text) {
                *text = hidden;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| rewrite(item, persons)),
        Value::Object(map) => map.values_mut().for_each(|item| rewrite(item, persons)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
