//! Which host a fact is about: named by a neighbour of its file, and known to the cluster by another name.

use std::collections::BTreeMap;

use firstfault_model::{Entity, Name, kind};
use jiff::{SignedDuration, Timestamp};

use crate::host_facts::Uptime;
use crate::world::World;

/// What a host without any name is called.
const UNNAMED: &str = "host";

/// Gives hosts their names, and nodes their due: a host that is a node of the cluster is that node.
pub(crate) fn resolve(world: &mut World) {
    let roots = Roots::new(world);
    let nodes = Nodes::new(world);
    // Many facts stand in one file.
    let mut by_file: BTreeMap<Name, (Option<Name>, Option<Name>)> = BTreeMap::new();
    let mut by_path = |path: &Name, entity: &mut Entity| {
        if entity.kind != kind::HOST {
            return;
        }
        let told = || (roots.name(path).map(Name::from), nodes.in_path(path).map(Name::from));
        let (root, node) = by_file.entry(path.clone()).or_insert_with(told);
        if matches!(entity.name.as_str(), "" | UNNAMED) {
            entity.name = root.clone().or_else(|| node.clone()).unwrap_or_else(|| UNNAMED.into());
        }
        // A machine may call itself otherwise than the cluster does.
        let known = nodes.find(&entity.name).map(Name::from).or_else(|| node.clone());
        if let Some(node) = known {
            *entity = Entity { kind: "Node".into(), namespace: None, name: node };
        }
    };
    let mut host = std::mem::take(&mut world.host);
    for (on, evidence) in host.places() {
        by_path(&evidence.place.path, on);
    }
    world.host = host;
    date_reports(world);
    for disk in &mut world.disks {
        by_path(&disk.evidence.place.path, &mut disk.on);
    }
    for log in &mut world.logs {
        by_path(&log.path, &mut log.entity);
    }
    for unit in &mut world.units {
        let mut entity = Entity { kind: kind::HOST.into(), namespace: None, name: unit.host.clone() };
        by_path(&unit.evidence.place.path, &mut entity);
        if entity.name != UNNAMED {
            unit.host = entity.name;
        }
    }
}

/// The ring buffer counts from the host's start; where that is known, its reports get their times.
fn date_reports(world: &mut World) {
    let booted = |uptime: &Uptime| {
        let since = || world.now?.checked_sub(seconds(uptime.seconds?)?).ok();
        uptime.booted.or_else(since)
    };
    let boots: BTreeMap<Entity, Timestamp> =
        world.host.uptimes.iter().filter_map(|u| Some((u.on.clone(), booted(u)?))).collect();
    for report in &mut world.host.kernel {
        let (Some((first, last)), Some(boot)) = (report.since_boot, boots.get(&report.on)) else { continue };
        let at = |since: f64| boot.checked_add(seconds(since)?).ok();
        report.first = report.first.or_else(|| at(first));
        report.last = report.last.or_else(|| at(last));
    }
}

/// A span of so many seconds, if a host can have been up for it.
fn seconds(number: f64) -> Option<SignedDuration> {
    (0.0..1e10).contains(&number).then(|| SignedDuration::from_millis((number * 1000.0) as i64))
}

/// The best name for each folder or file.
struct Roots(BTreeMap<String, (u8, String)>);

impl Roots {
    fn new(world: &World) -> Self {
        let mut best: BTreeMap<String, (u8, String)> = BTreeMap::new();
        for host in &world.host.names {
            let known = best.entry(host.root.clone()).or_insert((0, String::new()));
            if host.weight > known.0 {
                *known = (host.weight, host.name.clone());
            }
        }
        Self(best)
    }

    /// The name that holds for a file: that of the deepest folder which has one.
    fn name(&self, path: &str) -> Option<&str> {
        let holds = |root: &str| root == path || root.is_empty() || root.ends_with('/') && path.starts_with(root);
        let fitting = self.0.iter().filter(|(root, _)| holds(root));
        fitting.max_by_key(|(root, _)| root.len()).map(|(_, (_, name))| name.as_str())
    }
}

/// Nodes by each of their names and addresses.
struct Nodes(BTreeMap<String, Option<String>>);

