use std::collections::BTreeMap;

use firstfault_catalog::{Catalog, FailureMode, Likelihood};
use firstfault_model::case::Weight;
use firstfault_model::{Entity, Finding, Grade, Relation, State, Trust};
use jiff::{SignedDuration, Timestamp};

use crate::Situation;
use crate::graph::{Graph, Reached};
use crate::score;

/// A theory: this failure mode, on this entity.
#[derive(Debug)]
pub(crate) struct Theory<'a> {
    pub(crate) mode: &'a FailureMode,
    pub(crate) entity: Entity,
    /// Indices of the findings that make it a theory.
    pub(crate) needs: Vec<usize>,
    /// Findings that it explains, with their weight.
    pub(crate) explains: BTreeMap<usize, f64>,
    /// Findings that speak against it.
    pub(crate) against: Vec<usize>,
    /// The arithmetic.
    pub(crate) weights: Vec<Weight>,
    /// The best trust among its needs.
    pub(crate) trust: Trust,
    /// It is about something that has ended.
    pub(crate) over: bool,
    /// First sight.
    pub(crate) onset: Option<Timestamp>,
    /// Whom it reaches.
    pub(crate) reached: Vec<Reached>,
}

impl Theory<'_> {
    /// The sum of the weights.
    pub(crate) fn score(&self) -> f64 {
        self.weights.iter().map(|w| w.weight).sum()
    }
}

/// The findings by entity, and what else every theory asks for.
pub(crate) struct Forming<'a> {
    pub(crate) situation: &'a Situation<'a>,
    pub(crate) catalog: &'a Catalog,
    pub(crate) graph: Graph,
    pub(crate) by_entity: BTreeMap<&'a Entity, Vec<usize>>,
}

/// What healed counts as an incident only if it is this rare when nothing is wrong.
const OVER_BACKGROUND: f64 = 0.001;

/// Clocks of different sources may differ by this much without saying anything.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(90);

impl<'a> Forming<'a> {
    pub(crate) fn new(situation: &'a Situation<'a>, catalog: &'a Catalog) -> Self {
        let mut by_entity: BTreeMap<&Entity, Vec<usize>> = BTreeMap::new();
        for (i, finding) in situation.findings.iter().enumerate() {
            by_entity.entry(&finding.entity).or_default().push(i);
        }
        let mut graph = Graph::new(situation.relations);
        graph.constrain(situation.findings);
        Self { situation, catalog, graph, by_entity }
    }

