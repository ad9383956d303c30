//! A rule tried on the incident's own series.

use std::collections::BTreeSet;

use firstfault_metrics::promql::{Expr, Firing, Labels, Query, RangeStart, Rule, Samples, Value, firings};

use super::measured::Measured;
use super::moments::Moments;

/// What a rule did on the incident's own series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Backtest {
    /// When it first fired in the incident (the later of what Prometheus 2 and 3 would do).
    pub(super) fires: Option<i64>,
    /// Before this it surely did not fire in the incident (the earlier of both).
    pub(super) silent_until: Option<i64>,
    /// For which labels it fired then.
    pub(super) whom: BTreeSet<Labels>,
    /// How often it began to fire while all was well, and when first.
    pub(super) on_quiet: usize,
    pub(super) first_on_quiet: Option<i64>,
    /// How often it began to fire in the incident.
    pub(super) in_incident: usize,
}

/// The series that an expression's selectors take; none if one of its metrics is not there at all.
pub(super) fn inputs<'a>(expr: &Expr, measured: &'a Measured) -> Result<Vec<&'a Samples>, Vec<String>> {
    let mut taken: Vec<&Samples> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for name in expr.metrics() {
        let selectors = expr.selectors();
        let own = selectors.iter().filter(|(s, _)| s.name.as_deref() == Some(name));
        let found: Vec<&Samples> =
            measured.series.iter().filter(|s| own.clone().any(|(selector, _)| selector.takes(&s.labels))).collect();
        if found.is_empty() {
            missing.push(name.to_owned());
        }
        taken.extend(found);
    }
    if missing.is_empty() { Ok(taken) } else { Err(missing) }
}

/// Tries a rule on the whole incident, as Prometheus 2 and as Prometheus 3 would.
pub(super) fn backtest(rule: &Rule, series: &[Samples], step: i64, moments: Moments) -> Backtest {
    let run = |start: RangeStart| firings(rule, series, (0, moments.end, step), start);
    let as_2 = run(RangeStart::Included);
    // Prometheus 2 already says no, or there is no range whose start could differ.
    let refused = as_2.first().is_none_or(|f| f.from < moments.begin);
    let same = refused || rule.expr.selectors().iter().all(|(_, range)| *range == 0);
    let as_3 = if same { as_2.clone() } else { run(RangeStart::Excluded) };
    let runs = [as_2, as_3];
    let quiet = |f: &&Firing| f.from < moments.begin;
    let first = |firings: &[Firing]| firings.iter().find(|f| f.from >= moments.begin).map(|f| f.from);
    let (a, b) = (first(&runs[0]), first(&runs[1]));
    let fires = a.zip(b).map(|(a, b)| a.max(b));
    let at = |firings: &[Firing], time: i64| -> BTreeSet<Labels> {
        firings.iter().filter(|f| f.from <= time && f.to >= time).map(|f| f.labels.clone()).collect()
    };
    // The first time from `fires` on at which both agree on who fires.
    let agreed = fires.and_then(|from| {
        (0..20).map(|i| from + i * step).find(|t| {
            let both = (at(&runs[0], *t), at(&runs[1], *t));
            both.0 == both.1 && !both.0.is_empty()
        })
    });
    Backtest {
        fires: agreed,
        silent_until: a.min(b).or(a).or(b),
        whom: agreed.map(|t| at(&runs[0], t)).unwrap_or_default(),
        on_quiet: runs.iter().map(|r| r.iter().filter(quiet).count()).max().unwrap_or(0),
        first_on_quiet: runs.iter().filter_map(|r| r.iter().find(quiet).map(|f| f.from)).min(),
        in_incident: runs[0].iter().filter(|f| f.from >= moments.begin).count(),
    }
}

/// What the left side of a rule's comparison reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reached {
    /// The most while all was well.
    pub(super) quiet: Option<f64>,
    /// The most in the incident, before the outage if that is known.
    pub(super) peak: f64,
    /// The most that held for the rule's duration then.
    pub(super) held: Option<f64>,
}

/// What the left side of `left > number` reached for any set of labels.
pub(super) fn reached(
    rule: &Rule,
    series: &[Samples],
    step: i64,
    moments: Moments,
    until: Option<i64>,
) -> Option<Reached> {
    let Expr::Binary { operator, left, .. } = &rule.expr else { return None };
    if !operator.compares() {
        return None;
    }
    let query = Query::new(left, series, RangeStart::Included);
    let until = until.unwrap_or(moments.end);
    // A range that reaches back before the first sample shows what two samples happen to be, not what is usual.
    let range = left.selectors().iter().map(|(_, range)| *range).max().unwrap_or(0);
    let warm = if moments.begin > 2 * range { range } else { 0 };
    let mut quiet: Option<f64> = None;
    let mut peak = f64::NEG_INFINITY;
    let mut held: Option<f64> = None;
    let mut recent: std::collections::BTreeMap<Labels, Vec<(i64, f64)>> = std::collections::BTreeMap::new();
    let mut time = 0;
    while time <= until {
        let Value::Vector(samples) = query.at(time) else { return None };
        let mut now = std::collections::BTreeMap::new();
        for sample in samples.into_iter().filter(|s| s.value.is_finite()) {
            if time < moments.begin && time < warm {
                continue;
            }
            if time < moments.begin {
                quiet = Some(quiet.unwrap_or(f64::NEG_INFINITY).max(sample.value));
            } else {
                peak = peak.max(sample.value);
            }
            let mut run = recent.remove(&sample.labels).unwrap_or_default();
            run.push((time, sample.value));
            run.retain(|(at, _)| *at >= time - rule.holds_for);
            let whole = run.first().is_some_and(|(at, _)| *at <= time - rule.holds_for);
            if whole && time >= moments.begin {
                let least = run.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min);
                held = Some(held.unwrap_or(f64::NEG_INFINITY).max(least));
            }
            now.insert(sample.labels, run);
        }
        recent = now;
        time += step;
    }
    peak.is_finite().then_some(Reached { quiet, peak, held })
}
