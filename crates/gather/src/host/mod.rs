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
mod journal_entries;
mod kernel;
mod limits;
mod lines;
mod lookups;
mod memory;
mod processes;
mod reach;
mod sockets;
mod systemd;
mod unused;

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
    unused::UNUSED,
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

/// The first lines, where a format shows itself. An application's log shows nothing: whatever stands
/// in it, it is that application's text.
pub(crate) fn head<'a>(chunk: &Chunk<'a>) -> impl Iterator<Item = &'a str> {
    let shown = if is_application_text(chunk) { 0 } else { usize::MAX };
    first_lines(chunk).take(shown)
}

/// The first lines of any text; of one without line feeds the first piece.
pub(crate) fn first_lines<'a>(chunk: &Chunk<'a>) -> impl Iterator<Item = &'a str> {
    const LONGEST: usize = 16 << 10;
    let mut end = chunk.text.len().min(LONGEST);
    while !chunk.text.is_char_boundary(end) {
        end -= 1;
    }
    chunk.text[..end].lines().take(40)
}

/// Whether a chunk is a log by its path or command, and not one that is named after a tool (`df.log`).
fn is_application_text(chunk: &Chunk<'_>) -> bool {
    const TOOLS: &[&str] = &[
        "df",
        "free",
        "top",
        "ps",
        "ss",
        "netstat",
        "ip",
        "dig",
        "nslookup",
        "ping",
        "curl",
        "openssl",
        "crictl",
        "docker",
        "systemctl",
        "vmstat",
        "chronyc",
        "timedatectl",
        "mount",
        "meminfo",
        "nc",
    ];
    if let Some(command) = chunk.command {
        let shows = matches!(command.program(), "cat" | "tail" | "head" | "less" | "grep" | "zcat");
        let of_log = shows && command.words.iter().any(|word| word.contains("log"));
        return of_log || command.program() == "kubectl" && command.arguments().first() == Some(&"logs");
    }
    let path = chunk.path.as_str();
    let file = path.rsplit('/').next().unwrap_or(path);
    let is_log =
        path.ends_with(".log") || path.contains(".log.") || path.starts_with("logs/") || path.contains("/logs/");
    is_log && !file.split(['.', '-', '_']).any(|word| TOOLS.contains(&word))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn an_application_cannot_speak_for_its_host() {
        let df = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1        50G   50G     0 100% /\n";
        let of = |path: &str, command: Option<&str>| crate::read_one_text(path, command, df).disks.len();
        assert_eq!((of("logs/shop_api-0_app.log", None), of("a.txt", Some("cat /var/log/api.log"))), (0, 0));
        assert_eq!((of("a.txt", Some("kubectl -n shop logs api-0")), of("api.log", None)), (0, 0));
        assert_eq!((of("df.log", None), of("out/node-1.txt", None)), (1, 1));
        let journal = "-- Logs begin at x, end at y. --\nJan 02 16:01:18 n kernel: VFS: file-max limit 9 reached\n";
        let of = |path: &str| crate::read_one_text(path, None, journal).host.kernel.len();
        assert_eq!((of("x/pods/logs/shop/api-0/app.log"), of("nodes/birch-1/journal.log")), (0, 1));
    }

    use crate::signals::sample::chunk;
    use crate::{Yield, command_line};

    /// Commands whose readers take their words apart.
    const COMMANDS: &[&str] = &[
        "df -h",
        "free -m",
        "top -b -n 1",
        "ps aux",
        "ss -ltnp",
        "netstat -tln",
        "ip addr",
        "ip route",
        "dig api",
        "nslookup api",
        "ping db",
        "curl -v https://api/",
        "openssl s_client -connect api:443",
        "openssl x509 -noout -dates",
        "chronyc tracking",
        "sysctl -a",
        "docker ps -a",
        "crictl inspect 1",
        "journalctl -o json",
        "dmesg -T",
        "uptime",
        "vmstat 1",
        "mount",
    ];

    proptest! {
        #[test]
        fn no_reader_panics(command in prop::sample::select(COMMANDS), lines in prop::collection::vec("\\PC{0,60}", 0..12)) {
            let text = lines.join("\n");
            let command = command_line::parse(command);
            let chunk = chunk("any.txt", &text, Some(&command));
            for format in super::FORMATS.iter().chain([&super::JOURNAL, &super::KERNEL_LOG, &super::SYSTEM_LOG]) {
                let mut out = Yield::default();
                (format.recognise)(&chunk);
                (format.read)(&chunk, &mut out);
            }
        }

        /// Words that readers look for, in any order and cut anywhere.
        #[test]
        fn no_reader_panics_on_its_own_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..40), command in prop::sample::select(COMMANDS)) {
            let text = words.concat();
            let command = command_line::parse(command);
            let chunk = chunk("any.txt", &text, Some(&command));
            for format in super::FORMATS.iter().chain([&super::JOURNAL, &super::KERNEL_LOG, &super::SYSTEM_LOG]) {
                (format.read)(&chunk, &mut Yield::default());
            }
        }
    }

    const WORDS: &[&str] = &[
        "\n",
        " ",
        "  ",
        ":",
        "é",
        "Jan  2 16:01:18",
        "Fri 2026-01-02 16:01:18 UTC",
        "birch-1",
        "kernel:",
        "[ 12.3] ",
        "[",
        "oom-kill:",
        "constraint=",
        "Killed process ",
        "(",
        ")",
        "anon-rss:",
        "kB",
        "I/O error, dev ",
        "Filesystem",
        "Mounted on",
        "100%",
        "Mem:",
        "total used free",
        "LISTEN",
        "0.0.0.0:22",
        "State Recv-Q Send-Q",
        "2: eth0: <UP>",
        "inet ",
        "default via",
        "->>HEADER<<- ",
        "status: ",
        "NXDOMAIN",
        "Server:",
        "Address:",
        "% packet loss",
        "PING ",
        "HTTP/1.1 503",
        "curl: (",
        "verify error:",
        "notAfter=",
        "v:NotBefore: ",
        "; NotAfter: ",
        "subject=",
        "CN = ",
        "CONTAINER ID",
        "IMAGE",
        "STATUS",
        "NAMES",
        "Up 2 hours",
        "up ",
        "USER PID",
        "COMMAND",
        "{",
        "}",
        "\"",
        "si so",
    ];
}
