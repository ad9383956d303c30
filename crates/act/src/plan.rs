//! The plan as data: `firstfault.plan/v1`.

use firstfault_model::case::{CaseEntity, EvidenceSet, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema's name and version.
pub const SCHEMA: &str = "firstfault.plan/v1";

/// What to do about a case, in order.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// `firstfault.plan/v1`.
    pub schema: String,
    /// The case's status: a plan for `insufficient` only gathers, one for `healthy` is empty.
    pub status: Status,
    /// What the plan is for, in a sentence.
    pub goal: String,
    /// The theories that it acts on: the first fault, then independent ones.
    pub causes: Vec<Cause>,
    /// Theories that compete with the first and that its first steps tell apart from it.
    pub rivals: Vec<Cause>,
    /// What to know before beginning.
    pub notes: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The evidence that the case was made from.
    pub evidence: EvidenceSet,
}

/// A theory that the plan acts on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// Its rank in the case.
    pub rank: usize,
    /// The failure mode's id.
    pub failure_mode: String,
    /// The failure mode's title.
    pub title: String,
    /// What carries the fault.
    pub entity: CaseEntity,
    /// Its probability.
    pub probability: f64,
}

/// Where in the work a step belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Collect what is missing for a diagnosis.
    Gather,
    /// Tell competing theories apart.
    Decide,
    /// Service back first.
    Restore,
    /// The permanent fix.
    Fix,
    /// See that it is over.
    Confirm,
}

/// How a change reaches what it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Nothing is changed.
    ReadOnly,
    /// Replica by replica.
    Rolling,
    /// On a small share of the traffic first.
    Canary,
    /// A second set beside the first, then switched.
    BlueGreen,
    /// By a flag.
    Flag,
    /// To a standby.
    Failover,
    /// More or fewer of the same.
    Scale,
    /// Emptied, then worked on.
    DrainAndRestart,
    /// For everything at once.
    AtOnce,
}

/// One step: a remedy, a check or a collection.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// Where in the work it belongs.
    pub phase: Phase,
    /// What is done.
    pub title: String,
    /// The rank of the theory that it acts on.
    pub cause: Option<usize>,
    /// When to take it, where that is not always.
    pub when: Option<String>,
    /// Read-only checks to do before; another outcome means: stop.
    pub precondition: Vec<Check>,
    /// What to run, in order.
    pub commands: Vec<Command>,
    /// Words in capitals in the commands that have to be filled in.
    pub blanks: Vec<Blank>,
    /// How the change reaches what it changes.
    pub strategy: Strategy,
    /// What it should do.
    pub expected: String,
    /// Whom it touches.
    pub blast_radius: String,
    /// `none`, `low`, `medium`, `high`.
    pub risk: String,
    /// How to see that it worked; each changing step has one.
    pub verification: Option<Check>,
    /// When to stop and go back; each changing step has one.
    pub stop_when: Option<String>,
    /// The way back; each changing step has one.
    pub undo: Vec<Command>,
    /// Why a person has to say yes, where one has to.
    pub approval: Option<Approval>,
}

/// A read-only check.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The command, where there is one.
    pub run: Option<String>,
    /// What has to be so.
    pub expect: String,
    /// How long it has to stay so, or to wait for it: `5 minutes`.
    pub wait: Option<String>,
}

/// A command, or work by hand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    /// What to run; null for work by hand.
    pub run: Option<String>,
    /// What to do by hand; null for a command.
    pub by_hand: Option<String>,
    /// What it does to the system.
    pub does: Does,
    /// The same without effect, where the tool can: run it first.
    pub dry_run: Option<String>,
}

/// What a command does to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// It looks.
    Reads,
    /// It changes something.
    Changes,
    /// What it takes away does not come back by undoing it.
    Destroys,
}

/// A word in capitals in a command.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Blank {
    /// The word.
    pub name: String,
    /// What stands in the commands instead of it, computed from the case; null where a person has to know.
    pub value: Option<String>,
    /// How the value was computed, or where to find it.
    pub why: String,
}

/// Why a person has to say yes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The reasons.
    pub reasons: Vec<String>,
}

impl Step {
    /// Whether it changes anything.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.commands.iter().any(|c| c.does != Does::Reads)
    }
}

/// The plan as JSON, indented, with a line feed at the end.
#[must_use]
pub fn json(plan: &Plan) -> String {
    let mut text = serde_json::to_string_pretty(plan).expect("a plan holds plain data with text keys");
    text.push('\n');
    text
}

/// The JSON Schema of `firstfault.plan/v1`.
#[must_use]
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Plan)).expect("a schema is plain data");
    text.push('\n');
    text
}
