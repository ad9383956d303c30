//! A case as it is kept: its JSON, masked once more, and the part of it that the memory reads.

use std::collections::BTreeSet;

use firstfault_model::Masked;
use firstfault_model::case::{Case, CaseEntity, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Error;

/// The most bytes that a case may have, unpacked.
const MOST: usize = 64 << 20;
/// zstd's own default; higher levels cost time and win little on texts of this size.
const LEVEL: i32 = 3;

/// The JSON of a case and what was read from it.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    digest: Digest,
}

impl Document {
    /// A case of this run.
    ///
    /// # Errors
    /// [`Error::NoCase`] where it cannot be written as JSON.
    pub fn of(case: &Case) -> Result<Self, Error> {
        Self::from_value(serde_json::to_value(case).map_err(|error| no_case(&error))?)
    }

    /// A case from JSON, of this version of its schema or an older one with fewer fields.
    ///
    /// All texts are masked again: what a file holds was not necessarily masked by us.
    ///
    /// # Errors
    /// [`Error::NoCase`] where the JSON is none.
    pub fn from_value(mut value: Value) -> Result<Self, Error> {
        let schema = value.get("schema").and_then(Value::as_str);
        if schema != Some(firstfault_model::case::SCHEMA) {
            return Err(Error::NoCase(format!("its schema is not {}", firstfault_model::case::SCHEMA)));
        }
        mask(&mut value);
        // Where the evidence lay says something only from the file that the case was saved in.
        if let Some(paths) = value.pointer_mut("/evidence/paths") {
            *paths = Value::Array(Vec::new());
        }
        let text = serde_json::to_string(&value).map_err(|error| no_case(&error))?;
        if text.len() > MOST {
            return Err(Error::NoCase(format!("it has more than {} MiB", MOST >> 20)));
        }
        let digest = serde_json::from_value(value).map_err(|error| no_case(&error))?;
        Ok(Self { text, digest })
    }

    /// The whole case, JSON on one line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the memory reads of it.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The first answer in a sentence, with the case's own names and values; empty where there is none.
    #[must_use]
    pub fn summary(&self) -> &str {
        self.digest.first().map_or("", |theory| &theory.summary)
    }

    /// The chain of the first answer: time, who, what is seen there.
    #[must_use]
    pub fn steps(&self) -> Vec<(Option<&str>, &CaseEntity, &str)> {
        let steps = self.digest.first().into_iter().flat_map(|theory| &theory.chain);
        steps.map(|step| (step.at.as_deref(), &step.entity, step.what.as_str())).collect()
    }

    /// The ids of all facts, each once.
    #[must_use]
    pub fn findings(&self) -> BTreeSet<&str> {
        self.digest.findings()
    }

    /// The JSON in a zstd frame with a checksum.
    pub(super) fn packed(&self) -> Result<Vec<u8>, Error> {
        let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
        packer.include_checksum(true)?;
        Ok(packer.compress(self.text.as_bytes())?)
    }

    /// The reverse of [`Document::packed`]; damage is noticed.
    pub(super) fn unpack(packed: &[u8]) -> Result<Self, Error> {
        let damaged = |why: String| Error::Damaged(format!("a case cannot be unpacked: {why}"));
        let bytes = zstd::bulk::decompress(packed, MOST).map_err(|e| damaged(e.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|e| damaged(e.to_string()))?;
        let digest = serde_json::from_str(&text).map_err(|e| damaged(e.to_string()))?;
        Ok(Self { text, digest })
    }
}

fn no_case(error: &serde_json::Error) -> Error {
    Error::NoCase(error.to_string())
}

/// Masks all texts; keys are words of the schema or names of fields.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) => {
            let masked = Masked::new(text);
            if masked.as_str() != text {
                *text = masked.as_str().to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        _ => {}
    }
}

