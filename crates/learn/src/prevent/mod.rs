//! What would have caught or avoided an incident: one artifact a file, each made by one module.
//!
//! To add a kind: a variant of [`Kind`], a module with `fn artifacts(&Situation) -> Vec<Artifact>`, and a line in
//! [`MAKERS`].

mod alerts;
mod amount;
mod backtest;
mod burn_rate;
mod digest;
mod measured;
mod moments;
mod proof;
mod rule;
mod rules_file;
mod target;

use firstfault_catalog::{Catalog, FailureMode};
use firstfault_gather::World;
use firstfault_model::case::{Case, Hypothesis};

/// What is known when prevention is asked for.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The diagnosis.
    pub case: &'a Case,
    /// The failure modes and the alert templates.
    pub catalog: &'a Catalog,
    /// What the evidence holds, where it could be read (again).
    pub world: Option<&'a World>,
}

impl<'a> Situation<'a> {
    /// The likeliest theory.
    #[must_use]
    pub fn first(&self) -> Option<&'a Hypothesis> {
        self.case.hypotheses.first()
    }

    /// The failure mode of the likeliest theory, if the catalogue still has it.
    #[must_use]
    pub fn mode(&self) -> Option<&'a FailureMode> {
        self.catalog.modes.get(&self.first()?.failure_mode)
    }
}

/// A kind of safeguard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Prometheus alert and recording rules with their proof.
    Alerts,
}

/// One thing that prevents, and the file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// What kind it is.
    pub kind: Kind,
    /// The file's name in the folder that `--output` names.
    pub file: String,
    /// A heading, without an end mark.
    pub title: String,
    /// What a reader has to know first: what was proven, what was not and why.
    pub says: Vec<String>,
    /// What the terminal shows in place of long contents; empty: the contents themselves.
    pub digest: String,
    /// The file's contents, which end with a newline.
    pub contents: String,
}

/// Makes the artifacts of one kind.
type Maker = fn(&Situation) -> Vec<Artifact>;

/// Who makes what, in the order of the report.
const MAKERS: &[(Kind, Maker)] = &[(Kind::Alerts, alerts::artifacts)];

/// All safeguards of the wanted kinds (all kinds if none is named).
#[must_use]
pub fn prevent(situation: &Situation, only: &[Kind]) -> Vec<Artifact> {
    let wanted = MAKERS.iter().filter(|(kind, _)| only.is_empty() || only.contains(kind));
    wanted.flat_map(|(_, make)| make(situation)).collect()
}
