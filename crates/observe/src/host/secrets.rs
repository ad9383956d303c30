//! Certificates in Secrets: past their time, or for other names than the Ingress that shows them.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade, Relation, Value};
use jiff::Timestamp;

use super::x509::{self, X509};
use super::{CERTIFICATE_EARLY, CERTIFICATE_EXPIRED, WRONG_NAME};
use crate::merge::Merged;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for secret in world.kind("Secret").filter(|s| s.is_live()) {
        let Some(certificate) = x509::first(secret.at("decoded").get("tls.crt").text()) else { continue };
        let shown_by = shown_by(world, secret);
        for carrier in carriers(world, secret, &shown_by) {
            if let Some(finding) = dates(world, secret, &certificate, carrier) {
                merged.add(finding);
            }
        }
        for (ingress, host) in &shown_by {
            if let Some(finding) = name(secret, &certificate, ingress, host) {
                merged.add(finding);
            }
        }
    }
}

/// The Ingresses that show a Secret's certificate, each with a host for which it does.
fn shown_by<'w>(world: &'w World, secret: &'w Object) -> Vec<(&'w Object, &'w str)> {
    let of_ingress = |ingress: &'w Object| {
        let entries =
            ingress.at("spec.tls").list().iter().filter(|t| t.get("secretName").text() == secret.name.as_str());
        let hosts = entries.flat_map(|t| t.get("hosts").list().iter().map(Value::text));
        hosts.map(move |host| (ingress, host)).collect::<Vec<_>>()
    };
    world.kind_in("Ingress", secret.namespace.as_deref()).filter(|i| i.is_live()).flat_map(of_ingress).collect()
}

/// Who carries a certificate's fault: the Ingresses that show it, else the Secret if a workload reads it.
fn carriers(world: &World, secret: &Object, shown_by: &[(&Object, &str)]) -> Vec<Entity> {
    let mut carriers: Vec<Entity> = shown_by.iter().map(|(ingress, _)| ingress.entity()).collect();
    carriers.dedup();
    let entity = secret.entity();
    let is_read = || {
        world.relations.iter().any(|(_, relation, object, _)| *relation == Relation::ReadsConfig && *object == entity)
    };
    if carriers.is_empty() && is_read() {
        carriers.push(entity);
    }
    carriers
}

fn dates(world: &World, secret: &Object, certificate: &X509, carrier: Entity) -> Option<Finding> {
    let now = world.now?;
    let (declaration, date, since): (_, Timestamp, _) = match (certificate.not_before, certificate.not_after) {
        (_, Some(until)) if until < now => (&CERTIFICATE_EXPIRED, until, Some(until)),
        (Some(from), _) if from > now => (&CERTIFICATE_EARLY, from, None),
        _ => return None,
    };
    let what = format!("Secret {}: certificate {} of {}", secret.name, date, certificate.subject);
    let finding = Finding::new(declaration, carrier, secret.cite(&what))
        .graded(Grade::Certain)
        .seen(since, Some(now))
        .with("certificate", secret.name.as_str())
        .with("subject", certificate.subject.as_str())
        .with("issuer", certificate.issuer.as_str())
        .with("date", date.to_string());
    Some(finding.about(secret.entity()))
}

/// A host of the Ingress that is none of the certificate's names.
fn name(secret: &Object, certificate: &X509, ingress: &Object, host: &str) -> Option<Finding> {
    if host.is_empty() || certificate.names.is_empty() || certificate.names.iter().any(|name| covers(name, host)) {
        return None;
    }
    let names = certificate.names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let what = format!("Secret {}: certificate for {names}", secret.name);
    let finding = Finding::new(&WRONG_NAME, ingress.entity(), ingress.cite_at("spec.tls")).graded(Grade::Certain);
    let finding = finding.with("certificate", host).with("subject", names).about(secret.entity());
    Some(finding.citing([secret.cite(&what)]))
}

/// Whether a name of a certificate, perhaps with a star for one label, is good for a host.
fn covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    let starred =
        || host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && name.strip_prefix("*.") == Some(rest));
    name == host || starred()
}
