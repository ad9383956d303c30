//! Files of a host's report in which nothing is asked for: named in the coverage, and not read.

use crate::Yield;
use crate::formats::{Chunk, Format};

pub(crate) const UNUSED: Format = Format { name: "host file, not used", recognise, read };

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let path = chunk.path.as_str();
    let below = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    if below("sos_commands/") || below("sos_logs/") {
        // Whatever a plug-in saved as a log is one.
        return if path.contains("/logs/") || path.contains("journalctl") || path.ends_with(".log") { 1 } else { 35 };
    }
    let of_host = ["etc/", "proc/", "sys/"].iter().any(|folder| below(folder)) && chunk.first_line == 1;
    let kubernetes =
        below("etc/kubernetes/") || path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
    if of_host && !kubernetes { 3 } else { 0 }
}

fn read(_: &Chunk<'_>, _: &mut Yield) {}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    #[test]
    fn other_files_of_a_report_are_named_and_passed_over() {
        let read = |path: &str, text: &str| read_one_text(path, None, text).read_as;
        assert_eq!(read("r/sos_commands/block/lsblk", "NAME MAJ:MIN\n"), "host file, not used");
        assert_eq!(read("r/proc/cpuinfo", "processor : 0\n"), "host file, not used");
        assert_eq!(read("r/etc/fstab", "UUID=1 / ext4 defaults 0 1\n"), "host file, not used");
        assert_eq!(read("r/proc/meminfo", "MemTotal: 8 kB\n"), "meminfo");
    }
}
