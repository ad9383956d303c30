//! What people said of a case, its outline for lists and statistics, and both with the whole case.

use std::collections::BTreeSet;

use firstfault_model::Masked;
use firstfault_model::case::{CaseEntity, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{Digest, Document};

/// What people said of a case. Who said it is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remarks {
    /// When the failure was noticed.
    pub detected: Option<Timestamp>,
    /// When the cause was known.
    pub diagnosed: Option<Timestamp>,
    /// When the service was well again.
    pub mended: Option<Timestamp>,
    /// Nothing is left to do.
    pub resolved: bool,
    /// Whether the first answer was right.
    pub verdict: Verdict,
    /// In the order in which they came.
    pub notes: Vec<String>,
    /// Words to find it by.
    pub tags: BTreeSet<String>,
}

/// Whether the first answer was right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nobody said.
    #[default]
    Unknown,
    /// It was wrong, and the right one is not known.
    Wrong,
    /// The cause was this.
    Confirmed(Confirmed),
}

/// The failure mode that people found to be the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Its id in the catalogue.
    pub failure_mode: String,
    /// Its area in the catalogue.
    pub area: String,
}

impl Remarks {
    /// Takes what is newly said into what is known: times and verdicts replace, notes and tags are added.
    pub(super) fn take(&mut self, said: &Self) {
        self.detected = said.detected.or(self.detected);
        self.diagnosed = said.diagnosed.or(self.diagnosed);
        self.mended = said.mended.or(self.mended);
        self.resolved |= said.resolved;
        if said.verdict != Verdict::Unknown {
            self.verdict = said.verdict.clone();
        }
        for note in &said.notes {
            if !self.notes.contains(note) {
                self.notes.push(note.clone());
            }
        }
        self.tags.extend(said.tags.iter().cloned());
    }

    /// The same with secrets masked in what was typed.
    pub(super) fn masked(&self) -> Self {
        let mask = |text: &String| Masked::new(text).as_str().to_owned();
        Self {
            notes: self.notes.iter().map(mask).collect(),
            tags: self.tags.iter().map(mask).collect(),
            ..self.clone()
        }
    }
}

/// What lists and statistics need of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The case's number in its history.
    pub id: i64,
    /// 1, and one more with each remark.
    pub revision: i64,
    /// When it was added.
    pub added_at: Timestamp,
    /// What the case itself says.
    #[serde(flatten)]
    pub facts: Facts,
    /// What people said of it.
    pub remarks: Remarks,
}

/// What a case itself says, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether there is an incident.
    pub status: Status,
    /// 1 (worst) to 4.
    pub severity: Option<u8>,
    /// The first answer's failure mode.
    pub failure_mode: Option<String>,
    /// The first answer's area.
    pub area: Option<String>,
    /// The first answer's title.
    pub title: Option<String>,
    /// What carries the fault.
    pub entity: Option<CaseEntity>,
    /// The first answer's probability.
    pub probability: Option<f64>,
    /// When the fault began.
    pub began: Option<Timestamp>,
    /// When somebody felt it.
    pub felt: Option<Timestamp>,
    /// The latest time that the case knows of.
    pub seen_until: Option<Timestamp>,
    /// When it ended, where the evidence shows that.
    pub ended: Option<Timestamp>,
}

impl Facts {
    pub(super) fn of(digest: &Digest) -> Self {
        let first = digest.first();
        Self {
            status: digest.status,
            severity: digest.severity(),
            failure_mode: first.map(|t| t.failure_mode.clone()),
            area: first.map(|t| t.area.clone()),
            title: first.map(|t| t.title.clone()),
            entity: first.map(|t| t.entity.clone()),
            probability: first.map(|t| t.probability),
            began: digest.began(),
            felt: digest.felt(),
            seen_until: digest.seen_until(),
            ended: digest.ended(),
        }
    }
}

impl Outline {
    /// The failure mode: what people confirmed, or else the first answer unless they called it wrong.
    #[must_use]
    pub fn failure_mode(&self) -> Option<&str> {
        match &self.remarks.verdict {
            Verdict::Confirmed(mode) => Some(&mode.failure_mode),
            Verdict::Wrong => None,
            Verdict::Unknown => self.facts.failure_mode.as_deref(),
        }
    }

    /// The area of [`Outline::failure_mode`].
    #[must_use]
    pub fn area(&self) -> Option<&str> {
        match &self.remarks.verdict {
            Verdict::Confirmed(mode) => Some(&mode.area),
            Verdict::Wrong => None,
            Verdict::Unknown => self.facts.area.as_deref(),
        }
    }

    /// When the service was well again: as people said, or else as the evidence shows.
    #[must_use]
    pub fn mended(&self) -> Option<Timestamp> {
        self.remarks.mended.or(self.facts.ended)
    }

    /// When somebody felt it; what was noticed by people before it was seen in the evidence was felt then.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        self.facts.began
    }
}

/// A case with all that is known of it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number, times and remarks.
    pub outline: Outline,
    /// The case.
    pub document: Document,
}
