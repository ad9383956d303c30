//! What the tools of a host print.

mod addresses;
mod certificates;
mod clock;
mod clocks;
mod collectors;
mod containers;
mod disks;
mod http;
mod identity;
mod inside;
mod journal;
mod kernel;
mod limits;
mod lines;
mod lookups;
mod memory;
mod processes;
mod reach;
mod sockets;
mod systemd;

use firstfault_model::{Evidence, Masked, Place};

use crate::formats::{Chunk, Format};

pub(crate) use journal::{JOURNAL, KERNEL_LOG, SYSTEM_LOG};
pub(crate) use kernel::Watch;

pub(crate) const FORMATS: &[Format] = &[
    systemd::STATUS,
    systemd::LIST,
    reach::PORT_CHECK,
    identity::IDENTITY,
    disks::DF,
    disks::MOUNTS,
    memory::FREE,
    memory::MEMINFO,
    memory::VMSTAT,
    processes::PS,
    processes::TOP,
    sockets::SOCKETS,
    addresses::INTERFACES,
    addresses::ROUTES,
    lookups::LOOKUP,
    http::CURL,
    http::PING,
    certificates::TLS,
    certificates::X509,
    certificates::KUBEADM,
    clocks::CLOCK,
    clock::DATE,
    clocks::UPTIME,
    limits::LIMITS,
    containers::LISTING,
    containers::INSPECT,
    collectors::COLLECTOR,
];

/// The line at `index` (from 0) of a chunk as evidence.
pub(crate) fn cite(chunk: &Chunk<'_>, index: usize, text: &str) -> Evidence {
    let line = chunk.first_line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
    let text: String = text.trim().chars().take(300).collect();
    Evidence { place: Place::line(chunk.path, line), excerpt: Masked::new(&text) }
}

/// Whether the chunk is the output of one of these programs.
pub(crate) fn ran(chunk: &Chunk<'_>, programs: &[&str]) -> bool {
    chunk.command.is_some_and(|command| programs.contains(&command.program()))
}

/// The first lines, where a format shows itself; of a text without line feeds the first piece.
pub(crate) fn head<'a>(chunk: &Chunk<'a>) -> impl Iterator<Item = &'a str> {
    const LONGEST: usize = 16 << 10;
    let mut end = chunk.text.len().min(LONGEST);
    while !chunk.text.is_char_boundary(end) {
        end -= 1;
    }
    chunk.text[..end].lines().take(40)
}

/// The host a chunk is about: where the command ran, or the folder or file that bears its name.
pub(crate) fn host_of(chunk: &Chunk<'_>) -> Option<String> {
    if let Some(host) = chunk.command.and_then(|command| command.host.clone()) {
        return Some(host);
    }
    let parts: Vec<&str> = chunk.path.split('/').collect();
    let after = |word: &str| parts.iter().position(|part| *part == word).and_then(|at| parts.get(at + 1));
    let folder = after("nodes").or_else(|| after("hosts")).filter(|_| parts.len() > 2);
    folder.filter(|name| !name.contains('.') || name.matches('.').count() > 1).map(|name| (*name).to_owned())
}
