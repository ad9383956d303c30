//! CPU at its limit, throttled, or just more than usual.

use firstfault_gather::World;
use firstfault_metrics::{Role, median};
use firstfault_model::{Entity, Finding, Grade};

use super::amount::{digits, percent};
use super::signals::{Signals, cite, points};
use super::{CPU_AT_LIMIT, CPU_RAISED, CPU_THROTTLED};
use crate::merge::Merged;
use firstfault_model::Quantity;

/// CPU at this share of its limit is saturated: the scheduler gives no more.
const SATURATED: f64 = 0.9;

pub(super) fn detect(world: &World, signals: &Signals<'_>, merged: &mut Merged) {
    for carrier in signals.measured(Role::CpuThrottled) {
        throttled(signals, &carrier, merged);
    }
    for carrier in signals.measured(Role::Cpu).into_iter().filter(|c| c.kind != "Node") {
        raised(signals, &carrier, merged);
        at_limit(world, signals, &carrier, merged);
    }
}

/// Throttling that was not there before. A limit always throttles a little.
fn throttled(signals: &Signals<'_>, carrier: &Entity, merged: &mut Merged) {
    let Some(shift) = signals.raised(carrier, Role::CpuThrottled, 2.0).filter(|shift| shift.now > 0.0) else { return };
    // A limit holds back every burst; it matters where the work grew or takes longer.
    let felt =
        signals.raised(carrier, Role::Cpu, 1.5).is_some() || signals.raised(carrier, Role::Latency, 1.5).is_some();
    if !felt {
        return;
    }
    let grade = if shift.normal.is_nan() || shift.ratio() >= 5.0 { Grade::Strong } else { Grade::Fair };
    merged.add(shift.finding(&CPU_THROTTLED, carrier).graded(grade));
}

fn raised(signals: &Signals<'_>, carrier: &Entity, merged: &mut Merged) {
    let Some(shift) = signals.raised(carrier, Role::Cpu, 1.5) else { return };
    let grade = if shift.ratio() >= 2.5 { Grade::Strong } else { Grade::Fair };
    merged.add(shift.finding(&CPU_RAISED, carrier).graded(grade).with("times", digits(shift.ratio())));
}

/// CPU in cores against its limit, or a percentage near a hundred.
fn at_limit(world: &World, signals: &Signals<'_>, carrier: &Entity, merged: &mut Merged) {
    for series in signals.series(carrier, Role::Cpu) {
        let points = points(world, series);
        let Some(begin) = points.len().checked_sub(LATEST) else { continue };
        let values: Vec<f64> = points.iter().map(|p| p.1).collect();
        let Some(now) = median(&values[begin..]) else { continue };
        let name = series.metric.to_lowercase();
        let is_percent = ["percent", "utili", "pct", "%"].iter().any(|word| name.contains(word));
        let limit = if is_percent { Some(100.0) } else { limit(world, signals, carrier) };
        let Some(limit) = limit.filter(|limit| now >= SATURATED * limit && now <= 2.0 * limit) else { continue };
        let reached = (0..values.len()).rev().take_while(|&i| values[i] >= SATURATED * limit).last();
        let shown = format!("{}: {} of a limit of {}", series.metric, digits(now), digits(limit));
        merged.add(
            Finding::new(&CPU_AT_LIMIT, carrier.clone(), cite(series, &shown))
                .seen(reached.map(|i| points[i].0), points.last().map(|p| p.0))
                .graded(if is_percent { Grade::Fair } else { Grade::Strong })
                .with("now", digits(now))
                .with("limit", digits(limit))
                .with("share", percent(now / limit)),
        );
    }
}

/// The samples that say how it is now.
const LATEST: usize = 6;

/// The CPU limit in cores.
fn limit(world: &World, signals: &Signals<'_>, carrier: &Entity) -> Option<f64> {
    let of_series = signals.series(carrier, Role::CpuLimit).iter().find_map(|series| {
        let last = series.points.last()?.1;
        // cAdvisor's quota is microseconds in each tenth of a second.
        Some(if series.metric.contains("quota") { last / 100_000.0 } else { last })
    });
    of_series.filter(|cores| *cores > 0.0).or_else(|| {
        let spec = world.object_of(carrier).map(|object| world.pod_spec(object));
        let pod = || world.pods_of(carrier).next().map(|pod| pod.at("spec"));
        let spec = spec.filter(|spec| !spec.get("containers").list().is_empty()).or_else(pod)?;
        let limits: Vec<f64> = spec
            .get("containers")
            .list()
            .iter()
            .filter_map(|c| Quantity::of(c.at("resources.limits.cpu")).map(Quantity::units))
            .collect();
        (!limits.is_empty()).then(|| limits.iter().sum())
    })
}
