use firstfault_model::case::Severity;
use firstfault_model::{Entity, Health};

use crate::Situation;
use crate::theory::Theory;

/// SEV-1 to SEV-4, with the reasons, from who is hit and how much of it.
pub(crate) fn severity(situation: &Situation<'_>, theory: &Theory<'_>, affected: &[Entity]) -> Severity {
    let mut reasons = Vec::new();
    let edge: Vec<&Entity> =
        affected.iter().chain([&theory.entity]).filter(|e| faces_customers(situation, e)).collect();
    let down = situation.findings.iter().any(|f| f.entity == theory.entity && f.field("ready") == "0");
    let unwell = situation.health.values().filter(|h| **h == Health::Unwell).count();
    let known = situation.health.values().filter(|h| **h != Health::Unknown).count().max(1);
    let share = unwell as f64 / known as f64;
    let data = ["database", "storage"].contains(&theory.mode.area.as_str()) || theory.mode.id.starts_with("database.");

    let mut level: u8 = 3;
    if !edge.is_empty() {
        level = 2;
        reasons.push(format!("reaches what customers use: {}", names(&edge)));
    }
    if down {
        level = level.min(2);
        reasons.push(format!("{} has no ready replica", crate::template::plain(&theory.entity)));
    }
    if share >= 0.5 && known >= 2 {
        level = 1;
        reasons.push(format!("{unwell} of {known} workloads that were looked at are not well"));
    } else if unwell > 0 {
        reasons.push(format!("{unwell} of {known} workloads that were looked at are not well"));
    }
    if down && !edge.is_empty() {
        level = 1;
    }
    if let Some((share, reason)) = failing_at_entry(situation, theory, affected) {
        level = level.min(if share >= 0.5 { 1 } else { 2 });
        reasons.insert(0, reason);
    }
    if data {
        reasons.push("data may be at risk or cannot be written".to_owned());
        level = level.min(2);
    }
    if affected.is_empty() && !down && unwell == 0 {
        level = 4;
        reasons.push("nothing else was seen to suffer from it".to_owned());
    }
    if theory.over {
        reasons.push("it has ended by now".to_owned());
        level = level.max(3);
    }
    Severity { level: Some(level), reasons }
}

/// The share of requests from outside that fail, where it is measured and matters, and the
/// sentence that says so with its time.
fn failing_at_entry(situation: &Situation<'_>, theory: &Theory<'_>, affected: &[Entity]) -> Option<(f64, String)> {
    const MATTERS: f64 = 0.05;
    let hit = |entity: &Entity| *entity == theory.entity || affected.contains(entity);
    let measured = situation.findings.iter().filter(|f| hit(&f.entity) && f.state == firstfault_model::State::Current);
    let (share, finding) = measured
        .filter_map(|f| Some((f.field("share_failing").parse::<f64>().ok()?, f)))
        .filter(|(share, f)| *share >= MATTERS && is_entry(situation, &f.entity))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let since = finding.since.map_or_else(String::new, |at| {
        let lasts = situation.now.map_or(0, |now| now.duration_since(at).as_mins());
        let lasts = if lasts > 0 { format!(", for {lasts} minutes") } else { String::new() };
        format!(" since {at}{lasts}")
    });
    let who = crate::template::plain(&finding.entity);
    Some((share, format!("{:.0} % of the requests to {who} fail{since}", share * 100.0)))
}

/// What customers reach: behind an Ingress or a route, or what calls others and is called by none.
fn is_entry(situation: &Situation<'_>, entity: &Entity) -> bool {
    let calls = |of: &dyn Fn(&Entity, &Entity) -> bool| {
        situation.relations.iter().any(|(from, r, to, _)| *r == firstfault_model::Relation::Calls && of(from, to))
    };
    let selected = situation.relations.iter().any(|(from, r, to, _)| {
        *r == firstfault_model::Relation::Selects && to == entity && faces_customers(situation, from)
    });
    faces_customers(situation, entity) || selected || calls(&|from, _| from == entity) && !calls(&|_, to| to == entity)
}

/// What an Ingress, a route or a load balancer leads to.
fn faces_customers(situation: &Situation<'_>, entity: &Entity) -> bool {
    matches!(&*entity.kind, "Ingress" | "HTTPRoute" | "Gateway" | "load-balancer")
        || situation.relations.iter().any(|(from, relation, to, _)| {
            *relation == firstfault_model::Relation::RoutesTo
                && to == entity
                && matches!(&*from.kind, "Ingress" | "HTTPRoute" | "Gateway" | "load-balancer")
        })
}

fn names(entities: &[&Entity]) -> String {
    let names: Vec<String> = entities.iter().take(3).map(|e| crate::template::plain(e)).collect();
    names.join(", ")
}
