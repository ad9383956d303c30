use firstfault_gather::{Object, World};
use firstfault_model::{Finding, Grade};

use super::{DEADLINE, NEW_REVISION_UNREADY, ORDERED_WAIT, PAUSED, UNPLACED};
use crate::merge::Merged;
use crate::pod::{condition, is_new, is_ready, time};
use crate::scheduling::is_unscheduled;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for deployment in world.kind("Deployment").filter(|d| d.is_live()) {
        paused(deployment, merged);
        deadline(world, deployment, merged);
    }
    new_revisions(world, merged);
    for set in world.kind("StatefulSet").filter(|s| s.is_live()) {
        ordered(world, set, merged);
    }
}

fn paused(deployment: &Object, merged: &mut Merged) {
    let by_condition = condition(deployment, "Progressing").get("reason").text() == "DeploymentPaused";
    if deployment.at("spec.paused").as_bool() != Some(true) && !by_condition {
        return;
    }
    let wanted = deployment.at("spec.replicas").as_int();
    let updated = deployment.at("status.updatedReplicas").as_int().unwrap_or(0);
    let generation = deployment.at("metadata.generation").as_int();
    let waits = wanted.is_none_or(|wanted| updated < wanted)
        || generation > deployment.at("status.observedGeneration").as_int();
    let what =
        format!("Deployment {}: paused: true, {updated} of {} replicas updated", deployment.name, wanted.unwrap_or(0));
    merged.add(
        Finding::new(&PAUSED, deployment.entity(), deployment.cite(&what))
            .graded(if waits { Grade::Certain } else { Grade::Weak })
            .with("updated", updated.to_string())
            .with("wanted", wanted.unwrap_or(0).to_string()),
    );
}

fn deadline(world: &World, deployment: &Object, merged: &mut Merged) {
    let progressing = condition(deployment, "Progressing");
    if progressing.get("reason").text() == "ProgressDeadlineExceeded" {
        let what =
            format!("Deployment {}: ProgressDeadlineExceeded: {}", deployment.name, progressing.get("message").text());
        merged.add(
            Finding::new(&DEADLINE, deployment.entity(), deployment.cite(&what))
                .graded(Grade::Certain)
                .seen(time(progressing.get("lastTransitionTime")), world.now),
        );
    }
}

/// The newest ReplicaSet of a Deployment is not ready while an older one still has pods.
fn new_revisions(world: &World, merged: &mut Merged) {
    let mut sets: std::collections::BTreeMap<firstfault_model::Entity, Vec<&Object>> =
        std::collections::BTreeMap::new();
    for set in world.kind("ReplicaSet").filter(|s| s.is_live() && s.at("spec.replicas").as_int().is_some_and(|n| n > 0))
    {
        let owner = world.carrier(set);
        if owner.kind == "Deployment" {
            sets.entry(owner).or_default().push(set);
        }
    }
    for (deployment, mut sets) in sets.into_iter().filter(|(_, sets)| sets.len() >= 2) {
        sets.sort_by_key(|set| (revision(set), time(set.at("metadata.creationTimestamp")), set.name.clone()));
        let Some((newest, older)) = sets.split_last() else { continue };
        let ready = |set: &Object| set.at("status.readyReplicas").as_int().unwrap_or(0);
        let wanted = newest.at("spec.replicas").as_int().unwrap_or(0);
        if ready(newest) < wanted && older.iter().any(|set| ready(set) > 0) && !is_new(world, newest) {
            let what = format!(
                "ReplicaSet {}: {} of {wanted} replicas ready; the old revision still serves",
                newest.name,
                ready(newest)
            );
            merged.add(
                Finding::new(&NEW_REVISION_UNREADY, deployment, newest.cite(&what))
                    .graded(Grade::Certain)
                    .seen(time(newest.at("metadata.creationTimestamp")), world.now)
                    .with("revision", newest.name.as_str()),
            );
            unplaced(world, newest, merged);
        }
    }
}

/// Of the newest revision some pods exist, and none has a node.
fn unplaced(world: &World, newest: &Object, merged: &mut Merged) {
    let prefix = format!("{}-", newest.name);
    let mut pods = world
        .kind_in("Pod", newest.namespace.as_deref())
        .filter(|pod| pod.is_live() && pod.name.as_str().starts_with(&prefix))
        .peekable();
    let Some(first) = pods.peek().copied() else { return };
    if pods.all(|pod| is_unscheduled(pod) && !is_new(world, pod)) {
        let what = format!("Pod {}: Pending, no node; of the new revision {}", first.name, newest.name);
        merged.add(
            Finding::new(&UNPLACED, world.carrier(newest), first.cite(&what))
                .graded(Grade::Strong)
                .with("revision", newest.name.as_str())
                .with("pod", first.name.as_str()),
        );
    }
}

fn revision(set: &Object) -> i64 {
    set.at("metadata.annotations").get("deployment.kubernetes.io/revision").as_int().unwrap_or(0)
}

/// A StatefulSet with ordered pods makes no further pod before the one at hand is ready.
fn ordered(world: &World, set: &Object, merged: &mut Merged) {
    let Some(wanted) = set.at("spec.replicas").as_int() else { return };
    let parallel = set.at("spec.podManagementPolicy").text() == "Parallel";
    let made = (0..wanted.min(1000)).take_while(|i| pod_of(world, set, *i).is_some()).count() as i64;
    if parallel || made == 0 || made >= wanted || !world.coverage.complete("Pod", set.namespace.as_deref()) {
        return;
    }
    if let Some(pod) = pod_of(world, set, made - 1).filter(|pod| is_ready(pod) == Some(false)) {
        let what = format!("StatefulSet {}: pod {} is not ready, {made} of {wanted} pods made", set.name, pod.name);
        merged.add(
            Finding::new(&ORDERED_WAIT, set.entity(), pod.cite(&what))
                .graded(Grade::Certain)
                .with("pod", pod.name.as_str()),
        );
    }
}

fn pod_of<'a>(world: &'a World, set: &Object, ordinal: i64) -> Option<&'a Object> {
    world.object("Pod", set.namespace.as_deref(), &format!("{}-{ordinal}", set.name))
}
