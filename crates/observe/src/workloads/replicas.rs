use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{MISSING, NOT_PROGRESSING, SCALED_TO_ZERO, UNAVAILABLE};
use crate::merge::Merged;
use crate::pod::{SERVING, condition, is_done, is_leaving, is_new, is_ready, is_replaced, runs_to_an_end, time};

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let mut judged = BTreeMap::new();
    for kind in SERVING {
        for workload in world.kind(kind) {
            let carrier = world.carrier(workload);
            if carrier != workload.entity() {
                continue; // a ReplicaSet of a Deployment
            }
            if missing(world, workload, merged) {
                continue;
            }
            scaled_to_zero(workload, merged);
            not_progressing(world, workload, merged);
            if let Some((ready, wanted)) = replicas(workload) {
                judged.insert(workload.entity(), ());
                unavailable(world, workload, ready, wanted, merged);
            }
        }
    }
    by_their_pods(world, &judged, merged);
}

fn missing(world: &World, workload: &Object, merged: &mut Merged) -> bool {
    let namespace = workload.namespace.as_deref();
    if workload.is_live() || !world.is_missing(&workload.kind, namespace, &workload.name) {
        return false;
    }
    let what = format!("{} {} is in a manifest, and not in the listing of the cluster", workload.kind, workload.name);
    merged.add(Finding::new(&MISSING, workload.entity(), workload.cite(&what)).with("kind", workload.kind.as_str()));
    true
}

/// Ready and wanted replicas. An unset number in a whole object is none.
pub(crate) fn replicas(workload: &Object) -> Option<(i64, i64)> {
    if workload.kind == "DaemonSet" {
        let wanted = workload.at("status.desiredNumberScheduled").as_int()?;
        return Some((workload.at("status.numberReady").as_int()?, wanted));
    }
    let wanted = workload.at("spec.replicas").as_int().or_else(|| workload.at("status.replicas").as_int())?;
    let ready =
        workload.at("status.readyReplicas").as_int().or_else(|| workload.at("status.availableReplicas").as_int());
    let none = (workload.is_whole() && !workload.at("status").is_null()).then_some(0);
    Some((ready.or(none)?, wanted))
}

fn scaled_to_zero(workload: &Object, merged: &mut Merged) {
    if workload.is_live() && workload.at("spec.replicas").as_int() == Some(0) {
        let what = format!("{} {}: replicas: 0", workload.kind, workload.name);
        merged.add(
            Finding::new(&SCALED_TO_ZERO, workload.entity(), workload.cite(&what))
                .graded(Grade::Certain)
                .with("kind", workload.kind.as_str()),
        );
    }
}

fn unavailable(world: &World, workload: &Object, ready: i64, wanted: i64, merged: &mut Merged) {
    if ready >= wanted || !workload.is_live() {
        return;
    }
    let since = time(condition(workload, "Available").get("lastTransitionTime"));
    let grade = if is_new(world, workload) { Grade::Weak } else { Grade::Certain };
    let what = format!("{} {}: {ready} of {wanted} replicas are ready", workload.kind, workload.name);
    merged.add(
        Finding::new(&UNAVAILABLE, workload.entity(), workload.cite(&what))
            .graded(grade)
            .seen(since, world.now)
            .with("ready", ready.to_string())
            .with("wanted", wanted.to_string())
            .with("extent", if ready == 0 { "wholly" } else { "partly" }),
    );
}

fn not_progressing(world: &World, workload: &Object, merged: &mut Merged) {
    for (kind, bad) in [("Progressing", "False"), ("ReplicaFailure", "True")] {
        let condition = condition(workload, kind);
        if condition.get("status").text() != bad {
            continue;
        }
        let reason = condition.get("reason").text();
        let what =
            format!("{} {}: {kind}={bad} {reason} {}", workload.kind, workload.name, condition.get("message").text());
        merged.add(
            Finding::new(&NOT_PROGRESSING, workload.entity(), workload.cite(what.trim_end()))
                .graded(Grade::Certain)
                .seen(time(condition.get("lastTransitionTime")), world.now)
                .with("reason", reason),
        );
    }
}

/// Workloads whose own object was not seen, and bare pods, are judged by their pods.
fn by_their_pods(world: &World, judged: &BTreeMap<Entity, ()>, merged: &mut Merged) {
    let mut counts: BTreeMap<Entity, (i64, i64, &Object)> = BTreeMap::new();
    for pod in world.kind("Pod").filter(|pod| pod.is_live() && !is_leaving(pod) && !is_replaced(world, pod)) {
        let carrier = world.carrier(pod);
        if judged.contains_key(&carrier) {
            continue;
        }
        let ended = is_done(pod) || (runs_to_an_end(&carrier) && finished(world, &carrier));
        let well = ended || is_ready(pod).unwrap_or(!matches!(pod.at("status.phase").text(), "Pending" | "Failed"));
        let count = counts.entry(carrier).or_insert((0, 0, pod));
        count.1 += 1;
        if well {
            count.0 += 1;
        } else {
            count.2 = pod;
        }
    }
    for (carrier, (ready, wanted, pod)) in counts {
        if ready >= wanted {
            continue;
        }
        let what =
            format!("Pod {}: {} is not ready ({ready} of {wanted} pods are)", pod.name, pod.at("status.phase").text());
        merged.add(
            Finding::new(&UNAVAILABLE, carrier, pod.cite(&what))
                .graded(if is_new(world, pod) { Grade::Weak } else { Grade::Strong })
                .seen(time(condition(pod, "Ready").get("lastTransitionTime")), world.now)
                .with("ready", ready.to_string())
                .with("wanted", wanted.to_string())
                .with("extent", if ready == 0 { "wholly" } else { "partly" }),
        );
    }
}

/// Whether a Job has come to its end in the end, failed pods or not.
fn finished(world: &World, carrier: &Entity) -> bool {
    world.object_of(carrier).is_some_and(|job| {
        condition(job, "Complete").get("status").text() == "True"
            || job.at("status.succeeded").as_int().is_some_and(|n| n > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::super::detect;
    use crate::sample::{Sample, ids};

    #[test]
    fn too_few_replicas_are_said_with_their_numbers() {
        let world = Sample::default()
            .api("Deployment/shop/api", r#"{"spec":{"replicas":3},"status":{"replicas":3,"readyReplicas":1}}"#);
        let found = world.found(detect);
        assert_eq!(ids(&found), ["workload.unavailable"]);
        assert_eq!((found[0].field("ready"), found[0].field("extent")), ("1", "partly"));
    }

    #[test]
    fn zero_replicas_are_not_unavailable() {
        let world = Sample::default()
            .api("Deployment/shop/old", r#"{"spec":{"replicas":0},"status":{"observedGeneration":2}}"#);
        assert_eq!(ids(&world.found(detect)), ["workload.scaled-to-zero"]);
    }

    #[test]
    fn only_a_complete_listing_makes_a_manifest_missing() {
        let asked = || Sample::default().manifest("Deployment/shop/api", r#"{"spec":{"replicas":1}}"#);
        assert!(asked().found(detect).is_empty());
        assert_eq!(ids(&asked().listed(&["Deployment"]).found(detect)), ["workload.missing"]);
    }

    #[test]
    fn a_done_pod_is_well() {
        let world = Sample::default().api("Pod/shop/once", r#"{"status":{"phase":"Succeeded"}}"#);
        assert!(world.found(detect).is_empty());
    }
}
