use firstfault_gather::{Event, Object, World};
use firstfault_model::{Entity, Evidence, Finding, Grade, State};
use jiff::SignedDuration;

use super::{CRASH_LOOPING, POD_NOT_READY, POD_RESTARTING};
use crate::merge::Merged;
use crate::pod::{
    Container, condition, containers, event_age, is_new, is_ready, is_settled, last_restart, pods_at_work, restart_age,
    time,
};
use crate::startup::state_of;

/// Restarts that are older than this belong to another story.
const LATELY: SignedDuration = SignedDuration::from_hours(1);

/// The kubelet waits at most so long before it starts a container again (`MaxContainerBackOff`).
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn detect(world: &World, merged: &mut Merged) {
    by_events(world, merged);
    for pod in pods_at_work(world) {
        let carrier = world.carrier(pod);
        not_ready(world, pod, &carrier, merged);
        for container in containers(pod) {
            restarting(world, pod, &container, &carrier, merged);
            crash_looping(world, pod, &container, &carrier, merged);
        }
    }
}

/// Crash loops of pods of which only the events were seen.
fn by_events(world: &World, merged: &mut Merged) {
    for event in world.events.iter().filter(|e| e.reason == "BackOff" && e.about.kind == "Pod") {
        let Some((_, rest)) = event.message.split_once("Back-off restarting failed container") else { continue };
        if world.object_of(&event.about).is_some_and(Object::is_live) {
            continue; // its status says more
        }
        // Newer kubelets name it: `container api in pod …`.
        let container = rest.trim_start().split_once(" in pod ").map_or("", |(name, _)| name);
        merged.add(
            Finding::new(&CRASH_LOOPING, world.carrier_of(&event.about), event.cite())
                .in_state(loop_state(world, event))
                .seen(event.first, event.last)
                .with("pod", event.about.name.as_str())
                .with("container", container),
        );
    }
}

/// Whether a pod that was only heard of still ends again and again. A start alone heals nothing here, being
/// part of the loop: only one that has held for longer than the pauses of a loop, or silence does.
fn loop_state(world: &World, event: &Event) -> State {
    let Some(said) = event_age(world, event) else { return state_of(world, event) };
    let holds = |start: &Event| {
        start.reason == "Started" && event_age(world, start).is_some_and(|age| age < said && age > LONGEST_PAUSE)
    };
    let leaves = |other: &Event| {
        let evicted = other.reason == "TaintManagerEviction" && other.message.starts_with("Marking for deletion");
        (evicted || other.reason == "Preempted") && event_age(world, other).is_some_and(|age| age <= said)
    };
    let gone = world.is_missing("Pod", event.about.namespace.as_deref(), &event.about.name);
    let over = gone || said > 2 * LONGEST_PAUSE || world.events_about(&event.about).any(|e| holds(e) || leaves(e));
    if over { State::Recovered } else { State::Current }
}

fn not_ready(world: &World, pod: &Object, carrier: &Entity, merged: &mut Merged) {
    if is_ready(pod) != Some(false) || is_unscheduled(pod) {
        return;
    }
    let since = time(condition(pod, "Ready").get("lastTransitionTime"));
    let grade = if is_new(world, pod) { Grade::Weak } else { Grade::Certain };
    let mut finding =
        Finding::new(&POD_NOT_READY, carrier.clone(), pod.cite(&format!("Pod {} is not ready", pod.name)))
            .graded(grade)
            .seen(since, world.now)
            .with("pod", pod.name.as_str());
    if let Some(node) = pod.at("spec.nodeName").as_str() {
        finding = finding.with("node", node);
    }
    merged.add(finding);
}

/// Not ready because no node was found is said elsewhere.
fn is_unscheduled(pod: &Object) -> bool {
    condition(pod, "PodScheduled").get("status").text() == "False"
        || (pod.at("status.phase").text() == "Pending"
            && pod.at("spec.nodeName").text().is_empty()
            && pod.at("status.containerStatuses").list().iter().all(|s| s.at("state.waiting.reason").is_null()))
}

