//! Claims that get no volume, volumes that cannot be attached or mounted, and what fails on them.

mod attachments;
mod claims;
mod files;
mod fit;
mod heard;
mod mounts;
mod users;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// The claim has no volume.
    PENDING = "claim.pending", "has a claim that is bound to no volume", Sometimes, State;
    /// The claim does not exist.
    CLAIM_MISSING = "storage.claim-missing", "mounts a claim that does not exist", Never, State;
    /// The claim's volume is gone.
    CLAIM_LOST = "storage.claim-lost", "has a claim whose volume is gone", Never, State;
    /// The class does not exist.
    CLASS_MISSING = "storage.class-missing", "claims a volume of a StorageClass that does not exist", Never, State;
    /// The volume has another class.
    CLASS_MISMATCH = "storage.class-mismatch", "claims a volume of another StorageClass than the volume has", Never, State;
    /// No volume is there and none is made.
    NO_VOLUME = "storage.no-volume-available", "claims a volume, and none is free and none is made on demand", Never, State;
    /// Every volume is too small.
    TOO_SMALL = "storage.volume-too-small", "claims more than the volume has", Never, State;
    /// The access modes do not fit.
    ACCESS_MODE = "storage.access-mode-mismatch", "claims an access mode that the volume does not offer", Never, State;
    /// The selector fits no volume.
    SELECTOR = "storage.selector-mismatch", "selects volumes by labels that the volume does not have", Never, State;
    /// Block against file system.
    VOLUME_MODE = "storage.volume-mode-mismatch", "claims a volume mode that the volume does not have", Never, State;
    /// Another claim has it.
    BOUND_ELSEWHERE = "storage.volume-bound-to-another", "claims a volume that is bound to another claim", Never, State;
    /// The volume still belongs to a claim that is gone.
    RELEASED = "storage.volume-released", "claims a volume that is released and still belongs to a deleted claim", Never, State;
    /// The volume that the claim names does not exist.
    VOLUME_MISSING = "storage.named-volume-missing", "claims by name a volume that does not exist", Never, State;
    /// A volume of its class, or the one that it names, is free and not bound to it.
    FREE_UNFIT = "storage.free-volume-unfit", "has a claim that waits although a volume is free that looks fit", Never, State;
    /// The provisioner does not act.
    PROVISIONER_DOWN = "storage.provisioner-silent", "waits for a provisioner that does not act", Rarely, Infrastructure;
    /// The provisioner fails.
    PROVISIONING_FAILED = "storage.provisioning-failed", "gets no volume because its provisioner fails", Never, Infrastructure;
    /// Nothing uses the claim yet, as is meant.
    WAITS_FOR_CONSUMER = "storage.waits-for-consumer", "has a claim that waits for a first pod, as its class says", Often, State;
    /// The volume is attached to another node.
    MULTI_ATTACH = "storage.multi-attach", "uses a volume that is still attached to another node", Never, Infrastructure;
    /// It cannot be attached.
    ATTACH_FAILED = "storage.attach-failed", "uses a volume that cannot be attached to its node", Never, Infrastructure;
    /// It cannot be mounted, and the message does not say why.
    MOUNT_FAILED = "storage.mount-failed", "uses a volume that cannot be mounted", Rarely, Infrastructure;
    /// The driver is not on the node.
    DRIVER_MISSING = "storage.driver-not-registered", "uses a volume whose driver is not registered on the node", Never, Infrastructure;
    /// The file server cannot be reached.
    SHARE_UNREACHABLE = "storage.share-unreachable", "mounts a share whose server does not answer", Never, Infrastructure;
    /// The file server says no.
    SHARE_DENIED = "storage.share-denied", "mounts a share that its server refuses or does not have", Never, Infrastructure;
    /// The node has no program to mount that kind.
    HELPER_MISSING = "storage.mount-helper-missing", "runs on a node that lacks the program to mount its volume", Never, Infrastructure;
    /// The path on the node is not there.
    HOST_PATH = "storage.host-path-missing", "mounts a path that its node does not have", Never, Infrastructure;
    /// The file system is damaged or of another type.
    DAMAGED = "storage.file-system-damaged", "uses a volume whose file system is damaged or of another type", Never, Infrastructure;
    /// Growing it failed.
    RESIZE_FAILED = "storage.resize-failed", "has a volume that cannot be grown", Never, Infrastructure;
    /// It is full.
    FULL = "storage.volume-full", "has a volume that is full", Never, State;
    /// The container may not write there.
    PERMISSION = "storage.permission-denied", "may not use the files of its volume", Never, Application;
    /// The root file system is read-only, and the application writes there.
    READ_ONLY_ROOT = "storage.read-only-root", "writes to its root file system, which is mounted read-only", Never, Application;
    /// The volume is mounted read-only.
    READ_ONLY_VOLUME = "storage.read-only-volume", "writes to a volume that is mounted read-only", Never, Application;
}

/// Finds what is wrong with claims and volumes.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let users = users::Users::new(world);
    let mut merged = Merged::default();
    claims::detect(world, &users, &mut merged);
    heard::detect(world, &mut merged);
    mounts::detect(world, &users, &mut merged);
    attachments::detect(world, &users, &mut merged);
    files::detect(world, &mut merged);
    merged.into(findings);
}

#[cfg(test)]
mod tests;
