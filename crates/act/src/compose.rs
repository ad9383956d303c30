//! From a case to a plan.

use firstfault_catalog::Catalog;
use firstfault_model::case::{Case, Hypothesis, Remedy, Status};

use crate::plan::{Cause, Check, Command, Does, Phase, Plan, SCHEMA, Step};
use crate::step::{look, remedy_step};
use firstfault_model::shell::quote;

/// A theory at least this likely competes with the first one.
const COMPETES: f64 = 0.15;

/// Above this the first theory is acted on without a test before.
const SURE: f64 = 0.8;

/// A second, independent fault less likely than this is not acted on.
const ACTED_ON: f64 = 0.5;

/// The plan for a case.
#[must_use]
pub fn plan(case: &Case, catalog: &Catalog) -> Plan {
    let mut composer = Composer { case, catalog, steps: Vec::new() };
    let (causes, rivals) = match case.status {
        Status::Incident => (acted_on(case), rivals(case)),
        Status::Healthy | Status::Insufficient => (Vec::new(), Vec::new()),
    };
    match case.status {
        Status::Healthy => {}
        Status::Insufficient => composer.gather(),
        Status::Incident => {
            composer.decide(&causes, &rivals);
            let all: Vec<&Hypothesis> = causes.iter().chain(&rivals).copied().collect();
            if !case.over {
                composer.mend(&all, &rivals, Phase::Restore);
            }
            composer.mend(&all, &rivals, Phase::Fix);
            composer.confirm(&causes);
        }
    }
    let mut steps = composer.steps;
    for (at, step) in steps.iter_mut().enumerate() {
        step.number = at + 1;
    }
    Plan {
        schema: SCHEMA.to_owned(),
        status: case.status,
        goal: goal(case, &causes),
        causes: causes.iter().map(|h| cause(h)).collect(),
        rivals: rivals.iter().map(|h| cause(h)).collect(),
        notes: notes(case, &steps),
        steps,
        evidence: case.evidence.clone(),
    }
}

fn acted_on(case: &Case) -> Vec<&Hypothesis> {
    let mut taken: Vec<&Hypothesis> = Vec::new();
    for hypothesis in &case.hypotheses {
        let first = hypothesis.rank == 1;
        let second = hypothesis.independent && hypothesis.probability >= ACTED_ON;
        if first || (second && taken.iter().all(|h| h.entity != hypothesis.entity)) {
            taken.push(hypothesis);
        }
    }
    taken
}

fn rivals(case: &Case) -> Vec<&Hypothesis> {
    let sure = case.hypotheses.first().is_none_or(|h| h.probability >= SURE);
    let competing = case.hypotheses.iter().skip(1).filter(|h| !sure && !h.independent && h.probability >= COMPETES);
    competing.take(2).collect()
}

fn cause(hypothesis: &Hypothesis) -> Cause {
    Cause {
        rank: hypothesis.rank,
        failure_mode: hypothesis.failure_mode.clone(),
        title: hypothesis.title.clone(),
        entity: hypothesis.entity.clone(),
        probability: hypothesis.probability,
    }
}

fn goal(case: &Case, causes: &[&Hypothesis]) -> String {
    match (case.status, causes) {
        (Status::Healthy, _) => "Nothing is wrong that needs mending: no step.".to_owned(),
        (Status::Insufficient, _) | (_, []) => {
            "Collect what is missing for a diagnosis. Nothing is changed before there is one.".to_owned()
        }
        (Status::Incident, [first, ..]) if case.over => {
            format!("It is over; keep it from coming back: {}", first.summary)
        }
        (Status::Incident, [first, ..]) => format!("Restore service, then mend the cause: {}", first.summary),
    }
}

fn notes(case: &Case, steps: &[Step]) -> Vec<String> {
    let mut notes = Vec::new();
    if steps.iter().any(Step::changes) {
        notes.push(
            "Watch error rate, latency and resources of what is changed and of its callers during each step; \
             when they get worse, stop and undo the step before anything else."
                .to_owned(),
        );
        notes.push("Write down when each step began, who agreed to it, and what was seen.".to_owned());
    }
    if steps.iter().any(|s| s.blanks.iter().any(|b| b.value.is_none())) {
        notes.push(
            "Words in capitals are not known from the evidence: fill them in before you run a command.".to_owned(),
        );
    }
    notes.extend(case.notes.iter().cloned());
    notes
}

