//! What applications meet on their volumes: full, forbidden, read-only. The log says it, the spec decides whose fault.

use firstfault_gather::{Log, Object, World};
use firstfault_logs::Words;
use firstfault_model::{Declaration, Entity, Evidence, Finding, Grade, Place, State, Value};
use jiff::Timestamp;

use super::{FULL, PERMISSION, READ_ONLY_ROOT, READ_ONLY_VOLUME};
use crate::merge::Merged;
use crate::pod::{containers, is_ready, pod_spec};

/// From this share on, writers begin to fail.
const FULL_PERCENT: u8 = 98;

/// Finds full volumes, and files that may not be read or written.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    for disk in world
        .disks
        .iter()
        .filter(|disk| disk.used_percent >= FULL_PERCENT && is_on_volume(world, &disk.on, &disk.mount))
    {
        let finding = Finding::new(&FULL, world.carrier_of(&disk.on), disk.evidence.clone()).graded(Grade::Certain);
        let what = if disk.inodes { "inodes" } else { "bytes" };
        merged.add(
            finding.with("mount", disk.mount.as_str()).with("used", format!("{} % of its {what}", disk.used_percent)),
        );
    }
    for log in &world.logs {
        let Some(owner) = spec_owner(world, log) else { continue };
        for (words, seen) in said(log) {
            if let Some(finding) = judge(world, log, owner, words, seen) {
                merged.add(finding);
            }
        }
    }
}

/// The node's own file system is the node's matter.
fn is_on_volume(world: &World, on: &Entity, mount: &str) -> bool {
    // A row of a table tells nothing of mounts.
    let known = [Some(on.clone()), Some(world.carrier_of(on))]
        .into_iter()
        .flatten()
        .find_map(|entity| world.object_of(&entity).filter(|o| !pod_spec(o).get("containers").is_null()));
    let Some(object) = known else {
        return on.kind == "Pod" && mount != "/" && !mount.starts_with("/etc/") && !mount.starts_with("/dev");
    };
    let containers = pod_spec(object).get("containers").list().iter();
    containers
        .flat_map(|c| c.at("volumeMounts").list())
        .any(|m| m.at("mountPath").text().trim_end_matches('/') == mount.trim_end_matches('/'))
}

type Seen = Option<(Timestamp, Timestamp)>;

fn said(log: &Log) -> impl Iterator<Item = (&Words, Seen)> {
    let shapes = log.digest.warnings().map(|shape| (&shape.example, shape.seen));
    let hits = log.digest.hits.iter().map(|hit| (&hit.latest, hit.seen));
    let last = log.digest.last_words.iter().map(|words| (words, words.at.map(|at| (at, at))));
    shapes.chain(hits).chain(last)
}

fn spec_owner<'w>(world: &'w World, log: &Log) -> Option<&'w Object> {
    let own = world.object_of(&log.entity).filter(|object| !pod_spec(object).get("containers").is_null());
    own.or_else(|| world.object_of(&world.carrier_of(&log.entity)))
}

fn judge(world: &World, log: &Log, owner: &Object, words: &Words, seen: Seen) -> Option<Finding> {
    let text = words.text.as_str();
    let lower = text.to_lowercase();
    let container = container(owner, log)?;
    let mount = mount_of(container, text);
    let evidence = Evidence { place: Place::line(&log.path, words.line), excerpt: words.text.clone() };
    let say = |declaration: &Declaration| {
        let state = if is_well(world, log) { State::Recovered } else { State::Current };
        Finding::new(declaration, world.carrier_of(&log.entity), evidence.clone())
            .in_state(state)
            .seen(seen.map(|s| s.0), seen.map(|s| s.1))
            .with("container", container.at("name").text())
    };
    if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
        let mount = mount?;
        return Some(say(&FULL).with("mount", mount.path));
    }
    if lower.contains("read-only file system") || lower.contains("erofs") {
        return read_only(owner, container, mount, &say);
    }
    if lower.contains("permission denied") || lower.contains("eacces") {
        return forbidden(owner, container, mount, text, &say);
    }
    None
}

fn is_well(world: &World, log: &Log) -> bool {
    let Some(pod) = world.object_of(&log.entity).filter(|pod| is_ready(pod) == Some(true)) else { return false };
    // A program that could not go on without the file would have been started again.
    log.previous || containers(pod).iter().all(|container| container.restarts() == 0)
}

fn container<'w>(owner: &'w Object, log: &Log) -> Option<&'w Value> {
    let spec = pod_spec(owner);
    let mut all = spec.get("containers").list().iter().chain(spec.get("initContainers").list());
    match &log.container {
        Some(name) => all.find(|container| container.at("name").text() == name.as_str()),
        None => all.next(),
    }
}

/// The mount that a path in a line lies under.
struct Mount<'v> {
    path: &'v str,
    volume: &'v str,
    read_only: bool,
}

