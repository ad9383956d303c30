//! Certificates whose time ends soon, and those that nobody renews.

use std::collections::BTreeSet;

use firstfault_gather::Object;
use firstfault_model::{Entity, Evidence, Value, kind};
use firstfault_observe::x509;
use jiff::{SignedDuration, Timestamp};

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::Scope;

const EXPIRES: Check = Check {
    code: "FF601",
    title: "a certificate that expires soon",
    modes: &["tls.certificate-expired"],
    share: 0.9,
    means: "From that moment on every client refuses the connection, all of them at once.",
    mend: "Renew it now, let something renew it by itself, and alert three weeks before its end.",
    reference: "https://kubernetes.io/docs/tasks/tls/certificate-issue-client-csr/",
};

const RENEWAL_OVERDUE: Check = Check {
    code: "FF602",
    title: "a certificate whose renewal is overdue",
    modes: &["tls.certificate-expired"],
    share: 0.9,
    means: "Its renewal time has passed and it is still the old one: the automatic renewal fails, and the end comes as it would by hand.",
    mend: "Look at the events of the Certificate and its CertificateRequest and Order.",
    reference: "https://cert-manager.io/docs/troubleshooting/",
};

pub(crate) const CHECKS: &[&Check] = &[&EXPIRES, &RENEWAL_OVERDUE];

/// Three weeks to order, sign and roll out is what a calm renewal by hand takes; a month is time to notice.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    let Some(now) = scope.now else { return };
    secrets(scope, now, out);
    shown(scope, now, out);
    managed(scope, now, out);
}

/// The time that is left, if it is little: a month, or for short-lived ones a third of their life.
fn little_left(now: Timestamp, from: Option<Timestamp>, until: Timestamp) -> Option<SignedDuration> {
    let left = until.duration_since(now);
    let soon = from.map_or(SOON, |from| SOON.min(until.duration_since(from) / 3));
    (left < soon).then_some(left)
}

/// A fortnight is twice as pressing as a month, days are more so.
fn urgency(left: SignedDuration) -> f64 {
    match left.as_hours() / 24 {
        ..=2 => 6.0,
        3..=7 => 4.0,
        8..=14 => 2.0,
        _ => 1.0,
    }
}

/// `in 12 days (2026-12-01)`, or since when it is over.
fn when(left: SignedDuration, until: Timestamp) -> String {
    let date = until.strftime("%Y-%m-%d");
    match left.as_hours() {
        ..0 => format!("has expired on {date}"),
        hours @ 0..48 => format!("expires in {hours} hours ({date})"),
        hours => format!("expires in {} days ({date})", hours / 24),
    }
}

fn secrets(scope: &Scope<'_>, now: Timestamp, out: &mut Vec<Remark>) {
    for secret in scope.own("Secret") {
        let Some(certificate) = x509::first(secret.at("decoded").get("tls.crt").text()) else { continue };
        let Some(until) = certificate.not_after else { continue };
        let Some(left) = little_left(now, certificate.not_before, until) else { continue };
        // cert-manager renews at two thirds of the life; only the last days are a sign that it does not.
        let managed = !secret.at("metadata.annotations").get("cert-manager.io/certificate-name").is_null();
        if managed && left > SignedDuration::from_hours(7 * 24) {
            continue;
        }
        let carrier = Carrier::of_secret(scope, secret);
        let what =
            format!("the certificate of {} in Secret {} {}", subject(&certificate), secret.name, when(left, until));
        let evidence = secret.cite(&format!("Secret {}: tls.crt valid until {until}", secret.name));
        out.push(Remark::new(&EXPIRES, carrier.entity, &what, carrier.reach, evidence).due(urgency(left)));
    }
}

fn subject(certificate: &x509::X509) -> &str {
    let named = certificate.names.first().filter(|_| certificate.subject.is_empty());
    named.unwrap_or(&certificate.subject)
}

