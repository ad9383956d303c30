//! The times that a rule is judged by: when all was well, when it began, when people felt it.

use firstfault_model::case::Case;
use jiff::Timestamp;

use super::measured::Measured;

/// Findings that people feel, or that nobody mends before they are felt.
const FELT: &[&str] = &[
    "errors.raised",
    "latency.raised",
    "container.oom-killed",
    "container.crash-looping",
    "container.killed",
    "pod.restarting",
    "workload.unavailable",
    "service.no-ready-endpoints",
    "pod.not-ready",
];

/// A fall of memory by this share within one step is a kill.
const KILLED: f64 = 0.05;

/// Times on the axis of the measured series, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moments {
    /// Where the quiet part ends and the incident begins.
    pub(super) begin: i64,
    /// The first moment at which it was felt, if it is known.
    pub(super) outage: Option<i64>,
    /// The last sample.
    pub(super) end: i64,
}

impl Moments {
    pub(super) fn of(case: &Case, measured: &Measured) -> Self {
        let at = |text: &Option<String>| text.as_ref().and_then(|t| t.parse::<Timestamp>().ok());
        let inside = |time: Timestamp| measured.at(time).filter(|at| (0..=measured.end).contains(at));
        let window = at(&case.window.from).and_then(inside);
        let after = window.unwrap_or(0);
        let evidence = || case.hypotheses.first().into_iter().flat_map(|h| &h.evidence);
        let felt = evidence().filter(|e| FELT.contains(&e.finding.as_str()));
        let outage = felt
            .filter_map(|e| inside(at(&e.since)?))
            .chain(first_kill(measured, after))
            .filter(|at| *at >= after)
            .min();
        let onset = || evidence().filter_map(|e| inside(at(&e.since)?)).min();
        let begin = window.or_else(onset).or(outage).unwrap_or(0);
        Self { begin, outage: outage.filter(|outage| *outage >= begin), end: measured.end }
    }

    /// Whether there is a part in which all was well, long enough to be silent in.
    pub(super) fn has_quiet(&self, step: i64) -> bool {
        self.begin >= 4 * step
    }
}

/// The last sample before memory falls for the first time.
fn first_kill(measured: &Measured, after: i64) -> Option<i64> {
    let memory = measured
        .series
        .iter()
        .filter(|s| s.labels.get("__name__").is_some_and(|n| n == "container_memory_working_set_bytes"));
    let falls = memory.flat_map(|s| s.points.windows(2)).filter(|w| w[1].1 < w[0].1 * (1.0 - KILLED));
    falls.map(|w| w[0].0).filter(|at| *at >= after).min()
}
