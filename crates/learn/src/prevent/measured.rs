//! The evidence's own series under the names that exporters give them, so that rules can be tried on them.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::World;
use firstfault_metrics::promql::{Labels, NAME, Samples};
use firstfault_metrics::{Role, Series};
use firstfault_model::{Entity, Masked};
use jiff::Timestamp;

use super::target::{Target, model_entity, quiet};

/// A grid finer than this is not needed: Prometheus scrapes at most this often.
const FINEST: i64 = 1000;

/// More grid points than this are thinned out: what a week holds at a scrape a minute.
const MOST_POINTS: i64 = 11_000;

/// How far before the incident the usual is looked at, in milliseconds, and how long a time without a known beginning is.
const BEFORE: i64 = 6 * 3_600_000;
const AT_MOST: i64 = 24 * 3_600_000;

/// More series of one metric than this are not tried: those that reached highest stay.
const MOST_SERIES: usize = 40;

/// Series under standard names, on one time axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) series: Vec<Samples>,
    /// The time of the first sample: zero of all other times.
    pub(super) origin: Option<Timestamp>,
    /// Milliseconds from one sample to the next.
    pub(super) step: i64,
    /// The last sample.
    pub(super) end: i64,
    /// What was made of the evidence's series, by standard name.
    pub(super) how: BTreeMap<String, String>,
}

impl Measured {
    /// The series of some entities. `standard` are the names that rules know; `begin` is when the incident began, where
    /// that is known.
    pub(super) fn of(targets: &[Target], standard: &BTreeSet<String>, begin: Option<Timestamp>, world: &World) -> Self {
        let mut measured = Self::default();
        let of = |series: &Series| -> Option<&Target> {
            let carrier = world.carrier_of(&series.entity);
            targets
                .iter()
                .find(|t| {
                    let entity = model_entity(&t.entity);
                    entity == carrier || entity == series.entity
                })
                // A pod that no list of pods has, but whose name says whose it is.
                .or_else(|| targets.iter().find(|t| t.owns(&series.entity.name)))
        };
        let chosen: Vec<(&Series, &Target)> = world
            .series
            .iter()
            .filter(|s| s.points.len() > 2)
            .filter_map(|series| Some((series, of(series)?)))
            .collect();
        let chosen = cropped(chosen, begin);
        let chosen: Vec<(&Series, &Target)> =
            chosen.iter().map(|(series, target)| (series.as_ref(), *target)).collect();
        let Some(origin) = chosen.iter().filter_map(|(s, _)| s.points.first()).map(|(time, _)| *time).min() else {
            return measured;
        };
        measured.step = chosen.iter().filter_map(|(s, _)| usual_gap(s)).min().unwrap_or(60_000).max(FINEST);
        let last = chosen.iter().filter_map(|(s, _)| s.points.last()).map(|(time, _)| *time).max().unwrap_or(origin);
        let whole = last.as_millisecond() - origin.as_millisecond();
        measured.step = measured.step.max((whole / MOST_POINTS + FINEST - 1) / FINEST * FINEST);
        measured.origin = Some(origin);
        for (series, target) in &chosen {
            if let Some((name, how, points)) = standard_form(series, standard) {
                measured.add(&name, &how, series, target, &points);
            }
        }
        measured.requests(&chosen, standard);
        measured.limits(targets);
        measured.series.sort_by(|a, b| a.labels.cmp(&b.labels));
        measured.series.dedup_by(|a, b| a.labels == b.labels);
        measured.bound();
        measured
    }

