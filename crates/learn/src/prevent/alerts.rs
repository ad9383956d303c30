//! Which alert rules a case asks for, and what they did on its own series.

use std::collections::BTreeSet;

use firstfault_catalog::AlertTemplate;
use firstfault_metrics::promql::parse;
use firstfault_model::case::{CaseEntity, Hypothesis};

use super::measured::Measured;
use super::moments::Moments;
use super::rule::{AlertRule, Ground, Verdict, numbers};
use super::target::{Form, Target};
use super::{Artifact, Kind, Situation, burn_rate, digest, proof, rules_file};

/// More rules than this for one case are noise; those of the cause come first.
const MOST: usize = 12;

/// A second fault has to be this probable to be given rules.
const LIKELY: f64 = 0.5;

/// Everything about the alerts of a case.
pub(super) struct Alerts<'a> {
    pub(super) rules: Vec<AlertRule<'a>>,
    pub(super) burn: Option<burn_rate::BurnRate>,
    pub(super) measured: Measured,
    pub(super) moments: Moments,
}

impl<'a> Alerts<'a> {
    pub(super) fn of(situation: &Situation<'a>) -> Option<Self> {
        let first = situation.first()?;
        let wanted = wanted(situation, first);
        let mut targets: Vec<Target> = Vec::new();
        for (_, target, _) in &wanted {
            if targets.iter().all(|t| t.entity != target.entity) {
                targets.push(target.clone());
            }
        }
        let mut standard: BTreeSet<String> = wanted.iter().flat_map(|(t, target, _)| metrics(t, target)).collect();
        standard.insert("http_requests_total".into());
        let window = situation.case.window.from.as_ref().and_then(|t| t.parse().ok());
        let measured = situation.world.map(|w| Measured::of(&targets, &standard, window, w)).unwrap_or_default();
        let moments = Moments::of(situation.case, &measured);
        let needs = situation.mode().map(|m| m.needs.as_slice()).unwrap_or_default();
        let own = first.evidence.iter().filter(|e| needs.contains(&e.finding));
        let cause_since = own.filter_map(|e| measured.at(e.since.as_ref()?.parse().ok()?)).min();
        let ground = Ground { measured: &measured, moments, cause_since };
        let rules = wanted.into_iter().filter_map(|(t, target, of_cause)| AlertRule::of(t, target, of_cause, ground));
        let rules: Vec<AlertRule> = rules.collect();
        let burn = burn_rate::BurnRate::of(&measured, moments, &targets, situation.budget);
        Some(Self { rules, burn, measured, moments })
    }

    /// The rules to use: proven ones, and those whose metrics have yet to be exported.
    pub(super) fn good(&self) -> impl Iterator<Item = &AlertRule<'a>> {
        self.rules.iter().filter(|r| r.verdict != Verdict::NotGood)
    }
}

/// Alert and recording rules, and their proof.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let Some(alerts) = situation.alerts() else { return Vec::new() };
    if alerts.good().next().is_none() && alerts.burn.is_none() && alerts.rules.is_empty() {
        return Vec::new();
    }
    let name = rules_file::group(situation);
    let says = digest::preface(alerts, situation);
    let rules = Artifact {
        kind: Kind::Alerts,
        file: "rules.yaml".into(),
        title: "Alert rules".into(),
        says,
        digest: digest::rules(alerts),
        contents: rules_file::plain(alerts, &name),
    };
    let custom = Artifact {
        kind: Kind::Alerts,
        file: "prometheusrule.yaml".into(),
        title: "The same rules for the Prometheus operator".into(),
        says: Vec::new(),
        digest: "kind: PrometheusRule, the groups of rules.yaml".into(),
        contents: rules_file::custom_resource(alerts, &name),
    };
    let test = Artifact {
        kind: Kind::Alerts,
        file: "rules_test.yaml".into(),
        title: "The proof of the rules".into(),
        says: vec!["promtool test rules rules_test.yaml".into()],
        digest: digest::proof(alerts),
        contents: proof::file(alerts),
    };
    vec![rules, test, custom]
}

