//! Single points of failure: one replica, one node, one zone, one volume, one webhook.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::Object;
use firstfault_model::{Entity, Value};

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Listing, Scope, Workload, is_platform, kubectl};

const SPREAD: &str = "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/";

const ONE_REPLICA: Check = Check {
    code: "FF401",
    title: "one replica",
    modes: &["container.oom-killed", "container.crash-loop", "node.kubelet-down", "node.unreachable", "pod.evicted"],
    share: 0.4,
    means: "Each restart, eviction or loss of a node is an outage for all that depend on it, until the one pod is ready again.",
    mend: "Run at least two replicas, on different nodes.",
    reference: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
};

const ONE_NODE: Check = Check {
    code: "FF402",
    title: "all replicas on one node",
    modes: &["node.kubelet-down", "node.unreachable", "node.container-runtime-down"],
    share: 0.8,
    means: "The loss of that one node takes all of them.",
    mend: "Spread them with topologySpreadConstraints on kubernetes.io/hostname.",
    reference: SPREAD,
};

const ONE_ZONE: Check = Check {
    code: "FF403",
    title: "all replicas in one zone",
    modes: &["node.unreachable", "node.network-lossy"],
    share: 0.4,
    means: "The loss of that one zone takes all of them, although other zones have nodes.",
    mend: "Spread them with topologySpreadConstraints on topology.kubernetes.io/zone.",
    reference: SPREAD,
};

const NO_SPREAD: Check = Check {
    code: "FF404",
    title: "no rule that spreads its replicas",
    modes: &["node.kubelet-down", "node.unreachable"],
    share: 0.2,
    means: "The scheduler spreads replicas when it can, and does not when nodes are full: then one node takes all of them with it.",
    mend: "Add topologySpreadConstraints on kubernetes.io/hostname.",
    reference: SPREAD,
};

const FAIL_CLOSED: Check = Check {
    code: "FF405",
    title: "a webhook on one replica that fails closed",
    modes: &["admission.webhook-unreachable"],
    share: 0.8,
    means: "While its one pod is away, whatever it guards can be neither created nor changed, in the whole cluster.",
    mend: "Run two replicas of it, exempt its own namespace, and narrow its rules; or failurePolicy: Ignore where that is safe.",
    reference: "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
};

const ONE_VOLUME: Check = Check {
    code: "FF406",
    title: "a volume that one node holds at a time, and pods that overlap",
    modes: &["storage.multi-attach"],
    share: 0.9,
    means: "A second pod, also the new one of a roll-out, cannot start on another node while the first has the volume.",
    mend: "Use strategy Recreate with one replica, or a StatefulSet with a claim each, or a volume that many can mount.",
    reference: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
};

const LONE_NODE: Check = Check {
    code: "FF407",
    title: "one node for all pods",
    modes: &["node.kubelet-down", "node.unreachable", "node.memory-pressure", "node.disk-pressure"],
    share: 0.3,
    means: "There is no other node that ordinary pods may run on: when it fails, everything does.",
    mend: "Add a node, or accept it for a cluster that may be away.",
    reference: "https://kubernetes.io/docs/setup/production-environment/",
};

const LONE_CONTROL_PLANE: Check = Check {
    code: "FF408",
    title: "one control plane node",
    modes: &["control-plane.api-server-down", "control-plane.etcd-down"],
    share: 0.5,
    means: "While it is away nothing is scheduled, healed or changed, and if its disk is lost the cluster is.",
    mend: "Run three, or keep tested backups of etcd.",
    reference: "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/",
};

pub(crate) const CHECKS: &[&Check] =
    &[&ONE_REPLICA, &ONE_NODE, &ONE_ZONE, &NO_SPREAD, &FAIL_CLOSED, &ONE_VOLUME, &LONE_NODE, &LONE_CONTROL_PLANE];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let nodes = scope.nodes();
    for workload in scope.servers().filter(|w| !w.is_daemon()) {
        match workload.replicas {
            Some(1) => alone(workload, out),
            Some(_) => placed(scope, workload, &nodes, out),
            None => {}
        }
        volume(scope, workload, nodes.len(), out);
    }
    webhooks(scope, out);
    cluster(scope, &nodes, out);
}

