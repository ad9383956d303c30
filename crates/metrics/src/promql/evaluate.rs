use std::collections::BTreeMap;

use super::functions;
use super::matching::{binary, grouped};
use super::syntax::{Expr, Selector};
use super::{Labels, NAME, Samples};

/// How far back the newest sample may lie. Source: Prometheus' `--query.lookback-delta`.
const LOOKBACK: i64 = 5 * 60 * 1000;

/// Whether a sample that lies exactly at the start of a range belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeStart {
    /// It does: Prometheus 2.
    Included,
    /// It does not: Prometheus 3.
    Excluded,
}

/// A labelled number.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The labels.
    pub labels: Labels,
    /// The number.
    pub value: f64,
}

/// What an expression gives at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number.
    Scalar(f64),
    /// A number for each set of labels.
    Vector(Vec<Sample>),
}

/// The samples of a range.
pub(super) struct Window<'a> {
    pub(super) points: &'a [(i64, f64)],
    pub(super) start: i64,
    pub(super) end: i64,
}

/// An expression over samples, with its selectors resolved once.
pub struct Query<'a> {
    expr: &'a Expr,
    inputs: &'a [Samples],
    /// The inputs of each selector by its number.
    chosen: BTreeMap<usize, Vec<usize>>,
    /// The labels of each input without its name.
    nameless: Vec<Labels>,
    start: RangeStart,
}

impl<'a> Query<'a> {
    /// Prepares an expression for many evaluations.
    #[must_use]
    pub fn new(expr: &'a Expr, inputs: &'a [Samples], start: RangeStart) -> Self {
        let choose = |selector: &Selector| -> Vec<usize> {
            (0..inputs.len()).filter(|i| selector.takes(&inputs[*i].labels)).collect()
        };
        let chosen = expr.selectors().into_iter().map(|(s, _)| (s.number, choose(s))).collect();
        let nameless = inputs.iter().map(|input| {
            let mut labels = input.labels.clone();
            labels.remove(NAME);
            labels
        });
        Self { expr, inputs, chosen, nameless: nameless.collect(), start }
    }

    /// What the expression gives at a time (milliseconds).
    #[must_use]
    pub fn at(&self, time: i64) -> Value {
        self.value(self.expr, time)
    }

    fn value(&self, expr: &Expr, time: i64) -> Value {
        match expr {
            Expr::Number(number) => Value::Scalar(*number),
            Expr::Instant(selector) => Value::Vector(self.instant(selector, time)),
            // A range without a function has no value of its own.
            Expr::Range(..) => Value::Vector(Vec::new()),
            Expr::Negative(of) => match self.value(of, time) {
                Value::Scalar(number) => Value::Scalar(-number),
                Value::Vector(samples) => Value::Vector(mapped(samples, |value| -value)),
            },
            Expr::Aggregate { operator, grouping, of } => match self.value(of, time) {
                Value::Vector(samples) => Value::Vector(grouped(operator, grouping, samples)),
                scalar @ Value::Scalar(_) => scalar,
            },
            Expr::Binary { operator, matching, left, right } => {
                binary(*operator, matching, self.value(left, time), self.value(right, time))
            }
            Expr::Call(name, arguments) => self.call(name, arguments, time),
        }
    }

    fn call(&self, name: &str, arguments: &[Expr], time: i64) -> Value {
        let parameter = match arguments.get(1).map(|a| self.value(a, time)) {
            Some(Value::Scalar(number)) => number,
            _ => 0.0,
        };
        match (name, arguments.first()) {
            ("time", _) => Value::Scalar(time as f64 / 1000.0),
            (name, Some(Expr::Range(selector, range))) if functions::of_range(name) => {
                Value::Vector(self.ranged(name, selector, *range, time, parameter))
            }
            ("absent", Some(of)) => match self.value(of, time) {
                Value::Vector(samples) if samples.is_empty() => {
                    Value::Vector(vec![Sample { labels: said(of), value: 1.0 }])
                }
                _ => Value::Vector(Vec::new()),
            },
            ("vector", Some(of)) => match self.value(of, time) {
                Value::Scalar(value) => Value::Vector(vec![Sample { labels: Labels::new(), value }]),
                vector @ Value::Vector(_) => vector,
            },
            (name, Some(of)) => match self.value(of, time) {
                Value::Vector(samples) => Value::Vector(mapped(samples, |value| match name {
                    "abs" => value.abs(),
                    "clamp_max" => value.min(parameter),
                    _ => value.max(parameter),
                })),
                scalar @ Value::Scalar(_) => scalar,
            },
            (_, None) => Value::Vector(Vec::new()),
        }
    }

    fn instant(&self, selector: &Selector, time: i64) -> Vec<Sample> {
        let time = time - selector.offset;
        let mut found = Vec::new();
        for input in self.inputs_of(selector) {
            let newest = self.within(&input.points, time - LOOKBACK, time).last();
            if let Some((_, value)) = newest {
                found.push(Sample { labels: input.labels.clone(), value: *value });
            }
        }
        found
    }

    fn ranged(&self, name: &str, selector: &Selector, range: i64, time: i64, parameter: f64) -> Vec<Sample> {
        let end = time - selector.offset;
        let start = end - range;
        let mut found = Vec::new();
        for at in self.chosen.get(&selector.number).into_iter().flatten() {
            let input = &self.inputs[*at];
            let window = Window { points: self.within(&input.points, start, end), start, end };
            if let Some(value) = functions::over(name, &window, parameter) {
                let labels = if name == "last_over_time" { &input.labels } else { &self.nameless[*at] }.clone();
                found.push(Sample { labels, value });
            }
        }
        found
    }

    fn inputs_of(&self, selector: &Selector) -> impl Iterator<Item = &'a Samples> {
        self.chosen.get(&selector.number).into_iter().flatten().map(|i| &self.inputs[*i])
    }

    fn within<'p>(&self, points: &'p [(i64, f64)], start: i64, end: i64) -> &'p [(i64, f64)] {
        let from = points.partition_point(|(time, _)| match self.start {
            RangeStart::Included => *time < start,
            RangeStart::Excluded => *time <= start,
        });
        let to = points.partition_point(|(time, _)| *time <= end);
        &points[from.min(to)..to]
    }
}

fn mapped(samples: Vec<Sample>, change: impl Fn(f64) -> f64) -> Vec<Sample> {
    let one = |mut sample: Sample| {
        sample.labels.remove(NAME);
        sample.value = change(sample.value);
        sample
    };
    samples.into_iter().map(one).collect()
}

/// The labels that a selector asks for by equality: what `absent` answers with.
fn said(of: &Expr) -> Labels {
    let Expr::Instant(selector) = of else { return Labels::new() };
    let equal = selector.matchers.iter().filter(|m| m.pattern.is_none() && !m.negated && m.label != NAME);
    equal.map(|m| (m.label.clone(), m.value.clone())).collect()
}
