//! What the kernel reports: kills for memory, disks that fail, tables that are full.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use firstfault_model::{Entity, Evidence, Name, Place};
use jiff::Timestamp;
use regex::Regex;

use super::lines::{Clockwork, Head};
use crate::host_facts::{Clock, KernelEvent, KernelReport, OomKill};
use crate::{Context, Yield};

/// Different reports kept of one stream.
const MOST: usize = 500;

/// Words of which one stands in every message that means something here.
fn telling() -> &'static Regex {
    static TELLING: OnceLock<Regex> = OnceLock::new();
    TELLING.get_or_init(|| {
        let words = [
            "oom-kill",
            "invoked oom",
            "ut of memory",
            "Killed process",
            "killed as a result",
            "memory: usage",
            "I/O error",
            "EXT[234]-fs",
            r"XFS \(",
            "BTRFS",
            "emounting filesystem",
            "forced readonly",
            "conntrack",
            "eighbour table",
            "neighbor table",
            "file-max limit",
            "fork rejected",
            "borting journal",
            "hronis",
            "elected source",
            "System clock wrong",
        ];
        Regex::new(&words.join("|")).expect("a fixed pattern")
    })
}

/// Watches the lines of one stream for reports of the kernel and of its clock's keeper.
pub(crate) struct Watch {
    path: Name,
    clockwork: Clockwork,
    /// Lines come from the kernel even where no program's name says so.
    is_ring_buffer: bool,
    reports: Vec<KernelReport>,
    known: BTreeMap<KernelEvent, usize>,
    /// What is known so far of the kill that is being reported.
    kill: Kill,
    hosts: BTreeMap<String, u32>,
    clock: Option<(bool, Option<f64>, Evidence)>,
}

/// The time of a line, and its seconds since the host started.
type When = (Option<Timestamp>, Option<f64>);

/// A kill as its lines come in.
#[derive(Default)]
struct Kill {
    facts: OomKill,
    /// The line that names the process, and its time.
    at: Option<(u32, When, String)>,
    /// It was reported already; what follows only adds to it.
    reported: bool,
}

impl Watch {
    pub(crate) fn new(path: &Name, context: &Context, is_ring_buffer: bool) -> Self {
        Self {
            path: path.clone(),
            clockwork: Clockwork::new(&context.assume, context.modified),
            is_ring_buffer,
            reports: Vec::new(),
            known: BTreeMap::new(),
            kill: Kill::default(),
            hosts: BTreeMap::new(),
            clock: None,
        }
    }

    /// Takes a line and its number.
    pub(crate) fn line(&mut self, number: u32, line: &str) {
        let count_host = self.hosts.values().sum::<u32>() < 200;
        if !count_host && !telling().is_match(line) {
            return;
        }
        let head = self.clockwork.head(line);
        if let Some(host) = head.host.filter(|_| count_host) {
            *self.hosts.entry(host.to_owned()).or_default() += 1;
        }
        if !telling().is_match(head.message) {
            return;
        }
        match head.ident {
            Some("kernel") => self.kernel(number, &head),
            Some("chronyd" | "systemd-timesyncd" | "ntpd") => self.clock(number, &head),
            // Other programs may quote anything.
            Some(_) => {}
            None if self.is_ring_buffer => self.kernel(number, &head),
            None => {}
        }
    }

    fn kernel(&mut self, number: u32, head: &Head<'_>) {
        if self.of_kill(number, head) {
            return;
        }
        let Some(event) = event(head.message) else { return };
        self.report(event, number, (head.time, head.since_boot), head.message);
    }

    fn report(&mut self, what: KernelEvent, number: u32, (time, since_boot): When, message: &str) {
        // Kills are alike if the same program dies in the same cgroup.
        let key = match &what {
            KernelEvent::OutOfMemory(kill) => KernelEvent::OutOfMemory(OomKill {
                process: kill.process.clone(),
                cgroup: kill.cgroup.clone(),
                of_host: kill.of_host,
                ..OomKill::default()
            }),
            other => other.clone(),
        };
        if let Some(&known) = self.known.get(&key) {
            let report = &mut self.reports[known];
            report.count += 1;
            report.last = time.or(report.last);
            report.since_boot = report.since_boot.map(|(first, last)| (first, since_boot.unwrap_or(last)));
            return;
        }
        if self.reports.len() >= MOST {
            return;
        }
        self.known.insert(key, self.reports.len());
        let evidence = self.cite(number, message);
        self.reports.push(KernelReport {
            on: Entity::new("", ""),
            what,
            count: 1,
            first: time,
            last: time,
            since_boot: since_boot.map(|at| (at, at)),
            evidence,
        });
    }

