//! The nodes as the scheduler sees them: labels, taints, room, and the pods that run there.

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Name, Value};

use super::ask::{Ask, add, amounts};
use firstfault_model::Quantity;

/// The cluster's nodes with what runs on them.
pub(crate) struct Cluster<'w> {
    /// Nodes in order of name.
    pub(crate) nodes: Vec<Node<'w>>,
    /// Every node was listed.
    pub(crate) complete: bool,
    /// Some node has labels or taints, so nodes were printed and not only named.
    pub(crate) described: bool,
}

/// One node.
pub(crate) struct Node<'w> {
    /// The object.
    pub(crate) object: &'w Object,
    /// Pods on it that have not ended.
    pub(crate) pods: Vec<&'w Object>,
    /// What can be given; empty if unknown.
    pub(crate) allocatable: BTreeMap<String, Quantity>,
    /// What is given; a lower bound unless `requested_known`.
    pub(crate) requested: BTreeMap<String, Quantity>,
    /// Everything that was given is known.
    pub(crate) requested_known: bool,
}

/// Labels and taints that mark a node of the control plane.
const CONTROL_PLANE: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

impl<'w> Cluster<'w> {
    /// Reads the nodes, and the pods that run on each.
    pub(crate) fn new(world: &'w World) -> Self {
        let mut on: BTreeMap<&Name, Vec<&Object>> = BTreeMap::new();
        for pod in world.kind("Pod").filter(|pod| pod.is_live() && !has_ended(pod)) {
            if let Some(node) = pod.at("spec.nodeName").as_name() {
                on.entry(node).or_default().push(pod);
            }
        }
        let all_pods = world.coverage.complete("Pod", None);
        let nodes: Vec<_> = world
            .kind("Node")
            .filter(|node| node.is_live())
            .map(|object| Node::new(world, object, on.remove(&object.name).unwrap_or_default(), all_pods))
            .collect();
        let described = nodes.iter().any(|node| node.knows_labels());
        Self { nodes, complete: world.coverage.complete("Node", None), described }
    }
}

fn has_ended(pod: &Object) -> bool {
    matches!(pod.at("status.phase").text(), "Succeeded" | "Failed")
}

impl<'w> Node<'w> {
    fn new(world: &'w World, object: &'w Object, pods: Vec<&'w Object>, all_pods: bool) -> Self {
        let allocatable = amounts(object.at("status.allocatable"));
        let mut requested = amounts(object.at("status.printedAllocated.requests"));
        let described = !requested.is_empty();
        let mut specs_known = true;
        if !described {
            for pod in &pods {
                let ask = Ask::of_pod(world, pod);
                specs_known &= pod.has_spec();
                add(&mut requested, &ask.requests());
            }
        }
        let running = Quantity::whole(i64::try_from(pods.len()).unwrap_or(i64::MAX));
        requested.insert("pods".into(), running);
        Self { object, pods, allocatable, requested, requested_known: described || (all_pods && specs_known) }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.object.name
    }

    /// Its labels.
    pub(crate) fn labels(&self) -> &'w Value {
        self.object.at("metadata.labels")
    }

    /// Whether its labels were printed, and not only its roles, as a table does.
    pub(crate) fn knows_labels(&self) -> bool {
        let printed = ["kubernetes.io/hostname", "kubernetes.io/os", "beta.kubernetes.io/os"];
        let labels = self.labels();
        !labels.is_null() && (self.object.has_spec() || printed.iter().any(|key| !labels.get(key).is_null()))
    }

    /// Whether it is cordoned; `None` if unknown.
    pub(crate) fn cordoned(&self) -> Option<bool> {
        let flag = self.object.at("spec.unschedulable").as_bool();
        flag.or_else(|| (self.object.is_whole() || self.object.has_spec()).then_some(false))
    }

    /// Whether it is ready; `None` if unknown.
    pub(crate) fn is_ready(&self) -> Option<bool> {
        match crate::pod::condition(self.object, "Ready").get("status").text() {
            "" => None,
            status => Some(status == "True"),
        }
    }

    /// Its taints, without the one that a cordon sets.
    pub(crate) fn taints(&self) -> Option<impl Iterator<Item = &'w Value>> {
        let taints = self.object.at("spec.taints");
        let known = !taints.is_null() || self.object.has_spec();
        known.then(|| taints.list().iter().filter(|taint| taint.at("key").text() != "node.kubernetes.io/unschedulable"))
    }

    /// Whether it belongs to the control plane, so that ordinary pods are not meant for it.
    pub(crate) fn is_control_plane(&self) -> bool {
        let labels = self.labels();
        let role = matches!(labels.get("kubernetes.io/role").text(), "master" | "control-plane");
        let labelled = CONTROL_PLANE.iter().any(|key| !labels.get(key).is_null());
        let tainted = self.object.at("spec.taints").list().iter().any(|t| CONTROL_PLANE.contains(&t.at("key").text()));
        role || labelled || tainted
    }

    /// Whether it is closed to ordinary pods: of the control plane, and tainted or cordoned.
    pub(crate) fn is_background(&self) -> bool {
        let closed = self.cordoned() == Some(true)
            || self.taints().is_some_and(|mut taints| taints.any(|t| t.at("effect").text() != "PreferNoSchedule"));
        self.is_control_plane() && closed
    }

    /// What of a resource is free; `None` if unknown, an upper bound if not all pods are known.
    pub(crate) fn free(&self, resource: &str) -> Option<Quantity> {
        let all = *self.allocatable.get(resource)?;
        Some(all - self.requested.get(resource).copied().unwrap_or_default())
    }

    /// What of a resource it can give at all; nothing if it lists resources and not this one.
    pub(crate) fn gives(&self, resource: &str) -> Option<Quantity> {
        if self.allocatable.is_empty() {
            return None;
        }
        Some(self.allocatable.get(resource).copied().unwrap_or_default())
    }
}
