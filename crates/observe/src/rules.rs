//! Rules of others (`--rules`) that matched the logs.

use std::collections::BTreeMap;

use firstfault_gather::{Log, World};
use firstfault_logs::cre::Match;
use firstfault_model::{Entity, Evidence, Finding, Grade, Health, Masked, Place};

use crate::application::state;
use crate::registry::declare;

declare! {
    /// A rule of others matched its log. No failure mode needs or shows it: what a rule means is its author's to say.
    MATCHED = "log.rule", "matches a rule of others", Often, Application;
}

/// Places beyond this many add nothing.
const PLACES: usize = 5;

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let health = crate::health(world);
    let mut matched: BTreeMap<(Entity, &str), (u64, Finding)> = BTreeMap::new();
    for log in &world.logs {
        let carrier = world.carrier_of(&log.entity);
        let well = health.get(&carrier) == Some(&Health::Well);
        for rule in &log.digest.rules {
            let next = finding(log, rule, carrier.clone()).in_state(state(world, log, rule.last, well));
            match matched.get_mut(&(carrier.clone(), rule.rule.as_str())) {
                Some((count, known)) => {
                    *count += rule.count;
                    known.since = known.since.into_iter().chain(next.since).min();
                    known.until = known.until.into_iter().chain(next.until).max();
                    known.state = known.state.min(next.state);
                    known.evidence.extend(next.evidence.into_iter().take(PLACES - known.evidence.len().min(PLACES)));
                }
                None => {
                    matched.insert((carrier.clone(), &rule.rule), (rule.count, next));
                }
            }
        }
    }
    findings.extend(matched.into_values().map(|(count, finding)| finding.with("count", count.to_string())));
}

fn finding(log: &Log, rule: &Match, carrier: Entity) -> Finding {
    let (line, text) = rule.shown.clone().unwrap_or_default();
    let evidence = Evidence { place: Place::line(&log.path, line), excerpt: Masked::new(&text) };
    // A rules file is nobody's evidence, but what stands in it goes to a terminal all the same.
    let masked = |text: &str| {
        let plain: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        Masked::new(&plain).to_string()
    };
    Finding::new(&MATCHED, carrier, evidence)
        .graded(Grade::Fair)
        .seen(rule.first, rule.last)
        .with("rule", masked(&rule.rule))
        .with("title", masked(&rule.title))
        .with("severity", rule.severity.map_or_else(String::new, |s| s.to_string()))
        .with("file", rule.words.file.clone())
        .with("cause", masked(&rule.words.cause))
        .with("mitigation", masked(&rule.words.mitigation))
}
