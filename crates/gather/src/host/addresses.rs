//! `ip addr`, `ip link`, `ifconfig`, `ip route`, `route -n`, `netstat -r`.

use super::inside::{inside, place, runs};
use super::{cite, head};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::{Interface, Routes};

pub(crate) const INTERFACES: Format = Format { name: "interfaces", recognise: is_interfaces, read: read_interfaces };
pub(crate) const ROUTES: Format = Format { name: "routes", recognise: is_routes, read: read_routes };

/// Interfaces kept of one listing.
const MOST: usize = 2000;

fn is_interfaces(chunk: &Chunk<'_>) -> u8 {
    let asks = inside(chunk).is_some_and(|i| {
        i.program() == "ip" && i.plain().next().is_some_and(|w| w.starts_with('a') || "link".starts_with(w))
            || i.program() == "ifconfig"
    });
    let shows = |line: &str| titled(line).is_some_and(|(_, rest)| rest.starts_with('<')) || line.contains(": flags=");
    match (asks, head(chunk).take(3).any(shows)) {
        (true, _) => 93,
        (false, true) => 85,
        _ => 0,
    }
}

/// `2: eth0: <…>`: the name, and what follows it.
fn titled(line: &str) -> Option<(&str, &str)> {
    let (number, rest) = line.split_once(": ")?;
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (name, rest) = rest.split_once([' ', ':'])?;
    Some((name.split('@').next()?, rest.trim_start_matches([':', ' '])))
}

fn read_interfaces(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let mut all: Vec<Interface> = Vec::new();
    let open = |all: &mut Vec<Interface>, name: &str, index: usize, line: &str| -> usize {
        if let Some(known) = all.iter().position(|i| i.name == name) {
            return known;
        }
        let interface = Interface {
            on: on.clone(),
            name: name.to_owned(),
            up: true,
            no_carrier: false,
            addresses: Vec::new(),
            evidence: cite(chunk, index, line),
        };
        all.push(interface);
        all.len() - 1
    };
    let mut current: Option<usize> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        if all.len() >= MOST {
            break;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some((name, rest)) = titled(line) {
            let at = open(&mut all, name, index, line);
            current = Some(at);
            if rest.starts_with('<') {
                all[at].no_carrier = rest.contains("NO-CARRIER");
                all[at].up = rest.contains(",UP") || rest.contains("<UP");
            }
        } else if let [name, state @ ("UP" | "DOWN" | "UNKNOWN"), addresses @ ..] = &words[..] {
            // `ip -br addr`
            let at = open(&mut all, name.split('@').next().unwrap_or(name), index, line);
            all[at].up = *state != "DOWN";
            let own = addresses.iter().filter(|a| a.contains(['.', ':']) && a.contains('/'));
            all[at].addresses.extend(own.map(|a| address(a)));
            continue;
        } else if let Some((name, _)) = line.split_once(": flags=").filter(|(n, _)| !n.contains(' ')) {
            current = Some(open(&mut all, name, index, line));
            if let Some(at) = current {
                all[at].up = line.contains("<UP") || line.contains(",UP");
            }
        }
        let inet = words.iter().position(|w| matches!(*w, "inet" | "inet6"));
        if let (Some(at), Some(inet)) = (current, inet)
            && let Some(word) = words.get(inet + 1)
        {
            all[at].addresses.push(address(word));
        }
    }
    for interface in &mut all {
        interface.addresses.truncate(64);
    }
    out.host.interfaces.append(&mut all);
}

fn address(word: &str) -> String {
    word.split('/').next().unwrap_or(word).trim_start_matches("addr:").to_owned()
}

fn is_routes(chunk: &Chunk<'_>) -> u8 {
    let asks = inside(chunk).is_some_and(|i| match i.program() {
        "ip" => i.plain().next().is_some_and(|w| !w.is_empty() && "route".starts_with(w)),
        "route" => true,
        _ => false,
    });
    let shows = head(chunk).take(2).any(|line| line.starts_with("Kernel IP routing table"));
    let default = || head(chunk).any(|line| line.starts_with("default via ")) && !runs(chunk, &["cat"]);
    match (asks, shows) {
        (true, _) => 92,
        (false, true) => 92,
        _ if default() => 60,
        _ => 0,
    }
}

