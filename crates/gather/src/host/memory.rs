//! `free`, `/proc/meminfo`, `vmstat`; the head of `top` goes through here as well.

use firstfault_model::{Entity, Evidence};

use super::inside::{inside, place, runs};
use super::{cite, head};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::Memory;

pub(crate) const FREE: Format = Format { name: "free", recognise: is_free, read: read_free };
pub(crate) const MEMINFO: Format = Format { name: "meminfo", recognise: is_meminfo, read: read_meminfo };
pub(crate) const VMSTAT: Format = Format { name: "vmstat", recognise: is_vmstat, read: read_vmstat };

fn is_free_header(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.starts_with(&["total", "used", "free"])
}

fn is_free(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).take(5).any(is_free_header) && head(chunk).take(8).any(|l| l.starts_with("Mem:"));
    match (titled, runs(chunk, &["free"])) {
        (true, _) => 93,
        (false, true) => 88,
        _ => 0,
    }
}

/// What the numbers of `free` count: the option tells, or a unit behind each.
fn unit(chunk: &Chunk<'_>) -> f64 {
    let Some(inner) = inside(chunk) else { return 1.0 };
    for word in inner.words.iter().skip(1) {
        match word.as_str() {
            "-b" | "--bytes" => return 1.0 / 1024.0,
            "-m" | "--mebi" | "--mega" | "-mt" => return 1024.0,
            "-g" | "--gibi" | "--giga" => return 1024.0 * 1024.0,
            _ => {}
        }
    }
    1.0
}

/// `7.8Gi`, `7973`, `512M` in KiB.
fn amount(word: &str, unit: f64) -> Option<f64> {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(word.len());
    let number: f64 = word[..end].replace(',', ".").parse().ok()?;
    let factor = match word[end..].chars().next() {
        Some('B') => 1.0 / 1024.0,
        Some('K' | 'k') => 1.0,
        Some('M' | 'm') => 1024.0,
        Some('G' | 'g') => 1024.0 * 1024.0,
        Some('T' | 't') => 1024.0 * 1024.0 * 1024.0,
        _ => unit,
    };
    Some(number * factor)
}

fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

fn read_free(chunk: &Chunk<'_>, out: &mut Yield) {
    let (on, unit) = (place(chunk), unit(chunk));
    let mut titles: Vec<&str> = vec!["total", "used", "free", "shared", "buff/cache", "available"];
    let mut open: Option<Memory> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        if is_free_header(line) {
            titles = line.split_whitespace().collect();
            continue;
        }
        let Some((label, rest)) = line.split_once(':') else { continue };
        let cells: Vec<&str> = rest.split_whitespace().collect();
        let cell = |title: &str| {
            let at = titles.iter().position(|t| *t == title)?;
            amount(cells.get(at)?, unit).map(whole)
        };
        match label.trim() {
            "Mem" => {
                out.host.memory.extend(open.take());
                let sum = || Some(cell("free")? + cell("buffers")? + cell("cached")?);
                open = cell("total").map(|total| Memory {
                    available: cell("available").or_else(sum),
                    ..empty(&on, Some(total), cite(chunk, index, line))
                });
            }
            // Old versions: the second number is what is really free.
            "-/+ buffers/cache" => {
                if let Some(memory) = &mut open {
                    memory.available = cells.get(1).and_then(|c| amount(c, unit)).map(whole).or(memory.available);
                }
            }
            "Swap" => {
                if let Some(memory) = &mut open {
                    memory.swap_total = cell("total").unwrap_or(0);
                    memory.swap_used = cell("used").unwrap_or(0);
                }
            }
            _ => {}
        }
    }
    out.host.memory.extend(open);
}

fn empty(on: &Entity, total: Option<u64>, evidence: Evidence) -> Memory {
    Memory { on: on.clone(), total, available: None, swap_total: 0, swap_used: 0, paging: None, evidence }
}

fn is_meminfo(chunk: &Chunk<'_>) -> u8 {
    let begins = head(chunk).take(2).any(|line| line.starts_with("MemTotal:") && line.ends_with("kB"));
    if begins { 93 } else { 0 }
}

fn read_meminfo(chunk: &Chunk<'_>, out: &mut Yield) {
    let value = |key: &str| {
        let line = chunk.text.lines().find(|l| l.strip_prefix(key).is_some_and(|r| r.starts_with(':')))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let shown = chunk.text.lines().enumerate().find(|(_, l)| l.starts_with("MemAvailable:"));
    let (index, line) = shown.unwrap_or((0, chunk.text.lines().next().unwrap_or("")));
    let swap_total = value("SwapTotal").unwrap_or(0);
    let memory = Memory {
        available: value("MemAvailable"),
        swap_total,
        swap_used: swap_total.saturating_sub(value("SwapFree").unwrap_or(swap_total)),
        ..empty(&place(chunk), value("MemTotal"), cite(chunk, index, line))
    };
    out.host.memory.push(memory);
}

fn is_vmstat(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).take(4).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.starts_with(&["r", "b", "swpd", "free"])
    });
    if titled { 93 } else { 0 }
}

