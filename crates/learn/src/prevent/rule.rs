//! From a template to a rule: its placeholders filled, its numbers chosen by what the incident's series show.

use firstfault_catalog::{AlertTemplate, AlertTry, Threshold};
use firstfault_metrics::promql::{Rule, Samples, parse};

use super::amount::{lasting, round_between, shown};
use super::backtest::{Backtest, backtest, inputs, reached};
use super::measured::Measured;
use super::moments::Moments;
use super::target::{Form, Target, quiet};

/// A computed threshold has to lie this much above what was usual, or chance alone fires it.
const APART: f64 = 1.2;

/// A rule for one entity.
#[derive(Clone, Debug)]
pub(super) struct AlertRule<'a> {
    pub(super) template: &'a AlertTemplate,
    pub(super) target: Target,
    /// Whether it watches the cause itself, and not what follows from it.
    pub(super) of_cause: bool,
    pub(super) expr: String,
    /// Recording rules that it reads: name and expression.
    pub(super) records: Vec<(String, String)>,
    /// Milliseconds.
    pub(super) holds_for: i64,
    pub(super) threshold: Option<f64>,
    pub(super) window: Option<String>,
    pub(super) summary: String,
    pub(super) advice: String,
    pub(super) verdict: Verdict,
    /// Choices that were not good, each with the reason.
    pub(super) rejected: Vec<String>,
}

/// What is known of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It fires on its own incident and is silent while all is well.
    Proven(Backtest),
    /// Its metrics are not in the evidence.
    Unproven(Vec<String>),
    /// None of its choices is good: why, for each.
    NotGood,
}

/// What rules are tried on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) measured: &'a Measured,
    pub(super) moments: Moments,
    /// Since when the cause's own signal is seen.
    pub(super) cause_since: Option<i64>,
}

/// One choice with its numbers filled in.
struct Choice {
    rule: Rule,
    expr: String,
    holds_for: i64,
    threshold: Option<f64>,
}

impl<'a> AlertRule<'a> {
    pub(super) fn of(template: &'a AlertTemplate, target: Target, of_cause: bool, ground: Ground) -> Option<Self> {
        let usual = template.tries.iter().find(|t| !computed(t)).or(template.tries.first())?;
        let records = template.records.iter().map(|(name, expr)| {
            let expr = numbers(expr, usual, None);
            (name.clone(), target.fill(&expr, Form::Matchers))
        });
        let mut rule = Self {
            template,
            of_cause,
            expr: String::new(),
            records: records.collect(),
            holds_for: 0,
            threshold: None,
            window: usual.window.clone(),
            summary: String::new(),
            advice: template.advice.clone(),
            verdict: Verdict::NotGood,
            rejected: Vec::new(),
            target,
        };
        let plain = rule.choice(usual, None)?;
        match inputs(&plain.rule.expr, ground.measured) {
            Err(missing) => {
                rule.take(&plain, usual);
                rule.verdict = Verdict::Unproven(missing);
            }
            Ok(taken) => {
                let series: Vec<Samples> = taken.into_iter().cloned().collect();
                rule.choose(&series, ground);
                if rule.expr.is_empty() {
                    rule.take(&plain, usual);
                }
            }
        }
        Some(rule)
    }

    /// The first choice that fires before the outage and is silent while all is well; else the first that fires later.
    fn choose(&mut self, series: &[Samples], ground: Ground) {
        let Ground { measured, moments, .. } = ground;
        let mut late: Option<(Choice, &AlertTry, Backtest)> = None;
        for attempt in &self.template.tries {
            let threshold = match self.computed_threshold(attempt, series, ground) {
                Ok(threshold) => threshold,
                Err(why) => {
                    self.rejected.push(format!("{}: {why}", said(attempt, None, &self.template.unit)));
                    continue;
                }
            };
            let Some(choice) = self.choice(attempt, threshold) else { continue };
            let result = backtest(&choice.rule, series, measured.step, moments);
            let reason = self.objection(&choice, &result, series, ground);
            if let Some(reason) = reason {
                self.rejected.push(format!("{}: {reason}", said(attempt, choice.threshold, &self.template.unit)));
                continue;
            }
            let in_time = moments.outage.is_none_or(|outage| result.fires.is_some_and(|at| at < outage));
            if in_time {
                self.take(&choice, attempt);
                self.verdict = Verdict::Proven(result);
                return;
            }
            if late.as_ref().is_none_or(|(_, _, before)| result.fires < before.fires) {
                late = Some((choice, attempt, result));
            }
        }
        if let Some((choice, attempt, result)) = late {
            self.take(&choice, attempt);
            self.verdict = Verdict::Proven(result);
        }
    }

    fn take(&mut self, choice: &Choice, attempt: &AlertTry) {
        self.expr.clone_from(&choice.expr);
        self.holds_for = choice.holds_for;
        self.threshold = choice.threshold;
        self.window.clone_from(&attempt.window);
        let ahead = attempt.horizon.map(|s| lasting(i64::from(s) * 1000)).unwrap_or_default();
        self.summary =
            self.template.summary.replace("{horizon}", &ahead).replace("<name>", &quiet(&self.target.entity.name));
    }

    fn choice(&self, attempt: &AlertTry, threshold: Option<f64>) -> Option<Choice> {
        let threshold = threshold.or(match attempt.threshold {
            Some(Threshold::Fixed(number)) => Some(number),
            _ => None,
        });
        let expr = self.target.fill(&numbers(&self.template.expr, attempt, threshold), Form::Matchers);
        let holds_for = milliseconds(&attempt.holds_for)?;
        let rule = Rule { expr: parse(&expr).ok()?, holds_for };
        Some(Choice { rule, expr, holds_for, threshold })
    }

