//! `openssl s_client`, `openssl x509`, `kubeadm certs check-expiration`, and the certificates that `curl -v` shows.

use firstfault_model::Entity;
use jiff::Timestamp;

use super::inside::{inside, place};
use super::lines::Clockwork;
use super::{cite, head};
use crate::formats::{Chunk, Format};
use crate::host_facts::{Certificate, CertificateFault};
use crate::lookup::host_and_port;
use crate::{Outcome, Reach, Yield};

pub(crate) const TLS: Format = Format { name: "TLS handshake", recognise: is_handshake, read: read_handshake };
pub(crate) const X509: Format = Format { name: "certificate", recognise: is_x509, read: read_x509 };
pub(crate) const KUBEADM: Format = Format { name: "kubeadm certificates", recognise: is_kubeadm, read: read_kubeadm };

fn is_handshake(chunk: &Chunk<'_>) -> u8 {
    // `openssl s_client … | openssl x509 -dates` prints a certificate.
    if inside(chunk).is_some_and(|i| i.program() == "openssl" && i.has("s_client")) && !into_x509(chunk) {
        return 96;
    }
    let begins = |line: &str| line.starts_with("CONNECTED(") || line.starts_with("Certificate chain");
    if head(chunk).take(12).any(begins) { 90 } else { 0 }
}

/// Whether what the command printed went through `openssl x509`.
fn into_x509(chunk: &Chunk<'_>) -> bool {
    chunk
        .command
        .is_some_and(|c| c.line.contains("openssl x509") || c.piped.as_deref().is_some_and(|p| p.contains("x509")))
}

fn is_x509(chunk: &Chunk<'_>) -> u8 {
    if inside(chunk)
        .is_some_and(|i| i.program() == "openssl" && (i.has("x509") || i.has("verify") || i.has("s_client")))
        || into_x509(chunk)
    {
        return 95;
    }
    let dates = |line: &str| line.starts_with("notAfter=") || line.starts_with("notBefore=");
    let text = || chunk.text.trim_start().starts_with("Certificate:\n    Data:");
    if head(chunk).take(6).any(dates) || text() { 88 } else { 0 }
}

/// A certificate of which nothing is known yet.
fn blank(chunk: &Chunk<'_>, on: &Entity, of: &str, index: usize, line: &str) -> Certificate {
    Certificate {
        on: on.clone(),
        of: of.to_owned(),
        port: None,
        met: false,
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        not_before: None,
        not_after: None,
        fault: None,
        evidence: cite(chunk, index, line),
    }
}

/// What openssl calls a fault, by number or by words.
pub(super) fn fault(text: &str) -> Option<CertificateFault> {
    let text = text.to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    if has("not yet valid") && !has("has expired or") {
        return Some(CertificateFault::NotYetValid);
    }
    if has("certificate has expired") || has("cert has expired") || has("certificate expired") {
        return Some(CertificateFault::Expired);
    }
    let name = has("hostname mismatch") || has("ip address mismatch") || has("no alternative certificate subject name");
    if name || has("certificate subject name") && has("does not match") || has("doesn't match") {
        return Some(CertificateFault::WrongName);
    }
    let unknown = [
        "self-signed certificate",
        "self signed certificate",
        "unable to get local issuer",
        "unable to get issuer",
        "unable to verify the first",
        "unknown ca",
        "signed by unknown authority",
    ];
    unknown.iter().any(|u| has(u)).then_some(CertificateFault::UnknownIssuer)
}

/// `-connect api.shop:443 -servername api.example`: the name that the client means, and the port.
fn connected(chunk: &Chunk<'_>) -> Option<(String, Option<u16>)> {
    let line = &chunk.command?.line;
    let words: Vec<&str> = line.split_whitespace().map(|w| w.trim_matches(['\'', '"', ')'])).collect();
    let after = |option: &str| words.iter().position(|w| *w == option).and_then(|at| words.get(at + 1)).copied();
    let address = after("-connect").or_else(|| {
        words
            .iter()
            .position(|w| *w == "s_client")
            .and_then(|at| words.get(at + 1))
            .copied()
            .filter(|w| w.contains(':'))
    })?;
    let (host, port) = host_and_port(address)?;
    Some((after("-servername").unwrap_or(host).to_owned(), port))
}

