//! Everything that was read, in the words of `model`: what detectors look at.

use std::collections::BTreeMap;

use crate::host_facts::HostFacts;
use crate::mesh::MeshFacts;
pub use crate::object::{Form, Object, Origin};
use firstfault_metrics::Series;
use firstfault_model::{Change, Coverage, Entity, Evidence, Incident, Masked, Name, Place, Relation};
use jiff::{SignedDuration, Timestamp};

/// A Kubernetes event (also from the foot of `describe`), repeated ones counted once.
#[derive(Clone, Debug)]
pub struct Event {
    /// What it is about; its namespace is the event's.
    pub about: Entity,
    /// `Warning` rather than `Normal`.
    pub warning: bool,
    /// `FailedScheduling`, …
    pub reason: Name,
    /// The text.
    pub message: String,
    /// `kubelet`, `default-scheduler`, … or empty.
    pub from: Name,
    /// How often.
    pub count: u32,
    /// First sight.
    pub first: Option<Timestamp>,
    /// Last sight.
    pub last: Option<Timestamp>,
    /// First and last sight before the moment of collection, as tables print them.
    pub ago: Option<(SignedDuration, SignedDuration)>,
    /// Where it stands.
    pub place: Place,
}

impl Event {
    /// The event as evidence.
    #[must_use]
    pub fn cite(&self) -> Evidence {
        let kind = if self.warning { "Warning" } else { "Normal" };
        Evidence {
            place: self.place.clone(),
            excerpt: Masked::new(&format!("{kind} {} {}", self.reason, self.message)),
        }
    }
}

/// One stream of log lines: what stays of it.
#[derive(Debug)]
pub struct Log {
    /// Whose it is: a pod or workload where it could be resolved, else a `service` or `host`.
    pub entity: Entity,
    /// The container, where known.
    pub container: Option<Name>,
    /// It is the log of the run before the last restart.
    pub previous: bool,
    /// The file.
    pub path: Name,
    /// Counted shapes, signature hits, stack traces, last words.
    pub digest: firstfault_logs::Digest,
}

/// A systemd unit on a host.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The host or node.
    pub host: Name,
    /// `kubelet.service`, …
    pub name: Name,
    /// `active`, `inactive`, `failed`, `activating`, …
    pub active: Name,
    /// `running`, `dead`, `auto-restart`, …
    pub sub: Name,
    /// Since when, where it can be read.
    pub since: Option<Timestamp>,
    /// `Result`/exit status text where printed: `exit-code`, `signal`, `oom-kill`, …
    pub result: Option<String>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A file system, from `df`.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// The mount point.
    pub mount: String,
    /// Percent of bytes used.
    pub used_percent: u8,
    /// These are inodes rather than bytes.
    pub inodes: bool,
    /// The device, or what stands for it.
    pub device: String,
    /// KiB (or inodes) in all.
    pub size: Option<u64>,
    /// KiB (or inodes) that can still be used.
    pub available: Option<u64>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Somebody tried to reach something: `nc`, `curl`, `ping`, `dig`, `nslookup`, `openssl s_client`.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The tool.
    pub tool: &'static str,
    /// From where, if it is known.
    pub from: Option<String>,
    /// The host name or address.
    pub host: String,
    /// The port, if there is one.
    pub port: Option<u16>,
    /// What came of it.
    pub outcome: Outcome,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What came of an attempt to reach something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered (an HTTP status below 500, an open port, an address).
    Reached,
    /// Nothing listens there, or a firewall rejects.
    Refused,
    /// No answer.
    TimedOut,
    /// The name has no address.
    NotResolved,
    /// An HTTP status of 500 or more.
    Status(u16),
    /// TLS failed: expired, wrong name, unknown authority, …
    Tls(String),
    /// It failed without saying how.
    Failed,
    /// Packets were lost: percent.
    Lossy(u8),
}

