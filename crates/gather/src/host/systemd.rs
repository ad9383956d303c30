//! `systemctl status`, `systemctl --failed` and `systemctl list-units`.

use firstfault_model::Name;
use jiff::Timestamp;

use super::{cite, head, host_of, ran};
use crate::formats::{Chunk, Format};
use crate::signals::time;
use crate::{Unit, Yield};

pub(crate) const STATUS: Format = Format { name: "systemctl status", recognise: is_status, read: read_status };
pub(crate) const LIST: Format = Format { name: "systemctl list-units", recognise: is_list, read: read_list };

/// The marks before a unit's name; `*` where the terminal has no UTF-8.
const MARKS: &[char] = &['●', '○', '×', '↻', '*'];

/// Endings of unit names.
const TYPES: &[&str] =
    &[".service", ".socket", ".timer", ".mount", ".target", ".slice", ".path", ".device", ".scope", ".swap"];

fn is_status(chunk: &Chunk<'_>) -> u8 {
    if ran(chunk, &["systemctl"])
        && chunk.command.is_some_and(|c| c.words.iter().any(|w| w == "status" || w == "is-active"))
    {
        return 96;
    }
    let mut unit = false;
    for line in head(chunk) {
        unit |= header(line).is_some();
        if unit && line.trim_start().starts_with("Loaded: ") {
            return 92;
        }
        if not_found(line).is_some() {
            return 90;
        }
    }
    0
}

fn is_list(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.starts_with(&["UNIT", "LOAD", "ACTIVE", "SUB"])
    });
    match (titled, ran(chunk, &["systemctl"])) {
        (true, _) => 94,
        (false, true) => 60,
        _ => 0,
    }
}

/// `● kubelet.service - Kubernetes Kubelet`: the unit's name.
fn header(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix(MARKS)?.strip_prefix(' ')?;
    let name = rest.split_whitespace().next()?;
    TYPES.iter().any(|ending| name.ends_with(ending)).then_some(name)
}

/// `Unit x.service could not be found.`: the unit's name.
fn not_found(line: &str) -> Option<&str> {
    line.trim().strip_prefix("Unit ")?.split_once(" could not be found").map(|(name, _)| name)
}

fn read_status(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut open: Option<(&str, usize)> = None;
    let mut body: Vec<(usize, &str)> = Vec::new();
    let is_active = chunk.command.is_some_and(|c| c.words.iter().any(|w| w == "is-active"));
    for (index, line) in chunk.text.lines().enumerate() {
        if let Some(name) = header(line) {
            close(chunk, open.take(), &body, out);
            body.clear();
            open = Some((name, index));
        } else if let Some(name) = not_found(line) {
            close(chunk, open.take(), &body, out);
            body.clear();
            push(chunk, name, "inactive", "not-found", None, None, (index, line), host_of(chunk), out);
        } else if is_active && index == 0 {
            bare_state(chunk, line, out);
        }
        body.push((index, line));
    }
    close(chunk, open, &body, out);
}

/// The answer of `systemctl is-active kubelet`.
fn bare_state(chunk: &Chunk<'_>, line: &str, out: &mut Yield) {
    let Some(name) = chunk.command.and_then(|c| c.words.iter().skip(2).find(|w| !w.starts_with('-'))) else { return };
    let state = line.trim();
    if matches!(state, "active" | "inactive" | "failed" | "activating" | "deactivating" | "unknown") {
        push(chunk, name, state, "", None, None, (0, line), host_of(chunk), out);
    }
}

/// Ends the block of one unit.
fn close(chunk: &Chunk<'_>, open: Option<(&str, usize)>, body: &[(usize, &str)], out: &mut Yield) {
    let Some((name, start)) = open else { return };
    let Some((index, line)) = body.iter().find(|(_, line)| line.trim_start().starts_with("Active: ")) else {
        let place = super::cite(chunk, start, name).place;
        out.problems.push(firstfault_model::Problem { place, what: format!("unit {name} has no Active line") });
        return;
    };
    let state = line.trim_start().trim_start_matches("Active: ");
    let (active, rest) = state.split_once(' ').unwrap_or((state, ""));
    let sub = between(rest, "(", ")").unwrap_or("");
    let result = between(rest, "(Result: ", ")").map(str::to_owned).or_else(|| exit_status(body));
    let since = since_of(chunk, rest);
    let host = host_of(chunk).or_else(|| body.iter().find_map(|(_, line)| journal_host(line)).map(str::to_owned));
    push(chunk, name, active.trim_end_matches(':'), sub, since, result, (*index, line), host, out);
}

/// `code=exited, status=1/FAILURE` of the main process.
fn exit_status(body: &[(usize, &str)]) -> Option<String> {
    let line = body.iter().map(|(_, line)| line.trim_start()).find(|line| line.starts_with("Main PID:"))?;
    between(line, "(code=", ")").map(|text| format!("code={text}"))
}