fn read_routes(chunk: &Chunk<'_>, out: &mut Yield) {
    // `ip route get X`, another table, or IPv6 alone say nothing of the way out.
    let partial = inside(chunk).is_some_and(|i| i.has("get") || i.has("-6") || i.plain().count() > 2 && !i.has("all"));
    if partial || chunk.command.is_some_and(|c| c.piped.as_deref().is_some_and(|p| p.contains("grep"))) {
        return;
    }
    let begins = |line: &&str| {
        let first = line.split_whitespace().next().unwrap_or("");
        first.contains('.') || matches!(first, "default" | "blackhole" | "unreachable" | "broadcast" | "local")
    };
    let rows: Vec<&str> = chunk.text.lines().filter(begins).collect();
    let is_default = |line: &&&str| line.starts_with("default ") || line.split_whitespace().next() == Some("0.0.0.0");
    let Some(first) = rows.first() else { return };
    let shown = rows.iter().find(is_default).unwrap_or(first);
    let index = chunk.text.lines().position(|l| l == *shown).unwrap_or(0);
    out.host.routes.push(Routes {
        on: place(chunk),
        default: rows.iter().any(|line| is_default(&line)),
        count: rows.len(),
        evidence: cite(chunk, index, shown),
    });
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn interfaces(command: Option<&str>, text: &str) -> Vec<(String, bool, Vec<String>)> {
        let out = read_one_text("a.txt", command, text);
        assert_eq!(out.read_as, "interfaces", "{text}");
        out.host.interfaces.into_iter().map(|i| (i.name, i.up, i.addresses)).collect()
    }

    #[test]
    fn addresses_in_four_dialects() {
        let told = |up| vec![("eth0".to_owned(), up, vec!["10.0.0.4".to_owned()])];
        let full = "2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n    link/ether 00:00:5e:00:53:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.4/24 brd 10.0.0.255 scope global dynamic eth0\n       valid_lft 41096sec preferred_lft 41096sec\n";
        assert_eq!(interfaces(Some("ip a"), full), told(true));
        assert_eq!(interfaces(None, full), told(true));
        let one = "2: eth0    inet 10.0.0.4/24 brd 10.0.0.255 scope global dynamic eth0\\       valid_lft 41097sec\n";
        assert_eq!(interfaces(Some("ip -o addr"), one), told(true));
        let brief = "eth0             UP             10.0.0.4/24\n";
        assert_eq!(interfaces(Some("ip -br addr"), brief), told(true));
        let old = "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 10.0.0.4  netmask 255.255.255.0  broadcast 10.0.0.255\n";
        assert_eq!(interfaces(Some("ifconfig"), old), told(true));
        let down = "2: eth0: <NO-CARRIER,BROADCAST,MULTICAST> mtu 1500 qdisc mq state DOWN\n    inet 10.0.0.4/24 scope global eth0\n";
        assert_eq!(interfaces(Some("ip addr show eth0"), down), told(false));
    }

    #[test]
    fn default_routes() {
        let default = |command: &str, text: &str| {
            read_one_text("a.txt", Some(command), text).host.routes.first().map(|r| r.default)
        };
        assert_eq!(
            default("ip route", "default via 10.0.0.1 dev eth0 proto dhcp\n10.0.0.0/24 dev eth0 scope link\n"),
            Some(true)
        );
        assert_eq!(default("ip r", "10.0.0.0/24 dev eth0 scope link\n"), Some(false));
        let table = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         10.0.0.1        0.0.0.0         UG    100    0        0 eth0\n";
        assert_eq!(default("route -n", table), Some(true));
        assert_eq!(default("ip route get 192.0.2.1", "192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.4\n"), None);
        assert_eq!(default("ip -6 route", "fe80::/64 dev eth0 proto kernel\n"), None);
    }
}
