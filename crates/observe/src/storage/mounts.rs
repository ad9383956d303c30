//! Volumes that cannot be attached to a node or mounted into a pod.

use std::collections::BTreeMap;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Entity, Finding, Grade, State};

use super::users::Users;
use super::{
    ATTACH_FAILED, DAMAGED, DRIVER_MISSING, HELPER_MISSING, HOST_PATH, MOUNT_FAILED, MULTI_ATTACH, RESIZE_FAILED,
    SHARE_DENIED, SHARE_UNREACHABLE,
};
use crate::merge::Merged;
use crate::pod::{event_age, is_done, is_leaving, is_ready};
use firstfault_model::Quantity;

/// Reads the kubelet's and the attach controller's events.
pub(super) fn detect(world: &World, users: &Users<'_>, merged: &mut Merged) {
    let mut by_about: BTreeMap<&Entity, Vec<&Event>> = BTreeMap::new();
    for event in world.events.iter().filter(|event| is_about_volumes(event)) {
        by_about.entry(&event.about).or_default().push(event);
    }
    for (about, events) in by_about {
        let state = state(world, about);
        let claim = world.object_of(about).filter(|object| object.kind == "PersistentVolumeClaim");
        let carrier = user(world, users, about);
        let read: Vec<(&Event, &'static Declaration)> = events.iter().filter_map(|e| Some((*e, read(e)?))).collect();
        // "timed out waiting" is said beside whatever the true reason is.
        let precise = read.iter().any(|(_, declaration)| declaration.id != MOUNT_FAILED.id);
        for (event, declaration) in read.into_iter().filter(|(_, d)| !precise || d.id != MOUNT_FAILED.id) {
            let finding = Finding::new(declaration, carrier.clone(), event.cite())
                .graded(if declaration.id == MOUNT_FAILED.id { Grade::Fair } else { Grade::Strong })
                .in_state(if claim.is_some_and(|claim| has_grown(claim, event)) || grew(world, event) {
                    State::Recovered
                } else {
                    state
                })
                .seen(event.first, event.last)
                .with("error", clip(&event.message));
            let finding = match volume(&event.message) {
                Some(volume) => finding.with("volume", volume),
                None => finding,
            };
            let finding = if carrier == *about { finding } else { finding.about(about.clone()) };
            merged.add(match node(world, about) {
                Some(node) => finding.with("node", node),
                None => finding,
            });
        }
    }
}

/// The workload that uses a claim; else whoever the event is about.
fn user(world: &World, users: &Users<'_>, about: &Entity) -> Entity {
    let claim = world.object_of(about).filter(|object| object.kind == "PersistentVolumeClaim");
    claim.and_then(|claim| users.of(world, claim)).map_or_else(|| world.carrier_of(about), |user| user.carrier)
}

/// Whether a claim has what it asks for, so that an attempt to grow it that failed is history.
fn has_grown(claim: &Object, event: &Event) -> bool {
    let amount = |path: &str| Quantity::parse(claim.at(path).show().as_str());
    let (asked, has) = (amount("spec.resources.requests.storage"), amount("status.capacity.storage"));
    event.reason.contains("ResizeFailed") && asked.zip(has).is_some_and(|(asked, has)| has >= asked)
}

/// Whether a later event of the same claim says that it was grown after all.
fn grew(world: &World, event: &Event) -> bool {
    const DONE: &[&str] = &["VolumeResizeSuccessful", "FileSystemResizeSuccessful"];
    let later = |other: &Event| match (event_age(world, other), event_age(world, event)) {
        (Some(other), Some(this)) => other <= this,
        _ => true,
    };
    event.reason.contains("ResizeFailed")
        && world.events_about(&event.about).any(|other| DONE.contains(&other.reason.as_str()) && later(other))
}

const REASONS: &[&str] = &[
    "FailedAttachVolume",
    "FailedMount",
    "FailedMapVolume",
    "FailedMountOnFilesystemMismatch",
    "VolumeResizeFailed",
    "FileSystemResizeFailed",
    "ProvisionedSizeMismatch",
];

fn is_about_volumes(event: &Event) -> bool {
    REASONS.contains(&event.reason.as_str())
}

/// What healed is told from what holds by how the pod is now.
fn state(world: &World, about: &Entity) -> State {
    let Some(object) = world.object_of(about) else {
        let gone = world.coverage.complete(&about.kind, about.namespace.as_deref());
        return if gone { State::Recovered } else { State::Current };
    };
    let started =
        object.at("status.containerStatuses").list().iter().any(|status| !status.at("state.running").is_null());
    let over =
        object.kind == "Pod" && (is_ready(object) == Some(true) || is_done(object) || is_leaving(object) || started);
    if over { State::Recovered } else { State::Current }
}

fn read(event: &Event) -> Option<&'static Declaration> {
    let text = event.message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // Missing ConfigMaps and Secrets are the start-up topic's.
    if has(&[
        "configmap \"",
        "secret \"",
        "references non-existent config key",
        "references non-existent secret key",
        "object \"",
        "failed to sync configmap",
        "failed to sync secret",
    ]) {
        return None;
    }
    if event.reason.as_str().contains("ResizeFailed") {
        return Some(&RESIZE_FAILED);
    }
    Some(if has(&["multi-attach error"]) {
        &MULTI_ATTACH
    } else if has(&[
        "not found in the list of registered csi drivers",
        "does not contain driver",
        "csinode does not contain",
    ]) {
        &DRIVER_MISSING
    } else if has(&[
        "need a /sbin/mount",
        "bad option; for several filesystems",
        "executable file not found",
        "no such file or directory: mount.",
        "unknown filesystem type",
    ]) {
        &HELPER_MISSING
    } else if has(&[
        "wrong fs type",
        "bad superblock",
        "can't read superblock",
        "structure needs cleaning",
        "fsck found errors",
        "'fsck' found errors",
        "unrecovered errors",
    ]) {
        &DAMAGED
    } else if has(&["hostpath type check failed", "path does not exist", "is not a directory"])
        || (has(&["local volume", "hostpath"]) && has(&["does not exist"]))
    {
        &HOST_PATH
    } else if has(&[
        "access denied by server",
        "mount.nfs: access denied",
        "no such file or directory",
        "permission denied",
        "mount error(13)",
        "mount error(2)",
    ]) && is_share(&text)
    {
        &SHARE_DENIED
    } else if has(&[
        "connection refused",
        "connection timed out",
        "no route to host",
        "failed to resolve server",
        "could not resolve",
        "network is unreachable",
        "host is down",
        "mount error(112)",
        "mount error(113)",
        "mount error(115)",
        "mount error: could not resolve",
    ]) && is_share(&text)
    {
        &SHARE_UNREACHABLE
    } else if event.reason == "FailedAttachVolume" || text.contains("attachvolume.attach failed") {
        &ATTACH_FAILED
    } else {
        &MOUNT_FAILED
    })
}

/// A network file system: NFS, CIFS, CephFS, GlusterFS.
fn is_share(text: &str) -> bool {
    ["nfs", "cifs", "mount error(", "glusterfs", "ceph", "smb"].iter().any(|kind| text.contains(kind))
}

/// `for volume "pvc-1"`, `Unable to attach or mount volumes: unmounted volumes=[data]`.
fn volume(message: &str) -> Option<String> {
    for (label, end) in [("for volume \"", '"'), ("unmounted volumes=[", ']'), ("volume \"", '"')] {
        if let Some((_, rest)) = message.split_once(label) {
            return rest.split_once(end).map(|(name, _)| name.to_owned());
        }
    }
    None
}

fn node<'w>(world: &'w World, about: &Entity) -> Option<&'w str> {
    world.object_of(about)?.at("spec.nodeName").as_str().filter(|name| !name.is_empty())
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
