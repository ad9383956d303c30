//! `journalctl` in its forms, `dmesg`, and syslog files: logs, and what the kernel said in them.

use firstfault_model::kind;

use super::cite;
use super::inside::{here, inside, runs};
use super::journal_entries::{each_line, looks, shape};
use super::kernel::Watch;
use super::lines::Clockwork;
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::log_reader;

pub(crate) const JOURNAL: Format = Format { name: "journal", recognise: is_journal, read: read_journal };
pub(crate) const KERNEL_LOG: Format = Format { name: "kernel log", recognise: is_kernel_log, read: read_kernel_log };
pub(crate) const SYSTEM_LOG: Format = Format { name: "system log", recognise: is_system_log, read: read_journal };

/// The first lines, unless they are a pod's: what its log quotes is not its host's word.
fn head<'a>(chunk: &Chunk<'a>) -> impl Iterator<Item = &'a str> {
    let of_pod = chunk.command.is_none() && log_reader::owner(chunk).entity.kind == "Pod";
    super::first_lines(chunk).take(if of_pod { 0 } else { usize::MAX })
}

fn is_journal(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["journalctl"]) {
        return 96;
    }
    let begins = |line: &str| line.starts_with("-- Logs begin at ") || line.starts_with("-- Journal begins at ");
    if head(chunk).take(3).any(|line| begins(line) || looks(line).is_some()) { 92 } else { 0 }
}

fn is_kernel_log(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["dmesg"]) {
        return 96;
    }
    if chunk.command.is_some() {
        return 0;
    }
    let lines: Vec<&str> = head(chunk).filter(|l| !l.trim().is_empty()).collect();
    let stamped = lines.iter().filter(|line| is_ring_buffer_line(line)).count();
    if lines.len() > 2 && stamped * 10 > lines.len() * 9 { 85 } else { 0 }
}

/// `[    0.000000] text`, perhaps with a facility before it.
fn is_ring_buffer_line(line: &str) -> bool {
    let Some((before, rest)) = line.split_once('[') else { return false };
    let Some((stamp, _)) = rest.split_once(']') else { return false };
    let seconds = stamp.trim();
    (before.is_empty() || before.starts_with("kern") || before.starts_with('<'))
        && seconds.contains('.')
        && seconds.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn is_system_log(chunk: &Chunk<'_>) -> u8 {
    let shown = match chunk.command {
        Some(command) if matches!(command.program(), "cat" | "tail" | "head" | "less" | "grep" | "zcat") => {
            command.arguments().last().copied().unwrap_or("")
        }
        Some(_) => return 0,
        None => chunk.path.as_str(),
    };
    let file = shown.rsplit('/').next().unwrap_or(shown);
    let named = matches!(file.split(['.', '-']).next(), Some("messages" | "syslog" | "kern" | "journal" | "journald"));
    let named = named || shown.contains("host_service_logs/");
    if !named && chunk.command.is_some() {
        return 0;
    }
    let clockwork = Clockwork::new(&chunk.context.assume, chunk.context.modified);
    let lines: Vec<&str> = head(chunk).filter(|l| !l.trim().is_empty()).collect();
    let programs: Vec<&str> = lines.iter().filter_map(|line| clockwork.head(line).ident).collect();
    if lines.len() < 2 || programs.len() * 2 <= lines.len() {
        return 0;
    }
    // Any program may log in this form; these run on hosts only.
    let of_host = ["kernel", "systemd", "systemd-logind", "sshd", "CRON", "kubelet", "containerd", "crio", "dockerd"];
    match (named, programs.iter().any(|p| of_host.contains(p))) {
        (true, _) => 88,
        (false, true) => 72,
        _ => 0,
    }
}

fn read_journal(chunk: &Chunk<'_>, out: &mut Yield) {
    // `journalctl -k` prints the kernel's lines only, `-o cat` without saying so.
    let only_kernel = inside(chunk).is_some_and(|i| i.has("-k") || i.has("--dmesg") || i.has("kernel"));
    read(chunk, only_kernel, out);
}

fn read_kernel_log(chunk: &Chunk<'_>, out: &mut Yield) {
    read(chunk, true, out);
}

fn read(chunk: &Chunk<'_>, is_ring_buffer: bool, out: &mut Yield) {
    let complaint = chunk.text.trim();
    if complaint.lines().count() <= 2 && is_complaint(complaint) {
        let place = cite(chunk, 0, complaint).place;
        let what = complaint.lines().next().unwrap_or_default().chars().take(200).collect();
        out.problems.push(firstfault_model::Problem { place, what });
        return;
    }
    let mut watch = Watch::new(chunk.path, chunk.context, is_ring_buffer);
    let mut digest = log_reader::digest(chunk);
    each_line(chunk.text, shape(chunk), |index, line| {
        watch.line(chunk.first_line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)), line);
        digest.line(line);
    });
    let mut owner = log_reader::owner(chunk);
    let place = inside(chunk).map_or_else(|| here(chunk), |i| i.on);
    let named = if place.name.is_empty() { watch.host().map(str::to_owned) } else { None };
    let on = named.map_or(place, |host| firstfault_model::Entity::new(kind::HOST, &host));
    if let Some(host) = watch.host().filter(|h| on.kind == kind::HOST && *h == on.name.as_str()) {
        super::identity::learn(chunk, host, 2, out);
    }
    watch.finish(&on, out);
    owner.container = unit(chunk).or(owner.container.filter(|_| !is_wrapped(chunk)));
    if !on.name.is_empty() {
        owner.entity = on;
    } else if owner.entity.kind == kind::SERVICE {
        owner.entity = firstfault_model::Entity::new(kind::HOST, "host");
    }
    log_reader::push(chunk.path, owner, digest.finish(), out);
}

