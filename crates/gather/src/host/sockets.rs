//! `ss` and `netstat`: who listens where.

use super::inside::{Inside, inside, place, runs};
use super::{cite, head};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::{Listener, SocketListing};

pub(crate) const SOCKETS: Format = Format { name: "sockets", recognise, read };

/// Listeners kept of one listing.
const MOST: usize = 4000;

fn is_header(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(5).collect();
    line.starts_with("Active Internet connections")
        || words.starts_with(&["Netid", "State", "Recv-Q"])
        || words.starts_with(&["State", "Recv-Q", "Send-Q"])
        || words.starts_with(&["Proto", "Recv-Q", "Send-Q"])
}

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).take(6).any(is_header);
    match (titled, runs(chunk, &["ss", "netstat"])) {
        (true, _) => 94,
        // `netstat -s` and `netstat -r` are other things.
        (false, true) if head(chunk).any(|l| l.contains("LISTEN")) => 85,
        _ => 0,
    }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let mut listing = SocketListing {
        on,
        complete: is_complete(chunk),
        listeners: Vec::new(),
        evidence: super::identity::begin(chunk),
    };
    let mut first: Option<usize> = None;
    let mut is_netstat = false;
    for (index, line) in chunk.text.lines().enumerate() {
        if line.starts_with("Active UNIX") {
            break;
        }
        if is_header(line) {
            is_netstat |= line.starts_with("Active") || line.starts_with("Proto");
            continue;
        }
        let Some(listener) = listener(line, is_netstat) else { continue };
        first.get_or_insert(index);
        if listing.listeners.len() < MOST && !listing.listeners.contains(&listener) {
            listing.listeners.push(listener);
        }
    }
    if let Some(index) = first {
        listing.evidence = cite(chunk, index, chunk.text.lines().nth(index).unwrap_or(""));
    }
    // A table without one listener was asked for something else.
    let asked_for_listeners = inside(chunk).is_some_and(|i| flags(&i).contains('l'));
    if !listing.listeners.is_empty() || asked_for_listeners && listing.complete {
        out.host.listings.push(listing);
    }
}

fn flags(inner: &Inside) -> String {
    let short = inner.words.iter().skip(1).filter(|w| w.starts_with('-') && !w.starts_with("--"));
    let mut flags: String = short.map(|w| &w[1..]).collect();
    for (long, letter) in [("--listening", 'l'), ("--tcp", 't'), ("--udp", 'u'), ("--all", 'a'), ("--unix", 'x')] {
        if inner.has(long) {
            flags.push(letter);
        }
    }
    flags
}

/// Whether every listening TCP socket is in the listing.
fn is_complete(chunk: &Chunk<'_>) -> bool {
    let Some(inner) = inside(chunk) else { return false };
    let flags = flags(&inner);
    let of_tcp = flags.contains('t') || !flags.contains(['u', 'x', 'w']);
    let filtered = chunk.command.is_some_and(|c| c.piped.is_some()) || inner.plain().next().is_some();
    of_tcp && flags.contains(['l', 'a']) && !filtered
}

/// `LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))` of `ss`,
/// `tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 1026/sshd` of `netstat`.
fn listener(line: &str, is_netstat: bool) -> Option<Listener> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (protocol, rest) = match *words.first()? {
        "tcp" | "tcp6" | "mptcp" => ("tcp", &words[1..]),
        "udp" | "udp6" => ("udp", &words[1..]),
        "LISTEN" => ("tcp", &words[..]),
        "UNCONN" if words.get(3).is_some_and(|w| w.contains(':')) => ("udp", &words[..]),
        _ => return None,
    };
    let (local, queues) = if is_netstat || rest.first()?.parse::<u32>().is_ok() {
        let listens = protocol == "udp" || rest.contains(&"LISTEN");
        if !listens || protocol == "udp" && rest.contains(&"ESTABLISHED") {
            return None;
        }
        (*rest.get(2)?, None)
    } else {
        if !matches!(*rest.first()?, "LISTEN" | "UNCONN") {
            return None;
        }
        let queue = |at: usize| rest.get(at)?.parse::<u32>().ok();
        (*rest.get(3)?, queue(1).zip(queue(2)).filter(|_| protocol == "tcp"))
    };
    let (address, port) = local.rsplit_once(':')?;
    let address = address.split('%').next()?.trim_matches(['[', ']']).to_owned();
    let port = port.parse().ok().or_else(|| named_port(port))?;
    Some(Listener { protocol, address, port, process: process(line), backlog: queues })
}

