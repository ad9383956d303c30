//! The answer of an audit: `firstfault.audit/v1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema's name and version.
pub const SCHEMA: &str = "firstfault.audit/v1";

/// What an audit says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// `firstfault.audit/v1`.
    pub schema: String,
    /// The moment that dates are compared with, RFC 3339; absent where neither the evidence nor the caller knows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// What was looked at.
    pub looked: Looked,
    /// What could go wrong unseen or unstopped, the worst first.
    pub remarks: Vec<AuditRemark>,
    /// What was left out on purpose.
    pub suppressed: Vec<Suppressed>,
    /// Suppressions that are over or match nothing, and what could not be judged.
    pub notes: Vec<String>,
}

/// How much there was to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Looked {
    /// Workloads and bare pods whose whole spec was seen.
    pub workloads: usize,
    /// Workloads of which too little was printed to judge them: tables and `describe` leave out what is unset.
    pub unjudged: usize,
    /// Alerting rules.
    pub alerts: usize,
    /// Other things that checks look at: quotas, budgets, autoscalers, nodes, certificates, Services, roles.
    pub others: usize,
    /// How many checks there are.
    pub checks: usize,
}

impl Looked {
    /// Whether there was anything to judge.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.workloads + self.alerts + self.others == 0
    }
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// Mend it before something else.
    High,
    /// Mend it soon.
    Medium,
    /// Good to know.
    Low,
}

impl Rank {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// One thing that could go wrong unseen or unstopped.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditRemark {
    /// The check: `FF401`.
    pub code: String,
    /// What the check is about.
    pub title: String,
    /// How much it matters.
    pub rank: Rank,
    /// Whom it is about.
    pub entity: AuditEntity,
    /// What was seen, with its values.
    pub what: String,
    /// What that means.
    pub why: String,
    /// What to run or change.
    pub mend: String,
    /// Failure modes that it lets happen or hides.
    pub modes: Vec<AuditMode>,
    /// The arithmetic of the rank.
    pub score: Score,
    /// Where it stands.
    pub evidence: AuditEvidence,
    /// Where to read more.
    pub reference: String,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntity {
    /// `Deployment`, …
    pub kind: String,
    /// `null` where it has none.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl std::fmt::Display for AuditEntity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// A failure mode of the catalogue.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditMode {
    /// Its id.
    pub id: String,
    /// How common it is among incidents, relative to the others.
    pub prior: f64,
}

/// prior × share × urgency × reach = value.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The product.
    pub value: f64,
    /// How common the failure modes are together.
    pub prior: f64,
    /// The share of them that the safeguard would have stopped or shown.
    pub share: f64,
    /// How soon it is due; 1 where it is no matter of time.
    pub urgency: f64,
    /// The blast radius.
    pub reach: AuditReach,
}

/// The blast radius: lost × (1 + log2(1 + dependents)), times 2.5 where customers feel it; 4 for the whole cluster.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditReach {
    /// The number.
    pub value: f64,
    /// The share of its capacity that one such fault takes.
    pub lost: f64,
    /// Workloads that depend on it, themselves or through others.
    pub dependents: usize,
    /// Users from outside meet it, or something that depends on it.
    pub customer_facing: bool,
    /// It is about all workloads.
    pub cluster_wide: bool,
}

/// A place in the evidence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvidence {
    /// The file.
    pub path: String,
    /// First and last line; 0 where lines mean nothing.
    pub lines: (u32, u32),
    /// What stands there, masked.
    pub excerpt: String,
}

/// A remark that was left out on purpose.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// The remark.
    pub remark: AuditRemark,
    /// Why it is left out.
    pub reason: String,
    /// Until when.
    pub until: String,
}

impl Audit {
    /// How many remarks are of a rank.
    #[must_use]
    pub fn count(&self, rank: Rank) -> usize {
        self.remarks.iter().filter(|r| r.rank == rank).count()
    }
}

/// The JSON Schema of `firstfault.audit/v1`.
#[must_use]
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Audit)).unwrap_or_default();
    text.push('\n');
    text
}
