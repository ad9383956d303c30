//! What series and alerts measure of each workload, and where that left its usual course.

use std::collections::BTreeMap;

use firstfault_gather::{Alert, Measure, World};
use firstfault_metrics::{Baseline, Role, Series, median, onset, role_of, split_column};
use firstfault_model::{Declaration, Entity, Evidence, Finding, Masked, Relation, State};
use jiff::{SignedDuration, Timestamp};

use super::amount::digits;

/// Samples that a baseline has to stand on.
const LEAST: usize = 8;
/// A sample this many spreads off is not the usual course.
const APART: f64 = 5.0;

/// This many samples, and this long, at the usual course are a recovery. Rates and quantiles are taken over
/// the last minutes, each over its own, so that a shorter calm may be the edge of such a window.
const CALM: usize = 4;
const CALM_FOR: SignedDuration = SignedDuration::from_mins(2);

/// Everything that is measured, by whom it is about and what it measures.
pub(super) struct Signals<'a> {
    world: &'a World,
    series: BTreeMap<(Entity, Role), Vec<&'a Series>>,
    measures: BTreeMap<(Entity, Role), Vec<(&'a Alert, &'a Measure)>>,
    /// The workload that each Service selects.
    behind: BTreeMap<&'a Entity, &'a Entity>,
}

/// A measure that is not as usual.
#[derive(Clone, Debug)]
pub(super) struct Shift {
    /// What it usually is; NaN where only the present value is known.
    pub(super) normal: f64,
    /// What it is now.
    pub(super) now: f64,
    /// Since when.
    pub(super) since: Option<Timestamp>,
    /// Until when it was seen so.
    pub(super) until: Option<Timestamp>,
    /// It has gone back to normal by the end.
    pub(super) over: bool,
    /// What was measured, and where.
    pub(super) evidence: Vec<Evidence>,
}

impl Shift {
    /// What a detector says of it, with the value now and the usual one.
    pub(super) fn finding(&self, declaration: &'static Declaration, entity: &Entity) -> Finding {
        let mut evidence = self.evidence.iter().cloned();
        let first = evidence.next().expect("a shift has evidence");
        Finding::new(declaration, entity.clone(), first)
            .citing(evidence)
            .seen(self.since, self.until)
            .in_state(if self.over { State::Recovered } else { State::Current })
            .with("now", digits(self.now))
            .with("normal", if self.normal.is_nan() { "unknown".to_owned() } else { digits(self.normal) })
    }

    /// How many times the usual value it is.
    pub(super) fn ratio(&self) -> f64 {
        if self.normal > 0.0 { self.now / self.normal } else { f64::INFINITY }
    }

    /// By how much more it is than usual.
    pub(super) fn gain(&self) -> f64 {
        if self.normal.is_nan() { self.now } else { self.now - self.normal }
    }
}

