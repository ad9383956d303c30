//! The shape of memory: growing steadily to its limit, jumping there, or lying just below it.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::World;
use firstfault_metrics::{Role, Series, Trend, median, runs};
use firstfault_model::{Entity, Finding, Grade, State, Value};
use jiff::Timestamp;

use super::amount::{bytes, digits, percent, span};
use super::signals::{Signals, cite, points};
use super::{MEMORY_FULL, MEMORY_GROWS, MEMORY_GROWS_TO_LIMIT, MEMORY_JUMPS};
use crate::merge::Merged;
use crate::pod::containers;
use firstfault_model::Quantity;

/// Samples and seconds that a climb has to last before it is a trend.
const LEAST_SAMPLES: usize = 8;
const LEAST_SECONDS: f64 = 120.0;
/// Kendall's tau of a steady climb: garbage is collected in between, so not every sample rises.
const STEADY: f64 = 0.75;
/// The share of the limit at which memory counts as full: the last sample before a kill stands
/// below the limit by what grows between two samples.
const FULL: f64 = 0.9;
/// With a kill for memory on record, less is enough.
const FULL_IF_KILLED: f64 = 0.6;
/// Seconds without a climb after which a leak is over.
const HEALED: f64 = 300.0;
/// A forecast farther away than this worries nobody today.
const SOON: f64 = 24.0 * 3600.0;

/// What one series does.
enum Shape {
    /// Rises steadily.
    Climbs(Climb),
    /// Rises all at once, after having been level.
    Jumps { from: f64, to: f64, at: Timestamp },
    /// Is level just below its limit.
    Full { level: f64 },
}

struct Climb {
    trend: Trend,
    since: Timestamp,
    until: Timestamp,
    from: f64,
    top: f64,
    /// Seconds of the later climbs, after each restart.
    again: Vec<f64>,
    /// The slope of the last climb.
    latest: f64,
    /// It climbs no more: the last run is level, and has lasted.
    over: bool,
}

/// What several replicas of a workload do alike.
#[derive(Default)]
struct Replicas<'a> {
    climbs: Vec<(&'a Series, Climb)>,
    jumps: Vec<(&'a Series, f64, f64, Timestamp)>,
    full: Vec<(&'a Series, f64)>,
    seen: usize,
}

pub(super) fn detect(world: &World, signals: &Signals<'_>, merged: &mut Merged) {
    let killed = killed(world);
    for carrier in signals.measured(Role::Memory) {
        let limit = limit(world, signals, &carrier);
        let mut replicas = Replicas::default();
        for series in best(signals.series(&carrier, Role::Memory)) {
            let scale = scale(series, limit);
            let full = if killed.contains(&carrier) { FULL_IF_KILLED } else { FULL };
            replicas.seen += 1;
            match shape(world, series, scale, limit, full) {
                Some(Shape::Climbs(climb)) => replicas.climbs.push((series, climb)),
                Some(Shape::Jumps { from, to, at }) => replicas.jumps.push((series, from, to, at)),
                Some(Shape::Full { level }) => replicas.full.push((series, level)),
                None => {}
            }
        }
        tell(world, signals, &carrier, limit, &replicas, killed.contains(&carrier), merged);
    }
}

/// One series for each entity and container: the working set is what the kernel kills for.
fn best<'a>(series: &[&'a Series]) -> Vec<&'a Series> {
    let rank = |s: &Series| {
        let name = s.metric.to_lowercase();
        ["working_set", "rss", "usage", "used"].iter().position(|word| name.contains(word)).unwrap_or(4)
    };
    let mut chosen: BTreeMap<(&Entity, Option<&str>), &Series> = BTreeMap::new();
    for one in series.iter().copied() {
        let container = one.labels.iter().find(|(name, _)| *name == "container").map(|(_, value)| value.as_str());
        if matches!(container, Some("POD" | "")) {
            continue;
        }
        let known = chosen.entry((&one.entity, container)).or_insert(one);
        if rank(one) < rank(known) {
            *known = one;
        }
    }
    chosen.into_values().collect()
}

