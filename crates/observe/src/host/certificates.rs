//! Certificates that clients cannot accept.

use firstfault_gather::{Certificate, CertificateFault, World};
use firstfault_model::{Entity, Finding, Grade, kind};

use super::{CERTIFICATE_EARLY, CERTIFICATE_EXPIRED, UNKNOWN_ISSUER, WRONG_NAME};
use crate::merge::Merged;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for certificate in &world.host.certificates {
        let Some((fault, grade)) = fault(world, certificate) else { continue };
        let declaration = match fault {
            CertificateFault::Expired => &CERTIFICATE_EXPIRED,
            CertificateFault::NotYetValid => &CERTIFICATE_EARLY,
            CertificateFault::WrongName => &WRONG_NAME,
            CertificateFault::UnknownIssuer => &UNKNOWN_ISSUER,
        };
        let mut finding = Finding::new(declaration, carrier(world, certificate), certificate.evidence.clone())
            .graded(grade)
            .with("certificate", certificate.of.as_str());
        for (field, value) in [("subject", &certificate.subject), ("issuer", &certificate.issuer)] {
            if !value.is_empty() {
                finding = finding.with(field, value.as_str());
            }
        }
        let (since, date) = match fault {
            CertificateFault::Expired => (certificate.not_after, certificate.not_after),
            CertificateFault::NotYetValid => (None, certificate.not_before),
            _ => (None, None),
        };
        if let Some(date) = date {
            finding = finding.with("date", date.to_string());
        }
        if certificate.on.kind == "Node" {
            finding = finding.about(certificate.on.clone());
        }
        merged.add(finding.seen(since, world.now));
    }
}

/// What is wrong with it: what the tool said, or its dates against the end of the evidence.
fn fault(world: &World, certificate: &Certificate) -> Option<(CertificateFault, Grade)> {
    if let Some(now) = world.now {
        if certificate.not_after.is_some_and(|until| until < now) {
            return Some((CertificateFault::Expired, Grade::Certain));
        }
        if certificate.not_before.is_some_and(|from| from > now) {
            let agrees = certificate.fault == Some(CertificateFault::NotYetValid);
            return Some((CertificateFault::NotYetValid, if agrees { Grade::Certain } else { Grade::Strong }));
        }
    }
    let said = certificate.fault?;
    let grade = match said {
        CertificateFault::UnknownIssuer if clients_complain(world) => Grade::Certain,
        // Who looks without the authority of the cluster or the house knows no issuer inside it.
        CertificateFault::UnknownIssuer if is_inside(&certificate.of) => Grade::Weak,
        CertificateFault::WrongName if is_address(&certificate.of) => Grade::Weak,
        _ => Grade::Strong,
    };
    Some((said, grade))
}

/// Whether a client's own log says that it knows an issuer not.
fn clients_complain(world: &World) -> bool {
    world.logs.iter().flat_map(|log| &log.digest.hits).any(|hit| hit.finding.id == "log.tls-untrusted")
}

fn is_address(name: &str) -> bool {
    name.parse::<std::net::IpAddr>().is_ok() || name == "localhost"
}

/// Names that no public authority signs.
fn is_inside(name: &str) -> bool {
    let endings = [".svc", ".local", ".internal", ".lan", ".cluster.local", ".corp", ".home"];
    is_address(name) || !name.contains('.') || endings.iter().any(|e| name.ends_with(e)) || name.contains(".svc.")
}

/// The Service or Ingress that shows it, else the certificate itself.
fn carrier(world: &World, certificate: &Certificate) -> Entity {
    let own = Entity::new(kind::CERTIFICATE, &certificate.of);
    if !certificate.met {
        return own;
    }
    let service = world.service_of_address(&certificate.of, certificate.on.namespace.as_deref());
    service.map(firstfault_gather::Object::entity).or_else(|| ingress(world, &certificate.of)).unwrap_or(own)
}

/// The Ingress that serves a host.
fn ingress(world: &World, host: &str) -> Option<Entity> {
    let serves = |named: &str| {
        named == host
            || named.strip_prefix("*.").is_some_and(|rest| host.split_once('.').is_some_and(|(_, h)| h == rest))
    };
    let of = |object: &&firstfault_gather::Object| {
        let rules = object.at("spec.rules").list().iter().map(|r| r.get("host").text());
        let tls =
            object.at("spec.tls").list().iter().flat_map(|t| t.get("hosts").list()).map(firstfault_model::Value::text);
        object.is_live() && rules.chain(tls).any(serves)
    };
    world.kind("Ingress").find(of).map(firstfault_gather::Object::entity)
}
