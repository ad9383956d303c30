//! The names by which `kubectl` and bundles call a kind: plurals, short names, folder names.

use crate::formats::Command;

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

/// Reads a `kubectl get` command. `None` where it selects (names, `-l`, `--field-selector`, a
/// pipe) or is another command.
pub(crate) fn asked(command: &Command) -> Option<Asked> {
    let arguments = command.arguments();
    let selects = command.piped.is_some()
        || command.option("-l", "--selector").is_some()
        || command.option("", "--field-selector").is_some()
        || command.option("-f", "--filename").is_some();
    let ["get", resources] = arguments[..] else { return None };
    if command.program() != "kubectl" || selects || resources.contains('/') {
        return None;
    }
    let kinds = resources.split(',').flat_map(|resource| match resource {
        "all" => ALL.to_vec(),
        _ => kind_of_resource(resource).into_iter().collect(),
    });
    Some(Asked {
        kinds: kinds.collect(),
        namespace: command.namespace().map(str::to_owned),
        everywhere: command.all_namespaces(),
    })
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

    fn command(line: &str) -> Command {
        let (words, piped) = line.split_once('|').map_or((line, None), |(l, p)| (l, Some(p.trim().to_owned())));
        let words = words.split_whitespace().map(str::to_owned).collect();
        Command { line: line.to_owned(), host: None, words, piped }
    }

    #[test]
    fn only_whole_listings_count_as_asked() {
        let all = asked(&command("kubectl get pods,svc,netpol -n shop -o json")).expect("a listing");
        assert_eq!(all.kinds, ["Pod", "Service", "NetworkPolicy"]);
        assert_eq!(all.namespace.as_deref(), Some("shop"));
        assert!(asked(&command("oc get all -A -o yaml")).expect("a listing").everywhere);
        for selected in [
            "kubectl get pod web-1 -o json",
            "kubectl get pods -l app=web -o json",
            "kubectl get pods --field-selector=status.phase=Running -o json",
            "kubectl get pods -o json | jq .items[0]",
            "kubectl get deploy/web -o yaml",
            "kubectl describe pods",
        ] {
            assert_eq!(asked(&command(selected)), None, "{selected}");
        }
    }
}
