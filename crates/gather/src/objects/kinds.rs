//! The names by which `kubectl` and bundles call a kind: plurals, short names, folder names.

/// Kind, plural, short names, whether it lives in a namespace.
type Row = (&'static str, &'static str, &'static [&'static str], bool);

/// The kinds of Kubernetes (and the commonest of OpenShift and Gateway API) whose name cannot be
/// had by a rule. Sorted by kind.
const KINDS: &[Row] = &[
    ("APIService", "apiservices", &[], false),
    ("BuildConfig", "buildconfigs", &["bc"], true),
    ("CSIDriver", "csidrivers", &[], false),
    ("CSINode", "csinodes", &[], false),
    ("CSIStorageCapacity", "csistoragecapacities", &[], true),
    ("CertificateSigningRequest", "certificatesigningrequests", &["csr"], false),
    ("ClusterOperator", "clusteroperators", &["co"], false),
    ("ClusterRole", "clusterroles", &[], false),
    ("ClusterRoleBinding", "clusterrolebindings", &[], false),
    ("ClusterVersion", "clusterversions", &[], false),
    ("ConfigMap", "configmaps", &["cm"], true),
    ("ControllerRevision", "controllerrevisions", &[], true),
    ("CronJob", "cronjobs", &["cj"], true),
    ("CustomResourceDefinition", "customresourcedefinitions", &["crd", "crds"], false),
    ("DaemonSet", "daemonsets", &["ds"], true),
    ("Deployment", "deployments", &["deploy"], true),
    ("DeploymentConfig", "deploymentconfigs", &["dc"], true),
    ("EndpointSlice", "endpointslices", &[], true),
    ("Endpoints", "endpoints", &["ep"], true),
    ("Event", "events", &["ev"], true),
    ("FlowSchema", "flowschemas", &[], false),
    ("GRPCRoute", "grpcroutes", &[], true),
    ("Gateway", "gateways", &["gtw"], true),
    ("GatewayClass", "gatewayclasses", &["gc"], false),
    ("HTTPRoute", "httproutes", &[], true),
    ("HorizontalPodAutoscaler", "horizontalpodautoscalers", &["hpa", "hpas"], true),
    ("Ingress", "ingresses", &["ing"], true),
    ("IngressClass", "ingressclasses", &[], false),
    ("Job", "jobs", &[], true),
    ("Lease", "leases", &[], true),
    ("LimitRange", "limitranges", &["limits"], true),
    ("MachineConfigPool", "machineconfigpools", &["mcp"], false),
    ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", &[], false),
    ("Namespace", "namespaces", &["ns"], false),
    ("NetworkPolicy", "networkpolicies", &["netpol"], true),
    ("Node", "nodes", &["no"], false),
    ("PersistentVolume", "persistentvolumes", &["pv", "pvs"], false),
    ("PersistentVolumeClaim", "persistentvolumeclaims", &["pvc", "pvcs"], true),
    ("Pod", "pods", &["po"], true),
    ("PodDisruptionBudget", "poddisruptionbudgets", &["pdb", "pdbs"], true),
    ("PodSecurityPolicy", "podsecuritypolicies", &["psp"], false),
    ("PodTemplate", "podtemplates", &[], true),
    ("PriorityClass", "priorityclasses", &["pc"], false),
    ("PriorityLevelConfiguration", "prioritylevelconfigurations", &[], false),
    ("ReplicaSet", "replicasets", &["rs"], true),
    ("ReplicationController", "replicationcontrollers", &["rc"], true),
    ("ResourceQuota", "resourcequotas", &["quota"], true),
    ("Role", "roles", &[], true),
    ("RoleBinding", "rolebindings", &[], true),
    ("Route", "routes", &[], true),
    ("RuntimeClass", "runtimeclasses", &[], false),
    ("Secret", "secrets", &[], true),
    ("Service", "services", &["svc"], true),
    ("ServiceAccount", "serviceaccounts", &["sa"], true),
    ("StatefulSet", "statefulsets", &["sts"], true),
    ("StorageClass", "storageclasses", &["sc"], false),
    ("TCPRoute", "tcproutes", &[], true),
    ("TLSRoute", "tlsroutes", &[], true),
    ("ValidatingAdmissionPolicy", "validatingadmissionpolicies", &[], false),
    ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", &[], false),
    ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", &[], false),
    ("VerticalPodAutoscaler", "verticalpodautoscalers", &["vpa", "vpas"], true),
    ("VolumeAttachment", "volumeattachments", &[], false),
    ("VolumeSnapshot", "volumesnapshots", &["vs"], true),
];

