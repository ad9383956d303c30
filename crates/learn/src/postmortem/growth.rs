//! How fast the cause filled what it may use, from the series before it was felt.

use firstfault_metrics::{Role, Trend, median};
use jiff::{SignedDuration, Timestamp};

use super::course::Course;
use super::facts::Facts;
use super::series;

/// The growth of memory of one replica, the middle of all that were measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Growth {
    /// Bytes a second.
    pub(crate) slope: f64,
    /// Bytes at the first sample.
    pub(crate) first: f64,
    /// The limit in bytes, where it is measured.
    pub(crate) limit: Option<f64>,
    /// Replicas measured.
    pub(crate) replicas: usize,
    /// The first sample's time.
    pub(crate) from: Timestamp,
    /// When it was felt, or the last sample before.
    pub(crate) to: Timestamp,
}

impl Growth {
    /// Bytes a minute.
    pub(crate) fn a_minute(&self) -> f64 {
        self.slope * 60.0
    }

    /// The share of the limit that was in use at the first sample.
    pub(crate) fn usual_share(&self) -> Option<f64> {
        self.limit.filter(|l| *l > 0.0).map(|l| self.first / l)
    }

    /// Bytes between the first sample and the limit.
    pub(crate) fn room(&self) -> f64 {
        self.limit.map_or(0.0, |l| (l - self.first).max(0.0))
    }

    /// How long the room lasts at this slope.
    pub(crate) fn time_to_full(&self) -> SignedDuration {
        seconds(self.room() / self.slope)
    }

    /// How long an empty process takes to a size.
    pub(crate) fn time_from_empty(&self, size: f64) -> SignedDuration {
        seconds(size / self.slope)
    }
}

fn seconds(value: f64) -> SignedDuration {
    const LONGEST: f64 = 1e10;
    SignedDuration::from_secs(if value.is_finite() { value.clamp(0.0, LONGEST) as i64 } else { 0 })
}

/// None where the cause is not memory that rises, or nothing was measured.
pub(crate) fn of(facts: &Facts<'_>, course: &Course) -> Option<Growth> {
    let cause = facts.cause()?;
    let world = facts.world.filter(|_| cause.finding.starts_with("memory."))?;
    let felt = course.felt.as_ref().map(|m| m.at);
    let mut trends = Vec::new();
    let (mut firsts, mut from, mut to) = (Vec::new(), None, None);
    for series in series::of(world, &facts.first.entity, Role::Memory) {
        let quiet: Vec<(Timestamp, f64)> =
            series.points.iter().filter(|(at, _)| felt.is_none_or(|f| *at < f)).copied().collect();
        let samples: Vec<(f64, f64)> = quiet.iter().map(|(at, v)| (at.as_second() as f64, *v)).collect();
        let Some(trend) = Trend::of(&samples).filter(Trend::rises) else { continue };
        trends.push(trend.slope);
        firsts.push(quiet.first()?.1);
        from = from.min(quiet.first().map(|p| p.0)).or(quiet.first().map(|p| p.0));
        to = to.max(quiet.last().map(|p| p.0));
    }
    let limit =
        series::of(world, &facts.first.entity, Role::MemoryLimit).first().and_then(|s| s.points.last()).map(|p| p.1);
    Some(Growth {
        slope: median(&trends)?,
        first: median(&firsts)?,
        limit,
        replicas: trends.len(),
        from: from?,
        to: to?,
    })
}