fn mount_of<'v>(container: &'v Value, text: &str) -> Option<Mount<'v>> {
    let mounts = container.at("volumeMounts").list().iter();
    let under = mounts.filter(|mount| {
        let path = mount.at("mountPath").text().trim_end_matches('/');
        path.len() > 1
            && text.match_indices(path).any(|(at, _)| ends_there(&text[at + path.len()..]) && begins_there(&text[..at]))
    });
    let longest = under.max_by_key(|mount| mount.at("mountPath").text().len())?;
    Some(Mount {
        path: longest.at("mountPath").text(),
        volume: longest.at("name").text(),
        read_only: longest.at("readOnly").as_bool() == Some(true),
    })
}

fn ends_there(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
}

fn begins_there(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')))
}

fn read_only(
    owner: &Object,
    container: &Value,
    mount: Option<Mount<'_>>,
    say: &dyn Fn(&Declaration) -> Finding,
) -> Option<Finding> {
    if let Some(mount) = mount {
        let grade = if mount.read_only { Grade::Certain } else { Grade::Fair };
        return Some(say(&READ_ONLY_VOLUME).graded(grade).with("mount", mount.path).with("volume", mount.volume));
    }
    let root = container.at("securityContext.readOnlyRootFilesystem").as_bool() == Some(true);
    root.then(|| {
        let place = owner.cite(&format!("{} {}: readOnlyRootFilesystem: true", owner.kind, owner.name));
        say(&READ_ONLY_ROOT).graded(Grade::Certain).citing([place])
    })
}

/// A path under a mount; or a relative one, where the container has a volume for its data and runs as an ordinary user.
fn forbidden(
    owner: &Object,
    container: &Value,
    mount: Option<Mount<'_>>,
    text: &str,
    say: &dyn Fn(&Declaration) -> Finding,
) -> Option<Finding> {
    let spec = pod_spec(owner);
    let user =
        container.at("securityContext.runAsUser").as_int().or_else(|| spec.at("securityContext.runAsUser").as_int());
    let group = spec.at("securityContext.fsGroup").as_int();
    let ordinary = user.is_some_and(|user| user != 0);
    let (path, volume, grade) = match mount {
        Some(mount) if is_persistent(spec, mount.volume) => {
            (mount.path.to_owned(), mount.volume.to_owned(), Grade::Strong)
        }
        Some(_) => return None,
        None if ordinary && !names_absolute_path(text) && opens_a_file(text) => {
            let (mount, owned_by_group) = data_mount(spec, container)?;
            let grade = if owned_by_group && group.is_some() { Grade::Fair } else { Grade::Strong };
            (mount.at("mountPath").text().to_owned(), mount.at("name").text().to_owned(), grade)
        }
        None => return None,
    };
    let who = user.map_or("the image's own user".to_owned(), |user| format!("user {user}"));
    let group = group.map_or("no fsGroup".to_owned(), |group| format!("fsGroup {group}"));
    let place =
        owner.cite(&format!("{} {}: runs as {who} with {group}, volume {volume} at {path}", owner.kind, owner.name));
    Some(
        say(&PERMISSION)
            .graded(grade)
            .citing([place])
            .with("mount", path)
            .with("volume", volume)
            .with("user", who)
            .with("group", group),
    )
}

fn names_absolute_path(text: &str) -> bool {
    text.split(['"', '\'', ' ', '(']).any(|word| word.len() > 2 && word.starts_with('/'))
}

fn opens_a_file(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["open", "create", "write", "mkdir", "rename", "lock", "read"].iter().any(|verb| lower.contains(verb))
}

fn is_persistent(spec: &Value, volume: &str) -> bool {
    let found = spec.get("volumes").list().iter().find(|v| v.at("name").text() == volume);
    // A StatefulSet's own claims are not among the template's volumes.
    found.is_none_or(|v| {
        ["persistentVolumeClaim", "hostPath", "nfs", "csi", "ephemeral", "local", "emptyDir"]
            .iter()
            .any(|kind| !v.get(kind).is_null())
    })
}

/// The mount of the container's data, and whether the kubelet gives such volumes to the `fsGroup`:
/// it does not for paths of the host and shares.
fn data_mount<'v>(spec: &Value, container: &'v Value) -> Option<(&'v Value, bool)> {
    let volumes = spec.get("volumes").list();
    container.at("volumeMounts").list().iter().find_map(|mount| {
        let volume = volumes.iter().find(|v| v.at("name").text() == mount.at("name").text())?;
        let is = |kinds: &[&str]| kinds.iter().any(|kind| !volume.get(kind).is_null());
        let by_group = is(&["persistentVolumeClaim", "csi", "ephemeral"]);
        (by_group || is(&["hostPath", "nfs", "local"])).then_some((mount, by_group))
    })
}
