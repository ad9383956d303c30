//! What is nearly full, when it will be, and whether one node may go.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::Object;
use firstfault_metrics::{Series, Trend};
use firstfault_model::Quantity;
use firstfault_model::{Entity, Evidence, Masked};
use jiff::SignedDuration;

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Listing, Scope, is_platform};

const QUOTA: Check = Check {
    code: "FF701",
    title: "a quota that is nearly used up",
    modes: &[
        "admission.cpu-quota-exceeded",
        "admission.memory-quota-exceeded",
        "admission.pod-quota-exceeded",
        "admission.storage-quota-exceeded",
    ],
    share: 0.4,
    means: "The next roll-out or scale-up needs more than is left, and its pods are refused.",
    mend: "Raise the quota, or find what in the namespace asks for more than it uses.",
    reference: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
};

const VOLUME: Check = Check {
    code: "FF702",
    title: "a volume that fills up",
    modes: &["storage.volume-full", "database.read-only", "application.disk-full"],
    share: 0.7,
    means: "When it is full, writes fail, and many databases stop or go read-only.",
    mend: "Grow the claim if its class allows expansion, or remove what is not needed.",
    reference: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims",
};

const AT_MAXIMUM: Check = Check {
    code: "FF703",
    title: "an autoscaler at its maximum",
    modes: &["performance.request-surge", "performance.cpu-saturated"],
    share: 0.5,
    means: "It cannot add a replica any more: the next rise in traffic is met by slower answers.",
    mend: "Raise maxReplicas if nodes and dependencies bear it, or find what a request costs.",
    reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
};

const NO_SPARE_NODE: Check = Check {
    code: "FF704",
    title: "no room for the loss of a node",
    modes: &["scheduling.cpu-insufficient", "scheduling.memory-insufficient"],
    share: 0.2,
    means: "When its largest node fails or is drained, the pods on it have nowhere to go.",
    mend: "Add a node, let the cluster autoscaler do it, or give what may wait a low priority.",
    reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
};

const DISK: Check = Check {
    code: "FF705",
    title: "a disk that is nearly full",
    modes: &["host.disk-full", "node.disk-pressure"],
    share: 0.5,
    means: "Below its threshold the kubelet evicts pods, and when the disk is full, logs, databases and the runtime itself stop.",
    mend: "See what grows (du -x), prune images and old logs, or enlarge it.",
    reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
};

pub(crate) const CHECKS: &[&Check] = &[&QUOTA, &VOLUME, &AT_MAXIMUM, &NO_SPARE_NODE, &DISK];

/// Shares from which something is nearly full.
const QUOTA_FULL: f64 = 0.9;
const VOLUME_FULL: f64 = 0.85;
/// The kubelet's default threshold of eviction is 10 % (images: 15 %) available.
const DISK_FULL: u8 = 85;
/// A forecast further ahead than this is no news; what filled for half of that time is a trend.
const HORIZON: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for quota in scope.own("ResourceQuota") {
        quotas(quota, out);
    }
    volumes(scope, out);
    for scaler in scope.own("HorizontalPodAutoscaler") {
        maximum(scope, scaler, out);
    }
    spare_node(scope, out);
    disks(scope, out);
}

fn percent(share: f64) -> String {
    format!("{:.0} %", (share * 100.0).floor())
}

fn quotas(quota: &Object, out: &mut Vec<Remark>) {
    let (hard, used) = (quota.at("status.hard"), quota.at("status.used"));
    for (resource, most) in hard.entries() {
        let (Some(most), Some(now)) = (Quantity::of(most), Quantity::of(used.get(resource))) else { continue };
        let share = now.units() / most.units();
        // A small number of things that is all in use is meant so: two load balancers of two.
        let small = resource.starts_with("count/")
            || resource.starts_with("services")
            || &**resource == "persistentvolumeclaims";
        if most.units() <= 0.0 || share < QUOTA_FULL || small && most.units() < 10.0 {
            continue;
        }
        let what = format!("{resource}: {} of {} used, {}", now.show(resource), most.show(resource), percent(share));
        let evidence = quota.cite(&format!("ResourceQuota {}: {what}", quota.name));
        let urgency = if share >= 0.98 { 2.0 } else { 1.0 };
        out.push(Remark::new(&QUOTA, quota.entity(), &what, Reach::ITSELF, evidence).due(urgency));
    }
}

/// How full a volume is, and when it will be full.
struct Filling {
    share: f64,
    full_in: Option<SignedDuration>,
    evidence: Evidence,
}

