//! File systems: full, damaged, read-only.

use firstfault_gather::{Disk, World};
use firstfault_model::{Finding, Grade};

use super::{DISK_FULL, INODES_FULL, READ_ONLY, machine};
use crate::merge::Merged;

/// KiB that a writer still needs; less than this is full.
const HARDLY_ANYTHING: u64 = 100 * 1024;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for disk in world.disks.iter().filter(|disk| is_full(disk) && matters(disk)) {
        // In a pod only `/` is the machine's; volumes are the storage's matter.
        if disk.on.kind == "Pod" && disk.mount != "/" {
            continue;
        }
        let Some(on) = machine(world, &disk.on) else { continue };
        let declaration = if disk.inodes { &INODES_FULL } else { &DISK_FULL };
        let mut finding = Finding::new(declaration, on, disk.evidence.clone())
            .graded(Grade::Certain)
            .with("mount", disk.mount.as_str())
            .with("used", format!("{} %", disk.used_percent));
        if !disk.device.is_empty() {
            finding = finding.with("device", disk.device.as_str());
        }
        merged.add(finding);
    }
    for mount in world.host.mounts.iter().filter(|m| m.read_only && matters_to_writers(&m.mount)) {
        // Many systems mount file systems read-only on purpose; one that says what to do on errors does not.
        if !mount.evidence.excerpt.as_str().contains("errors=remount-ro") {
            continue;
        }
        let Some(on) = machine(world, &mount.on) else { continue };
        merged.add(
            Finding::new(&READ_ONLY, on, mount.evidence.clone())
                .graded(Grade::Fair)
                .with("mount", mount.mount.as_str())
                .with("device", mount.device.as_str()),
        );
    }
}

fn is_full(disk: &Disk) -> bool {
    if disk.size == Some(0) {
        return false;
    }
    match disk.available {
        Some(0) => disk.used_percent >= 99,
        Some(left) if !disk.inodes => disk.used_percent >= 98 && left < HARDLY_ANYTHING || disk.used_percent == 100,
        _ => disk.used_percent >= 99,
    }
}

/// Images, boot partitions and what the runtime mounts into containers may be full.
fn matters(disk: &Disk) -> bool {
    let device = disk.device.as_str();
    let small = matches!(device, "tmpfs" | "shm" | "ramfs");
    let image = device == "composefs" || device.starts_with("/dev/loop") || device == "/dev/mapper/usr";
    !image && matters_to_writers(&disk.mount) && (!small || matches!(disk.mount.as_str(), "/tmp" | "/run" | "/dev/shm"))
}

fn matters_to_writers(mount: &str) -> bool {
    let never = ["/boot", "/snap", "/media", "/cdrom", "/mnt/cdrom", "/usr", "/sysroot", "/run/media", "/efi", "/iso"];
    !never.iter().any(|n| mount == *n || mount.strip_prefix(n).is_some_and(|rest| rest.starts_with('/')))
}
