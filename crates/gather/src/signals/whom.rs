//! Whom a sample's labels are about.

use firstfault_model::{Entity, Name, kind};

/// Labels that name the thing, the nearest first, and the kind that they mean. What was called
/// stands before who asked; a scraped object before its exporter.
const LABELS: &[(&str, &str)] = &[
    ("destination_workload", kind::SERVICE),
    ("destination_service_name", kind::SERVICE),
    ("exported_pod", "Pod"),
    ("statefulset", "StatefulSet"),
    ("deployment", "Deployment"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("cronjob", "CronJob"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("pod", "Pod"),
    ("pod_name", "Pod"),
    ("kubernetes_pod_name", "Pod"),
    ("k8s_pod_name", "Pod"),
    ("node", "Node"),
    ("nodename", "Node"),
    ("kubernetes_node", "Node"),
    ("workload", kind::SERVICE),
    ("exported_service", kind::SERVICE),
    ("service_name", kind::SERVICE),
    ("service", kind::SERVICE),
    ("app", kind::SERVICE),
    ("app_kubernetes_io_name", kind::SERVICE),
    ("exported_job", kind::SERVICE),
    ("application", kind::SERVICE),
    ("component", kind::SERVICE),
    ("host", kind::HOST),
    ("instance", kind::HOST),
    ("job", kind::SERVICE),
];

const NAMESPACES: &[&str] =
    &["destination_workload_namespace", "destination_service_namespace", "exported_namespace", "namespace"];

/// The entity that labels name, and the labels that are not part of it.
pub(super) fn whom(labels: &[(Name, Name)]) -> (Option<Entity>, Vec<(Name, Name)>) {
    let value = |label: &str| labels.iter().find(|(name, value)| *name == label && !value.is_empty());
    let namespace = NAMESPACES.iter().find_map(|label| value(label)).map_or("", |(_, value)| value.as_str());
    let found = LABELS.iter().find_map(|(label, kind)| value(label).map(|(name, value)| (name, value, *kind)));
    let rest = labels
        .iter()
        .filter(|(name, _)| {
            !NAMESPACES.contains(&name.as_str())
                && *name != "__name__"
                && found.is_none_or(|(own, ..)| own != name)
                && !matches!(name.as_str(), "job" | "instance" | "endpoint" | "prometheus" | "uid" | "id" | "image")
        })
        .cloned()
        .collect();
    let entity = found.map(|(_, value, kind)| match kind {
        "Node" => Entity::new(kind, value),
        kind::HOST => Entity::new(kind, value.rsplit_once(':').map_or(value.as_str(), |(host, _)| host)),
        _ => Entity::namespaced(kind, namespace, value),
    });
    (entity, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Vec<(Name, Name)> {
        pairs.iter().map(|(a, b)| (Name::from(*a), Name::from(*b))).collect()
    }

    #[test]
    fn a_pod_is_named_before_the_job_that_scraped_it() {
        let (entity, rest) =
            whom(&labels(&[("job", "kubelet"), ("namespace", "press"), ("pod", "ink-0"), ("container", "ink")]));
        assert_eq!(entity, Some(Entity::namespaced("Pod", "press", "ink-0")));
        assert_eq!(rest, labels(&[("container", "ink")]));
    }

    #[test]
    fn what_was_called_is_named_before_who_asked() {
        let (entity, _) = whom(&labels(&[
            ("source_workload", "front"),
            ("destination_workload", "ink"),
            ("destination_workload_namespace", "press"),
            ("pod", "front-1"),
        ]));
        assert_eq!(entity, Some(Entity::namespaced("service", "press", "ink")));
    }

    #[test]
    fn an_instance_is_a_host_without_its_port() {
        assert_eq!(whom(&labels(&[("instance", "10.0.0.7:9100")])).0, Some(Entity::new("host", "10.0.0.7")));
        assert_eq!(whom(&labels(&[("le", "5")])).0, None);
    }
}