/// The unit that the journal was asked for.
fn unit(chunk: &Chunk<'_>) -> Option<firstfault_model::Name> {
    let words = inside(chunk)?.words;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "-u" | "--unit") {
            return words.next().map(|unit| unit.as_str().into());
        }
        let attached = word.strip_prefix("--unit=").or_else(|| word.strip_prefix("-u").filter(|u| !u.is_empty()));
        if let Some(unit) = attached {
            return Some(unit.into());
        }
    }
    None
}

/// Whether the program ran behind kubectl, whose words are not its own.
fn is_wrapped(chunk: &Chunk<'_>) -> bool {
    chunk.command.is_some_and(|command| command.program() == "kubectl")
}

fn is_complaint(text: &str) -> bool {
    ["dmesg: ", "Archived and active journals", "No journal files were", "-- No entries --", "Failed to ", "Hint: "]
        .iter()
        .any(|c| text.starts_with(c))
        || text.ends_with("command not found")
}

#[cfg(test)]
mod tests {
    use crate::host_facts::KernelEvent;
    use crate::read_one_text;

    fn events(path: &str, command: Option<&str>, text: &str) -> (String, usize, Vec<String>) {
        let out = read_one_text(path, command, text);
        let on = out.host.kernel.iter().map(|r| r.on.to_string()).collect();
        (out.read_as, out.logs.len(), on)
    }

    const SHORT: &str = "-- Logs begin at Fri 2026-01-02 10:00:00 UTC, end at Fri 2026-01-02 16:02:00 UTC. --\nJan 02 16:01:18 birch-1 kernel: nf_conntrack: nf_conntrack: table full, dropping packet\nJan 02 16:01:20 birch-1 systemd[1]: Started Session 4 of user root.\n";

