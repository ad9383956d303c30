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