    /// Leaves out the lower ones of very many series of one metric.
    fn bound(&mut self) {
        let name = |s: &Samples| s.labels.get(NAME).cloned().unwrap_or_default();
        let mut most: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let top = |s: &Samples| s.points.iter().map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max);
        for series in &self.series {
            most.entry(name(series)).or_default().push(top(series));
        }
        for (metric, mut tops) in most {
            if tops.len() <= MOST_SERIES {
                continue;
            }
            tops.sort_by(|a, b| b.total_cmp(a));
            let (least, all) = (tops[MOST_SERIES - 1], tops.len());
            let mut left = MOST_SERIES;
            self.series.retain(|s| {
                let stays = name(s) != metric || (top(s) >= least && left > 0);
                left -= usize::from(stays && name(s) == metric);
                stays
            });
            self.how.insert(metric, format!("the {MOST_SERIES} of {all} series that reach highest"));
        }
    }

    /// Milliseconds after the first sample.
    pub(super) fn at(&self, time: Timestamp) -> Option<i64> {
        Some(time.as_millisecond() - self.origin?.as_millisecond())
    }

    /// The time of some milliseconds after the first sample.
    pub(super) fn time(&self, at: i64) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.origin?.as_millisecond() + at).ok()
    }

    fn add(&mut self, name: &str, how: &str, series: &Series, target: &Target, points: &[(Timestamp, f64)]) {
        let mut labels = labels(name, series, target);
        labels.insert(NAME.into(), name.into());
        // One name bears both limits; a label tells which.
        let resource = match series.role {
            Some(Role::MemoryLimit) => Some(("memory", "byte")),
            Some(Role::CpuLimit) => Some(("cpu", "core")),
            _ => None,
        };
        if let Some((resource, unit)) = resource {
            labels.insert("resource".into(), resource.into());
            labels.insert("unit".into(), unit.into());
        }
        self.insert(labels, points);
        self.how.entry(name.into()).or_insert_with(|| how.to_owned());
    }

    fn insert(&mut self, labels: Labels, points: &[(Timestamp, f64)]) {
        let step = self.step;
        let mut on_grid: Vec<(i64, f64)> = Vec::with_capacity(points.len());
        for (time, value) in points {
            let Some(at) = self.at(*time) else { continue };
            let at = (at + step / 2) / step * step;
            if value.is_finite() && at / step < MOST_POINTS && on_grid.last().is_none_or(|(before, _)| *before < at) {
                on_grid.push((at, *value));
            }
        }
        if let Some((last, _)) = on_grid.last() {
            self.end = self.end.max(*last);
            self.series.push(Samples { labels, points: on_grid });
        }
    }

    /// Counters of requests, where the evidence has a rate and a share of errors.
    fn requests(&mut self, chosen: &[(&Series, &Target)], standard: &BTreeSet<String>) {
        if chosen.iter().any(|(series, _)| is_request_counter(&series.metric)) || !standard.contains(REQUESTS) {
            return;
        }
        let find = |entity: &Entity, role: Role| {
            chosen.iter().map(|(s, _)| *s).find(|s| s.entity == *entity && s.role == Some(role))
        };
        for (rate, target) in chosen.iter().filter(|(s, _)| s.role == Some(Role::Throughput)) {
            let failing = find(&rate.entity, Role::Errors).filter(|s| is_share(s));
            let (good, bad) = counted(rate, failing);
            for (code, points) in [("200", good), ("500", bad)] {
                if code == "500" && failing.is_none() {
                    continue;
                }
                let mut labels = labels(REQUESTS, rate, target);
                labels.insert("code".into(), code.into());
                labels.insert(NAME.into(), REQUESTS.into());
                self.insert(labels, &points);
            }
            let how = match failing {
                Some(failing) => format!("summed up from {} times {}", quiet(&rate.metric), quiet(&failing.metric)),
                None => format!("summed up from {}", quiet(&rate.metric)),
            };
            self.how.entry(REQUESTS.into()).or_insert(how);
        }
    }

    /// Limits beside the use that they bound: from a series of the workload, or from the object.
    fn limits(&mut self, targets: &[Target]) {
        const LIMITS: &str = "kube_pod_container_resource_limits";
        let of_workload: Vec<Samples> =
            self.series.iter().filter(|s| s.labels.get(NAME).is_some_and(|n| n == LIMITS)).cloned().collect();
        let used = [
            ("container_memory_working_set_bytes", "memory", "byte"),
            ("container_cpu_usage_seconds_total", "cpu", "core"),
        ];
        let mut made = Vec::new();
        for (name, resource, unit) in used {
            for series in self.series.iter().filter(|s| s.labels.get(NAME).is_some_and(|n| n == name)) {
                let label = |name: &str| series.labels.get(name).cloned().unwrap_or_default();
                let pod = label("pod");
                let target = targets.iter().find(|t| t.pods.contains(&pod) || t.a_pod() == pod || t.owns(&pod));
                let same = |s: &&Samples| s.labels.get("resource").is_some_and(|r| r == resource);
                let by_series = of_workload.iter().filter(same).find(|s| {
                    let of = s.labels.get("pod");
                    of == Some(&pod) || target.is_some_and(|t| of == Some(&t.a_pod()))
                });
                let by_object = target.and_then(|t| if resource == "memory" { t.memory_limit } else { t.cpu_limit });
                let limit = by_series.and_then(|s| s.points.first()).map(|(_, value)| *value).or(by_object);
                let Some(limit) = limit else { continue };
                let mut labels = series.labels.clone();
                labels.insert(NAME.into(), LIMITS.into());
                labels.insert("resource".into(), resource.into());
                labels.insert("unit".into(), unit.into());
                made.push(Samples { labels, points: series.points.iter().map(|(time, _)| (*time, limit)).collect() });
            }
        }
        if !made.is_empty() {
            self.how.insert(LIMITS.into(), "the limit that the evidence states, beside each pod's use".into());
            self.series.retain(|s| s.labels.get(NAME).is_none_or(|n| n != LIMITS));
            self.series.extend(made);
        }
    }
}

