//! Every template fires on its own example and is silent on the one beside it.

use std::collections::BTreeMap;

use firstfault_catalog::{AlertTemplate, Catalog};
use firstfault_metrics::promql::{Expr, Firing, NAME, RangeStart, Rule, Samples, expand, firings, parse};
use firstfault_model::case::CaseEntity;

use super::rule::{milliseconds, numbers};
use super::target::{Form, Target};

const MINUTE: i64 = 60_000;

fn target(template: &AlertTemplate) -> Target {
    Target {
        entity: CaseEntity {
            kind: template.kinds.first().cloned().unwrap_or_else(|| "Deployment".into()),
            namespace: Some("shop".into()),
            name: "cart".into(),
        },
        pods: Vec::new(),
        container: Some("cart".into()),
        memory_limit: None,
        cpu_limit: None,
        owned: None,
    }
}

/// A series of an example, read with the same parser as a selector.
fn samples(series: &str, values: &str) -> Samples {
    let Ok(Expr::Instant(selector)) = parse(series) else { panic!("{series} is no series") };
    let mut labels: BTreeMap<String, String> =
        selector.matchers.iter().map(|m| (m.label.clone(), m.value.clone())).collect();
    labels.insert(NAME.into(), selector.name.expect("a name"));
    let values = expand(values).unwrap_or_else(|| panic!("{values} is no list of values"));
    let points = values.iter().enumerate().filter_map(|(i, v)| Some((i as i64 * MINUTE, (*v)?)));
    Samples { labels: labels.into(), points: points.collect() }
}

fn run(template: &AlertTemplate, example: &BTreeMap<String, String>, start: RangeStart) -> (Vec<Firing>, i64) {
    let target = target(template);
    let usual = template
        .tries
        .iter()
        .find(|t| t.threshold.as_ref().is_none_or(|t| matches!(t, firstfault_catalog::Threshold::Fixed(_))));
    let usual = usual.unwrap_or_else(|| panic!("{}: no try with a number", template.alert));
    let expr = target.fill(&numbers(&template.expr, usual, None), Form::Matchers);
    let expr = parse(&expr).unwrap_or_else(|error| panic!("{}: {error}", template.alert));
    let rule = Rule { expr, holds_for: milliseconds(&usual.holds_for).expect("a duration") };
    let series: Vec<Samples> =
        example.iter().map(|(name, values)| samples(&target.fill(name, Form::Labels), values)).collect();
    let longest = example.values().filter_map(|v| expand(v)).map(|v| v.len()).max().unwrap_or(0);
    let end = (longest as i64 - 1) * MINUTE;
    (firings(&rule, &series, (0, end, MINUTE), start), end)
}

#[test]
fn every_template_fires_on_its_example_and_not_on_the_one_beside_it() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    assert!(catalog.alerts.len() > 50, "templates are loaded");
    for template in &catalog.alerts {
        for start in [RangeStart::Included, RangeStart::Excluded] {
            let (fired, end) = run(template, &template.fires, start);
            assert!(fired.iter().any(|f| f.to == end), "{} does not fire on its example", template.alert);
            let (fired, _) = run(template, &template.silent, start);
            assert!(fired.is_empty(), "{} fires on the example beside it", template.alert);
        }
    }
}

#[test]
fn every_placeholder_is_filled() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    for template in &catalog.alerts {
        for usual in &template.tries {
            for kind in ["Deployment", "StatefulSet", "Service", "Node", "service", "Ingress"] {
                let mut target = target(template);
                target.entity.kind = kind.into();
                let expr = target.fill(&numbers(&template.expr, usual, Some(1.0)), Form::Matchers);
                parse(&expr).unwrap_or_else(|error| panic!("{} for a {kind}: {error}", template.alert));
            }
        }
    }
}

#[test]
fn names_of_alerts_are_unique() {
    let catalog = Catalog::embedded([]).expect("the catalogue is readable");
    let mut names: Vec<&str> = catalog.alerts.iter().map(|a| a.alert.as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|w| w[0] != w[1]), "{names:?}");
}