/// `since Fri 2026-01-02 16:01:18 CST; 4min 18s ago`.
fn since_of(chunk: &Chunk<'_>, rest: &str) -> Option<Timestamp> {
    let text = rest.split_once("since ")?.1;
    let text = text.split(';').next()?.trim();
    let text = text.split_once(' ').map_or(text, |(first, after)| if first.len() == 3 { after } else { text });
    time::parse(text, &chunk.context.assume)
}

/// The host of `Jan 02 16:01:18 worker-02 kubelet[995]: …`.
fn journal_host(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let month = words.next()?;
    let known = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if !known.contains(&month) {
        return None;
    }
    words.next()?.parse::<u8>().ok()?;
    words.next().filter(|clock| clock.matches(':').count() == 2)?;
    let host = words.next()?;
    words.next().filter(|tag| tag.ends_with(':'))?;
    Some(host)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inside, _)| inside)
}

#[expect(clippy::too_many_arguments, reason = "the fields of one row")]
fn push(
    chunk: &Chunk<'_>,
    name: &str,
    active: &str,
    sub: &str,
    since: Option<Timestamp>,
    result: Option<String>,
    (index, line): (usize, &str),
    host: Option<String>,
    out: &mut Yield,
) {
    let full = if name.contains('.') { name.to_owned() } else { format!("{name}.service") };
    out.units.push(Unit {
        host: Name::from(host.unwrap_or_default()),
        name: Name::from(full.as_str()),
        active: active.into(),
        sub: sub.into(),
        since,
        result,
        evidence: cite(chunk, index, &format!("{full}: {}", line.trim())),
    });
}

/// `UNIT LOAD ACTIVE SUB DESCRIPTION`, failed units marked with a dot.
fn read_list(chunk: &Chunk<'_>, out: &mut Yield) {
    for (index, line) in chunk.text.lines().enumerate() {
        let words: Vec<&str> = line.trim_start().trim_start_matches(MARKS).split_whitespace().collect();
        let [name, load, active, sub, ..] = words[..] else { continue };
        let loaded = matches!(load, "loaded" | "not-found" | "masked" | "bad-setting" | "error");
        if !loaded || !TYPES.iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let sub = if load == "not-found" { "not-found" } else { sub };
        push(chunk, name, active, sub, None, None, (index, line), host_of(chunk), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sample::{chunk, command};

    const STATUS_TEXT: &str = "\
○ kube-proxy.service - Kubernetes Kube-Proxy Server
     Loaded: loaded (/etc/systemd/system/kube-proxy.service; enabled; vendor preset: enabled)
     Active: inactive (dead) since Fri 2026-01-02 16:01:18 UTC; 4min 18s ago
    Process: 812 ExecStart=/usr/bin/kube-proxy (code=killed, signal=TERM)
   Main PID: 812 (code=killed, signal=TERM)

Jan 02 16:01:18 pine-3 systemd[1]: Stopped Kubernetes Kube-Proxy Server.

× kubelet.service - kubelet: The Kubernetes Node Agent
     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled; vendor preset: enabled)
     Active: failed (Result: exit-code) since Fri 2026-01-02 15:58:00 UTC; 7min ago
";

    fn read(text: &str, line: Option<&str>) -> Yield {
        let mut out = Yield::default();
        let command = line.map(command);
        let chunk = chunk("nodes.txt", text, command.as_ref());
        assert!(is_status(&chunk) > 80);
        read_status(&chunk, &mut out);
        out
    }

    #[test]
    fn reads_dead_and_failed_units_with_their_times() {
        let out = read(STATUS_TEXT, None);
        assert_eq!(out.units.len(), 2);
        let proxy = &out.units[0];
        assert_eq!((proxy.host.as_str(), proxy.active.as_str(), proxy.sub.as_str()), ("pine-3", "inactive", "dead"));
        assert_eq!(proxy.since, Some("2026-01-02T16:01:18Z".parse().expect("a time")));
        assert_eq!(proxy.evidence.place.lines.0, 3);
        assert_eq!(out.units[1].result.as_deref(), Some("exit-code"));
    }

    #[test]
    fn takes_the_host_from_ssh() {
        let out = read("Unit docker.service could not be found.\n", Some("ssh pine-9 systemctl status docker"));
        assert_eq!(out.units[0].host, "pine-9");
        assert_eq!(out.units[0].sub, "not-found");
    }

    #[test]
    fn a_cut_status_is_a_problem_and_no_unit() {
        let out = read("● kubelet.service - kubelet\n     Loaded: loaded (/lib/x", None);
        assert_eq!((out.units.len(), out.problems.len()), (0, 1));
    }

    #[test]
    fn reads_the_list_of_failed_units() {
        let text = "  UNIT            LOAD   ACTIVE SUB    DESCRIPTION\n● crio.service    loaded failed failed Container Runtime\n";
        let mut out = Yield::default();
        let chunk = chunk("failed.txt", text, None);
        assert!(is_list(&chunk) > 90);
        read_list(&chunk, &mut out);
        assert_eq!((out.units[0].name.as_str(), out.units[0].active.as_str()), ("crio.service", "failed"));
    }
}
