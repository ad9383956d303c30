//! What keeps a pod off the nodes where neither the scheduler's words nor the whole spec were collected: the
//! reading that is left once all that `describe` prints has been ruled out.
//!
//! `describe pod` prints node selectors, tolerations, requests, ports, volumes and spread constraints. It prints
//! no affinity and no scheduling gate; a listing of nodes prints no taint.

use firstfault_gather::{Form, Object, World};
use firstfault_model::{Finding, Grade, Value};

use super::cluster::{Cluster, Node};
use super::constraint::Verdict;
use super::filters::Row;
use super::instance_types;
use super::waiting::Waiting;
use super::{ANTI_AFFINITY, DAEMON, EPHEMERAL, TAINT, UNPRINTED};
use crate::pod::{condition, time};
use firstfault_model::Quantity;

/// Said where no source prints the request or the room.
const SHORT: &str = "CPU or memory is what is short most often, and it was not printed which";

/// Local disks of nodes are rarely as large.
const HUGE_DISK: &str = "1Ti";

/// The reading that is left, for a pod that a scheduler has tried to place in vain.
pub(super) fn why(world: &World, cluster: &Cluster<'_>, waiting: &Waiting<'_>, matrix: &[Row]) -> Vec<Finding> {
    let Some(pod) = waiting.ask.pod.filter(|pod| was_described(pod) && waiting.said.is_none()) else {
        return daemon_in_table(world, cluster, waiting).into_iter().collect();
    };
    let tried = condition(pod, "PodScheduled").get("status").text() == "False";
    if !tried || !cluster.complete || !cluster.described {
        return Vec::new();
    }
    if waiting.ask.carrier.kind == "DaemonSet" {
        return daemon(cluster, waiting, pod).into_iter().collect();
    }
    let fit: Vec<&Node<'_>> =
        cluster.nodes.iter().zip(matrix).filter(|(_, row)| is_open(row)).map(|(n, _)| n).collect();
    one_a_node(world, waiting, pod)
        .or_else(|| huge_disk(waiting, pod))
        .or_else(|| hidden_rule(world, waiting, pod, &fit))
        .map_or_else(|| hidden_taint(cluster, waiting, pod, &fit).into_iter().collect(), |finding| vec![finding])
}

fn was_described(pod: &Object) -> bool {
    pod.origins.iter().any(|origin| origin.form == Form::Describe) && !pod.is_whole()
}

fn is_open(row: &Row) -> bool {
    row.iter().all(|(_, verdict)| *verdict != Verdict::Fails)
}

fn finding(declaration: &firstfault_model::Declaration, waiting: &Waiting<'_>, pod: &Object, what: &str) -> Finding {
    let evidence = pod.cite(&format!("Pod {}: {what}", pod.name));
    Finding::new(declaration, waiting.ask.carrier.clone(), evidence).with("pod", pod.name.as_str())
}

/// Several pods of the workload run, no two on one node, and neither host ports nor spreading are printed.
fn one_a_node(world: &World, waiting: &Waiting<'_>, pod: &Object) -> Option<Finding> {
    let ask = &waiting.ask;
    let spreads = !ask.spec("topologySpreadConstraints").list().is_empty();
    if spreads || !ask.host_ports().is_empty() || ask.carrier.kind == "StatefulSet" {
        return None;
    }
    let placed: Vec<&Object> = world.pods_of(&ask.carrier).filter(|pod| is_placed(pod)).collect();
    let mut nodes: Vec<&str> = placed.iter().map(|pod| pod.at("spec.nodeName").text()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let (first, apart) = (placed.first()?, nodes.len() >= 3 && nodes.len() == placed.len());
    let what = "Pending, PodScheduled: False; no host port and no spread constraint is printed";
    let beside = format!("{} pods of it run, each on a node of its own", placed.len());
    apart.then(|| finding(&ANTI_AFFINITY, waiting, pod, what).citing([first.cite(&beside)]).graded(Grade::Fair))
}

fn is_placed(pod: &Object) -> bool {
    let node = pod.at("spec.nodeName").text();
    pod.is_live() && !node.is_empty() && node != "<none>" && pod.at("status.phase").text() == "Running"
}

/// A request for local disk that few machines could meet.
fn huge_disk(waiting: &Waiting<'_>, pod: &Object) -> Option<Finding> {
    let asked = *waiting.ask.requests().get("ephemeral-storage")?;
    let amount = asked.show("ephemeral-storage");
    let what = format!("requests ephemeral-storage: {amount}");
    (asked >= Quantity::parse(HUGE_DISK)?).then(|| {
        let finding = finding(&EPHEMERAL, waiting, pod, &what).graded(Grade::Fair);
        finding.with("resource", "ephemeral-storage").with("request", amount)
    })
}

/// A pod that asks for no less, and tolerates no more, was placed since on a node that fits for all that is printed.
fn hidden_rule(world: &World, waiting: &Waiting<'_>, pod: &Object, fit: &[&Node<'_>]) -> Option<Finding> {
    let owner = waiting.ask.owner?;
    let made = time(owner.at("metadata.creationTimestamp"))?;
    let asked = waiting.ask.requests();
    let tolerates = |other: &Object| {
        let own = waiting.ask.spec("tolerations").list();
        let same = |a: &Value, b: &Value| {
            a.at("key").text() == b.at("key").text() && a.at("effect").text() == b.at("effect").text()
        };
        other.at("spec.tolerations").list().iter().all(|t| own.iter().any(|o| same(o, t)))
    };
    let (node, placed) = fit.iter().find_map(|node| {
        let since = node.pods.iter().find(|other| {
            let given = super::ask::Ask::of_pod(world, other).requests();
            let no_less = asked.iter().all(|(resource, amount)| given.get(resource).is_some_and(|g| g >= amount));
            other.has_spec()
                && world.carrier(other) != waiting.ask.carrier
                && time(other.at("status.startTime")).is_some_and(|start| start >= made)
                && no_less
                && tolerates(other)
        })?;
        Some((*node, *since))
    })?;
    let since = format!("Pod {}: asks for no less and was placed on {}", placed.name, node.name());
    let what = "Pending, PodScheduled: False; nothing that is printed keeps it off";
    let finding = finding(&UNPRINTED, waiting, pod, what)
        .citing([placed.cite(&since), node.object.cite(&format!("Node {}: fits for all that is printed", node.name()))])
        .graded(Grade::Fair)
        .with("node", node.name());
    Some(match bound_volume(world, waiting) {
        Some(volume) => finding.with("volume", volume),
        None => finding,
    })
}