/// The series from some hours before the incident on; a day at most where its beginning is not known.
fn cropped<'a, 't>(
    chosen: Vec<(&'a Series, &'t Target)>,
    begin: Option<Timestamp>,
) -> Vec<(std::borrow::Cow<'a, Series>, &'t Target)> {
    let last = chosen.iter().filter_map(|(s, _)| s.points.last()).map(|(t, _)| t.as_millisecond()).max().unwrap_or(0);
    let from = begin.map_or(last - AT_MOST, |begin| begin.as_millisecond() - BEFORE);
    let crop = |series: &'a Series| {
        let skipped = series.points.partition_point(|(time, _)| time.as_millisecond() < from);
        if skipped == 0 {
            return std::borrow::Cow::Borrowed(series);
        }
        std::borrow::Cow::Owned(Series { points: series.points[skipped..].to_vec(), ..series.clone() })
    };
    let series = chosen.into_iter().map(|(series, target)| (crop(series), target));
    series.filter(|(series, _)| series.points.len() > 2).collect()
}

const REQUESTS: &str = "http_requests_total";

fn is_request_counter(metric: &str) -> bool {
    metric == REQUESTS
}

/// The milliseconds between most samples of a series.
fn usual_gap(series: &Series) -> Option<i64> {
    let mut gaps: Vec<i64> = series
        .points
        .windows(2)
        .map(|w| w[1].0.as_millisecond() - w[0].0.as_millisecond())
        .filter(|g| *g > 0)
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied()
}

/// The labels that an exporter would give a series.
fn labels(name: &str, series: &Series, target: &Target) -> Labels {
    // A label may hold what an address held: it is printed in the proof.
    let masked = |value: &str| quiet(Masked::new(value).as_str());
    let mut labels: Labels = series.labels.iter().map(|(l, v)| (label_name(l), masked(v))).collect();
    let mut put = |label: &str, value: &str| {
        labels.insert(label.into(), quiet(value));
    };
    if let Some(namespace) = series.entity.namespace.as_deref().or(target.entity.namespace.as_deref()) {
        put("namespace", namespace);
    }
    if series.entity.kind == "Node" || series.entity.kind == "host" {
        put("instance", &format!("{}:9100", series.entity.name));
        put("node", &series.entity.name);
        return labels;
    }
    if name.starts_with("workload:") {
        put("workload", &target.entity.name);
        return labels;
    }
    let own = series.entity.kind == "Pod" || target.owns(&series.entity.name);
    let pod = if own { series.entity.name.to_string() } else { target.a_pod() };
    put("pod", &pod);
    if name.starts_with("container_") || name.starts_with("kube_pod_container_") {
        let container = labels.get("container").cloned().unwrap_or_else(|| target.a_container());
        labels.insert("container".into(), quiet(&container));
    }
    labels
}

