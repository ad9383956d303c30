use firstfault_gather::{Alert, Measure};
use firstfault_metrics::{Series, role_of};
use firstfault_model::{Entity, Evidence, Finding, Masked, Name, Place, Relation};
use jiff::Timestamp;

use super::detect;
use crate::sample::{Sample, entity, ids};

/// A series of one sample each fifteen seconds.
fn series(sample: &mut Sample, whom: &str, metric: &str, values: impl IntoIterator<Item = f64>) {
    let start: Timestamp = "2030-05-01T10:00:00Z".parse().expect("a time");
    let at = |i: usize| Timestamp::from_second(start.as_second() + 15 * i as i64).expect("a time");
    let points: Vec<(Timestamp, f64)> = values.into_iter().enumerate().map(|(i, v)| (at(i), v)).collect();
    let end = points.last().map(|p| p.0);
    sample.0.now = sample.0.now.max(end);
    sample.0.series.push(Series {
        metric: metric.into(),
        role: role_of(metric),
        entity: entity(whom),
        labels: Vec::new(),
        points,
        place: Place::line(&Name::from("metrics.csv"), 2),
    });
}

fn calls(sample: &mut Sample, caller: &str, callee: &str) {
    let evidence = Evidence { place: Place::line(&Name::from("map.txt"), 1), excerpt: Masked::new("calls") };
    sample.0.relations.push((entity(caller), Relation::Calls, entity(callee), evidence));
}

fn alert(sample: &mut Sample, whom: &str, measure: &str, normal: f64, now: f64) {
    sample.0.alerts.push(Alert {
        name: "X".into(),
        about: Some(entity(whom)),
        labels: std::collections::BTreeMap::default(),
        severity: String::new(),
        since: None,
        summary: String::new(),
        measures: vec![Measure { name: measure.into(), normal, now, unit: String::new() }],
        evidence: Evidence { place: Place::line(&Name::from("alerts.json"), 1), excerpt: Masked::new("alert") },
    });
}

fn level(value: f64) -> impl Iterator<Item = f64> {
    (0..40).map(move |i| value * (1.0 + 0.01 * f64::from(i % 3)))
}

fn of<'a>(found: &'a [Finding], id: &str) -> Option<&'a Finding> {
    found.iter().find(|finding| finding.id == id)
}

const LIMITED: &str = r#"{"spec":{"template":{"spec":{"containers":[{"name":"api","resources":{"limits":{"memory":"500M","cpu":"1"}}}]}}}}"#;

fn deployment() -> Sample {
    Sample::default().api("Deployment/shop/api", LIMITED)
}

#[test]
fn a_sawtooth_that_reaches_the_limit_again_and_again_is_a_leak() {
    let mut sample = deployment();
    // 10 MB each sample from 200 MB, back to 200 MB when 490 MB are reached
    series(&mut sample, "Deployment/shop/api", "memory_bytes", (0..90).map(|i| 2e8 + 1e7 * f64::from(i % 30)));
    let found = sample.found(detect);
    let leak = of(&found, "memory.grows-to-limit").expect("it grows");
    assert_eq!(leak.field("rate"), "40.0 MB a minute");
    assert_eq!(leak.field("limit"), "500 MB");
    assert_eq!(leak.field("after"), "after each restart it is full again within 7 min 15 s");
}

#[test]
fn a_climb_that_will_reach_the_limit_today_is_said_with_its_time() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "memory_bytes", (0..60).map(|i| 2e8 + 1e6 * f64::from(i)));
    let found = sample.found(detect);
    // 241 MB are left, 4 MB a minute
    assert_eq!(
        of(&found, "memory.grows").map(|f| f.field("after")),
        Some("at this rate its limit is reached 1 h later")
    );
}

#[test]
fn garbage_collection_far_below_the_limit_is_no_leak() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "memory_bytes", (0..120).map(|i| 1e8 + 5e6 * f64::from(i % 20)));
    assert!(sample.found(detect).is_empty());
}

#[test]
fn a_jump_to_the_limit_is_no_climb_and_a_level_below_it_neither() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "memory_bytes", level(1.2e8).chain([3.2e8, 4.9e8, 4.95e8]));
    assert_eq!(ids(&sample.found(detect)), ["memory.jumps-to-limit"]);
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "memory_bytes", level(4.7e8));
    assert_eq!(ids(&sample.found(detect)), ["memory.full-all-the-time"]);
}

