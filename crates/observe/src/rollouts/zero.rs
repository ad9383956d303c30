use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Evidence, Finding, Grade, Place, Relation};

use super::NEEDED_BUT_ZERO;
use crate::merge::Merged;
use crate::words::{is_asked_about, names};

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for kind in ["Deployment", "StatefulSet"] {
        for workload in world.kind(kind).filter(|w| w.is_live() && w.at("spec.replicas").as_int() == Some(0)) {
            let Some((need, grade, evidence)) = need(world, workload) else { continue };
            let what = format!("{kind} {}: replicas: 0, and {need}", workload.name);
            merged.add(
                Finding::new(&NEEDED_BUT_ZERO, workload.entity(), workload.cite(&what))
                    .graded(grade)
                    .with("need", need)
                    .citing(evidence),
            );
        }
    }
}

/// Who needs a workload that has no replicas, and how sure that is.
fn need(world: &World, workload: &Object) -> Option<(String, Grade, Option<Evidence>)> {
    if is_asked_about(world, &workload.entity()) {
        return Some(("the incident is about it".into(), Grade::Certain, None));
    }
    if let Some(autoscaler) = autoscaler(world, workload) {
        let what = format!("HorizontalPodAutoscaler {} is to scale it", autoscaler.name);
        return Some((what.clone(), Grade::Fair, Some(autoscaler.cite(&what))));
    }
    let services: Vec<Entity> = services(world, workload);
    if let Some(evidence) = complaint(world, workload, &services) {
        return Some(("another workload fails for want of it".into(), Grade::Certain, Some(evidence)));
    }
    let mine = workload.entity();
    for (from, relation, to, evidence) in &world.relations {
        let me = *to == mine || services.contains(to);
        if me && matches!(relation, Relation::Calls | Relation::RoutesTo) && *from != mine {
            return Some((format!("{from} needs it"), Grade::Strong, Some(evidence.clone())));
        }
    }
    // A Service alone needs nothing: what sleeps on purpose keeps its Service. It does not sleep if
    // it was sent to sleep just now.
    let just_now = world.events_about(&mine).find(|e| e.reason == "ScalingReplicaSet" && ends_at_zero(&e.message));
    let just_now = just_now.filter(|_| !services.is_empty())?;
    Some(("a Service selects it, and it was scaled down lately".into(), Grade::Fair, Some(just_now.cite())))
}

/// "Scaled down replica set web-5d9c7b8f4d from 3 to 0", and without "from 3" as older versions say it.
fn ends_at_zero(message: &str) -> bool {
    message.starts_with("Scaled down") && (message.ends_with(" to 0") || message.contains(" to 0 from "))
}

fn autoscaler<'a>(world: &'a World, workload: &'a Object) -> Option<&'a Object> {
    world.kind_in("HorizontalPodAutoscaler", workload.namespace.as_deref()).find(|h| {
        h.at("spec.scaleTargetRef.kind").text() == &*workload.kind
            && h.at("spec.scaleTargetRef.name").text() == &*workload.name
            && h.at("spec.minReplicas").as_int().unwrap_or(1) > 0
    })
}

/// The Services whose selector fits the template's labels.
fn services(world: &World, workload: &Object) -> Vec<Entity> {
    let labels = workload.at("spec.template.metadata.labels");
    let labels = if labels.is_null() { workload.at("spec.selector.matchLabels") } else { labels };
    world
        .kind_in("Service", workload.namespace.as_deref())
        .filter(|service| {
            let selector = service.at("spec.selector");
            selector.entries().next().is_some() && selector.entries().all(|(key, value)| labels.get(key) == value)
        })
        .map(Object::entity)
        .collect()
}

/// A record of somebody else that names it beside a failure.
fn complaint(world: &World, workload: &Object, services: &[Entity]) -> Option<Evidence> {
    let mine = workload.entity();
    for log in world.logs.iter().filter(|log| world.carrier_of(&log.entity) != mine) {
        for shape in log.digest.warnings() {
            let text = shape.example.text.as_str();
            if fails(text) && (names(text, &workload.name) || services.iter().any(|s| names(text, &s.name))) {
                return Some(Evidence {
                    place: Place::line(&log.path, shape.example.line),
                    excerpt: shape.example.text.clone(),
                });
            }
        }
    }
    None
}

fn fails(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "refused",
        "unavailable",
        "no healthy upstream",
        "503",
        "timed out",
        "timeout",
        "no endpoints",
        "unreachable",
        "connect",
        "no route",
    ]
    .iter()
    .any(|word| text.contains(word))
}
