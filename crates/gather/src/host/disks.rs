//! `df` in its forms, and what is mounted how.

use super::inside::{inside, place, runs};
use super::{cite, head};
use crate::formats::{Chunk, Format};
use crate::host_facts::Mount;
use crate::{Disk, Yield};

pub(crate) const DF: Format = Format { name: "df", recognise: is_df, read: read_df };
pub(crate) const MOUNTS: Format = Format { name: "mounts", recognise: is_mounts, read: read_mounts };

/// Rows kept of one listing.
const MOST: usize = 2000;

fn is_header(line: &str) -> bool {
    // Translations keep the order of columns; English ones are what incidents hold.
    line.starts_with("Filesystem") && line.contains("Mounted on")
}

fn is_df(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).any(is_header);
    match (titled, runs(chunk, &["df"])) {
        (true, _) => 94,
        (false, true) => 88,
        _ => 0,
    }
}

/// What the columns of a listing hold.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    has_type: bool,
    inodes: bool,
    /// KiB a block; 0 where sizes carry their unit.
    block: f64,
}

fn columns(header: &str) -> Columns {
    let words: Vec<&str> = header.split_whitespace().collect();
    let has_type = words.get(1) == Some(&"Type");
    let size = words.get(1 + usize::from(has_type)).copied().unwrap_or("");
    let block = match size {
        "Size" => 0.0,
        "512-blocks" => 0.5,
        "1M-blocks" | "1048576-blocks" => 1024.0,
        "1G-blocks" => 1024.0 * 1024.0,
        "1B-blocks" => 1.0 / 1024.0,
        _ => 1.0,
    };
    Columns { has_type, inodes: size == "Inodes", block }
}

fn read_df(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let asked = inside(chunk).filter(|i| i.program() == "df");
    let flag = |short: char, long: &str| {
        let is = |w: &String| w == long || w.starts_with('-') && !w.starts_with("--") && w.contains(short);
        asked.as_ref().is_some_and(|i| i.words.iter().skip(1).any(is))
    };
    let (human, typed, inodes) = (flag('h', "--human-readable"), flag('T', "--print-type"), flag('i', "--inodes"));
    let mut columns = Columns { has_type: typed, inodes, block: if human { 0.0 } else { 1.0 } };
    let mut broken: Option<&str> = None;
    for (index, line) in chunk.text.lines().enumerate().take(MOST) {
        if is_header(line) {
            columns = self::columns(line);
            continue;
        }
        // A long device name stands on a line of its own.
        if line.split_whitespace().count() == 1 && !line.starts_with(' ') {
            broken = Some(line.trim());
            continue;
        }
        let joined = match broken.take() {
            Some(device) if line.starts_with(' ') => format!("{device} {}", line.trim()),
            _ => line.to_owned(),
        };
        if let Some(disk) = row(chunk, index, &joined, columns, &on) {
            out.disks.push(disk);
        }
    }
}

/// `DEVICE [TYPE] SIZE USED AVAIL USE% MOUNT`; the device and the mount may hold spaces.
fn row(chunk: &Chunk<'_>, index: usize, line: &str, columns: Columns, on: &firstfault_model::Entity) -> Option<Disk> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().rposition(|w| is_percent(w)).filter(|at| *at >= 4 && at + 1 < words.len())?;
    let used_percent = words[at].trim_end_matches('%').parse::<u16>().ok()?.min(100);
    let file_system = if columns.has_type { words.get(at.checked_sub(4)?).copied().unwrap_or("") } else { "" };
    let device = words[..at - 3 - usize::from(columns.has_type && at > 4)].join(" ");
    if !is_writable(&device, file_system) {
        return None;
    }
    let amount =
        |word: &str| if columns.inodes { sized(word, 1024.0).map(|n| n * 1024.0) } else { sized(word, columns.block) };
    let whole = |n: f64| n.max(0.0).round() as u64;
    Some(Disk {
        on: on.clone(),
        mount: words[at + 1..].join(" "),
        used_percent: u8::try_from(used_percent).ok()?,
        inodes: columns.inodes,
        device,
        size: amount(words[at - 3]).map(whole),
        available: amount(words[at - 1]).map(whole),
        evidence: cite(chunk, index, line),
    })
}