#[test]
fn level_traffic_of_its_callers_is_said_of_one_that_grows() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "memory_bytes", (0..60).map(|i| 2e8 + 5e6 * f64::from(i)));
    series(&mut sample, "Deployment/shop/front", "request_rate", level(50.0));
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/api");
    let found = sample.found(detect);
    let steady = of(&found, "traffic.steady").expect("it is steady");
    assert_eq!((steady.entity.name.as_str(), steady.other.as_ref().map(|o| o.name.as_str())), ("api", Some("front")));
}

#[test]
fn the_blame_for_slowness_goes_to_the_deepest_slow_one() {
    let mut sample = Sample::default();
    for (name, factor) in [("front", 1.0), ("cart", 0.8), ("ads", 0.0)] {
        let slow = move |i: i32| if i < 30 { 20.0 } else { 20.0 + 900.0 * factor };
        series(&mut sample, &format!("Deployment/shop/{name}"), "p95latency", (0..50).map(slow));
    }
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/cart");
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/ads");
    let found = sample.found(detect);
    let own: Vec<&str> = found.iter().filter(|f| f.id == "latency.own").map(|f| f.entity.name.as_str()).collect();
    assert_eq!(own, ["cart"]);
    assert_eq!(of(&found, "latency.inherited").map(|f| f.entity.name.as_str()), Some("front"));
}

#[test]
fn a_throttled_callee_without_latency_of_its_own_explains_its_caller() {
    let mut sample = Sample::default();
    alert(&mut sample, "Deployment/shop/front", "p95latency", 20.0, 400.0);
    alert(&mut sample, "Deployment/shop/cache", "cpu_cfs", f64::NAN, 1.2);
    alert(&mut sample, "Deployment/shop/cache", "cpu core", 0.04, 0.2);
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/cache");
    let found = sample.found(detect);
    assert_eq!(ids(&found), ["cpu.raised", "cpu.throttled", "latency.inherited", "latency.raised"]);
}

#[test]
fn cpu_at_its_limit_is_told_from_cpu_that_has_room() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "cpu_cores", (0..40).map(|i| if i < 20 { 0.3 } else { 0.97 }));
    assert_eq!(ids(&sample.found(detect)), ["cpu.at-limit", "cpu.raised"]);
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "cpu_cores", level(0.5));
    assert!(sample.found(detect).is_empty());
}

#[test]
fn failing_requests_are_counted_as_a_share_and_inherited_from_callees() {
    let mut sample = Sample::default();
    series(&mut sample, "Deployment/shop/front", "error_ratio", (0..40).map(|i| if i < 25 { 0.001 } else { 0.6 }));
    series(&mut sample, "Deployment/shop/cart", "success_rate", (0..40).map(|i| if i < 25 { 99.9 } else { 20.0 }));
    series(&mut sample, "Deployment/shop/ads", "success_rate", level(99.0));
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/cart");
    let found = sample.found(detect);
    let shares: Vec<(&str, &str)> =
        found.iter().filter(|f| f.id == "errors.raised").map(|f| (f.entity.name.as_str(), f.field("share"))).collect();
    assert_eq!(shares, [("cart", "80 %"), ("front", "60 %")]);
    assert_eq!(of(&found, "errors.inherited").map(|f| f.entity.name.as_str()), Some("front"));
}

#[test]
fn a_pool_is_full_when_used_meets_its_maximum() {
    let pool = |used: f64| {
        let mut sample = Sample::default();
        series(&mut sample, "Deployment/shop/api", "hikaricp_connections_active", level(used).map(f64::floor));
        series(&mut sample, "Deployment/shop/api", "hikaricp_connections_max", (0..40).map(|_| 10.0));
        series(&mut sample, "Deployment/shop/api", "hikaricp_connections_idle", (0..40).map(|_| 10.0));
        ids(&sample.found(detect))
    };
    assert_eq!(pool(10.0), ["connections.at-limit"]);
    assert!(pool(4.0).is_empty());
}

#[test]
fn a_counter_is_judged_by_its_rate() {
    let mut sample = Sample::default();
    let steady = (0..60).map(|i| 1e6 + 150.0 * f64::from(i));
    series(&mut sample, "Deployment/shop/api", "http_requests_total", steady);
    assert!(sample.found(detect).is_empty());
    let mut sample = Sample::default();
    let surge = (0..60).map(|i| f64::from(i) * 150.0 + f64::from((i - 40).max(0)) * 600.0);
    series(&mut sample, "Deployment/shop/api", "http_requests_total", surge);
    let found = sample.found(detect);
    assert_eq!(of(&found, "traffic.surged").map(|f| f.field("times")), Some("5.00"));
}

