//! `ps` in its forms, and `top -b`.

use firstfault_model::Entity;

use super::inside::{place, runs};
use super::{cite, head, memory};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::Process;

pub(crate) const PS: Format = Format { name: "ps", recognise: is_ps, read: read_ps };
pub(crate) const TOP: Format = Format { name: "top", recognise: is_top, read: read_top };

/// Processes kept of one listing: the largest.
const MOST: usize = 200;

/// Titles by what they hold.
const PID: &[&str] = &["PID"];
const USER: &[&str] = &["USER", "UID", "EUSER", "RUSER"];
const CPU: &[&str] = &["%CPU", "C", "pcpu"];
const MEMORY: &[&str] = &["%MEM", "pmem"];
const RESIDENT: &[&str] = &["RSS", "RES", "RSZ"];
const STATE: &[&str] = &["STAT", "S"];
const COMMAND: &[&str] = &["COMMAND", "CMD", "ARGS"];

fn is_ps_header(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let has = |titles: &[&str]| words.iter().any(|w| titles.contains(w));
    // `ps -o pid,comm` may leave anything out but these.
    has(PID)
        && words.last().is_some_and(|w| COMMAND.contains(w) || *w == "CGROUP")
        && words.len() >= 3
        && !has(&["KNAME", "COMMAND:"])
}

fn is_ps(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).take(3).any(is_ps_header);
    match (titled, runs(chunk, &["ps"])) {
        (true, _) => 93,
        (false, true) => 60,
        _ => 0,
    }
}

fn is_top(chunk: &Chunk<'_>) -> u8 {
    // `top - 16:01:18 up …` of procps; busybox prints `Mem: 7900000K used, …`.
    let begins = head(chunk).take(5).any(|line| line.starts_with("top - ") && line.contains("load average"));
    let busybox = head(chunk).take(3).any(|line| line.starts_with("Mem: ") && line.contains("K used"));
    if begins || busybox { 94 } else { 0 }
}

fn read_ps(chunk: &Chunk<'_>, out: &mut Yield) {
    table(chunk, &place(chunk), 0, out);
}

fn read_top(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    // Of several rounds the last one counts: the first shows means since boot.
    let begin = chunk.text.lines().enumerate().filter(|(_, l)| l.starts_with("top - ")).last().map_or(0, |(at, _)| at);
    let lines: Vec<(usize, &str)> = chunk.text.lines().enumerate().skip(begin).take(12).collect();
    memory::of_top(chunk, &on, &lines, out);
    table(chunk, &on, begin, out);
}

fn table(chunk: &Chunk<'_>, on: &Entity, from: usize, out: &mut Yield) {
    let mut titles: Vec<&str> = Vec::new();
    let mut all: Vec<Process> = Vec::new();
    for (index, line) in chunk.text.lines().enumerate().skip(from) {
        if is_ps_header(line) {
            titles = line.split_whitespace().collect();
        } else if let Some(process) = row(chunk, on, &titles, index, line) {
            all.push(process);
        }
    }
    all.sort_by_key(|p| std::cmp::Reverse(p.resident.unwrap_or(0)));
    all.truncate(MOST);
    out.host.processes.append(&mut all);
}

fn row(chunk: &Chunk<'_>, on: &Entity, titles: &[&str], index: usize, line: &str) -> Option<Process> {
    let at = |names: &[&str]| titles.iter().position(|t| names.contains(t));
    let words: Vec<&str> = line.split_whitespace().collect();
    // A start time of five words (`lstart`) shifts what follows; columns before it are right.
    let cell = |names: &[&str]| words.get(at(names)?).copied();
    let pid: u32 = cell(PID)?.parse().ok()?;
    let last = titles.len().checked_sub(1)?;
    let command: String = words.get(last..)?.join(" ").chars().take(200).collect();
    if command.is_empty() {
        return None;
    }
    let number =
        |names: &[&str]| cell(names).and_then(|c| c.trim_end_matches('%').replace(',', ".").parse::<f64>().ok());
    Some(Process {
        on: on.clone(),
        pid,
        user: cell(USER).unwrap_or("").to_owned(),
        cpu: number(CPU),
        memory: number(MEMORY),
        resident: cell(RESIDENT).and_then(size),
        state: cell(STATE).unwrap_or("").to_owned(),
        command,
        evidence: cite(chunk, index, line),
    })
}