fn is_percent(word: &str) -> bool {
    word.strip_suffix('%').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Images and what the kernel makes up are full or empty by nature.
fn is_writable(device: &str, file_system: &str) -> bool {
    let image = device.starts_with("/dev/loop") || device.starts_with("/dev/sr");
    let never =
        ["squashfs", "iso9660", "erofs", "devtmpfs", "autofs", "efivarfs", "overlay-ro", "proc", "sysfs", "cgroup"];
    !image && !never.contains(&file_system) && !never.contains(&device) && device != "udev" && device != "none"
}

/// `5.2G`, `512M`, `2,0T`, `120`, in KiB.
fn sized(word: &str, block: f64) -> Option<f64> {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))).unwrap_or(word.len());
    let number: f64 = word[..end].replace(',', ".").parse().ok()?;
    let unit = match word[end..].chars().next() {
        Some('K' | 'k') => 1.0,
        Some('M') => 1024.0,
        Some('G') => 1024.0 * 1024.0,
        Some('T') => 1024.0 * 1024.0 * 1024.0,
        Some('P') => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        Some('B') => 1.0 / 1024.0,
        None if block > 0.0 => block,
        None => 1.0 / 1024.0,
        Some(_) => return None,
    };
    Some(number * unit)
}

fn is_mounts(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["mount", "findmnt"]) {
        return 92;
    }
    let path = chunk.path.as_str();
    let file = path.ends_with("proc/mounts") || path.ends_with("proc/self/mounts") || path.ends_with("etc/mtab");
    let shown = chunk.command.is_some_and(|c| c.words.iter().any(|w| w.ends_with("/mounts")));
    if file || shown { 92 } else { 0 }
}

fn read_mounts(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    for (index, line) in chunk.text.lines().enumerate().take(MOST) {
        let Some((device, mount, file_system, options)) = mount_of(line) else { continue };
        // Only file systems that live on disks can fall back to read-only by themselves.
        if !matches!(file_system, "ext4" | "ext3" | "ext2" | "xfs" | "btrfs" | "f2fs" | "jfs" | "reiserfs") {
            continue;
        }
        let read_only = options.split(',').any(|o| o == "ro");
        out.host.mounts.push(Mount {
            on: on.clone(),
            device: device.to_owned(),
            mount: mount.to_owned(),
            file_system: file_system.to_owned(),
            read_only,
            evidence: cite(chunk, index, line),
        });
    }
}

