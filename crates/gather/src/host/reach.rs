//! `nc -zv` and its relatives: is a port open?

use super::{cite, head, ran};
use crate::formats::{Chunk, Format};
use crate::{Outcome, Reach, Yield};

pub(crate) const PORT_CHECK: Format = Format { name: "port check", recognise, read };

const PROGRAMS: &[&str] = &["nc", "ncat", "netcat", "telnet"];

fn recognise(chunk: &Chunk<'_>) -> u8 {
    if ran(chunk, PROGRAMS) || inner(chunk).is_some() {
        return 95;
    }
    let telling = head(chunk).any(|line| {
        line.starts_with("Ncat: ")
            || line.starts_with("nc: ")
            || (line.starts_with("Connection to ") && line.contains(" port "))
    });
    if telling { 80 } else { 0 }
}

/// The words from `nc` on, also behind `kubectl exec … --`.
fn inner<'a>(chunk: &Chunk<'a>) -> Option<&'a [String]> {
    let words = &chunk.command?.words;
    let at = words.iter().position(|word| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or(word)))?;
    let allowed =
        at == 0 || words[at - 1] == "--" || words[..at].iter().any(|word| word == "exec" || word == "timeout");
    allowed.then(|| &words[at..])
}

/// The host and port of the command: its last two words that are not options or their values.
fn target(words: &[String]) -> Option<(String, Option<u16>)> {
    let mut plain = Vec::new();
    let mut skip = false;
    for word in &words[1..] {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = matches!(word.as_str(), "-w" | "-s" | "-p" | "-i" | "-G")
                || (word.starts_with('-') && word.ends_with('w'));
        } else {
            plain.push(word.as_str());
        }
    }
    let host = (*plain.first()?).to_owned();
    if let Some((name, port)) = host.rsplit_once(':').filter(|_| plain.len() == 1) {
        return Some((name.to_owned(), port.parse().ok()));
    }
    Some((host, plain.get(1).and_then(|port| port.parse().ok())))
}

/// What is gathered about one attempt.
struct Attempt {
    from: Option<String>,
    outcome: Option<Outcome>,
    place: (usize, String),
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let asked = inner(chunk).and_then(target);
    let outer = super::host_of(chunk);
    let mut attempt: Option<Attempt> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let (from, said) = split_origin(line);
        if from.is_some() {
            finish(chunk, attempt.take(), asked.as_ref(), out);
            attempt = Some(Attempt { from, outcome: None, place: (index, line.to_owned()) });
        }
        let Some(outcome) = outcome_of(said) else { continue };
        let known = named(said).or_else(|| asked.clone());
        if asked.is_none() {
            push(chunk, outer.clone(), known, outcome, (index, line), out);
            continue;
        }
        let attempt = attempt.get_or_insert_with(|| Attempt {
            from: outer.clone(),
            outcome: None,
            place: (index, line.to_owned()),
        });
        merge(attempt, outcome, index, line);
    }
    finish(chunk, attempt, asked.as_ref(), out);
}

/// The first line that says how it failed stays; a plain "failed" only fills a gap.
fn merge(attempt: &mut Attempt, outcome: Outcome, index: usize, line: &str) {
    if matches!(attempt.outcome, None | Some(Outcome::Failed)) {
        attempt.outcome = Some(outcome);
        attempt.place = (index, line.to_owned());
    }
}

fn finish(chunk: &Chunk<'_>, attempt: Option<Attempt>, asked: Option<&(String, Option<u16>)>, out: &mut Yield) {
    let Some(attempt) = attempt else { return };
    let Some(outcome) = attempt.outcome else { return };
    let (index, line) = attempt.place;
    push(chunk, attempt.from, asked.cloned(), outcome, (index, &line), out);
}

fn push(
    chunk: &Chunk<'_>,
    from: Option<String>,
    target: Option<(String, Option<u16>)>,
    outcome: Outcome,
    (index, line): (usize, &str),
    out: &mut Yield,
) {
    let Some((host, port)) = target else { return };
    let shown = match port {
        Some(port) => format!("{host}:{port}: {}", line.trim()),
        None => format!("{host}: {}", line.trim()),
    };
    out.reaches.push(Reach { tool: "nc", from, host, port, outcome, evidence: cite(chunk, index, &shown) });
}

