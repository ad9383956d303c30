//! What the kernel reported, and the tables that are full.

use std::collections::BTreeMap;

use firstfault_gather::{KernelEvent, KernelReport, LimitOf, OomKill, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, State};

use super::{
    CONNECTIONS_FULL, DISK_ERRORS, FILE_SYSTEM_DAMAGED, FILES_EXHAUSTED, KILLED_AT_LIMIT, KILLED_FOR_HOST,
    NEIGHBOURS_FULL, OUT_OF_MEMORY, PROCESSES_EXHAUSTED, READ_ONLY, machine, state,
};
use crate::merge::Merged;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    if world.host.kernel.iter().any(|r| matches!(r.what, KernelEvent::OutOfMemory(_))) {
        let pods = Pods::new(world);
        for report in &world.host.kernel {
            if let KernelEvent::OutOfMemory(kill) = &report.what {
                killed(world, &pods, report, kill, merged);
            }
        }
    }
    for report in &world.host.kernel {
        if let Some(finding) = reported(world, report) {
            merged.add(finding);
        }
    }
    tables(world, merged);
}

fn begin(world: &World, declaration: &Declaration, on: Entity, report: &KernelReport) -> Finding {
    Finding::new(declaration, on, report.evidence.clone())
        .seen(report.first, report.last)
        .in_state(state(world, report.last))
        .graded(Grade::Certain)
        .with("count", report.count.to_string())
}

fn reported(world: &World, report: &KernelReport) -> Option<Finding> {
    let on = machine(world, &report.on)?;
    let (declaration, device) = match &report.what {
        KernelEvent::OutOfMemory(_) => return None,
        KernelEvent::DiskError { device } => (&DISK_ERRORS, device.as_str()),
        KernelEvent::FileSystemError { device } => (&FILE_SYSTEM_DAMAGED, device.as_str()),
        KernelEvent::RemountedReadOnly { device } => (&READ_ONLY, device.as_str()),
        KernelEvent::ConnectionTableFull => (&CONNECTIONS_FULL, ""),
        KernelEvent::NeighbourTableFull => (&NEIGHBOURS_FULL, ""),
        KernelEvent::FilesExhausted => (&FILES_EXHAUSTED, ""),
        KernelEvent::ProcessesExhausted { cgroup } => {
            return Some(begin(world, &PROCESSES_EXHAUSTED, on, report).with("cgroup", cgroup.as_str()));
        }
    };
    let mut finding = begin(world, declaration, on, report);
    if !device.is_empty() {
        finding = finding.with("device", device);
    }
    // A file system that takes writes by now was mounted again.
    let writable = |m: &&firstfault_gather::Mount| m.on == report.on && m.device.ends_with(&format!("/{device}"));
    if declaration.id == READ_ONLY.id && world.host.mounts.iter().find(writable).is_some_and(|m| !m.read_only) {
        finding = finding.in_state(State::Recovered);
    }
    Some(finding)
}

fn killed(world: &World, pods: &Pods, report: &KernelReport, kill: &OomKill, merged: &mut Merged) {
    let machine = machine(world, &report.on);
    let victim = pods.of(world, kill);
    let with = |finding: Finding| {
        let finding = finding.with("process", kill.process.as_str()).with("cgroup", kill.cgroup.as_str());
        let finding = match kill.resident {
            Some(kib) => finding.with("resident", format!("{} MiB", kib / 1024)),
            None => finding,
        };
        match kill.limit.filter(|_| !kill.of_host) {
            Some(kib) => finding.with("limit", format!("{} MiB", kib / 1024)),
            None => finding,
        }
    };
    if kill.of_host
        && let Some(on) = &machine
    {
        let mut finding = with(begin(world, &OUT_OF_MEMORY, on.clone(), report)).graded(Grade::Certain);
        if let Some(victim) = &victim {
            finding = finding.about(victim.clone());
        }
        merged.add(finding);
    }
    let declaration = if kill.of_host { &KILLED_FOR_HOST } else { &KILLED_AT_LIMIT };
    // The pod is not known: what is left is where it happened.
    let carrier = match (victim, kill.of_host, &machine) {
        (Some(victim), ..) => victim,
        (None, false, Some(machine)) => machine.clone(),
        _ => return,
    };
    let mut finding = with(begin(world, declaration, carrier, report)).graded(Grade::Certain);
    if let Some(machine) = machine {
        finding = finding.with("node", machine.name.as_str());
    }
    merged.add(finding);
}

