//! What the tools of a host say besides units, disks and reachability.

mod network;

use firstfault_model::{Entity, Evidence, Name};
use jiff::Timestamp;

pub use network::{Answer, Interface, Listener, Lookup, Routes, SocketListing};

/// Facts about hosts (and about pods, where a tool ran inside one).
#[derive(Debug, Default)]
pub struct HostFacts {
    /// Memory and swap.
    pub memory: Vec<Memory>,
    /// Processes.
    pub processes: Vec<Process>,
    /// Listings of listening sockets.
    pub listings: Vec<SocketListing>,
    /// What the kernel reported.
    pub kernel: Vec<KernelReport>,
    /// Certificates, as a tool showed or judged them.
    pub certificates: Vec<Certificate>,
    /// Questions to DNS.
    pub lookups: Vec<Lookup>,
    /// Clocks and whether they follow a time source.
    pub clocks: Vec<Clock>,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// Routing tables.
    pub routes: Vec<Routes>,
    /// Mounted file systems.
    pub mounts: Vec<Mount>,
    /// Containers as their runtime lists them.
    pub containers: Vec<RuntimeContainer>,
    /// Tables of the kernel that can fill up.
    pub limits: Vec<Limit>,
    /// Names that hosts give themselves.
    pub names: Vec<HostName>,
    /// How long hosts have been up, or since when.
    pub uptimes: Vec<Uptime>,
}

impl HostFacts {
    /// How many facts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.memory.len()
            + self.processes.len()
            + self.listings.len()
            + self.kernel.len()
            + self.certificates.len()
            + self.lookups.len()
            + self.clocks.len()
            + self.interfaces.len()
            + self.routes.len()
            + self.mounts.len()
            + self.containers.len()
            + self.limits.len()
            + self.names.len()
            + self.uptimes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the facts of another file.
    pub(crate) fn append(&mut self, mut more: Self) {
        self.memory.append(&mut more.memory);
        self.processes.append(&mut more.processes);
        self.listings.append(&mut more.listings);
        self.kernel.append(&mut more.kernel);
        self.certificates.append(&mut more.certificates);
        self.lookups.append(&mut more.lookups);
        self.clocks.append(&mut more.clocks);
        self.interfaces.append(&mut more.interfaces);
        self.routes.append(&mut more.routes);
        self.mounts.append(&mut more.mounts);
        self.containers.append(&mut more.containers);
        self.limits.append(&mut more.limits);
        self.names.append(&mut more.names);
        self.uptimes.append(&mut more.uptimes);
    }

    /// Where each fact was seen, with its evidence's path, for joining names.
    pub(crate) fn places(&mut self) -> impl Iterator<Item = (&mut Entity, &Evidence)> {
        let memory = self.memory.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let processes = self.processes.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let listings = self.listings.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let kernel = self.kernel.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let certificates = self.certificates.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let lookups = self.lookups.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let clocks = self.clocks.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let interfaces = self.interfaces.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let routes = self.routes.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let mounts = self.mounts.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let containers = self.containers.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let limits = self.limits.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let uptimes = self.uptimes.iter_mut().map(|f| (&mut f.on, &f.evidence));
        let network = certificates.chain(lookups).chain(interfaces).chain(routes).chain(listings).chain(uptimes);
        memory.chain(processes).chain(kernel).chain(clocks).chain(mounts).chain(containers).chain(limits).chain(network)
    }
}

/// Memory and swap, from `free`, `/proc/meminfo`, the head of `top` or `vmstat`.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The host, or the pod the command ran in (which sees its node's memory).
    pub on: Entity,
    /// KiB in all.
    pub total: Option<u64>,
    /// KiB that programs can still get.
    pub available: Option<u64>,
    /// KiB of swap in all.
    pub swap_total: u64,
    /// KiB of swap in use.
    pub swap_used: u64,
    /// KiB a second moved to and from swap, as `vmstat` saw it last.
    pub paging: Option<u64>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A process, from `ps` or `top`.