/// A report that repeats the check from several places names each: `… on NODE: RESULT`,
/// `[NODE] RESULT`, `from NODE: RESULT`.
fn split_origin(line: &str) -> (Option<String>, &str) {
    if let Some((name, said)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        return (Some(name.to_owned()), said);
    }
    for word in [" on ", "from ", "From ", "On "] {
        let Some((before, rest)) = line.split_once(word) else { continue };
        let Some((name, said)) = rest.split_once(':') else { continue };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
        if is_name && !before.contains('(') && (said.is_empty() || said.starts_with(' ')) {
            return (Some(name.to_owned()), said.trim_start());
        }
    }
    (None, line)
}

/// What a line of any dialect says.
pub(super) fn outcome_of(line: &str) -> Option<Outcome> {
    let text = line.to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    if has("bad address")
        || has("name or service not known")
        || has("nodename nor servname")
        || has("could not resolve")
    {
        return Some(Outcome::NotResolved);
    }
    if has("temporary failure in name resolution") || has("no address associated") || has("host lookup failed") {
        return Some(Outcome::NotResolved);
    }
    if has("refused") {
        return Some(Outcome::Refused);
    }
    if has("timed out") || has("timeout") || text.trim() == "punt!" || text.trim() == "terminated" {
        return Some(Outcome::TimedOut);
    }
    if has("no route to host") || has("unreachable") || has("connection failed") || has("connection reset") {
        return Some(Outcome::Failed);
    }
    let open = text.trim_end().ends_with(" open") || has("succeeded") || has("connected to") || has(" open:");
    open.then_some(Outcome::Reached)
}

/// The host and port that a line itself names:
/// `Connection to db 5432 port [tcp/*] succeeded!`, `nc: connect to db port 5432 (tcp) failed`, `db (10.0.0.1:5432) open`.
fn named(line: &str) -> Option<(String, Option<u16>)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let Some(at) = words.iter().position(|w| *w == "to").filter(|_| words.contains(&"port")) {
        let host = (*words.get(at + 1)?).to_owned();
        let port = words.iter().find_map(|w| w.parse().ok());
        return Some((host, port));
    }
    let (host, rest) = line.split_once(" (")?;
    let port = rest.split(')').next()?.rsplit(':').next()?.parse().ok();
    let host = host.rsplit(' ').next()?;
    Some((host.trim_start_matches("nc: ").to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sample::{chunk, command};

    fn read_one(text: &str, line: &str) -> Vec<(Option<String>, String, Option<u16>, Outcome)> {
        let command = command(line);
        let chunk = chunk("reach.txt", text, Some(&command));
        let mut out = Yield::default();
        assert!(recognise(&chunk) > 90);
        read(&chunk, &mut out);
        out.reaches.into_iter().map(|r| (r.from, r.host, r.port, r.outcome)).collect()
    }

    #[test]
    fn every_dialect_says_open_or_why_not() {
        let cases = [
            ("Connection to orders 8080 port [tcp/http-alt] succeeded!\n", Outcome::Reached),
            ("Ncat: Version 7.92 ( https://nmap.org/ncat )\nNcat: Connected to 10.1.2.3:8080.\n", Outcome::Reached),
            ("orders (10.1.2.3:8080) open\n", Outcome::Reached),
            ("nc: connect to orders port 8080 (tcp) failed: Connection refused\n", Outcome::Refused),
            ("Ncat: Connection timed out.\n", Outcome::TimedOut),
            ("nc: bad address 'orders'\n", Outcome::NotResolved),
            ("punt!\nTerminated\n", Outcome::TimedOut),
        ];
        for (text, outcome) in cases {
            let got = read_one(text, "nc -zv -w 3 orders 8080");
            assert_eq!(got, [(None, "orders".to_owned(), Some(8080), outcome)], "{text}");
        }
    }

    #[test]
    fn a_report_from_several_nodes_gives_one_attempt_each() {
        let text = "\
== orders:8080 ==
Probe on birch-1: orders (10.1.2.3:8080) open
Connection Succeeded
Probe on birch-2: punt!
Terminated
Connection Failed
";
        let got = read_one(text, "nc -zv orders 8080");
        assert_eq!(got.len(), 2);
        assert_eq!((got[0].0.as_deref(), &got[0].3), (Some("birch-1"), &Outcome::Reached));
        assert_eq!((got[1].0.as_deref(), &got[1].3), (Some("birch-2"), &Outcome::TimedOut));
    }
}
