use std::collections::BTreeMap;

use super::evaluate::{Sample, Value};
use super::syntax::{Grouping, Matching, Operator};
use super::{Labels, NAME};

/// Aggregates samples by the labels that stay.
pub(super) fn grouped(operator: &str, grouping: &Grouping, samples: Vec<Sample>) -> Vec<Sample> {
    let mut groups: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
    for sample in samples {
        let mut labels = sample.labels;
        match grouping {
            Grouping::By(kept) => labels.keep(|label| kept.contains(label)),
            Grouping::Without(gone) => labels.keep(|label| label != NAME && !gone.contains(label)),
        }
        groups.entry(labels).or_default().push(sample.value);
    }
    let one = |(labels, values): (Labels, Vec<f64>)| {
        let sum: f64 = values.iter().sum();
        let value = match operator {
            "min" => values.iter().copied().fold(f64::NAN, f64::min),
            "max" => values.iter().copied().fold(f64::NAN, f64::max),
            "avg" => sum / values.len() as f64,
            "count" => values.len() as f64,
            _ => sum,
        };
        Sample { labels, value }
    };
    groups.into_iter().map(one).collect()
}

/// Both sides of an operator.
pub(super) fn binary(operator: Operator, matching: &Matching, left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            let value = calculated(operator, left, right).unwrap_or(0.0);
            Value::Scalar(if operator.compares() { f64::from(u8::from(holds(operator, left, right))) } else { value })
        }
        (Value::Vector(samples), Value::Scalar(number)) => {
            Value::Vector(samples.into_iter().filter_map(|s| with_number(operator, s, number, false)).collect())
        }
        (Value::Scalar(number), Value::Vector(samples)) => {
            Value::Vector(samples.into_iter().filter_map(|s| with_number(operator, s, number, true)).collect())
        }
        (Value::Vector(left), Value::Vector(right)) if operator.joins() => {
            Value::Vector(joined(operator, matching, left, right))
        }
        (Value::Vector(left), Value::Vector(right)) => Value::Vector(paired(operator, matching, left, right)),
    }
}

fn with_number(operator: Operator, mut sample: Sample, number: f64, number_first: bool) -> Option<Sample> {
    let (left, right) = if number_first { (number, sample.value) } else { (sample.value, number) };
    if operator.compares() {
        return holds(operator, left, right).then_some(sample);
    }
    sample.labels.remove(NAME);
    sample.value = calculated(operator, left, right)?;
    Some(sample)
}

/// `and`, `or`, `unless`.
fn joined(operator: Operator, matching: &Matching, left: Vec<Sample>, right: Vec<Sample>) -> Vec<Sample> {
    let keys = |samples: &[Sample]| -> Vec<Labels> { samples.iter().map(|s| key(matching, &s.labels)).collect() };
    let (of_left, of_right) = (keys(&left), keys(&right));
    match operator {
        Operator::Or => {
            let more = right.into_iter().zip(&of_right).filter(|(_, key)| !of_left.contains(key));
            let more: Vec<Sample> = more.map(|(sample, _)| sample).collect();
            left.into_iter().chain(more).collect()
        }
        _ => {
            let wanted = operator == Operator::And;
            let kept = left.into_iter().zip(&of_left).filter(|(_, key)| of_right.contains(key) == wanted);
            kept.map(|(sample, _)| sample).collect()
        }
    }
}

/// One to one, or many on the left to one on the right.
fn paired(operator: Operator, matching: &Matching, left: Vec<Sample>, right: Vec<Sample>) -> Vec<Sample> {
    let right: BTreeMap<Labels, Sample> = right.into_iter().map(|s| (key(matching, &s.labels), s)).collect();
    let mut found = Vec::new();
    for sample in left {
        let key = key(matching, &sample.labels);
        let Some(other) = right.get(&key) else { continue };
        let value = if operator.compares() {
            if !holds(operator, sample.value, other.value) {
                continue;
            }
            sample.value
        } else {
            let Some(value) = calculated(operator, sample.value, other.value) else { continue };
            value
        };
        let mut labels = match &matching.group_left {
            Some(_) => sample.labels,
            None if matching.on.is_some() => key,
            None => {
                let mut labels = sample.labels;
                labels.keep(|label| !matching.ignoring.contains(label));
                labels
            }
        };
        for label in matching.group_left.iter().flatten() {
            if let Some(value) = other.labels.get(label) {
                labels.insert(label.clone(), value.clone());
            }
        }
        if !operator.compares() {
            labels.remove(NAME);
        }
        found.push(Sample { labels, value });
    }
    found
}

/// The labels by which both sides find each other.
fn key(matching: &Matching, labels: &Labels) -> Labels {
    let mut labels = labels.clone();
    match &matching.on {
        Some(on) => labels.keep(|label| on.contains(label)),
        None => labels.keep(|label| label != NAME && !matching.ignoring.contains(label)),
    }
    labels
}

fn holds(operator: Operator, left: f64, right: f64) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Greater => left > right,
        Operator::GreaterEqual => left >= right,
        Operator::Less => left < right,
        Operator::LessEqual => left <= right,
        _ => false,
    }
}

fn calculated(operator: Operator, left: f64, right: f64) -> Option<f64> {
    Some(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulo => left % right,
        Operator::Power => left.powf(right),
        _ => return None,
    })
}
