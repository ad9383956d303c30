//! One step of a plan, composed from a remedy or a check.

use firstfault_catalog::RemedySpec;
use firstfault_model::case::{Case, CaseEntity, Hypothesis, Remedy, Test};

use crate::action::Action;
use crate::blanks::{facts, fill, holds_word, names, put};
use crate::plan::{Approval, Blank, Check, Command, Does, Phase, Step, Strategy};
use crate::words::{listed, waiting_time};
use firstfault_model::shell::quote;

/// How long to wait where a remedy does not say it.
const WAIT: &str = "5 minutes";

impl Step {
    /// A step that only looks.
    pub(crate) fn reading(phase: Phase, title: String) -> Self {
        Self {
            number: 0,
            phase,
            title,
            cause: None,
            when: None,
            precondition: Vec::new(),
            commands: Vec::new(),
            blanks: Vec::new(),
            strategy: Strategy::ReadOnly,
            expected: String::new(),
            blast_radius: "nothing: it only looks".to_owned(),
            risk: "none".to_owned(),
            verification: None,
            stop_when: None,
            undo: Vec::new(),
            approval: None,
        }
    }
}

/// What a check runs, or what is done by hand.
#[must_use]
pub fn command(test: &Test) -> Command {
    Command { does: Does::Reads, dry_run: None, ..Action::of(&test.command).into_command() }
}

/// A check as a step.
pub(crate) fn look(phase: Phase, title: String, cause: Option<usize>, test: &Test) -> Step {
    let expected = if test.outcomes.is_empty() { test.decides.clone() } else { test.outcomes.join(" · ") };
    Step {
        cause, // A check of the catalogue only looks, also where it is done by hand.
        commands: vec![command(test)],
        expected,
        ..Step::reading(phase, title)
    }
}

/// A remedy of a case as a step, with the catalogue's template of it where there is one.
pub(crate) fn remedy_step(
    case: &Case,
    hypothesis: &Hypothesis,
    (remedy, template): (&Remedy, Option<&RemedySpec>),
    phase: Phase,
    when: Option<String>,
) -> Step {
    let known = facts(hypothesis);
    let all = remedy.steps.join("\n");
    let undo_text = &remedy.rollback;
    let names = template.map_or_else(Vec::new, names);
    let blanks: Vec<Blank> = names
        .iter()
        .filter(|name| holds_word(&all, name) || holds_word(undo_text, name) || holds_word(&remedy.verification, name))
        .map(|name| fill(name, &all, &known))
        .collect();
    let filled = |text: &str| blanks.iter().fold(text.to_owned(), |text, blank| put(&text, blank));
    let actions: Vec<Action> = remedy.steps.iter().map(|s| Action::of(&filled(s))).collect();
    let strategy = strategy(&actions, &remedy.title);
    let commands: Vec<Command> = actions.into_iter().map(Action::into_command).collect();
    let changes = commands.iter().any(|c| c.does != Does::Reads);
    let undo = vec![Action::of(&filled(undo_text)).into_command()];
    let verification = check(&filled(&remedy.verification), changes);
    Step {
        number: 0,
        phase,
        title: remedy.title.clone(),
        cause: Some(hypothesis.rank),
        when,
        precondition: if changes { preconditions(hypothesis, &commands) } else { Vec::new() },
        blanks,
        strategy,
        expected: expected(hypothesis, phase),
        blast_radius: blast_radius(case, hypothesis, strategy),
        risk: remedy.risk.clone(),
        approval: approval(remedy, &commands, strategy),
        commands,
        verification: Some(verification),
        stop_when: changes.then(|| stop_when(strategy, &hypothesis.entity)),
        undo,
    }
}

/// That the fault is still there, and that what is changed is kept.
fn preconditions(hypothesis: &Hypothesis, commands: &[Command]) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(test) = hypothesis.tests.first() {
        let expect = test.outcomes.first().cloned().unwrap_or_else(|| format!("it shows {}", test.decides));
        checks.push(Check { run: Some(test.command.clone()), expect, wait: None });
    }
    let by_kubectl =
        commands.iter().any(|c| c.does != Does::Reads && c.run.as_deref().is_some_and(|r| r.starts_with("kubectl")));
    let keeps = commands.iter().any(|c| c.run.as_deref().is_some_and(|r| r.contains(" > ")));
    if by_kubectl && !keeps && is_object(&hypothesis.entity) {
        let entity = &hypothesis.entity;
        let namespace = entity.namespace.as_deref().map_or_else(String::new, |n| format!("-n {} ", quote(n)));
        let kind = entity.kind.to_lowercase();
        checks.push(Check {
            run: Some(format!("kubectl {namespace}get {} {} -o yaml > before.yaml", quote(&kind), quote(&entity.name))),
            expect: format!("before.yaml holds {entity} as it is now"),
            wait: None,
        });
    }
    checks
}