/// Certificates that a tool showed.
fn shown(scope: &Scope<'_>, now: Timestamp, out: &mut Vec<Remark>) {
    let mut told: BTreeSet<(&str, Timestamp)> = BTreeSet::new();
    for certificate in &scope.world.host.certificates {
        let Some(until) = certificate.not_after else { continue };
        let Some(left) = little_left(now, certificate.not_before, until) else { continue };
        if !told.insert((&certificate.of, until)) {
            continue;
        }
        let service = scope.world.service_of_address(&certificate.of, certificate.on.namespace.as_deref());
        let carrier = service
            .map_or_else(|| Carrier::of_host(scope, &certificate.of), |service| Carrier::of(scope, service.entity()));
        let what = format!("the certificate of {} {}", certificate.of, when(left, until));
        let evidence: Evidence = certificate.evidence.clone();
        out.push(Remark::new(&EXPIRES, carrier.entity, &what, carrier.reach, evidence).due(urgency(left)));
    }
}

/// cert-manager's own objects: what should have been renewed by now.
fn managed(scope: &Scope<'_>, now: Timestamp, out: &mut Vec<Remark>) {
    const GRACE: SignedDuration = SignedDuration::from_hours(24);
    for certificate in scope.own("Certificate") {
        let time = |path: &str| certificate.at(path).text().parse::<Timestamp>().ok();
        let (Some(renewal), Some(until)) = (time("status.renewalTime"), time("status.notAfter")) else { continue };
        if now.duration_since(renewal) < GRACE {
            continue;
        }
        let left = until.duration_since(now);
        let what = format!("renewal was due on {}, and it {}", renewal.strftime("%Y-%m-%d"), when(left, until));
        let evidence =
            certificate.cite(&format!("Certificate {}: renewalTime {renewal}, notAfter {until}", certificate.name));
        out.push(
            Remark::new(&RENEWAL_OVERDUE, certificate.entity(), &what, Reach::ITSELF, evidence).due(urgency(left)),
        );
    }
}

/// Who feels the end of a certificate.
struct Carrier {
    entity: Entity,
    reach: Reach,
}

impl Carrier {
    fn of(scope: &Scope<'_>, service: Entity) -> Self {
        let reaches = scope.dependence.targets(&service).into_iter().map(|t| scope.dependence.reach(&t));
        let reach = reaches.max_by(|a, b| a.value().total_cmp(&b.value())).unwrap_or(Reach::ITSELF);
        Self { entity: service, reach }
    }

    /// The Ingress that serves a host, else the certificate itself.
    fn of_host(scope: &Scope<'_>, host: &str) -> Self {
        let serves = |ingress: &&Object| {
            let rules = ingress.at("spec.rules").list().iter().map(|r| r.get("host").text());
            let tls = ingress.at("spec.tls").list().iter().flat_map(|t| t.get("hosts").list()).map(Value::text);
            rules.chain(tls).any(|named| named == host)
        };
        match scope.world.kind("Ingress").find(serves) {
            Some(ingress) => Self { entity: ingress.entity(), reach: Reach { facing: true, ..Reach::ITSELF } },
            None => Self { entity: Entity::new(kind::CERTIFICATE, host), reach: Reach::ITSELF },
        }
    }

    /// An Ingress or Gateway that shows it, else the Secret.
    fn of_secret(scope: &Scope<'_>, secret: &Object) -> Self {
        let in_ingress =
            |o: &&Object| o.at("spec.tls").list().iter().any(|t| t.get("secretName").text() == &*secret.name);
        let in_gateway = |o: &&Object| {
            let listeners = o.at("spec.listeners").list().iter();
            listeners.flat_map(|l| l.at("tls.certificateRefs").list()).any(|r| r.get("name").text() == &*secret.name)
        };
        let namespace = secret.namespace.as_deref();
        let ingress = scope.world.kind_in("Ingress", namespace).find(in_ingress);
        let shows = ingress.or_else(|| scope.world.kind_in("Gateway", namespace).find(in_gateway));
        match shows {
            Some(shows) => Self { entity: shows.entity(), reach: Reach { facing: true, ..Reach::ITSELF } },
            None => Self { entity: secret.entity(), reach: Reach::ITSELF },
        }
    }
}
