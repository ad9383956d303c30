use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::world::World;

/// How near to a whole number of half hours a difference has to be.
const NEAR: i64 = 90;
/// A clock that is further off than this has no wrong zone.
const FURTHEST: i64 = 14 * 3600;

/// Says so when logs and the cluster's state tell the same start at times that lie a whole number
/// of half hours apart: one of the two was written in another time zone.
pub(crate) fn note(world: &mut World) {
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    let mut compared = 0;
    for log in world.logs.iter().filter(|l| &*l.entity.kind == "Pod" && !l.previous) {
        let Some(pod) = world.object_of(&log.entity) else { continue };
        let statuses = pod.at("status.containerStatuses").list();
        let named =
            statuses.iter().find(|s| log.container.as_ref().is_some_and(|c| s.get("name").as_name() == Some(c)));
        let Some(status) = named.or(if statuses.len() == 1 { statuses.first() } else { None }) else { continue };
        let Ok(started) = status.at("state.running.startedAt").text().parse::<jiff::Timestamp>() else { continue };
        let Some(first) = log.digest.first else { continue };
        compared += 1;
        if let Some(half_hours) = half_hours(first.duration_since(started)) {
            *votes.entry(half_hours).or_default() += 1;
        }
    }
    let Some((half_hours, count)) = votes.into_iter().max_by_key(|(_, count)| *count) else { return };
    if half_hours != 0 && count * 2 > compared && count >= 2 {
        let minutes = half_hours.abs() * 30;
        let side = if half_hours > 0 { "ahead of" } else { "behind" };
        world.notes.push(format!(
            "The logs' clock is {minutes} minutes {side} the cluster's ({count} of {compared} container starts agree); a time zone is probably not stated."
        ));
    }
}

/// The difference in half hours, where it is a whole number of them.
pub(super) fn half_hours(difference: SignedDuration) -> Option<i64> {
    let seconds = difference.as_secs();
    let half_hours = (seconds + 900 * seconds.signum()) / 1800;
    ((seconds - half_hours * 1800).abs() <= NEAR && seconds.abs() <= FURTHEST).then_some(half_hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_whole_half_hours() {
        assert_eq!(half_hours(SignedDuration::from_secs(3600 + 4)), Some(2));
        assert_eq!(half_hours(SignedDuration::from_secs(-3 * 1800 - 20)), Some(-3));
        assert_eq!(half_hours(SignedDuration::from_secs(5)), Some(0));
        assert_eq!(half_hours(SignedDuration::from_secs(700)), None);
    }
}
