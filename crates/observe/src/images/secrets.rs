use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{NO_PULL_SECRET, PULL_SECRET_MISSING};
use crate::merge::Merged;
use crate::pod::pod_spec;

/// Which pull secrets the pod and its account name, and whether they exist.
pub(super) fn judge(world: &World, pod: &Object, carrier: &Entity, merged: &mut Merged) {
    let namespace = pod.namespace.as_deref();
    let account_name = match pod.at("spec.serviceAccountName").text() {
        "" => "default",
        name => name,
    };
    let account = world.object("ServiceAccount", namespace, account_name);
    let workload = world.object_of(carrier);
    let mut named: Vec<&str> = Vec::new();
    for list in [
        Some(pod.at("spec.imagePullSecrets")),
        workload.map(|w| pod_spec(w).get("imagePullSecrets")),
        account.map(|a| a.at("imagePullSecrets")),
    ]
    .into_iter()
    .flatten()
    {
        named.extend(list.list().iter().map(|s| s.get("name").text()).filter(|n| !n.is_empty()));
    }
    named.sort_unstable();
    named.dedup();
    for secret in &named {
        let said = world
            .events_about(&pod.entity())
            .find(|e| e.reason == "FailedToRetrieveImagePullSecret" && e.message.contains(secret));
        if world.is_missing("Secret", namespace, secret) || said.is_some() {
            let other = Entity { kind: "Secret".into(), namespace: pod.namespace.clone(), name: (*secret).into() };
            merged.add(
                Finding::new(&PULL_SECRET_MISSING, carrier.clone(), pod.cite(&format!("imagePullSecrets: {secret}")))
                    .graded(Grade::Certain)
                    .with("secret", *secret)
                    .about(other)
                    .citing(said.map(|event| event.cite())),
            );
        }
    }
    let spec_known = pod.is_whole() || workload.is_some_and(|w| w.is_whole() || !pod_spec(w).is_null());
    if named.is_empty() && spec_known {
        merged.add(
            Finding::new(&NO_PULL_SECRET, carrier.clone(), pod.cite(&format!("Pod {}: no imagePullSecrets", pod.name)))
                .graded(Grade::Fair),
        );
    }
}