#[derive(Clone, Debug)]
pub struct Process {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// Its number.
    pub pid: u32,
    /// The user.
    pub user: String,
    /// Percent of one CPU.
    pub cpu: Option<f64>,
    /// Percent of the memory.
    pub memory: Option<f64>,
    /// KiB resident.
    pub resident: Option<u64>,
    /// `R`, `S`, `D`, `Z`, … or empty.
    pub state: String,
    /// The command line, cut.
    pub command: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Something the kernel reported, repeated reports counted once.
#[derive(Clone, Debug)]
pub struct KernelReport {
    /// The host.
    pub on: Entity,
    /// What.
    pub what: KernelEvent,
    /// How often.
    pub count: u32,
    /// First sight.
    pub first: Option<Timestamp>,
    /// Last sight.
    pub last: Option<Timestamp>,
    /// First and last sight in seconds since the host started, where no time was printed.
    pub since_boot: Option<(f64, f64)>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// How long a host has been up.
#[derive(Clone, Debug)]
pub struct Uptime {
    /// The host.
    pub on: Entity,
    /// Seconds since it started, at the time of collection.
    pub seconds: Option<f64>,
    /// When it started.
    pub booted: Option<Timestamp>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What the kernel reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KernelEvent {
    /// It killed a process for memory.
    OutOfMemory(OomKill),
    /// A disk did not read or write.
    DiskError {
        /// `sda`, `nvme0n1`, `dm-0`, …
        device: String,
    },
    /// A file system found itself damaged or shut itself down.
    FileSystemError {
        /// The device.
        device: String,
    },
    /// A file system takes no writes any more.
    RemountedReadOnly {
        /// The device.
        device: String,
    },
    /// The table of connections is full; packets are dropped.
    ConnectionTableFull,
    /// The table of neighbours is full.
    NeighbourTableFull,
    /// No more files can be opened on the host.
    FilesExhausted,
    /// No more processes may be started in a cgroup.
    ProcessesExhausted {
        /// The cgroup.
        cgroup: String,
    },
}

/// A kill by the kernel's out-of-memory killer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OomKill {
    /// The program.
    pub process: String,
    /// Its number.
    pub pid: u32,
    /// The whole host was short, rather than one cgroup at its limit.
    pub of_host: bool,
    /// The cgroup of the process.
    pub cgroup: String,
    /// The uid of the pod that the cgroup belongs to.
    pub pod_uid: Option<String>,
    /// KiB of memory that it held.
    pub resident: Option<u64>,
    /// KiB that the cgroup was allowed.
    pub limit: Option<u64>,
}

/// A certificate as a tool showed it, and what the tool said of it.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Where the tool ran.
    pub on: Entity,
    /// The server's host name as it was asked for, or the file.
    pub of: String,
    /// The port, for a server.
    pub port: Option<u16>,
    /// It is a server's, met in a handshake.
    pub met: bool,
    /// The subject's common name.
    pub subject: String,
    /// The issuer's common name or organisation.
    pub issuer: String,
    /// The names that it is good for.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before: Option<Timestamp>,
    /// Valid until.
    pub not_after: Option<Timestamp>,
    /// What the tool found wrong.
    pub fault: Option<CertificateFault>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// Nobody that is trusted has signed it.
    UnknownIssuer,
}

/// A clock and whether it follows a time source.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The host.
    pub on: Entity,
    /// Whether it is synchronised, where the tool says so.
    pub synchronised: Option<bool>,
    /// Seconds that it is ahead of (or, negative, behind) its source.
    pub offset: Option<f64>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A mounted file system.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// The device.
    pub device: String,
    /// Where it is mounted.
    pub mount: String,
    /// `ext4`, `xfs`, …
    pub file_system: String,
    /// It takes no writes.
    pub read_only: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A container as its runtime lists it.
#[derive(Clone, Debug)]
pub struct RuntimeContainer {
    /// The host.
    pub on: Entity,
    /// The start of its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The pod's name, where the runtime tells it.
    pub pod: Option<Name>,
    /// The pod's namespace.
    pub namespace: Option<Name>,
    /// The image.
    pub image: String,
    /// `running`, `exited`, `restarting`, `created`, `paused`, `unknown`.
    pub state: String,
    /// How it ended.
    pub exit_code: Option<i64>,
    /// It was killed for memory.
    pub oom_killed: bool,
    /// Its own health check fails.
    pub unhealthy: bool,
    /// How often it was started again.
    pub restarts: u32,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A table of the kernel that can fill up: what is used, what there is, or both.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The host.
    pub on: Entity,
    /// Which.
    pub of: LimitOf,
    /// How many are used.
    pub used: Option<u64>,
    /// How many there may be.
    pub most: Option<u64>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Tables of the kernel that can fill up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitOf {
    /// Open files.
    Files,
    /// Tracked connections.
    Connections,
    /// Processes and threads.
    Processes,
}

/// A name that a host gives itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// The folder (ending in `/`, or empty) or the file for whose facts it holds.
    pub root: String,
    /// The name.
    pub name: String,
    /// How much the source is to be believed; the more, the better.
    pub weight: u8,
}
