//! Names that a workload asks for in vain, held against the Services that there are.

use firstfault_gather::World;
use firstfault_model::{Finding, Health};

use super::NO_SUCH_SERVICE;
use crate::application;
use crate::merge::Merged;
use crate::routing::targets::{Target, Targets};

/// A log says that a name does not resolve, and no Service bears it.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    let unresolved = |log: &&firstfault_gather::Log| log.digest.hits.iter().any(|h| h.finding.id == UNRESOLVED);
    if !world.logs.iter().any(|log| unresolved(&log)) {
        return;
    }
    let targets = Targets::of(world);
    let health = crate::health(world);
    for log in world.logs.iter().filter(unresolved) {
        let carrier = world.carrier_of(&log.entity);
        let namespace = carrier.namespace.as_deref().unwrap_or("");
        let well = health.get(&carrier) == Some(&Health::Well);
        for hit in log.digest.hits.iter().filter(|hit| hit.finding.id == UNRESOLVED) {
            let Some(host) = hit.fields.get("host") else { continue };
            let Target::Missing(service) = targets.resolve(host, namespace) else { continue };
            merged.add(
                Finding::new(&NO_SUCH_SERVICE, carrier.clone(), application::cite(log, &hit.latest))
                    .in_state(application::state(world, log, hit.seen.map(|s| s.1), well))
                    .seen(hit.seen.map(|s| s.0), hit.seen.map(|s| s.1))
                    .with("host", host.as_str())
                    .about(service),
            );
        }
    }
}

const UNRESOLVED: &str = "log.name-not-resolved";