/// A firing alert, or a finding of a monitoring tool.
#[derive(Clone, Debug)]
pub struct Alert {
    /// `alertname` or category.
    pub name: String,
    /// Whom it is about, where it says so.
    pub about: Option<Entity>,
    /// All its labels.
    pub labels: BTreeMap<String, String>,
    /// `critical`, `warning`, … or empty.
    pub severity: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Annotations or text.
    pub summary: String,
    /// `(measure, normal, now)` where the alert says so: ("p95latency", 4.85, 70.04).
    pub measures: Vec<Measure>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A number that an alert gives, with its normal value.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name as printed.
    pub name: String,
    /// The usual value.
    pub normal: f64,
    /// The value now.
    pub now: f64,
    /// `ms`, `%`, `req/s`, … as printed.
    pub unit: String,
}

/// What a command said instead of an answer.
#[derive(Clone, Debug)]
pub struct CommandError {
    /// The command line, if the transcript has it.
    pub command: Option<String>,
    /// `Error from server (NotFound): …`
    pub message: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// An answer of `kubectl auth can-i`, or a row of its list.
#[derive(Clone, Debug)]
pub struct CanI {
    /// The subject (`--as`), if given.
    pub subject: Option<String>,
    /// `list`, …
    pub verb: String,
    /// `pods`, …
    pub resource: String,
    /// The namespace, if given.
    pub namespace: Option<String>,
    /// Whether it is allowed.
    pub allowed: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What one file gave; files are read in any order and joined in order of path.
#[derive(Debug, Default)]
pub struct Yield {
    /// Objects, not yet merged.
    pub objects: Vec<Object>,
    /// Kinds and namespaces that were listed completely here (`None`: all namespaces).
    pub listed: Vec<(Name, Option<Name>)>,
    /// Events.
    pub events: Vec<Event>,
    /// Log streams.
    pub logs: Vec<Log>,
    /// Time series.
    pub series: Vec<Series>,
    /// Calls between services: caller, callee, where it stands.
    pub calls: Vec<(Entity, Entity, Evidence)>,
    /// systemd units.
    pub units: Vec<Unit>,
    /// File systems.
    pub disks: Vec<Disk>,
    /// What else the tools of hosts say.
    pub host: HostFacts,
    /// What the tools of a service mesh say.
    pub mesh: MeshFacts,
    /// Attempts to reach something.
    pub reaches: Vec<Reach>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Intended changes.
    pub changes: Vec<Change>,
    /// Failed commands.
    pub errors: Vec<CommandError>,
    /// Answers of `auth can-i`.
    pub can_i: Vec<CanI>,
    /// Spans.
    pub spans: Vec<firstfault_traces::Span>,
    /// Profile entries.
    pub profiles: Vec<firstfault_traces::ProfileEntry>,
    /// Names of metrics that a Prometheus said it holds, all of them.
    pub metric_names: Vec<(Name, Place)>,
    /// Times of collection that were printed (`date`, a bundle's stamp).
    pub collected_at: Vec<Timestamp>,
    /// What was recognised, for the coverage line.
    pub read_as: String,
    /// What could not be read.
    pub problems: Vec<firstfault_model::Problem>,
}

/// Everything that was read, merged, with names resolved.
#[derive(Debug, Default)]
pub struct World {
    /// What the person said.
    pub incident: Incident,
    /// The newest moment that the evidence knows: "now" for every judgement.
    pub now: Option<Timestamp>,
    /// All objects, by kind, namespace and name.
    pub objects: BTreeMap<(Name, Option<Name>, Name), Object>,
    /// Events in order of last sight.
    pub events: Vec<Event>,
    /// Log streams.
    pub logs: Vec<Log>,
    /// Time series.
    pub series: Vec<Series>,
    /// Ties between entities, each with where it stands.
    pub relations: Vec<(Entity, Relation, Entity, Evidence)>,
    /// systemd units.
    pub units: Vec<Unit>,
    /// File systems.
    pub disks: Vec<Disk>,
    /// What else the tools of hosts say.
    pub host: HostFacts,
    /// What the tools of a service mesh say.
    pub mesh: MeshFacts,
    /// Attempts to reach something.
    pub reaches: Vec<Reach>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Intended changes.
    pub changes: Vec<Change>,
    /// Failed commands.
    pub errors: Vec<CommandError>,
    /// Answers of `auth can-i`.
    pub can_i: Vec<CanI>,
    /// Spans.
    pub spans: Vec<firstfault_traces::Span>,
    /// Profile entries.
    pub profiles: Vec<firstfault_traces::ProfileEntry>,
    /// Names of metrics, where a Prometheus listed all that it holds, and where that stands.
    pub metric_names: BTreeMap<Name, Place>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Path, bytes and hash of each file.
    pub sources: Vec<(Name, u64, u64)>,
    /// Oddities of the evidence: clocks that differ.
    pub notes: Vec<String>,
    /// How workloads are configured to reach their servers, once somebody asked.
    pub(crate) bindings: std::sync::OnceLock<Vec<crate::Binding>>,
    /// Kind (as the API's message writes it), namespace of the command and name of what the API said it does not have.
    pub(crate) not_found: std::collections::BTreeSet<(String, Option<String>, String)>,
    /// Names of live pods by the workload that they belong to.
    pub(crate) pods_by_carrier: BTreeMap<Entity, Vec<Name>>,
    /// What the names of services in spans stand for.
    pub(crate) traced: BTreeMap<Name, Entity>,
    /// Owner of each pod, ReplicaSet and Job: its workload.
    pub(crate) owners: BTreeMap<Entity, Entity>,
    /// Events by what they are about: indices into `events`.
    pub(crate) events_about: BTreeMap<Entity, Vec<u32>>,
}

impl World {
    /// All objects of a kind.
    pub fn kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        let from = (Name::from(kind), None, Name::default());
        self.objects.range(from..).map(|(_, object)| object).take_while(move |object| object.kind == kind)
    }

