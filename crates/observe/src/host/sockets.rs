//! Ports on which nobody listens although others try, or although a service says that it runs.

use std::collections::BTreeSet;

use firstfault_gather::{Object, Outcome, SocketListing, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{LOOPBACK_ONLY, PORT_NOT_LISTENING, machine};
use crate::merge::Merged;

/// Services of a host and a port of theirs; any of them will do.
const PORTS: &[(&str, &[u16])] = &[
    ("sshd.service", &[22]),
    ("ssh.service", &[22]),
    ("nginx.service", &[80, 443, 8080, 8443]),
    ("httpd.service", &[80, 443, 8080, 8443]),
    ("apache2.service", &[80, 443, 8080, 8443]),
    ("postgresql.service", &[5432]),
    ("mysqld.service", &[3306]),
    ("mysql.service", &[3306]),
    ("mariadb.service", &[3306]),
    ("redis.service", &[6379]),
    ("redis-server.service", &[6379]),
    ("mongod.service", &[27017]),
    ("rabbitmq-server.service", &[5672]),
    ("named.service", &[53]),
];

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for listing in world.host.listings.iter().filter(|l| l.complete) {
        if listing.on.kind == "Pod" {
            pod(world, listing, merged);
        } else if let Some(on) = machine(world, &listing.on) {
            tried(world, listing, &on, merged);
            units(world, listing, &on, merged);
        }
    }
}

/// How a port is listened on.
#[derive(PartialEq, Eq)]
enum Listens {
    Openly,
    OnLoopback,
    Not,
}

fn listens(listing: &SocketListing, port: u16) -> Listens {
    let on_port: Vec<_> = listing.listeners.iter().filter(|l| l.protocol == "tcp" && l.port == port).collect();
    if on_port.is_empty() {
        Listens::Not
    } else if on_port.iter().all(|l| l.is_loopback()) {
        Listens::OnLoopback
    } else {
        Listens::Openly
    }
}

/// The ports that are open to others, for the reader.
fn open(listing: &SocketListing) -> String {
    let ports: BTreeSet<u16> =
        listing.listeners.iter().filter(|l| l.protocol == "tcp" && !l.is_loopback()).map(|l| l.port).collect();
    let shown: Vec<String> = ports.iter().take(8).map(u16::to_string).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

fn say(listing: &SocketListing, on: Entity, port: u16, how: &Listens) -> Finding {
    let declaration = if *how == Listens::OnLoopback { &LOOPBACK_ONLY } else { &PORT_NOT_LISTENING };
    Finding::new(declaration, on, listing.evidence.clone()).with("port", port.to_string()).with("open", open(listing))
}

/// A pod must listen where its Services send requests.
fn pod(world: &World, listing: &SocketListing, merged: &mut Merged) {
    let Some(pod) = world.object_of(&listing.on) else { return };
    for service in world.services_selecting(pod) {
        for port in service.at("spec.ports").list() {
            if !matches!(port.get("protocol").text(), "" | "TCP") {
                continue;
            }
            let Some(target) = target(pod, port) else { continue };
            let how = listens(listing, target);
            if how != Listens::Openly {
                let finding = say(listing, world.carrier(pod), target, &how).graded(Grade::Strong);
                merged.add(finding.about(service.entity()).citing([service.cite_at("spec.ports")]));
            }
        }
    }
}

/// The number of a Service's target port, also where it is named or left out.
fn target(pod: &Object, port: &firstfault_model::Value) -> Option<u16> {
    let target = port.get("targetPort");
    let number = if target.is_null() { port.get("port").as_int() } else { target.as_int() };
    let named = || {
        let containers = pod.at("spec.containers").list().iter();
        let mut ports = containers.flat_map(|c| c.get("ports").list());
        ports.find(|p| p.get("name").text() == target.text()).and_then(|p| p.get("containerPort").as_int())
    };
    number.or_else(|| target.text().parse().ok()).or_else(named).and_then(|n| u16::try_from(n).ok())
}

/// Attempts to reach the machine that were refused, while nobody listens there.
fn tried(world: &World, listing: &SocketListing, on: &Entity, merged: &mut Merged) {
    let mut names: BTreeSet<&str> = BTreeSet::from([on.name.as_str()]);
    names.extend(
        world.object_of(on).iter().flat_map(|n| n.at("status.addresses").list()).map(|a| a.get("address").text()),
    );
    let own = world.host.interfaces.iter().filter(|i| i.on == listing.on);
    names.extend(own.flat_map(|i| &i.addresses).map(String::as_str).filter(|a| !a.starts_with("127.") && *a != "::1"));
    for reach in world.reaches.iter().filter(|r| r.outcome == Outcome::Refused && names.contains(r.host.as_str())) {
        let Some(port) = reach.port else { continue };
        let how = listens(listing, port);
        if how != Listens::Openly {
            merged.add(say(listing, on.clone(), port, &how).graded(Grade::Certain).citing([reach.evidence.clone()]));
        }
    }
}

/// A service that says that it runs, but listens nowhere.
fn units(world: &World, listing: &SocketListing, on: &Entity, merged: &mut Merged) {
    for unit in world.units.iter().filter(|u| u.host == on.name && u.active == "active" && u.sub == "running") {
        let Some((_, ports)) = PORTS.iter().find(|(name, _)| unit.name == *name) else { continue };
        let shown = |l: &firstfault_gather::Listener| ports.contains(&l.port);
        if !listing.listeners.iter().any(shown) {
            let finding = say(listing, on.clone(), ports[0], &Listens::Not).graded(Grade::Fair);
            merged.add(finding.with("unit", unit.name.as_str()).citing([unit.evidence.clone()]));
        }
    }
}
