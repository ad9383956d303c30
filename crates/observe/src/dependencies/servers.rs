//! Faults of a server that its clients tell of.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Log, World};
use firstfault_logs::Hit;
use firstfault_model::{Declaration, Entity, Evidence, Finding, Grade, Health, State, kind};
use jiff::Timestamp;

use super::{DENIED_BY_SERVER, NO_CONNECTIONS, READ_ONLY, UNREACHABLE, View};
use crate::application;
use crate::merge::Merged;

/// Words in image names of servers that keep state or messages.
const IMAGES: &[&str] = &[
    "mysql",
    "mariadb",
    "postgres",
    "mongo",
    "redis",
    "rabbitmq",
    "kafka",
    "elasticsearch",
    "opensearch",
    "cassandra",
    "memcached",
    "valkey",
    "percona",
    "xenon",
];

/// The workloads that are databases, caches or brokers.
pub(crate) fn servers(world: &World) -> BTreeSet<Entity> {
    let by_image = world.pod_specs().filter(|(_, spec)| {
        spec.get("containers").list().iter().any(|c| {
            let image = c.get("image").text();
            let name = image.rsplit('/').next().unwrap_or(image).split(':').next().unwrap_or("");
            IMAGES.iter().any(|word| name.contains(word)) && !name.contains("exporter") && !name.contains("client")
        })
    });
    let mut servers: BTreeSet<Entity> = by_image.map(|(object, _)| world.carrier(object)).collect();
    let behind = super::behind(world);
    servers.extend(world.bindings().iter().filter_map(|b| behind.get(b.service.as_ref()?).cloned()));
    servers
}

/// What clients say of one server.
#[derive(Default)]
struct Complaint {
    clients: BTreeSet<Entity>,
    itself: bool,
    count: u64,
    seen: Option<(Timestamp, Timestamp)>,
    evidence: Vec<Evidence>,
    current: bool,
}

/// Which hits on clients are facts of the server, and how many clients have to say so.
const OF_SERVERS: &[(&str, &Declaration, usize)] = &[
    ("log.read-only", &READ_ONLY, 1),
    ("log.connections-exhausted", &NO_CONNECTIONS, 1),
    ("log.connection-refused", &UNREACHABLE, 2),
    ("log.connection-timed-out", &UNREACHABLE, 2),
];