fn read_handshake(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let clockwork = Clockwork::new(&chunk.context.assume, chunk.context.modified);
    let (of, port) = connected(chunk).unwrap_or_default();
    let mut found: Option<Certificate> = None;
    let mut failed: Option<(Outcome, usize, &str)> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        let own = |found: &mut Option<Certificate>| {
            found.get_or_insert_with(|| Certificate { port, met: true, ..blank(chunk, &on, &of, index, text) });
        };
        if let Some(rest) = text
            .strip_prefix("verify error:")
            .or_else(|| text.strip_prefix("Verify return code: "))
            .or_else(|| text.strip_prefix("Verification error: "))
        {
            own(&mut found);
            let Some(certificate) = &mut found else { continue };
            if let Some(fault) = self::fault(rest)
                && certificate.fault.is_none()
            {
                certificate.fault = Some(fault);
                certificate.evidence = cite(chunk, index, &format!("{of}: {text}"));
            }
        } else if let Some(rest) = text.strip_prefix("0 s:").or_else(|| text.strip_prefix("subject=")) {
            own(&mut found);
            set_subject(&mut found, rest);
        } else if let Some(rest) = text.strip_prefix("issuer=").or_else(|| text.strip_prefix("i:")) {
            if let Some(certificate) = found.as_mut().filter(|c| c.issuer.is_empty()) {
                certificate.issuer = common_name(rest);
            }
        } else if let Some(rest) = text.strip_prefix("v:NotBefore: ") {
            // `v:NotBefore: Jan  1 00:00:00 2025 GMT; NotAfter: …`, of each of the chain; the first is the server's.
            if let Some(certificate) = found.as_mut().filter(|c| c.not_after.is_none()) {
                let (from, to) = rest.split_once("; NotAfter: ").unwrap_or((rest, ""));
                (certificate.not_before, certificate.not_after) = (clockwork.ctime(from), clockwork.ctime(to));
            }
        } else if let Some(rest) = text.strip_prefix("notAfter=") {
            own(&mut found);
            if let Some(certificate) = found.as_mut().filter(|c| c.not_after.is_none()) {
                certificate.not_after = clockwork.ctime(rest);
            }
        } else if failed.is_none()
            && (text.contains("connect:errno")
                || text.contains("Connection refused")
                || text.contains("connect error")
                || text.contains("Name or service not known"))
        {
            let outcome = super::reach::outcome_of(text).unwrap_or_else(|| of_errno(text));
            failed = Some((outcome, index, text));
        }
    }
    if let Some(certificate) = found.filter(|c| !c.of.is_empty()) {
        if let Some(fault) = certificate.fault {
            let outcome = Outcome::Tls(words(fault).to_owned());
            push(&certificate, outcome, out);
        } else {
            push(&certificate, Outcome::Reached, out);
        }
        out.host.certificates.push(certificate);
    } else if let Some((outcome, index, text)) = failed.filter(|_| !of.is_empty()) {
        let evidence = cite(chunk, index, &format!("{of}: {text}"));
        let from = (!on.name.is_empty()).then(|| on.name.to_string());
        out.reaches.push(Reach { tool: "openssl", from, host: of, port, outcome, evidence });
    }
}

/// `connect:errno=111` of Linux.
fn of_errno(text: &str) -> Outcome {
    match text.rsplit('=').next().unwrap_or("") {
        "111" => Outcome::Refused,
        "110" => Outcome::TimedOut,
        _ => Outcome::Failed,
    }
}

fn words(fault: CertificateFault) -> &'static str {
    match fault {
        CertificateFault::Expired => "certificate has expired",
        CertificateFault::NotYetValid => "certificate is not yet valid",
        CertificateFault::WrongName => "certificate is for another name",
        CertificateFault::UnknownIssuer => "certificate's issuer is unknown",
    }
}

fn push(certificate: &Certificate, outcome: Outcome, out: &mut Yield) {
    let from = (!certificate.on.name.is_empty()).then(|| certificate.on.name.to_string());
    let (host, evidence) = (certificate.of.clone(), certificate.evidence.clone());
    out.reaches.push(Reach { tool: "openssl", from, host, port: certificate.port, outcome, evidence });
}

fn set_subject(found: &mut Option<Certificate>, rest: &str) {
    if let Some(certificate) = found.as_mut().filter(|c| c.subject.is_empty()) {
        certificate.subject = common_name(rest);
    }
}

/// The common name of `C = DE, O = Shop, CN = api.example`, `/C=DE/CN=api.example` or `CN=api.example,O=…`;
/// the organisation where there is none.
fn common_name(subject: &str) -> String {
    let part = |key: &str| {
        let mut parts = subject.split(['/', ',']).map(str::trim);
        parts.find_map(|p| p.strip_prefix(key)?.trim_start().strip_prefix('=').map(|v| v.trim().to_owned()))
    };
    part("CN").or_else(|| part("O")).unwrap_or_else(|| subject.trim().chars().take(100).collect())
}

