//! What a host says of its network.

use firstfault_model::{Entity, Evidence};

/// What `ss` or `netstat` listed.
#[derive(Clone, Debug)]
pub struct SocketListing {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// All listening TCP sockets are in it.
    pub complete: bool,
    /// Those that listen (TCP) or are bound (UDP).
    pub listeners: Vec<Listener>,
    /// Where it begins.
    pub evidence: Evidence,
}

/// A socket that waits for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// The address: `0.0.0.0`, `::`, `*`, `127.0.0.1`, …
    pub address: String,
    /// The port.
    pub port: u16,
    /// The program, where it was shown.
    pub process: Option<String>,
    /// Connections waiting to be accepted, and how many may wait.
    pub backlog: Option<(u32, u32)>,
}

impl Listener {
    /// Whether only its own host can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.address.starts_with("127.") || self.address == "::1" || self.address.starts_with("::ffff:127.")
    }
}

/// A question to DNS and its answer.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Where the tool ran.
    pub on: Entity,
    /// `dig`, `nslookup`, `host`, `getent`, `resolvectl`.
    pub tool: &'static str,
    /// The name asked for.
    pub name: String,
    /// The server asked, if it is known.
    pub server: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// Where it stands.
    pub evidence: Evidence,
}

/// What DNS answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Addresses (or other records).
    Records(Vec<String>),
    /// The name exists, but not with such a record.
    Nothing,
    /// There is no such name.
    NoSuchName,
    /// The server failed to find out.
    ServerFailed,
    /// The server refuses to answer.
    Refused,
    /// Nobody answered.
    NoReply,
}

/// A network interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// `eth0`, …
    pub name: String,
    /// Whether it carries traffic (`state UP` or `UNKNOWN`, with a carrier).
    pub up: bool,
    /// It was set up, but there is no carrier.
    pub no_carrier: bool,
    /// Its addresses, without the length of the prefix.
    pub addresses: Vec<String>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A routing table.
#[derive(Clone, Debug)]
pub struct Routes {
    /// The host, or the pod the command ran in.
    pub on: Entity,
    /// Whether it has a default route.
    pub default: bool,
    /// How many routes.
    pub count: usize,
    /// Where it stands.
    pub evidence: Evidence,
}
