//! Service accounts that workloads name and that do not exist.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};

use super::ACCOUNT_MISSING;
use super::refusals::lacks_pods;
use crate::merge::Merged;
use crate::pod::pod_spec;

const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"];

/// Workloads that lack pods and whose account a complete listing does not have.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    for kind in KINDS {
        for workload in world.kind(kind).filter(|workload| workload.is_live()) {
            let Some(account) = missing_account(world, workload) else { continue };
            if lacks_pods(world, &workload.entity()) == Some(false) {
                continue;
            }
            let what =
                format!("{kind} {}: serviceAccountName: {}, which is not in the listing", workload.name, account.name);
            let name = account.name.to_string();
            merged.add(
                Finding::new(&ACCOUNT_MISSING, world.carrier(workload), workload.cite(&what))
                    .graded(Grade::Certain)
                    .with("account", name)
                    .about(account),
            );
        }
    }
}

fn missing_account(world: &World, workload: &Object) -> Option<Entity> {
    let spec = pod_spec(workload);
    let name = spec.get("serviceAccountName").as_str().or_else(|| spec.get("serviceAccount").as_str())?;
    let namespace = workload.namespace.clone();
    (!name.is_empty() && name != "default" && world.is_missing("ServiceAccount", namespace.as_deref(), name))
        .then(|| Entity { kind: "ServiceAccount".into(), namespace, name: name.into() })
}
