//! Objects that do not go away, and budgets that let no pod go.

mod budgets;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade, Value};
use jiff::{SignedDuration, Timestamp};

use crate::merge::Merged;
use crate::pod::{age, condition, time};
use crate::registry::declare;

declare! {
    /// Deletion was asked for, and a finalizer holds it.
    FINALIZER = "lifecycle.held-by-finalizer", "is held in deletion by a finalizer", Never, State;
    /// A namespace cannot be emptied.
    NAMESPACE_STUCK = "lifecycle.namespace-stuck", "is a namespace that does not come to the end of its deletion", Never, State;
    /// Its content cannot be listed, for an API group does not answer.
    DISCOVERY = "lifecycle.namespace-held-by-api-group", "cannot be deleted because an API group does not answer", Never, State;
    /// A pod was to end long ago.
    POD_STUCK = "lifecycle.pod-stuck-terminating", "has pods that do not come to their end", Rarely, State;
    /// A budget allows no eviction although its pods are well.
    BUDGET_BLOCKS = "budget.allows-no-eviction", "allows no eviction although its pods are well", Sometimes, State;
    /// It allows none, and a drain or an eviction is what is asked about.
    BUDGET_ASKED = "budget.blocks-what-is-asked", "allows no eviction, and it is one that does not come to its end", Never, State;
    /// Somebody tried, and was refused.
    EVICTION_DENIED = "budget.eviction-denied", "refused an eviction", Never, Infrastructure;
}

/// What has been going away for longer than this is stuck.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for object in world.objects.values().filter(|o| o.is_live() && is_going(o)) {
        going(world, object, &mut merged);
    }
    for budget in world.kind("PodDisruptionBudget").filter(|b| b.is_live()) {
        budgets::judge(world, budget, &mut merged);
    }
    budgets::denied(world, &mut merged);
    merged.into(findings);
}

fn is_going(object: &Object) -> bool {
    !object.at("metadata.deletionTimestamp").is_null()
        || (object.at("status.phase").text() == "Terminating"
            && matches!(object.kind.as_str(), "Namespace" | "PersistentVolumeClaim" | "PersistentVolume"))
}

fn going(world: &World, object: &Object, merged: &mut Merged) {
    let since = time(object.at("metadata.deletionTimestamp"));
    let patience = if object.kind == "Pod" { PATIENCE } else { SignedDuration::from_mins(2) };
    let young = age(world, since).is_some_and(|age| age < patience);
    if object.kind == "Namespace" {
        // Its controller has tried and says what is left: no need to wait longer.
        let tried = condition(object, "NamespaceFinalizersRemaining").get("status").text() == "True";
        if tried || !young {
            namespace(world, object, merged);
        }
        return;
    }
    if young && !is_newest(world, object, since) {
        return;
    }
    let finalizers: Vec<&str> = object.at("metadata.finalizers").list().iter().map(|f| f.text()).collect();
    let what = format!(
        "{} {}: deletionTimestamp {}, finalizers: [{}]",
        object.kind,
        object.name,
        object.at("metadata.deletionTimestamp").show(),
        finalizers.join(", ")
    );
    let declaration = match (finalizers.is_empty(), object.kind.as_str()) {
        (false, _) => &FINALIZER,
        (true, "Pod") if since.is_some() => &POD_STUCK,
        _ => return,
    };
    let mut finding = Finding::new(declaration, world.carrier(object), object.cite(&what))
        .graded(if young { Grade::Strong } else { Grade::Certain })
        .seen(since, world.now)
        .with("object", object.name.as_str())
        .with("kind", object.kind.as_str())
        .with("finalizer", finalizers.first().copied().unwrap_or(""));
    if let Some(node) = object.at("spec.nodeName").as_str() {
        finding = finding.with("node", node).about(Entity::new("Node", node));
    }
    merged.add(finding);
}

/// Whether the deletion is itself the newest moment that the evidence knows, so that its age is not known.
/// Only what is deleted at once can be judged then: pods and what Kubernetes protects take their time.
fn is_newest(world: &World, object: &Object, since: Option<Timestamp>) -> bool {
    let own = |finalizer: &Value| {
        let name = finalizer.text();
        name.contains('/') && !name.split('/').next().is_some_and(|domain| domain.ends_with("kubernetes.io"))
    };
    let moment = SignedDuration::from_secs(15);
    object.kind != "Pod"
        && object.at("metadata.finalizers").list().iter().any(own)
        && age(world, since).is_some_and(|age| age < moment)
}

