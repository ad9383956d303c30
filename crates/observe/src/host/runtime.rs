//! Containers as their runtime lists them, where no pod object tells more.

use firstfault_gather::{RuntimeContainer, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{CONTAINER_FAILING, CONTAINER_KILLED, CONTAINER_UNHEALTHY, machine, state};
use crate::merge::Merged;

/// Ended by a signal of the one who stopped it.
const ASKED_TO_STOP: &[i64] = &[0, 130, 137, 143];

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for container in &world.host.containers {
        let carrier = carrier(world, container);
        // What the API shows of a pod says more than its runtime.
        if carrier.kind != "container"
            && (world.object_of(&carrier).is_some() || container.pod.is_some() && world.coverage.complete("Pod", None))
        {
            continue;
        }
        let say = |declaration| {
            let mut finding = Finding::new(declaration, carrier.clone(), container.evidence.clone())
                .in_state(state(world, container.finished))
                .seen(container.finished, container.finished)
                .with("container", container.name.as_str())
                .with("image", container.image.as_str());
            if let Some(code) = container.exit_code {
                finding = finding.with("code", code.to_string());
            }
            match machine(world, &container.on) {
                Some(machine) => finding.with("node", machine.name.as_str()),
                None => finding,
            }
        };
        if container.oom_killed {
            merged.add(say(&CONTAINER_KILLED).graded(Grade::Certain));
        } else if fails(world, container) {
            let grade = if container.state == "restarting" { Grade::Strong } else { Grade::Fair };
            merged.add(say(&CONTAINER_FAILING).graded(grade));
        }
        if container.unhealthy && container.state == "running" {
            merged.add(say(&CONTAINER_UNHEALTHY));
        }
    }
}

fn carrier(world: &World, container: &RuntimeContainer) -> Entity {
    match &container.pod {
        Some(pod) => {
            let pod = Entity { kind: "Pod".into(), namespace: container.namespace.clone(), name: pod.clone() };
            world.carrier_of(&pod)
        }
        None => Entity::new("container", &container.name),
    }
}

/// It restarts, or it ended with an error and nothing has taken its place.
fn fails(world: &World, container: &RuntimeContainer) -> bool {
    let code = container.exit_code.unwrap_or(0);
    match container.state.as_str() {
        "restarting" => true,
        "exited" | "dead" => {
            let replaced = world.host.containers.iter().any(|other| {
                other.name == container.name
                    && other.pod == container.pod
                    && other.on == container.on
                    && other.state == "running"
            });
            !ASKED_TO_STOP.contains(&code) && !replaced
        }
        _ => false,
    }
}
