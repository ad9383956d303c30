//! Images that cannot be pulled, and what the registry or the way to it said.

mod answer;
mod reference;
mod secrets;

use std::collections::BTreeMap;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, State};
use jiff::SignedDuration;

use crate::merge::Merged;
use crate::pod::{Container, age, containers, is_done, is_ready, pods_at_work};
use crate::registry::declare;
use answer::Answer;

declare! {
    /// A container waits for its image.
    PULL_FAILING = "image.pull-failing", "cannot pull a container image", Never, State;
    /// The registry answered that the repository or the name does not exist.
    NOT_FOUND = "image.not-found", "asks for an image that its registry does not have", Never, Infrastructure;
    /// The registry knows the repository and not the tag, as far as it says.
    TAG_NOT_FOUND = "image.tag-not-found", "asks for an image tag that its registry does not have", Never, Infrastructure;
    /// Docker's answer for both a private and a missing repository.
    DENIED_OR_MISSING = "image.denied-or-missing", "is told that its image does not exist or needs a login", Never, Infrastructure;
    /// 401 or 403.
    UNAUTHORIZED = "image.unauthorized", "is refused by the image registry for want of valid credentials", Never, Infrastructure;
    /// A pull secret that the pod names does not exist.
    PULL_SECRET_MISSING = "image.pull-secret-missing", "names an image pull secret that does not exist", Rarely, State;
    /// Neither the pod nor its account names a pull secret.
    NO_PULL_SECRET = "image.no-pull-secret", "names no image pull secret for an image that cannot be pulled", Rarely, State;
    /// The registry's host name has no address.
    REGISTRY_UNRESOLVABLE = "image.registry-unresolvable", "uses an image registry whose name does not resolve", Never, Infrastructure;
    /// The registry does not answer.
    REGISTRY_UNREACHABLE = "image.registry-unreachable", "cannot reach its image registry", Never, Infrastructure;
    /// The registry's certificate is not trusted.
    REGISTRY_UNTRUSTED = "image.registry-untrusted", "does not trust the certificate of its image registry", Never, Infrastructure;
    /// Too many pulls.
    RATE_LIMITED = "image.rate-limited", "is over the pull limit of its image registry", Never, Infrastructure;
    /// The image is not built for the node's architecture.
    WRONG_ARCHITECTURE = "image.wrong-architecture", "uses an image that is not built for its node's architecture", Never, Infrastructure;
    /// The reference cannot be parsed.
    NAME_INVALID = "image.name-invalid", "has an image reference that is not valid", Never, State;
    /// `imagePullPolicy: Never`, and the node does not have the image.
    NEVER_PULLED = "image.never-pulled", "may not pull its image, and the node does not have it", Never, State;
    /// The only workload that pulls from this registry path.
    LONELY_REFERENCE = "image.unlike-its-peers", "pulls from a registry path that no other workload uses", Often, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let mut paths = None;
    for pod in pods_at_work(world) {
        for container in containers(pod).into_iter().filter(|c| is_pull_trouble(c.waiting())) {
            let paths = paths.get_or_insert_with(|| reference::paths_that_work(world));
            failing(world, pod, &container, paths, &mut merged);
        }
    }
    by_events(world, &mut merged);
    merged.into(findings);
}

/// The kubelet's reasons for waiting that are about an image.
pub(crate) fn is_pull_trouble(reason: &str) -> bool {
    matches!(
        reason,
        "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed"
    )
}

fn failing(world: &World, pod: &Object, container: &Container<'_>, paths: &BTreeMap<String, u32>, merged: &mut Merged) {
    let carrier = world.carrier(pod);
    let image = image_of(world, pod, container);
    let answers = answers(world, pod, container, &carrier);
    let decisive = answers.iter().find(|(answer, _)| *answer != Answer::Unsaid);
    let since = answers.iter().filter_map(|(_, event)| event.and_then(|e| e.first)).min();
    let cite = |what: &str| pod.cite(&format!("Pod {}: container {}, {what}", pod.name, container.name));
    let make = |declaration: &Declaration, grade: Grade, what: &str| {
        let mut finding = Finding::new(declaration, carrier.clone(), cite(what))
            .graded(grade)
            .seen(since, world.now)
            .with("container", container.name)
            .with("image", image)
            .with("registry", if image.is_empty() { "" } else { reference::registry(image) })
            .with("pod", pod.name.as_str());
        if let Some(node) = pod.at("spec.nodeName").as_str() {
            finding = finding.with("node", node);
        }
        finding
    };
    merged.add(make(&PULL_FAILING, Grade::Certain, &format!("{} {image}", container.waiting())));
    match container.waiting() {
        "InvalidImageName" => merged.add(make(&NAME_INVALID, Grade::Certain, &format!("InvalidImageName {image}"))),
        "ErrImageNeverPull" => merged.add(make(&NEVER_PULLED, Grade::Certain, &format!("ErrImageNeverPull {image}"))),
        _ => {}
    }
    if let Some((answer, event)) = decisive {
        let declaration = answer.declaration(image);
        let text = event.map_or(container.waiting_message(), |e| e.message.as_str());
        let mut finding = make(declaration, Grade::Strong, text);
        if let Some(event) = event {
            finding.evidence.insert(0, event.cite());
        }
        merged.add(finding);
    }
    secrets::judge(world, pod, &carrier, merged);
    let path = reference::path(image);
    if !image.is_empty() && !paths.contains_key(&path) && paths.len() >= 2 {
        merged.add(make(&LONELY_REFERENCE, Grade::Fair, &format!("image: {image}")).with("path", path));
    }
}

