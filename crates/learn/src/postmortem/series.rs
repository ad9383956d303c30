//! What the series of an incident say: the usual value, the value during it, and the course.

use firstfault_gather::World;
use firstfault_metrics::{Role, Series, median};
use firstfault_model::case::CaseEntity;
use firstfault_model::{Entity, Relation};
use jiff::Timestamp;

use super::facts::entity;

/// The series of a role about an entity: its own, its pods', and those of a Service that selects it.
pub(crate) fn of<'a>(world: &'a World, of: &CaseEntity, role: Role) -> Vec<&'a Series> {
    let wanted = entity(of);
    let selected: Vec<&Entity> = world
        .relations
        .iter()
        .filter(|(_, relation, to, _)| *relation == Relation::Selects && *to == wanted)
        .map(|(service, ..)| service)
        .collect();
    let is_of = |series: &Series| {
        let carrier = world.carrier_of(&series.entity);
        carrier == wanted || selected.contains(&&carrier)
    };
    world.series.iter().filter(|s| s.role == Some(role) && s.points.len() >= 2 && is_of(s)).collect()
}

/// A measure before and during an incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measured {
    /// The median before; none where nothing was measured before.
    pub(crate) before: Option<f64>,
    /// The median during it.
    pub(crate) during: f64,
    /// The value furthest from the usual one.
    pub(crate) worst: f64,
}

/// Splits a series at a moment. None where nothing was measured from then on.
pub(crate) fn measured(series: &Series, since: Timestamp, until: Option<Timestamp>) -> Option<Measured> {
    let values = |from: Option<Timestamp>, to: Option<Timestamp>| -> Vec<f64> {
        let inside = |at: &Timestamp| from.is_none_or(|f| f <= *at) && to.is_none_or(|t| *at < t);
        series.points.iter().filter(|(at, v)| inside(at) && v.is_finite()).map(|p| p.1).collect()
    };
    let before = median(&values(None, Some(since)));
    let during = values(Some(since), until);
    let usual = before.unwrap_or(0.0);
    let worst = during.iter().copied().max_by(|a, b| (a - usual).abs().total_cmp(&(b - usual).abs()))?;
    Some(Measured { before, during: median(&during)?, worst })
}

/// Requests that failed: the rate times the failing share, summed over the time since `since`.
///
/// Both are taken as level between two samples of the share; the rate is its nearest sample.
pub(crate) fn failed(rate: &Series, failing: &Series, since: Timestamp, until: Option<Timestamp>) -> Option<f64> {
    let inside = |at: &Timestamp| since <= *at && until.is_none_or(|t| *at <= t);
    let samples: Vec<(Timestamp, f64)> = failing.points.iter().filter(|(at, _)| inside(at)).copied().collect();
    if samples.len() < 2 || rate.points.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    for pair in samples.windows(2) {
        let seconds = pair[1].0.duration_since(pair[0].0).as_secs_f64();
        sum += nearest(rate, pair[0].0) * pair[0].1.clamp(0.0, 1.0) * seconds;
    }
    Some(sum)
}

fn nearest(series: &Series, at: Timestamp) -> f64 {
    let next = series.points.partition_point(|(t, _)| *t < at);
    let near = [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|i| series.points.get(i));
    near.min_by_key(|(t, _)| t.duration_since(at).abs()).map_or(0.0, |p| p.1)
}

/// At most so many points: the last of equal runs of neighbours, so that times stay those of samples.
pub(crate) fn thinned(points: &[(Timestamp, f64)], most: usize) -> Vec<(i64, f64)> {
    let run = points.len().div_ceil(most.max(1)).max(1);
    points.chunks(run).filter_map(|chunk| chunk.last()).map(|(at, v)| (at.as_second(), *v)).collect()
}

#[cfg(test)]
mod tests {
    use firstfault_model::{Name, Place};

    use super::*;

    fn series(points: &[(i64, f64)]) -> Series {
        Series {
            metric: "x".into(),
            role: None,
            entity: Entity::new("service", "till"),
            labels: Vec::new(),
            points: points.iter().map(|(t, v)| (Timestamp::from_second(*t).expect("in range"), *v)).collect(),
            place: Place::line(&Name::from("m.csv"), 1),
        }
    }

    #[test]
    fn failed_requests_are_rate_times_share_times_time() {
        let rate = series(&[(0, 10.0), (60, 10.0), (120, 20.0), (180, 20.0)]);
        let failing = series(&[(0, 0.0), (60, 0.5), (120, 1.0), (180, 1.0)]);
        let since = Timestamp::from_second(60).expect("in range");
        // 60 s × 10 × 0.5 + 60 s × 20 × 1
        assert_eq!(failed(&rate, &failing, since, None), Some(1500.0));
        assert_eq!(failed(&rate, &failing, Timestamp::from_second(170).expect("in range"), None), None);
    }

    #[test]
    fn a_measure_is_split_where_the_incident_begins() {
        let since = Timestamp::from_second(20).expect("in range");
        let found = measured(&series(&[(0, 1.0), (10, 3.0), (20, 9.0), (30, 60.0)]), since, None);
        assert_eq!(found, Some(Measured { before: Some(2.0), during: 34.5, worst: 60.0 }));
        assert_eq!(measured(&series(&[(0, 1.0), (10, 3.0)]), since, None), None);
    }
}
