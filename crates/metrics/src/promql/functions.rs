use super::evaluate::Window;

/// How many arguments a function takes; none if this part of the language does not have it.
pub(super) fn arguments(name: &str) -> Option<usize> {
    Some(match name {
        "time" => 0,
        "rate" | "increase" | "delta" | "deriv" | "changes" | "max_over_time" | "min_over_time" | "avg_over_time"
        | "sum_over_time" | "count_over_time" | "last_over_time" | "absent" | "abs" | "vector" => 1,
        "predict_linear" | "clamp_max" | "clamp_min" => 2,
        _ => return None,
    })
}

/// Whether a function looks at a range of samples.
pub(super) fn of_range(name: &str) -> bool {
    name.ends_with("_over_time")
        || matches!(name, "rate" | "increase" | "delta" | "deriv" | "changes" | "predict_linear")
}

/// A function over the samples of a range; none where it has no value.
pub(super) fn over(name: &str, window: &Window, parameter: f64) -> Option<f64> {
    let values = || window.points.iter().map(|(_, value)| *value);
    let count = window.points.len() as f64;
    if window.points.is_empty() {
        return None;
    }
    match name {
        "rate" => extrapolated(window, true, true),
        "increase" => extrapolated(window, true, false),
        "delta" => extrapolated(window, false, false),
        "deriv" => (window.points.len() > 1).then(|| regression(window, window.points[0].0).0),
        "predict_linear" => (window.points.len() > 1).then(|| {
            let (slope, intercept) = regression(window, window.end);
            slope * parameter + intercept
        }),
        "changes" => Some(window.points.windows(2).filter(|w| w[0].1 != w[1].1).count() as f64),
        "max_over_time" => values().reduce(f64::max),
        "min_over_time" => values().reduce(f64::min),
        "sum_over_time" => Some(values().sum()),
        "avg_over_time" => Some(values().sum::<f64>() / count),
        "count_over_time" => Some(count),
        "last_over_time" => values().next_back(),
        _ => None,
    }
}

/// The growth of a counter or gauge over the whole range, or by the second, stretched to the ends of the range where
/// samples come close to them. Source: `extrapolatedRate` in Prometheus' `promql/functions.go` (2.42).
fn extrapolated(window: &Window, counter: bool, by_second: bool) -> Option<f64> {
    let points = window.points;
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let mut growth = last.1 - first.1;
    if counter {
        growth += points.windows(2).filter(|w| w[1].1 < w[0].1).map(|w| w[0].1).sum::<f64>();
    }
    let seconds = |milliseconds: i64| milliseconds as f64 / 1000.0;
    let mut to_start = seconds(first.0 - window.start);
    let to_end = seconds(window.end - last.0);
    let sampled = seconds(last.0 - first.0);
    let between = sampled / (points.len() - 1) as f64;
    if counter && growth > 0.0 && first.1 >= 0.0 {
        // A counter was not below zero before.
        to_start = to_start.min(sampled * (first.1 / growth));
    }
    let threshold = between * 1.1;
    let near = |gap: f64| if gap < threshold { gap } else { between / 2.0 };
    let stretch = (sampled + near(to_start) + near(to_end)) / sampled;
    let whole = growth * stretch;
    Some(if by_second { whole / seconds(window.end - window.start) } else { whole })
}

/// Slope by the second and value at a time, by least squares.
fn regression(window: &Window, at: i64) -> (f64, f64) {
    let points = window.points;
    if points.iter().all(|(_, value)| *value == points[0].1) {
        return (0.0, points[0].1);
    }
    let count = points.len() as f64;
    let (mut x, mut y, mut xy, mut xx) = (0.0, 0.0, 0.0, 0.0);
    for (time, value) in points {
        let seconds = (time - at) as f64 / 1000.0;
        x += seconds;
        y += value;
        xy += seconds * value;
        xx += seconds * seconds;
    }
    let slope = (xy - x * y / count) / (xx - x * x / count);
    (slope, y / count - slope * x / count)
}
