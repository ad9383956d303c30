//! Access logs: paths whose requests are answered with server errors.

use firstfault_gather::World;
use firstfault_logs::Endpoint;
use firstfault_model::{Evidence, Finding, Grade, Health, Place};

use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// A share of the requests for one path fails in the server.
    ENDPOINT_FAILING = "application.endpoint-failing", "answers requests for one of its paths with server errors", Never, Application;
}

/// Fewer failures may be chance.
const FEWEST: u64 = 3;
/// The share of a path's requests from which on it is broken rather than shaky.
const BROKEN: f64 = 0.3;
/// The share from which on nobody would call it chance.
const CERTAINLY: f64 = 0.8;

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let health = crate::health(world);
    for log in &world.logs {
        let failing = log.digest.endpoints.iter().filter(|e| e.failed >= FEWEST && share(e) >= BROKEN);
        let Some(worst) = failing.max_by_key(|e| (e.failed, std::cmp::Reverse(&e.path))) else { continue };
        let Some(example) = &worst.example else { continue };
        let carrier = world.carrier_of(&log.entity);
        let well = health.get(&carrier) == Some(&Health::Well);
        let place = Evidence { place: Place::line(&log.path, example.line), excerpt: example.text.clone() };
        merged.add(
            Finding::new(&ENDPOINT_FAILING, carrier, place)
                .graded(if worst.failed >= 2 * FEWEST && share(worst) >= CERTAINLY {
                    Grade::Strong
                } else {
                    Grade::Fair
                })
                .in_state(crate::application::state(world, log, worst.seen.map(|s| s.1), well))
                .seen(worst.seen.map(|s| s.0), worst.seen.map(|s| s.1))
                .with("path", format!("{} {}", worst.method, worst.path))
                .with("answers", answers(worst)),
        );
    }
    merged.into(findings);
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
fn share(endpoint: &Endpoint) -> f64 {
    endpoint.failed as f64 / endpoint.count as f64
}

/// `503 in 6 of 6 requests, each after about 30 s, as a time-out does`.
fn answers(endpoint: &Endpoint) -> String {
    let counted = format!("{} in {} of {} requests", endpoint.status, endpoint.failed, endpoint.count);
    match endpoint.until_failed {
        Some((least, most)) if least >= 1000.0 && most < 1.02 * least => {
            format!("{counted}, each after about {:.0} s, as a time-out does", least / 1000.0)
        }
        Some((_, most)) if most >= 1000.0 => format!("{counted}, after up to {:.0} s", most / 1000.0),
        _ => counted,
    }
}
