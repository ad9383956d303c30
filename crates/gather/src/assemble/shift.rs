//! Clocks that differ by whole half hours: the cluster's own against those of logs and metrics.

use std::collections::BTreeMap;

use firstfault_metrics::Role;
use firstfault_model::{Entity, Value};
use jiff::{SignedDuration, Timestamp};

use super::clocks::half_hours;
use crate::world::World;

/// Kills that have to agree.
const LEAST: usize = 2;
/// A fall of memory by this share within one step is a new process.
const FALL: f64 = 0.05;

/// Compares when pods were killed by the cluster's account with when their memory fell and their
/// logs ended. Where all agree on a shift, the cluster's times are moved by it, so that causes
/// and effects stand in order, and a note says so.
/// True where they were.
pub(crate) fn align(world: &mut World) -> bool {
    let ends = ends_by_signals(world);
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    let kills = kills_by_state(world);
    for (pod, at) in &kills {
        let near = ends.get(pod).into_iter().flatten().filter_map(|end| half_hours(at.duration_since(*end)));
        let shifts: std::collections::BTreeSet<i64> = near.collect();
        for shift in shifts {
            *votes.entry(shift).or_default() += 1;
        }
    }
    let agrees = votes.get(&0).copied().unwrap_or(0);
    let Some((&shift, &count)) = votes.iter().filter(|(shift, _)| **shift != 0).max_by_key(|(_, count)| **count) else {
        return false;
    };
    if agrees > 0 || count < LEAST || count * 2 <= kills.len() {
        return false;
    }
    let by = SignedDuration::from_mins(30 * shift);
    move_state(world, by);
    let side = if shift > 0 { "later" } else { "earlier" };
    world.notes.push(format!(
        "The cluster's events and states are stamped {} minutes {side} than logs and metrics ({count} of {} kills agree with the falls of memory and the ends of logs): one clock or time zone is wrong. Here the cluster's times are moved to those of the logs.",
        30 * shift.abs(),
        kills.len()
    ));
    true
}

/// When memory fell and logs ended, by pod.
fn ends_by_signals(world: &World) -> BTreeMap<Entity, Vec<Timestamp>> {
    let mut ends: BTreeMap<Entity, Vec<Timestamp>> = BTreeMap::new();
    for series in world.series.iter().filter(|s| s.role == Some(Role::Memory) && s.entity.kind == "Pod") {
        let falls = series.points.windows(2).filter(|pair| pair[0].1 - pair[1].1 > FALL * pair[0].1);
        ends.entry(series.entity.clone()).or_default().extend(falls.map(|pair| pair[1].0));
    }
    for log in world.logs.iter().filter(|log| log.previous && log.entity.kind == "Pod") {
        ends.entry(log.entity.clone()).or_default().extend(log.digest.last);
    }
    ends
}

/// When pods were killed, by events and by the states of their containers.
fn kills_by_state(world: &World) -> Vec<(Entity, Timestamp)> {
    let events = world.events.iter().filter(|e| matches!(e.reason.as_str(), "OOMKilling" | "OOMKilled" | "Killing"));
    let mut kills: Vec<(Entity, Timestamp)> =
        events.filter_map(|e| Some((e.about.clone(), e.first.or(e.last)?))).collect();
    if kills.is_empty() {
        for pod in world.kind("Pod") {
            for status in pod.at("status.containerStatuses").list() {
                let ended = status.at("lastState.terminated.finishedAt");
                kills.extend(time(ended).map(|at| (pod.entity(), at)));
            }
        }
    }
    kills
}

fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
}

/// Events whose times are ages before `told_at` are told again from the present "now".
pub(crate) fn tell_ages_again(world: &mut World, told_at: Option<Timestamp>) {
    let (Some(was), Some(now)) = (told_at, world.now) else { return };
    for event in world.events.iter_mut().filter(|event| is_age(event, Some(was))) {
        let Some((first, last)) = event.ago else { continue };
        event.first = now.checked_sub(first).ok();
        event.last = now.checked_sub(last).ok();
    }
}

/// Whether an event has no time of its own, only an age.
fn is_age(event: &crate::Event, now: Option<Timestamp>) -> bool {
    let Some((now, (_, last))) = now.zip(event.ago) else { return false };
    event.last.is_some() && event.last == now.checked_sub(last).ok()
}

fn move_state(world: &mut World, by: SignedDuration) {
    let now = world.now;
    for event in world.events.iter_mut().filter(|event| !is_age(event, now)) {
        for at in [&mut event.first, &mut event.last].into_iter().flatten() {
            *at = at.checked_sub(by).unwrap_or(*at);
        }
    }
    for object in world.objects.values_mut() {
        move_times(&mut object.body, by, 0);
    }
    for change in &mut world.changes {
        if let Some(at) = &mut change.at {
            *at = at.checked_sub(by).unwrap_or(*at);
        }
    }
}

/// Moves every time that a field of an object holds.
fn move_times(value: &mut Value, by: SignedDuration, depth: usize) {
    const DEEPEST: usize = 32;
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::List(list) => list.iter_mut().for_each(|item| move_times(item, by, depth + 1)),
        Value::Map(map) => {
            for (key, item) in &mut map.0 {
                let is_time = ["At", "Time", "Timestamp"].iter().any(|end| key.ends_with(end));
                match time(item).filter(|_| is_time).and_then(|at| at.checked_sub(by).ok()) {
                    Some(moved) => *item = Value::str(&moved.to_string()),
                    None => move_times(item, by, depth + 1),
                }
            }
        }
        _ => {}
    }
}