/// `DEVICE on MOUNT type TYPE (OPTIONS)`, `DEVICE MOUNT TYPE OPTIONS 0 0`, and findmnt's `TARGET SOURCE FSTYPE OPTIONS`.
fn mount_of(line: &str) -> Option<(&str, &str, &str, &str)> {
    if let Some((device, rest)) = line.split_once(" on ")
        && let Some((mount, rest)) = rest.split_once(" type ")
    {
        let (file_system, rest) = rest.split_once(" (")?;
        return Some((device, mount, file_system, rest.split(')').next()?));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [device, mount, file_system, options, "0", _] => Some((device, mount, file_system, options)),
        [target, source, file_system, options] if options.contains(',') || matches!(options, "rw" | "ro") => {
            Some((source, target.trim_start_matches(['├', '─', '└', '│', '|', '`', '-']), file_system, options))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn df(command: Option<&str>, text: &str) -> Vec<(String, u8, bool, Option<u64>)> {
        let out = read_one_text("a.txt", command, text);
        assert_eq!(out.read_as, "df");
        out.disks.into_iter().map(|d| (d.mount, d.used_percent, d.inodes, d.available)).collect()
    }

    #[test]
    fn every_form_gives_the_same_disk() {
        let full = |available| vec![("/var/lib".to_owned(), 100, false, Some(available))];
        let kib = "Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/vdb1       51475068 51474044      1024 100% /var/lib\n";
        assert_eq!(df(None, kib), full(1024));
        let human =
            "Filesystem      Size  Used Avail Use% Mounted on\n/dev/vdb1        50G   50G  1.0M 100% /var/lib\n";
        assert_eq!(df(Some("df -h"), human), full(1024));
        let typed = "Filesystem     Type      Size  Used Avail Use% Mounted on\n/dev/vdb1      ext4       50G   50G  1.0M 100% /var/lib\n";
        assert_eq!(df(Some("df -hT"), typed), full(1024));
        let posix = "Filesystem         1024-blocks     Used Available Capacity Mounted on\n/dev/vdb1             51475068 51474044      1024     100% /var/lib\n";
        assert_eq!(df(Some("df -P"), posix), full(1024));
        let broken = "Filesystem           1K-blocks      Used Available Use% Mounted on\n/dev/mapper/vg_birch-lv_var_lib\n                      51475068  51474044      1024 100% /var/lib\n";
        assert_eq!(df(None, broken), full(1024));
        let headless = "/dev/vdb1        50G   50G  1.0M 100% /var/lib\n";
        assert_eq!(df(Some("ssh birch-1 df -h /var/lib"), headless), full(1024));
    }

    #[test]
    fn inodes_are_told_from_bytes() {
        let text = "Filesystem       Inodes   IUsed   IFree IUse% Mounted on\n/dev/vdb1       3276800 3276800       0  100% /var/lib\ntmpfs             10000       1    9999    1% /run\n";
        assert_eq!(df(Some("df -i"), text)[0], ("/var/lib".to_owned(), 100, true, Some(0)));
        let human =
            "Filesystem     Inodes IUsed IFree IUse% Mounted on\n/dev/vdb1        3.2M  3.2M     0  100% /var/lib\n";
        assert_eq!(df(Some("df -ih"), human)[0], ("/var/lib".to_owned(), 100, true, Some(0)));
    }

    #[test]
    fn images_are_full_by_nature() {
        let text = "Filesystem     1K-blocks  Used Available Use% Mounted on\n/dev/loop3         56832 56832         0 100% /snap/core18/2846\nudev             4000000     0   4000000   0% /dev\n/dev/sr0          610000 610000        0 100% /media/cdrom\n";
        assert!(df(Some("df"), text).is_empty());
    }

    #[test]
    fn a_command_inside_a_pod_is_about_the_pod() {
        let text = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sdc        9.8G  9.8G     0 100% /var/lib/postgresql/data\n";
        let out = read_one_text("a.txt", Some("kubectl -n shop exec pg-0 -- df -h"), text);
        assert_eq!(out.disks[0].on.to_string(), "Pod/shop/pg-0");
    }

    #[test]
    fn mounts_in_three_dialects() {
        for (command, text) in [
            (
                "mount",
                "/dev/vda1 on / type ext4 (ro,relatime,errors=remount-ro)\nproc on /proc type proc (rw,nosuid)\n",
            ),
            ("cat /proc/mounts", "/dev/vda1 / ext4 ro,relatime,errors=remount-ro 0 0\nproc /proc proc rw 0 0\n"),
            (
                "findmnt",
                "TARGET SOURCE    FSTYPE OPTIONS\n/      /dev/vda1 ext4   ro,relatime\n├─/proc proc proc rw,nosuid\n",
            ),
        ] {
            let out = read_one_text("a.txt", Some(command), text);
            let seen: Vec<_> = out.host.mounts.iter().map(|m| (m.mount.as_str(), m.read_only)).collect();
            assert_eq!(seen, [("/", true)], "{command}");
        }
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        let text = "Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/vdb1       51475068 51474044      1024 100% /var/lib\n/dev/é 1 2";
        for end in 0..text.len() {
            if text.is_char_boundary(end) {
                let _ = read_one_text("df.txt", Some("df"), &text[..end]);
            }
        }
    }
}