/// Workloads of which a container was killed for memory.
fn killed(world: &World) -> BTreeSet<Entity> {
    let by_status = world.kind("Pod").filter(|pod| {
        containers(pod).iter().any(|c| {
            ["state.terminated.reason", "lastState.terminated.reason"]
                .iter()
                .any(|p| c.status.at(p).text() == "OOMKilled")
        })
    });
    let by_event = world.events.iter().filter(|e| e.about.kind == "Pod" && e.reason == "OOMKilling");
    by_status.map(|pod| world.carrier(pod)).chain(by_event.map(|e| world.carrier_of(&e.about))).collect()
}

/// The memory limit in bytes: from a series, else from the pods' specs.
fn limit(world: &World, signals: &Signals<'_>, carrier: &Entity) -> Option<f64> {
    let of_series = signals.series(carrier, Role::MemoryLimit).iter().filter_map(|s| {
        let values: Vec<f64> = s.points.iter().map(|p| p.1).filter(|v| *v > 0.0 && *v < 1e15).collect();
        median(&values)
    });
    let from_series = of_series.fold(None, |least: Option<f64>, v| Some(least.map_or(v, |l| l.min(v))));
    from_series.filter(|bytes| *bytes > 1e6).or_else(|| of_specs(world, carrier))
}

/// The limit of the one container that has one; none where several differ.
fn of_specs(world: &World, carrier: &Entity) -> Option<f64> {
    let of = |spec: &Value| -> Vec<f64> {
        let limits = spec.get("containers").list().iter().map(|c| c.at("resources.limits.memory"));
        limits.filter_map(Quantity::of).map(Quantity::units).collect()
    };
    let own = world.object_of(carrier).map(|object| of(world.pod_spec(object))).filter(|limits| !limits.is_empty());
    let limits = own.or_else(|| world.pods_of(carrier).map(|pod| of(pod.at("spec"))).find(|l| !l.is_empty()))?;
    (limits.len() == 1).then(|| limits[0])
}

/// What one unit of a series is in bytes; 0 where it is a share.
fn scale(series: &Series, limit: Option<f64>) -> f64 {
    let name = series.metric.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let top = series.points.iter().map(|p| p.1).fold(0.0, f64::max);
    if has(&["percent", "ratio", "utili", "pct", "%"]) {
        return 0.0;
    }
    if has(&["mib", "mebibyte"]) {
        return f64::from(1 << 20);
    }
    if has(&["megabyte", "_mb", "(mb)"]) {
        return 1e6;
    }
    let fits = |unit: f64| limit.is_some_and(|limit| (0.02..1.2).contains(&(top * unit / limit)));
    if top < 1e6 && fits(f64::from(1 << 20)) { f64::from(1 << 20) } else { 1.0 }
}

fn shape(world: &World, series: &Series, scale: f64, limit: Option<f64>, full: f64) -> Option<Shape> {
    let (scale, limit) = if scale == 0.0 { share(series) } else { (scale, limit) };
    let points: Vec<(Timestamp, f64)> = points(world, series).into_iter().map(|(at, v)| (at, v * scale)).collect();
    let begin = points.first()?.0;
    let seconds = |at: Timestamp| at.duration_since(begin).as_secs_f64();
    let values: Vec<f64> = points.iter().map(|p| p.1).collect();
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let runs = runs(&values, (0.12 * (high - low)).max(0.04 * high));
    let mut climbs: Vec<(std::ops::Range<usize>, Trend)> = Vec::new();
    for run in &runs {
        let samples: Vec<(f64, f64)> = points[run.clone()].iter().map(|(at, v)| (seconds(*at), *v)).collect();
        if let Some(jump) = jump(&points[run.clone()], limit, full) {
            return Some(jump);
        }
        if let Some(trend) = Trend::of(&samples).filter(|trend| is_climb(&samples, trend, limit.unwrap_or(high))) {
            climbs.push((run.clone(), trend));
        }
    }
    let longest = climbs.iter().position(|(run, _)| Some(run.len()) == climbs.iter().map(|(r, _)| r.len()).max());
    let Some(longest) = longest else { return level(&values, limit).map(|level| Shape::Full { level }) };
    let (run, trend) = climbs[longest].clone();
    let lasts = |run: &std::ops::Range<usize>| seconds(points[run.end - 1].0) - seconds(points[run.start].0);
    if lasts(&run) < LEAST_SECONDS || run.len() < LEAST_SAMPLES || collects(&values, &runs, limit, full) {
        return None;
    }
    Some(Shape::Climbs(Climb {
        since: points[run.start].0,
        until: points[run.end - 1].0,
        from: values[run.start],
        top: values[run.clone()].iter().copied().fold(f64::MIN, f64::max),
        again: climbs[longest + 1..].iter().map(|(run, _)| lasts(run)).filter(|s| *s > 0.0).collect(),
        latest: climbs.last().map_or(trend.slope, |(_, trend)| trend.slope),
        over: runs.last().is_some_and(|last| {
            last.start > run.start && climbs.last().is_none_or(|(climb, _)| climb != last) && lasts(last) >= HEALED
        }),
        trend,
    }))
}

