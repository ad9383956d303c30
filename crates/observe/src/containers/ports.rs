use firstfault_gather::{Object, World};
use firstfault_logs::Words;
use firstfault_model::{Finding, Grade, State};

use super::{PORT_CLAIMED, PORT_TAKEN, SAME_PORT};
use crate::merge::Merged;
use crate::pod::{SERVING, containers, is_ready, pod_spec, pods_at_work};
use crate::words::{Logs, cite};

pub(super) fn detect(world: &World, logs: &Logs<'_>, merged: &mut Merged) {
    for pod in pods_at_work(world).filter(|pod| is_ready(pod) != Some(true)) {
        let carrier = world.carrier(pod);
        same_port(world, pod, merged);
        for container in containers(pod).iter().filter(|c| !c.init) {
            for log in logs.about(&carrier, container.name) {
                let shapes = log.digest.warnings().map(|shape| &shape.example);
                let said =
                    log.digest.last_words.iter().chain(shapes).find_map(|words| Some((words, port_taken(words)?)));
                let Some((words, port)) = said else { continue };
                merged.add(
                    Finding::new(&PORT_TAKEN, carrier.clone(), cite(log, words))
                        .seen(words.at, words.at)
                        .in_state(if container.ready() == Some(true) { State::Recovered } else { State::Current })
                        .with("pod", pod.name.as_str())
                        .with("container", container.name)
                        .with("port", port.as_str()),
                );
                if containers(pod).iter().filter(|c| !c.init).count() >= 2 && !port.is_empty() {
                    claimed(world, pod, &port, merged);
                }
            }
        }
    }
}

/// The port that a record says is taken; empty where it does not say which.
fn port_taken(words: &Words) -> Option<String> {
    let text = words.text.as_str().to_lowercase();
    let at = ["already in use", "address in use", "eaddrinuse", "only one usage of each socket address"]
        .iter()
        .find_map(|phrase| text.find(phrase))?;
    let before = text[..at].split(|c: char| !c.is_ascii_digit()).rfind(|n| is_port(n));
    let after = text[at..].split(|c: char| !c.is_ascii_digit()).find(|n| is_port(n));
    Some(before.or(after).unwrap_or("").to_owned())
}

fn is_port(digits: &str) -> bool {
    digits.len() >= 2 && digits.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Two containers of a pod that declare one port: they share a network.
fn same_port(world: &World, pod: &Object, merged: &mut Merged) {
    let all = containers(pod);
    let running = || all.iter().filter(|c| !c.init);
    for (i, one) in running().enumerate() {
        for other in running().skip(i + 1) {
            for port in one.spec.get("ports").list() {
                let number = port.get("containerPort").as_int();
                let protocol = protocol(port);
                let taken = |p: &&firstfault_model::Value| {
                    number.is_some() && p.get("containerPort").as_int() == number && self::protocol(p) == protocol
                };
                if other.spec.get("ports").list().iter().any(|p| taken(&p)) {
                    let number = number.unwrap_or(0).to_string();
                    let what = format!(
                        "Pod {}: containers {} and {} both declare port {number}",
                        pod.name, one.name, other.name
                    );
                    merged.add(
                        Finding::new(&SAME_PORT, world.carrier(pod), pod.cite(&what))
                            .graded(Grade::Certain)
                            .with("port", number)
                            .with("container", one.name)
                            .with("sidecar", other.name),
                    );
                }
            }
        }
    }
}

fn protocol(port: &firstfault_model::Value) -> &str {
    match port.get("protocol").text() {
        "" => "TCP",
        protocol => protocol,
    }
}

/// An annotation of the pod or its template sets a sidecar to the port: an injected container is
/// configured so.
fn claimed(world: &World, pod: &Object, port: &str, merged: &mut Merged) {
    let carrier = world.carrier(pod);
    let workload = world.object_of(&carrier).filter(|o| SERVING.contains(&o.kind.as_str()));
    let sources = [Some((pod, "metadata.annotations")), workload.map(|w| (w, "spec.template.metadata.annotations"))];
    for (object, path) in sources.into_iter().flatten() {
        for (key, value) in object.at(path).entries() {
            let about_port = value.text().to_lowercase().contains("port") || key.to_lowercase().contains("port");
            let names = value.show().split(|c: char| !c.is_ascii_digit()).any(|n| n == port);
            if about_port && names && !is_record(key) {
                let what = format!("{} {}: annotation {key}: {}", object.kind, object.name, value.show());
                merged.add(
                    Finding::new(&PORT_CLAIMED, carrier.clone(), object.cite(&what))
                        .graded(Grade::Strong)
                        .with("port", port)
                        .with("annotation", key.as_str()),
                );
            }
        }
    }
    let helper = containers(pod).into_iter().find(|c| {
        let text = format!("{} {}", c.spec.get("args").show(), c.spec.get("env").show());
        let declares = pod_spec(pod).get("containers").list().iter().any(|one| {
            one.get("name").text() != c.name
                && one.get("ports").list().iter().any(|p| p.get("containerPort").show() == port)
        });
        !c.init && declares && text.split(|ch: char| !ch.is_ascii_digit()).any(|n| n == port)
    });
    if let Some(helper) = helper {
        let what = format!("Pod {}: container {} is set to port {port}", pod.name, helper.name);
        merged.add(
            Finding::new(&PORT_CLAIMED, carrier, pod.cite(&what))
                .graded(Grade::Fair)
                .with("port", port)
                .with("sidecar", helper.name),
        );
    }
}

/// Annotations that repeat the whole object or the state of something.
fn is_record(key: &str) -> bool {
    key.starts_with("kubectl.kubernetes.io/") || key.contains("status") || key.starts_with("prometheus.io/")
}
