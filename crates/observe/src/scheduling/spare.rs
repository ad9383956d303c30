//! Pods that come last on purpose, and wait for room.

use firstfault_gather::World;
use firstfault_model::{Entity, Finding, Grade};

use super::waiting::Waiting;
use super::{CPU, EPHEMERAL, EXTENDED, MEMORY, PODS, SPARE, unheard};
use crate::pod::{is_spare, runs_to_an_end};

/// That all waiting pods have a priority below zero and nothing but room is missing to them: no fault.
pub(super) fn waits(world: &World, carrier: &Entity, pods: &[Waiting<'_>], why: &[Finding]) -> Option<Finding> {
    let for_room = [&CPU, &MEMORY, &EPHEMERAL, &EXTENDED, &PODS];
    let only_room = !why.is_empty() && why.iter().all(|finding| for_room.iter().any(|room| room.id == finding.id));
    let spare = only_room && pods.iter().all(|waiting| waiting.ask.pod.is_some_and(|pod| is_spare(world, pod)));
    // What serves and was driven out is missed; batch work is not.
    let driven_out = !runs_to_an_end(carrier) && unheard::preempted(world, carrier).is_some();
    let pod = pods.first().filter(|_| spare && !driven_out)?.ask.pod?;
    let evidence = pod.cite(&format!("Pod {}: priority: {}", pod.name, pod.at("spec.priority").show()));
    Some(Finding::new(&SPARE, carrier.clone(), evidence).graded(Grade::Certain).with("pod", pod.name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::detect;
    use crate::sample::{Sample, ids};

    fn found(priority: i64) -> Vec<&'static str> {
        let pod = format!(
            r#"{{"spec":{{"priority":{priority},"containers":[{{"name":"a","resources":{{"requests":{{"cpu":"4"}}}}}}]}},
            "status":{{"phase":"Pending","conditions":[{{"type":"PodScheduled","status":"False","reason":"Unschedulable",
            "message":"0/1 nodes are available: 1 Insufficient cpu."}}]}}}}"#
        );
        let world = Sample::default()
            .api("Pod/night/fill", &pod)
            .api(
                "Pod/day/serve",
                r#"{"spec":{"nodeName":"n1","containers":[{"name":"a","resources":{"requests":{"cpu":"6"}}}]},
                "status":{"phase":"Running"}}"#,
            )
            .api("Node/n1", r#"{"status":{"allocatable":{"cpu":"8","memory":"8Gi","pods":"110"}}}"#);
        ids(&world.found(detect))
    }

    #[test]
    fn a_pod_that_comes_last_waits_in_peace() {
        assert_eq!(found(-10), ["scheduling.waits-for-spare-room"]);
        assert!(found(0).contains(&"scheduling.insufficient-cpu"));
    }
}
