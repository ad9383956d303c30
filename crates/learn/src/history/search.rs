//! Full text over title, summary, sentences of the evidence, entities, notes and tags.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Error;
use super::document::{Digest, path};
use super::record::Outline;
use super::store::{History, document};

/// How much a word counts by where it stands: title, summary, evidence, entities, notes.
const RANK: &str = "bm25(words, 4.0, 3.0, 1.0, 3.0, 2.0)";
/// The most words of a search that are looked at.
const MOST_WORDS: usize = 32;
/// The most bytes of a case's evidence that are searched.
const MOST_TEXT: usize = 256 << 10;

/// A case in which the words stand.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// The case.
    pub case: Outline,
    /// A line of it that has one of the words, or its summary.
    pub excerpt: String,
}

impl History {
    /// The cases in which all words stand, the best first. A word in a search matches words that begin with it; what
    /// has a hyphen, dot or slash inside matches its parts in that order.
    ///
    /// # Errors
    /// [`Error::NoWord`], [`Error::Damaged`], or what SQLite says.
    pub fn search(&self, text: &str, most: usize) -> Result<Vec<Hit>, Error> {
        let words: Vec<&str> =
            text.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).take(MOST_WORDS).collect();
        if words.is_empty() {
            return Err(Error::NoWord);
        }
        let mut query = self
            .connection
            .prepare(&format!("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY {RANK}, rowid LIMIT ?2"))?;
        let found = query.query_map(params![matching(&words), i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            row.get::<_, i64>(0)
        })?;
        let mut hits = Vec::new();
        for id in found {
            let id = id?;
            let case = self.outline(id)?.ok_or_else(|| Error::Damaged(format!("case {id} is found but gone")))?;
            let texts = Texts::of(&case, document(&self.connection, id)?.digest());
            hits.push(Hit { excerpt: texts.excerpt(&words), case });
        }
        Ok(hits)
    }
}

/// The words as a query of FTS5: each a quoted phrase, its last part a prefix.
fn matching(words: &[&str]) -> String {
    let mut query = String::new();
    for word in words {
        let clean: String = word.chars().filter(|c| *c != '\0').collect();
        let _ = write!(query, "\"{}\"* ", clean.trim_end_matches('*').replace('"', "\"\""));
    }
    query
}

/// Writes the words of a case, in the place of older ones.
pub(super) fn write(connection: &Connection, outline: &Outline, digest: &Digest) -> Result<(), Error> {
    let texts = Texts::of(outline, digest);
    connection.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([outline.id])?;
    connection
        .prepare_cached(
            "INSERT INTO words (rowid, title, summary, evidence, entities, notes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            outline.id,
            texts.title,
            texts.summary,
            texts.evidence.join("\n"),
            texts.entities.join("\n"),
            texts.notes.join("\n")
        ])?;
    Ok(())
}

/// What is searched.
struct Texts {
    title: String,
    summary: String,
    evidence: Vec<String>,
    entities: Vec<String>,
    notes: Vec<String>,
}

impl Texts {
    fn of(outline: &Outline, digest: &Digest) -> Self {
        let first = digest.first();
        let mode = outline.failure_mode().unwrap_or_default();
        let title = first.map(|t| format!("{} {} {mode}", t.title, t.failure_mode)).unwrap_or_default();
        let mut summary = first.map(|t| t.summary.clone()).unwrap_or_default();
        for symptom in &digest.symptoms {
            let _ = write!(summary, "\n{symptom}");
        }
        let theories = digest.hypotheses.iter();
        let facts = theories.flat_map(|h| &h.evidence).chain(&digest.unexplained);
        let mut size = 0;
        let mut seen = BTreeSet::new();
        let evidence = facts
            .flat_map(|fact| [&fact.says, &fact.excerpt])
            .filter(|text| !text.is_empty() && seen.insert(text.as_str()))
            .take_while(|text| {
                size += text.len();
                size <= MOST_TEXT
            })
            .cloned()
            .collect();
        let carriers = digest.hypotheses.iter().map(|h| &h.entity);
        let entities: BTreeSet<String> = carriers.chain(&digest.affected).map(path).collect();
        let notes = outline.remarks.notes.iter().chain(&outline.remarks.tags).cloned().collect();
        Self { title, summary, evidence, entities: entities.into_iter().collect(), notes }
    }

    /// The first line with one of the words; notes first, since a person wrote them.
    fn excerpt(&self, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|w| w.trim_end_matches('*').to_lowercase()).collect();
        let lines = self.notes.iter().map(String::as_str).chain(self.summary.lines());
        let mut lines = lines.chain(self.evidence.iter().map(String::as_str));
        let hit = lines.find(|line| {
            let line = line.to_lowercase();
            words.iter().any(|word| line.contains(word.as_str()))
        });
        hit.or(self.summary.lines().next()).unwrap_or_default().to_owned()
    }
}
