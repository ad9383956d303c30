//! Routes of proxies and gateways, read from their configuration text.
//!
//! Each reader takes the lines that name a path and a backend; the rest of the language is
//! not needed for telling whether a route leads to the right place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::placeholders::expand;

/// A route of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    /// Its own name, where it has one.
    pub(crate) id: String,
    /// The path prefix that it is for.
    pub(crate) path: String,
    /// The backend's host name, or its name in a service registry.
    pub(crate) host: String,
    /// The backend's port, where written.
    pub(crate) port: Option<u16>,
    /// The line at which it stands inside the text, from 1.
    pub(crate) line: u32,
}

/// The kinds of proxy whose configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    SpringGateway,
    Nginx,
    Envoy,
    Haproxy,
    Traefik,
    Kong,
    Caddy,
}

impl Dialect {
    /// The proxy's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SpringGateway => "Spring Cloud Gateway",
            Self::Nginx => "nginx",
            Self::Envoy => "Envoy",
            Self::Haproxy => "HAProxy",
            Self::Traefik => "Traefik",
            Self::Kong => "Kong",
            Self::Caddy => "Caddy",
        }
    }
}

/// The dialect of a text, by words that only it has.
pub(crate) fn dialect(text: &str) -> Option<Dialect> {
    let has = |word: &str| text.contains(word);
    if has("predicates") && has("uri:") && has("Path=") {
        Some(Dialect::SpringGateway)
    } else if has("proxy_pass") || has("fastcgi_pass") || has("grpc_pass") {
        Some(Dialect::Nginx)
    } else if has("route_config") || has("virtual_hosts") {
        Some(Dialect::Envoy)
    } else if has("use_backend") && has("backend ") {
        Some(Dialect::Haproxy)
    } else if has("routers") && has("loadBalancer") {
        Some(Dialect::Traefik)
    } else if has("_format_version") && has("services:") {
        Some(Dialect::Kong)
    } else if has("reverse_proxy") {
        Some(Dialect::Caddy)
    } else {
        None
    }
}

/// The routes of a text.
pub(crate) fn routes(text: &str) -> Vec<Route> {
    let lines: Vec<&str> = text.lines().take(20_000).collect();
    match dialect(text) {
        Some(Dialect::SpringGateway) => spring(&lines),
        Some(Dialect::Nginx) => nginx(&lines),
        Some(Dialect::Envoy) => envoy(&lines),
        Some(Dialect::Haproxy) => haproxy(&lines),
        Some(Dialect::Traefik) => traefik(&lines),
        Some(Dialect::Kong) => kong(&lines),
        Some(Dialect::Caddy) => caddy(&lines),
        None => Vec::new(),
    }
}

/// `scheme://host:port/…` or `host:port`, with placeholders resolved by their defaults.
fn target(text: &str) -> Option<(String, Option<u16>)> {
    static TARGET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*://)?([A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d{1,5}))?")
            .expect("a constant pattern")
    });
    let text = expand(text.trim().trim_matches(['"', '\'', ';']), &|_| None);
    let found = TARGET.captures(&text)?;
    Some((found[1].to_ascii_lowercase(), found.get(2).and_then(|p| p.as_str().parse().ok())))
}

/// `key: value` of a YAML line, without a leading dash, quotes and a trailing comment.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches("- ").trim();
    let (key, value) = line.split_once(':')?;
    let value = value.split(" #").next().unwrap_or(value).trim();
    Some((key.trim().trim_matches('"'), value.trim_matches(['"', '\'', ','])))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn spring(lines: &[&str]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    let mut here = Route::default();
    let mut close = |route: &mut Route| {
        let done = std::mem::take(route);
        if !done.host.is_empty() && !done.path.is_empty() {
            routes.push(done);
        }
    };
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !is_comment(line)) {
        let text = line.trim();
        if let Some(path) = text.split_once("Path=").map(|(_, path)| path) {
            let path = path.trim_matches(['"', '\'']).split(',').next().unwrap_or_default();
            path.trim().clone_into(&mut here.path);
            continue;
        }
        match pair(text) {
            Some(("id", id)) if text.starts_with("- ") || here.host.is_empty() => {
                close(&mut here);
                id.clone_into(&mut here.id);
                here.line = number(index);
            }
            Some(("uri", _)) => {
                let value = text.split_once(':').map_or("", |(_, value)| value);
                if text.starts_with("- ") {
                    close(&mut here);
                }
                if let Some((host, port)) = target(value) {
                    (here.host, here.port, here.line) = (host, port, number(index));
                }
            }
            _ => {}
        }
    }
    close(&mut here);
    routes
}