fn restarting(world: &World, pod: &Object, container: &Container<'_>, carrier: &Entity, merged: &mut Merged) {
    let restarts = container.restarts();
    if restarts == 0 || container.init && container.status.at("state.terminated.exitCode").as_int() == Some(0) {
        return;
    }
    let last = last_restart(container);
    let ago = restart_age(world, pod, last);
    let ready = container.ready() == Some(true);
    let state = match ago {
        Some(ago) if ago > LATELY => return,
        Some(_) if is_settled(world, pod, container) => State::Recovered,
        None if ready => return,
        _ => State::Current,
    };
    let what = format!("Pod {}: container {} was restarted {restarts} times", pod.name, container.name);
    merged.add(
        Finding::new(&POD_RESTARTING, carrier.clone(), pod.cite(&what))
            .graded(if ready { Grade::Fair } else { Grade::Certain })
            .in_state(state)
            .seen(last, world.now)
            .with("pod", pod.name.as_str())
            .with("container", container.name)
            .with("restarts", restarts.to_string()),
    );
}

fn crash_looping(world: &World, pod: &Object, container: &Container<'_>, carrier: &Entity, merged: &mut Merged) {
    let waits = matches!(container.waiting(), "CrashLoopBackOff" | "RunContainerError");
    let failed_again = container.restarts() >= 2
        && container.status.at("state.terminated.exitCode").as_int().is_some_and(|code| code != 0);
    let flaps = container.restarts() >= 3
        && container.ready() != Some(true)
        && container.status.at("lastState.terminated.exitCode").as_int().is_some_and(|code| code != 0)
        && !is_settled(world, pod, container);
    if !(waits || failed_again || flaps) {
        return;
    }
    let evidence: Evidence = pod.cite(&format!(
        "Pod {}: container {} {} (restarts: {})",
        pod.name,
        container.name,
        if waits { format!("waits in {}", container.waiting()) } else { "ended with an error".to_owned() },
        container.restarts()
    ));
    let mut finding = Finding::new(&CRASH_LOOPING, carrier.clone(), evidence)
        .graded(Grade::Certain)
        .seen(container.ended().and_then(|e| time(e.get("startedAt"))), world.now)
        .with("pod", pod.name.as_str())
        .with("container", container.name)
        .with("restarts", container.restarts().to_string());
    if let Some(code) = container.ended().and_then(|e| e.get("exitCode").as_int()) {
        finding = finding.with("exit_code", code.to_string());
    }
    if container.init {
        finding = finding.with("init", "init ");
    }
    merged.add(finding);
}

#[cfg(test)]
mod tests {
    use super::super::detect;
    use crate::sample::{Sample, ids};

    fn at(mut sample: Sample, now: &str) -> Sample {
        sample.0.now = now.parse().ok();
        sample
    }

    #[test]
    fn a_crash_loop_is_seen_on_its_carrier_with_its_exit_code() {
        let world = at(
            Sample::default().api(
                "Pod/shop/api-1",
                r#"{"metadata":{"creationTimestamp":"2030-01-01T00:00:00Z"},"spec":{"nodeName":"n","containers":[{"name":"api"}]},
                "status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],
                "containerStatuses":[{"name":"api","ready":false,"restartCount":6,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
                "lastState":{"terminated":{"exitCode":1,"finishedAt":"2030-01-01T00:10:00Z"}}}]}}"#,
            ),
            "2030-01-01T00:12:00Z",
        );
        let found = world.found(detect);
        assert_eq!(ids(&found), ["container.crash-looping", "pod.not-ready", "pod.restarting", "workload.unavailable"]);
        assert_eq!(found.iter().find(|f| f.id == "container.crash-looping").map(|f| f.field("exit_code")), Some("1"));
    }

    #[test]
    fn restarts_of_days_ago_say_nothing() {
        let world = at(
            Sample::default().api(
                "Pod/shop/db-0",
                r#"{"spec":{"nodeName":"n","containers":[{"name":"db"}]},"status":{"phase":"Running",
                "conditions":[{"type":"Ready","status":"True"}],
                "containerStatuses":[{"name":"db","ready":true,"restartCount":4,"state":{"running":{"startedAt":"2030-01-01T00:00:00Z"}},
                "lastState":{"terminated":{"exitCode":137,"finishedAt":"2030-01-01T00:00:00Z"}}}]}}"#,
            ),
            "2030-01-03T00:00:00Z",
        );
        assert!(world.found(detect).is_empty());
    }

    #[test]
    fn a_pod_without_a_node_is_not_called_unready() {
        let world = Sample::default().api(
            "Pod/shop/api-1",
            r#"{"spec":{"containers":[{"name":"api"}]},"status":{"phase":"Pending",
            "conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"},{"type":"Ready","status":"False"}]}}"#,
        );
        assert!(!ids(&world.found(detect)).contains(&"pod.not-ready"));
    }
}