/// Templates that a case asks for, each with whom it is about and whether it watches the cause itself.
fn wanted<'a>(situation: &Situation<'a>, first: &Hypothesis) -> Vec<(&'a AlertTemplate, Target, bool)> {
    let Some(mode) = situation.mode() else { return Vec::new() };
    let others = situation.case.hypotheses.iter().skip(1).filter(|h| h.independent && h.probability > LIKELY);
    let mut known: Vec<Target> = Vec::new();
    let mut target = |entity: &CaseEntity| {
        if let Some(target) = known.iter().find(|t| t.entity == *entity) {
            return target.clone();
        }
        let target = Target::of(entity, situation.case, situation.world);
        known.push(target.clone());
        target
    };
    let mut chosen: Vec<(&AlertTemplate, Target, bool)> = Vec::new();
    let mut add = |alert: &'a AlertTemplate, entity: &CaseEntity, of_cause: bool| {
        if chosen.iter().all(|(other, _, _)| other.alert != alert.alert) && suits(alert, &entity.kind) {
            chosen.push((alert, target(entity), of_cause));
        }
    };
    let of = |finding: &'a str| situation.catalog.alerts.iter().filter(move |a| a.watches(finding));
    // Each independent fault: first what watches its cause, then what its carrier shows, then what its victims show.
    for fault in std::iter::once(first).chain(others) {
        let needs = situation.catalog.modes.get(&fault.failure_mode).map(|m| m.needs.as_slice()).unwrap_or_default();
        for need in needs {
            of(need).for_each(|alert| add(alert, &fault.entity, true));
        }
        let standing = standing(situation, fault);
        for own in [true, false] {
            for (finding, entity) in standing.iter().filter(|(_, entity)| (*entity == fault.entity) == own) {
                situation.catalog.alerts.iter().filter(|a| a.watches(finding)).for_each(|a| add(a, entity, false));
            }
        }
    }
    if chosen.is_empty() {
        for finding in mode.shows.keys() {
            situation.catalog.alerts.iter().filter(|a| a.watches(finding)).for_each(|a| {
                if chosen.iter().all(|(other, _, _)| other.alert != a.alert) && suits(a, &first.entity.kind) {
                    chosen.push((a, target(&first.entity), false));
                }
            });
        }
    }
    chosen.truncate(MOST);
    chosen
}

/// Whether a template is for a kind; what is only known as a service may be any workload.
fn suits(alert: &AlertTemplate, kind: &str) -> bool {
    alert.suits(kind) || (kind == firstfault_model::kind::SERVICE && alert.suits("Deployment"))
}

/// The findings of the first theory with whom they stand on, in order of what they weigh.
fn standing(situation: &Situation, first: &Hypothesis) -> Vec<(String, CaseEntity)> {
    let known: Vec<&CaseEntity> = std::iter::once(&first.entity)
        .chain(&situation.case.affected)
        .chain(first.chain.iter().map(|l| &l.entity))
        .collect();
    let mut weights: Vec<_> = first.weights.iter().filter(|w| w.weight > 0.0).collect();
    weights.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.of.cmp(&b.of)));
    let entity =
        |text: &str| known.iter().find(|e| super::target::model_entity(e).to_string() == text).map(|e| (*e).clone());
    weights.iter().filter_map(|w| Some((w.of.clone(), entity(&w.entity)?))).collect()
}

/// The metrics that a template's condition reads.
fn metrics(template: &AlertTemplate, target: &Target) -> Vec<String> {
    let Some(usual) = template.tries.first() else { return Vec::new() };
    let expr = target.fill(&numbers(&template.expr, usual, Some(0.0)), Form::Matchers);
    parse(&expr).map(|e| e.metrics().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