    /// A threshold between what was usual and what held before the outage.
    fn computed_threshold(
        &self,
        attempt: &AlertTry,
        series: &[Samples],
        ground: Ground,
    ) -> Result<Option<f64>, String> {
        if !computed(attempt) {
            return Ok(None);
        }
        let Ground { measured, moments, .. } = ground;
        if !moments.has_quiet(measured.step) {
            return Err("the evidence has no quiet part to compute a threshold from".into());
        }
        let plain = self.choice(attempt, Some(0.0)).ok_or("it cannot be read")?;
        let before_outage = moments.outage.map(|outage| outage - measured.step).filter(|until| *until > moments.begin);
        let unit = &self.template.unit;
        for until in [before_outage, Some(moments.end)] {
            let Some(until) = until else { continue };
            let Some(found) = reached(&plain.rule, series, measured.step, moments, Some(until)) else { continue };
            let usual = found.quiet.unwrap_or(0.0).max(0.0);
            if let Some(held) = found.held.filter(|held| *held > usual * APART && *held > 0.0) {
                return Ok(Some(round_between(usual * 1.1, held)));
            }
            if until == moments.end {
                let held = found.held.map_or("nothing".to_owned(), |held| shown(held, unit));
                let usual = shown(usual, unit);
                return Err(format!("no threshold lies between {usual} while all was well and {held} in the incident"));
            }
        }
        Err("it has no value in the incident".into())
    }

    /// Why a choice is not good, if it is not.
    fn objection(&self, choice: &Choice, result: &Backtest, series: &[Samples], ground: Ground) -> Option<String> {
        let Ground { measured, moments, cause_since } = ground;
        let unit = &self.template.unit;
        if let Some(first) = result.first_on_quiet {
            let mut why = format!("fires while all was still well, at {}", clock(measured, first));
            if let Some(outage) = moments.outage {
                why += &format!(" ({} before it was felt)", lasting(outage - first));
            }
            if cause_since.is_some_and(|since| since <= first) {
                why += "; the cause was already at work then: take it if you do not call that time well";
            }
            return Some(why);
        }
        if result.fires.is_some() {
            return None;
        }
        let mut why = "stays silent on this incident".to_owned();
        let found = reached(&choice.rule, series, measured.step, moments, None);
        if let (Some(found), Some(threshold)) = (found, choice.threshold) {
            if found.peak <= threshold {
                why += &format!(
                    ": it wants more than {}, and {} is the most there was",
                    shown(threshold, unit),
                    shown(found.peak, unit)
                );
            } else {
                why += &format!(": it is not above {} for {}", shown(threshold, unit), lasting(choice.holds_for));
            }
        }
        if let (Some(limit), Some(threshold), "binBps") = (self.limit(series), choice.threshold, unit.as_str()) {
            let full = (limit / threshold * 1000.0) as i64;
            if full < choice.holds_for {
                why += &format!(
                    "; at that rate even an empty container is at its limit of {} after {}, so it can never fire here",
                    shown(limit, "bytes"),
                    lasting(full)
                );
            }
        }
        Some(why)
    }

    /// The memory limit of the target.
    fn limit(&self, series: &[Samples]) -> Option<f64> {
        let by_series = series.iter().find(|s| s.labels.get("resource").is_some_and(|r| r == "memory"));
        by_series.and_then(|s| s.points.first()).map(|(_, value)| *value).or(self.target.memory_limit)
    }
}

/// The clock time of a moment on the axis.
pub(super) fn clock(measured: &Measured, at: i64) -> String {
    measured.time(at).map_or_else(|| lasting(at), |time| time.strftime("%H:%M:%S").to_string())
}

pub(super) fn milliseconds(duration: &str) -> Option<i64> {
    firstfault_metrics::promql::duration(duration)
}

fn computed(attempt: &AlertTry) -> bool {
    matches!(attempt.threshold, Some(Threshold::FromEvidence(_)))
}

/// A choice in words: its window, threshold and duration.
fn said(attempt: &AlertTry, threshold: Option<f64>, unit: &str) -> String {
    let mut parts = Vec::new();
    if let Some(window) = &attempt.window {
        parts.push(format!("over {window}"));
    }
    if let Some(horizon) = attempt.horizon {
        parts.push(format!("{} ahead", lasting(i64::from(horizon) * 1000)));
    }
    match (threshold, attempt.threshold.clone()) {
        (Some(number), _) | (None, Some(Threshold::Fixed(number))) => {
            parts.push(format!("above {}", shown(number, unit)));
        }
        (None, Some(Threshold::FromEvidence(_))) => parts.push("above a computed threshold".into()),
        (None, None) => {}
    }
    parts.push(format!("for {}", attempt.holds_for));
    parts.join(" ")
}

/// Fills in a choice's numbers.
pub(super) fn numbers(text: &str, attempt: &AlertTry, threshold: Option<f64>) -> String {
    let fixed = match attempt.threshold {
        Some(Threshold::Fixed(number)) => Some(number),
        _ => None,
    };
    let threshold = threshold.or(fixed).map(|n| n.to_string()).unwrap_or_default();
    let horizon = attempt.horizon.map(|s| s.to_string()).unwrap_or_default();
    text.replace("<window>", attempt.window.as_deref().unwrap_or("5m"))
        .replace("<horizon>", &horizon)
        .replace("<threshold>", &threshold)
}
