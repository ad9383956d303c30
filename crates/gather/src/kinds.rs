//! The kinds of objects: what kubectl and bundles call each, and whether it lives in a namespace.

use firstfault_model::Name;

/// Kind, plural, whether it lives in a namespace, short names.
type Row = (&'static str, &'static str, bool, &'static [&'static str]);

/// What comes with Kubernetes and OpenShift, and the Gateway API.
const KUBERNETES: &[Row] = &[
    ("Pod", "pods", true, &["po"]),
    ("Deployment", "deployments", true, &["deploy"]),
    ("ReplicaSet", "replicasets", true, &["rs"]),
    ("ReplicationController", "replicationcontrollers", true, &["rc"]),
    ("StatefulSet", "statefulsets", true, &["sts"]),
    ("DaemonSet", "daemonsets", true, &["ds"]),
    ("Job", "jobs", true, &[]),
    ("CronJob", "cronjobs", true, &["cj"]),
    ("ControllerRevision", "controllerrevisions", true, &[]),
    ("Service", "services", true, &["svc"]),
    ("Endpoints", "endpoints", true, &["ep"]),
    ("EndpointSlice", "endpointslices", true, &[]),
    ("Ingress", "ingresses", true, &["ing"]),
    ("IngressClass", "ingressclasses", false, &[]),
    ("NetworkPolicy", "networkpolicies", true, &["netpol"]),
    ("ConfigMap", "configmaps", true, &["cm"]),
    ("Secret", "secrets", true, &[]),
    ("ServiceAccount", "serviceaccounts", true, &["sa"]),
    ("Role", "roles", true, &[]),
    ("RoleBinding", "rolebindings", true, &[]),
    ("ClusterRole", "clusterroles", false, &[]),
    ("ClusterRoleBinding", "clusterrolebindings", false, &[]),
    ("PersistentVolumeClaim", "persistentvolumeclaims", true, &["pvc", "pvcs"]),
    ("PersistentVolume", "persistentvolumes", false, &["pv", "pvs"]),
    ("StorageClass", "storageclasses", false, &["sc"]),
    ("VolumeAttachment", "volumeattachments", false, &[]),
    ("VolumeAttributesClass", "volumeattributesclasses", false, &["vac"]),
    ("VolumeSnapshot", "volumesnapshots", true, &["vs"]),
    ("VolumeSnapshotClass", "volumesnapshotclasses", false, &[]),
    ("CSIDriver", "csidrivers", false, &[]),
    ("CSINode", "csinodes", false, &[]),
    ("CSIStorageCapacity", "csistoragecapacities", true, &[]),
    ("Node", "nodes", false, &["no"]),
    ("Namespace", "namespaces", false, &["ns"]),
    ("ResourceQuota", "resourcequotas", true, &["quota"]),
    ("LimitRange", "limitranges", true, &["limits"]),
    ("PriorityClass", "priorityclasses", false, &["pc"]),
    ("RuntimeClass", "runtimeclasses", false, &[]),
    ("HorizontalPodAutoscaler", "horizontalpodautoscalers", true, &["hpa", "hpas"]),
    ("VerticalPodAutoscaler", "verticalpodautoscalers", true, &["vpa", "vpas"]),
    ("PodDisruptionBudget", "poddisruptionbudgets", true, &["pdb", "pdbs"]),
    ("PodTemplate", "podtemplates", true, &[]),
    ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false, &[]),
    ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false, &[]),
    ("ValidatingAdmissionPolicy", "validatingadmissionpolicies", false, &[]),
    ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false, &[]),
    ("MutatingAdmissionPolicy", "mutatingadmissionpolicies", false, &[]),
    ("APIService", "apiservices", false, &[]),
    ("CustomResourceDefinition", "customresourcedefinitions", false, &["crd", "crds"]),
    ("CertificateSigningRequest", "certificatesigningrequests", false, &["csr"]),
    ("Lease", "leases", true, &[]),
    ("Event", "events", true, &["ev"]),
    ("ComponentStatus", "componentstatuses", false, &["cs"]),
    ("FlowSchema", "flowschemas", false, &[]),
    ("PriorityLevelConfiguration", "prioritylevelconfigurations", false, &[]),
    ("ResourceClaim", "resourceclaims", true, &[]),
    ("ResourceSlice", "resourceslices", false, &[]),
    ("DeviceClass", "deviceclasses", false, &[]),
    ("PodSecurityPolicy", "podsecuritypolicies", false, &["psp"]),
    ("GatewayClass", "gatewayclasses", false, &["gc"]),
    ("Gateway", "gateways", true, &["gtw"]),
    ("HTTPRoute", "httproutes", true, &[]),
    ("GRPCRoute", "grpcroutes", true, &[]),
    ("TCPRoute", "tcproutes", true, &[]),
    ("TLSRoute", "tlsroutes", true, &[]),
    ("ClusterOperator", "clusteroperators", false, &["co"]),
    ("ClusterVersion", "clusterversions", false, &[]),
    ("MachineConfigPool", "machineconfigpools", false, &["mcp"]),
    ("Route", "routes", true, &[]),
    ("DeploymentConfig", "deploymentconfigs", true, &["dc"]),
    ("BuildConfig", "buildconfigs", true, &["bc"]),
];

