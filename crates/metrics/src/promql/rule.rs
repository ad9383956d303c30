use std::collections::BTreeMap;

use super::evaluate::{Query, RangeStart, Value};
use super::syntax::Expr;
use super::{Labels, NAME, Samples};

/// An alert rule's condition.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The condition.
    pub expr: Expr,
    /// How long it has to hold, in milliseconds.
    pub holds_for: i64,
}

/// A time in which a rule fires for one set of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The labels of the expression, without the name.
    pub labels: Labels,
    /// The evaluation at which it began to fire, in milliseconds.
    pub from: i64,
    /// The last evaluation at which it fired.
    pub to: i64,
}

/// When a rule fires, evaluated at every step from a time to another (both included), the earliest first.
///
/// Source: the states of an alert in Prometheus' `rules/alerting.go`: pending since the condition first held without a
/// break, firing once that is at least `for` ago.
#[must_use]
pub fn firings(rule: &Rule, inputs: &[Samples], (from, to, step): (i64, i64, i64), start: RangeStart) -> Vec<Firing> {
    let query = Query::new(&rule.expr, inputs, start);
    let mut active: BTreeMap<Labels, i64> = BTreeMap::new();
    let mut open: BTreeMap<Labels, Firing> = BTreeMap::new();
    let mut done = Vec::new();
    let mut time = from;
    while time <= to {
        let Value::Vector(samples) = query.at(time) else { break };
        let mut now = BTreeMap::new();
        for sample in samples {
            let mut labels = sample.labels;
            labels.remove(NAME);
            let since = active.get(&labels).copied().unwrap_or(time);
            if time - since >= rule.holds_for {
                open.entry(labels.clone())
                    .or_insert_with(|| Firing { labels: labels.clone(), from: time, to: time })
                    .to = time;
            }
            now.insert(labels, since);
        }
        open.retain(|labels, firing| {
            let goes_on = now.contains_key(labels);
            if !goes_on {
                done.push(firing.clone());
            }
            goes_on
        });
        active = now;
        time += step.max(1);
    }
    done.extend(open.into_values());
    done.sort_by(|a, b| (a.from, &a.labels).cmp(&(b.from, &b.labels)));
    done
}
