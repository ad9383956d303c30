//! What alerts of well-known kinds say of things that no other evidence shows.
//!
//! The names are those of the rule collections that most clusters run (kubernetes-mixin, node-mixin,
//! awesome-prometheus-alerts), by the words in them, so that a house's own spelling is read as well.

use firstfault_gather::{Alert, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, kind};

use crate::merge::Merged;
use crate::{autoscaling, containers, host, images, jobs, nodes, performance, storage, workloads};

/// What an alert means.
struct Meaning {
    /// All words of one of these stand in the alert's name.
    words: &'static [&'static [&'static str]],
    /// Whom such an alert is about; empty: whoever it names.
    about: &'static [&'static str],
    finding: &'static Declaration,
    grade: Grade,
}

const fn means(
    words: &'static [&'static [&'static str]],
    about: &'static [&'static str],
    finding: &'static Declaration,
    grade: Grade,
) -> Meaning {
    Meaning { words, about, finding, grade }
}

const WORKLOADS: &[&str] =
    &["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", kind::SERVICE];
const MACHINES: &[&str] = &["Node", kind::HOST];

/// The first meaning that fits counts.
const MEANINGS: &[Meaning] = &[
    means(&[&["oomkill"]], WORKLOADS, &containers::OOM_KILLED, Grade::Strong),
    means(&[&["oomkill"]], MACHINES, &host::OUT_OF_MEMORY, Grade::Fair),
    means(&[&["crashloop"]], WORKLOADS, &workloads::CRASH_LOOPING, Grade::Strong),
    means(&[&["imagepull"], &["errimage"]], WORKLOADS, &images::PULL_FAILING, Grade::Strong),
    means(
        &[&["volume", "filling"], &["volume", "full"], &["volume", "space"], &["pvc", "full"], &["claim", "full"]],
        &["PersistentVolumeClaim"],
        &storage::FULL,
        Grade::Strong,
    ),
    means(&[&["node", "unreachable"]], MACHINES, &nodes::SILENT, Grade::Strong),
    means(&[&["node", "notready"], &["node", "unready"]], MACHINES, &nodes::NOT_READY, Grade::Strong),
    means(&[&["memorypressure"]], MACHINES, &nodes::MEMORY_PRESSURE, Grade::Strong),
    means(&[&["diskpressure"]], MACHINES, &nodes::DISK_PRESSURE, Grade::Strong),
    means(&[&["pidpressure"]], MACHINES, &nodes::PID_PRESSURE, Grade::Strong),
    means(&[&["outofinodes"], &["outoffiles"], &["inodes", "full"]], MACHINES, &host::INODES_FULL, Grade::Fair),
    means(
        &[&["filesystem", "outofspace"], &["outofdiskspace"], &["disk", "full"], &["filesystem", "full"]],
        MACHINES,
        &host::DISK_FULL,
        Grade::Fair,
    ),
    means(&[&["conntrack"]], MACHINES, &host::CONNECTIONS_FULL, Grade::Fair),
    means(&[&["clockskew"], &["clocknotsync"]], MACHINES, &host::CLOCK_OFF, Grade::Fair),
    means(
        &[&["hpa", "max"], &["autoscaler", "max"]],
        &["HorizontalPodAutoscaler"],
        &autoscaling::AT_MAXIMUM,
        Grade::Strong,
    ),
    means(&[&["job", "failed"]], &["Job", "CronJob"], &jobs::BACKOFF_LIMIT, Grade::Strong),
    means(
        &[
            &["replicas", "mismatch"],
            &["replicas", "unavailable"],
            &["deployment", "unavailable"],
            &["rollout", "stuck"],
        ],
        WORKLOADS,
        &workloads::UNAVAILABLE,
        Grade::Strong,
    ),
    means(
        &[&["pod", "notready"], &["pod", "nothealthy"], &["podunready"]],
        WORKLOADS,
        &workloads::POD_NOT_READY,
        Grade::Fair,
    ),
    means(&[&["throttling"]], WORKLOADS, &performance::CPU_THROTTLED, Grade::Fair),
    means(
        &[&["errorrate"], &["error", "budget"], &["5xx"], &["errors", "high"]],
        WORKLOADS,
        &performance::ERRORS_RAISED,
        Grade::Fair,
    ),
    means(
        &[&["latency"], &["responsetime"], &["slow", "request"]],
        WORKLOADS,
        &performance::LATENCY_RAISED,
        Grade::Fair,
    ),
];