/// Custom resources that many clusters have.
const CUSTOM: &[Row] = &[
    ("PodMetrics", "podmetrics", true, &[]),
    ("NodeMetrics", "nodemetrics", false, &[]),
    ("UDPRoute", "udproutes", true, &[]),
    ("ReferenceGrant", "referencegrants", true, &["refgrant"]),
    ("VirtualService", "virtualservices", true, &[]),
    ("DestinationRule", "destinationrules", true, &["dr"]),
    ("ServiceEntry", "serviceentries", true, &["se"]),
    ("PeerAuthentication", "peerauthentications", true, &["pa"]),
    ("AuthorizationPolicy", "authorizationpolicies", true, &["ap"]),
    ("RequestAuthentication", "requestauthentications", true, &["ra"]),
    ("EnvoyFilter", "envoyfilters", true, &[]),
    ("ServiceMonitor", "servicemonitors", true, &["smon"]),
    ("PodMonitor", "podmonitors", true, &["pmon"]),
    ("PrometheusRule", "prometheusrules", true, &["promrule"]),
    ("Certificate", "certificates", true, &["cert", "certs"]),
    ("CertificateRequest", "certificaterequests", true, &[]),
    ("Issuer", "issuers", true, &[]),
    ("ClusterIssuer", "clusterissuers", false, &[]),
    ("Application", "applications", true, &["app", "apps"]),
    ("ApplicationSet", "applicationsets", true, &["appset", "appsets"]),
    ("AppProject", "appprojects", true, &[]),
    ("HelmRelease", "helmreleases", true, &["hr"]),
    ("Kustomization", "kustomizations", true, &["ks"]),
    ("GitRepository", "gitrepositories", true, &["gitrepo"]),
    ("OCIRepository", "ocirepositories", true, &["ocirepo"]),
    ("HelmRepository", "helmrepositories", true, &["helmrepo"]),
    ("HelmChart", "helmcharts", true, &[]),
    ("ExternalSecret", "externalsecrets", true, &["es"]),
    ("SecretStore", "secretstores", true, &["ss"]),
    ("ClusterSecretStore", "clustersecretstores", false, &["css"]),
    ("SealedSecret", "sealedsecrets", true, &[]),
    ("ScaledObject", "scaledobjects", true, &["so"]),
    ("ScaledJob", "scaledjobs", true, &["sj"]),
    ("Rollout", "rollouts", true, &["ro"]),
    ("NodePool", "nodepools", false, &[]),
    ("NodeClaim", "nodeclaims", false, &[]),
    ("ClusterPolicy", "clusterpolicies", false, &["cpol"]),
    ("MachineConfig", "machineconfigs", false, &["mc"]),
    ("Build", "builds", true, &[]),
    ("ImageStream", "imagestreams", true, &["is"]),
    ("Project", "projects", false, &[]),
    ("SecurityContextConstraints", "securitycontextconstraints", false, &["scc"]),
];

/// What `kubectl get all` lists.
pub(crate) const ALL: &[&str] = &[
    "Pod",
    "ReplicationController",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "CronJob",
    "Job",
];