fn label_name(label: &str) -> String {
    label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The standard name of a series, how it was made, and its samples in the standard unit.
fn standard_form(series: &Series, standard: &BTreeSet<String>) -> Option<(String, String, Vec<(Timestamp, f64)>)> {
    let metric = series.metric.to_string();
    let points = || series.points.clone();
    if standard.contains(metric.as_str()) {
        return Some((metric, "as the evidence has it".into(), points()));
    }
    let word = |word: &str| metric.to_lowercase().contains(word);
    let most = series.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let percent = word("percent") || word("util");
    let node = series.entity.kind == "Node" || series.entity.kind == "host";
    let from = format!("from {}", quiet(&metric));
    let total = |name: &str| Some((name.to_owned(), format!("summed up {from}"), summed(series, |value| value)));
    let limit = || "kube_pod_container_resource_limits".to_owned();
    match series.role? {
        Role::Memory if !node && !percent && most > 1e6 => {
            Some(("container_memory_working_set_bytes".into(), from, points()))
        }
        Role::MemoryLimit if !node && most > 1e6 => Some((limit(), from, points())),
        Role::CpuLimit if !node && !percent && most < 1e4 => Some((limit(), from, points())),
        Role::Cpu if !node && !percent && most < 1e3 && !metric.ends_with("_total") => {
            total("container_cpu_usage_seconds_total")
        }
        Role::Latency if !word("bucket") && !word("count") && !word("sum") => {
            let unit = if word("_ms") || word("milli") { 1e-3 } else { 1.0 };
            let scaled = series.points.iter().map(|(time, value)| (*time, value * unit)).collect();
            let from = if word("99") { from } else { format!("{from}, which stands in for the p99") };
            Some(("workload:http_request_duration_seconds:p99".into(), from, scaled))
        }
        Role::Retransmits if node && word("rate") => total("node_netstat_Tcp_RetransSegs"),
        _ => None,
    }
}

/// A counter whose rate is a series.
fn summed(series: &Series, weight: impl Fn(f64) -> f64) -> Vec<(Timestamp, f64)> {
    let mut sum = 0.0;
    let mut before: Option<Timestamp> = None;
    let mut points = Vec::with_capacity(series.points.len());
    for (time, value) in &series.points {
        if let Some(before) = before {
            let seconds = (time.as_millisecond() - before.as_millisecond()) as f64 / 1000.0;
            sum += weight(*value).max(0.0) * seconds;
        }
        before = Some(*time);
        points.push((*time, rounded(sum)));
    }
    points
}

/// Counters of good and bad requests from a rate and the share that fails.
fn counted(rate: &Series, failing: Option<&Series>) -> (Vec<(Timestamp, f64)>, Vec<(Timestamp, f64)>) {
    let share: BTreeMap<i64, f64> =
        failing.into_iter().flat_map(|s| s.points.iter().map(|(t, v)| (t.as_millisecond(), *v))).collect();
    let part = |bad: bool| Series {
        points: rate
            .points
            .iter()
            .map(|(time, value)| {
                let share = share.get(&time.as_millisecond()).copied().unwrap_or(0.0).clamp(0.0, 1.0);
                (*time, value * if bad { share } else { 1.0 - share })
            })
            .collect(),
        ..rate.clone()
    };
    (summed(&part(false), |v| v), summed(&part(true), |v| v))
}

/// Whether errors are given as a share of requests.
fn is_share(series: &Series) -> bool {
    series.points.iter().all(|(_, value)| (0.0..=1.0).contains(value))
}

/// To a thousandth: a counter needs no more, and a proof stays readable.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