impl<'a> Signals<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let mut signals = Self { world, series: BTreeMap::new(), measures: BTreeMap::new(), behind: BTreeMap::new() };
        for (service, relation, workload, _) in &world.relations {
            if *relation == Relation::Selects && service.kind == "Service" {
                signals.behind.entry(service).or_insert(workload);
            }
        }
        for series in &world.series {
            if let Some(role) = series.role {
                signals.series.entry((signals.carrier(&series.entity), role)).or_default().push(series);
            }
        }
        for alert in &world.alerts {
            let Some(about) = &alert.about else { continue };
            for measure in &alert.measures {
                let name = split_column(&measure.name).map_or(measure.name.as_str(), |(_, metric)| metric);
                if let Some(role) = role_of(name) {
                    signals.measures.entry((signals.carrier(about), role)).or_default().push((alert, measure));
                }
            }
        }
        signals
    }

    /// The workload that carries what is measured of an entity.
    pub(super) fn carrier(&self, entity: &Entity) -> Entity {
        let carrier = self.world.carrier_of(entity);
        self.behind.get(&carrier).map_or(carrier, |workload| (*workload).clone())
    }

    /// Everyone of whom a role is measured.
    pub(super) fn measured(&self, role: Role) -> Vec<Entity> {
        let of_series = self.series.keys().filter(|(_, r)| *r == role).map(|(e, _)| e.clone());
        let of_alerts = self.measures.keys().filter(|(_, r)| *r == role).map(|(e, _)| e.clone());
        let all: std::collections::BTreeSet<Entity> = of_series.chain(of_alerts).collect();
        all.into_iter().collect()
    }

    /// The series of a workload and role.
    pub(super) fn series(&self, entity: &Entity, role: Role) -> &[&'a Series] {
        self.series.get(&(entity.clone(), role)).map_or(&[], Vec::as_slice)
    }

    /// What is measured of each pod by itself: its strongest rise, if it is raised to twice the usual or more.
    pub(super) fn replicas(&self, role: Role) -> BTreeMap<Entity, Option<Shift>> {
        let mut replicas: BTreeMap<Entity, Vec<Shift>> = BTreeMap::new();
        for ((_, of), all) in &self.series {
            for series in all.iter().filter(|series| *of == role && series.entity.kind == "Pod") {
                let rise = of_series(self.world, series, Direction::Up).filter(|shift| shift.ratio() >= 2.0);
                replicas.entry(series.entity.clone()).or_default().extend(rise);
            }
        }
        replicas.into_iter().map(|(pod, shifts)| (pod, loudest(shifts, Shift::gain))).collect()
    }

    /// The strongest rise of a role, at least `times` its usual value.
    pub(super) fn raised(&self, entity: &Entity, role: Role, times: f64) -> Option<Shift> {
        let rises = self.shifts(entity, role, Direction::Up).filter(|shift| shift.ratio() >= times);
        loudest(rises.collect(), Shift::ratio)
    }

    /// Like [`Signals::raised`], the rise that adds most: of quantiles the one that callers feel.
    pub(super) fn raised_most(&self, entity: &Entity, role: Role, times: f64) -> Option<Shift> {
        let rises = self.shifts(entity, role, Direction::Up).filter(|shift| shift.ratio() >= times);
        loudest(rises.collect(), Shift::gain)
    }

    /// The strongest fall of a role, at most `times` its usual value.
    pub(super) fn fell(&self, entity: &Entity, role: Role, times: f64) -> Option<Shift> {
        let falls = self.shifts(entity, role, Direction::Down).filter(|shift| shift.ratio() <= times);
        loudest(falls.collect(), |shift| -shift.ratio())
    }

    fn shifts(&self, entity: &Entity, role: Role, direction: Direction) -> impl Iterator<Item = Shift> {
        let key = (entity.clone(), role);
        let series = self.series.get(&key).into_iter().flatten();
        let measures = self.measures.get(&key).into_iter().flatten();
        let of_series = series.filter_map(move |series| of_series(self.world, series, direction));
        of_series.chain(measures.filter_map(move |(alert, measure)| {
            let falls = measure.now < measure.normal;
            (falls == (direction == Direction::Down)).then(|| of_alert(alert, measure))
        }))
    }

    /// A series' values over the whole of what was seen, where they did not change: its median.
    pub(super) fn steady(&self, entity: &Entity, role: Role) -> Option<(f64, Evidence)> {
        let series = self.series(entity, role);
        let samples = series.iter().map(|s| s.points.len()).max()?;
        let changed = series
            .iter()
            .any(|s| [Direction::Up, Direction::Down].into_iter().any(|d| of_series(self.world, s, d).is_some()));
        if changed || samples < 2 * LEAST {
            return None;
        }
        let first = series.first()?;
        let values: Vec<f64> = first.points.iter().map(|p| p.1).collect();
        let centre = median(&values)?;
        Some((centre, cite(first, &format!("{} stays at {}", first.metric, super::amount::digits(centre)))))
    }
}

/// What still holds speaks louder than what has passed, the greater change louder than the smaller.
fn loudest(mut all: Vec<Shift>, change: impl Fn(&Shift) -> f64) -> Option<Shift> {
    all.sort_by(|a, b| a.over.cmp(&b.over).then(change(b).total_cmp(&change(a))));
    let mut all = all.into_iter();
    let mut first = all.next()?;
    for other in all.take(2) {
        first.since = [first.since, other.since.filter(|_| other.over == first.over)].into_iter().flatten().min();
        for evidence in other.evidence {
            if !first.evidence.contains(&evidence) {
                first.evidence.push(evidence);
            }
        }
    }
    Some(first)
}

/// Which way a measure goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

fn of_alert(alert: &Alert, measure: &Measure) -> Shift {
    Shift {
        normal: measure.normal,
        now: measure.now,
        since: alert.since,
        until: None,
        over: false,
        evidence: vec![alert.evidence.clone()],
    }
}