fn namespace(world: &World, namespace: &Object, merged: &mut Merged) {
    let since = time(namespace.at("metadata.deletionTimestamp"));
    let text = |kind: &str| {
        let condition = condition(namespace, kind);
        (condition.get("status").text() == "True").then(|| condition.get("message").text())
    };
    let remaining = text("NamespaceFinalizersRemaining").or_else(|| text("NamespaceContentRemaining"));
    let held = held_inside(world, namespace);
    let discovery = text("NamespaceDeletionDiscoveryFailure");
    let own = namespace.at("spec.finalizers").list().iter().map(|f| f.text()).find(|f| *f != "kubernetes");
    let finalizer = held.map_or_else(
        || remaining.and_then(finalizer_in).or(own).unwrap_or(""),
        |object| object.at("metadata.finalizers.0").text(),
    );
    let what = format!(
        "Namespace {}: Terminating; {}",
        namespace.name,
        discovery.or(remaining).unwrap_or("its deletion has not ended")
    );
    let declaration = if discovery.is_some() { &DISCOVERY } else { &NAMESPACE_STUCK };
    let mut finding = Finding::new(declaration, namespace.entity(), namespace.cite(&what))
        .graded(if since.is_some() || remaining.is_some() || discovery.is_some() {
            Grade::Certain
        } else {
            Grade::Fair
        })
        .seen(since, world.now)
        .with("finalizer", finalizer)
        .with("remaining", remaining.unwrap_or(""));
    if let Some(object) = held {
        finding = finding.about(object.entity()).citing([object.cite_at("metadata.finalizers")]);
    }
    merged.add(finding);
}

/// "Some content in the namespace has finalizers remaining: acme.io/cleanup in 1 resource instances".
fn finalizer_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("finalizers remaining: ")?;
    rest.split_whitespace().next()
}

/// The first object inside that is going and has a finalizer.
fn held_inside<'a>(world: &'a World, namespace: &Object) -> Option<&'a Object> {
    world.objects.values().find(|object| {
        object.namespace.as_ref() == Some(&namespace.name)
            && is_going(object)
            && !object.at("metadata.finalizers").list().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, ids};

    fn at(mut sample: Sample) -> Sample {
        sample.0.now = "2030-01-01T01:00:00Z".parse().ok();
        sample
    }

    #[test]
    fn a_namespace_names_the_object_and_the_finalizer_that_hold_it() {
        let world = at(Sample::default()
            .api(
                "Namespace/old",
                r#"{"metadata":{"deletionTimestamp":"2030-01-01T00:00:00Z"},"status":{"phase":"Terminating"}}"#,
            )
            .api(
                "Cache/old/main",
                r#"{"metadata":{"deletionTimestamp":"2030-01-01T00:00:00Z","finalizers":["caches.acme.io/drop"]}}"#,
            ));
        let found = world.found(detect);
        assert_eq!(ids(&found), ["lifecycle.held-by-finalizer", "lifecycle.namespace-stuck"]);
        assert!(found.iter().all(|f| f.field("finalizer") == "caches.acme.io/drop"));
    }

    #[test]
    fn a_deletion_of_a_moment_ago_is_not_stuck() {
        let world =
            at(Sample::default().api("Namespace/old", r#"{"metadata":{"deletionTimestamp":"2030-01-01T00:59:30Z"}}"#));
        assert!(world.found(detect).is_empty());
    }

    #[test]
    fn a_budget_blocks_only_while_its_pods_are_well() {
        let budget = |healthy: u8| {
            let body = format!(
                r#"{{"spec":{{"minAvailable":2}},"status":{{"disruptionsAllowed":0,"currentHealthy":{healthy},"expectedPods":2}}}}"#
            );
            ids(&Sample::default().api("PodDisruptionBudget/shop/cart", &body).found(detect))
        };
        assert_eq!(budget(2), ["budget.allows-no-eviction"]);
        assert!(budget(1).is_empty());
    }
}