    fn cite(&self, number: u32, message: &str) -> Evidence {
        let text: String = message.chars().take(300).collect();
        Evidence { place: Place::line(&self.path, number), excerpt: firstfault_model::Masked::new(&text) }
    }

    /// Takes in a line of the out-of-memory killer; `false` for all others.
    fn of_kill(&mut self, number: u32, head: &Head<'_>) -> bool {
        let text = head.message;
        let names_victim = text.contains("ill process ") || text.contains("illed process ");
        if self.kill.reported && !names_victim {
            self.kill = Kill::default();
        }
        if text.contains("invoked oom-killer") {
            self.end_kill();
        } else if let Some(rest) = text.strip_prefix("Task in ") {
            let mut groups = rest.split(" killed as a result of limit of ");
            self.kill.facts.cgroup = groups.next().unwrap_or("").to_owned();
            self.kill.facts.of_host = groups.next().is_some_and(|limit| limit.trim() == "/" || limit.trim() == "host");
        } else if let Some(rest) = text.strip_prefix("memory: usage ") {
            self.kill.facts.limit = rest.split_once("limit ").and_then(|(_, r)| kib(r)).filter(|l| *l < 1 << 50);
        } else if let Some(rest) = text.strip_prefix("oom-kill:") {
            self.constraint(rest);
            self.kill.at = Some((number, (head.time, head.since_boot), text.to_owned()));
        } else if let Some(at) = text.find("ill process ").or_else(|| text.find("illed process ")) {
            self.victim(number, head, at);
        } else {
            return false;
        }
        true
    }

    /// `constraint=CONSTRAINT_MEMCG,nodemask=(null),…,task_memcg=/…,task=java,pid=12,uid=0`.
    fn constraint(&mut self, fields: &str) {
        let value = |key: &str| fields.split(',').find_map(|f| f.strip_prefix(key)?.strip_prefix('='));
        let facts = &mut self.kill.facts;
        facts.of_host = fields.contains("global_oom") || value("constraint") != Some("CONSTRAINT_MEMCG");
        facts.cgroup = value("task_memcg").unwrap_or("").to_owned();
        facts.process = value("task").unwrap_or("").to_owned();
        facts.pid = value("pid").and_then(|p| p.parse().ok()).unwrap_or(0);
    }

    /// `Memory cgroup out of memory: Killed process 12 (java) total-vm:1kB, anon-rss:2kB, file-rss:…`.
    fn victim(&mut self, number: u32, head: &Head<'_>, at: usize) {
        let text = head.message;
        let after = text[at..].split_once("process ").map_or("", |(_, rest)| rest);
        let pid = after.split([' ', ',']).next().and_then(|p| p.parse().ok()).unwrap_or(0);
        if self.kill.reported && self.kill.facts.pid == pid {
            return;
        }
        if self.kill.facts.pid != 0 && self.kill.facts.pid != pid {
            self.end_kill();
        }
        let facts = &mut self.kill.facts;
        facts.pid = pid;
        if let Some((name, _)) = after.split_once('(').and_then(|(_, rest)| rest.split_once(')')) {
            name.clone_into(&mut facts.process);
        }
        if text.starts_with("Out of memory") {
            facts.of_host = true;
        } else if text.starts_with("Memory cgroup") {
            facts.of_host = false;
        }
        facts.resident = text.split_once("anon-rss:").and_then(|(_, rest)| kib(rest)).or(facts.resident);
        self.kill.at = Some((number, (head.time, head.since_boot), text.to_owned()));
        // The old form says the size on a line of its own.
        if facts.resident.is_some() {
            self.end_kill();
            self.kill.reported = true;
            self.kill.facts.pid = pid;
        }
    }

    /// Reports the kill that was being read, if its process is known.
    fn end_kill(&mut self) {
        let kill = std::mem::take(&mut self.kill);
        let Some((number, when, text)) = kill.at else { return };
        if kill.reported || kill.facts.process.is_empty() {
            return;
        }
        let mut facts = kill.facts;
        facts.pod_uid = pod_uid(&facts.cgroup);
        self.report(KernelEvent::OutOfMemory(facts), number, when, &text);
    }