struct Composer<'a> {
    case: &'a Case,
    catalog: &'a Catalog,
    steps: Vec<Step>,
}

impl Composer<'_> {
    /// The steps of `insufficient`: what to collect, and the checks of the theories that there are.
    fn gather(&mut self) {
        for test in &self.case.collect {
            self.steps.push(look(Phase::Gather, format!("Find out {}", test.decides), None, test));
        }
        for hypothesis in self.case.hypotheses.iter().take(3) {
            for test in hypothesis.tests.iter().take(1) {
                let title = format!("Find out {}", test.decides);
                self.steps.push(look(Phase::Gather, title, Some(hypothesis.rank), test));
            }
        }
    }

    /// The checks that tell competing theories apart come before any change.
    fn decide(&mut self, causes: &[&Hypothesis], rivals: &[&Hypothesis]) {
        if rivals.is_empty() {
            return;
        }
        let mut seen: Vec<&str> = Vec::new();
        for hypothesis in causes.iter().take(1).chain(rivals) {
            let Some(test) = hypothesis.tests.iter().find(|t| !seen.contains(&t.command.as_str())) else { continue };
            seen.push(&test.command);
            let title = format!("Is it this? {} ({}): {}", hypothesis.title, hypothesis.entity, test.decides);
            self.steps.push(look(Phase::Decide, title, Some(hypothesis.rank), test));
        }
    }

    fn mend(&mut self, hypotheses: &[&Hypothesis], rivals: &[&Hypothesis], phase: Phase) {
        let kind = if phase == Phase::Restore { "restore" } else { "fix" };
        for hypothesis in hypotheses {
            let specs = self.catalog.modes.get(&hypothesis.failure_mode).map_or(&[][..], |mode| &mode.remedies);
            let undecided = !rivals.is_empty() && !hypothesis.independent;
            let of_kind = hypothesis.remedies.iter().enumerate().filter(|(_, r)| r.kind == kind);
            for (nth, (i, remedy)) in of_kind.enumerate() {
                let when = when(hypothesis, remedy, nth, undecided, phase);
                self.steps.push(remedy_step(self.case, hypothesis, (remedy, specs.get(i)), phase, when));
            }
        }
    }

    /// Looks once more at everything that was ill.
    fn confirm(&mut self, causes: &[&Hypothesis]) {
        let Some(first) = causes.first() else { return };
        let mut commands = Vec::new();
        for entity in std::iter::once(&first.entity).chain(&self.case.affected) {
            let Some(namespace) = entity.namespace.as_deref() else { continue };
            let run = if matches!(entity.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
                let what = format!("{}/{}", entity.kind.to_lowercase(), entity.name);
                format!("kubectl -n {} rollout status {} --timeout=5m", quote(namespace), quote(&what))
            } else {
                format!("kubectl -n {} get pods", quote(namespace))
            };
            if commands.len() < 5 && commands.iter().all(|c: &Command| c.run.as_deref() != Some(run.as_str())) {
                commands.push(Command { run: Some(run), by_hand: None, does: Does::Reads, dry_run: None });
            }
        }
        let felt = self.case.symptoms.first().map_or_else(String::new, |s| format!("what was felt is gone ({s}); "));
        let expect = format!("{felt}firstfault investigate on evidence collected anew says healthy");
        self.steps.push(Step {
            commands,
            expected: "Everything that suffered is well again.".to_owned(),
            verification: Some(Check { run: None, expect, wait: Some("15 minutes".to_owned()) }),
            ..Step::reading(Phase::Confirm, "See that it is over, and say so".to_owned())
        });
    }
}

fn when(hypothesis: &Hypothesis, remedy: &Remedy, nth: usize, undecided: bool, phase: Phase) -> Option<String> {
    let mut parts = Vec::new();
    if undecided {
        parts.push(format!("if the checks speak for: {} ({})", hypothesis.title, hypothesis.entity));
    }
    if remedy.title.starts_with("If ") {
        parts.push("if its title holds".to_owned());
    } else if nth > 0 && phase == Phase::Restore {
        parts.push("instead, if the step before cannot be taken or does not help".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
