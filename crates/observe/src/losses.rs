//! What collectors of logs say that they did not deliver: coverage, and no sign of a fault.

use std::collections::BTreeMap;

use firstfault_gather::{Log, World};
use firstfault_logs::Hit;
use firstfault_model::{Entity, Fate, Loss, Name, Place, kind};
use jiff::Timestamp;

/// Findings that say it.
const SAYING: &[(&str, Fate)] = &[
    ("log.collector-dropped", Fate::Lost),
    ("log.collector-buffer-full", Fate::Refused),
    ("log.collector-retrying", Fate::Delayed),
];

/// What a collector's own message says of the records that it did not deliver.
pub(crate) fn fate(hit: &Hit) -> Option<Fate> {
    SAYING.iter().find(|(id, _)| *id == hit.finding.id).map(|(_, fate)| *fate)
}

/// What was not delivered, by collector and node.
#[must_use]
pub fn losses(world: &World) -> Vec<Loss> {
    let mut losses: BTreeMap<(Entity, Option<Name>, &str, Fate), Loss> = BTreeMap::new();
    for log in &world.logs {
        for (hit, fate) in log.digest.hits.iter().filter_map(|hit| Some((hit, fate(hit)?))) {
            let next = loss(world, log, hit, fate);
            let collector = hit.signature.split('.').next().unwrap_or("");
            let key = (next.entity.clone(), next.node.clone(), collector, fate);
            match losses.get_mut(&key) {
                None => {
                    losses.insert(key, next);
                }
                Some(known) => {
                    known.messages += next.messages;
                    known.records = [known.records, next.records].into_iter().flatten().reduce(u64::saturating_add);
                    known.seen = match (known.seen, next.seen) {
                        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                        (a, b) => a.or(b),
                    };
                }
            }
        }
    }
    losses.into_values().collect()
}

fn loss(world: &World, log: &Log, hit: &Hit, fate: Fate) -> Loss {
    let counted = hit.fields.get("count").filter(|_| fate == Fate::Lost).and_then(|count| count.parse::<u64>().ok());
    Loss {
        collector: hit.signature.split('.').next().unwrap_or("").into(),
        entity: world.carrier_of(&log.entity),
        node: node(world, &log.entity),
        fate,
        seen: hit.seen,
        // Messages that say the same number are counted as one hit.
        records: counted.map(|each| each.saturating_mul(hit.count)),
        messages: hit.count,
        place: Place::line(&log.path, hit.first.line),
    }
}

/// Where a log was written.
fn node(world: &World, entity: &Entity) -> Option<Name> {
    if entity.kind == kind::HOST || entity.kind == "Node" {
        return Some(entity.name.clone());
    }
    world.object_of(entity)?.at("spec.nodeName").as_name().filter(|name| !name.is_empty()).cloned()
}

/// Whether what a log does not hold of a time proves nothing, since records may not have been delivered.
pub(crate) fn hide(losses: &[Loss], world: &World, log: &Log, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    let overlaps =
        |seen: (Timestamp, Timestamp)| from.is_none_or(|first| first <= seen.1) && to.is_none_or(|last| seen.0 <= last);
    let own = world.carrier_of(&log.entity);
    let on = node(world, &log.entity);
    let same_node = |loss: &Loss| loss.node.is_none() || on.is_none() || loss.node == on;
    losses.iter().any(|loss| {
        // What the collector says of itself did arrive.
        loss.fate != Fate::Delayed && loss.entity != own && same_node(loss) && loss.seen.is_none_or(overlaps)
    })
}

#[cfg(test)]
mod tests {
    use firstfault_logs::{DigestBuilder, Signatures};
    use firstfault_model::{Assume, Background, Declaration, SignatureSpec, Trust};

    use super::*;
    use crate::sample::{Sample, entity};

    const DROPPED: Declaration = Declaration {
        id: "log.collector-dropped",
        says: "lost records",
        background: Background::Rarely,
        trust: Trust::Infrastructure,
    };

    fn log(at: &str, text: &str) -> Log {
        let spec = SignatureSpec {
            name: "shipper.dropped".into(),
            finding: DROPPED,
            literals: vec!["events dropped".into()],
            pattern: Some("events dropped count=(?P<count>\\d+)".into()),
        };
        let signatures = Signatures::compile(&[spec]);
        let mut builder = DigestBuilder::new(&signatures, &Assume::default(), None, 1);
        text.lines().for_each(|line| builder.line(line));
        Log { entity: entity(at), container: None, previous: false, path: at.into(), digest: builder.finish() }
    }

    /// A collector on `n1` that lost records, and a program on `n1` and `n2`.
    fn world(application: &str) -> World {
        let mut world = Sample::default()
            .api("Pod/logging/shipper-x2k4q", r#"{"spec":{"nodeName":"n1"}}"#)
            .api("Pod/shop/api-1", r#"{"spec":{"nodeName":"n1"}}"#)
            .api("Pod/shop/api-2", r#"{"spec":{"nodeName":"n2"}}"#)
            .0;
        world.logs = vec![
            log(
                "Pod/logging/shipper-x2k4q",
                "2026-11-24T10:02:00Z WARN events dropped count=100\n2026-11-24T10:03:00Z WARN events dropped count=100\n2026-11-24T10:05:00Z WARN events dropped count=12\n2026-11-24T10:06:00Z INFO events delivered count=9\n",
            ),
            log("Pod/shop/api-1", application),
            log("Pod/shop/api-2", application),
        ];
        world
    }

    const MEANWHILE: &str = "2026-11-24T10:00:00Z INFO up\n2026-11-24T10:10:00Z INFO up\n";

    #[test]
    fn what_a_collector_lost_is_added_up_by_node() {
        let losses = losses(&world(MEANWHILE));
        assert_eq!(losses.len(), 1);
        let loss = &losses[0];
        assert_eq!((&*loss.collector, loss.node.as_deref(), loss.fate), ("shipper", Some("n1"), Fate::Lost));
        assert_eq!((loss.records, loss.messages, loss.place.lines.0), (Some(212), 3, 1));
        let seen = loss.seen.map(|s| (s.0.to_string(), s.1.to_string()));
        assert_eq!(seen, Some(("2026-11-24T10:02:00Z".to_owned(), "2026-11-24T10:05:00Z".to_owned())));
    }

    #[test]
    fn absence_proves_nothing_where_and_while_records_were_lost() {
        let hidden = |application: &str| {
            let world = world(application);
            let losses = losses(&world);
            world
                .logs
                .iter()
                .map(|log| hide(&losses, &world, log, log.digest.first, log.digest.last))
                .collect::<Vec<_>>()
        };
        assert_eq!(hidden(MEANWHILE), [false, true, false], "its own log, one on its node, one elsewhere");
        let later = "2026-11-24T11:00:00Z INFO up\n2026-11-24T11:10:00Z INFO up\n";
        assert_eq!(hidden(later), [false, false, false]);
        let looked = crate::looked(&world(MEANWHILE));
        let seen = |at: &str| looked.contains(&(entity(at), Trust::Application));
        assert_eq!((seen("Pod/shop/api-1"), seen("Pod/shop/api-2")), (false, true));
    }

    #[test]
    fn a_loss_is_no_strong_fact_of_its_own() {
        let mut findings = Vec::new();
        crate::application::detect(&world(MEANWHILE), &mut findings);
        let said: Vec<_> = findings.iter().filter(|f| f.id == DROPPED.id).map(|f| f.grade).collect();
        assert_eq!(said, [firstfault_model::Grade::Fair]);
        assert!(!findings.iter().any(|f| f.id == "application.ends-in-failure"));
    }
}
