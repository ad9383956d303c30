//! The postmortem as data: what the formats print, and what a template of one's own gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The document's name and version.
pub const SCHEMA: &str = "firstfault.postmortem/v1";

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(Postmortem);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    text.push('\n');
    text
}

/// What happened, why, what it cost, and what is to be done. No person is named in it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Postmortem {
    /// `firstfault.postmortem/v1`.
    pub schema: String,
    /// What broke, in a line.
    pub title: String,
    /// `INCIDENT SEV-1`, …
    pub verdict: String,
    /// The failure mode's id.
    pub failure_mode: String,
    /// What carries the fault.
    pub cause: String,
    /// A few sentences that stand alone.
    pub summary: Vec<String>,
    /// What it cost.
    pub impact: Impact,
    /// When it began, was felt, detected, acted upon and mended.
    pub timeline: Timeline,
    /// From what was felt down to the cause, each with its proof.
    pub whys: Vec<Why>,
    /// Causes and circumstances by category (Ishikawa).
    pub cause_and_effect: Vec<Bone>,
    /// Which events combine to what was felt.
    pub fault_tree: Event,
    /// Theories that were weighed and left.
    pub excluded: Vec<Excluded>,
    /// How service is restored and the cause removed.
    pub mending: Vec<Mending>,
    /// What did its duty.
    pub worked: Vec<Claim>,
    /// What should have caught or stopped it.
    pub safeguards: Vec<Safeguard>,
    /// What is to be done.
    pub actions: Vec<Action>,
    /// What others can learn from it.
    pub lessons: Vec<String>,
    /// Numbers and times that do not fit each other, and what comes out when they are computed again.
    pub recomputed: Vec<Claim>,
    /// Earlier cases that are alike.
    pub similar: Vec<Similar>,
    /// What the evidence does not say.
    pub unknown: Vec<String>,
    /// Measured courses for a chart.
    pub charts: Vec<Chart>,
}

/// What it cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// Each with its value before and during the incident.
    pub numbers: Vec<Number>,
    /// Who suffered.
    pub affected: Vec<String>,
    /// Who was looked at and was well.
    pub unaffected: Vec<String>,
}

/// A measured or counted loss.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Number {
    /// What was measured, and on whom.
    pub what: String,
    /// Its usual value, where there is one.
    pub before: Option<String>,
    /// Its value during the incident.
    pub during: String,
    /// How it was computed, where that is not plain.
    pub how: Option<String>,
    /// Where it stands.
    pub proof: Option<Proof>,
}

/// A place in the evidence, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// `file`, `file:line` or `file:first-last`.
    pub place: String,
    /// The text, masked, without names of persons.
    pub excerpt: String,
}

/// A statement, with its proof where it stands on one place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// The statement.
    pub says: String,
    /// Where it stands.
    pub proof: Option<Proof>,
}

/// The course of the incident.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The steps from the beginning to the recovery, with what lies between.
    pub phases: Vec<Phase>,
    /// What was fast.
    pub fast: Vec<String>,
    /// What was slow.
    pub slow: Vec<String>,
    /// What was seen, in order of time.
    pub moments: Vec<Seen>,
}

/// A stretch between two milestones.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// `began`, `felt`, `detected`, `acted`, `recovered`.
    pub milestone: String,
    /// RFC 3339; none where it is unknown.
    pub at: Option<String>,
    /// What marks it, or why it is not known.
    pub what: String,
    /// Time since the milestone before it that is known.
    pub after: Option<String>,
    /// `fast`, `slow`, or empty where nothing is to be judged.
    pub pace: String,
    /// Where it stands.
    pub proof: Option<Proof>,
}

/// Something that was seen or done.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// RFC 3339.
    pub at: Option<String>,
    /// `evidence`, `alert`, `change` or `log`.
    pub kind: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// Where it stands.
    pub place: String,
}

/// One answer of the five whys.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// What is asked about: the answer before.
    pub question: String,
    /// Because …
    pub answer: String,
    /// What shows it.
    pub proof: Proof,
}

/// A category of the cause-and-effect diagram.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bone {
    /// `performance`, `change`, `load`, `detection`, …
    pub category: String,
    /// What belongs there.
    pub twigs: Vec<Twig>,
}

/// A cause or circumstance.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Twig {
    /// In a few words.
    pub text: String,
    /// How it stands to the incident.
    pub part: Part,
}

/// How something stands to the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// It is the cause, or a consequence of it.
    Cause,
    /// It helped the cause.
    Contributes,
    /// It was weighed and left.
    Excluded,
    /// It was there and did not matter, or did its duty.
    Neutral,
    /// The evidence does not say.
    Unknown,
}

/// An event of the fault tree, with those that bring it about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// What happens.
    pub text: String,
    /// How the events below combine.
    pub gate: Gate,
    /// How it stands to the incident.
    pub part: Part,
    /// Where it stands, or why it is excluded.
    pub note: Option<String>,
    /// The events below.
    pub from: Vec<Event>,
}

/// How events combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// All have to come together.
    And,
    /// One is enough.
    Or,
    /// Nothing lies below, or one event leads to the other.
    None,
}

/// A theory that was left.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Excluded {
    /// The failure mode's title and its entity.
    pub theory: String,
    /// Its share, as printed.
    pub probability: String,
    /// Why it was left.
    pub because: String,
    /// What speaks against it.
    pub proof: Option<Proof>,
}

/// A way to mend it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Mending {
    /// `restore` or `fix`.
    pub kind: String,
    /// What is done.
    pub title: String,
    /// Steps.
    pub steps: Vec<String>,
    /// `low`, `medium`, `high`.
    pub risk: String,
    /// How to undo it.
    pub undo: String,
    /// What it buys, computed from the case.
    pub note: Option<String>,
    /// How to see that it worked, with the case's own numbers.
    pub worked_if: Vec<String>,
}

/// Something that should have caught or stopped it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Safeguard {
    /// What it is.
    pub name: String,
    /// Whether it was there.
    pub state: Guard,
    /// What that rests on.
    pub why: String,
    /// Where it stands.
    pub proof: Option<Proof>,
}

/// Whether a safeguard was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// It was looked for and is not there.
    Missing,
    /// It is there, and too weak for this.
    Weak,
    /// Whether it is there or not: it did not stop this one.
    DidNotStop,
    /// Nothing that would show it was collected.
    NotKnown,
    /// It is there.
    Present,
}

impl Guard {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Weak => "too weak",
            Self::DidNotStop => "did not stop it",
            Self::NotKnown => "not known",
            Self::Present => "present",
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// `now`, `this week`, `this quarter`.
    pub horizon: String,
    /// `mend`, `detect`, `test`, `prevent`, `document`, `find out`.
    pub kind: String,
    /// What.
    pub what: String,
    /// Blank: for people to fill in.
    pub owner: String,
    /// How to see that it is done.
    pub done_when: String,
}

/// An earlier case that is alike.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Similar {
    /// Its id in the history.
    pub id: String,
    /// When it began.
    pub at: Option<String>,
    /// What broke.
    pub title: String,
    /// In what it is alike.
    pub why: String,
}

/// A measured course.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Chart {
    /// What is measured.
    pub title: String,
    /// `B`, `s`, a share, or empty.
    pub unit: String,
    /// Seconds since the epoch and values, thinned, one list a series.
    pub lines: Vec<Vec<(i64, f64)>>,
    /// A limit that matters.
    pub limit: Option<f64>,
    /// Seconds since the epoch at which the effect was felt.
    pub felt: Option<i64>,
}
