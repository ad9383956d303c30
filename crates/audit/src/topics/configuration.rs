//! Configuration that nobody reads: changed in an incident, it changes nothing.

use std::collections::BTreeSet;

use firstfault_gather::Object;
use firstfault_model::{Entity, Relation, Value};

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Listing, Scope};

const UNREAD: Check = Check {
    code: "FF1201",
    title: "a ConfigMap that nobody reads",
    modes: &["application.setting-invalid"],
    share: 0.2,
    means: "Somebody changes it and waits for an effect, or the workload that should read it reads another one.",
    mend: "Delete it, or let the workload read it.",
    reference: "https://kubernetes.io/docs/concepts/configuration/configmap/",
};

pub(crate) const CHECKS: &[&Check] = &[&UNREAD];

/// Every kind that may read a ConfigMap by its pod template.
const READERS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Pod"];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let read: BTreeSet<&Entity> =
        scope.world.relations.iter().filter(|(_, r, ..)| *r == Relation::ReadsConfig).map(|(_, _, o, _)| o).collect();
    let maps: Vec<&Object> = scope.own("ConfigMap").filter(|m| may_be_left(m) && !read.contains(&m.entity())).collect();
    if maps.is_empty() {
        return;
    }
    let mentioned = mentioned(scope);
    for map in maps {
        let namespace = map.namespace.as_deref();
        let seen = |kind: &&str| scope.listing(kind, namespace) == Listing::Listed;
        // A manifest alone may be read by what lies elsewhere.
        if READERS.iter().all(seen) && !mentioned.contains(map.name.as_str()) {
            let what = "no workload in its namespace mounts it, refers to it or names it";
            let evidence = map.cite(&format!("ConfigMap {}: {} keys", map.name, map.at("data").entries().count()));
            out.push(Remark::new(&UNREAD, map.entity(), what, Reach::ITSELF, evidence));
        }
    }
}

/// Whether only pods could read it: what belongs to somebody, carries a label for a program that
/// looks for it, or is put into each namespace by the cluster, has other readers.
fn may_be_left(map: &Object) -> bool {
    const EVERYWHERE: &[&str] = &[
        "kube-root-ca.crt",
        "openshift-service-ca.crt",
        "istio-ca-root-cert",
        "istio-ca-crl",
        "linkerd-identity-trust-roots",
    ];
    let owned = !map.at("metadata.ownerReferences").list().is_empty();
    let annotations = map.at("metadata.annotations");
    let elected = annotations.entries().any(|(key, _)| key.starts_with("control-plane.alpha.kubernetes.io"));
    // Labels such as grafana_dashboard=1 are what sidecars look for; app and the recommended ones are not.
    let looked_for = map.at("metadata.labels").entries().any(|(key, _)| {
        !key.starts_with("app.kubernetes.io/")
            && !matches!(&**key, "app" | "chart" | "release" | "heritage" | "helm.sh/chart" | "component" | "tier")
    });
    let has_data = map.has_spec();
    has_data && !owned && !elected && !looked_for && !EVERYWHERE.contains(&map.name.as_str())
}

/// Words in arguments, variables and custom resources that may be names of ConfigMaps.
fn mentioned(scope: &Scope<'_>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (_, spec) in scope.world.pod_specs() {
        collect(spec, &mut words);
    }
    let plain = |kind: &str| {
        matches!(
            kind,
            "ConfigMap" | "Secret" | "Event" | "Pod" | "Node" | "ReplicaSet" | "Endpoints" | "EndpointSlice" | "Role"
        )
    };
    for object in scope.world.objects.values().filter(|o| !plain(&o.kind)) {
        collect(object.at("spec"), &mut words);
        collect(object.at("metadata.annotations"), &mut words);
    }
    words
}

fn collect(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Str(text) if text.len() < 4096 => {
            let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-.".contains(c));
            words.extend(parts.filter(|p| p.len() > 2).map(str::to_owned));
        }
        Value::List(list) => list.iter().for_each(|v| collect(v, words)),
        Value::Map(map) => map.iter().for_each(|(_, v)| collect(v, words)),
        _ => {}
    }
}