    #[test]
    fn the_journal_in_every_form_names_its_host() {
        let told = |form: &str| ("journal".to_owned(), 1, vec![form.to_owned()]);
        assert_eq!(events("a.txt", None, SHORT), told("host/birch-1"));
        assert_eq!(events("a.txt", Some("journalctl -n 20"), SHORT), told("host/birch-1"));
        assert_eq!(
            events(
                "a.txt",
                Some("kubectl debug node/birch-1 -it --image=busybox -- chroot /host journalctl -n 9"),
                SHORT
            ),
            told("Node/birch-1")
        );
        let iso = "2026-01-02T16:01:18+0000 birch-1 kernel: nf_conntrack: table full, dropping packet\n";
        assert_eq!(events("a.txt", Some("journalctl -o short-iso"), iso), told("host/birch-1"));
        let cat = "nf_conntrack: table full, dropping packet\n";
        assert_eq!(events("a.txt", Some("ssh birch-1 journalctl -k -o cat"), cat), told("host/birch-1"));
        let json = "{\"__REALTIME_TIMESTAMP\":\"1767369678000000\",\"_HOSTNAME\":\"birch-1\",\"SYSLOG_IDENTIFIER\":\"kernel\",\"PRIORITY\":\"4\",\"MESSAGE\":\"nf_conntrack: table full, dropping packet\"}\n";
        assert_eq!(events("a.txt", Some("journalctl -o json"), json), told("host/birch-1"));
        assert_eq!(events("a.json", None, json), told("host/birch-1"));
        let out = read_one_text("a.json", None, json);
        assert_eq!(out.host.kernel[0].first, Some("2026-01-02T16:01:18Z".parse().expect("a time")));
    }

    #[test]
    fn the_ring_buffer_with_and_without_its_command() {
        let raw = "[    0.000000] Linux version 6.1\n[    1.1] x\n[  11.1] nf_conntrack: table full, dropping packet\n[ 12.0] y\n";
        assert_eq!(events("dmesg", None, raw), ("kernel log".to_owned(), 1, vec!["host/".to_owned()]));
        assert_eq!(events("a.txt", Some("dmesg"), raw).2, ["host/"]);
        let timed = "[Fri Jan  2 16:01:18 2026] VFS: file-max limit 100 reached\n";
        let out = read_one_text("a.txt", Some("ssh birch-1 dmesg -T"), timed);
        assert_eq!(out.host.kernel[0].what, KernelEvent::FilesExhausted);
        assert!(out.host.kernel[0].first.is_some());
    }

    #[test]
    fn syslog_files_are_known_by_name_and_lines() {
        let text = SHORT.split_once('\n').expect("two lines").1;
        assert_eq!(
            events("var/log/messages", None, text),
            ("system log".to_owned(), 1, vec!["host/birch-1".to_owned()])
        );
        assert_eq!(events("messages.yaml", None, "a: b\n").0, "not understood");
    }

    #[test]
    fn a_journal_under_any_name_is_known_by_its_programs() {
        let text = SHORT.split_once('\n').expect("two lines").1;
        assert_eq!(events("logs/birch.log", None, text).0, "system log");
        let of_a_pod = "Jan 02 16:01:18 web-0 api[1]: started\nJan 02 16:01:19 web-0 api[1]: ready\n";
        assert_eq!(events("logs/web.log", None, of_a_pod).0, "log");
    }

    #[test]
    fn the_unit_behind_a_debug_pod_is_known() {
        let text = SHORT.split_once('\n').expect("two lines").1;
        let command = "kubectl debug node/birch-1 -it --image=busybox -- chroot /host journalctl -u kubelet -n 9";
        let out = read_one_text("a.txt", Some(command), text);
        assert_eq!(out.logs[0].container.as_deref(), Some("kubelet"));
        assert_eq!(out.logs[0].entity.to_string(), "Node/birch-1");
    }

    #[test]
    fn complaints_are_problems() {
        let out = read_one_text("a.txt", Some("dmesg"), "dmesg: read kernel buffer failed: Operation not permitted\n");
        assert_eq!((out.problems.len(), out.logs.len()), (1, 0));
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        for end in (0..SHORT.len()).step_by(7) {
            let _ = read_one_text("a.txt", Some("journalctl"), &SHORT[..end]);
        }
    }
}
