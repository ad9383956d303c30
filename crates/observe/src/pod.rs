//! A pod as detectors want it: each container's spec beside its status, and how the pod is now.

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Entity, Value};
use jiff::{SignedDuration, Timestamp};

/// One container of a pod: what was asked for and what is so. Either may be unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container<'a> {
    /// Its name; `""` where a table did not print it.
    pub(crate) name: &'a str,
    /// It runs before the others and has to end (native sidecars, which do not end, are not init).
    pub(crate) init: bool,
    /// The entry of `spec.containers`.
    pub(crate) spec: &'a Value,
    /// The entry of `status.containerStatuses`.
    pub(crate) status: &'a Value,
}

static UNKNOWN: Value = Value::Null;

impl<'a> Container<'a> {
    /// Why it waits: `CrashLoopBackOff`, `ImagePullBackOff`, … or `""`.
    pub(crate) fn waiting(&self) -> &'a str {
        self.status.at("state.waiting.reason").text()
    }

    /// The text beside the reason for waiting.
    pub(crate) fn waiting_message(&self) -> &'a str {
        self.status.at("state.waiting.message").text()
    }

    /// Its last end: the present state if it ended, else the one before.
    pub(crate) fn ended(&self) -> Option<&'a Value> {
        [self.status.at("state.terminated"), self.status.at("lastState.terminated")]
            .into_iter()
            .find(|state| !state.is_null())
    }

    /// Whether the status says that it is ready.
    pub(crate) fn ready(&self) -> Option<bool> {
        self.status.get("ready").as_bool()
    }

    /// How often it was started again.
    pub(crate) fn restarts(&self) -> i64 {
        self.status.get("restartCount").as_int().unwrap_or(0)
    }

    /// Whether it runs.
    pub(crate) fn runs(&self) -> bool {
        !self.status.at("state.running").is_null()
    }

    /// The image as the spec or the status has it.
    pub(crate) fn image(&self) -> &'a str {
        let asked = self.spec.get("image").text();
        if asked.is_empty() { self.status.get("image").text() } else { asked }
    }
}

/// The containers of a pod, init ones first. Those of a workload's template have no status.
pub(crate) fn containers(pod: &Object) -> Vec<Container<'_>> {
    let spec = pod_spec(pod);
    let mut all = Vec::new();
    for (specs, statuses, init) in
        [("initContainers", "initContainerStatuses", true), ("containers", "containerStatuses", false)]
    {
        let specs = spec.get(specs).list();
        let statuses = pod.at("status").get(statuses).list();
        // A table prints states without names; in order, they are those of the spec.
        let unnamed = statuses.len() == specs.len() && statuses.iter().all(|s| s.get("name").is_null());
        for (at, one) in specs.iter().enumerate() {
            let name = one.get("name").text();
            let named = statuses.iter().find(|s| s.get("name").text() == name);
            let status = named.or_else(|| unnamed.then(|| &statuses[at])).unwrap_or(&UNKNOWN);
            let sidecar = one.get("restartPolicy").text() == "Always";
            all.push(Container { name, init: init && !sidecar, spec: one, status });
        }
        for status in statuses {
            let name = status.get("name").text();
            if !unnamed && !specs.iter().any(|one| one.get("name").text() == name) {
                all.push(Container { name, init, spec: &UNKNOWN, status });
            }
        }
    }
    all
}

/// The pod spec of a pod or of a workload's template.
pub(crate) fn pod_spec(object: &Object) -> &Value {
    match object.kind.as_str() {
        "Pod" => object.at("spec"),
        "CronJob" => object.at("spec.jobTemplate.spec.template.spec"),
        _ => object.at("spec.template.spec"),
    }
}

/// The status of a condition of an object: `True`, `False`, `Unknown` or `""`.
pub(crate) fn condition<'a>(object: &'a Object, kind: &str) -> &'a Value {
    let conditions = object.at("status.conditions").list();
    conditions.iter().find(|c| c.get("type").text() == kind).unwrap_or(&UNKNOWN)
}

/// Whether the pod serves now, where that can be told.
pub(crate) fn is_ready(pod: &Object) -> Option<bool> {
    match condition(pod, "Ready").get("status").text() {
        "True" => return Some(true),
        "False" | "Unknown" => return Some(false),
        _ => {}
    }
    let statuses = pod.at("status.containerStatuses").list();
    let known: Vec<bool> = statuses.iter().filter_map(|s| s.get("ready").as_bool()).collect();
    (!known.is_empty()).then(|| known.iter().all(|ready| *ready))
}

/// Whether the pod has ended as it should.
pub(crate) fn is_done(pod: &Object) -> bool {
    matches!(pod.at("status.phase").text(), "Succeeded" | "Completed") || pod.at("status.reason").text() == "Completed"
}

/// Whether somebody has asked for its deletion.
pub(crate) fn is_leaving(object: &Object) -> bool {
    !object.at("metadata.deletionTimestamp").is_null() || object.at("status.phase").text() == "Terminating"
}

/// The pods that are there and are neither done, nor replaced, nor leaving.
pub(crate) fn pods_at_work(world: &World) -> impl Iterator<Item = &Object> {
    world.kind("Pod").filter(|pod| pod.is_live() && !is_done(pod) && !is_leaving(pod) && !is_replaced(world, pod))
}