/// The second and later rows are rates; the first one is the mean since boot.
fn read_vmstat(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut titles: Vec<&str> = Vec::new();
    let mut rows: Vec<(usize, &str, u64)> = Vec::new();
    for (index, line) in chunk.text.lines().enumerate().take(5000) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.starts_with(&["r", "b", "swpd"]) {
            titles = words;
            continue;
        }
        let cell = |title: &str| {
            let at = titles.iter().position(|t| *t == title)?;
            words.get(at)?.parse::<u64>().ok()
        };
        if let (Some(read), Some(written)) = (cell("si"), cell("so")) {
            rows.push((index, line, read.saturating_add(written)));
        }
    }
    // What holds is what the middle of the rows shows; one burst is not a storm.
    let mut rates: Vec<u64> = rows.iter().skip(1).map(|r| r.2).collect();
    rates.sort_unstable();
    let Some(&middle) = rates.get(rates.len() / 2) else { return };
    let shown = rows.iter().skip(1).find(|r| r.2 >= middle);
    if let Some((index, line, _)) = shown {
        out.host.memory.push(Memory { paging: Some(middle), ..empty(&place(chunk), None, cite(chunk, *index, line)) });
    }
}

/// `KiB Mem :  8000000 total,  100000 free, …` and `MiB Swap: …, 95.0 avail Mem`, the head of `top`.
pub(super) fn of_top(chunk: &Chunk<'_>, on: &Entity, lines: &[(usize, &str)], out: &mut Yield) {
    let mut open: Option<Memory> = None;
    for (index, line) in lines {
        let Some((label, rest)) = line.split_once(':') else { continue };
        let label: Vec<&str> = label.split_whitespace().collect();
        let unit = match label.first() {
            Some(&"MiB") => 1024.0,
            Some(&"GiB") => 1024.0 * 1024.0,
            _ => 1.0,
        };
        // `8000000 total`, or `8000000k total` in old versions.
        let value = |word: &str| {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let at = words.iter().position(|w| w.trim_matches([',', '.']) == word)?;
            amount(words.get(at.checked_sub(1)?)?, unit).map(whole)
        };
        match label.last() {
            Some(&"Mem") => {
                let free = value("free");
                let cache = value("buff/cache").or_else(|| value("buffers"));
                let memory = Memory {
                    available: free.map(|f| f + cache.unwrap_or(0)),
                    ..empty(on, value("total"), cite(chunk, *index, line))
                };
                open = Some(memory);
            }
            Some(&"Swap") => {
                if let Some(memory) = &mut open {
                    memory.swap_total = value("total").unwrap_or(0);
                    memory.swap_used = value("used").unwrap_or(0);
                    memory.available = value("avail").or(memory.available);
                }
            }
            _ => {}
        }
    }
    out.host.memory.extend(open.filter(|m| m.total.is_some()));
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn memory(command: Option<&str>, text: &str) -> (Option<u64>, Option<u64>, u64, u64) {
        let out = read_one_text("a.txt", command, text);
        assert_eq!(out.host.memory.len(), 1, "{text}");
        let m = &out.host.memory[0];
        (m.total, m.available, m.swap_total, m.swap_used)
    }

    #[test]
    fn free_in_every_unit_and_version() {
        let kib = "               total        used        free      shared  buff/cache   available\nMem:         8192000     7900000      100000        1000      192000      204800\nSwap:        2048000     2000000       48000\n";
        assert_eq!(memory(None, kib), (Some(8_192_000), Some(204_800), 2_048_000, 2_000_000));
        let mib = "              total        used        free      shared  buff/cache   available\nMem:           8000        7700         100           1         200         200\nSwap:          2000        1953          47\n";
        assert_eq!(memory(Some("free -m"), mib), (Some(8_192_000), Some(204_800), 2_048_000, 1_999_872));
        let human = "               total        used        free      shared  buff/cache   available\nMem:           7.8Gi       7.5Gi       100Mi       1.0Mi       200Mi       200Mi\nSwap:             0B          0B          0B\n";
        assert_eq!(memory(Some("free -h"), human), (Some(8_178_893), Some(204_800), 0, 0));
        let old = "             total       used       free     shared    buffers     cached\nMem:       8192000    7900000     292000          0      12000      88000\n-/+ buffers/cache:    7800000     392000\nSwap:      2048000          0    2048000\n";
        assert_eq!(memory(Some("free"), old), (Some(8_192_000), Some(392_000), 2_048_000, 0));
    }

    #[test]
    fn meminfo_and_vmstat() {
        let info = "MemTotal:        8192000 kB\nMemFree:          100000 kB\nMemAvailable:     204800 kB\nSwapTotal:       2048000 kB\nSwapFree:          48000 kB\n";
        assert_eq!(memory(None, info), (Some(8_192_000), Some(204_800), 2_048_000, 2_000_000));
        let text = "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n 1  0  90000  10000   1000   9000    3    4    10    10  100  200  1  1 98  0  0\n 2  9  90000  10000   1000   9000 8000 9000 10000 10000  100  200  1  9  0 90  0\n 1  8  90000  10000   1000   9000 7000 9000 10000 10000  100  200  1  9  0 90  0\n";
        let out = read_one_text("vmstat.txt", Some("vmstat 1 3"), text);
        assert_eq!(out.host.memory[0].paging, Some(17_000));
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        let text = "               total        used        free      shared  buff/cache   available\nMem:         8192000     7900000      100000        1000      192000      204800\nSwap:        2048000     2000000       48000\n";
        for end in 0..text.len() {
            let _ = read_one_text("a.txt", Some("free"), &text[..end]);
        }
    }
}