/// The kinds of `kubectl get all`.
const ALL: &[&str] = &[
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

/// The kind that a resource name means: `po`, `Pods`, `deployments.apps`, `network-policy`.
pub(crate) fn kind_of_resource(resource: &str) -> Option<&'static str> {
    let bare = resource.split('.').next().unwrap_or(resource);
    let folded: String = bare.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect();
    KINDS
        .iter()
        .find(|(kind, plural, short, _)| {
            *plural == folded || kind.eq_ignore_ascii_case(&folded) || short.contains(&folded.as_str())
        })
        .map(|row| row.0)
}

/// Whether objects of a kind live in a namespace; `None` for kinds that are not known.
pub(crate) fn is_namespaced(kind: &str) -> Option<bool> {
    KINDS.binary_search_by(|row| row.0.cmp(kind)).ok().map(|at| KINDS[at].3)
}

/// What a `kubectl get … -o json|yaml` asked for, if it listed kinds as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The kinds.
    pub(crate) kinds: Vec<&'static str>,
    /// The namespace, if the command names one.
    pub(crate) namespace: Option<String>,
    /// `-A`.
    pub(crate) everywhere: bool,
}

/// Reads a `kubectl get` command. `None` where it selects (names, `-l`, `--field-selector`)
/// or is another command.
pub(crate) fn asked(command: &str) -> Option<Asked> {
    if command.contains('|') {
        return None;
    }
    let command = command.split(['>', ';']).next().unwrap_or(command);
    let mut words = command.split_whitespace().skip_while(|word| *word != "get");
    words.next()?;
    let mut asked = Asked { kinds: Vec::new(), namespace: None, everywhere: false };
    let mut resources = None;
    while let Some(word) = words.next() {
        match word {
            "-A" | "--all-namespaces" | "--all-namespaces=true" => asked.everywhere = true,
            "-n" | "--namespace" => asked.namespace = words.next().map(unquoted),
            "-o" | "--output" | "--context" | "--kubeconfig" | "--cluster" | "--user" | "-s" | "--sort-by" => {
                words.next();
            }
            "-l" | "--selector" | "--field-selector" | "-f" | "--filename" => return None,
            _ if word.starts_with("-l") || word.starts_with("--selector=") => return None,
            _ if word.starts_with("--field-selector=") || word.starts_with("-f") => return None,
            _ if word.starts_with("--namespace=") => asked.namespace = word.split_once('=').map(|(_, n)| unquoted(n)),
            _ if word.starts_with("-n") => asked.namespace = Some(unquoted(&word[2..])),
            _ if word.starts_with('-') => {}
            _ if resources.is_none() => resources = Some(word),
            _ => return None,
        }
    }
    for resource in resources?.split(',') {
        match resource {
            "all" => asked.kinds.extend(ALL),
            _ if resource.contains('/') => return None,
            _ => asked.kinds.extend(kind_of_resource(resource)),
        }
    }
    Some(asked)
}

fn unquoted(word: &str) -> String {
    word.trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_table_is_sorted_for_its_search() {
        assert!(KINDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(is_namespaced("Node"), Some(false));
        assert_eq!(is_namespaced("VolumeSnapshot"), Some(true));
        assert_eq!(is_namespaced("Widget"), None);
    }

    #[test]
    fn only_whole_listings_count_as_asked() {
        let all = asked("kubectl get pods,svc,netpol -n shop -o json > objects.json").expect("a listing");
        assert_eq!(all.kinds, ["Pod", "Service", "NetworkPolicy"]);
        assert_eq!(all.namespace.as_deref(), Some("shop"));
        assert!(asked("oc get all -A -o yaml").expect("a listing").everywhere);
        for selected in [
            "kubectl get pod web-1 -o json",
            "kubectl get pods -l app=web -o json",
            "kubectl get pods --field-selector=status.phase=Running -o json",
            "kubectl get pods -o json | jq .items[0]",
            "kubectl get deploy/web -o yaml",
            "kubectl describe pods",
        ] {
            assert_eq!(asked(selected), None, "{selected}");
        }
    }
}
