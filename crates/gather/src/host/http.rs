//! `curl` and `wget`: was something answered, and what went wrong; `ping`: packets lost.

use super::inside::{Inside, inside, place};
use super::{cite, head};
use crate::formats::{Chunk, Format};
use crate::lookup::host_and_port;
use crate::{Outcome, Reach, Yield};

pub(crate) const CURL: Format = Format { name: "HTTP request", recognise: is_curl, read: read_curl };
pub(crate) const PING: Format = Format { name: "ping", recognise: is_ping, read: read_ping };

fn is_curl(chunk: &Chunk<'_>) -> u8 {
    if inside(chunk).is_some_and(|i| matches!(i.program(), "curl" | "wget" | "http")) {
        return 94;
    }
    let telling = |line: &str| {
        line.starts_with("curl: (") || line.starts_with("*   Trying ") || line.starts_with("* Connected to ")
    };
    if head(chunk).take(6).any(telling) { 84 } else { 0 }
}

/// The URL of the command.
fn target(inner: &Inside) -> Option<(String, Option<u16>)> {
    const WITH_VALUE: &[&str] = &[
        "-H",
        "-X",
        "-d",
        "-o",
        "-w",
        "-u",
        "-m",
        "--max-time",
        "--connect-timeout",
        "--cacert",
        "--cert",
        "--key",
        "-A",
        "--resolve",
        "-T",
        "-t",
        "-O",
        "--header",
        "--data",
        "--output",
        "--request",
        "--write-out",
        "--user",
        "--retry",
    ];
    let mut words = inner.words.iter().skip(1).peekable();
    let mut found: Option<&str> = None;
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            // `-O` of wget takes a file, of curl nothing.
            let takes = WITH_VALUE.contains(&word.as_str()) && !(word == "-O" && inner.program() == "curl");
            if takes && words.peek().is_some_and(|next| !next.contains("://")) {
                words.next();
            }
        } else if found.is_none_or(|f| !f.contains("://")) {
            found = Some(word);
        }
    }
    let url = found?;
    let (host, port) = host_and_port(url)?;
    let port = port.or_else(|| if url.starts_with("https:") { Some(443) } else { Some(80) });
    Some((host.to_owned(), port))
}

fn read_curl(chunk: &Chunk<'_>, out: &mut Yield) {
    let inner = inside(chunk);
    let tool = if inner.as_ref().is_some_and(|i| i.program() == "wget") { "wget" } else { "curl" };
    let asked = inner.as_ref().and_then(target);
    let on = place(chunk);
    let from = (!on.name.is_empty()).then(|| on.name.to_string());
    let mut seen: Option<(Outcome, usize, &str)> = None;
    let mut named: Option<(String, Option<u16>)> = None;
    let mut written: Option<u16> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        if let Some(found) = connected(text) {
            named = Some(found);
        }
        if let Some(outcome) = outcome(text) {
            // A failure stays; of several answers (a redirect) the last one counts.
            let failed = seen.as_ref().is_some_and(|(o, ..)| !matches!(o, Outcome::Reached | Outcome::Status(_)));
            if !failed {
                seen = Some((outcome, index, text));
            }
        }
        // `-w '%{http_code}'` prints the bare number.
        if text.len() == 3 && chunk.text.trim().len() < 40 {
            written = text.parse().ok().filter(|code| (100..600).contains(code));
        }
    }
    super::certificates::of_curl(chunk, &on, asked.as_ref().or(named.as_ref()), out);
    let seen = seen.or_else(|| written.map(|code| (of_status(code), 0, chunk.text.trim())));
    let (Some((outcome, index, text)), Some((host, port))) = (seen, asked.or(named)) else { return };
    let shown = port.map_or_else(|| host.clone(), |p| format!("{host}:{p}"));
    out.reaches.push(Reach {
        tool,
        from,
        host,
        port,
        outcome,
        evidence: cite(chunk, index, &format!("{shown}: {text}")),
    });
}