    /// Every theory that the findings allow.
    pub(crate) fn theories(&self) -> Vec<Theory<'a>> {
        let mut by_need: BTreeMap<&str, Vec<&FailureMode>> = BTreeMap::new();
        for mode in self.catalog.modes.values() {
            for need in &mode.needs {
                by_need.entry(need).or_default().push(mode);
            }
        }
        let mut needed: BTreeMap<(&Entity, &str), Vec<usize>> = BTreeMap::new();
        for (i, finding) in self.situation.findings.iter().enumerate() {
            for mode in by_need.get(finding.id).into_iter().flatten() {
                needed.entry((&finding.entity, &mode.id)).or_default().push(i);
            }
        }
        let mut reach: BTreeMap<&Entity, Vec<Reached>> = BTreeMap::new();
        needed
            .into_iter()
            .filter_map(|((entity, mode), needs)| {
                let reached = reach.entry(entity).or_insert_with(|| self.graph.reach(entity)).clone();
                self.theory(&self.catalog.modes[mode], entity, needs, reached)
            })
            .collect()
    }

    fn theory(
        &self,
        mode: &'a FailureMode,
        entity: &Entity,
        needs: Vec<usize>,
        reached: Vec<Reached>,
    ) -> Option<Theory<'a>> {
        let findings = self.situation.findings;
        let current: Vec<usize> = needs.iter().copied().filter(|&i| findings[i].state == State::Current).collect();
        let over = current.is_empty();
        let needs = if over { needs } else { current };
        let was_a_fault = |i: usize| self.catalog.background(findings[i].id) <= OVER_BACKGROUND;
        if over && !needs.iter().any(|&i| was_a_fault(i) && self.ended_inside_window(&findings[i])) {
            return None;
        }
        let onset = needs.iter().filter_map(|&i| findings[i].since).min();
        let trust = needs.iter().map(|&i| score::trust(self.catalog, findings[i].id)).max()?;
        let mut theory = Theory {
            mode,
            entity: entity.clone(),
            needs,
            explains: BTreeMap::new(),
            against: Vec::new(),
            weights: vec![weight("prior", entity, None, None, score::log_prior(mode.prior))],
            trust,
            over,
            onset,
            reached,
        };
        self.weigh_own(&mut theory);
        self.weigh_absent(&mut theory);
        self.weigh_victims(&mut theory);
        self.weigh_relevance(&mut theory);
        Some(theory)
    }

    /// A failure that is over counts if it was seen inside a window that somebody gave.
    fn ended_inside_window(&self, finding: &Finding) -> bool {
        let window = self.situation.incident.window;
        window.from.is_some() && finding.until.or(finding.since).is_some_and(|t| window.contains(t))
    }

    fn weigh_own(&self, theory: &mut Theory<'_>) {
        let indices = self.by_entity.get(&theory.entity).map_or(&[][..], Vec::as_slice);
        for &i in indices {
            let finding = &self.situation.findings[i];
            if finding.state == State::Recovered && !theory.over {
                continue;
            }
            if theory.mode.refutes.iter().any(|r| r == finding.id) {
                theory.against.push(i);
                theory.weights.push(weight(finding.id, &finding.entity, None, None, score::refuted(finding.grade)));
                continue;
            }
            let shown = theory.mode.shows.get(finding.id).copied();
            let shown = shown.or_else(|| theory.needs.contains(&i).then_some(Likelihood::Usually));
            if let Some(shown) = shown {
                self.explain(theory, i, shown.probability());
            }
        }
    }

    fn explain(&self, theory: &mut Theory<'_>, i: usize, shown: f64) {
        let finding = &self.situation.findings[i];
        let background = self.catalog.background(finding.id);
        // The same fact about the same thing, said of several others, is one fact.
        let findings = self.situation.findings;
        let said = theory
            .explains
            .keys()
            .any(|&j| j != i && findings[j].id == finding.id && findings[j].entity == finding.entity);
        let value = if said { 0.0 } else { score::present(shown, background, finding.grade) };
        let entry = theory.explains.entry(i).or_insert(f64::MIN);
        if *entry == f64::MIN {
            *entry = value;
            if said {
                return;
            }
            let given = score::noisy_or(shown, background);
            theory.weights.push(weight(finding.id, &finding.entity, Some(given), Some(background), value));
        }
    }

    fn weigh_absent(&self, theory: &mut Theory<'_>) {
        let seen = |id: &str| {
            self.by_entity
                .get(&theory.entity)
                .is_some_and(|indices| indices.iter().any(|&i| self.situation.findings[i].id == id))
        };
        let mut weights = Vec::new();
        for (id, likelihood) in &theory.mode.shows {
            let trust = score::trust(self.catalog, id);
            let looked =
                trust != Trust::Infrastructure && self.situation.looked.contains(&(theory.entity.clone(), trust));
            if *likelihood >= Likelihood::Usually && looked && !seen(id) && !theory.mode.needs.contains(id) {
                let background = self.catalog.background(id);
                let value = score::absent(likelihood.probability(), background);
                weights.push(weight(
                    &format!("absent: {id}"),
                    &theory.entity,
                    Some(likelihood.probability()),
                    Some(background),
                    value,
                ));
            }
        }
        theory.weights.extend(weights);
    }

    fn weigh_victims(&self, theory: &mut Theory<'_>) {
        let mut strength: BTreeMap<Entity, f64> = BTreeMap::from([(theory.entity.clone(), 1.0)]);
        let mut early = false;
        for step in theory.reached.clone() {
            let arriving = strength.get(&step.from).copied().unwrap_or(0.0) * Graph::transmission(step.via);
            strength.insert(step.entity.clone(), arriving);
            let class = self.effect_of(theory.mode, &step);
            let Some(effect) = self.catalog.effects.get(class) else { continue };
            for &i in self.by_entity.get(&step.entity).into_iter().flatten() {
                let finding = &self.situation.findings[i];
                let Some(likelihood) = effect.get(finding.id) else { continue };
                if finding.state == State::Recovered && !theory.over {
                    continue;
                }
                self.explain(theory, i, likelihood.probability() * arriving);
                early |=
                    theory.onset.zip(finding.since).is_some_and(|(cause, effect)| effect + CLOCK_TOLERANCE < cause);
            }
        }
        if early {
            theory.weights.push(weight("effect before cause", &theory.entity, None, None, score::EFFECT_FIRST));
        }
    }

    /// The class of effect on a victim: what the mode says of the first step, as long as it
    /// lasts; callers of a broken thing see errors, whatever broke.
    fn effect_of(&self, mode: &'a FailureMode, step: &Reached) -> &'a str {
        if step.steps == 1 {
            if let Some(class) = mode.spreads.get(step.first.word()) {
                return class;
            }
        } else if step.via == Relation::Calls && mode.spreads.get("calls").is_some_and(|c| c == "slow") {
            return "slow";
        }
        match step.via {
            Relation::Selects => "no-endpoints",
            Relation::Calls | Relation::RoutesTo => "errors",
            Relation::RunsOn => "not-ready",
            Relation::Mounts | Relation::BoundTo | Relation::Contains => "pending",
            Relation::Constrains => "not-created",
            Relation::Owns | Relation::ReadsConfig | Relation::AuthenticatesWith | Relation::Scales => "unavailable",
        }
    }

    /// What the person asked about comes first: named entities, then their namespace.
    fn weigh_relevance(&self, theory: &mut Theory<'_>) {
        let incident = self.situation.incident;
        let symptom = incident.symptom.as_deref().unwrap_or("");
        let reaches = |wanted: &Entity| {
            theory.entity == *wanted
                || theory.reached.iter().any(|r| r.entity.kind == wanted.kind && r.entity.name == wanted.name)
        };
        let named = names_entity(symptom, &theory.entity.name);
        let about =
            incident.about.iter().any(|a| &*a.kind != "Namespace" && (a.name == theory.entity.name || reaches(a)));
        let victim_named = theory.reached.iter().any(|r| names_entity(symptom, &r.entity.name));
        let value = match (named || about, victim_named) {
            (true, _) => 2.0,
            (false, true) => 1.5,
            _ => 0.0,
        };
        let namespaces: Vec<&str> =
            incident.about.iter().filter(|a| &*a.kind == "Namespace").map(|a| a.name.as_str()).collect();
        let elsewhere =
            theory.entity.namespace.as_deref().is_some_and(|ns| !namespaces.is_empty() && !namespaces.contains(&ns))
                || theory
                    .entity
                    .namespace
                    .as_deref()
                    .is_some_and(|ns| namespaces.is_empty() && names_other_namespace(symptom, ns));
        let value = if elsewhere && value == 0.0 { -1.5 } else { value };
        if value != 0.0 {
            theory.weights.push(weight("what was asked about", &theory.entity, None, None, value));
        }
    }
}

/// Whether a text names an entity: its whole name, at word boundaries.
fn names_entity(text: &str, name: &str) -> bool {
    if name.len() < 3 {
        return false;
    }
    let part_of_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// Whether a text names a namespace, and it is another one ("… in the shop namespace").
fn names_other_namespace(text: &str, own: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|w| !w.is_empty()).collect();
    words.windows(2).any(|pair| match pair {
        [name, "namespace"] => !matches!(*name, "the" | "this" | "our" | "a" | "that") && *name != own,
        ["namespace", name] => name.contains('-') && *name != own,
        _ => false,
    })
}

pub(crate) fn weight(of: &str, entity: &Entity, theory: Option<f64>, background: Option<f64>, value: f64) -> Weight {
    Weight {
        of: of.to_owned(),
        entity: entity.to_string(),
        given_theory: theory,
        given_background: background,
        weight: value,
    }
}

/// A finding that no theory may leave unexplained without saying so.
pub(crate) fn is_strong(finding: &Finding, catalog: &Catalog) -> bool {
    finding.state == State::Current && finding.grade >= Grade::Strong && catalog.background(finding.id) <= 0.01
}
