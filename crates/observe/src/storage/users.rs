//! Who mounts which claim?

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Name};

use crate::pod::pod_spec;

/// Workloads by the claims that they mount.
pub(super) struct Users<'w> {
    by_claim: BTreeMap<(Option<Name>, String), User<'w>>,
    sets: Vec<&'w Object>,
}

/// A workload that mounts a claim, and the object whose spec says so.
#[derive(Clone)]
pub(super) struct User<'w> {
    pub(super) carrier: Entity,
    pub(super) object: Option<&'w Object>,
}

const KINDS: &[&str] = &["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"];

impl<'w> Users<'w> {
    /// Reads the volumes of all pods and templates.
    pub(super) fn new(world: &'w World) -> Self {
        let mut by_claim = BTreeMap::new();
        for kind in KINDS {
            for object in
                world.kind(kind).filter(|o| !(o.kind == "ReplicaSet" && o.at("spec.replicas").as_int() == Some(0)))
            {
                for claim in claims(object) {
                    let user = || User { carrier: world.carrier(object), object: Some(object) };
                    by_claim.entry((object.namespace.clone(), claim)).or_insert_with(user);
                }
            }
        }
        let sets =
            world.kind("StatefulSet").filter(|set| !set.at("spec.volumeClaimTemplates").list().is_empty()).collect();
        Self { by_claim, sets }
    }

    /// Every claim that somebody mounts.
    pub(super) fn claims(&self) -> impl Iterator<Item = (&(Option<Name>, String), &User<'w>)> {
        self.by_claim.iter()
    }

    /// Who mounts a claim, also by the rule that StatefulSets name them after: `TEMPLATE-SET-0`.
    pub(super) fn of(&self, world: &World, claim: &Object) -> Option<User<'w>> {
        if let Some(user) = self.by_claim.get(&(claim.namespace.clone(), claim.name.to_string())) {
            return Some(user.clone());
        }
        let set = self.sets.iter().find(|set| set.namespace == claim.namespace && is_of_template(set, &claim.name));
        if let Some(set) = set {
            return Some(User { carrier: set.entity(), object: Some(set) });
        }
        let printed = claim.at("status.printedUsedBy").list().iter().filter_map(|user| user.as_str());
        printed.into_iter().next().map(|pod| {
            let pod = Entity { kind: "Pod".into(), namespace: claim.namespace.clone(), name: pod.into() };
            User { carrier: world.carrier_of(&pod), object: None }
        })
    }
}

fn is_of_template(set: &Object, claim: &str) -> bool {
    set.at("spec.volumeClaimTemplates").list().iter().any(|template| {
        let prefix = format!("{}-{}-", template.at("metadata.name").text(), set.name);
        claim
            .strip_prefix(&prefix)
            .is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn claims(object: &Object) -> Vec<String> {
    let volumes = pod_spec(object).get("volumes").list().iter();
    volumes.filter_map(|volume| volume.at("persistentVolumeClaim.claimName").as_str()).map(str::to_owned).collect()
}
