//! Objects of operators, judged by the conventions that all of them follow.

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Finding, Grade, Value};
use jiff::SignedDuration;

use crate::merge::Merged;
use crate::pod::{age, event_age, is_leaving, time};
use crate::registry::declare;

declare! {
    /// Ready, Available or the like is False.
    NOT_READY = "resource.not-ready", "is a custom resource that reports it is not ready", Rarely, State;
    /// Degraded, Stalled or the like is True.
    DEGRADED = "resource.degraded", "is a custom resource that reports it is degraded", Rarely, State;
    /// Its source and the cluster differ.
    OUT_OF_SYNC = "resource.out-of-sync", "is a custom resource whose state differs from its source", Sometimes, State;
    /// The delivery tool tried, and failed.
    SYNC_FAILED = "resource.sync-failed", "is a custom resource whose last sync failed", Rarely, State;
    /// Its operator warns of it again and again.
    OPERATOR_FAILS = "resource.operator-failing", "is a custom resource whose operator fails again and again", Rarely, Infrastructure;
    /// Its operator has not looked at the newest generation.
    NOT_RECONCILED = "resource.not-reconciled", "is a custom resource whose operator has not taken up its newest specification", Rarely, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for object in world.objects.values().filter(|o| is_custom(o) && o.is_live() && !is_leaving(o) && !is_paused(o)) {
        conditions(world, object, &mut merged);
        phases(object, &mut merged);
        generation(world, object, &mut merged);
        warnings(world, object, &mut merged);
    }
    merged.into(findings);
}

/// Kinds of Kubernetes itself, which have detectors of their own or need none.
const BUILT_IN: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CSIStorageCapacity",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "Gateway",
    "GatewayClass",
    "HTTPRoute",
    "GRPCRoute",
    "TCPRoute",
    "TLSRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "Lease",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "NodeMetrics",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodMetrics",
    "PodTemplate",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "ServiceCIDR",
    "IPAddress",
    "ResourceSlice",
    "DeviceClass",
    "StorageVersion",
    "PodSecurityPolicy",
    "Image",
    "ImageStream",
    "ContainerNetwork",
    "Container",
    "VerticalPodAutoscaler",
    "VerticalPodAutoscalerCheckpoint",
];

/// Whether the object belongs to an operator. Only kinds written as the API does are.
fn is_custom(object: &Object) -> bool {
    object.kind.starts_with(char::is_uppercase)
        && !BUILT_IN.contains(&object.kind.as_str())
        && !object.at("status").is_null()
}

/// Somebody has told the operator to leave it alone.
fn is_paused(object: &Object) -> bool {
    ["spec.suspend", "spec.paused", "spec.pause"].iter().any(|path| object.at(path).as_bool() == Some(true))
}

/// Condition types that should be True, the more telling first.
const GOOD: &[&str] =
    &["Ready", "Available", "Healthy", "Synced", "Reconciled", "Succeeded", "Established", "Accepted", "Programmed"];
/// Condition types that should be False.
const BAD: &[&str] = &[
    "Degraded",
    "Stalled",
    "Failed",
    "Failing",
    "Error",
    "ReconcileError",
    "ReconcileFailed",
    "ErrorOccurred",
    "InstallFailed",
];
/// Reasons that say that it is only under way or meant so.
const UNDER_WAY: &[&str] = &[
    "Progressing",
    "Suspended",
    "Paused",
    "Scheduled",
    "Pending",
    "Initializing",
    "Completed",
    "Deleting",
    "ScaledToZero",
    "AsExpected",
    "DependencyNotReady",
    "NotRequested",
];

fn conditions(world: &World, object: &Object, merged: &mut Merged) {
    for condition in object.at("status.conditions").list() {
        let kind = condition.get("type").text();
        let status = condition.get("status").text();
        let reason = condition.get("reason").text();
        let declaration = if status == "False" && GOOD.contains(&kind) {
            &NOT_READY
        } else if status == "True" && BAD.contains(&kind) {
            &DEGRADED
        } else if status == "Unknown" && matches!(kind, "Ready" | "Available") {
            &NOT_READY
        } else {
            continue;
        };
        let since = time(condition.get("lastTransitionTime"));
        let fresh = age(world, since).is_some_and(|age| age < SignedDuration::from_mins(2));
        let grade = match (UNDER_WAY.contains(&reason), fresh || status == "Unknown") {
            (true, _) => Grade::Weak,
            (false, true) => Grade::Fair,
            _ => Grade::Certain,
        };
        let message = condition.get("message").text();
        merged.add(
            said(declaration, object, &format!("{kind}={status} {reason}: {message}"))
                .graded(grade)
                .seen(since, world.now)
                .with("condition", format!("{kind}={status}"))
                .with("reason", reason)
                .with("message", short(message)),
        );
    }
}

fn short(message: &str) -> String {
    firstfault_model::Masked::new(message).as_str().chars().take(300).collect()
}

fn said(declaration: &Declaration, object: &Object, what: &str) -> Finding {
    Finding::new(declaration, object.entity(), object.cite(&format!("{} {}: {what}", object.kind, object.name)))
        .with("resource", object.kind.as_str())
}

