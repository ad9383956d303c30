//! What an ingress controller says itself of two Ingresses that claim one host and path: in its log, in its
//! admission webhook's refusal, in an event.

use firstfault_gather::World;
use firstfault_model::{Entity, Evidence, Finding, Grade};

use super::ingress::HOST_CONFLICT;
use crate::application::cite;

/// The finding that the log signatures of such messages stand for.
const IN_LOG: &str = "log.ingress-conflict";

/// `host "a.example" and path "/" is already defined in ingress shop/web`.
struct Clash {
    host: String,
    path: String,
    holder: Entity,
}

pub(super) fn conflicts(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for error in &world.errors {
        findings.extend(clash(&error.message).map(|clash| told(&clash, None, error.evidence.clone())));
    }
    for event in world.events.iter().filter(|e| e.about.kind == "Ingress") {
        if let Some(clash) = clash(&event.message) {
            findings.push(told(&clash, Some(&event.about), event.cite()).seen(event.first, event.last));
        } else if event.reason == "Rejected" && event.message.contains("taken by other resources") {
            let finding = Finding::new(&HOST_CONFLICT, event.about.clone(), event.cite()).graded(Grade::Strong);
            findings.push(finding.seen(event.first, event.last).with("host", "a host").with("path", ""));
        }
    }
    for log in &world.logs {
        for hit in log.digest.hits.iter().filter(|hit| hit.finding.id == IN_LOG) {
            let text = hit.latest.text.as_str().replace("\\\"", "\"");
            let evidence = cite(log, &hit.latest);
            let seen = (hit.seen.map(|s| s.0), hit.seen.map(|s| s.1));
            let finding = match (clash(&text), already_configured(&text)) {
                (Some(clash), _) => told(&clash, refused(&text).as_ref(), evidence),
                (None, Some((loser, host, path))) => {
                    Finding::new(&HOST_CONFLICT, loser, evidence).with("host", host).with("path", path)
                }
                _ => continue,
            };
            findings.push(finding.seen(seen.0, seen.1));
        }
    }
    findings.sort_by(|a, b| {
        (&a.entity, a.field("host"), a.field("path")).cmp(&(&b.entity, b.field("host"), b.field("path")))
    });
    findings.dedup_by(|a, b| {
        a.entity == b.entity && a.field("host") == b.field("host") && a.field("path") == b.field("path")
    });
    findings
}

fn told(clash: &Clash, refused: Option<&Entity>, evidence: Evidence) -> Finding {
    // Who was refused is named by the controller's log; a command names only who has the host.
    let (entity, other) = match refused {
        Some(refused) if *refused != clash.holder => (refused.clone(), Some(clash.holder.clone())),
        _ => (clash.holder.clone(), None),
    };
    let finding = Finding::new(&HOST_CONFLICT, entity, evidence)
        .graded(Grade::Certain)
        .with("host", clash.host.as_str())
        .with("path", clash.path.as_str());
    other.into_iter().fold(finding, Finding::about)
}

/// ingress-nginx, `checkOverlap`.
fn clash(text: &str) -> Option<Clash> {
    let (before, after) = text.split_once(" is already defined in ingress ")?;
    let host = before.rsplit_once("host \"")?.1.split('"').next()?;
    let path = before.rsplit_once("path \"")?.1.trim_end_matches('"');
    Some(Clash { host: host.to_owned(), path: path.to_owned(), holder: ingress(after)? })
}

/// `Location "/" already configured for server "a.example" with upstream "…" (Ingress "shop/web")`.
fn already_configured(text: &str) -> Option<(Entity, String, String)> {
    let path = between(text, "Location \"", "\" already configured for server")?;
    let host = between(text, "for server \"", "\"")?;
    Some((ingress(between(text, "(Ingress \"", "\"")?)?, host.to_owned(), path.to_owned()))
}

/// `ingress="shop/web"` of a structured log line.
fn refused(text: &str) -> Option<Entity> {
    ingress(between(text, "ingress=\"", "\"")?)
}

fn ingress(text: &str) -> Option<Entity> {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let (namespace, rest) = text.split_once('/')?;
    let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
    let known = !namespace.is_empty() && namespace.chars().all(name) && end > 0;
    known.then(|| Entity::namespaced("Ingress", namespace, rest[..end].trim_end_matches('.')))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_clash_are_read() {
        let text = r#"host "a.example" and path "/(.*)" is already defined in ingress shop/web" ingress="shop/new""#;
        let clash = clash(text).expect("a clash");
        assert_eq!((clash.host.as_str(), clash.path.as_str()), ("a.example", "/(.*)"));
        assert_eq!(clash.holder, Entity::namespaced("Ingress", "shop", "web"));
        assert_eq!(refused(text), Some(Entity::namespaced("Ingress", "shop", "new")));
    }

    #[test]
    fn what_only_sounds_alike_is_none() {
        assert!(clash("the path is already defined in ingress").is_none());
        assert!(already_configured("Location already configured").is_none());
    }
}
