//! Names that hosts give themselves: `hostname`, `uname -a`, `hostnamectl`, `/etc/hostname`.

use super::cite;
use super::inside::{here, inside, runs};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::HostName;

pub(crate) const IDENTITY: Format = Format { name: "host name", recognise, read };

fn recognise(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["hostname", "uname", "hostnamectl"]) {
        return 95;
    }
    let path = chunk.path.as_str();
    let is_file = path.ends_with("etc/hostname") || path.rsplit('/').next() == Some("hostname");
    if is_file && chunk.text.trim().lines().count() == 1 {
        return 90;
    }
    if chunk.command.is_none() && chunk.text.trim_start().starts_with("Static hostname: ") { 90 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let inner = inside(chunk);
    let program = inner.as_ref().map_or("", |i| i.program());
    let first = chunk.text.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
    let name = match program {
        "uname" if first.starts_with("Linux ") || first.starts_with("Darwin ") => first.split_whitespace().nth(1),
        "uname" => None,
        _ if first.starts_with("Static hostname:") || program == "hostnamectl" => {
            chunk.text.lines().find_map(|l| l.trim().strip_prefix("Static hostname:")).map(str::trim)
        }
        // `hostname -I` prints addresses.
        _ if first.split_whitespace().count() == 1 => Some(first),
        _ => None,
    };
    let Some(name) = name.filter(|n| is_host_name(n)) else { return };
    // A pod's name for itself is no host's.
    if inner.as_ref().is_some_and(|i| i.on.kind != firstfault_model::kind::HOST) {
        return;
    }
    if here(chunk).name.is_empty() {
        learn(chunk, name, if program == "uname" { 3 } else { 5 }, out);
    }
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 254
        && !name.contains("n/a")
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        && name.parse::<std::net::IpAddr>().is_err()
}

/// Notes the name of the host that a chunk is from.
pub(super) fn learn(chunk: &Chunk<'_>, name: &str, weight: u8, out: &mut Yield) {
    let weight = if name.starts_with("localhost") { 1 } else { weight };
    let host = HostName { root: root(chunk), name: name.to_owned(), weight };
    if !out.host.names.contains(&host) && out.host.names.len() < 64 {
        out.host.names.push(host);
    }
}

/// What a host's name holds for: the tree of a sosreport or of `/`, a folder of single outputs, or one file.
fn root(chunk: &Chunk<'_>) -> String {
    let path = chunk.path.as_str();
    for mark in ["sos_commands/", "etc/hostname", "proc/", "var/log/", "host-collectors/"] {
        if let Some(at) = path.find(mark).filter(|at| *at == 0 || path.as_bytes()[at - 1] == b'/') {
            return path[..at].to_owned();
        }
    }
    let is_transcript = chunk.first_line > 1;
    match path.rfind('/').filter(|_| !is_transcript) {
        Some(at) => path[..=at].to_owned(),
        None => path.to_owned(),
    }
}

/// The place of a chunk's first line with text, as evidence.
pub(super) fn begin(chunk: &Chunk<'_>) -> firstfault_model::Evidence {
    let (index, line) = chunk.text.lines().enumerate().find(|(_, l)| !l.trim().is_empty()).unwrap_or((0, ""));
    cite(chunk, index, line)
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn name(path: &str, command: Option<&str>, text: &str) -> Option<(String, String)> {
        let out = read_one_text(path, command, text);
        out.host.names.first().map(|n| (n.root.clone(), n.name.clone()))
    }

    #[test]
    fn each_tool_tells_the_name() {
        let told = |root: &str| Some((root.to_owned(), "birch-1".to_owned()));
        assert_eq!(name("r/sos_commands/host/hostname", Some("hostname"), "birch-1\n"), told("r/"));
        assert_eq!(name("etc/hostname", None, "birch-1\n"), told(""));
        assert_eq!(name("x/uname.txt", Some("uname -a"), "Linux birch-1 6.1.0 #1 SMP x86_64 GNU/Linux\n"), told("x/"));
        assert_eq!(
            name("x/h.txt", Some("hostnamectl"), " Static hostname: birch-1\n       Icon name: computer-vm\n"),
            told("x/")
        );
    }

    #[test]
    fn pods_and_addresses_are_no_host_names() {
        assert_eq!(name("s.txt", Some("kubectl exec api-0 -- hostname"), "api-0\n"), None);
        assert_eq!(name("s.txt", Some("hostname -I"), "10.0.0.4 172.17.0.1\n"), None);
        assert_eq!(name("s.txt", Some("hostname -i"), "10.0.0.4\n"), None);
    }
}