/// The kind behind any word that kubectl takes or prints for it: plural, singular, short,
/// with or without its group, in any case. Unknown words are made singular and capitalised.
pub(crate) fn kind_of(word: &str) -> Option<Name> {
    let resource = word.split('.').next().unwrap_or(word);
    if resource.is_empty() || !resource.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return None;
    }
    let lower = resource.to_ascii_lowercase();
    if let Some(known) = known(&lower) {
        return Some(known.into());
    }
    if resource.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(resource.into());
    }
    let single = singular(&lower);
    let mut letters = single.chars();
    let first = letters.next()?;
    Some(Name::from(format!("{}{}", first.to_ascii_uppercase(), letters.as_str())))
}

/// The kind, if the word is one that this table knows.
pub(crate) fn known(lower: &str) -> Option<&'static str> {
    kinds().find(|row| is_called(row, lower) || row.3.contains(&lower)).map(|row| row.0)
}

/// The kind that a folder, a file or a resource is named after: `Pods`, `deployments.apps`, `network-policy`, `pvc`.
/// A folder `app` or `is` is not meant as the short name of somebody's custom resource.
pub(crate) fn kind_of_resource(resource: &str) -> Option<&'static str> {
    let bare = resource.split('.').next().unwrap_or(resource);
    let folded: String = bare.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect();
    let short = || KUBERNETES.iter().find(|row| row.3.contains(&folded.as_str()));
    kinds().find(|row| is_called(row, &folded)).or_else(short).map(|row| row.0)
}

fn is_called(row: &Row, lower: &str) -> bool {
    row.1 == lower || row.0.eq_ignore_ascii_case(lower)
}

fn kinds() -> impl Iterator<Item = &'static Row> {
    KUBERNETES.iter().chain(CUSTOM)
}

/// Whether objects of a kind live in a namespace; `None` for kinds that are not known.
pub(crate) fn is_namespaced(kind: &str) -> Option<bool> {
    kinds().find(|row| row.0 == kind).map(|row| row.2)
}

/// Whether objects of the kind live outside namespaces; unknown kinds are taken to live in one.
pub(crate) fn is_cluster_scoped(kind: &str) -> bool {
    is_namespaced(kind) == Some(false)
}

/// The singular of a plural resource name.
fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if plural.ends_with(ending) {
            return plural[..plural.len() - 2].to_owned();
        }
    }
    match plural.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && !stem.is_empty() => stem.to_owned(),
        _ => plural.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_a_kind_is_understood() {
        for (word, kind) in [
            ("po", "Pod"),
            ("deployments.apps", "Deployment"),
            ("deployment.apps", "Deployment"),
            ("Deployment", "Deployment"),
            ("ing", "Ingress"),
            ("hpa", "HorizontalPodAutoscaler"),
            ("endpointslice.discovery.k8s.io", "EndpointSlice"),
            ("networkpolicies", "NetworkPolicy"),
            ("widgets.example.org", "Widget"),
            ("proxies", "Proxy"),
            ("KafkaTopic", "KafkaTopic"),
        ] {
            assert_eq!(kind_of(word).as_deref(), Some(kind), "{word}");
        }
        assert_eq!(kind_of("a b"), None);
    }

    #[test]
    fn resources_are_known_by_all_their_names() {
        for (name, kind) in [
            ("po", "Pod"),
            ("Pods", "Pod"),
            ("deployments.apps", "Deployment"),
            ("network-policy", "NetworkPolicy"),
            ("pod-disruption-budgets", "PodDisruptionBudget"),
            ("clusterRoleBindings", "ClusterRoleBinding"),
            ("pvs", "PersistentVolume"),
            ("replication-controllers", "ReplicationController"),
            ("clusteroperator", "ClusterOperator"),
        ] {
            assert_eq!(kind_of_resource(name), Some(kind), "{name}");
        }
        assert_eq!(kind_of_resource("auth-cani-list"), None);
    }

    #[test]
    fn a_kind_stands_in_the_table_once() {
        let mut names: Vec<&str> = kinds().map(|row| row.0).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(is_namespaced("Node"), Some(false));
        assert_eq!(is_namespaced("VolumeSnapshot"), Some(true));
        assert_eq!(is_namespaced("Widget"), None);
        assert_eq!((kind_of_resource("app"), known("app")), (None, Some("Application")));
    }
}