/// `* Connected to api (10.0.0.7) port 8080 (#0)`.
fn connected(text: &str) -> Option<(String, Option<u16>)> {
    let rest = text.strip_prefix("* Connected to ")?;
    let host = rest.split_whitespace().next()?;
    let port = rest.split_once(" port ").and_then(|(_, r)| r.split_whitespace().next()?.parse().ok());
    Some((host.to_owned(), port))
}

fn of_status(code: u16) -> Outcome {
    if code >= 500 { Outcome::Status(code) } else { Outcome::Reached }
}

fn outcome(text: &str) -> Option<Outcome> {
    let bare = text.strip_prefix("< ").unwrap_or(text);
    if let Some(rest) = bare.strip_prefix("HTTP/") {
        let code: u16 = rest.split_whitespace().nth(1)?.parse().ok()?;
        return (code >= 200).then(|| of_status(code));
    }
    // wget: `HTTP request sent, awaiting response... 503 Service Unavailable`, `server returned error: HTTP/1.1 503 …`
    if let Some((_, rest)) = text.split_once("awaiting response... ") {
        return rest.split_whitespace().next()?.parse().ok().map(of_status);
    }
    if let Some((_, rest)) = text.split_once("server returned error: HTTP/") {
        return rest.split_whitespace().nth(1)?.parse().ok().map(of_status);
    }
    let lower = text.to_ascii_lowercase();
    let failure = text.starts_with("curl: (")
        || text.starts_with("wget: ")
        || lower.contains("failed: ")
        || text.starts_with("* connect to ");
    if !failure {
        return None;
    }
    if lower.contains("ssl certificate problem")
        || lower.contains("certificate subject name")
        || text.starts_with("curl: (60)")
        || text.starts_with("curl: (35)")
    {
        let why = text.split_once(") ").map_or(text, |(_, rest)| rest);
        return Some(Outcome::Tls(why.chars().take(200).collect()));
    }
    if text.starts_with("curl: (22)") {
        return lower.rsplit(' ').next()?.parse().ok().map(of_status);
    }
    if text.starts_with("curl: (28)") {
        return Some(Outcome::TimedOut);
    }
    if text.starts_with("curl: (52)") || text.starts_with("curl: (56)") {
        return Some(Outcome::Failed);
    }
    super::reach::outcome_of(text).filter(|o| *o != Outcome::Reached)
}

fn is_ping(chunk: &Chunk<'_>) -> u8 {
    if inside(chunk).is_some_and(|i| matches!(i.program(), "ping" | "ping6")) {
        return 95;
    }
    let begins = head(chunk).take(3).any(|l| l.starts_with("PING ") && l.contains("bytes"));
    if begins { 86 } else { 0 }
}

fn read_ping(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let from = (!on.name.is_empty()).then(|| on.name.to_string());
    let mut host = inside(chunk)
        .and_then(|i| i.plain().filter(|w| !w.bytes().all(|b| b.is_ascii_digit())).last().map(str::to_owned));
    let mut why: Option<Outcome> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        if let Some(rest) = text.strip_prefix("PING ") {
            host = rest.split([' ', '(']).next().map(str::to_owned).or(host);
        } else if text.starts_with("ping: ") || text.starts_with("ping6: ") {
            let outcome = super::reach::outcome_of(text).unwrap_or(Outcome::Failed);
            push_ping(chunk, &from, host.as_ref(), outcome, (index, text), out);
        } else if text.contains("Unreachable") {
            why = Some(Outcome::Failed);
        } else if let Some(lost) = loss(text) {
            let outcome = match (lost, why.take()) {
                (0, _) => Outcome::Reached,
                (100, Some(why)) => why,
                (100, None) => Outcome::TimedOut,
                (lost, _) => Outcome::Lossy(lost),
            };
            push_ping(chunk, &from, host.as_ref(), outcome, (index, text), out);
        }
    }
}