/// Ports that `netstat` and `ss` name when they are not told `-n`.
fn named_port(name: &str) -> Option<u16> {
    Some(match name {
        "ssh" => 22,
        "domain" => 53,
        "http" => 80,
        "https" => 443,
        "postgresql" => 5432,
        "mysql" => 3306,
        "redis" => 6379,
        "http-alt" | "webcache" => 8080,
        "sunrpc" => 111,
        "ntp" => 123,
        "amqp" => 5672,
        _ => return None,
    })
}

/// `users:(("sshd",pid=1026,fd=3))` or `1026/sshd`.
fn process(line: &str) -> Option<String> {
    if let Some((_, rest)) = line.split_once("users:((\"") {
        return rest.split('"').next().map(str::to_owned);
    }
    let word = line.split_whitespace().find(|w| {
        w.split_once('/').is_some_and(|(pid, name)| {
            !pid.is_empty()
                && pid.bytes().all(|b| b.is_ascii_digit())
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
        })
    })?;
    word.split_once('/').map(|(_, name)| name.trim_end_matches(':').to_owned())
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn listeners(command: Option<&str>, text: &str) -> (bool, Vec<(String, u16, Option<String>)>) {
        let out = read_one_text("a.txt", command, text);
        assert_eq!(out.read_as, "sockets");
        let listing = &out.host.listings[0];
        let all =
            listing.listeners.iter().map(|l| (format!("{}/{}", l.protocol, l.address), l.port, l.process.clone()));
        (listing.complete, all.collect())
    }

    #[test]
    fn ss_and_netstat_say_the_same() {
        let row = |process: Option<&str>| vec![("tcp/127.0.0.1".to_owned(), 8080, process.map(str::to_owned))];
        let ss = "State     Recv-Q    Send-Q       Local Address:Port       Peer Address:Port   Process\nLISTEN    0         128              127.0.0.1:8080            0.0.0.0:*       users:((\"api\",pid=7,fd=3))\nESTAB     0         0                 10.0.0.4:50022          10.0.0.9:443\n";
        assert_eq!(listeners(Some("ss -ltnp"), ss), (true, row(Some("api"))));
        let netid = "Netid  State   Recv-Q  Send-Q  Local Address:Port  Peer Address:Port\ntcp    LISTEN  0       128         127.0.0.1:8080       0.0.0.0:*\nu_str  LISTEN  0       128    /run/x.sock 22405           * 0\n";
        assert_eq!(listeners(Some("ss -l"), netid), (true, row(None)));
        let netstat = "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name\ntcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      7/api\n";
        assert_eq!(listeners(Some("kubectl exec api-0 -- netstat -tlnp"), netstat), (true, row(Some("api"))));
        assert!(!listeners(Some("netstat -tlnp | grep api"), netstat).0);
        assert!(!listeners(None, netstat).0);
    }

    #[test]
    fn sixes_and_names() {
        let text = "Proto Recv-Q Send-Q Local Address           Foreign Address         State\ntcp6       0      0 :::8080                 :::*                    LISTEN\nudp        0      0 0.0.0.0:domain          0.0.0.0:*\ntcp        0      0 10.0.0.4:8080           10.0.0.9:50000          ESTABLISHED\n";
        let (_, all) = listeners(None, text);
        assert_eq!(all, [("tcp/::".to_owned(), 8080, None), ("udp/0.0.0.0".to_owned(), 53, None)]);
        let ss = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\ntcp   LISTEN 0      4096   [::]:8080         [::]:*\ntcp   LISTEN 0      4096   *:9090            *:*\nudp   UNCONN 0      0      127.0.0.53%lo:53  0.0.0.0:*\n";
        let (_, all) = listeners(None, ss);
        assert_eq!(all[0].0, "tcp/::");
        assert_eq!(all[2], ("udp/127.0.0.53".to_owned(), 53, None));
    }

    #[test]
    fn nobody_listens_is_told_by_an_empty_list() {
        let text = "State   Recv-Q  Send-Q  Local Address:Port  Peer Address:Port  Process\n";
        let out = read_one_text("a.txt", Some("kubectl exec api-0 -- ss -ltn"), text);
        assert_eq!((out.host.listings.len(), out.host.listings[0].listeners.len()), (1, 0));
    }
}