fn volumes(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let mut pairs: BTreeMap<&Entity, [Option<&Series>; 3]> = BTreeMap::new();
    for series in scope.world.series.iter().filter(|s| s.entity.kind == "PersistentVolumeClaim") {
        let slot = match &*series.metric {
            "kubelet_volume_stats_used_bytes" => 0,
            "kubelet_volume_stats_capacity_bytes" => 1,
            "kubelet_volume_stats_available_bytes" => 2,
            _ => continue,
        };
        pairs.entry(&series.entity).or_default()[slot] = Some(series);
    }
    for (claim, [used, capacity, available]) in pairs {
        let last = |series: Option<&Series>| series.and_then(|s| s.points.last()).map(|(_, value)| *value);
        let Some(capacity) = last(capacity).filter(|c| *c > 0.0) else { continue };
        let filling = match (used, available) {
            (Some(used), _) => filling(used, capacity, |v| v),
            (None, Some(free)) => filling(free, capacity, |v| capacity - v),
            (None, None) => None,
        };
        let Some(filling) = filling.filter(|f| f.share >= VOLUME_FULL || f.full_in.is_some()) else { continue };
        let reach = scope.mounts.get(claim).map_or(Reach::ITSELF, |user| scope.dependence.reach(user));
        let when = filling.full_in.map_or(String::new(), |d| format!(", full in {} at its present pace", show(d)));
        let what =
            format!("{} of {} used{when}", percent(filling.share), Quantity::whole(capacity as i64).show("storage"));
        let urgency = match filling.full_in {
            Some(left) if left < SignedDuration::from_hours(24) => 4.0,
            Some(left) if left < SignedDuration::from_hours(72) => 2.0,
            _ if filling.share >= 0.95 => 2.0,
            _ => 1.0,
        };
        out.push(Remark::new(&VOLUME, claim.clone(), &what, reach, filling.evidence).due(urgency));
    }
    for disk in
        scope.world.disks.iter().filter(|d| d.on.kind == "Pod" && d.mount.len() > 1 && d.used_percent >= DISK_FULL)
    {
        let system = ["/etc/", "/dev", "/proc", "/sys", "/run"].iter().any(|s| disk.mount.starts_with(s));
        if !system && disk.device.starts_with("/dev/") && disk.mount != "/" {
            let owner = scope.world.carrier_of(&disk.on);
            let what = format!("{} is {} % full", disk.mount, disk.used_percent);
            out.push(Remark::new(&VOLUME, owner.clone(), &what, scope.dependence.reach(&owner), disk.evidence.clone()));
        }
    }
}

