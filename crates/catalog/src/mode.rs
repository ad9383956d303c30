use std::collections::BTreeMap;

use serde::Deserialize;

/// A way in which a system fails, as its file in `catalog/` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureMode {
    /// `area.what-is-wrong`; never changes its meaning.
    pub id: String,
    /// A short sentence that names the fault.
    pub title: String,
    /// The area, for grouping.
    pub area: String,
    /// How common it is among incidents, relative to the others (1 is usual).
    pub prior: f64,
    /// Where the prior comes from.
    #[serde(default)]
    pub source: String,
    /// What happens technically.
    #[serde(default)]
    pub what: String,
    /// The summary's template, with `{entity}`, `{name}`, `{namespace}`, `{other}` and fields.
    #[serde(default)]
    pub summary: String,
    /// Findings of which one must stand on the entity.
    pub needs: Vec<String>,
    /// How likely each finding is when this is the fault.
    #[serde(default)]
    pub shows: BTreeMap<String, Likelihood>,
    /// Findings that speak against it.
    #[serde(default)]
    pub refutes: Vec<String>,
    /// What its victims show: relation to effect class.
    #[serde(default)]
    pub spreads: BTreeMap<String, String>,
    /// Modes that it is often mistaken for.
    #[serde(default)]
    pub mistaken_for: Vec<String>,
    /// Modes that the evidence cannot tell apart from it.
    #[serde(default)]
    pub twin: Vec<String>,
    /// Read-only checks.
    pub tests: Vec<TestSpec>,
    /// Ways to mend it.
    pub remedies: Vec<RemedySpec>,
    /// What would have caught or avoided it.
    pub prevents: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
}

/// P(finding | fault), in words.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    /// One in twenty.
    Rarely,
    /// One in five.
    Sometimes,
    /// Half.
    Often,
    /// Four in five.
    Usually,
    /// Nearly always.
    Always,
}

impl Likelihood {
    /// The probability.
    #[must_use]
    pub fn probability(self) -> f64 {
        match self {
            Self::Rarely => 0.05,
            Self::Sometimes => 0.2,
            Self::Often => 0.5,
            Self::Usually => 0.8,
            Self::Always => 0.97,
        }
    }
}

/// A read-only check and what its outcomes mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSpec {
    /// The command, with placeholders.
    pub command: String,
    /// What it decides.
    pub decides: String,
    /// What each outcome means.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// Effort, 1 for a command that answers at once.
    #[serde(default = "one")]
    pub cost: f64,
}

fn one() -> f64 {
    1.0
}

/// A way to mend it, and back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedySpec {
    /// `restore` or `fix`.
    pub kind: String,
    /// What is done.
    pub title: String,
    /// Commands or steps, with placeholders.
    pub steps: Vec<String>,
    /// `low`, `medium` or `high`.
    pub risk: String,
    /// How to undo it.
    pub rollback: String,
    /// How to see that it worked.
    pub verification: String,
}

/// What victims of a fault show: finding ids with their probability.
pub type Effect = BTreeMap<String, Likelihood>;