/// A share of the limit has the limit 1 or 100.
fn share(series: &Series) -> (f64, Option<f64>) {
    let top = series.points.iter().map(|p| p.1).fold(0.0, f64::max);
    (1.0, Some(if top <= 1.5 { 1.0 } else { 100.0 }))
}

/// It rises nearly all the time, by an amount that matters, and not in one step.
fn is_climb(samples: &[(f64, f64)], trend: &Trend, whole: f64) -> bool {
    let rise = trend.ends.1 - trend.ends.0;
    let largest = samples.windows(2).map(|pair| pair[1].1 - pair[0].1).fold(0.0, f64::max);
    samples.len() >= 4 && trend.tau >= STEADY && trend.rises() && rise >= 0.05 * whole && largest <= 0.5 * rise
}

/// Level for most of the run, then up to the limit within a few samples.
fn jump(run: &[(Timestamp, f64)], limit: Option<f64>, full: f64) -> Option<Shape> {
    let limit = limit?;
    if run.len() < LEAST_SAMPLES {
        return None;
    }
    let values: Vec<f64> = run.iter().map(|p| p.1).collect();
    let usual = median(&values[..values.len() * 2 / 3])?;
    let top = values.iter().copied().fold(f64::MIN, f64::max);
    let rise = top - usual;
    let wanders = values[..values.len() / 2].iter().any(|v| (v - usual).abs() > 0.15 * rise);
    let few = (values.len() / 20).max(3);
    let steepest =
        (few..values.len()).max_by(|&a, &b| (values[a] - values[a - few]).total_cmp(&(values[b] - values[b - few])))?;
    let at_once = values[steepest] - values[steepest - few] >= 0.6 * rise;
    (top >= full * limit && rise >= 0.25 * limit && !wanders && at_once).then(|| Shape::Jumps {
        from: usual,
        to: top,
        at: run[steepest - few].0,
    })
}

/// Up and down without ever coming near the limit, and back to the same floor: a garbage
/// collector at work.
fn collects(values: &[f64], runs: &[std::ops::Range<usize>], limit: Option<f64>, full: f64) -> bool {
    let floors: Vec<f64> = runs.iter().filter(|run| run.len() > 1).map(|run| values[run.start]).skip(1).collect();
    let top = values.iter().copied().fold(f64::MIN, f64::max);
    let reaches = limit.is_some_and(|limit| top >= full * limit);
    let rising = floors.first().zip(floors.last()).is_some_and(|(first, last)| last > &(first * 1.1));
    floors.len() >= 2 && !reaches && !rising
}

/// The level of a series that does not move and lies just below its limit.
fn level(values: &[f64], limit: Option<f64>) -> Option<f64> {
    let limit = limit?;
    let middle = median(values)?;
    let moves = values.iter().any(|v| (v - middle).abs() > 0.05 * limit);
    (values.len() >= LEAST_SAMPLES && middle >= FULL * limit && !moves).then_some(middle)
}

