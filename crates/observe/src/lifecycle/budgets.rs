//! Budgets that let no pod go.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{BUDGET_ASKED, BUDGET_BLOCKS, EVICTION_DENIED};
use crate::merge::Merged;
use crate::pod::{is_done, is_ready};
use crate::words::is_asked_about;

pub(super) fn judge(world: &World, budget: &Object, merged: &mut Merged) {
    let allowed = budget.at("status.disruptionsAllowed").as_int();
    let healthy = budget.at("status.currentHealthy").as_int();
    let expected = budget.at("status.expectedPods").as_int();
    let well = match (healthy, expected) {
        (Some(healthy), Some(expected)) => expected > 0 && healthy >= expected,
        _ => forbids_by_spec(budget),
    };
    let asked = is_what_is_asked(world, budget) && (well || all_are_ready(world, budget));
    if allowed != Some(0) || !(well || asked) {
        return;
    }
    let spec = budget.at("spec");
    let rule = if spec.get("maxUnavailable").is_null() {
        format!("minAvailable: {}", spec.get("minAvailable").show())
    } else {
        format!("maxUnavailable: {}", spec.get("maxUnavailable").show())
    };
    let what = format!("PodDisruptionBudget {}: {rule}, disruptionsAllowed: 0", budget.name);
    let finding = |declaration| {
        let finding = Finding::new(declaration, budget.entity(), budget.cite(&what));
        finding.graded(Grade::Certain).with("rule", rule.clone())
    };
    if asked {
        merged.add(finding(&BUDGET_ASKED));
    }
    merged.add(finding(&BUDGET_BLOCKS));
}

/// A table prints neither whom a budget guards nor how many of them are well: none is ill where every pod of
/// its namespace is ready.
fn all_are_ready(world: &World, budget: &Object) -> bool {
    let namespace = budget.namespace.as_deref();
    let mut pods = world.kind_in("Pod", namespace).filter(|pod| pod.is_live() && !is_done(pod)).peekable();
    let listed = !budget.has_spec() && world.coverage.complete("Pod", namespace);
    listed && pods.peek().is_some() && pods.all(|pod| is_ready(pod) == Some(true))
}

/// Whether the person asks why a drain or an eviction does not end, and this is the budget in the way: it is
/// where they ask, or no other allows nothing.
fn is_what_is_asked(world: &World, budget: &Object) -> bool {
    let symptom = world.incident.symptom.as_deref().unwrap_or("").to_ascii_lowercase();
    let mut words = symptom.split(|c: char| !c.is_ascii_alphanumeric());
    let asks = words.any(|word| {
        matches!(word, "drain" | "drains" | "draining" | "drained" | "evict" | "evicted" | "eviction" | "evictions")
    });
    let namespace = budget.namespace.as_deref();
    let about = &world.incident.about;
    let here = is_asked_about(world, &budget.entity())
        || about.iter().any(|about| about.kind == "Namespace" && Some(about.name.as_str()) == namespace);
    let others = || world.kind("PodDisruptionBudget").filter(|other| other.is_live() && allows_none(other)).count();
    asks && (here || about.is_empty() && others() == 1)
}

fn allows_none(budget: &Object) -> bool {
    budget.at("status.disruptionsAllowed").as_int() == Some(0)
}

/// `maxUnavailable: 0` or `minAvailable: 100%`.
fn forbids_by_spec(budget: &Object) -> bool {
    let shown = |field: &str| budget.at("spec").get(field).show();
    matches!(shown("maxUnavailable").as_str(), "0" | "0%") || shown("minAvailable") == "100%"
}

/// "Cannot evict pod as it would violate the pod's disruption budget."
pub(super) fn denied(world: &World, merged: &mut Merged) {
    const REFUSAL: &str = "violate the pod's disruption budget";
    for error in world.errors.iter().filter(|e| e.message.contains(REFUSAL)) {
        let (pod, rest) = match error.message.split_once("pods/\"").or_else(|| error.message.split_once("pod \"")) {
            Some((_, rest)) => rest.split_once('"').unwrap_or((rest, "")),
            None => ("", error.message.as_str()),
        };
        let namespace = rest.split_once("-n \"").and_then(|(_, rest)| rest.split('"').next());
        if let Some(budget) = budget_of(world, pod, namespace) {
            merged.add(Finding::new(&EVICTION_DENIED, budget, error.evidence.clone()).with("pod", pod));
        }
    }
    for event in world.events.iter().filter(|e| e.message.contains(REFUSAL)) {
        let namespace = event.about.namespace.as_deref();
        if let Some(budget) = budget_of(world, &event.about.name, namespace) {
            merged.add(
                Finding::new(&EVICTION_DENIED, budget, event.cite())
                    .seen(event.first, event.last)
                    .with("pod", event.about.name.as_str()),
            );
        }
    }
}

/// The budget that holds a pod: the one whose selector fits its labels, else the only one that
/// allows nothing.
fn budget_of(world: &World, pod: &str, namespace: Option<&str>) -> Option<Entity> {
    let pod = world.kind("Pod").find(|p| p.name == *pod && namespace.is_none_or(|n| p.namespace.as_deref() == Some(n)));
    let tight = || {
        world.kind("PodDisruptionBudget").filter(|b| {
            b.at("status.disruptionsAllowed").as_int() == Some(0)
                && namespace.is_none_or(|n| b.namespace.as_deref() == Some(n))
        })
    };
    let fits = |budget: &&Object| {
        pod.is_some_and(|pod| {
            let selector = budget.at("spec.selector.matchLabels");
            budget.namespace == pod.namespace
                && selector.entries().next().is_some()
                && selector.entries().all(|(key, value)| pod.label(key) == value.text())
        })
    };
    let only = || (tight().count() == 1).then(|| tight().next()).flatten();
    tight().find(fits).or_else(only).map(Object::entity)
}
