//! What it cost, in numbers that were measured or counted.

use firstfault_metrics::{Role, Series};
use firstfault_model::case::CaseEntity;
use jiff::Timestamp;

use super::course::{Course, role};
use super::document::{Chart, Impact, Number, Proof};
use super::facts::{Facts, bytes, clock, digits, lasted, proof, share, thousands};
use super::series::{self, Measured};

/// Points of a chart's line.
const POINTS: usize = 160;
/// Lines of a chart.
const LINES: usize = 6;

/// The usual value of what customers feel, to compare with after mending.
#[derive(Clone, Debug)]
pub(crate) struct Usual {
    /// `the share of failing requests of Deployment shop/front`
    pub(crate) what: String,
    /// As printed.
    pub(crate) value: String,
}

/// What was lost, the usual values, and what nobody measured.
pub(crate) struct Loss {
    pub(crate) impact: Impact,
    pub(crate) usual: Vec<Usual>,
    pub(crate) unknown: Vec<String>,
    pub(crate) charts: Vec<Chart>,
}

pub(crate) fn of(facts: &Facts<'_>, course: &Course) -> Loss {
    let mut loss = Loss {
        impact: Impact {
            numbers: vec![duration(facts, course)],
            affected: facts.case.affected.iter().map(ToString::to_string).collect(),
            unaffected: facts.case.unaffected.iter().map(ToString::to_string).collect(),
        },
        usual: Vec::new(),
        unknown: Vec::new(),
        charts: Vec::new(),
    };
    requests(facts, course, &mut loss);
    replicas(facts, &mut loss);
    own_signal(facts, course, &mut loss);
    loss
}

fn duration(facts: &Facts<'_>, course: &Course) -> Number {
    let (during, how) = match (course.effect(), &course.recovered) {
        (Some((from, to)), Some(_)) => {
            (lasted(to.duration_since(from)), Some(format!("{} to {}", clock(from), clock(to))))
        }
        (Some((from, to)), None) => {
            let how = format!("from {} to {}, the newest evidence; not over by then", clock(from), clock(to));
            (format!("at least {}", lasted(to.duration_since(from))), Some(how))
        }
        (None, _) => ("not known".to_owned(), Some("no effect in the evidence carries a time".to_owned())),
    };
    let proof = course.felt.as_ref().or(course.began.as_ref()).and_then(|m| m.proof.clone());
    let what = if facts.case.over { "Duration" } else { "Duration so far" };
    Number { what: what.to_owned(), before: None, during, how, proof }
}

fn requests(facts: &Facts<'_>, course: &Course, loss: &mut Loss) {
    let mut measured = false;
    if let (Some(world), Some(felt)) = (facts.world, course.felt.as_ref().or(course.began.as_ref())) {
        let until = course.recovered.as_ref().map(|m| m.at);
        for entity in facts.concerned() {
            let series = |role| series::of(world, entity, role);
            measured |= failures(entity, &series(Role::Errors), Kind::Failing, felt.at, until, loss);
            measured |= failures(entity, &series(Role::SuccessRate), Kind::Succeeding, felt.at, until, loss);
            for series in series(Role::Latency).into_iter().take(3) {
                latency(entity, series, felt.at, until, loss);
            }
            if let (Some(rate), Some(failing)) =
                (series(Role::Throughput).first(), series(Role::Errors).iter().find(|s| is_share(s)))
                && let Some(failed) = series::failed(rate, failing, felt.at, until)
            {
                loss.impact.numbers.push(Number {
                    what: format!("Failed requests to {entity}"),
                    before: None,
                    during: format!("about {}", thousands((failed / 100.0).round() * 100.0)),
                    how: Some("rate × failing share, summed over the samples since it was felt".to_owned()),
                    proof: Some(cite(failing)),
                });
            }
        }
    }
    if !measured {
        measured = from_case(facts, loss);
    }
    if !measured {
        loss.unknown.push("What share of requests failed: no rate or share of errors is in the evidence.".to_owned());
    }
    budget(course, loss, measured);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failing,
    Succeeding,
}

/// Whether a series of errors is a share of requests rather than a count.
fn is_share(series: &Series) -> bool {
    let named = ["ratio", "share", "percent", "rate"].iter().any(|w| series.metric.to_lowercase().contains(w));
    named && series.points.iter().all(|(_, v)| (0.0..=1.0).contains(v))
}

