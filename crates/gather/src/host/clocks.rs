//! `timedatectl`, `chronyc`, `ntpq`, `ntpstat`: does the clock follow a source?

use super::inside::{inside, place, runs};
use super::{cite, head};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::{Clock, Uptime};

pub(crate) const CLOCK: Format = Format { name: "clock", recognise: is_clock, read: read_clock };
pub(crate) const UPTIME: Format = Format { name: "uptime", recognise: is_uptime, read: read_uptime };

fn is_clock(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["timedatectl", "chronyc", "ntpq", "ntpstat"]) {
        return 94;
    }
    let telling =
        ["System clock synchronized:", "NTP synchronized:", "NTPSynchronized=", "Leap status ", "Reference ID    :"];
    if head(chunk).any(|l| telling.iter().any(|t| l.trim_start().starts_with(t))) { 88 } else { 0 }
}

fn read_clock(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut clock: Option<Clock> = None;
    let mut offset: Option<f64> = None;
    let mut peers: Option<(usize, &str, bool)> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        if let Some(synchronised) = synchronised(text) {
            clock = Some(Clock {
                on: place(chunk),
                synchronised: Some(synchronised),
                offset: None,
                evidence: cite(chunk, index, text),
            });
        }
        // `System time     : 12.345 seconds slow of NTP time`
        if let Some(rest) = text.strip_prefix("System time").and_then(|r| r.split_once(':')).map(|(_, r)| r.trim()) {
            let seconds: Option<f64> = rest.split(' ').next().and_then(|n| n.parse().ok());
            offset = seconds.map(|s| if rest.contains("slow") { -s } else { s });
        }
        // `chronyc sources` and `ntpq -p`: the chosen source has a star.
        let is_source = text.len() > 20 && (text.starts_with(['^', '=', '#']) && text.as_bytes().get(2) == Some(&b' '));
        let is_peer = inside(chunk).is_some_and(|i| i.program() == "ntpq")
            && text.split_whitespace().count() == 10
            && !text.starts_with("remote");
        if is_source || is_peer {
            let chosen = if is_source { text.as_bytes()[1] == b'*' } else { text.starts_with('*') };
            let known = peers.is_some_and(|(.., c)| c);
            if chosen || !known && peers.is_none() {
                peers = Some((index, text, chosen));
            }
        }
    }
    if let Some(clock) = &mut clock {
        clock.offset = offset;
    }
    let by_peers = peers.map(|(index, text, chosen)| Clock {
        on: place(chunk),
        synchronised: Some(chosen),
        offset: None,
        evidence: cite(chunk, index, text),
    });
    out.host.clocks.extend(clock.or(by_peers));
}

fn synchronised(text: &str) -> Option<bool> {
    for key in ["System clock synchronized:", "NTP synchronized:", "NTPSynchronized=", "Leap status"] {
        if let Some(rest) = text.strip_prefix(key) {
            let rest = rest.trim_start_matches([' ', ':']);
            return match rest {
                "yes" | "Normal" | "Insert second" | "Delete second" => Some(true),
                "no" | "Not synchronised" => Some(false),
                _ => None,
            };
        }
    }
    if text.starts_with("synchronised to ") {
        return Some(true);
    }
    (text == "unsynchronised" || text.starts_with("unsynchronised")).then_some(false)
}

fn is_uptime(chunk: &Chunk<'_>) -> u8 {
    if runs(chunk, &["uptime"]) || chunk.path.ends_with("proc/uptime") { 93 } else { 0 }
}

fn read_uptime(chunk: &Chunk<'_>, out: &mut Yield) {
    let text = chunk.text.trim();
    let booted = crate::signals::time::parse(text, &chunk.context.assume).filter(|_| text.contains('-'));
    let seconds = if booted.is_some() { None } else { up_for(text) };
    if booted.is_some() || seconds.is_some() {
        out.host.uptimes.push(Uptime { on: place(chunk), seconds, booted, evidence: cite(chunk, 0, text) });
    }
}

