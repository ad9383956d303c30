//! What would have caught or avoided an incident: one artifact a file, each made by one module.
//!
//! To add a kind: a variant of [`Kind`], a module with `fn artifacts(&Situation) -> Vec<Artifact>`, and a line in
//! [`MAKERS`].

mod alerts;
mod amount;
mod backtest;
mod burn_rate;
mod dashboard;
mod digest;
#[cfg(test)]
mod examples_tests;
mod load_test;
mod manifest;
mod measured;
mod moments;
mod monitors;
mod patches;
mod policy;
mod proof;
mod rule;
mod rules_file;
mod runbook;
mod target;
mod workload;

use std::cell::OnceCell;

use firstfault_act::Plan;
use firstfault_catalog::{Catalog, FailureMode};
use firstfault_gather::World;
use firstfault_model::case::{Case, Hypothesis, Status};

/// What is known when prevention is asked for.
pub struct Situation<'a> {
    /// The diagnosis.
    pub case: &'a Case,
    /// The failure modes and the alert templates.
    pub catalog: &'a Catalog,
    /// What the evidence holds, where it could be read (again).
    pub world: Option<&'a World>,
    /// The alert rules, once somebody asked: several kinds are made from them.
    alerts: OnceCell<Option<alerts::Alerts<'a>>>,
    /// The share of requests that may fail.
    budget: f64,
}

/// The share of requests that may fail, until somebody says otherwise: three nines succeed.
const BUDGET: f64 = 0.001;

impl<'a> Situation<'a> {
    /// What is known: the diagnosis, the catalogue, and the evidence where it is at hand.
    #[must_use]
    pub fn new(case: &'a Case, catalog: &'a Catalog, world: Option<&'a World>) -> Self {
        Self { case, catalog, world, alerts: OnceCell::new(), budget: BUDGET }
    }

    /// Sets the percentage of requests that has to succeed (99.9 if it is not set).
    #[must_use]
    pub fn with_objective(mut self, percent: f64) -> Self {
        // Shares such as 0.1 % are not exact in binary: keep the digits that were meant.
        self.budget = ((1.0 - percent / 100.0) * 1e9).round() / 1e9;
        self
    }

    /// The alert rules of the case.
    fn alerts(&self) -> Option<&alerts::Alerts<'a>> {
        self.alerts.get_or_init(|| alerts::Alerts::of(self)).as_ref()
    }

    /// The likeliest theory.
    #[must_use]
    pub fn first(&self) -> Option<&'a Hypothesis> {
        self.case.hypotheses.first()
    }

    /// The plan for the likeliest theory alone, as if it were happening now: what is prepared is for the next time.
    fn plan(&self) -> Option<Plan> {
        let next_time = Case {
            status: Status::Incident,
            over: false,
            hypotheses: vec![self.first()?.clone()],
            notes: Vec::new(),
            ..self.case.clone()
        };
        Some(firstfault_act::plan(&next_time, self.catalog))
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
    /// The same signals for Datadog and CloudWatch.
    Monitors,
    /// A Grafana dashboard.
    Dashboard,
    /// What to do the next time.
    Runbook,
    /// Admission policies.
    Policy,
    /// Patches of the workloads.
    Patches,
    /// Stubs of tests with the numbers of the case.
    Tests,
}

impl Kind {
    /// Whether its files are short enough to be printed whole where it alone is asked for.
    #[must_use]
    pub fn prints_whole(self) -> bool {
        !matches!(self, Self::Alerts | Self::Monitors | Self::Dashboard)
    }
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
const MAKERS: &[(Kind, Maker)] = &[
    (Kind::Alerts, alerts::artifacts),
    (Kind::Monitors, monitors::artifacts),
    (Kind::Dashboard, dashboard::artifacts),
    (Kind::Runbook, runbook::artifacts),
    (Kind::Policy, policy::artifacts),
    (Kind::Patches, patches::artifacts),
    (Kind::Tests, load_test::artifacts),
];

/// All safeguards of the wanted kinds (all kinds if none is named).
#[must_use]
pub fn prevent(situation: &Situation, only: &[Kind]) -> Vec<Artifact> {
    let wanted = MAKERS.iter().filter(|(kind, _)| only.is_empty() || only.contains(kind));
    wanted.flat_map(|(_, make)| make(situation)).collect()
}

/// When each alert rule would have fired on the incident's own series, and how often while all was well.
#[must_use]
pub fn backtest(situation: &Situation) -> String {
    situation.alerts().map_or_else(
        || "no rule to try: the case names no failure mode\n".to_owned(),
        |alerts| digest::preface(alerts, situation).join("\n") + "\n\n" + &digest::table(alerts),
    )
}