fn push_ping(
    chunk: &Chunk<'_>,
    from: &Option<String>,
    host: Option<&String>,
    outcome: Outcome,
    (index, text): (usize, &str),
    out: &mut Yield,
) {
    let Some(host) = host else { return };
    let evidence = cite(chunk, index, &format!("{host}: {text}"));
    out.reaches.push(Reach { tool: "ping", from: from.clone(), host: host.clone(), port: None, outcome, evidence });
}

/// `5 packets transmitted, 3 received, 40% packet loss, time 4005ms`.
fn loss(text: &str) -> Option<u8> {
    let (before, _) = text.split_once("% packet loss")?;
    let number: f64 = before.rsplit(' ').next()?.parse().ok()?;
    Some(if number > 0.0 && number < 1.0 { 1 } else { number.clamp(0.0, 100.0) as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_one_text;

    fn reach(command: &str, text: &str) -> (String, Option<u16>, Outcome) {
        let out = read_one_text("a.txt", Some(command), text);
        let r = out.reaches.first().unwrap_or_else(|| panic!("nothing in {text}"));
        (r.host.clone(), r.port, r.outcome.clone())
    }

    #[test]
    fn curl_says_what_came_of_it() {
        let api = |outcome| ("api".to_owned(), Some(8080), outcome);
        let verbose = "*   Trying 10.0.0.7:8080...\n* Connected to api (10.0.0.7) port 8080 (#0)\n> GET / HTTP/1.1\n> Host: api:8080\n>\n< HTTP/1.1 503 Service Unavailable\n< content-length: 0\n";
        assert_eq!(reach("curl -v http://api:8080/", verbose), api(Outcome::Status(503)));
        assert_eq!(
            reach("curl -sv -m 5 http://api:8080/", "curl: (28) Connection timed out after 5001 milliseconds\n"),
            api(Outcome::TimedOut)
        );
        assert_eq!(
            reach("curl api:8080", "curl: (7) Failed to connect to api port 8080 after 2 ms: Connection refused\n"),
            api(Outcome::Refused)
        );
        assert_eq!(reach("curl api:8080", "curl: (6) Could not resolve host: api\n"), api(Outcome::NotResolved));
        assert_eq!(reach("curl -I http://api:8080", "HTTP/1.1 200 OK\nServer: x\n"), api(Outcome::Reached));
        assert_eq!(reach("curl -s -o /dev/null -w %{http_code} http://api:8080", "502\n"), api(Outcome::Status(502)));
        let tls = "curl: (60) SSL certificate problem: certificate has expired\nMore details here: https://curl.se/docs/sslcerts.html\n";
        assert!(matches!(reach("curl https://api/", tls).2, Outcome::Tls(why) if why.contains("has expired")));
        let wget =
            "Connecting to api:8080 (10.0.0.7:8080)\nwget: server returned error: HTTP/1.1 503 Service Unavailable\n";
        assert_eq!(reach("kubectl exec t -- wget -qO- http://api:8080", wget), api(Outcome::Status(503)));
        assert_eq!(
            reach("kubectl exec t -- wget -qO- -T 3 http://api:8080", "wget: download timed out\n"),
            api(Outcome::TimedOut)
        );
    }

    #[test]
    fn ping_counts_what_is_lost() {
        let text = |loss: &str| {
            format!(
                "PING db (10.0.0.9) 56(84) bytes of data.\n64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=0.5 ms\n\n--- db ping statistics ---\n5 packets transmitted, 3 received, {loss}% packet loss, time 4005ms\n"
            )
        };
        assert_eq!(reach("ping -c 5 db", &text("40")).2, Outcome::Lossy(40));
        assert_eq!(reach("ping -c 5 db", &text("0")).2, Outcome::Reached);
        assert_eq!(reach("ping -c 5 db", &text("100")).2, Outcome::TimedOut);
        assert_eq!(
            reach("ping -c 5 db", "ping: db: Name or service not known\n"),
            ("db".to_owned(), None, Outcome::NotResolved)
        );
        assert_eq!(reach("ping db", "ping: bad address 'db'\n").2, Outcome::NotResolved);
    }
}