fn nginx(lines: &[&str]) -> Vec<Route> {
    let mut upstreams: BTreeMap<String, (String, Option<u16>)> = BTreeMap::new();
    let mut upstream: Option<String> = None;
    for line in lines.iter().map(|line| line.trim()) {
        if let Some(name) = line.strip_prefix("upstream ") {
            upstream = Some(name.trim_end_matches('{').trim().to_owned());
        } else if let (Some(name), Some(server)) = (&upstream, line.strip_prefix("server "))
            && let Some(found) = target(server.split_whitespace().next().unwrap_or_default())
        {
            upstreams.entry(name.clone()).or_insert(found);
        } else if line.starts_with('}') {
            upstream = None;
        }
    }
    let mut routes = Vec::new();
    let mut path = String::new();
    for (index, line) in lines.iter().enumerate() {
        let line = line.trim();
        for statement in line.split_inclusive(['{', ';']) {
            let statement = statement.trim();
            if let Some(rest) = statement.strip_prefix("location ") {
                let rest = rest.trim_end_matches('{').trim();
                rest.rsplit(' ').next().unwrap_or(rest).trim_start_matches('^').clone_into(&mut path);
            }
            let passed = ["proxy_pass ", "grpc_pass "].iter().find_map(|word| statement.strip_prefix(word));
            if let Some((host, port)) = passed.filter(|p| !p.contains("$")).and_then(target) {
                let (host, port) = upstreams.get(&host).cloned().unwrap_or((host, port));
                routes.push(Route { id: String::new(), path: path.clone(), host, port, line: number(index) });
            }
        }
    }
    routes
}

fn envoy(lines: &[&str]) -> Vec<Route> {
    let mut clusters: BTreeMap<String, (String, Option<u16>)> = BTreeMap::new();
    let mut routes: Vec<Route> = Vec::new();
    let (mut name, mut path, mut address) = (String::new(), String::new(), String::new());
    let mut in_clusters = false;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !is_comment(line)) {
        let text = line.trim().trim_start_matches("- ").trim_matches(['{', '}', ' ', ',']);
        in_clusters |= text.starts_with("clusters:");
        for part in text.split(", ").flat_map(|part| part.split('{')) {
            match pair(part) {
                Some(("name", value)) if in_clusters && !value.contains("envoy.") => value.clone_into(&mut name),
                Some(("prefix" | "path" | "path_separated_prefix", value)) if value.starts_with('/') => {
                    value.clone_into(&mut path);
                }
                Some(("cluster", value)) if !value.is_empty() && !in_clusters => {
                    routes.push(Route {
                        path: path.clone(),
                        host: value.into(),
                        line: number(index),
                        ..Route::default()
                    });
                }
                Some(("address", value)) if !value.is_empty() => {
                    value.trim_matches(['}', ' ']).clone_into(&mut address);
                }
                Some(("port_value", value)) if in_clusters => {
                    let port = value.trim_matches(['}', ' ']).parse().ok();
                    clusters.entry(name.clone()).or_insert((address.to_ascii_lowercase(), port));
                }
                _ => {}
            }
        }
    }
    for route in &mut routes {
        if let Some((host, port)) = clusters.get(&route.host) {
            (route.id, route.host, route.port) = (route.host.clone(), host.clone(), *port);
        }
    }
    routes
}

fn haproxy(lines: &[&str]) -> Vec<Route> {
    let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
    let mut servers: BTreeMap<&str, (String, Option<u16>)> = BTreeMap::new();
    let mut backend = "";
    for line in lines.iter().map(|line| line.trim()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["acl", name, "path_beg" | "path_dir" | "path", .., path] => {
                paths.insert(name, path);
            }
            ["backend", name, ..] => backend = name,
            ["frontend" | "listen" | "defaults" | "global", ..] => backend = "",
            ["server", _, address, ..] if !backend.is_empty() => {
                if let Some(found) = target(address) {
                    servers.entry(backend).or_insert(found);
                }
            }
            _ => {}
        }
    }
    let mut routes = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, path) = match words[..] {
            ["use_backend", name, "if", acl, ..] => (name, paths.get(acl).copied().unwrap_or_default()),
            ["default_backend", name] => (name, "/"),
            _ => continue,
        };
        if let Some((host, port)) = servers.get(name).cloned() {
            routes.push(Route { id: name.into(), path: path.into(), host, port, line: number(index) });
        }
    }
    routes
}