/// Workloads by the uids of their pods and the ids of their containers.
struct Pods(BTreeMap<String, Entity>);

impl Pods {
    fn new(world: &World) -> Self {
        let mut by_id = BTreeMap::new();
        for pod in world.kind("Pod").filter(|p| p.is_live()) {
            let carrier = world.carrier(pod);
            let hash = pod.at("metadata.annotations").get("kubernetes.io/config.hash").text();
            let containers = pod.at("status.containerStatuses").list().iter();
            let running =
                containers.flat_map(|c| [c.get("containerID").text(), c.at("lastState.terminated.containerID").text()]);
            let ids = running.filter_map(|id| id.rsplit('/').next());
            for id in ids.chain([pod.at("metadata.uid").text(), hash]).filter(|id| id.len() > 11) {
                by_id.insert(id.to_owned(), carrier.clone());
            }
        }
        Self(by_id)
    }

    fn of(&self, world: &World, kill: &OomKill) -> Option<Entity> {
        let by_uid =
            kill.pod_uid.as_ref().and_then(|uid| self.0.get(uid).or_else(|| self.0.get(&uid.replace('-', ""))));
        if let Some(carrier) = by_uid {
            return Some(carrier.clone());
        }
        let id = container_id(&kill.cgroup)?;
        if let Some(carrier) = self.0.get(id) {
            return Some(carrier.clone());
        }
        let container = world.host.containers.iter().find(|c| !c.id.is_empty() && id.starts_with(c.id.as_str()))?;
        let pod = container.pod.as_ref()?;
        Some(world.carrier_of(&Entity {
            kind: "Pod".into(),
            namespace: container.namespace.clone(),
            name: pod.clone(),
        }))
    }
}

/// The id in `…/cri-containerd-<id>.scope`, `…/crio-<id>.scope`, `/docker/<id>`.
fn container_id(cgroup: &str) -> Option<&str> {
    let last = cgroup.rsplit('/').next()?.trim_end_matches(".scope");
    let id = last.rsplit('-').next().unwrap_or(last);
    (id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

/// A table counts as full from this share on.
const FULL_PERCENT: u64 = 97;

/// How full a table is, as far as it is known, and which of the facts counts it.
struct Level {
    used: Option<u64>,
    most: Option<u64>,
    fact: usize,
}

/// Counts and limits of one table may stand in different files.
fn tables(world: &World, merged: &mut Merged) {
    let mut known: BTreeMap<(&Entity, LimitOf), Level> = BTreeMap::new();
    for (i, limit) in world.host.limits.iter().enumerate() {
        let entry = known.entry((&limit.on, limit.of)).or_insert(Level { used: None, most: None, fact: i });
        if limit.used.is_some() {
            (entry.used, entry.fact) = (limit.used, i);
        }
        entry.most = limit.most.or(entry.most);
    }
    for ((on, of), level) in known {
        let (Some(used), Some(most), Some(on)) = (level.used, level.most, machine(world, on)) else { continue };
        let declaration = match of {
            LimitOf::Files => &FILES_EXHAUSTED,
            LimitOf::Connections => &CONNECTIONS_FULL,
            LimitOf::Processes => &PROCESSES_EXHAUSTED,
        };
        if most > 0 && used.saturating_mul(100) / most >= FULL_PERCENT {
            let evidence = world.host.limits[level.fact].evidence.clone();
            let finding = Finding::new(declaration, on, evidence).graded(Grade::Certain);
            merged.add(finding.with("used", used.to_string()).with("limit", most.to_string()));
        }
    }
}