/// `status.phase`, `status.state`, `status.health`, `status.sync`.
fn phases(object: &Object, merged: &mut Merged) {
    let text = |path: &str| object.at(path).as_str().map(str::to_owned);
    let health = text("status.health.status").or_else(|| text("status.health"));
    let phase = text("status.phase").or_else(|| text("status.state"));
    for (field, value) in [("health", health), ("phase", phase)] {
        let Some(value) = value else { continue };
        let declaration = match value.to_lowercase().as_str() {
            "degraded" | "failed" | "error" | "unhealthy" | "crashloopbackoff" | "red" | "critical" => &DEGRADED,
            "missing" | "notready" | "not ready" | "lost" | "unavailable" | "offline" => &NOT_READY,
            _ => continue,
        };
        let message = first_text(
            object,
            &["status.health.message", "status.message", "status.reason", "status.operationState.message"],
        );
        merged.add(
            said(declaration, object, &format!("{field}: {value} {message}"))
                .graded(Grade::Certain)
                .with("condition", format!("{field}={value}"))
                .with("message", short(message)),
        );
    }
    if object.at("status.sync.status").text() == "OutOfSync" {
        let failed = matches!(object.at("status.operationState.phase").text(), "Failed" | "Error");
        let message = object.at("status.operationState.message").text();
        merged.add(
            said(&OUT_OF_SYNC, object, &format!("sync: OutOfSync {message}"))
                .graded(if failed { Grade::Certain } else { Grade::Fair })
                .with("message", short(message)),
        );
        if failed {
            merged.add(
                said(&SYNC_FAILED, object, &format!("the last sync failed: {message}"))
                    .graded(Grade::Certain)
                    .with("message", short(message)),
            );
        }
    }
}

/// Warnings of an operator about its object that come again and again until now.
fn warnings(world: &World, object: &Object, merged: &mut Merged) {
    let entity = object.entity();
    let lately = |event: &Event| event_age(world, event).is_none_or(|age| age < SignedDuration::from_mins(30));
    for event in world.events_about(&entity).filter(|e| e.warning && e.count >= 3 && lately(e)) {
        merged.add(
            Finding::new(&OPERATOR_FAILS, entity.clone(), event.cite())
                .seen(event.first, event.last)
                .with("reason", event.reason.as_str())
                .with("message", short(&event.message)),
        );
    }
}

fn first_text<'a>(object: &'a Object, paths: &[&str]) -> &'a str {
    paths.iter().map(|path| object.at(path).text()).find(|text| !text.is_empty()).unwrap_or("")
}

fn generation(world: &World, object: &Object, merged: &mut Merged) {
    let wanted = object.at("metadata.generation").as_int();
    let seen: &Value = object.at("status.observedGeneration");
    let changed = object
        .at("metadata.managedFields")
        .list()
        .iter()
        .filter_map(|field| time(field.get("time")))
        .max()
        .or_else(|| time(object.at("metadata.creationTimestamp")));
    let long_ago = age(world, changed).is_none_or(|age| age > SignedDuration::from_mins(10));
    if wanted.is_some() && seen.as_int().is_some() && seen.as_int() < wanted && long_ago {
        let what = format!("generation {}, observedGeneration {}", wanted.unwrap_or(0), seen.show());
        merged.add(said(&NOT_RECONCILED, object, &what).graded(Grade::Strong));
    }
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, ids};

    fn found(kind: &str, body: &str) -> Vec<&'static str> {
        ids(&Sample::default().api(&format!("{kind}/ops/main"), body).found(detect))
    }

    #[test]
    fn conditions_are_judged_by_convention_for_any_kind() {
        let ready = r#"{"status":{"conditions":[{"type":"Ready","status":"False","reason":"PrimaryLost","message":"no primary"}]}}"#;
        assert_eq!(found("LedgerCluster", ready), ["resource.not-ready"]);
        let degraded = r#"{"status":{"conditions":[{"type":"Available","status":"True"},{"type":"Degraded","status":"True","reason":"X"}]}}"#;
        assert_eq!(found("Widget", degraded), ["resource.degraded"]);
    }

    #[test]
    fn health_and_sync_of_a_delivery_tool_are_read() {
        assert_eq!(
            found("Application", r#"{"status":{"sync":{"status":"OutOfSync"},"health":{"status":"Degraded"}}}"#),
            ["resource.degraded", "resource.out-of-sync"]
        );
        assert!(
            found("Application", r#"{"status":{"sync":{"status":"Synced"},"health":{"status":"Healthy"}}}"#).is_empty()
        );
    }

    #[test]
    fn kinds_of_kubernetes_itself_are_left_to_others() {
        assert!(found("Deployment", r#"{"status":{"conditions":[{"type":"Available","status":"False"}]}}"#).is_empty());
    }

    #[test]
    fn what_is_suspended_is_left_alone() {
        assert!(
            found(
                "Kustomization",
                r#"{"spec":{"suspend":true},"status":{"conditions":[{"type":"Ready","status":"False"}]}}"#
            )
            .is_empty()
        );
    }
}