fn blast_radius(case: &Case, hypothesis: &Hypothesis, strategy: Strategy) -> String {
    let entity = hypothesis.entity.to_string();
    let what = match strategy {
        Strategy::ReadOnly => return "nothing: it only looks".to_owned(),
        Strategy::Rolling => format!("the pods of {entity}, a few at a time"),
        Strategy::Canary => format!("at first the small share of the traffic that reaches the new version of {entity}"),
        Strategy::BlueGreen => format!("all traffic to {entity} at the moment of the switch"),
        Strategy::Flag => format!("what the flag governs in {entity}"),
        Strategy::Failover => format!("all clients of {entity} at the moment of the switch"),
        Strategy::Scale => format!("the number of replicas, and the room on the nodes that they take, around {entity}"),
        Strategy::DrainAndRestart => format!("all pods on the node: they move or are interrupted; {entity} with them"),
        Strategy::AtOnce => format!("{entity} and what depends on it, all at once"),
    };
    let hit: Vec<CaseEntity> = case.affected.iter().filter(|a| **a != hypothesis.entity).cloned().collect();
    if hit.is_empty() { what } else { format!("{what}; what already suffers: {}", listed(&hit, 3)) }
}

/// The most careful strategy that the title promises, else that of the command that changes most.
fn strategy(actions: &[Action], title: &str) -> Strategy {
    let lower = title.to_lowercase();
    let changing: Vec<Strategy> = actions.iter().filter(|a| a.does() != Does::Reads).map(Action::strategy).collect();
    if changing.is_empty() {
        return Strategy::ReadOnly;
    }
    if ["canary", "tenth of the traffic", "small share of the traffic"].iter().any(|w| lower.contains(w)) {
        return Strategy::Canary;
    }
    let order = [
        Strategy::DrainAndRestart,
        Strategy::AtOnce,
        Strategy::Failover,
        Strategy::BlueGreen,
        Strategy::Canary,
        Strategy::Rolling,
        Strategy::Scale,
    ];
    order.into_iter().find(|s| changing.contains(s)).unwrap_or(Strategy::AtOnce)
}

fn expected(hypothesis: &Hypothesis, phase: Phase) -> String {
    match phase {
        Phase::Fix => {
            format!("The cause is gone; for {} this is no longer so: {}", hypothesis.entity, hypothesis.title)
        }
        _ => format!("{} serves again; the cause may still be there.", hypothesis.entity),
    }
}

fn stop_when(strategy: Strategy, entity: &CaseEntity) -> String {
    let entity = entity.to_string();
    match strategy {
        Strategy::Rolling | Strategy::Canary | Strategy::BlueGreen => format!(
            "a new pod is not ready within {WAIT}, or errors or latency of {entity} or its callers rise above what they are now: undo"
        ),
        Strategy::DrainAndRestart => {
            "a pod that was moved stays Pending, or a disruption budget refuses: stop draining and undo".to_owned()
        }
        Strategy::Scale => "new replicas stay Pending, or what they call answers more slowly: undo".to_owned(),
        _ => format!("errors or latency of {entity} or of anything that depends on it rise within {WAIT}: undo"),
    }
}

fn approval(remedy: &Remedy, commands: &[Command], strategy: Strategy) -> Option<Approval> {
    let mut reasons = Vec::new();
    if commands.iter().any(|c| c.does == Does::Destroys) {
        reasons.push("it can take data, or what it takes does not come back".to_owned());
    }
    let rollback = remedy.rollback.to_lowercase();
    if ["cannot", "stays as it is", "no way back"].iter().any(|w| rollback.contains(w)) {
        reasons.push(format!("it cannot be wholly undone: {}", remedy.rollback));
    }
    if remedy.risk == "high" {
        reasons.push("its risk is high".to_owned());
    }
    if strategy == Strategy::DrainAndRestart {
        reasons.push("it interrupts everything on a node".to_owned());
    }
    (!reasons.is_empty()).then_some(Approval { reasons })
}

/// `COMMAND shows WHAT`, or a sentence alone.
fn check(sentence: &str, changes: bool) -> Check {
    const MEANS: &[&str] = &[" shows ", " says ", " prints ", " answers ", " lists ", " ends", " no longer ", ": "];
    let is_command = Action::of(sentence).into_command().run.is_some() || sentence.starts_with("kubectl ");
    let cut = MEANS.iter().filter_map(|m| sentence.find(m)).min();
    let wait = waiting_time(sentence).or_else(|| changes.then(|| WAIT.to_owned()));
    match cut {
        Some(at) if is_command => {
            let expect = sentence[at..].trim_start_matches([':', ' ']).to_owned();
            Check { run: Some(sentence[..at].to_owned()), expect, wait }
        }
        None if is_command => Check { run: Some(sentence.to_owned()), expect: "it succeeds".to_owned(), wait },
        _ => Check { run: None, expect: sentence.to_owned(), wait },
    }
}

/// Whether the entity is something that `kubectl get` knows.
fn is_object(entity: &CaseEntity) -> bool {
    entity.kind.starts_with(|c: char| c.is_ascii_uppercase())
}
