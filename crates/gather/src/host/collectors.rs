//! The JSON files of a support bundle's `host-collectors/`.

use serde_json::Value;

use super::cite;
use super::inside::here;
use crate::formats::{Chunk, Format};
use crate::host_facts::{Certificate, CertificateFault, Clock, HostName};
use crate::{Disk, Outcome, Reach, Unit, Yield};

pub(crate) const COLLECTOR: Format = Format { name: "host collector", recognise, read };

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let inside = chunk.path.contains("host-collectors/") && chunk.path.ends_with(".json");
    if inside && chunk.command.is_none() && chunk.text.trim_start().starts_with(['{', '[', '"']) { 93 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let Ok(value) = serde_json::from_str::<Value>(chunk.text.trim()) else {
        let place = cite(chunk, 0, "").place;
        out.problems.push(firstfault_model::Problem { place, what: "no whole JSON document".to_owned() });
        return;
    };
    let path = chunk.path.as_str();
    let file = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".json");
    let of = |folder: &str| path.contains(&format!("/{folder}/"));
    if value.get("total_bytes").is_some() {
        disk(chunk, file, &value, out);
    } else if value.get("ntp_synchronized").is_some() {
        clock(chunk, &value, out);
    } else if value.get("hostname").is_some() || value.get("Name").is_some() && file.contains("os_info") {
        name(chunk, &value, out);
    } else if of("tcpPortStatus") || of("tcpLoadBalancer") || of("connect") || of("tcpConnect") {
        port(chunk, file, &value, out);
    } else if of("httpGet")
        || of("httpPost")
        || of("httpPut")
        || value.get("response").is_some()
        || value.get("error").is_some()
    {
        http(chunk, file, &value, out);
    } else if of("certificate") || file.contains("certificate") {
        certificate(chunk, file, &value, out);
    } else if let Some(services) = value.as_array().filter(|_| file.contains("services")) {
        units(chunk, services, out);
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn disk(chunk: &Chunk<'_>, file: &str, value: &Value, out: &mut Yield) {
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    let (Some(total), Some(used)) = (number("total_bytes"), number("used_bytes")) else { return };
    if total == 0 {
        return;
    }
    let percent = u8::try_from(used.saturating_mul(100) / total).unwrap_or(100).min(100);
    out.disks.push(Disk {
        on: here(chunk),
        mount: file.to_owned(),
        used_percent: percent,
        inodes: false,
        device: String::new(),
        size: Some(total / 1024),
        available: Some(total.saturating_sub(used) / 1024),
        evidence: cite(chunk, 0, &format!("{file}: {used} of {total} bytes used")),
    });
}

fn clock(chunk: &Chunk<'_>, value: &Value, out: &mut Yield) {
    let synchronised = value.get("ntp_synchronized").and_then(Value::as_bool);
    let shown = format!("ntp_synchronized: {}", synchronised.unwrap_or_default());
    out.host.clocks.push(Clock { on: here(chunk), synchronised, offset: None, evidence: cite(chunk, 0, &shown) });
}

fn name(chunk: &Chunk<'_>, value: &Value, out: &mut Yield) {
    let name = text(value, "hostname");
    let root = chunk.path.split_once("host-collectors/").map_or("", |(root, _)| root);
    if !name.is_empty() {
        out.host.names.push(HostName { root: root.to_owned(), name: name.to_owned(), weight: 5 });
    }
}

/// `{"status": "connection-refused", "message": ""}`; the file bears the collector's name.
fn port(chunk: &Chunk<'_>, file: &str, value: &Value, out: &mut Yield) {
    let status = text(value, "status");
    let outcome = match status {
        "connected" => Outcome::Reached,
        "connection-refused" => Outcome::Refused,
        "connection-timeout" => Outcome::TimedOut,
        "" => return,
        _ => Outcome::Failed,
    };
    let shown = format!("{file}: {status} {}", text(value, "message"));
    let evidence = cite(chunk, 0, &shown);
    out.reaches.push(Reach {
        tool: "host collector",
        from: None,
        host: file.to_owned(),
        port: None,
        outcome,
        evidence,
    });
}

fn http(chunk: &Chunk<'_>, file: &str, value: &Value, out: &mut Yield) {
    let status = value.pointer("/response/status").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
    let error = value.pointer("/error/message").and_then(Value::as_str).unwrap_or("");
    let outcome = match status {
        Some(status) if status >= 500 => Outcome::Status(status),
        Some(_) => Outcome::Reached,
        None if error.is_empty() => return,
        None if error.contains("x509") => Outcome::Tls(error.chars().take(200).collect()),
        None if error.contains("no such host") => Outcome::NotResolved,
        None => super::reach::outcome_of(error).unwrap_or(Outcome::Failed),
    };
    let host = error.split("lookup ").nth(1).and_then(|r| r.split([':', ' ']).next()).unwrap_or(file);
    let evidence = cite(chunk, 0, &format!("{file}: {}{error}", status.map(|s| s.to_string()).unwrap_or_default()));
    out.reaches.push(Reach {
        tool: "host collector",
        from: None,
        host: host.to_owned(),
        port: None,
        outcome,
        evidence,
    });
}

/// `"key-pair-valid"`, `"key-pair-invalid"`, `"key-pair-missing"`, or a list of chains with dates.
fn certificate(chunk: &Chunk<'_>, file: &str, value: &Value, out: &mut Yield) {
    for pair in value.as_array().into_iter().flatten() {
        for one in pair.get("certificateChain").and_then(Value::as_array).into_iter().flatten() {
            let is_valid = one.get("isValid").and_then(Value::as_bool);
            let time = |key: &str| text(one, key).parse().ok();
            let of = text(pair.get("source").unwrap_or(&Value::Null), "filePath");
            let of = if of.is_empty() { file } else { of };
            let (subject, until) = (text(one, "subjectCommonName"), text(one, "notAfter"));
            out.host.certificates.push(Certificate {
                on: here(chunk),
                of: of.to_owned(),
                port: None,
                met: false,
                subject: subject.to_owned(),
                issuer: text(one, "issuerCommonName").to_owned(),
                names: Vec::new(),
                not_before: time("notBefore"),
                not_after: time("notAfter"),
                fault: (is_valid == Some(false)).then_some(CertificateFault::Expired),
                evidence: cite(chunk, 0, &format!("{of}: {subject} notAfter {until}")),
            });
        }
    }
}

fn units(chunk: &Chunk<'_>, services: &[Value], out: &mut Yield) {
    for service in services.iter().take(2000) {
        let name = text(service, "Unit");
        if name.is_empty() {
            continue;
        }
        let shown = format!("{name}: {} ({})", text(service, "Active"), text(service, "Sub"));
        out.units.push(Unit {
            host: here(chunk).name,
            name: name.into(),
            active: text(service, "Active").into(),
            sub: text(service, "Sub").into(),
            since: None,
            result: None,
            evidence: cite(chunk, 0, &shown),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::{Outcome, read_one_text};

    #[test]
    fn each_collectors_file_gives_its_fact() {
        let read = |path: &str, text: &str| read_one_text(&format!("bundle/host-collectors/{path}"), None, text);
        let disk = read("diskUsage/root.json", r#"{"total_bytes":1000000,"used_bytes":1000000}"#);
        assert_eq!((disk.disks[0].used_percent, disk.disks[0].available), (100, Some(0)));
        let clock = read("system/time.json", r#"{"timezone":"UTC","ntp_synchronized":false,"ntp_active":true}"#);
        assert_eq!(clock.host.clocks[0].synchronised, Some(false));
        let port = read("tcpPortStatus/api.json", r#"{"status":"connection-refused","message":""}"#);
        assert_eq!(port.reaches[0].outcome, Outcome::Refused);
        let http = read(
            "httpGet/site.json",
            r#"{"error":{"message":"Get \"https://a.example\": dial tcp: lookup a.example: no such host"}}"#,
        );
        assert_eq!((http.reaches[0].host.as_str(), &http.reaches[0].outcome), ("a.example", &Outcome::NotResolved));
        let name = read("system/hostos_info.json", r#"{"hostname":"birch-1","name":"ubuntu"}"#);
        assert_eq!((name.host.names[0].root.as_str(), name.host.names[0].name.as_str()), ("bundle/", "birch-1"));
        let units = read(
            "system/systemctl_services.json",
            r#"[{"Unit":"nginx.service","Load":"loaded","Active":"failed","Sub":"failed"}]"#,
        );
        assert_eq!(units.units[0].active, "failed");
        assert_eq!(read("system/cpu.json", r#"{"logicalCount":4}"#).read_as, "host collector");
        assert_eq!(read("system/time.json", r#"{"timezone":"UTC","ntp_sync"#).problems.len(), 1);
    }
}
