//! The answer: `firstfault.case/v1`. Its JSON is what scorers and later commands read.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Entity;

/// The schema's name and version.
pub const SCHEMA: &str = "firstfault.case/v1";

/// What `investigate` says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// `firstfault.case/v1`.
    pub schema: String,
    /// Whether there is an incident.
    pub status: Status,
    /// The failure lies inside the window and has ended by now.
    pub over: bool,
    /// How bad it is.
    pub severity: Severity,
    /// The window that was looked at, RFC 3339.
    pub window: CaseWindow,
    /// What is felt, from the person's words and from what was seen at the edge.
    pub symptoms: Vec<String>,
    /// Theories, the likeliest first.
    pub hypotheses: Vec<Hypothesis>,
    /// The probability that it is none of them.
    pub none_probability: f64,
    /// Entities that suffer from the first theory's fault.
    pub affected: Vec<CaseEntity>,
    /// Entities that were looked at and are well.
    pub unaffected: Vec<CaseEntity>,
    /// What happened, in order of time.
    pub timeline: Vec<Moment>,
    /// What was changed on purpose.
    pub changes: Vec<Moment>,
    /// What was read, and what was not looked at.
    pub coverage: Vec<CoverageLine>,
    /// What is missing for a better answer, and the command that collects it.
    pub collect: Vec<Test>,
    /// Strong facts that no theory explains.
    pub unexplained: Vec<CaseEvidence>,
    /// Facts that are no fault by themselves and could be meant: a suspended job, a budget that lets no pod go.
    /// They never change the status.
    #[serde(default)]
    pub remarks: Vec<CaseEvidence>,
    /// Rules of others that matched the logs, the gravest first. No theory rests on them.
    #[serde(default)]
    pub rules: Vec<RuleMatch>,
    /// Clocks that differ and other oddities of the evidence.
    pub notes: Vec<String>,
    /// Where the evidence lies, so that what needs it can read it again.
    pub evidence: EvidenceSet,
    /// The files that were read, by path and hash, so that the case can be checked against them later.
    pub sources: Vec<SourceFile>,
}

/// Whether there is an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Something is broken, or was inside the window.
    Incident,
    /// Enough was looked at, and nothing that matters is wrong.
    Healthy,
    /// Not enough was looked at.
    Insufficient,
}

/// How bad it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Severity {
    /// 1 (worst) to 4; null without an incident.
    pub level: Option<u8>,
    /// Why.
    pub reasons: Vec<String>,
}

/// RFC 3339 times; null where open.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaseWindow {
    /// The beginning.
    pub from: Option<String>,
    /// The end.
    pub to: Option<String>,
}

/// An entity by its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CaseEntity {
    /// `Deployment`, `Node`, `service`, …
    pub kind: String,
    /// Null where there is none.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl From<&Entity> for CaseEntity {
    fn from(entity: &Entity) -> Self {
        Self {
            kind: entity.kind.to_string(),
            namespace: entity.namespace.as_ref().map(ToString::to_string),
            name: entity.name.to_string(),
        }
    }
}

/// `Deployment shop/api`, or `Node worker-2`: as reports say it.
impl fmt::Display for CaseEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// A theory of what broke first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hypothesis {
    /// 1 for the likeliest.
    pub rank: usize,
    /// The failure mode's id in the catalogue.
    pub failure_mode: String,
    /// The failure mode's title.
    pub title: String,
    /// The catalogue's area, for grouping.
    pub area: String,
    /// What carries the fault.
    pub entity: CaseEntity,
    /// Probability among the theories that compete for the same facts, "none of these" included.
    pub probability: f64,
    /// Log-odds: the sum of `weights`.
    pub score: f64,
    /// What is so, in a sentence with the case's own names and values.
    pub summary: String,
    /// Whether it explains other facts than the first theory: a second fault, not a competitor.
    pub independent: bool,
    /// From the cause to what is felt.
    pub chain: Vec<Link>,
    /// The facts for it.
    pub evidence: Vec<CaseEvidence>,
    /// The facts against it.
    pub against: Vec<CaseEvidence>,
    /// The arithmetic: each line's weight; they sum to `score`.
    pub weights: Vec<Weight>,
    /// Read-only checks, the one that tells most first.
    pub tests: Vec<Test>,
    /// How to mend it, and back.
    pub remedies: Vec<Remedy>,
    /// What would have caught or avoided it.
    pub prevents: Vec<String>,
    /// Modes that this evidence cannot tell apart from it.
    pub twins: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
}

