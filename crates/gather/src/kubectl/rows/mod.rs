//! From the cells of a row to the API's fields, kind by kind.

mod cluster;
mod custom;
mod network;
mod pods;
mod storage;
mod workloads;

use firstfault_model::Value;

use super::table::Row;

/// Fills in what a row of this kind tells.
pub(super) fn fill(kind: &str, row: &Row, body: &mut Value) {
    match kind {
        "Pod" => pods::pod(row, body),
        "PodMetrics" => pods::pod_metrics(row, body),
        "NodeMetrics" => pods::node_metrics(row, body),
        "Deployment" => workloads::deployment(row, body),
        "ReplicaSet" | "ReplicationController" => workloads::replica_set(row, body),
        "StatefulSet" => workloads::stateful_set(row, body),
        "DaemonSet" => workloads::daemon_set(row, body),
        "Job" => workloads::job(row, body),
        "CronJob" => workloads::cron_job(row, body),
        "HorizontalPodAutoscaler" => workloads::autoscaler(row, body),
        "PodDisruptionBudget" => workloads::disruption_budget(row, body),
        "Service" => network::service(row, body),
        "Endpoints" => network::endpoints(row, body),
        "EndpointSlice" => network::endpoint_slice(row, body),
        "Ingress" => network::ingress(row, body),
        "IngressClass" => network::ingress_class(row, body),
        "NetworkPolicy" => network::policy(row, body),
        "PersistentVolumeClaim" => storage::claim(row, body),
        "PersistentVolume" => storage::volume(row, body),
        "StorageClass" => storage::class(row, body),
        "VolumeAttachment" => storage::attachment(row, body),
        "Node" => cluster::node(row, body),
        "Namespace" => cluster::namespace(row, body),
        "ResourceQuota" => cluster::quota(row, body),
        "PriorityClass" => cluster::priority_class(row, body),
        "APIService" => cluster::api_service(row, body),
        "Lease" => cluster::lease(row, body),
        "Secret" => cluster::secret(row, body),
        "RoleBinding" | "ClusterRoleBinding" => cluster::binding(row, body),
        "RuntimeClass" => cluster::runtime_class(row, body),
        _ => custom::any(row, body),
    }
}
