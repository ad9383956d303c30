//! `dig`, `nslookup`, `host`, `getent hosts`, `resolvectl query`: what DNS answered.

use firstfault_model::Entity;

use super::inside::{Inside, inside, place};
use super::{cite, head};
use crate::formats::{Chunk, Format};
use crate::host_facts::{Answer, Lookup};
use crate::{Outcome, Reach, Yield};

pub(crate) const LOOKUP: Format = Format { name: "DNS lookup", recognise, read };

const TOOLS: &[&str] = &["dig", "nslookup", "host", "getent", "resolvectl", "systemd-resolve"];

fn recognise(chunk: &Chunk<'_>) -> u8 {
    if inside(chunk)
        .is_some_and(|i| TOOLS.contains(&i.program()) && (i.program() != "getent" || i.has("hosts") || i.has("ahosts")))
    {
        return 95;
    }
    let telling = |line: &str| {
        line.starts_with("; <<>> DiG ")
            || line.starts_with("** server can't find ")
            || line.starts_with(";; connection timed out; no servers")
    };
    let nslookup =
        head(chunk).take(3).any(|l| l.starts_with("Server:")) && head(chunk).take(4).any(|l| l.starts_with("Address"));
    if head(chunk).any(telling) || nslookup { 85 } else { 0 }
}

/// One question, as its lines come in.
struct Question {
    name: String,
    server: Option<String>,
    answer: Option<Answer>,
    shown: (usize, String),
    tool: &'static str,
    /// Addresses from here on are answers; before they are the server's.
    answering: bool,
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let inner = inside(chunk);
    let on = place(chunk);
    let tool = tool(inner.as_ref(), chunk.text);
    let (asked, server) = inner.as_ref().map_or((String::new(), None), asked);
    let mut open =
        Question { name: asked.clone(), server, answer: None, shown: (0, String::new()), tool, answering: false };
    let mut any = false;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        // A new run of dig begins with its banner.
        if let Some(rest) = text.strip_prefix("; <<>> DiG ") {
            any |= finish(chunk, &on, &mut open, out);
            let words: Vec<&str> = rest.split(" <<>> ").nth(1).unwrap_or("").split_whitespace().collect();
            if let Some(name) = words.iter().find(|w| is_name(w)) {
                open.name = (*name).to_owned();
            }
            if let Some(server) = words.iter().find_map(|w| w.strip_prefix('@')) {
                open.server = Some(server.to_owned());
            }
        }
        take(&mut open, index, text);
    }
    any |= finish(chunk, &on, &mut open, out);
    // `dig +short` and `getent` say nothing where there is nothing.
    if !any && !asked.is_empty() && !chunk.text.trim().is_empty() {
        short(chunk, &on, &asked, tool, out);
    }
}

fn tool(inner: Option<&Inside>, text: &str) -> &'static str {
    match inner.map_or("", |i| i.program()) {
        "host" => "host",
        "getent" => "getent",
        "resolvectl" | "systemd-resolve" => "resolvectl",
        "nslookup" => "nslookup",
        "dig" => "dig",
        _ if text.contains("<<>> DiG") => "dig",
        _ => "nslookup",
    }
}

/// The name and the server of a command.
fn asked(inner: &Inside) -> (String, Option<String>) {
    let server = inner.words.iter().find_map(|w| w.strip_prefix('@')).map(str::to_owned);
    let mut plain = inner.plain().filter(|w| is_name(w));
    let name = match inner.program() {
        "getent" => plain.find(|w| !matches!(*w, "hosts" | "ahosts")),
        "resolvectl" => plain.find(|w| *w != "query"),
        _ => plain.next(),
    };
    let server = server.or_else(|| {
        let second = matches!(inner.program(), "nslookup" | "host")
            .then(|| inner.plain().filter(|w| !w.starts_with('@')).nth(1));
        second.flatten().map(str::to_owned)
    });
    (name.unwrap_or("").to_owned(), server)
}