/// One step of a causal chain.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// Who.
    pub entity: CaseEntity,
    /// What is seen there.
    pub what: String,
    /// RFC 3339, where known.
    pub at: Option<String>,
    /// How it got here from the step before: a relation's word.
    pub via: Option<String>,
}

/// A fact with its place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaseEvidence {
    /// The finding's id.
    pub finding: String,
    /// The finding's sentence, with its entity.
    pub says: String,
    /// File.
    pub path: String,
    /// First and last line.
    pub lines: [u32; 2],
    /// What stands there, masked.
    pub excerpt: String,
    /// The finding's facts by name, masked: `container`, `image`, `limit`, `rate`, …
    pub fields: BTreeMap<String, String>,
    /// First sight, RFC 3339.
    pub since: Option<String>,
    /// Last sight, RFC 3339.
    pub until: Option<String>,
}

/// A rule of others that matched a log.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RuleMatch {
    /// Its id.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// 0 is critical, 4 is for information.
    pub severity: Option<u8>,
    /// Whose logs it matched.
    pub entity: CaseEntity,
    /// How often it matched.
    pub count: u64,
    /// The file that the rule stands in.
    pub file: String,
    /// Why it happens, as the rule's author says, masked.
    pub cause: String,
    /// What can be done, as the rule's author says, masked.
    pub mitigation: String,
    /// Where it matched.
    pub evidence: Vec<CaseEvidence>,
}

/// One line of the arithmetic.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Weight {
    /// `prior`, a finding's id, or `absent: ID`.
    pub of: String,
    /// On whom.
    pub entity: String,
    /// P(seen | theory).
    pub given_theory: Option<f64>,
    /// P(seen | background).
    pub given_background: Option<f64>,
    /// Natural-log weight, after tempering.
    pub weight: f64,
}

/// A read-only check.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Test {
    /// The command, its parts from evidence quoted.
    pub command: String,
    /// What it decides.
    pub decides: String,
    /// What each outcome means.
    pub outcomes: Vec<String>,
}

/// A way to mend it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// `restore` (service back first) or `fix` (permanent).
    pub kind: String,
    /// What is done.
    pub title: String,
    /// Commands or steps.
    pub steps: Vec<String>,
    /// `low`, `medium`, `high`.
    pub risk: String,
    /// How to undo it.
    pub rollback: String,
    /// How to see that it worked.
    pub verification: String,
}

/// Something on the time line.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// RFC 3339.
    pub at: Option<String>,
    /// Who.
    pub entity: CaseEntity,
    /// What.
    pub what: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
}

/// What was read from a file, or what was not looked at.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoverageLine {
    /// A file, or a kind of signal.
    pub subject: String,
    /// What was made of it.
    pub what: String,
    /// How many objects, records, samples or rows.
    pub items: usize,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// Where the evidence of a case lies, and what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSet {
    /// Paths from the saved case's folder; empty where the case was not saved to a file, since the same evidence
    /// gives the same bytes wherever it lies.
    pub paths: Vec<String>,
    /// A 64-bit hash over the paths and hashes of `sources`, hexadecimal (not cryptographic).
    pub hash: String,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    /// Path in the evidence.
    pub path: String,
    /// Bytes read.
    pub bytes: u64,
    /// A 64-bit hash of the bytes, hexadecimal (not cryptographic).
    pub hash: String,
}
