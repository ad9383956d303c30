//! Nodes and the control plane: services that do not run, conditions, ways that are cut.

mod api_services;
mod conditions;
mod reach;
mod scheduler;
mod static_pods;
mod units;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Name};

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// The unit of the kubelet is not running on a node.
    KUBELET_STOPPED = "node.kubelet-stopped", "is a node whose kubelet does not run", Never, State;
    /// The unit of the container runtime is not running, or the kubelet says that it does not answer.
    RUNTIME_STOPPED = "node.runtime-stopped", "is a node whose container runtime does not run or answer", Never, State;
    /// The unit of kube-proxy is not running on a node.
    PROXY_STOPPED = "node.kube-proxy-stopped", "is a node whose kube-proxy does not run", Never, State;
    /// The unit of the scheduler is not running.
    SCHEDULER_STOPPED = "control-plane.scheduler-stopped", "hosts a scheduler that does not run", Never, State;
    /// The unit of another control-plane part is not running.
    CONTROLLERS_STOPPED = "control-plane.controllers-stopped", "hosts a controller manager that does not run", Never, State;
    /// The API server's unit is not running.
    API_STOPPED = "control-plane.api-server-stopped", "hosts an API server that does not run", Never, State;
    /// etcd's unit is not running.
    ETCD_STOPPED = "control-plane.etcd-stopped", "hosts an etcd that does not run", Never, State;
    /// An aggregated API does not answer.
    API_UNAVAILABLE = "control-plane.aggregated-api-unavailable", "is an aggregated API that is not available", Never, State;
    /// Pods wait, and no scheduler has said anything about them.
    NEVER_CONSIDERED = "pod.never-considered", "has pods that wait and that no scheduler has looked at", Rarely, State;
    /// `Ready` is not true.
    NOT_READY = "node.not-ready", "is a node that is not ready", Never, State;
    /// The control plane has not heard of the node.
    SILENT = "node.silent", "is a node that no longer reports to the control plane", Never, State;
    /// The network plug-in is not initialised on the node.
    NETWORK_UNREADY = "node.network-unready", "is a node whose network is not ready", Never, State;
    /// The node is short of memory.
    MEMORY_PRESSURE = "node.memory-pressure", "is a node that is short of memory", Never, State;
    /// The node is short of disk.
    DISK_PRESSURE = "node.disk-pressure", "is a node that is short of disk", Never, State;
    /// The node is short of process ids.
    PID_PRESSURE = "node.pid-pressure", "is a node that is short of process ids", Never, State;
    /// The node's own problem detector or kernel says that something is wrong.
    PROBLEM = "node.problem", "is a node with a problem that its own detector reports", Never, State;
    /// Services cannot be reached from this node, and can be from others.
    CUT_OFF = "node.services-unreachable-from", "is a node from which Services cannot be reached that others reach", Never, Infrastructure;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    units::detect(world, &mut merged);
    conditions::detect(world, &mut merged);
    reach::detect(world, &mut merged);
    scheduler::detect(world, &mut merged);
    static_pods::detect(world, &mut merged);
    api_services::detect(world, &mut merged);
    merged.into(findings);
}

/// The node that a host name or address stands for; a host of its own where the cluster has none.
fn node_of(world: &World, host: &Name) -> Entity {
    let is = |node: &&Object| {
        let host: &str = host;
        let short = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
        *node.name == *host
            || short(&node.name) == short(host) && host.parse::<std::net::IpAddr>().is_err()
            || node.at("status.addresses").list().iter().any(|a| a.get("address").text() == host)
    };
    world.kind("Node").find(is).map_or_else(|| Entity::new("Node", host), Object::entity)
}

#[cfg(test)]
mod tests;