/// A series as evidence.
pub(super) fn cite(series: &Series, what: &str) -> Evidence {
    Evidence { place: series.place.clone(), excerpt: Masked::new(&format!("{} {what}", series.entity.name)) }
}

/// The points up to now; counters as rates.
pub(super) fn points(world: &World, series: &Series) -> Vec<(Timestamp, f64)> {
    let end = series.points.partition_point(|(at, _)| world.now.is_none_or(|now| *at <= now));
    let points = &series.points[..end];
    if is_counter(&series.metric, points) { rates(points) } else { points.to_vec() }
}

/// Whether a series counts up from the start of its process.
fn is_counter(metric: &str, points: &[(Timestamp, f64)]) -> bool {
    let named = ["_total", "_count", "_sum"].iter().any(|end| metric.ends_with(end));
    let falls = points.windows(2).filter(|pair| pair[1].1 < pair[0].1).count();
    named && points.len() > 2 && falls * 10 <= points.len()
}

/// Increase a second between samples; a fall is a new start from 0.
fn rates(points: &[(Timestamp, f64)]) -> Vec<(Timestamp, f64)> {
    let between = |pair: &[(Timestamp, f64)]| {
        let seconds = pair[1].0.duration_since(pair[0].0).as_secs_f64();
        let grown = if pair[1].1 < pair[0].1 { pair[1].1 } else { pair[1].1 - pair[0].1 };
        (seconds > 0.0).then(|| (pair[1].0, grown / seconds))
    };
    points.windows(2).filter_map(between).collect()
}

/// Where a series leaves its usual course in a direction: the course before the window, or that
/// of its first third where nothing stands before the window.
fn of_series(world: &World, series: &Series, direction: Direction) -> Option<Shift> {
    let points = points(world, series);
    if points.len() < LEAST + 2 {
        return None;
    }
    let before = world.incident.window.from.map_or(0, |from| points.partition_point(|(at, _)| *at < from));
    let usual = if before >= LEAST && before < points.len() { before } else { (points.len() / 3).max(LEAST) };
    let values: Vec<f64> = points.iter().map(|p| p.1).collect();
    let baseline = Baseline::of(&values[..usual])?;
    let scores = if direction == Direction::Up { APART } else { -APART };
    let from = usual + onset(&values[usual..], &baseline, scores)?;
    let apart: Vec<usize> = (from..values.len()).filter(|&i| baseline.score(values[i]) / scores >= 1.0).collect();
    let now = median(&apart.iter().map(|&i| values[i]).collect::<Vec<_>>())?;
    let last = apart.last().copied()?;
    let quiet = points[values.len() - 1].0.duration_since(points[last].0);
    let over = values.len() - 1 - last >= CALM && quiet >= CALM_FOR && apart.len() < values.len() - from;
    if (now - baseline.centre).abs() < least(series) {
        return None;
    }
    let since = points[from].0;
    let shown = format!("{}: {} before, {} since {since}", series.metric, show(baseline.centre), show(now));
    Some(Shift {
        normal: baseline.centre,
        now,
        since: Some(since),
        until: Some(points[last].0),
        over,
        evidence: vec![cite(series, &shown)],
    })
}

/// The least change of a measure that can matter, however many times the usual value it is: a process
/// that idles may use ten times nothing, and a link of any size sends a segment again now and then.
fn least(series: &Series) -> f64 {
    let name = series.metric.to_lowercase();
    let is_share = ["percent", "ratio", "pct", "share", "utili", "%"].iter().any(|word| name.contains(word));
    let a_second = is_counter(&series.metric, &series.points)
        || ["rps", "qps", "tps", "per_sec"].iter().any(|word| name.contains(word));
    match series.role {
        // A twentieth of a core, or of all cores.
        Some(Role::Cpu) if is_share => 5.0,
        Some(Role::Cpu) => 0.05,
        // Of the periods, or of the time.
        Some(Role::CpuThrottled) => 0.05,
        Some(Role::Retransmits) if is_share => 0.01,
        Some(Role::Retransmits) => 1.0,
        Some(Role::Throughput) if a_second => 1.0,
        _ => 0.0,
    }
}

fn show(value: f64) -> String {
    super::amount::digits(value)
}