/// Seconds in `02:54:32 up 3 days,  1:02,  2 users, …`, `… up 35 min, …`, `2100.31 4000.12`.
fn up_for(text: &str) -> Option<f64> {
    let Some((_, rest)) = text.split_once(" up ") else {
        return text.split_whitespace().next().filter(|w| w.contains('.')).and_then(|w| w.parse().ok());
    };
    let mut seconds = 0.0;
    for part in rest.split(',').map(str::trim) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let number: Option<f64> = words.first().and_then(|w| w.parse().ok());
        match (number, words.get(1).copied().unwrap_or("")) {
            (Some(n), unit) if unit.starts_with("week") => seconds += n * 604_800.0,
            (Some(n), unit) if unit.starts_with("day") => seconds += n * 86_400.0,
            (Some(n), unit) if unit.starts_with("hour") => seconds += n * 3600.0,
            (Some(n), unit) if unit.starts_with("min") => seconds += n * 60.0,
            (None, "") => {
                let (hours, minutes) = part.split_once(':')?;
                seconds += hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0;
            }
            _ => break,
        }
    }
    (seconds > 0.0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn clock(command: &str, text: &str) -> (Option<bool>, Option<f64>) {
        let out = read_one_text("a.txt", Some(command), text);
        let c = out.host.clocks.first().unwrap_or_else(|| panic!("none in {text}"));
        (c.synchronised, c.offset)
    }

    #[test]
    fn each_keeper_says_whether_it_is_in_step() {
        let new = "               Local time: Fri 2026-01-02 16:01:18 UTC\n           Universal time: Fri 2026-01-02 16:01:18 UTC\nSystem clock synchronized: no\n              NTP service: inactive\n";
        assert_eq!(clock("timedatectl", new).0, Some(false));
        assert_eq!(clock("timedatectl status", "      NTP enabled: yes\nNTP synchronized: yes\n").0, Some(true));
        assert_eq!(clock("timedatectl show", "NTP=yes\nNTPSynchronized=no\n").0, Some(false));
        let tracking = "Reference ID    : C0000207 (192.0.2.7)\nStratum         : 3\nSystem time     : 312.500000000 seconds slow of NTP time\nLast offset     : -0.000020 seconds\nLeap status     : Normal\n";
        assert_eq!(clock("chronyc tracking", tracking), (Some(true), Some(-312.5)));
        assert_eq!(
            clock("chronyc tracking", "Reference ID    : 00000000 ()\nLeap status     : Not synchronised\n").0,
            Some(false)
        );
        let sources = |mark: &str| {
            format!(
                "MS Name/IP address         Stratum Poll Reach LastRx Last sample\n===============================================================================\n^? 192.0.2.8                     0   6     0     -     +0ns[   +0ns] +/-    0ns\n^{mark} 192.0.2.7                     2   6   377    21  +123us[ +125us] +/-   12ms\n"
            )
        };
        assert_eq!(clock("chronyc sources", &sources("*")).0, Some(true));
        assert_eq!(clock("chronyc -n sources", &sources("?")).0, Some(false));
        let ntpq = |mark: &str| {
            format!(
                "     remote           refid      st t when poll reach   delay   offset  jitter\n==============================================================================\n{mark}ntp1.example    192.0.2.1        2 u   33   64  377    1.234    0.123   0.045\n"
            )
        };
        assert_eq!(clock("ntpq -pn", &ntpq("*")).0, Some(true));
        assert_eq!(clock("ntpq -p", &ntpq(" ")).0, Some(false));
        assert_eq!(clock("ntpstat", "unsynchronised\n   polling server every 64 s\n").0, Some(false));
    }

    #[test]
    fn how_long_a_host_has_been_up() {
        let up = |command: &str, text: &str| {
            let out = read_one_text("a.txt", Some(command), text);
            out.host.uptimes.first().map(|u| (u.seconds, u.booted.is_some()))
        };
        assert_eq!(
            up("uptime", " 02:54:32 up 35 min,  1 user,  load average: 0.64, 0.37, 0.23\n"),
            Some((Some(2100.0), false))
        );
        assert_eq!(
            up("uptime", " 02:54:32 up 3 days,  1:02,  2 users,  load average: 0.64, 0.37, 0.23\n"),
            Some((Some(262_920.0), false))
        );
        assert_eq!(up("uptime -p", "up 2 weeks, 1 day, 4 hours, 5 minutes\n"), None);
        assert_eq!(up("uptime -s", "2026-01-02 16:01:18\n"), Some((None, true)));
        assert_eq!(read_one_text("r/proc/uptime", None, "2100.31 4000.12\n").host.uptimes[0].seconds, Some(2100.31));
    }
}