/// A time as the API or `describe` prints it.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
}

/// How long before "now" a time lies.
pub(crate) fn age(world: &World, since: Option<Timestamp>) -> Option<SignedDuration> {
    Some(world.now?.duration_since(since?))
}

/// How long ago an event was last seen: by its time, or by the age that a table printed where
/// nothing tells the time of printing.
pub(crate) fn event_age(world: &World, event: &Event) -> Option<SignedDuration> {
    age(world, event.last).or_else(|| event.ago.map(|(_, last)| last))
}

/// How long ago a table said that a container of the pod was last started again.
pub(crate) fn printed_restart_age(pod: &Object) -> Option<SignedDuration> {
    pod.at("status.printedLastRestartAge").as_int().map(SignedDuration::from_secs)
}

/// How long ago a container's restart at a time was; a table may say it without a clock.
pub(crate) fn restart_age(world: &World, pod: &Object, when: Option<Timestamp>) -> Option<SignedDuration> {
    printed_restart_age(pod).max(age(world, when))
}

/// When the container was last started again.
pub(crate) fn last_restart(container: &Container<'_>) -> Option<Timestamp> {
    let started = time(container.status.at("state.running.startedAt"));
    started.or_else(|| time(container.ended()?.get("finishedAt")))
}

/// Whether a container has got over its restarts: it is ready and has run for a while. Those of a
/// pod's first minutes, while what it needs was starting too, are forgiven however many they were.
pub(crate) fn is_settled(world: &World, pod: &Object, container: &Container<'_>) -> bool {
    const SETTLED: SignedDuration = SignedDuration::from_mins(10);
    const FIRST: SignedDuration = SignedDuration::from_mins(10);
    const CALM: SignedDuration = SignedDuration::from_mins(5);
    let last = last_restart(container);
    let Some(ago) = restart_age(world, pod, last) else { return container.ready() == Some(true) };
    let made = time(pod.at("status.startTime")).or_else(|| time(pod.at("metadata.creationTimestamp")));
    let at_first = last.zip(made).is_some_and(|(last, made)| last.duration_since(made) < FIRST);
    let calm = if at_first { ago > CALM } else { ago > SETTLED && container.restarts() < 3 };
    container.ready() == Some(true) && calm
}

/// Whether the entity was made so shortly ago that not being ready says little.
pub(crate) fn is_new(world: &World, object: &Object) -> bool {
    const NEW: SignedDuration = SignedDuration::from_secs(45);
    let made = time(object.at("metadata.creationTimestamp"));
    let printed = || object.at("metadata.printedAge").as_int().map(SignedDuration::from_secs);
    // Where no source tells when it was printed, "now" is no later than the last time that one names.
    let late = condition(object, "Progressing").get("reason").text() == "ProgressDeadlineExceeded";
    !late && age(world, made).or_else(printed).is_some_and(|age| age < NEW)
}

/// Whether a pod that failed is the past: its Job has come to its end all the same, or another pod
/// of the same workload took its place. Such pods are left lying until somebody clears them away.
pub(crate) fn is_replaced(world: &World, pod: &Object) -> bool {
    if pod.at("status.phase").text() != "Failed" {
        return false;
    }
    let carrier = world.carrier(pod);
    if carrier == pod.entity() {
        return false;
    }
    let job = pod.at("metadata.ownerReferences").list().iter().find(|owner| owner.get("kind").text() == "Job");
    let job = job.and_then(|owner| world.object("Job", pod.namespace.as_deref(), owner.get("name").text()));
    if job.is_some_and(|job| condition(job, "Complete").get("status").text() == "True") {
        return true;
    }
    let serves = SERVING.contains(&carrier.kind.as_str());
    world.pods_of(&carrier).any(|other| {
        let took_over = if serves { is_ready(other) == Some(true) } else { is_done(other) && is_younger(other, pod) };
        other.name != pod.name && took_over
    })
}

/// Whether one pod was made after another.
fn is_younger(pod: &Object, than: &Object) -> bool {
    let made = |pod: &Object| time(pod.at("metadata.creationTimestamp"));
    let age = |pod: &Object| pod.at("metadata.printedAge").as_int();
    match (made(pod), made(than), age(pod), age(than)) {
        (Some(pod), Some(than), ..) => pod > than,
        (_, _, Some(pod), Some(than)) => pod < than,
        _ => false,
    }
}

/// Whether a pod only asks for what others leave: a priority below zero ranks it after all pods
/// that say nothing of priority, which is how batch work and placeholders wait for spare room.
pub(crate) fn is_spare(world: &World, pod: &Object) -> bool {
    let class = || world.object("PriorityClass", None, pod.at("spec.priorityClassName").text())?.at("value").as_int();
    pod.at("spec.priority").as_int().or_else(class).is_some_and(|priority| priority < 0)
}

/// The Kubernetes kinds that keep pods running.
pub(crate) const SERVING: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"];

/// Whether a carrier is one that runs to an end.
pub(crate) fn runs_to_an_end(carrier: &Entity) -> bool {
    matches!(carrier.kind.as_str(), "Job" | "CronJob")
}