#[test]
fn what_has_gone_back_to_normal_is_over() {
    let mut sample = Sample::default();
    let bump = |i: i32| if (20..26).contains(&i) { 300.0 } else { 20.0 };
    series(&mut sample, "Deployment/shop/api", "p95latency", (0..60).map(bump));
    let found = sample.found(detect);
    assert_eq!(of(&found, "latency.raised").map(|f| f.state), Some(firstfault_model::State::Recovered));
}

#[test]
fn entities_are_of_kubernetes_or_of_names_alone() {
    let mut sample = Sample::default();
    sample.0.alerts.clear();
    alert(&mut sample, "service/web", "latency p99", 10.0, 90.0);
    let found = sample.found(detect);
    assert_eq!(of(&found, "latency.own").map(|f| f.entity.clone()), Some(Entity::new("service", "web")));
}

#[test]
fn one_look_at_a_full_pod_is_a_hint() {
    let pod = r#"{"spec":{"containers":[{"name":"api","resources":{"limits":{"memory":"512Mi","cpu":"1"}}}]}}"#;
    let top = |memory: &str, cpu: &str| {
        let usage = format!(r#"{{"containers":[{{"usage":{{"memory":"{memory}","cpu":"{cpu}"}}}}]}}"#);
        ids(&Sample::default().api("Pod/shop/api-0", pod).api("PodMetrics/shop/api-0", &usage).found(detect))
    };
    assert_eq!(top("500Mi", "100m"), ["memory.full-all-the-time"]);
    assert_eq!(top("100Mi", "990m"), ["cpu.at-limit"]);
    assert!(top("100Mi", "100m").is_empty());
}

#[test]
fn throttling_that_nobody_feels_explains_nobody() {
    let mut sample = Sample::default();
    alert(&mut sample, "Deployment/shop/front", "p95latency", 20.0, 400.0);
    alert(&mut sample, "Deployment/shop/cache", "cpu_cfs", f64::NAN, 0.3);
    calls(&mut sample, "Deployment/shop/front", "Deployment/shop/cache");
    let found = sample.found(detect);
    assert!(of(&found, "cpu.throttled").is_none());
    assert_eq!(of(&found, "latency.own").map(|f| f.entity.name.as_str()), Some("front"));
}

/// Twenty-four samples at one level, then `high` for `held` samples, then the level again.
fn bump(low: f64, high: f64, held: usize, after: usize) -> impl Iterator<Item = f64> {
    let of = move |value: f64, count: usize| (0..count).map(move |i| value * (1.0 + 0.01 * (i % 3) as f64));
    of(low, 24).chain(of(high, held)).chain(of(low, after))
}

#[test]
fn many_times_nothing_is_nothing() {
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "cpu_cores", bump(0.002, 0.02, 12, 0));
    series(&mut sample, "Deployment/shop/api", "cpu_cfs_throttled", bump(0.001, 0.03, 12, 0));
    series(&mut sample, "Node/n1", "tcp_retrans", bump(0.01, 0.4, 12, 0));
    assert_eq!(ids(&sample.found(detect)), Vec::<&str>::new());
    let mut sample = deployment();
    series(&mut sample, "Deployment/shop/api", "cpu_cores", bump(0.1, 0.6, 12, 0));
    series(&mut sample, "Deployment/shop/api", "cpu_cfs_throttled", bump(0.001, 0.3, 12, 0));
    series(&mut sample, "Node/n1", "tcp_retrans", bump(0.01, 9.0, 12, 0));
    let found = sample.found(detect);
    assert_eq!(ids(&found), ["cpu.raised", "cpu.throttled", "network.retransmits-raised", "node.packets-lost"]);
}

#[test]
fn a_short_calm_at_the_end_is_no_recovery() {
    let state = |after: usize| {
        let mut sample = deployment();
        series(&mut sample, "Deployment/shop/api", "p95latency_ms", bump(10.0, 90.0, 12, after));
        of(&sample.found(detect), "latency.raised").map(|finding| finding.state)
    };
    // Samples stand 15 s apart.
    assert_eq!(state(6), Some(firstfault_model::State::Current));
    assert_eq!(state(12), Some(firstfault_model::State::Recovered));
}
