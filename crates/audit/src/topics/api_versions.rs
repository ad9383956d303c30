//! Objects that are written in a version of the API which Kubernetes no longer serves.

use firstfault_gather::Object;

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::Scope;

const GUIDE: &str = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/";

const NOT_SERVED: Check = Check {
    code: "FF801",
    title: "an API version that this cluster does not serve",
    modes: &["resource.out-of-sync", "resource.not-reconciled"],
    share: 0.9,
    means: "The next time that it is applied, the API server refuses it: a deployment or a restore stops there.",
    mend: "Change apiVersion, and the fields that changed with it.",
    reference: GUIDE,
};

const LEAVES: Check = Check {
    code: "FF802",
    title: "an API version that an upgrade takes away",
    modes: &["resource.out-of-sync"],
    share: 0.7,
    means: "It still works here, or the version of the cluster is not known; from the named release on it is refused.",
    mend: "Change apiVersion, and the fields that changed with it, before the upgrade.",
    reference: GUIDE,
};

pub(crate) const CHECKS: &[&Check] = &[&NOT_SERVED, &LEAVES];

/// Group version, kinds, the minor release of 1.x that no longer serves it, and what to write instead.
/// Source: the Kubernetes deprecation guide.
const REMOVED: &[(&str, &[&str], u32, &str)] = &[
    (
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &["FlowSchema", "PriorityLevelConfiguration"],
        32,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &["FlowSchema", "PriorityLevelConfiguration"],
        29,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
        26,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    ("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 27, "storage.k8s.io/v1"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 26, "autoscaling/v2"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 25, "autoscaling/v2"),
    ("batch/v1beta1", &["CronJob"], 25, "batch/v1"),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"], 25, "discovery.k8s.io/v1"),
    ("policy/v1beta1", &["PodDisruptionBudget"], 25, "policy/v1"),
    ("policy/v1beta1", &["PodSecurityPolicy"], 25, "the Pod Security admission labels of namespaces"),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], 25, "node.k8s.io/v1"),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        22,
        "admissionregistration.k8s.io/v1",
    ),
    ("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 22, "apiextensions.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", &["APIService"], 22, "apiregistration.k8s.io/v1"),
    ("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 22, "certificates.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", &["Lease"], 22, "coordination.k8s.io/v1"),
    ("extensions/v1beta1", &["Ingress"], 22, "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 22, "networking.k8s.io/v1"),
    (
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], 22, "scheduling.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], 22, "storage.k8s.io/v1"),
    ("extensions/v1beta1", &["NetworkPolicy"], 16, "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 16, "apps/v1"),
    ("apps/v1beta2", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], 16, "apps/v1"),
    ("apps/v1beta1", &["Deployment", "ReplicaSet", "StatefulSet"], 16, "apps/v1"),
];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let cluster = version(scope);
    for object in scope.world.objects.values() {
        let Some(written) = written(object) else { continue };
        let row = REMOVED.iter().find(|(version, kinds, ..)| *version == written && kinds.contains(&&*object.kind));
        let Some((_, _, removed, instead)) = row else { continue };
        let (check, what) = match cluster {
            Some(cluster) if cluster >= *removed => {
                (&NOT_SERVED, format!("written as {written}, not served since 1.{removed}; the cluster is 1.{cluster}"))
            }
            Some(cluster) => {
                (&LEAVES, format!("written as {written}, not served from 1.{removed} on; the cluster is 1.{cluster}"))
            }
            None => (&LEAVES, format!("written as {written}, not served from 1.{removed} on")),
        };
        let evidence = object.cite(&format!("{} {}: apiVersion: {written}", object.kind, object.name));
        let mend = format!("write {instead}, then: kubectl apply --dry-run=server -f FILE");
        out.push(Remark::new(check, object.entity(), &what, Reach::ITSELF, evidence).mended_by(&mend));
    }
}

/// The version that whoever applies the object writes. A live object shows whichever version was
/// asked for, which says nothing.
fn written(object: &Object) -> Option<&str> {
    (!object.is_live()).then(|| object.at("apiVersion").as_str()).flatten()
}

/// The minor release of the cluster: no kubelet is newer than its API server.
fn version(scope: &Scope<'_>) -> Option<u32> {
    let of = |node: &Object| {
        let text = node.at("status.nodeInfo.kubeletVersion").text();
        let (major, rest) = text.strip_prefix('v').unwrap_or(text).split_once('.')?;
        let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        (major == "1").then(|| minor.parse().ok()).flatten()
    };
    scope.world.kind("Node").filter(|n| n.is_live()).filter_map(of).max()
}
