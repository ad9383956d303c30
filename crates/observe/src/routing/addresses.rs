//! Host names and ports inside environment values, arguments and configuration text.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// An address as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The host name, lower case.
    pub(crate) host: String,
    /// The port as written, or the one that the scheme implies.
    pub(crate) port: Option<u16>,
    /// Whether the port was written.
    pub(crate) port_written: bool,
}

/// `scheme://user@host:port`.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"([a-zA-Z][a-zA-Z0-9+.-]{1,20})://(?:[^\s/@"'`,]*@)?(?:tcp\()?([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d{1,5}))?"#,
    )
    .expect("a constant pattern")
});
/// `host:port` between separators.
static HOST_PORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s,;="'`(@|])([a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z0-9-]+)*):(\d{2,5})(?:[/)"'`,;|?\s]|$)"#)
        .expect("a constant pattern")
});
/// `nc -z host port`, as scripts that wait for a dependency do.
static NETCAT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:nc|ncat|netcat)\s+(?:-\S+\s+(?:\d+\s+)?)*([a-zA-Z][a-zA-Z0-9.-]*)\s+(\d{1,5})\b")
        .expect("a constant pattern")
});

/// Texts longer than this are read up to here.
const LONGEST: usize = 256 * 1024;

/// All addresses in a text.
pub(crate) fn addresses(text: &str) -> Vec<Address> {
    let text = cut(text);
    let mut found: Vec<Address> = Vec::new();
    let mut add = |address: Address| {
        if !found.iter().any(|a| a.host == address.host && a.port == address.port) {
            found.push(address);
        }
    };
    let mut spans = Vec::new();
    for url in URL.captures_iter(text) {
        let whole = url.get(0).expect("group 0 always matches");
        spans.push((whole.start(), whole.end()));
        let Some(implied) = scheme_port(&url[1]) else { continue };
        let written: Option<u16> = url.get(3).and_then(|p| p.as_str().parse().ok());
        add(Address { host: host(&url[2]), port: written.or(implied), port_written: written.is_some() });
    }
    for pair in pairs(text).into_iter().chain(NETCAT.captures_iter(text)) {
        let at = pair.get(1).expect("group 1 is not optional").start();
        if spans.iter().any(|(from, to)| (*from..*to).contains(&at)) {
            continue;
        }
        if let Ok(port) = pair[2].parse() {
            add(Address { host: host(&pair[1]), port: Some(port), port_written: true });
        }
    }
    found
}

/// All `host:port`; the separator that ends one may begin the next.
fn pairs(text: &str) -> Vec<Captures<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(pair) = HOST_PORT.captures_at(text, from) {
        from = pair.get(2).map_or(text.len(), |port| port.end());
        found.push(pair);
    }
    found
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn host(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}

/// The port that a scheme implies; `None` for schemes that name no host of the network.
#[expect(clippy::option_option, reason = "no address, an address without a usual port, one with")]
fn scheme_port(scheme: &str) -> Option<Option<u16>> {
    let scheme = scheme.to_ascii_lowercase();
    Some(match scheme.as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "redis" => Some(6379),
        "postgres" | "postgresql" => Some(5432),
        "mysql" | "mariadb" => Some(3306),
        "amqp" => Some(5672),
        "amqps" => Some(5671),
        "mongodb" => Some(27017),
        "nats" => Some(4222),
        "tcp" | "grpc" | "h2c" | "rediss" | "kafka" | "sqlserver" | "ldap" | "ldaps" | "smtp" | "bolt" | "neo4j"
        | "clickhouse" | "zk" | "memcached" | "mqtt" | "udp" => None,
        _ => return None,
    })
}

/// What a setting's name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Where something else is to be reached, perhaps as a bare host name.
    Peer,
    /// Where the process itself listens, an image, a version: no address of a peer.
    Own,
    /// It says nothing.
    Any,
}

/// Judges a setting's name (`REDIS_ADDR`, `spring.datasource.url`, `--db-host`).
pub(crate) fn meaning(key: &str) -> Meaning {
    let words = words(key);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    if has(&[
        "listen",
        "bind",
        "image",
        "version",
        "tag",
        "advertise",
        "advertised",
        "cors",
        "origin",
        "origins",
        "issuer",
        "audience",
        "proxy",
        "listener",
        "listeners",
    ]) || key == "HOSTNAME"
        || has(&["otel", "otlp", "jaeger", "zipkin", "sentry"]) && has(&["name", "attributes"])
    {
        return Meaning::Own;
    }
    let ends = [
        "addr",
        "address",
        "addresses",
        "addrs",
        "host",
        "hosts",
        "hostname",
        "url",
        "urls",
        "uri",
        "uris",
        "endpoint",
        "endpoints",
        "server",
        "servers",
        "broker",
        "brokers",
        "target",
        "upstream",
        "dsn",
        "peers",
        "seeds",
        "backend",
    ];
    match words.last() {
        Some(last) if ends.contains(&last.as_str()) => Meaning::Peer,
        _ => Meaning::Any,
    }
}

/// The name of the setting that holds the port for a host setting: `DB_HOST` → `DB_PORT`.
pub(crate) fn port_key(key: &str) -> Option<String> {
    for (host, port) in [
        ("HOSTNAME", "PORT"),
        ("hostname", "port"),
        ("HOST", "PORT"),
        ("host", "port"),
        ("Host", "Port"),
        ("ADDR", "PORT"),
        ("SERVER", "PORT"),
    ] {
        if let Some(stem) = key.strip_suffix(host) {
            return Some(format!("{stem}{port}"));
        }
    }
    None
}

/// The words of a key, lower case: at `_`, `-`, `.`, and before capitals inside.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_lower = false;
    for c in key.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        addresses(text).iter().map(|a| format!("{}:{}", a.host, a.port.map_or("-".into(), |p| p.to_string()))).collect()
    }

    #[test]
    fn addresses_are_found_in_the_forms_that_settings_use() {
        assert_eq!(shown("ledger:8080"), ["ledger:8080"]);
        assert_eq!(shown("jdbc:postgresql://pg.data:5433/app?ssl=true"), ["pg.data:5433"]);
        assert_eq!(shown("http://stock/api"), ["stock:80"]);
        assert_eq!(shown("amqp://guest:guest@bus"), ["bus:5672"]);
        assert_eq!(shown("app:pw@tcp(maria:3306)/app"), ["maria:3306"]);
        assert_eq!(shown("k-0.k:9092,k-1.k:9092"), ["k-0.k:9092", "k-1.k:9092"]);
        assert_eq!(shown("until nc -z -w 2 queue 5672; do sleep 1; done"), ["queue:5672"]);
        assert_eq!(shown("--db=pg:5432"), ["pg:5432"]);
    }

    #[test]
    fn what_is_no_peer_is_left_out() {
        for text in ["0.0.0.0:8080", ":9090", "s3://bucket/key", "file:///etc/x", "12:30:15", "lb://orders"] {
            assert_eq!(shown(text), [] as [&str; 0], "{text}");
        }
        assert_eq!(meaning("SERVER_IMAGE"), Meaning::Own);
        assert_eq!(meaning("listenAddress"), Meaning::Own);
        assert_eq!(meaning("stockServiceUrl"), Meaning::Peer);
        assert_eq!(port_key("SALES_DB_HOST").as_deref(), Some("SALES_DB_PORT"));
    }
}