fn alone(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let dependents = workload.reach.dependents;
    if workload.services.is_empty() && dependents == 0 {
        return;
    }
    let needed = match (workload.services.first(), dependents) {
        (_, 1) => "1 workload depends on it".to_owned(),
        (_, 2..) => format!("{dependents} workloads depend on it"),
        (Some(service), _) => format!("Service {} has nobody else to send to", service.name),
        (None, _) => String::new(),
    };
    let what = match &*workload.entity.kind {
        "Pod" => format!("a pod of its own, which nothing starts again on another node; {needed}"),
        _ => format!("1 replica; {needed}"),
    };
    let claims = |v: &Value| !v.get("persistentVolumeClaim").is_null();
    let keeps_data = workload.entity.kind == "StatefulSet" || workload.spec.get("volumes").list().iter().any(claims);
    let mend = match &*workload.entity.kind {
        _ if keeps_data => "It keeps data, so more replicas alone do not help: set up the replication of what it runs, or keep a tested restore and say how long it may be away".to_owned(),
        "Pod" => "Let a Deployment with two replicas own it".to_owned(),
        _ => format!("{} --replicas=2", kubectl(&workload.entity, "scale")),
    };
    out.push(workload.remark(&ONE_REPLICA, workload.reach, &what).mended_by(&mend));
}

fn placed(scope: &Scope<'_>, workload: &Workload<'_>, nodes: &[&Object], out: &mut Vec<Remark>) {
    let on: BTreeSet<&str> =
        workload.pods.iter().map(|p| p.at("spec.nodeName").text()).filter(|n| !n.is_empty()).collect();
    let placed = workload.pods.iter().filter(|p| !p.at("spec.nodeName").text().is_empty()).count();
    if placed < 2 {
        if scope.listing("Pod", None) == Listing::Manifests && !has_rule(workload) && !workload.services.is_empty() {
            let what = "neither topologySpreadConstraints nor podAntiAffinity";
            out.push(workload.remark(&NO_SPREAD, workload.reach, what));
        }
        return;
    }
    if on.len() == 1 && nodes.len() > 1 {
        let node = on.first().copied().unwrap_or_default();
        let what = format!("{placed} replicas, all on node {node}; {} nodes take pods", nodes.len());
        out.push(workload.remark(&ONE_NODE, workload.reach, &what));
        return;
    }
    let zones: BTreeMap<&str, &str> = nodes
        .iter()
        .map(|n| (n.name.as_str(), n.label("topology.kubernetes.io/zone")))
        .filter(|(_, zone)| !zone.is_empty())
        .collect();
    let all: BTreeSet<&str> = zones.values().copied().collect();
    let used: Vec<Option<&&str>> = on.iter().map(|node| zones.get(node)).collect();
    let mine: BTreeSet<&&str> = used.iter().flatten().copied().collect();
    if all.len() > 1 && mine.len() == 1 && used.iter().all(Option::is_some) {
        let zone = mine.first().copied().copied().unwrap_or_default();
        let what = format!("{placed} replicas, all in zone {zone}; the nodes are in {} zones", all.len());
        out.push(workload.remark(&ONE_ZONE, workload.reach, &what));
    }
}

fn has_rule(workload: &Workload<'_>) -> bool {
    let spread = !workload.spec.get("topologySpreadConstraints").list().is_empty();
    spread || !workload.spec.at("affinity.podAntiAffinity").is_null()
}