/// The path inside ``PathPrefix(`/x`)``.
fn rule_path(rule: &str) -> Option<&str> {
    let after = rule.split_once("Path").map(|(_, rest)| rest)?;
    after.split(['`', '"', '\'']).nth(1)
}

fn traefik(lines: &[&str]) -> Vec<Route> {
    let mut wanted: Vec<Route> = Vec::new();
    let mut urls: BTreeMap<String, (String, Option<u16>)> = BTreeMap::new();
    let (mut in_services, mut name, mut path, mut indent) = (false, String::new(), String::new(), 0);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !is_comment(line)) {
        let depth = line.len() - line.trim_start().len();
        let Some((key, value)) = pair(line) else { continue };
        match (key, value) {
            ("routers", "") => in_services = false,
            ("services", "") => (in_services, indent) = (true, depth),
            ("rule", _) => rule_path(line).unwrap_or("/").clone_into(&mut path),
            ("service", service) if !in_services => {
                wanted.push(Route { id: service.into(), path: path.clone(), line: number(index), ..Route::default() });
            }
            ("url", _) if in_services => {
                if let Some(found) = line.split_once("url:").and_then(|(_, url)| target(url)) {
                    urls.entry(name.clone()).or_insert(found);
                }
            }
            (key, "")
                if in_services && depth > indent && !matches!(key, "loadBalancer" | "servers" | "healthCheck") =>
            {
                key.clone_into(&mut name);
            }
            _ => {}
        }
    }
    for route in &mut wanted {
        if let Some((host, port)) = urls.get(&route.id) {
            (route.host, route.port) = (host.clone(), *port);
        }
    }
    wanted.retain(|route| !route.host.is_empty());
    wanted
}

fn kong(lines: &[&str]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    let (mut host, mut port, mut id) = (String::new(), None, String::new());
    let mut in_paths = false;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !is_comment(line)) {
        let text = line.trim();
        let inline = text.split_once("paths:").map(|(_, rest)| rest).filter(|rest| rest.contains('/'));
        let path = inline.or_else(|| {
            text.strip_prefix("- ").filter(|path| in_paths && path.trim_matches(['"', '\'']).starts_with('/'))
        });
        if let Some(path) = path {
            let path = path.trim_matches(['[', ']', '"', '\'', ' ', '-']).split([',', '"']).next().unwrap_or_default();
            routes.push(Route { id: id.clone(), path: path.into(), host: host.clone(), port, line: number(index) });
        }
        in_paths = text.starts_with("paths:") || in_paths && text.starts_with("- ");
        match pair(text) {
            Some(("url", _)) => {
                if let Some(found) = text.split_once("url:").and_then(|(_, url)| target(url)) {
                    (host, port) = found;
                }
            }
            Some(("host", value)) => (host, port) = (value.to_ascii_lowercase(), None),
            Some(("port", value)) => port = value.parse().ok(),
            Some(("name", value)) => value.clone_into(&mut id),
            _ => {}
        }
    }
    routes.retain(|route| !route.host.is_empty());
    routes
}

fn caddy(lines: &[&str]) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut path = String::from("/");
    for (index, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.trim().trim_end_matches('{').split_whitespace().collect();
        match words[..] {
            ["handle" | "handle_path" | "route", matcher] if matcher.starts_with('/') => matcher.clone_into(&mut path),
            ["handle"] => "/".clone_into(&mut path),
            ["reverse_proxy", ref rest @ ..] => {
                let (here, to) = match rest {
                    [matcher, to, ..] if matcher.starts_with('/') => (*matcher, *to),
                    [to, ..] => (path.as_str(), *to),
                    [] => continue,
                };
                if let Some((host, port)) = target(to) {
                    routes.push(Route { id: String::new(), path: here.into(), host, port, line: number(index) });
                }
            }
            _ => {}
        }
    }
    routes
}
