//! Rules as their files write them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::rule::RuleError;

/// Something with the line that it begins on.
pub(super) struct Lined<T> {
    pub(super) line: usize,
    pub(super) value: T,
}

/// One document of a file.
pub(super) struct Document {
    pub(super) file: String,
    pub(super) rules: Vec<Lined<SourceRule>>,
    pub(super) terms: Vec<(String, Lined<Written>)>,
}

#[derive(Deserialize)]
struct RawDocument {
    #[serde(default)]
    section: Option<String>,
    #[serde(default)]
    rules: Vec<Spanned<Value>>,
    #[serde(default)]
    terms: BTreeMap<String, Spanned<Value>>,
}

/// A rule; keys that do not matter for matching are not read.
#[derive(Deserialize)]
pub(super) struct SourceRule {
    #[serde(default)]
    cre: Value,
    #[serde(default)]
    pub(super) rule: Body,
}

impl SourceRule {
    pub(super) fn id(&self) -> Option<&str> {
        self.cre.get("id").and_then(Value::as_str)
    }

    /// A text about the problem; empty where it is not given.
    pub(super) fn text(&self, key: &str) -> String {
        self.cre.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
    }

    /// 0 is critical, 4 is for information.
    pub(super) fn severity(&self) -> Option<u8> {
        self.cre.get("severity").and_then(Value::as_u64).and_then(|s| u8::try_from(s).ok())
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    pub(super) set: Option<Group>,
    #[serde(default)]
    pub(super) sequence: Option<Group>,
}

#[derive(Deserialize)]
pub(super) struct Group {
    #[serde(default)]
    pub(super) window: Option<String>,
    #[serde(default)]
    pub(super) r#match: Vec<Written>,
    #[serde(default)]
    pub(super) order: Vec<Written>,
    #[serde(default)]
    pub(super) negate: Vec<Written>,
}

/// An item: a plain string, or a map.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    Plain(String),
    Map(Map),
}

#[derive(Deserialize)]
pub(super) struct Map {
    value: Option<String>,
    regex: Option<String>,
    jq: Option<String>,
    count: Option<usize>,
    window: Option<String>,
    slide: Option<String>,
    anchor: Option<usize>,
    absolute: Option<bool>,
}

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A literal.
    Value,
    /// A regular expression.
    Regex,
    /// A jq program.
    Jq,
}

/// An item with its defaults.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) count: usize,
    pub(super) window: Option<String>,
    pub(super) slide: Option<String>,
    pub(super) anchor: Option<usize>,
    pub(super) absolute: bool,
}

impl Written {
    pub(super) fn item(&self) -> Result<Item, String> {
        let map = match self {
            Self::Plain(text) => {
                return Ok(Item {
                    kind: Kind::Value,
                    text: text.clone(),
                    count: 1,
                    window: None,
                    slide: None,
                    anchor: None,
                    absolute: false,
                });
            }
            Self::Map(map) => map,
        };
        let (kind, text) = match (&map.value, &map.regex, &map.jq) {
            (Some(text), None, None) => (Kind::Value, text),
            (None, Some(text), None) => (Kind::Regex, text),
            (None, None, Some(text)) => (Kind::Jq, text),
            _ => return Err("an item has exactly one of `value`, `regex` and `jq`".to_owned()),
        };
        Ok(Item {
            kind,
            text: text.clone(),
            count: map.count.unwrap_or(1),
            window: map.window.clone(),
            slide: map.slide.clone(),
            anchor: map.anchor,
            absolute: map.absolute.unwrap_or(false),
        })
    }

    pub(super) fn says_count(&self) -> bool {
        matches!(self, Self::Map(Map { count: Some(_), .. }))
    }
}

/// The documents of a file; what cannot be read is an error, and the rest is still read.
pub(super) fn read(file: &str, text: &str, errors: &mut Vec<RuleError>) -> Vec<Document> {
    let mut documents = Vec::new();
    for (first_line, part) in parts(text) {
        if part.trim().is_empty() {
            continue;
        }
        let error =
            |line: usize, rule: Option<String>, what: String| RuleError { file: file.to_owned(), line, rule, what };
        let raw: RawDocument = match serde_saphyr::from_str(part) {
            Ok(raw) => raw,
            Err(problem) => {
                let line = problem.location().map_or(0, |at| first_line + at.line() as usize - 1);
                let what = problem.to_string();
                let what = what.lines().next().unwrap_or("it is no YAML").to_owned();
                errors.push(error(line, None, what));
                continue;
            }
        };
        if raw.section.as_deref() == Some("version") {
            continue;
        }
        let mut document = Document { file: file.to_owned(), rules: Vec::new(), terms: Vec::new() };
        for rule in raw.rules {
            let line = first_line + rule.referenced.line() as usize - 1;
            let id = rule.value.pointer("/cre/id").and_then(Value::as_str).map(str::to_owned);
            match serde_json::from_value(rule.value) {
                Ok(value) => document.rules.push(Lined { line, value }),
                Err(problem) => errors.push(error(line, id, problem.to_string())),
            }
        }
        for (name, term) in raw.terms {
            let line = first_line + term.referenced.line() as usize - 1;
            match serde_json::from_value(term.value) {
                Ok(value) => document.terms.push((name, Lined { line, value })),
                Err(problem) => errors.push(error(line, None, format!("the term `{name}`: {problem}"))),
            }
        }
        documents.push(document);
    }
    documents
}

/// The documents of a YAML stream with the number of their first line: a line of three dashes begins one, wherever it
/// stands.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 1, 0);
    for (nth, line) in text.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            parts.push((first_line, &text[start..at]));
            start = at + line.len();
            first_line = nth + 2;
        }
        at += line.len();
    }
    parts.push((first_line, &text[start..]));
    parts
}