fn failures(
    entity: &CaseEntity,
    all: &[&Series],
    kind: Kind,
    felt: Timestamp,
    until: Option<Timestamp>,
    loss: &mut Loss,
) -> bool {
    let fitting = all.iter().filter(|s| kind == Kind::Succeeding || is_share(s));
    let split = fitting.filter_map(|s| Some((*s, series::measured(s, felt, until)?)));
    let worst = |m: &Measured| if kind == Kind::Failing { m.worst } else { -m.worst };
    let Some((series, found)) = split.max_by(|a, b| worst(&a.1).total_cmp(&worst(&b.1))) else { return false };
    // A share of success may be written as a fraction or in percent.
    let whole = if series.points.iter().any(|(_, v)| *v > 1.5) { 100.0 } else { 1.0 };
    let failing = |v: f64| if kind == Kind::Failing { v } else { (1.0 - v / whole).max(0.0) };
    let what = format!("Share of failing requests to {entity}");
    let before = found.before.map(|b| share(failing(b)));
    if let Some(value) = &before {
        loss.usual.push(Usual { what: format!("the share of failing requests to {entity}"), value: value.clone() });
    }
    loss.impact.numbers.push(Number {
        what: what.clone(),
        before,
        during: share(failing(found.during)),
        how: None,
        proof: Some(cite(series)),
    });
    let lines = vec![series::thinned(&series.points, POINTS).into_iter().map(|(t, v)| (t, failing(v))).collect()];
    loss.charts.push(Chart { title: what, unit: "share".to_owned(), lines, limit: None, felt: Some(felt.as_second()) });
    true
}

fn latency(entity: &CaseEntity, series: &Series, felt: Timestamp, until: Option<Timestamp>, loss: &mut Loss) {
    /// Less than this is no change that anyone feels.
    const TIMES: f64 = 1.5;
    let Some(found) = series::measured(series, felt, until) else { return };
    if found.before.is_some_and(|b| b > 0.0 && found.during < TIMES * b) {
        return;
    }
    let milliseconds = ["ms", "millis"].iter().any(|w| series.metric.to_lowercase().contains(w));
    let unit = if milliseconds {
        "ms"
    } else if series.metric.contains("second") {
        "s"
    } else {
        ""
    };
    let show = |v: f64| match unit {
        "s" if v < 1.0 => format!("{} ms", digits(v * 1000.0)),
        "" => digits(v),
        unit => format!("{} {unit}", digits(v)),
    };
    let what = format!("{} of {}", quantile(&series.metric), entity);
    let before = found.before.map(show);
    if let Some(value) = &before {
        loss.usual.push(Usual { what: what.clone(), value: value.clone() });
    }
    loss.impact.numbers.push(Number {
        what: what.clone(),
        before,
        during: show(found.during),
        how: None,
        proof: Some(cite(series)),
    });
    let lines = vec![series::thinned(&series.points, POINTS)];
    loss.charts.push(Chart { title: what, unit: unit.to_owned(), lines, limit: None, felt: Some(felt.as_second()) });
}

/// `Response time (p99)` for a metric that names its quantile.
fn quantile(metric: &str) -> String {
    let words = metric.split(|c: char| !c.is_ascii_alphanumeric());
    let found = words.filter_map(|w| w.strip_prefix('p')).find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        matches!(digits.as_str(), "50" | "75" | "90" | "95" | "99" | "999").then_some(digits)
    });
    found.map_or_else(|| format!("Response time ({metric})"), |q| format!("Response time (p{q})"))
}

/// Where the series are gone: what the case itself keeps of them.
fn from_case(facts: &Facts<'_>, loss: &mut Loss) -> bool {
    let mut measured = false;
    for (finding, what) in [("errors.raised", "Failing requests"), ("latency.raised", "Response time")] {
        let Some(fact) = facts.fact(finding) else { continue };
        let field = |key: &str| fact.fields.get(key).filter(|v| *v != "unknown").cloned();
        let Some(during) = field("share").or_else(|| field("now")) else { continue };
        measured |= finding == "errors.raised";
        let before = field("normal").map(|n| match n.parse::<f64>() {
            Ok(n) if field("share").is_some() && n <= 1.0 => share(n),
            _ => n,
        });
        loss.impact.numbers.push(Number {
            what: format!("{what}: {}", fact.says),
            before,
            during,
            how: None,
            proof: Some(proof(fact)),
        });
    }
    measured
}

/// How much of a common objective the outage takes, where everything failed.
fn budget(course: &Course, loss: &mut Loss, measured: bool) {
    /// Minutes of a 30-day month that a 99.9 % objective leaves.
    const MONTH: f64 = 30.0 * 24.0 * 60.0 * 0.001;
    let whole = loss.impact.numbers.iter().any(|n| n.what.starts_with("Share of failing") && n.during == "100 %");
    let Some((from, to)) = course.effect().filter(|_| measured && whole) else { return };
    let minutes = to.duration_since(from).as_secs_f64() / 60.0;
    loss.impact.numbers.push(Number {
        what: "Error budget of a 99.9 % objective over 30 days".to_owned(),
        before: None,
        during: format!("{} used", share(minutes / MONTH)),
        how: Some(format!(
            "{} min of failure of {} min allowed; the objective is an example, none is in the evidence",
            digits(minutes),
            digits(MONTH)
        )),
        proof: None,
    });
}