/// The part of a case that the memory reads. Fields that are missing are empty, so that cases of older versions stay
/// readable.
#[derive(Clone, Debug, Deserialize)]
pub struct Digest {
    pub(super) status: Status,
    #[serde(default)]
    pub(super) over: bool,
    #[serde(default)]
    severity: SeverityPart,
    #[serde(default)]
    window: WindowPart,
    #[serde(default)]
    pub(super) hypotheses: Vec<Theory>,
    #[serde(default)]
    pub(super) affected: Vec<CaseEntity>,
    #[serde(default)]
    timeline: Vec<At>,
    #[serde(default)]
    pub(super) unexplained: Vec<Fact>,
    #[serde(default)]
    pub(super) symptoms: Vec<String>,
    #[serde(default)]
    evidence: EvidencePart,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct SeverityPart {
    level: Option<u8>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct WindowPart {
    from: Option<String>,
    to: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct EvidencePart {
    #[serde(default)]
    hash: String,
}

#[derive(Clone, Debug, Deserialize)]
struct At {
    at: Option<String>,
}

/// A theory, as far as it is read.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Theory {
    pub(super) failure_mode: String,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) area: String,
    pub(super) entity: CaseEntity,
    #[serde(default)]
    pub(super) probability: f64,
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) chain: Vec<Step>,
    #[serde(default)]
    pub(super) evidence: Vec<Fact>,
}

/// A step of a chain, as far as it is read.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Step {
    pub(super) entity: CaseEntity,
    pub(super) what: String,
    #[serde(default)]
    pub(super) at: Option<String>,
    #[serde(default)]
    pub(super) via: Option<String>,
}

/// A fact, as far as it is read.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Fact {
    pub(super) finding: String,
    #[serde(default)]
    pub(super) says: String,
    #[serde(default)]
    pub(super) excerpt: String,
}

impl Digest {
    /// The theory that stands first.
    pub(super) fn first(&self) -> Option<&Theory> {
        self.hypotheses.first()
    }

    /// The severity, 1 to 4.
    pub(super) fn severity(&self) -> Option<u8> {
        self.severity.level
    }

    /// What makes two cases one: the same evidence and the same first answer.
    #[must_use]
    pub fn key(&self) -> String {
        let answer = match self.first() {
            Some(theory) => format!("{} {}", theory.failure_mode, path(&theory.entity)),
            None => format!("{:?}", self.status).to_lowercase(),
        };
        format!("{} {answer}", self.evidence.hash)
    }

    /// The ids of all facts, each once.
    pub(super) fn findings(&self) -> BTreeSet<&str> {
        let of_theories = self.hypotheses.iter().flat_map(|h| &h.evidence);
        of_theories.chain(&self.unexplained).map(|fact| fact.finding.as_str()).collect()
    }

    /// When the fault began: the earliest time in the first chain, or else of the window, or else of the time line.
    pub(super) fn began(&self) -> Option<Timestamp> {
        let chain = self.first().into_iter().flat_map(|theory| &theory.chain);
        let earliest = chain.filter_map(|step| time(step.at.as_deref())).min();
        earliest
            .or_else(|| time(self.window.from.as_deref()))
            .or_else(|| self.timeline.iter().filter_map(|moment| time(moment.at.as_deref())).min())
    }

    /// When somebody felt it: when the first chain reaches another entity, or else where the window begins, or else
    /// when the fault began.
    pub(super) fn felt(&self) -> Option<Timestamp> {
        let theory = self.first();
        let others = theory.into_iter().flat_map(|t| t.chain.iter().filter(move |step| step.entity != t.entity));
        let felt = others.filter_map(|step| time(step.at.as_deref())).min();
        felt.or_else(|| time(self.window.from.as_deref())).max(self.began())
    }

    /// The latest time that the case knows of; with the end of the window only where the failure is over by then.
    pub(super) fn seen_until(&self) -> Option<Timestamp> {
        self.timeline.iter().filter_map(|moment| time(moment.at.as_deref())).max().max(self.began())
    }

    /// When it ended, where the evidence shows that it did.
    pub(super) fn ended(&self) -> Option<Timestamp> {
        if self.over { time(self.window.to.as_deref()).or_else(|| self.seen_until()) } else { None }
    }
}

/// `Deployment/platform/auth`.
pub(super) fn path(entity: &CaseEntity) -> String {
    match &entity.namespace {
        Some(namespace) => format!("{}/{namespace}/{}", entity.kind, entity.name),
        None => format!("{}/{}", entity.kind, entity.name),
    }
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