fn volume(scope: &Scope<'_>, workload: &Workload<'_>, nodes: usize, out: &mut Vec<Remark>) {
    if workload.entity.kind != "Deployment" || nodes == 1 {
        return;
    }
    let strategy = workload.object.at("spec.strategy");
    let surges = strategy.get("type").text() != "Recreate"
        && !matches!(strategy.at("rollingUpdate.maxSurge").show().as_str(), "0" | "0%");
    let many = workload.replicas.is_some_and(|r| r > 1);
    if !many && !surges {
        return;
    }
    for volume in workload.spec.get("volumes").list() {
        let Some(name) = volume.at("persistentVolumeClaim.claimName").as_str() else { continue };
        let Some(claim) = scope.world.object("PersistentVolumeClaim", workload.entity.namespace.as_deref(), name)
        else {
            continue;
        };
        let modes = claim.at("spec.accessModes").list();
        let one_node =
            !modes.is_empty() && modes.iter().all(|m| matches!(m.text(), "ReadWriteOnce" | "ReadWriteOncePod"));
        if one_node {
            let why = if many { "several replicas" } else { "a roll-out that starts the new pod beside the old one" };
            let what = format!("claim {name} is {}, with {why}", modes[0].text());
            out.push(workload.remark(&ONE_VOLUME, workload.reach, &what));
            return;
        }
    }
}

fn webhooks(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        for object in scope.world.kind(kind) {
            let closed = object.at("webhooks").list().iter().filter(|w| w.get("failurePolicy").text() != "Ignore");
            let mut alone = closed.filter_map(|hook| Some((hook, lone_server(scope, hook)?)));
            // One remark for a configuration: all its hooks tend to have one server.
            let Some((hook, server)) = alone.find(|(hook, _)| guards_pods(hook)) else { continue };
            let what = format!(
                "webhook {} fails closed, guards pods or everything, and has one replica: {server}",
                hook.get("name").text()
            );
            let evidence = object.cite(&format!("{kind} {}: {what}", object.name));
            out.push(Remark::new(&FAIL_CLOSED, object.entity(), &what, Reach::CLUSTER, evidence));
        }
    }
}

/// The workload behind a webhook, if it has but one replica.
fn lone_server(scope: &Scope<'_>, hook: &Value) -> Option<Entity> {
    let service = hook.at("clientConfig.service");
    let namespace = service.get("namespace").as_str().filter(|n| !is_platform(Some(n)))?;
    let service = Entity::namespaced("Service", namespace, service.get("name").text());
    let targets = scope.dependence.targets(&service);
    let [target] = &targets[..] else { return None };
    scope.workloads.iter().find(|w| w.entity == *target && w.replicas == Some(1)).map(|w| w.entity.clone())
}

/// Whether what it guards is needed to heal: pods, or everything.
fn guards_pods(hook: &Value) -> bool {
    let named =
        |rule: &Value, field: &str, names: &[&str]| rule.get(field).list().iter().any(|v| names.contains(&v.text()));
    hook.get("rules")
        .list()
        .iter()
        .any(|rule| named(rule, "resources", &["pods", "*", "*/*"]) && named(rule, "operations", &["CREATE", "*"]))
}

fn cluster(scope: &Scope<'_>, nodes: &[&Object], out: &mut Vec<Remark>) {
    if scope.listing("Node", None) != Listing::Listed {
        return;
    }
    let all: Vec<&Object> = scope.world.kind("Node").filter(|n| n.is_live()).collect();
    let whole = all.iter().all(|n| n.is_whole());
    if let ([node], true) = (nodes, whole) {
        let what = match all.len() {
            1 => "the cluster has one node".to_owned(),
            n => format!("of {n} nodes, one takes ordinary pods"),
        };
        out.push(Remark::new(
            &LONE_NODE,
            node.entity(),
            &what,
            Reach::CLUSTER,
            node.cite(&format!("Node {}: {what}", node.name)),
        ));
        return;
    }
    let rules = |node: &&&Object| {
        let labels = node.at("metadata.labels");
        ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]
            .iter()
            .any(|l| !labels.get(l).is_null())
    };
    let control: Vec<&&Object> = all.iter().filter(rules).collect();
    if let [node] = control[..] {
        let what = format!("1 of {} nodes is control plane", all.len());
        let evidence = node.cite(&format!("Node {}: {what}", node.name));
        out.push(Remark::new(&LONE_CONTROL_PLANE, node.entity(), &what, Reach::CLUSTER, evidence));
    }
}