fn show(left: SignedDuration) -> String {
    match left.as_hours() {
        hours @ ..48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}

fn filling(series: &Series, capacity: f64, used: impl Fn(f64) -> f64) -> Option<Filling> {
    let (_, last) = series.points.last()?;
    let share = used(*last) / capacity;
    let start = series.points.first()?.0;
    let samples: Vec<(f64, f64)> =
        series.points.iter().map(|(at, value)| (at.duration_since(start).as_secs_f64(), used(*value))).collect();
    let span = samples.last().map_or(0.0, |(at, _)| *at);
    // A line is drawn no further than a few times its own length, through samples that are enough for an interval.
    let trend = Trend::of(&samples).filter(|t| samples.len() >= 10 && t.rises() && share > 0.5);
    let full_in =
        trend.and_then(|t| t.seconds_to(capacity)).filter(|s| *s <= span * 4.0 && *s <= HORIZON.as_secs_f64());
    let shown = format!("{} {}: {} of {capacity:.0} bytes", series.entity, series.metric, used(*last));
    Some(Filling {
        share,
        full_in: full_in.map(|s| SignedDuration::from_secs(s as i64)),
        evidence: Evidence { place: series.place.clone(), excerpt: Masked::new(&shown) },
    })
}

fn maximum(scope: &Scope<'_>, scaler: &Object, out: &mut Vec<Remark>) {
    let number = |path: &str| scaler.at(path).as_int();
    let (Some(most), Some(now)) = (number("spec.maxReplicas"), number("status.currentReplicas")) else { return };
    let fixed = number("spec.minReplicas") == Some(most);
    let limited = scaler.at("status.conditions").list().iter().any(|c| {
        c.get("type").text() == "ScalingLimited"
            && c.get("status").text() == "True"
            && c.get("reason").text() == "TooManyReplicas"
    });
    if now < most || fixed || !limited {
        return;
    }
    let target = scaler.at("spec.scaleTargetRef");
    let entity = Entity {
        kind: target.get("kind").text().into(),
        namespace: scaler.namespace.clone(),
        name: target.get("name").text().into(),
    };
    let what = format!("HorizontalPodAutoscaler {} wants more than its {most} replicas", scaler.name);
    let evidence = scaler.cite(&format!("{what}: ScalingLimited=True TooManyReplicas"));
    let reach = scope.dependence.reach(&entity);
    out.push(Remark::new(&AT_MAXIMUM, entity, &what, reach, evidence));
}

/// Whether the requests of all pods fit on the nodes without the largest: an upper bound of what
/// the scheduler could place, so that "no" is certain.
fn spare_node(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let nodes = scope.nodes();
    let whole = nodes.iter().all(|n| n.is_whole()) && scope.listing("Node", None) == Listing::Listed;
    let pods_known = scope.listing("Pod", None) == Listing::Listed;
    let grows = scope.world.workloads().any(|w| w.name.contains("cluster-autoscaler") || w.name.contains("karpenter"));
    if nodes.len() < 2 || !whole || !pods_known || grows {
        return;
    }
    let names: BTreeSet<&str> = nodes.iter().map(|n| n.name.as_str()).collect();
    for resource in ["cpu", "memory"] {
        let room: Vec<Quantity> =
            nodes.iter().map(|n| Quantity::of(n.at("status.allocatable").get(resource)).unwrap_or_default()).collect();
        let Some(largest) = room.iter().max().copied() else { continue };
        let pods = scope.world.kind("Pod").filter(|p| p.is_live() && names.contains(p.at("spec.nodeName").text()));
        let mine = |p: &&Object| {
            scope.world.carrier(p).kind != "DaemonSet" && !matches!(p.at("status.phase").text(), "Succeeded" | "Failed")
        };
        let asked: Quantity = pods.filter(mine).map(|p| request(p, resource)).sum();
        let rest = room.iter().copied().sum::<Quantity>() - largest;
        if asked > rest {
            let at = room.iter().position(|r| *r == largest).unwrap_or_default();
            let what = format!(
                "pods request {} {resource}; without node {} there are {}",
                asked.show(resource),
                nodes[at].name,
                rest.show(resource)
            );
            let evidence =
                nodes[at].cite(&format!("Node {}: allocatable {resource} {}", nodes[at].name, largest.show(resource)));
            out.push(Remark::new(&NO_SPARE_NODE, nodes[at].entity(), &what, Reach::CLUSTER, evidence));
            return;
        }
    }
}

fn request(pod: &Object, resource: &str) -> Quantity {
    let of = |c: &firstfault_model::Value| {
        let asked = c.at("resources.requests").get(resource);
        Quantity::of(if asked.is_null() { c.at("resources.limits").get(resource) } else { asked }).unwrap_or_default()
    };
    pod.at("spec.containers").list().iter().map(of).sum()
}

fn disks(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let mut told: BTreeMap<(&Entity, &str), &firstfault_gather::Disk> = BTreeMap::new();
    let full = |d: &&firstfault_gather::Disk| d.on.kind != "Pod" && d.used_percent >= DISK_FULL && fills(d);
    for disk in scope.world.disks.iter().filter(full) {
        told.entry((&disk.on, disk.device.as_str())).or_insert(disk);
    }
    for disk in told.into_values() {
        if is_platform(disk.on.namespace.as_deref()) {
            continue;
        }
        let of = if disk.inodes { "of the inodes of" } else { "of" };
        let what = format!("{} % {of} {} used", disk.used_percent, disk.mount);
        let urgency = if disk.used_percent >= 95 { 2.0 } else { 1.0 };
        out.push(Remark::new(&DISK, disk.on.clone(), &what, Reach::ITSELF, disk.evidence.clone()).due(urgency));
    }
}

/// Whether a file system can fill up: images of packages and media are always full.
fn fills(disk: &firstfault_gather::Disk) -> bool {
    let fixed = ["/snap/", "/media", "/mnt/cdrom", "/run/media", "/boot/efi"].iter().any(|m| disk.mount.starts_with(m));
    let device = ["/dev/loop", "/dev/sr", "squashfs", "overlay", "shm", "udev", "devtmpfs"]
        .iter()
        .any(|d| disk.device.starts_with(d));
    !fixed && !device
}