/// Not a type of record, a class or an address of a server.
fn is_name(word: &str) -> bool {
    const OTHER: &[&str] =
        &["A", "AAAA", "SRV", "MX", "TXT", "CNAME", "NS", "PTR", "ANY", "SOA", "IN", "a", "aaaa", "srv", "any"];
    !word.starts_with(['@', '+', '-'])
        && !OTHER.contains(&word)
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// What a line says of the question; the first decisive word holds, an address beats a missing one
/// (the search list tries several names).
fn take(open: &mut Question, index: usize, text: &str) {
    if let Some(server) = text.strip_prefix("Server:") {
        open.server.get_or_insert_with(|| server.trim().to_owned());
        return;
    }
    if let Some(rest) = text.strip_prefix(";; SERVER: ") {
        open.server = Some(rest.split(['#', '(']).next().unwrap_or(rest).trim().to_owned());
        return;
    }
    if let Some(name) = name_in(text).filter(|_| open.name.is_empty()) {
        open.name = name;
    }
    open.answering |= text.starts_with("Name:");
    if text.starts_with("Address") && !open.answering {
        return;
    }
    let Some(answer) = answer(text) else { return };
    let replaces = match (&open.answer, &answer) {
        (None, _) => true,
        (Some(Answer::Records(_)), _) => false,
        (Some(_), Answer::Records(_)) => true,
        (Some(Answer::Nothing), Answer::NoSuchName | Answer::ServerFailed) => true,
        _ => false,
    };
    if replaces {
        open.answer = Some(answer);
        open.shown = (index, text.to_owned());
    } else if let (Some(Answer::Records(known)), Answer::Records(more)) = (&mut open.answer, answer)
        && known.len() < 32
    {
        known.extend(more);
    }
}

/// The name that a complaint is about.
fn name_in(text: &str) -> Option<String> {
    let after = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
    let rest = after("server can't find ")
        .or_else(|| after("can't resolve '"))
        .or_else(|| after("Can't find "))
        .or_else(|| after("Name:"));
    let rest = rest.or_else(|| text.strip_prefix("Host ").filter(|r| r.contains("not found")))?;
    let name = rest.trim().split([':', '\'', ' ']).next()?.trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
}

fn answer(text: &str) -> Option<Answer> {
    let has = |part: &str| text.contains(part);
    if let Some((_, rest)) = text.split_once("status: ").filter(|_| has("->>HEADER<<-")) {
        return match rest.split([',', ' ']).next()? {
            "NXDOMAIN" => Some(Answer::NoSuchName),
            "SERVFAIL" => Some(Answer::ServerFailed),
            "REFUSED" => Some(Answer::Refused),
            "NOERROR" => Some(Answer::Nothing),
            _ => None,
        };
    }
    if has("NXDOMAIN") && !text.starts_with(";; Got")
        || has("Non-existent domain")
        || has("can't resolve '")
        || has("Name or service not known")
    {
        return Some(Answer::NoSuchName);
    }
    if has("resolve call failed") || text.ends_with("not found") && has(": resolve") || has("' not found") {
        return Some(if has("timed out") || has("timeout") { Answer::NoReply } else { Answer::NoSuchName });
    }
    if has("SERVFAIL") {
        return Some(Answer::ServerFailed);
    }
    if has("REFUSED") || text.ends_with("Query refused") {
        return Some(Answer::Refused);
    }
    let silent = has("no servers could be reached")
        || has("timed out")
        || has("DNS request timed out")
        || has("onnection refused");
    if silent || has("o route to host") && has("#53") || has("etwork unreachable") {
        return Some(Answer::NoReply);
    }
    if has("No answer") || has("has no A record") || has("no address associated") {
        return Some(Answer::Nothing);
    }
    records(text).map(Answer::Records)
}

/// Addresses in an answer: `api.shop. 30 IN A 10.0.0.7`, `Address: 10.0.0.7`, `api has address 10.0.0.7`, `10.0.0.7 api`.
fn records(text: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_address = |w: &str| w.parse::<std::net::IpAddr>().is_ok();
    if text.starts_with(';') {
        return None;
    }
    if let Some(at) = words
        .iter()
        .position(|w| matches!(*w, "A" | "AAAA" | "CNAME" | "SRV"))
        .filter(|at| *at >= 2 && words[at - 1] == "IN")
    {
        return words.get(at + 1).map(|w| vec![(*w).to_owned()]);
    }
    if text.contains(" has address ") || text.contains(" has IPv6 address ") {
        return words.last().filter(|w| is_address(w)).map(|w| vec![(*w).to_owned()]);
    }
    // `Address: 10.0.0.7` is an answer, `Address: 10.96.0.10#53` and busybox's `Address: 10.96.0.10:53` the server.
    let address = text.strip_prefix("Address").and_then(|r| r.split_once(':')).map(|(_, r)| r.trim())?;
    let address = address.split_whitespace().next()?;
    is_address(address).then(|| vec![address.to_owned()])
}

/// Ends a question: notes what was answered. Whether anything was.
fn finish(chunk: &Chunk<'_>, on: &Entity, open: &mut Question, out: &mut Yield) -> bool {
    open.answering = false;
    let Some(answer) = open.answer.take() else { return false };
    if open.name.is_empty() {
        return false;
    }
    push(chunk, on, open, answer, out);
    true
}

fn push(chunk: &Chunk<'_>, on: &Entity, open: &Question, answer: Answer, out: &mut Yield) {
    let evidence = cite(chunk, open.shown.0, &format!("{}: {}", open.name, open.shown.1));
    let from = (!on.name.is_empty()).then(|| on.name.to_string());
    let outcome = match &answer {
        Answer::Records(_) => Some(Outcome::Reached),
        Answer::NoSuchName => Some(Outcome::NotResolved),
        _ => None,
    };
    if let Some(outcome) = outcome.filter(|o| *o == Outcome::NotResolved) {
        out.reaches.push(Reach {
            tool: open.tool,
            from,
            host: open.name.clone(),
            port: None,
            outcome,
            evidence: evidence.clone(),
        });
    }
    out.host.lookups.push(Lookup {
        on: on.clone(),
        tool: open.tool,
        name: open.name.clone(),
        server: open.server.clone(),
        answer,
        evidence,
    });
}

/// Bare addresses, one a line, as `dig +short`, `getent hosts` and `resolvectl` print them.
fn short(chunk: &Chunk<'_>, on: &Entity, asked: &str, tool: &'static str, out: &mut Yield) {
    let address =
        |line: &str| line.split_whitespace().find(|w| w.parse::<std::net::IpAddr>().is_ok()).map(str::to_owned);
    let all: Vec<String> = chunk.text.lines().filter_map(address).take(32).collect();
    if all.is_empty() {
        return;
    }
    let open = Question {
        name: asked.to_owned(),
        server: None,
        answer: None,
        shown: (0, all.join(" ")),
        tool,
        answering: true,
    };
    push(chunk, on, &open, Answer::Records(all), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_one_text;

    fn asked(command: Option<&str>, text: &str) -> (String, Option<String>, Answer) {
        let out = read_one_text("a.txt", command, text);
        assert_eq!(out.read_as, "DNS lookup", "{text}");
        let l = out.host.lookups.first().unwrap_or_else(|| panic!("no lookup in {text}"));
        (l.name.clone(), l.server.clone(), l.answer.clone())
    }

    fn dig(status: &str, rest: &str) -> String {
        format!(
            "\n; <<>> DiG 9.18.1 <<>> api.shop.svc.cluster.local\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: 4711\n;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1\n\n{rest}\n;; Query time: 2 msec\n;; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)\n"
        )
    }

    #[test]
    fn dig_tells_the_four_apart() {
        let name = "api.shop.svc.cluster.local".to_owned();
        let server = Some("10.96.0.10".to_owned());
        for (status, answer) in [
            ("NXDOMAIN", Answer::NoSuchName),
            ("SERVFAIL", Answer::ServerFailed),
            ("REFUSED", Answer::Refused),
            ("NOERROR", Answer::Nothing),
        ] {
            assert_eq!(asked(None, &dig(status, "")), (name.clone(), server.clone(), answer));
        }
        let records = ";; ANSWER SECTION:\napi.shop.svc.cluster.local. 30 IN\tA\t10.0.0.7\n";
        assert_eq!(asked(None, &dig("NOERROR", records)).2, Answer::Records(vec!["10.0.0.7".to_owned()]));
        let silent = ";; communications error to 10.96.0.10#53: timed out\n;; no servers could be reached\n";
        assert_eq!(
            asked(Some("dig @10.96.0.10 example.com"), silent),
            ("example.com".to_owned(), Some("10.96.0.10".to_owned()), Answer::NoReply)
        );
        assert_eq!(
            asked(Some("dig +short example.com"), "192.0.2.7\n").2,
            Answer::Records(vec!["192.0.2.7".to_owned()])
        );
    }

    #[test]
    fn nslookup_of_bind_and_of_busybox() {
        let bind = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find api.shop: NXDOMAIN\n";
        assert_eq!(asked(None, bind), ("api.shop".to_owned(), Some("10.96.0.10".to_owned()), Answer::NoSuchName));
        let found =
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tapi.shop.svc.cluster.local\nAddress: 10.0.0.7\n";
        assert_eq!(
            asked(Some("kubectl exec t -- nslookup api.shop"), found).2,
            Answer::Records(vec!["10.0.0.7".to_owned()])
        );
        let busybox = "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nnslookup: can't resolve 'api.shop'\n";
        assert_eq!(asked(Some("nslookup api.shop"), busybox).2, Answer::NoSuchName);
        let silent = ";; connection timed out; no servers could be reached\n\n";
        assert_eq!(
            asked(Some("kubectl run t -it --rm --image=busybox -- nslookup example.com"), silent).2,
            Answer::NoReply
        );
        let failed = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find example.com: SERVFAIL\n";
        assert_eq!(asked(None, failed).2, Answer::ServerFailed);
        // The search list makes several questions of one; an address at the end is the answer.
        let search = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find api.shop.svc.cluster.local: NXDOMAIN\n\nName:\tapi.shop\nAddress: 10.0.0.7\n";
        assert!(matches!(asked(Some("nslookup api"), search).2, Answer::Records(_)));
    }

    #[test]
    fn host_getent_and_resolvectl() {
        assert_eq!(asked(Some("host api.shop"), "Host api.shop not found: 3(NXDOMAIN)\n").2, Answer::NoSuchName);
        assert_eq!(asked(Some("host api.shop"), "Host api.shop not found: 2(SERVFAIL)\n").2, Answer::ServerFailed);
        assert_eq!(
            asked(Some("host api.shop"), "api.shop has address 10.0.0.7\n").2,
            Answer::Records(vec!["10.0.0.7".to_owned()])
        );
        assert_eq!(
            asked(Some("getent hosts api"), "10.0.0.7        api.shop.svc.cluster.local\n").2,
            Answer::Records(vec!["10.0.0.7".to_owned()])
        );
        assert_eq!(
            asked(Some("resolvectl query api.example"), "api.example: resolve call failed: 'api.example' not found\n")
                .2,
            Answer::NoSuchName
        );
    }

    #[test]
    fn any_cut_is_read_up_to_it() {
        let text = dig("NXDOMAIN", ";; AUTHORITY SECTION:\n");
        for end in 0..text.len() {
            let _ = read_one_text("a.txt", Some("dig api"), &text[..end]);
        }
    }
}
