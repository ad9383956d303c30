//! Tables of the kernel that can fill up: `sysctl`, `/proc/sys/…`, `conntrack -C`.

use super::cite;
use super::inside::{inside, place, runs};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::{Limit, LimitOf};

pub(crate) const LIMITS: Format = Format { name: "kernel limits", recognise, read };

/// Keys of sysctl, and whether they count what is used or what there may be.
const KEYS: &[(&str, LimitOf, bool)] = &[
    ("net.netfilter.nf_conntrack_count", LimitOf::Connections, true),
    ("net.netfilter.nf_conntrack_max", LimitOf::Connections, false),
    ("net.nf_conntrack_max", LimitOf::Connections, false),
    ("fs.file-max", LimitOf::Files, false),
    ("kernel.pid_max", LimitOf::Processes, false),
    ("kernel.threads-max", LimitOf::Processes, false),
];

/// The key of a file below `/proc/sys`, named by the command or by the path.
fn shown(chunk: &Chunk<'_>) -> Vec<String> {
    let key =
        |path: &str| path.split_once("proc/sys/").map(|(_, rest)| rest.trim_matches(['"', '\'']).replace('/', "."));
    match inside(chunk) {
        Some(inner) if matches!(inner.program(), "cat" | "head" | "grep" | "tail") => {
            inner.plain().filter_map(key).collect()
        }
        _ => key(chunk.path).into_iter().collect(),
    }
}

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let counts = inside(chunk).is_some_and(|i| i.program() == "conntrack" && i.has("-C"));
    if runs(chunk, &["sysctl"]) || counts {
        return 93;
    }
    let known = |key: &String| key == "fs.file-nr" || KEYS.iter().any(|(k, ..)| k == key);
    if shown(chunk).iter().any(known) { 93 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let counts = inside(chunk).is_some_and(|i| i.program() == "conntrack");
    let files = shown(chunk);
    // `sysctl -n KEY` prints the value only.
    let bare: Vec<String> = match inside(chunk) {
        Some(inner) if inner.program() == "sysctl" => inner.plain().map(|w| w.replace('/', ".")).collect(),
        _ => files,
    };
    let mut values = 0;
    for (index, line) in chunk.text.lines().enumerate().take(20_000) {
        let (key, value) = match line.split_once(" = ").or_else(|| line.split_once("=")) {
            Some((key, value)) => (key.trim().to_owned(), value.trim()),
            None if counts => ("net.netfilter.nf_conntrack_count".to_owned(), line.trim()),
            None => match bare.get(values) {
                Some(key) if line.starts_with(|c: char| c.is_ascii_digit()) => {
                    values += 1;
                    (key.clone(), line.trim())
                }
                _ => continue,
            },
        };
        out.host.limits.extend(limit(chunk, index, &key, value));
    }
}

fn limit(chunk: &Chunk<'_>, index: usize, key: &str, value: &str) -> Option<Limit> {
    let evidence = cite(chunk, index, &format!("{key} = {value}"));
    let numbers: Vec<u64> = value.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    // `fs.file-nr`: used, free, most.
    if let ("fs.file-nr", [used, _, most]) = (key, numbers.as_slice()) {
        return Some(Limit { on: place(chunk), of: LimitOf::Files, used: Some(*used), most: Some(*most), evidence });
    }
    let (_, of, is_used) = KEYS.iter().find(|(k, ..)| *k == key)?;
    let [number] = numbers[..] else { return None };
    let (used, most) = if *is_used { (Some(number), None) } else { (None, Some(number)) };
    Some(Limit { on: place(chunk), of: *of, used, most, evidence })
}

#[cfg(test)]
mod tests {
    use super::LimitOf;
    use crate::read_one_text;

    fn limits(path: &str, command: Option<&str>, text: &str) -> Vec<(LimitOf, Option<u64>, Option<u64>)> {
        read_one_text(path, command, text).host.limits.into_iter().map(|l| (l.of, l.used, l.most)).collect()
    }

    #[test]
    fn counts_and_limits_of_each_table() {
        let connections = [(LimitOf::Connections, Some(262_144), None), (LimitOf::Connections, None, Some(262_144))];
        let listed = "net.netfilter.nf_conntrack_count = 262144\nnet.netfilter.nf_conntrack_max = 262144\n";
        assert_eq!(limits("a.txt", Some("sysctl -a"), listed), connections);
        assert_eq!(
            limits(
                "a.txt",
                Some("sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max"),
                "262144\n262144\n"
            ),
            connections
        );
        let shown = "cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max";
        assert_eq!(limits("a.txt", Some(shown), "262144\n262144\n"), connections);
        assert_eq!(limits("a.txt", Some("conntrack -C"), "262144\n"), connections[..1]);
        assert_eq!(
            limits("a.txt", Some("cat /proc/sys/fs/file-nr"), "65000\t0\t65536\n"),
            [(LimitOf::Files, Some(65_000), Some(65_536))]
        );
        assert_eq!(
            limits("r/proc/sys/fs/file-nr", None, "65000\t0\t65536\n"),
            [(LimitOf::Files, Some(65_000), Some(65_536))]
        );
    }
}