fn read_x509(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let clockwork = Clockwork::new(&chunk.context.assume, chunk.context.modified);
    let met = connected(chunk);
    let file = || {
        let line = &chunk.command?.line;
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = words.iter().position(|w| *w == "-in").and_then(|at| words.get(at + 1)).copied();
        named
            .or_else(|| words.iter().rev().find(|w| w.ends_with(".crt") || w.ends_with(".pem")).copied())
            .map(str::to_owned)
    };
    let of = met.as_ref().map(|m| m.0.clone()).or_else(file).unwrap_or_default();
    let mut open = blank(chunk, &on, &of, 0, chunk.text.lines().next().unwrap_or(""));
    (open.port, open.met) = (met.as_ref().and_then(|m| m.1), met.is_some());
    let mut names_follow = false;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim();
        let value = |keys: [&str; 2]| keys.iter().find_map(|k| text.strip_prefix(k)).map(str::trim);
        if let Some(from) = value(["notBefore=", "Not Before:"]) {
            open.not_before = clockwork.ctime(from);
        } else if let Some(to) = value(["notAfter=", "Not After :"]) {
            open.not_after = clockwork.ctime(to);
            open.evidence = cite(chunk, index, &format!("{of}: {text}"));
        } else if let Some(subject) = value(["subject=", "Subject:"]) {
            open.subject = common_name(subject);
        } else if let Some(issuer) = value(["issuer=", "Issuer:"]) {
            open.issuer = common_name(issuer);
        } else if text.starts_with("X509v3 Subject Alternative Name") {
            names_follow = true;
        } else if std::mem::take(&mut names_follow) {
            let name = |n: &str| {
                n.trim().strip_prefix("DNS:").or_else(|| n.trim().strip_prefix("IP Address:")).map(str::to_owned)
            };
            open.names = text.split(',').filter_map(name).take(100).collect();
        } else if text == "Certificate will expire"
            || text.starts_with("error ")
            || text.contains("verification failed")
        {
            // `-checkend 0`, `openssl verify`
            let expires_now = text == "Certificate will expire"
                && chunk.command.is_some_and(|c| c.line.contains("-checkend 0") && !c.line.contains("-checkend 0."));
            let fault = if expires_now { Some(CertificateFault::Expired) } else { self::fault(text) };
            if open.fault.is_none() && fault.is_some() {
                (open.fault, open.evidence) = (fault, cite(chunk, index, &format!("{of}: {text}")));
            }
        }
    }
    if open.of.is_empty() {
        open.of = open.subject.clone();
    }
    let says = open.not_after.is_some() || open.fault.is_some() || !open.names.is_empty();
    if says && !open.of.is_empty() {
        out.host.certificates.push(open);
    }
}

fn is_kubeadm(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).any(|line| {
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        words.starts_with(&["CERTIFICATE", "EXPIRES"])
    });
    if titled { 94 } else { 0 }
}

/// `admin.conf   Jan 02, 2026 10:00 UTC   <invalid>   ca   no`.
fn read_kubeadm(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let clockwork = Clockwork::new(&chunk.context.assume, chunk.context.modified);
    for (index, line) in chunk.text.lines().enumerate().take(500) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, month, day, year, clock, zone, residual, ..] = words[..] else { continue };
        let stamp = format!("{month} {} {clock} {zone} {year}", day.trim_end_matches(','));
        let Some(until) = clockwork.ctime(&stamp) else { continue };
        let fault = (residual == "<invalid>").then_some(CertificateFault::Expired);
        out.host.certificates.push(Certificate {
            not_after: Some(until),
            fault,
            ..blank(chunk, &on, name, index, line)
        });
    }
}

/// What `curl -v` shows of the server's certificate.
pub(super) fn of_curl(chunk: &Chunk<'_>, on: &Entity, target: Option<&(String, Option<u16>)>, out: &mut Yield) {
    let Some((of, port)) = target else { return };
    let clockwork = Clockwork::new(&chunk.context.assume, chunk.context.modified);
    let mut found: Option<Certificate> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        let text = line.trim().trim_start_matches("* ").trim_start_matches('*').trim();
        let date = |key: &str| text.strip_prefix(key).and_then(|rest| clockwork.ctime(rest));
        let own = |found: &mut Option<Certificate>| {
            found.get_or_insert_with(|| Certificate { port: *port, met: true, ..blank(chunk, on, of, index, text) });
        };
        let begins: Option<(Option<Timestamp>, bool)> =
            date("start date: ").map(|t| (Some(t), false)).or_else(|| date("expire date: ").map(|t| (Some(t), true)));
        if let Some((time, is_end)) = begins {
            own(&mut found);
            if let Some(certificate) = &mut found {
                if is_end {
                    certificate.not_after = time;
                    certificate.evidence = cite(chunk, index, &format!("{of}: {text}"));
                } else {
                    certificate.not_before = time;
                }
            }
        } else if let Some(rest) = text.strip_prefix("subject: ") {
            own(&mut found);
            set_subject(&mut found, &rest.replace(';', ","));
        } else if let Some(rest) = text.strip_prefix("issuer: ") {
            if let Some(certificate) = &mut found {
                certificate.issuer = common_name(&rest.replace(';', ","));
            }
        } else if (text.starts_with("SSL certificate problem")
            || text.starts_with("SSL:")
            || text.starts_with("curl: (60)"))
            && let Some(fault) = self::fault(text)
        {
            own(&mut found);
            if let Some(certificate) = found.as_mut().filter(|c| c.fault.is_none()) {
                (certificate.fault, certificate.evidence) = (Some(fault), cite(chunk, index, &format!("{of}: {text}")));
            }
        }
    }
    out.host.certificates.extend(found);
}

#[cfg(test)]
#[path = "certificates_tests.rs"]
mod tests;