    fn clock(&mut self, number: u32, head: &Head<'_>) {
        let text = head.message;
        let wrong_by = text.strip_prefix("System clock wrong by ").and_then(|r| r.split(' ').next()?.parse().ok());
        if text.contains("Can't synchronise") || text.contains("Can't synchronize") {
            self.clock = Some((false, None, self.cite(number, text)));
        } else if text.contains("elected source") {
            self.clock = Some((true, None, self.cite(number, text)));
        } else if let Some(offset) = wrong_by {
            self.clock = Some((true, Some(offset), self.cite(number, text)));
        }
    }

    /// Hands over what was seen; `on` is the host, or one without a name.
    pub(crate) fn finish(mut self, on: &Entity, out: &mut Yield) {
        self.end_kill();
        for report in &mut self.reports {
            report.on = on.clone();
        }
        out.host.kernel.append(&mut self.reports);
        if let Some((synchronised, offset, evidence)) = self.clock {
            out.host.clocks.push(Clock { on: on.clone(), synchronised: Some(synchronised), offset, evidence });
        }
    }

    /// The host that most lines name.
    pub(crate) fn host(&self) -> Option<&str> {
        let named = self.hosts.iter().filter(|(name, _)| !name.starts_with("localhost"));
        named.max_by_key(|(_, count)| **count).map(|(name, _)| name.as_str())
    }
}

/// The uid in `/kubepods/burstable/pod<uid>/…` and `…/kubepods-pod<uid_with_underscores>.slice/…`.
fn pod_uid(cgroup: &str) -> Option<String> {
    cgroup.match_indices("pod").map(|(at, _)| &cgroup[at + 3..]).find_map(|rest| {
        let uid: String = rest.chars().take_while(|c| c.is_ascii_hexdigit() || matches!(c, '-' | '_')).collect();
        matches!(uid.len(), 32 | 36).then(|| uid.replace('_', "-"))
    })
}

/// `524288kB, …` as 524288.
fn kib(text: &str) -> Option<u64> {
    text.split("kB").next()?.trim().parse().ok()
}

/// Devices without a medium report errors all the time.
fn is_real(device: &str) -> bool {
    !device.is_empty() && !["fd", "sr", "loop", "ram", "cdrom"].iter().any(|kind| device.starts_with(kind))
}

/// What a message of the kernel other than a kill means.
fn event(text: &str) -> Option<KernelEvent> {
    let has = |part: &str| text.contains(part);
    if has("conntrack") && has("table full") {
        return Some(KernelEvent::ConnectionTableFull);
    }
    if has("eighbour table overflow") || has("neighbor table overflow") {
        return Some(KernelEvent::NeighbourTableFull);
    }
    if has("file-max limit") && has("reached") {
        return Some(KernelEvent::FilesExhausted);
    }
    if let Some((_, cgroup)) = text.split_once("fork rejected by pids controller in ") {
        return Some(KernelEvent::ProcessesExhausted { cgroup: cgroup.trim().chars().take(200).collect() });
    }
    let read_only = has("emounting filesystem read-only") || has("forced readonly");
    let device = device_of(text)?;
    let real = |event: fn(String) -> KernelEvent| is_real(&device).then(|| event(device.clone()));
    if read_only {
        return real(|device| KernelEvent::RemountedReadOnly { device });
    }
    let shut_down = text.starts_with("XFS (") && (has("hut down") || has("Corruption") || has("hutting down"));
    let damaged = has("EXT4-fs error") || has("EXT3-fs error") || has("EXT2-fs error") || has("BTRFS error");
    if shut_down || damaged || has("borting journal") {
        return real(|device| KernelEvent::FileSystemError { device });
    }
    if has("I/O error") {
        return real(|device| KernelEvent::DiskError { device });
    }
    None
}

/// The device of `… dev sda, sector`, `(device sda1)`, `XFS (dm-0):`, `EXT4-fs (sda1):`, `on device sda1-8`.
fn device_of(text: &str) -> Option<String> {
    let after = |word: &str| text.split_once(word).map(|(_, rest)| rest);
    let begin = after("(device ")
        .or_else(|| after(" dev "))
        .or_else(|| after("on device "))
        .or_else(|| after("XFS ("))
        .or_else(|| after("-fs ("))
        .or_else(|| after("logical block on "))?;
    let device: String = begin
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '!'))
        .take(40)
        .collect();
    (!device.is_empty()).then_some(device)
}

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod tests;