fn tell(
    world: &World,
    signals: &Signals<'_>,
    carrier: &Entity,
    limit: Option<f64>,
    replicas: &Replicas<'_>,
    killed: bool,
    merged: &mut Merged,
) {
    let full = if killed { FULL_IF_KILLED } else { FULL };
    for (series, climb) in &replicas.climbs {
        let shares = scale(series, limit) == 0.0;
        let limit = if shares { share(series).1 } else { limit };
        let reached = limit.is_some_and(|limit| climb.top >= full * limit);
        let left = limit.and_then(|limit| climb.trend.seconds_to(limit));
        let soon = left.is_some_and(|left| left < SOON);
        let grown = climb.top >= 1.5 * climb.from;
        if !reached && !soon && !grown {
            continue;
        }
        let declaration = if reached { &MEMORY_GROWS_TO_LIMIT } else { &MEMORY_GROWS };
        let grade = match (reached, soon) {
            (true, _) => Grade::Certain,
            (false, true) => Grade::Strong,
            _ => Grade::Weak,
        };
        merged
            .add(described(world, signals, carrier, series, climb, limit, replicas, declaration, shares).graded(grade));
    }
    for (series, from, to, at) in &replicas.jumps {
        let shown = format!("{}: {} until {at}, then {} at once", series.metric, bytes(*from), bytes(*to));
        merged.add(
            Finding::new(&MEMORY_JUMPS, carrier.clone(), cite(series, &shown))
                .seen(Some(*at), None)
                .with("from", bytes(*from))
                .with("to", bytes(*to))
                .with("limit", limit.map_or_else(|| "its limit".to_owned(), bytes)),
        );
    }
    for (series, level) in &replicas.full {
        let Some(limit) = limit else { continue };
        let shown = format!("{}: level at {} of {}", series.metric, bytes(*level), bytes(limit));
        merged.add(
            Finding::new(&MEMORY_FULL, carrier.clone(), cite(series, &shown))
                .graded(if killed { Grade::Strong } else { Grade::Fair })
                .with("level", bytes(*level))
                .with("share", percent(level / limit))
                .with("limit", bytes(limit)),
        );
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a sentence about a climb needs")]
fn described(
    world: &World,
    signals: &Signals<'_>,
    carrier: &Entity,
    series: &Series,
    climb: &Climb,
    limit: Option<f64>,
    replicas: &Replicas<'_>,
    declaration: &firstfault_model::Declaration,
    shares: bool,
) -> Finding {
    let say = |amount: f64| if shares { format!("{} of 100", digits(amount)) } else { bytes(amount) };
    let minute = |slope: f64| format!("{} a minute", say(slope * 60.0));
    let lasted = climb.until.duration_since(climb.since).as_secs_f64();
    let again = median(&climb.again);
    let after = match (again, limit) {
        (Some(seconds), _) => format!("after each restart it is full again within {}", span(seconds)),
        (None, Some(limit)) => match climb.trend.seconds_to(limit) {
            Some(left) if left >= 1.0 => format!("at this rate its limit is reached {} later", span(left)),
            _ => "its limit is reached".to_owned(),
        },
        (None, None) => "no limit is known".to_owned(),
    };
    let grows = replicas.climbs.len();
    let shown = format!(
        "{}: {} at {} to {} at {}, {}",
        series.metric,
        say(climb.from),
        climb.since,
        say(climb.top),
        climb.until,
        minute(climb.trend.slope)
    );
    let between = format!("{} to {}", say(climb.trend.interval.0 * 60.0), minute(climb.trend.interval.1));
    Finding::new(declaration, carrier.clone(), cite(series, &shown))
        .seen(Some(climb.since), Some(climb.until))
        .in_state(if climb.over { State::Recovered } else { State::Current })
        .with("pod", series.entity.name.as_str())
        .with("rate", minute(climb.trend.slope))
        .with("rate_between", between)
        .with("rate_latest", minute(climb.latest))
        .with("from", say(climb.from))
        .with("top", say(climb.top))
        .with("began", climb.since.to_string())
        .with("lasted", span(lasted))
        .with("limit", limit.map_or_else(|| "unknown".to_owned(), say))
        .with("share", limit.map_or_else(|| "an unknown share".to_owned(), |limit| percent(climb.top / limit)))
        .with("after", after)
        .with("replicas", format!("{grows} of {} measured", replicas.seen))
        .with("per_request", per_request(world, signals, carrier, climb.trend.slope * grows as f64, shares))
        .with("change", super::changes::before(world, carrier, climb.since))
}

/// What is kept for each request: the growth of all replicas over the requests that they get,
/// recomputed from both series rather than taken from anybody's word.
fn per_request(world: &World, signals: &Signals<'_>, carrier: &Entity, slope: f64, shares: bool) -> String {
    let calls = super::latency::Calls::of(world, signals);
    let rate = std::iter::once(carrier)
        .chain(calls.callers(carrier))
        .find_map(|whom| signals.steady(whom, Role::Throughput).map(|(rate, _)| rate).filter(|rate| *rate > 0.0));
    match rate.filter(|_| !shares) {
        Some(rate) => format!("that is {} for each of {} requests a second", bytes(slope / rate), digits(rate)),
        None => "its requests were not measured".to_owned(),
    }
}
