//! Probes and life-cycle hooks, as `describe` prints them in one line.

use firstfault_model::{Map, Value};

use crate::kubectl::words;

/// `http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3`.
pub(super) fn probe(line: &str) -> Option<Value> {
    let (kind, rest) = line.trim().split_once(' ')?;
    let (what, settings) = match rest.find("delay=") {
        Some(at) => (rest[..at].trim(), &rest[at..]),
        None => (rest.trim(), ""),
    };
    let mut probe = Value::default();
    match kind {
        "http-get" => probe.set("httpGet", http_get(what)),
        "tcp-socket" => {
            let (host, port) = what.rsplit_once(':').unwrap_or(("", what));
            probe.set("tcpSocket.port", words::number_or_text(port));
            words::set_known(&mut probe, "tcpSocket.host", host.trim_matches(['[', ']']));
        }
        "grpc" => {
            let mut parts = what.split_whitespace();
            let port = parts.next().and_then(|target| target.rsplit(':').next()).unwrap_or("");
            probe.set("grpc.port", words::number_or_text(port));
            words::set_known(&mut probe, "grpc.service", parts.next().unwrap_or(""));
        }
        "exec" => {
            let inside = what.strip_prefix('[').unwrap_or(what);
            let inside = inside.strip_suffix(']').unwrap_or(inside);
            probe.set(
                "exec.command",
                Value::List(inside.split(' ').filter(|w| !w.is_empty()).map(Value::str).collect()),
            );
        }
        _ => return None,
    }
    for setting in settings.split_whitespace() {
        let Some((name, number)) = setting.split_once('=') else { continue };
        let field = match name {
            "delay" => "initialDelaySeconds",
            "timeout" => "timeoutSeconds",
            "period" => "periodSeconds",
            "#success" => "successThreshold",
            "#failure" => "failureThreshold",
            _ => continue,
        };
        words::set_number(&mut probe, field, number.trim_end_matches('s'));
    }
    Some(probe)
}

/// `http://:8080/healthz`, `https://example:web/`, `http://[::1]:80/x%3Fy=1`.
fn http_get(url: &str) -> Value {
    let mut get = Map::default();
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (authority, path) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, ""),
    };
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    if !path.is_empty() {
        *get.entry("path") = Value::str(&decoded(path));
    }
    if !port.is_empty() {
        *get.entry("port") = words::number_or_text(port);
    }
    *get.entry("scheme") = Value::str(&scheme.to_ascii_uppercase());
    if !host.is_empty() {
        *get.entry("host") = Value::str(host.trim_matches(['[', ']']));
    }
    Value::Map(get)
}

/// Undoes `%3F`.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match code {
            Some(code) if first == b'%' => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_probe() {
        let get = probe("http-get https://:web/ready%3Ffull=1 delay=5s timeout=1s period=10s #success=1 #failure=3");
        let get = get.expect("a probe");
        assert_eq!(get.at("httpGet.path").text(), "/ready?full=1");
        assert_eq!(get.at("httpGet.port").text(), "web");
        assert_eq!(get.at("httpGet.scheme").text(), "HTTPS");
        assert_eq!(get.at("failureThreshold").as_int(), Some(3));
        let tcp = probe("tcp-socket :3306 delay=0s timeout=1s period=10s #success=1 #failure=3").expect("a probe");
        assert_eq!(tcp.at("tcpSocket.port").as_int(), Some(3306));
        let grpc = probe("grpc <pod>:9555  delay=0s timeout=1s period=15s #success=1 #failure=3").expect("a probe");
        assert_eq!(grpc.at("grpc.port").as_int(), Some(9555));
        let exec = probe("exec [cat /tmp/x] delay=0s timeout=1s period=5s #success=1 #failure=3").expect("a probe");
        assert_eq!(exec.at("exec.command.1").text(), "/tmp/x");
        assert!(probe("unknown delay=0s").is_none());
        assert!(probe("").is_none());
    }
}