impl Nodes {
    fn new(world: &World) -> Self {
        let mut by_name: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut add = |key: &str, node: &str| {
            if key.is_empty() {
                return;
            }
            let same = |known: &Option<String>| known.as_deref() == Some(node);
            let known = by_name.entry(key.to_owned()).or_insert_with(|| Some(node.to_owned()));
            // A name that two nodes have stands for none.
            if !same(known) {
                *known = None;
            }
        };
        for node in world.kind("Node") {
            let name = node.name.as_str();
            add(name, name);
            if name.parse::<std::net::IpAddr>().is_err() {
                add(name.split('.').next().unwrap_or(name), name);
            }
            add(node.label("kubernetes.io/hostname"), name);
            for address in node.at("status.addresses").list() {
                add(address.get("address").text(), name);
            }
        }
        Self(by_name)
    }

    /// The node whose name a folder or a file bears: `worker-2/df.txt`, `df-worker-2.txt`.
    fn in_path(&self, path: &str) -> Option<&str> {
        let folder = path.split('/').find_map(|part| self.0.get(part)?.as_deref());
        folder.or_else(|| {
            let file = path.rsplit('/').next()?;
            let bears = |name: &&String| name.len() > 3 && bears(file, name);
            let longest = self.0.keys().filter(bears).max_by_key(|name| name.len())?;
            self.0.get(longest)?.as_deref()
        })
    }

    fn find(&self, host: &str) -> Option<&str> {
        let exact = self.0.get(host);
        let short = || {
            self.0.get(host.split('.').next().filter(|s| host.parse::<std::net::IpAddr>().is_err() && !s.is_empty())?)
        };
        exact.or_else(short)?.as_deref()
    }
}

/// Whether a file's name holds a name that begins and ends at a word's border.
fn bears(file: &str, name: &str) -> bool {
    file.match_indices(name).any(|(at, _)| {
        let before = file[..at].chars().next_back();
        let after = file[at + name.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric() && c != '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_facts::HostName;

    fn roots(names: &[(&str, &str, u8)]) -> Roots {
        let mut world = World::default();
        for (root, name, weight) in names {
            world.host.names.push(HostName { root: (*root).to_owned(), name: (*name).to_owned(), weight: *weight });
        }
        Roots::new(&world)
    }

    #[test]
    fn the_deepest_folder_and_the_best_source_name_a_host() {
        let roots =
            roots(&[("a/", "birch-1", 2), ("a/", "birch-01", 5), ("a/b/", "birch-2", 2), ("s.txt", "birch-3", 5)]);
        assert_eq!(roots.name("a/sos_commands/kernel/dmesg"), Some("birch-01"));
        assert_eq!(roots.name("a/b/dmesg"), Some("birch-2"));
        assert_eq!(roots.name("s.txt"), Some("birch-3"));
        assert_eq!(roots.name("other.txt"), None);
    }

    #[test]
    fn a_folder_or_file_that_bears_a_nodes_name_is_about_it() {
        let nodes = Nodes(["birch-1", "birch-10"].iter().map(|n| ((*n).to_owned(), Some((*n).to_owned()))).collect());
        assert_eq!(nodes.in_path("out/birch-1/df.txt"), Some("birch-1"));
        assert_eq!(nodes.in_path("out/df-birch-10.txt"), Some("birch-10"));
        assert_eq!(nodes.in_path("out/birch-1_dmesg.txt"), Some("birch-1"));
        assert_eq!(nodes.in_path("out/birch-1-b-df.txt"), None);
    }

    #[test]
    fn reports_of_the_ring_buffer_are_dated_from_the_start_of_their_host() {
        let mut world = World { now: Some("2026-01-02T16:00:00Z".parse().expect("a time")), ..World::default() };
        let read = |command: &str, text: &str| crate::read_one_text("a.txt", Some(command), text);
        world.host.append(read("ssh birch-1 dmesg", "[ 600.5] VFS: file-max limit 100 reached\n").host);
        world
            .host
            .append(read("ssh birch-1 uptime", " 16:00:00 up 1:00,  1 user,  load average: 0.1, 0.1, 0.1\n").host);
        resolve(&mut world);
        assert_eq!(world.host.kernel[0].first, Some("2026-01-02T15:10:00.5Z".parse().expect("a time")));
    }
}
