//! Response times from what histograms and summaries count: the mean of each interval.

use std::collections::BTreeMap;

use firstfault_metrics::{Role, Series};
use firstfault_model::{Entity, Name};
use jiff::Timestamp;

/// What tells one histogram from another.
type Family = (Name, Entity, Vec<(Name, Name)>);

/// Adds `X_mean` for each pair of `X_sum` and `X_count` that measures time, and takes the role
/// from sums and buckets, which are no response times by themselves.
pub(super) fn means(all: &mut Vec<Series>) {
    let mut sums: BTreeMap<Family, usize> = BTreeMap::new();
    let mut counts: BTreeMap<Family, usize> = BTreeMap::new();
    for (at, series) in all.iter_mut().enumerate() {
        let family = |stem: &str| (Name::from(stem), series.entity.clone(), series.labels.clone());
        if let Some(stem) = series.metric.strip_suffix("_sum").filter(|_| series.role == Some(Role::Latency)) {
            sums.insert(family(stem), at);
            series.role = None;
        } else if series.metric.ends_with("_bucket") {
            series.role = None;
        } else if let Some(stem) = series.metric.strip_suffix("_count") {
            counts.insert(family(stem), at);
        }
    }
    let mut new = Vec::new();
    for (family, sum) in &sums {
        let Some(count) = counts.get(family) else { continue };
        let points = mean(&all[*sum].points, &all[*count].points);
        if !points.is_empty() {
            let metric = Name::from(format!("{}_mean", family.0));
            let from = &all[*sum];
            new.push(Series {
                metric,
                role: Some(Role::Latency),
                entity: from.entity.clone(),
                labels: from.labels.clone(),
                points,
                place: from.place.clone(),
            });
        }
    }
    all.extend(new);
}

/// Time spent by requests counted, between each two samples; a fall is a new start.
fn mean(sums: &[(Timestamp, f64)], counts: &[(Timestamp, f64)]) -> Vec<(Timestamp, f64)> {
    let at: BTreeMap<Timestamp, f64> = counts.iter().copied().collect();
    let both: Vec<(Timestamp, f64, f64)> =
        sums.iter().filter_map(|(time, sum)| Some((*time, *sum, *at.get(time)?))).collect();
    both.windows(2)
        .filter_map(|pair| {
            let (sum, count) = (pair[1].1 - pair[0].1, pair[1].2 - pair[0].2);
            (count > 0.0 && sum >= 0.0).then(|| (pair[1].0, sum / count))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Place;

    fn series(metric: &str, values: &[f64]) -> Series {
        let time = |i: usize| Timestamp::from_second(1_767_607_200 + 15 * i as i64).expect("a time");
        Series {
            metric: metric.into(),
            role: firstfault_metrics::role_of(metric),
            entity: Entity::new("service", "till"),
            labels: Vec::new(),
            points: values.iter().enumerate().map(|(i, v)| (time(i), *v)).collect(),
            place: Place::line(&"m.json".into(), 1),
        }
    }

    #[test]
    fn the_mean_is_what_was_added_over_what_was_counted() {
        let mut all = vec![
            series("http_request_duration_seconds_sum", &[10.0, 12.0, 18.0]),
            series("http_request_duration_seconds_count", &[100.0, 120.0, 140.0]),
            series("http_request_duration_seconds_bucket", &[1.0, 2.0, 3.0]),
        ];
        means(&mut all);
        let mean = all.last().expect("it was added");
        assert_eq!((mean.metric.as_str(), mean.role), ("http_request_duration_seconds_mean", Some(Role::Latency)));
        let values: Vec<f64> = mean.points.iter().map(|p| p.1).collect();
        assert!((values[0] - 0.1).abs() < 1e-12 && (values[1] - 0.3).abs() < 1e-12);
        assert_eq!((all[0].role, all[2].role), (None, None));
    }
}