/// `123456`, `1.2g`, `512m` in KiB.
fn size(word: &str) -> Option<u64> {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(word.len());
    let number: f64 = word[..end].replace(',', ".").parse().ok()?;
    let factor = match word[end..].chars().next() {
        Some('m' | 'M') => 1024.0,
        Some('g' | 'G') => 1024.0 * 1024.0,
        Some('t' | 'T') => 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    Some((number * factor).round() as u64)
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn first(path: &str, command: Option<&str>, text: &str) -> (u32, Option<u64>, String, String) {
        let out = read_one_text(path, command, text);
        let p = &out.host.processes[0];
        (p.pid, p.resident, p.state.clone(), p.command.clone())
    }

    #[test]
    fn ps_in_its_forms() {
        let aux = "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot           1  0.0  0.1 244360  13796 ?        Ss   02:19   0:02 /sbin/init splash\nwww        40021 12.5 61.0 9000000 5000000 ?      Dl   02:20  10:02 /usr/bin/indexer --all\n";
        let told = (40021, Some(5_000_000), "Dl".to_owned(), "/usr/bin/indexer --all".to_owned());
        assert_eq!(first("a.txt", None, aux), told);
        assert_eq!(first("a.txt", Some("ps aux --sort=-%mem"), aux), told);
        let ef = "UID          PID    PPID  C STIME TTY          TIME CMD\nwww        40021       1 12 02:20 ?        00:10:02 /usr/bin/indexer --all\n";
        assert_eq!(
            first("a.txt", Some("ps -ef"), ef),
            (40021, None, String::new(), "/usr/bin/indexer --all".to_owned())
        );
        let alx = "F   UID   PID  PPID PRI  NI    VSZ   RSS WCHAN  STAT TTY        TIME COMMAND\n4    33 40021     1  20   0 9000000 5000000 do_epo Dl ?         10:02 /usr/bin/indexer --all\n";
        assert_eq!(first("a.txt", Some("ps alxwww"), alx), told);
    }

    #[test]
    fn top_gives_memory_and_processes() {
        let text = "top - 16:01:18 up 3 days,  1:02,  1 user,  load average: 21.03, 20.30, 15.23\nTasks: 312 total,   2 running, 310 sleeping,   0 stopped,   0 zombie\n%Cpu(s):  5.0 us, 10.0 sy,  0.0 ni,  5.0 id, 80.0 wa,  0.0 hi,  0.0 si,  0.0 st\nMiB Mem :   8000.0 total,    100.0 free,   7700.0 used,    200.0 buff/cache\nMiB Swap:   2000.0 total,     47.0 free,   1953.0 used.    100.0 avail Mem\n\n    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n  40021 www       20   0 9000000   4.8g   1000 D  12.5  61.0  10:02.11 indexer\n";
        let out = read_one_text("a.txt", Some("top -b -n 1"), text);
        assert_eq!(out.read_as, "top");
        let m = &out.host.memory[0];
        assert_eq!((m.total, m.available, m.swap_used), (Some(8_192_000), Some(102_400), 1_999_872));
        assert_eq!(out.host.processes[0].resident, Some(5_033_165));
        let old = "top - 16:01:18 up 1 day, load average: 1.0, 1.0, 1.0\nKiB Mem :  8192000 total,   100000 free,  7900000 used,   192000 buff/cache\nKiB Swap:  2048000 total,    48000 free,  2000000 used.   204800 avail Mem\n";
        assert_eq!(read_one_text("a.txt", None, old).host.memory[0].available, Some(204_800));
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        let text = "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nwww        40021 12.5 61.0 9000000 5000000 ?      Dl   02:20  10:02 /usr/bin/indexer --all\n";
        for end in 0..text.len() {
            let _ = read_one_text("a.txt", Some("ps aux"), &text[..end]);
        }
    }
}