/// The volume behind a claim of the pod, whose own node affinity no table prints.
fn bound_volume(world: &World, waiting: &Waiting<'_>) -> Option<String> {
    waiting.ask.claims().iter().find_map(|claim| {
        let claim = world.object("PersistentVolumeClaim", waiting.ask.namespace, claim)?;
        claim.at("spec.volumeName").as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    })
}

/// The selector leaves few nodes, they are ready and open, large enough, and no ordinary pod runs there: what is
/// left is a taint, which a listing does not print.
fn hidden_taint(cluster: &Cluster<'_>, waiting: &Waiting<'_>, pod: &Object, fit: &[&Node<'_>]) -> Vec<Finding> {
    let ask = &waiting.ask;
    let selects = ask.spec("nodeSelector").entries().next().is_some();
    let asked = ask.requests();
    let roomy = |node: &&Node<'_>| {
        let size = instance_types::of(node.labels());
        asked.iter().all(|(resource, amount)| {
            size.as_ref()
                .and_then(|size| size.get(resource.as_str()))
                .is_some_and(|all| amount.units() * 4.0 < all.units())
        })
    };
    let hidden = |node: &&Node<'_>| {
        node.taints().is_none()
            && node.is_ready() == Some(true)
            && node.cordoned() == Some(false)
            && node.pods.is_empty()
    };
    if !selects || !ask.claims().is_empty() || fit.is_empty() || fit.len() * 2 > cluster.nodes.len() {
        return Vec::new();
    }
    if !fit.iter().all(|node| hidden(node) && roomy(node)) {
        return Vec::new();
    }
    let names: Vec<&str> = fit.iter().map(|node| node.name()).take(4).collect();
    let what = "Pending, PodScheduled: False; the nodes that it selects are ready, open, and large enough";
    let nodes =
        || fit.iter().take(3).map(|node| node.object.cite(&format!("Node {}: ready, not cordoned", node.name())));
    let make = |declaration| finding(declaration, waiting, pod, what).citing(nodes()).with("node", names.join(", "));
    vec![make(&TAINT).graded(Grade::Fair), make(&UNPRINTED).graded(Grade::Weak)]
}

/// The controller makes a pod only for nodes whose labels and taints allow it, so that what is missing is room.
fn daemon(cluster: &Cluster<'_>, waiting: &Waiting<'_>, pod: &Object) -> Option<Finding> {
    let ask = &waiting.ask;
    if !ask.host_ports().is_empty() || !ask.claims().is_empty() {
        return None;
    }
    let asked = ask.requests();
    let free = cluster
        .nodes
        .iter()
        .filter(|node| !node.pods.iter().any(|p| p.name.as_str().starts_with(ask.carrier.name.as_str())));
    let small = free.into_iter().find_map(|node| {
        let size = instance_types::of(node.labels())?;
        let (resource, amount) =
            asked.iter().find(|(resource, amount)| size.get(resource.as_str()).is_some_and(|all| *amount > all))?;
        Some((node, resource.clone(), *amount, size[resource.as_str()]))
    });
    Some(match small {
        Some((node, resource, amount, all)) => {
            let (shown, has) = (amount.show(&resource), all.show(&resource));
            let size = format!("Node {}: its instance type has {resource}: {has}", node.name());
            finding(&DAEMON, waiting, pod, &format!("requests {resource}: {shown}"))
                .citing([node.object.cite(&size)])
                .graded(Grade::Strong)
                .about(node.object.entity())
                .with("resource", resource)
                .with("request", shown)
                .with("largest", has)
                .with("node", node.name())
        }
        None => finding(&DAEMON, waiting, pod, "Pending, PodScheduled: False").graded(Grade::Fair).with("short", SHORT),
    })
}

/// Of a DaemonSet that runs on its other nodes, one pod waits: its node has no room for it.
fn daemon_in_table(world: &World, cluster: &Cluster<'_>, waiting: &Waiting<'_>) -> Option<Finding> {
    let pod = waiting.ask.pod.filter(|pod| !pod.has_spec() && waiting.said.is_none() && cluster.complete)?;
    let old = pod.at("metadata.printedAge").as_int().is_some_and(|seconds| seconds > 120);
    if waiting.ask.carrier.kind != "DaemonSet" || !old {
        return None;
    }
    let running = world.pods_of(&waiting.ask.carrier).find(|other| is_placed(other))?;
    let elsewhere = format!("Pod {}: runs on its node", running.name);
    Some(
        finding(&DAEMON, waiting, pod, "Pending")
            .citing([running.cite(&elsewhere)])
            .graded(Grade::Fair)
            .with("short", SHORT),
    )
}