/// The image that the container asks for; where a table names none, the one that the pod's events name.
fn image_of<'a>(world: &'a World, pod: &Object, container: &Container<'a>) -> &'a str {
    let known = container.image();
    if !known.is_empty() {
        return known;
    }
    image_in_events(world, &pod.entity())
}

/// The image that a pod's events name.
fn image_in_events<'a>(world: &'a World, pod: &Entity) -> &'a str {
    let named = |event: &'a Event| Some(event.message.split_once("image \"")?.1.split_once('"')?.0);
    let said = world.events_about(pod).find_map(named);
    said.unwrap_or("")
}

/// What is said of a container's pull: by its own state, by the pod's events, and where these
/// are cut short by the events of its siblings.
fn answers<'a>(
    world: &'a World,
    pod: &Object,
    container: &Container<'_>,
    carrier: &Entity,
) -> Vec<(Answer, Option<&'a Event>)> {
    let mut said = vec![(answer::read(container.waiting_message()), None)];
    let about_image = |event: &&Event| {
        matches!(event.reason.as_str(), "Failed" | "ErrImagePull" | "InspectFailed" | "BackOff" | "ErrImageNeverPull")
            && (container.image().is_empty()
                || event.message.contains(container.image())
                || !event.message.contains("image \""))
    };
    let entity = pod.entity();
    let own: Vec<&Event> = world.events_about(&entity).filter(about_image).collect();
    said.extend(own.iter().rev().map(|event| (answer::read(&event.message), Some(*event))));
    if said.iter().all(|(answer, _)| *answer == Answer::Unsaid) {
        let siblings = world
            .kind_in("Pod", pod.namespace.as_deref())
            .filter(|p| p.name != pod.name && world.carrier(p) == *carrier);
        for sibling in siblings.take(20) {
            let entity = sibling.entity();
            let message = world.events_about(&entity).filter(about_image);
            said.extend(message.map(|event| (answer::read(&event.message), Some(event))));
        }
    }
    said
}

/// Events of failed pulls: of pods that came through since, and of pods of which only the
/// events were seen.
fn by_events(world: &World, merged: &mut Merged) {
    for event in world.events.iter().filter(|e| e.warning && e.about.kind == "Pod") {
        let answer = answer::read(&event.message);
        let of_image =
            matches!(event.reason.as_str(), "Failed" | "InspectFailed" | "ErrImagePull" | "ErrImageNeverPull");
        if !of_image || !event.message.to_lowercase().contains("image") {
            continue;
        }
        let pod = world.object_of(&event.about).filter(|pod| pod.is_live());
        let state = match pod {
            Some(pod) if is_ready(pod) == Some(true) || is_done(pod) => State::Recovered,
            Some(pod) if pod.at("status.containerStatuses").is_null() => State::Current,
            None if is_old(world, event) => State::Recovered,
            None => State::Current,
            Some(_) => continue,
        };
        let image = event.message.split('"').nth(1).unwrap_or_else(|| image_in_events(world, &event.about));
        let make = |declaration: &Declaration| {
            Finding::new(declaration, world.carrier_of(&event.about), event.cite())
                .in_state(state)
                .seen(event.first, event.last)
                .with("pod", event.about.name.as_str())
                .with("image", image)
                .with("registry", if image.is_empty() { "" } else { reference::registry(image) })
        };
        if answer != Answer::Unsaid {
            merged.add(make(&PULL_FAILING));
            merged.add(make(answer.declaration(image)));
        } else if matches!(event.message.as_str(), "Error: ErrImagePull" | "Error: ImagePullBackOff") {
            merged.add(make(&PULL_FAILING));
        }
    }
}

/// Not repeated for a long while.
fn is_old(world: &World, event: &Event) -> bool {
    age(world, event.last).is_some_and(|age| age > SignedDuration::from_mins(30))
}

#[cfg(test)]
mod tests;
