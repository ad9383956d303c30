//! Pods that are not created although nothing that was collected says why: what the objects themselves rule in
//! and out.

use firstfault_gather::{Object, World};
use firstfault_model::{Finding, Grade, Value};
use jiff::SignedDuration;

use super::{CREATES_NO_PODS, LIMIT_RANGE};
use crate::merge::Merged;
use crate::pod::{age, condition, time};
use crate::scheduling::ask::{amounts, template};
use firstfault_model::Quantity;

/// A controller creates the pods of a new workload within seconds.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// Says of each workload whose pods are refused what may refuse them.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    for set in world.kind("ReplicaSet").filter(|set| set.is_live()) {
        let number = |path: &str| set.at(path).as_int();
        let failure = condition(set, "ReplicaFailure");
        let said = failure.get("status").text() == "True" && failure.get("reason").text() == "FailedCreate";
        let (Some(wanted), Some(there)) = (number("spec.replicas"), number("status.replicas")) else { continue };
        if there >= wanted || !(said || is_settled(world, set) && are_not_there(world, set, wanted)) {
            continue;
        }
        let what = format!("ReplicaSet {}: {there} of {wanted} pods exist", set.name);
        let what = if said { format!("{what}, ReplicaFailure=True FailedCreate") } else { what };
        let finding = |declaration| {
            let finding = Finding::new(declaration, world.carrier(set), set.cite(&what));
            finding.with("wanted", wanted.to_string()).with("there", there.to_string())
        };
        if let Some((range, rule)) = broken_rule(world, set) {
            let place = range.cite(&format!("LimitRange {}: {rule}", range.name));
            merged.add(finding(&LIMIT_RANGE).citing([place]).about(range.entity()).with("rule", rule));
        }
        let grade = if said { Grade::Certain } else { Grade::Strong };
        merged.add(finding(&CREATES_NO_PODS).graded(grade).with("left", may_refuse(world, set)));
    }
}

/// Whether the set is old enough for its pods to be there.
fn is_settled(world: &World, set: &Object) -> bool {
    let printed = set.at("metadata.printedAge").as_int().map(SignedDuration::from_secs);
    let made = age(world, time(set.at("metadata.creationTimestamp")));
    let stuck = world
        .object_of(&world.carrier(set))
        .is_some_and(|owner| condition(owner, "Progressing").get("reason").text() == "ProgressDeadlineExceeded");
    stuck || printed.or(made).is_some_and(|age| age > PATIENCE)
}

/// Whether all pods were listed, and there are fewer of the set than wanted, leaving ones included.
fn are_not_there(world: &World, set: &Object, wanted: i64) -> bool {
    let namespace = set.namespace.as_deref();
    let prefix = format!("{}-", set.name);
    let pods = world.kind_in("Pod", namespace).filter(|pod| pod.name.as_str().starts_with(&prefix)).count();
    world.coverage.complete("Pod", namespace) && i64::try_from(pods).unwrap_or(i64::MAX) < wanted
}

/// What may refuse a pod, without what was looked for and is not there.
fn may_refuse(world: &World, set: &Object) -> String {
    let namespace = set.namespace.as_deref();
    let mut left = vec!["Pod Security", "an admission policy or webhook"];
    for (kind, what) in [("ResourceQuota", "a quota"), ("LimitRange", "a LimitRange")] {
        if !world.coverage.complete(kind, namespace) || world.kind_in(kind, namespace).any(Object::is_live) {
            left.push(what);
        }
    }
    left.push("a service account, PriorityClass or RuntimeClass that does not exist");
    left.join(", ")
}

/// A limit range that the template breaks, and in what.
fn broken_rule<'w>(world: &'w World, set: &'w Object) -> Option<(&'w Object, String)> {
    let containers = template(set).at("spec.containers").list();
    world.kind_in("LimitRange", set.namespace.as_deref()).filter(|range| range.is_live()).find_map(|range| {
        let limits = range.at("spec.limits").list().iter().filter(|limit| limit.at("type").text() == "Container");
        let mut rules = limits.flat_map(|limit| containers.iter().filter_map(|one| breaks(one, limit)));
        rules.next().map(|rule| (range, rule))
    })
}

/// In what a container breaks a limit. Without requests of its own it requests its limits.
fn breaks(container: &Value, limit: &Value) -> Option<String> {
    let limits = amounts(container.at("resources.limits"));
    let mut requests = limits.clone();
    requests.extend(amounts(container.at("resources.requests")));
    let name = container.at("name").text();
    let above = amounts(limit.at("max")).into_iter().find_map(|(resource, most)| {
        let asked = limits.get(&resource).or(requests.get(&resource)).filter(|asked| **asked > most)?;
        Some(describe("maximum", &resource, most, name, *asked))
    });
    above.or_else(|| {
        amounts(limit.at("min")).into_iter().find_map(|(resource, least)| {
            let asked = requests.get(&resource).filter(|asked| **asked < least)?;
            Some(describe("minimum", &resource, least, name, *asked))
        })
    })
}

fn describe(bound: &str, resource: &str, amount: Quantity, container: &str, asked: Quantity) -> String {
    let (amount, asked) = (amount.show(resource), asked.show(resource));
    format!("{bound} {resource} usage per container is {amount}, container {container} asks for {asked}")
}

#[cfg(test)]
mod tests {
    use super::super::detect;
    use crate::sample::{Sample, ids};

    fn refused(cpu: &str) -> Sample {
        let set = format!(
            r#"{{"spec":{{"replicas":2,"template":{{"spec":{{"containers":[{{"name":"mill","resources":{{"limits":{{"cpu":"{cpu}"}}}}}}]}}}}}},
            "status":{{"replicas":0,"conditions":[{{"type":"ReplicaFailure","status":"True","reason":"FailedCreate"}}]}}}}"#
        );
        Sample::default()
            .api("ReplicaSet/grain/mill-5d", &set)
            .api(
                "LimitRange/grain/bounds",
                r#"{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"10m"}}]}}"#,
            )
            .listed(&["Pod", "ResourceQuota", "LimitRange"])
    }

    #[test]
    fn a_limit_above_the_maximum_is_the_reason() {
        let found = refused("1500m").found(detect);
        assert_eq!(ids(&found), ["admission.limit-range-violated", "workload.creates-no-pods"]);
    }

    #[test]
    fn inside_the_range_only_the_class_of_the_cause_is_known() {
        let found = refused("900m").found(detect);
        assert_eq!(ids(&found), ["workload.creates-no-pods"]);
        let left = found[0].field("left");
        assert!(left.contains("LimitRange") && left.contains("webhook") && !left.contains("quota"), "{left}");
    }
}
