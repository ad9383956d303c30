//! What `kubectl top` shows at one moment, against the limits of the pods.

use firstfault_gather::{Object, World};
use firstfault_model::{Finding, Grade};

use super::amount::{bytes, digits, percent};
use super::{CPU_AT_LIMIT, MEMORY_FULL, MEMORY_GROWS, MEMORY_GROWS_TO_LIMIT, MEMORY_JUMPS};
use crate::merge::Merged;
use firstfault_model::Quantity;

/// At this share of its limit a pod has no room left.
const FULL: f64 = 0.9;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for metrics in world.kind("PodMetrics") {
        let Some(pod) = world.object("Pod", metrics.namespace.as_deref(), &metrics.name) else { continue };
        let carrier = world.carrier(pod);
        let at_limit = |resource: &str| {
            let (used, limit) = (used(metrics, resource)?, limit(world, pod, resource)?);
            (used >= FULL * limit && limit > 0.0).then_some((used, limit))
        };
        // One look does not tell what is so all the time: a hint, where no series says that it grows.
        let grows = merged.entities(&[MEMORY_GROWS.id, MEMORY_GROWS_TO_LIMIT.id, MEMORY_JUMPS.id]).contains(&carrier);
        if let Some((used, limit)) = at_limit("memory").filter(|_| !grows) {
            let what = format!("{}: memory {} of {}", metrics.name, bytes(used), bytes(limit));
            merged.add(
                Finding::new(&MEMORY_FULL, carrier.clone(), metrics.cite(&what))
                    .graded(Grade::Weak)
                    .with("level", bytes(used))
                    .with("share", percent(used / limit))
                    .with("limit", bytes(limit)),
            );
        }
        if let Some((used, limit)) = at_limit("cpu") {
            let what = format!("{}: CPU {} of {} cores", metrics.name, digits(used), digits(limit));
            merged.add(
                Finding::new(&CPU_AT_LIMIT, carrier, metrics.cite(&what))
                    .graded(Grade::Fair)
                    .with("now", digits(used))
                    .with("normal", "unknown")
                    .with("limit", digits(limit))
                    .with("share", percent(used / limit)),
            );
        }
    }
}

/// What all containers of a pod use together.
fn used(metrics: &Object, resource: &str) -> Option<f64> {
    let containers = metrics.at("containers").list().iter();
    let amounts: Vec<f64> =
        containers.filter_map(|c| Quantity::of(c.at("usage").get(resource)).map(Quantity::units)).collect();
    (!amounts.is_empty()).then(|| amounts.iter().sum())
}

/// The limits of all containers together; none where one has no limit.
fn limit(world: &World, pod: &Object, resource: &str) -> Option<f64> {
    let own = pod.at("spec.containers").list();
    let carrier = world.carrier(pod);
    let template = || world.object_of(&carrier).map_or(&[][..], |w| world.pod_spec(w).get("containers").list());
    let containers = if own.is_empty() { template() } else { own };
    if containers.is_empty() {
        return None;
    }
    containers.iter().map(|c| Quantity::of(c.at("resources.limits").get(resource)).map(Quantity::units)).sum()
}
