//! What the path of a file says about the objects in it, in the trees that collectors write.

use firstfault_model::Name;

use crate::kinds::kind_of_resource;

/// What a path says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The kind of objects that do not say their own.
    pub(crate) kind: Option<&'static str>,
    /// The namespace of objects that do not say their own.
    pub(crate) namespace: Option<Name>,
    /// The name, where one file is one object.
    pub(crate) name: Option<Name>,
    /// How much of its kind the file holds.
    pub(crate) extent: Extent,
    /// The tree, for the coverage line.
    pub(crate) tree: &'static str,
}

/// How much of its kind a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The path does not say.
    #[default]
    Unknown,
    /// All objects of the kind in the namespace.
    Namespace,
    /// All objects of the kind in the cluster.
    Cluster,
}

/// The files that `kubectl cluster-info dump` writes for each namespace.
const DUMPED: &[&str] =
    &["events", "pods", "deployments", "daemonsets", "replicasets", "services", "replication-controllers"];

/// Reads a path. Top folders have free names, so only what stands inside counts.
pub(crate) fn hint(path: &str) -> Hint {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let Some((file, folders)) = parts.split_last() else { return Hint::default() };
    let stem = file.rsplit_once('.').map_or(*file, |(stem, _)| stem);
    support_bundle(folders, stem)
        .or_else(|| must_gather(folders, stem))
        .or_else(|| insights(folders, stem))
        .or_else(|| cluster_info_dump(folders, stem))
        .unwrap_or_else(|| Hint { kind: kind_of_resource(stem), ..Hint::default() })
}

/// What follows a folder.
fn below<'a>(folders: &'a [&'a str], name: &str) -> Option<&'a [&'a str]> {
    folders.iter().rposition(|folder| *folder == name).map(|at| &folders[at + 1..])
}

fn support_bundle(folders: &[&str], stem: &str) -> Option<Hint> {
    let tree = "support bundle";
    match below(folders, "cluster-resources")? {
        [] => Some(Hint { kind: kind_of_resource(stem), extent: Extent::Cluster, tree, ..Hint::default() }),
        ["custom-resources"] => Some(Hint { extent: Extent::Cluster, tree, ..Hint::default() }),
        ["custom-resources", resource] | [resource] => Some(Hint {
            kind: kind_of_resource(resource),
            namespace: Some(stem.into()),
            extent: Extent::Namespace,
            tree,
            ..Hint::default()
        }),
        _ => Some(Hint { tree, ..Hint::default() }),
    }
}

fn must_gather(folders: &[&str], stem: &str) -> Option<Hint> {
    let tree = "must-gather";
    if let Some(rest) = below(folders, "cluster-scoped-resources") {
        return match rest {
            [_group] => Some(Hint { kind: kind_of_resource(stem), extent: Extent::Cluster, tree, ..Hint::default() }),
            [_group, resource] => {
                let name = Some(stem.into());
                Some(Hint { kind: kind_of_resource(resource), name, tree, ..Hint::default() })
            }
            _ => None,
        };
    }
    match below(folders, "namespaces")? {
        [namespace] if *namespace == stem => {
            Some(Hint { kind: Some("Namespace"), name: Some(stem.into()), tree, ..Hint::default() })
        }
        [namespace, "pods", pod] if *pod == stem => Some(Hint {
            kind: Some("Pod"),
            namespace: Some((*namespace).into()),
            name: Some(stem.into()),
            tree,
            ..Hint::default()
        }),
        [namespace, group] if *group == "core" || group.contains('.') || is_group(group) => Some(Hint {
            kind: kind_of_resource(stem),
            namespace: Some((*namespace).into()),
            extent: if stem.contains('-') { Extent::Unknown } else { Extent::Namespace },
            tree,
            ..Hint::default()
        }),
        [namespace, group, resource] if *group == "core" || group.contains('.') || is_group(group) => Some(Hint {
            kind: kind_of_resource(resource),
            namespace: Some((*namespace).into()),
            name: Some(stem.into()),
            tree,
            ..Hint::default()
        }),
        _ => None,
    }
}

/// API groups of Kubernetes without a dot.
fn is_group(folder: &str) -> bool {
    matches!(folder, "apps" | "batch" | "autoscaling" | "policy" | "extensions")
}

fn insights(folders: &[&str], stem: &str) -> Option<Hint> {
    let tree = "Insights archive";
    let hint = |kind, namespace: Option<&str>| Hint {
        kind: Some(kind),
        namespace: namespace.map(Name::from),
        name: Some(stem.into()),
        tree,
        extent: Extent::Unknown,
    };
    match below(folders, "config") {
        Some(["pod", namespace]) => return Some(hint("Pod", Some(namespace))),
        Some([resource]) => return kind_of_resource(resource).map(|kind| hint(kind, None)),
        Some([resource, namespace]) => return kind_of_resource(resource).map(|kind| hint(kind, Some(namespace))),
        _ => {}
    }
    let namespace = Some(stem.into());
    (folders.last() == Some(&"events")).then(|| Hint { kind: Some("Event"), namespace, tree, ..Hint::default() })
}

fn cluster_info_dump(folders: &[&str], stem: &str) -> Option<Hint> {
    let tree = "cluster-info dump";
    let namespace = folders.last().filter(|_| DUMPED.contains(&stem))?;
    Some(Hint { kind: kind_of_resource(stem), namespace: Some((*namespace).into()), tree, ..Hint::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(path: &str) -> (Option<&'static str>, Option<String>, Extent) {
        let hint = hint(path);
        (hint.kind, hint.namespace.map(|n| n.to_string()), hint.extent)
    }

    #[test]
    fn trees_say_kind_and_namespace() {
        let shop = || Some("shop".to_owned());
        assert_eq!(short("b/cluster-resources/pods/shop.json"), (Some("Pod"), shop(), Extent::Namespace));
        assert_eq!(short("cluster-resources/nodes.json"), (Some("Node"), None, Extent::Cluster));
        assert_eq!(
            short("x/cluster-resources/custom-resources/widgets.acme.io/shop.yaml"),
            (None, shop(), Extent::Namespace)
        );
        assert_eq!(short("mg/q/namespaces/shop/core/pods.yaml"), (Some("Pod"), shop(), Extent::Namespace));
        assert_eq!(short("namespaces/shop/apps/deployments.yaml"), (Some("Deployment"), shop(), Extent::Namespace));
        assert_eq!(short("namespaces/shop/shop.yaml"), (Some("Namespace"), None, Extent::Unknown));
        assert_eq!(short("namespaces/shop/pods/web-1/web-1.yaml"), (Some("Pod"), shop(), Extent::Unknown));
        assert_eq!(short("cluster-scoped-resources/core/nodes/n1.yaml"), (Some("Node"), None, Extent::Unknown));
        assert_eq!(short("config/pod/shop/web-1.json"), (Some("Pod"), shop(), Extent::Unknown));
        assert_eq!(short("config/clusteroperator/dns.json"), (Some("ClusterOperator"), None, Extent::Unknown));
        assert_eq!(short("events/shop.json"), (Some("Event"), shop(), Extent::Unknown));
        assert_eq!(
            short("dump/shop/replication-controllers.json"),
            (Some("ReplicationController"), shop(), Extent::Unknown)
        );
        assert_eq!(short("nodes.json"), (Some("Node"), None, Extent::Unknown));
        assert_eq!(short("objects.json"), (None, None, Extent::Unknown));
    }
}
