//! Pods that wait although the scheduler says nothing about them.

use firstfault_gather::World;
use firstfault_model::{Entity, Finding, Grade};

use super::ask::Ask;
use super::waiting::{Waiting, is_gated, is_judged};
use super::{GATED, NO_NODES, PREEMPTED, SCHEDULER};

/// Gates, unknown schedulers, an empty cluster, and places lost to a higher priority.
pub(crate) fn detect(world: &World, carrier: &Entity, pods: &[Waiting<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(pods.iter().find_map(|waiting| gated(carrier, &waiting.ask)));
    if findings.is_empty() {
        let named = pods.iter().find_map(|waiting| unknown_scheduler(world, carrier, waiting));
        findings.extend(named.or_else(|| super::untried::by_conditions(world, carrier, pods)));
    }
    findings.extend(pods.iter().find_map(|waiting| no_nodes(carrier, waiting)));
    findings.extend(preempted(world, carrier));
    findings
}

fn gated(carrier: &Entity, ask: &Ask<'_>) -> Option<Finding> {
    let gates: Vec<String> = ask.spec("schedulingGates").list().iter().map(|gate| gate.at("name").show()).collect();
    let held = ask.pod.is_some_and(is_gated);
    if gates.is_empty() && !held {
        return None;
    }
    let gates = gates.join(", ");
    let evidence = ask.cite_field("schedulingGates", &format!("schedulingGates: {gates}"))?;
    Some(Finding::new(&GATED, carrier.clone(), evidence).graded(Grade::Certain).with("gate", gates))
}

/// No event at all, although another scheduler than the default one is named.
fn unknown_scheduler(world: &World, carrier: &Entity, waiting: &Waiting<'_>) -> Option<Finding> {
    let scheduler = waiting.ask.spec("schedulerName").as_str()?;
    let judged = waiting.ask.pod.is_some_and(is_judged);
    if scheduler == "default-scheduler" || waiting.said.is_some() || judged {
        return None;
    }
    let running = world
        .kind("Pod")
        .any(|pod| pod.at("status.phase").text() == "Running" && pod.name.as_str().starts_with(scheduler));
    let grade = if running { Grade::Weak } else { Grade::Strong };
    let evidence = waiting.ask.cite_field("schedulerName", &format!("schedulerName: {scheduler}"))?;
    Some(Finding::new(&SCHEDULER, carrier.clone(), evidence).graded(grade).with("scheduler", scheduler))
}

fn no_nodes(carrier: &Entity, waiting: &Waiting<'_>) -> Option<Finding> {
    let event = waiting.event.filter(|event| event.message.contains("no nodes available to schedule pods"))?;
    Some(Finding::new(&NO_NODES, carrier.clone(), event.cite()).seen(event.first, event.last))
}

/// Pods of this workload were preempted, and it still waits.
pub(super) fn preempted(world: &World, carrier: &Entity) -> Option<Finding> {
    let mut events = world.events.iter().filter(|event| {
        event.reason == "Preempted" && event.about.kind == "Pod" && world.carrier_of(&event.about) == *carrier
    });
    let first = events.next()?;
    let node = first.message.rsplit(" on node ").next().unwrap_or_default().trim();
    let last = events.next_back().unwrap_or(first);
    let finding = Finding::new(&PREEMPTED, carrier.clone(), first.cite()).seen(first.first, last.last);
    Some(if first.message.contains(" on node ") { finding.with("node", node) } else { finding })
}