/// Reads the alerts of whom nothing else was seen: an object's own state says more than its alert.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for alert in &world.alerts {
        let Some(about) = alert.about.as_ref() else { continue };
        let carrier = carrier(world, about);
        let seen = |entity: &Entity| world.object_of(entity).is_some_and(|object| object.is_live());
        if !alert.measures.is_empty() || seen(about) || seen(&carrier) {
            continue;
        }
        if let Some(meaning) = MEANINGS.iter().find(|meaning| meaning.fits(alert, about)) {
            let finding = Finding::new(meaning.finding, carrier, alert.evidence.clone())
                .graded(grade(alert, meaning.grade))
                .seen(alert.since, world.now.or(alert.since))
                .with("alert", alert.name.as_str())
                .with("target", about.name.as_str());
            merged.add(finding);
        }
    }
    merged.into(findings);
}

impl Meaning {
    fn fits(&self, alert: &Alert, about: &Entity) -> bool {
        let name: String =
            alert.name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
        // The state that an alert is about may stand in a label: `condition="DiskPressure"`, `reason="OOMKilled"`.
        let label = |key: &str| alert.labels.get(key).map(|value| value.to_ascii_lowercase()).unwrap_or_default();
        let name = format!("{name} {} {}", label("condition"), label("reason"));
        self.about.contains(&&*about.kind)
            && self.words.iter().any(|words| words.iter().all(|word| name.contains(word)))
    }
}

/// An alert that its own rule calls a mere note is a hint; a volume that only fills is not full yet.
fn grade(alert: &Alert, most: Grade) -> Grade {
    match alert.severity.to_ascii_lowercase().as_str() {
        "info" | "none" | "notice" | "low" => Grade::Weak,
        "critical" | "page" | "emergency" | "disaster" | "high" => most,
        _ if alert.name.to_ascii_lowercase().contains("filling") => Grade::Weak,
        _ => most,
    }
}

/// The workload of a pod or claim: as the cluster says; else by the names that controllers give, where another
/// alert names such a workload.
fn carrier(world: &World, about: &Entity) -> Entity {
    const OWNERS: &[&str] = &["StatefulSet", "Deployment", "DaemonSet", "Job"];
    let known = world.carrier_of(about);
    if known != *about || !matches!(&*about.kind, "Pod" | "PersistentVolumeClaim") {
        return known;
    }
    let others = world.alerts.iter().filter_map(|alert| alert.about.as_ref());
    let owner = others
        .filter(|other| OWNERS.contains(&&*other.kind) && other.namespace == about.namespace)
        .find(|other| is_named_after(about, other));
    owner.cloned().unwrap_or(known)
}

/// `set-0` and `data-set-0` are a StatefulSet's, `web-6b7c8d9f5-2xk8m` a Deployment's.
fn is_named_after(part: &Entity, owner: &Entity) -> bool {
    let claim = part.kind == "PersistentVolumeClaim";
    let Some((stem, last)) = part.name.rsplit_once('-') else { return false };
    let numbered = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    match &*owner.kind {
        "StatefulSet" if numbered && claim => stem.ends_with(&format!("-{}", owner.name)),
        "StatefulSet" => numbered && *owner.name == *stem,
        "Deployment" => !claim && stem.rsplit_once('-').is_some_and(|(stem, _)| *owner.name == *stem),
        _ => !claim && *owner.name == *stem,
    }
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, entity, ids};
    use firstfault_gather::Alert;
    use firstfault_model::{Evidence, Masked, Name, Place};

    fn alerted(mut sample: Sample, name: &str, severity: &str, about: &str) -> Sample {
        let evidence = Evidence { place: Place::line(&Name::from("alerts.json"), 1), excerpt: Masked::new(name) };
        sample.0.alerts.push(Alert {
            name: name.into(),
            about: Some(entity(about)),
            labels: Default::default(),
            severity: severity.into(),
            since: None,
            summary: String::new(),
            measures: Vec::new(),
            evidence,
        });
        sample
    }

    #[test]
    fn an_alert_says_what_its_name_says_whatever_the_spelling() {
        for name in ["KubePodCrashLooping", "pod_crash_loop", "Pod crash looping"] {
            let sample = alerted(Sample::default(), name, "warning", "Pod/shop/api-0");
            assert_eq!(ids(&sample.found(detect)), ["container.crash-looping"], "{name}");
        }
    }

    #[test]
    fn what_the_object_itself_shows_is_left_to_it() {
        let sample = Sample::default().api("Pod/shop/api-0", "{}");
        assert!(alerted(sample, "KubePodCrashLooping", "warning", "Pod/shop/api-0").found(detect).is_empty());
    }

    #[test]
    fn a_claim_and_its_set_are_one() {
        let sample = alerted(Sample::default(), "VolumeFull", "critical", "PersistentVolumeClaim/bank/data-book-0");
        let sample = alerted(sample, "StatefulSetReplicasMismatch", "warning", "StatefulSet/bank/book");
        assert!(sample.found(detect).iter().all(|f| f.entity == entity("StatefulSet/bank/book")));
    }
}