fn replicas(facts: &Facts<'_>, loss: &mut Loss) {
    let lost = facts.first.evidence.iter().find(|e| e.fields.contains_key("ready") && e.fields.contains_key("wanted"));
    if let Some(fact) = lost {
        let field = |key: &str| fact.fields.get(key).and_then(|v| v.parse::<u64>().ok());
        if let (Some(ready), Some(wanted)) = (field("ready"), field("wanted")) {
            loss.impact.numbers.push(Number {
                what: "Replicas lost".to_owned(),
                before: Some(format!("{wanted} wanted")),
                during: format!("{} of {wanted} lost, {ready} ready", wanted.saturating_sub(ready)),
                how: None,
                proof: Some(proof(fact)),
            });
        }
    }
    let restarts: Vec<u64> = facts.world.map(|world| restarts(facts, world)).unwrap_or_default();
    let fact = facts.fact("pod.restarting").or_else(|| facts.fact("container.crash-looping"));
    if let Some(fact) = fact.filter(|_| restarts.iter().any(|r| *r > 0)) {
        loss.impact.numbers.push(Number {
            what: "Restarts of containers".to_owned(),
            before: None,
            during: format!("{} in {} pods", restarts.iter().sum::<u64>(), restarts.iter().filter(|r| **r > 0).count()),
            how: Some("as counted by the kubelet since the pods were made".to_owned()),
            proof: Some(proof(fact)),
        });
    }
}

fn restarts(facts: &Facts<'_>, world: &firstfault_gather::World) -> Vec<u64> {
    let cause = super::facts::entity(&facts.first.entity);
    let count = |pod: &firstfault_gather::Object| {
        let statuses = pod.at("status.containerStatuses").list();
        statuses.iter().filter_map(|s| u64::try_from(s.get("restartCount").as_int()?).ok()).sum()
    };
    world.pods_of(&cause).map(count).collect()
}

/// The measure that shows the cause itself: its level before, its peak, its limit.
fn own_signal(facts: &Facts<'_>, course: &Course, loss: &mut Loss) {
    let (Some(world), Some(cause)) = (facts.world, facts.cause()) else { return };
    let Some(role) = role(&cause.finding) else { return };
    if matches!(role, Role::Errors | Role::Latency) {
        return;
    }
    let all = series::of(world, &facts.first.entity, role);
    let bound = if role == Role::Memory { Role::MemoryLimit } else { Role::CpuLimit };
    let limit = series::of(world, &facts.first.entity, bound).first().and_then(|s| s.points.last()).map(|p| p.1);
    let highest = |s: &&&Series| s.points.iter().map(|p| p.1).fold(f64::MIN, f64::max);
    let Some(series) = all.iter().max_by(|a, b| highest(a).total_cmp(&highest(b))) else { return };
    let show = |v: f64| if role == Role::Memory || role == Role::DiskUsed { bytes(v) } else { digits(v) };
    let (Some(first), peak) = (series.points.first(), highest(&series)) else { return };
    let title = match role {
        Role::Memory => "Memory",
        Role::Cpu => "CPU",
        Role::DiskUsed => "Disk used",
        Role::Connections => "Connections",
        Role::Throughput => "Requests a second",
        _ => "Measured",
    };
    let what = format!("{title} of {}, highest replica", facts.first.entity);
    let of_limit = limit.filter(|l| *l > 0.0).map_or_else(String::new, |l| {
        format!(", {} of the limit of {}", share((peak / l * 100.0).round() / 100.0), show(l))
    });
    loss.impact.numbers.push(Number {
        what,
        before: Some(format!("{} at {}", show(first.1), clock(first.0))),
        during: format!("{}{of_limit}", show(peak)),
        how: None,
        proof: Some(cite(series)),
    });
    loss.charts.push(Chart {
        title: format!("{title} of {}", facts.first.entity),
        unit: if matches!(role, Role::Memory | Role::DiskUsed) { "B".to_owned() } else { String::new() },
        lines: all.iter().take(LINES).map(|s| series::thinned(&s.points, POINTS)).collect(),
        limit,
        felt: course.felt.as_ref().map(|m| m.at.as_second()),
    });
}

fn cite(series: &Series) -> Proof {
    let place = if series.place.lines.0 == 0 {
        series.place.path.to_string()
    } else {
        format!("{}:{}", series.place.path, series.place.lines.0)
    };
    Proof { place, excerpt: format!("{} {}", series.entity.name, series.metric) }
}
