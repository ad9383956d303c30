//! Pools and servers with all their connections in use.

use firstfault_gather::World;
use firstfault_metrics::{Role, Series, median};
use firstfault_model::Finding;

use super::CONNECTIONS_AT_LIMIT;
use super::amount::digits;
use super::signals::{Signals, cite, points};
use crate::merge::Merged;

/// The samples that say how it is now.
const LATEST: usize = 4;

pub(super) fn detect(world: &World, signals: &Signals<'_>, merged: &mut Merged) {
    for carrier in signals.measured(Role::Connections) {
        let all = signals.series(&carrier, Role::Connections);
        for used in all.iter().filter(|series| !is_cap(series) && is_used(series)) {
            let Some(cap) = all.iter().find(|cap| is_cap(cap) && cap.labels_match(used)) else { continue };
            let Some(cap) = latest(world, cap).filter(|cap| *cap > 0.0) else { continue };
            let Some(now) = latest(world, used).filter(|now| *now >= 0.98 * cap) else { continue };
            let values = points(world, used);
            let since = values.iter().rev().take_while(|(_, v)| *v >= 0.98 * cap).last().map(|p| p.0);
            let shown = format!("{}: {} of {}", used.metric, digits(now), digits(cap));
            merged.add(
                Finding::new(&CONNECTIONS_AT_LIMIT, carrier.clone(), cite(used, &shown))
                    .seen(since, values.last().map(|p| p.0))
                    .with("used", digits(now))
                    .with("limit", digits(cap)),
            );
        }
    }
}

/// A series that says how many there may be (`hikaricp_connections_max`, `pg_settings_max_connections`).
fn is_cap(series: &Series) -> bool {
    has(series, &["max", "limit", "size", "capacity"])
}

/// A series that says how many are in use, rather than idle or waited for.
fn is_used(series: &Series) -> bool {
    !has(
        series,
        &["idle", "pending", "waiting", "wait", "min", "timeout", "created", "closed", "total_time", "available"],
    )
}

fn has(series: &Series, words: &[&str]) -> bool {
    let name = series.metric.to_lowercase();
    name.split(|c: char| !c.is_alphanumeric()).any(|part| words.contains(&part))
}

fn latest(world: &World, series: &Series) -> Option<f64> {
    let values: Vec<f64> = points(world, series).iter().map(|p| p.1).collect();
    median(&values[values.len().saturating_sub(LATEST)..])
}

trait SameLabels {
    fn labels_match(&self, other: &Series) -> bool;
}

impl SameLabels for Series {
    /// Whether both are about one pool: no label that both have differs.
    fn labels_match(&self, other: &Series) -> bool {
        self.labels
            .iter()
            .all(|(name, value)| other.labels.iter().all(|(n, v)| n != name || v == value || *name == "state"))
    }
}