    /// All objects of a kind in a namespace.
    pub fn kind_in<'a>(&'a self, kind: &'a str, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> {
        let from = (Name::from(kind), namespace.map(Name::from), Name::default());
        self.objects
            .range(from..)
            .map(|(_, object)| object)
            .take_while(move |object| object.kind == kind && object.namespace.as_deref() == namespace)
    }

    /// One object.
    #[must_use]
    pub fn object(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&Object> {
        self.objects.get(&(kind.into(), namespace.map(Name::from), name.into()))
    }

    /// The object of an entity.
    #[must_use]
    pub fn object_of(&self, entity: &Entity) -> Option<&Object> {
        self.objects.get(&(entity.kind.clone(), entity.namespace.clone(), entity.name.clone()))
    }

    /// What carries the faults of an object: the workload at the top of its owners
    /// (Deployment, StatefulSet, CronJob, …), or the object itself.
    #[must_use]
    pub fn carrier(&self, object: &Object) -> Entity {
        self.carrier_of(&object.entity())
    }

    /// Like [`World::carrier`] for an entity that may have no object.
    #[must_use]
    pub fn carrier_of(&self, entity: &Entity) -> Entity {
        self.owners.get(entity).cloned().unwrap_or_else(|| entity.clone())
    }

    /// The workload or service that a name in a trace stands for.
    #[must_use]
    pub fn traced(&self, name: &str) -> Entity {
        self.traced.get(name).cloned().unwrap_or_else(|| Entity::new(firstfault_model::kind::SERVICE, name))
    }

    /// Makes [`World::events_about`] know the events; for worlds that are filled by hand.
    pub fn index_events(&mut self) {
        crate::assemble::owners::index_events(self);
    }

    /// The events about an entity, oldest first.
    pub fn events_about(&self, entity: &Entity) -> impl Iterator<Item = &Event> {
        let indices = self.events_about.get(entity).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|&i| &self.events[i as usize])
    }

    /// Whether an object certainly does not exist: its kind was listed completely there, and
    /// it was not in the list; or the API said `NotFound`.
    #[must_use]
    pub fn is_missing(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        let listed = || self.coverage.complete(kind, namespace) || self.said_not_found(kind, namespace, name);
        self.object(kind, namespace, name).is_none_or(|object| !object.is_live()) && listed()
    }
}