pub(super) fn detect(view: &View<'_>, merged: &mut Merged) {
    let servers = servers(view.world);
    let health = crate::health(view.world);
    let mut complaints: BTreeMap<(Entity, &'static str), Complaint> = BTreeMap::new();
    for log in &view.world.logs {
        let client = view.world.carrier_of(&log.entity);
        let well = health.get(&client) == Some(&Health::Well);
        for hit in &log.digest.hits {
            let Some((_, declaration, _)) = OF_SERVERS.iter().find(|(id, _, _)| *id == hit.finding.id) else {
                continue;
            };
            let itself = servers.contains(&client) || is_named_after(view.world, &client, hit);
            if itself && declaration.id == UNREACHABLE.id {
                continue;
            }
            let server = if itself { Some(client.clone()) } else { server_of(view, &servers, &client, hit) };
            let Some(server) = server else { continue };
            let complaint = complaints.entry((server, declaration.id)).or_default();
            complaint.add(log, hit, &client, itself);
            complaint.current |= application::state(view.world, log, hit.seen.map(|s| s.1), well) == State::Current;
        }
        if servers.contains(&client) {
            denials(view, log, &client, merged);
        }
    }
    for ((server, id), complaint) in complaints {
        let Some((_, declaration, needed)) = OF_SERVERS.iter().find(|(_, d, _)| d.id == id) else { continue };
        if complaint.clients.len() >= *needed || complaint.itself {
            merged.add(complaint.finding(declaration, server));
        }
    }
}

/// What a server says this often of itself is so.
const AGAIN: u64 = 5;

/// A log of which no object was seen, but that bears the name of the technology whose message it holds:
/// the server's own.
fn is_named_after(world: &World, client: &Entity, hit: &Hit) -> bool {
    let technology = hit.signature.split('.').next().unwrap_or("");
    let name = client.name.to_ascii_lowercase();
    world.object_of(client).is_none()
        && technology.len() >= 4
        && (name.contains(technology) || technology == "mysql" && name.contains("mariadb"))
}

impl Complaint {
    fn add(&mut self, log: &Log, hit: &Hit, client: &Entity, itself: bool) {
        if itself {
            self.itself = true;
        } else {
            self.clients.insert(client.clone());
        }
        self.count += hit.count;
        self.seen = match (self.seen, hit.seen) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        if self.evidence.len() < 5 {
            self.evidence.push(application::cite(log, &hit.latest));
        }
    }

    fn finding(self, declaration: &Declaration, server: Entity) -> Finding {
        let names: Vec<&str> = self.clients.iter().map(|c| c.name.as_str()).take(5).collect();
        let mut evidence = self.evidence.into_iter();
        let first = evidence.next().expect("a complaint is made from a hit");
        // One client alone may be wrong about the server.
        let grade = match (self.itself, self.clients.len()) {
            (true, _) if self.count >= AGAIN => Grade::Certain,
            (true, _) | (_, 2..) => Grade::Strong,
            _ => Grade::Fair,
        };
        Finding::new(declaration, server, first)
            .citing(evidence)
            .graded(grade)
            .in_state(if self.current { State::Current } else { State::Recovered })
            .seen(self.seen.map(|s| s.0), self.seen.map(|s| s.1))
            .with("clients", names.join(", "))
            .with("count", self.count.to_string())
    }
}

/// The server that a client's message is about: the one it names, else the client's only one of that technology.
fn server_of(view: &View<'_>, servers: &BTreeSet<Entity>, client: &Entity, hit: &Hit) -> Option<Entity> {
    let namespace = client.namespace.as_deref();
    if let Some(host) = hit.fields.get("host") {
        let service = view.world.service_of_address(host, namespace).or_else(|| {
            view.world.kind_in("Service", namespace).find(|s| s.at("spec.clusterIP").text() == host.as_str())
        });
        return service.and_then(|s| view.behind.get(&s.entity())).filter(|s| servers.contains(*s)).cloned();
    }
    let technology = hit.signature.split('.').next().unwrap_or("");
    let own: BTreeSet<&Entity> =
        view.bindings.iter().filter(|b| b.client == *client).filter_map(|b| view.server(b)).collect();
    let fits = |server: &&Entity| technology_fits(view.world, server, technology);
    let mut fitting = own.iter().copied().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => return Some(one.clone()),
        (None, _) if own.len() == 1 => return own.first().map(|one| (*one).clone()),
        _ => {}
    }
    if own.is_empty() && hit.finding.id != "log.connection-refused" && hit.finding.id != "log.connection-timed-out" {
        let mut of_kind = servers.iter().filter(|s| s.namespace.as_deref() == namespace).filter(fits);
        return match (of_kind.next(), of_kind.next()) {
            (Some(one), None) => Some(one.clone()),
            (None, _) => Some(Entity {
                kind: kind::DATABASE.into(),
                namespace: client.namespace.clone(),
                name: technology.into(),
            }),
            _ => None,
        };
    }
    None
}

fn technology_fits(world: &World, server: &Entity, technology: &str) -> bool {
    let Some(object) = world.object_of(server) else { return false };
    let images = world.pod_spec(object).get("containers").list().iter().map(|c| c.get("image").text());
    images
        .chain([server.name.as_str()])
        .any(|text| text.contains(technology) || (technology == "mysql" && text.contains("mariadb")))
}

/// Clients that the server's own log turns away, found by their pods' addresses.
fn denials(view: &View<'_>, log: &Log, server: &Entity, merged: &mut Merged) {
    for hit in
        log.digest.hits.iter().filter(|h| h.finding.id == "log.access-denied" || h.finding.id == "log.host-not-allowed")
    {
        let Some(address) = hit.fields.get("client") else { continue };
        let of_client = |pod: &&firstfault_gather::Object| pod.at("status.podIP").text() == address.as_str();
        let Some(pod) = view.world.kind("Pod").find(of_client) else { continue };
        merged.add(
            Finding::new(&DENIED_BY_SERVER, view.world.carrier(pod), application::cite(log, &hit.latest))
                .seen(hit.seen.map(|s| s.0), hit.seen.map(|s| s.1))
                .in_state(application::state(view.world, log, hit.seen.map(|s| s.1), false))
                .about(server.clone())
                .with("user", hit.fields.get("user").map_or("", String::as_str)),
        );
    }
}
