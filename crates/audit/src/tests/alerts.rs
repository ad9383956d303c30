//! Alerts that cannot fire, always do, or are missing.

use super::{audited, codes, says, world};

/// A rule file with one alert that covers all signals apart from the given one.
fn rules(expr: &str, hold: &str) -> String {
    format!(
        "groups:\n  - name: bakery\n    rules:\n      - alert: Trouble\n        expr: {expr}\n        for: {hold}\n      - alert: TargetDown\n        expr: up == 0\n"
    )
}

#[test]
fn alerts_that_never_or_always_fire_are_found() {
    assert_eq!(codes(&world(&rules("up == 2", "5m"))), ["FF902"]);
    assert_eq!(codes(&world(&rules("rate(loaves_total[5m]) >= 0", "5m"))), ["FF903"]);
    assert!(codes(&world(&rules("rate(loaves_total[5m]) < 3", "5m"))).is_empty());
}

#[test]
fn an_alert_that_outlasts_its_window_is_found() {
    let restarts = "increase(kube_pod_container_status_restarts_total[5m]) > 0";
    assert_eq!(codes(&world(&rules(restarts, "15m"))), ["FF904"]);
    assert!(codes(&world(&rules(restarts, "2m"))).is_empty());
    assert!(codes(&world(&rules(&restarts.replace("5m", "1h"), "15m"))).is_empty());
}

#[test]
fn what_cannot_be_read_is_not_judged() {
    let template = rules("\"{{ .Values.metric }} > 1\"", "5m");
    let histogram = rules("histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m]))) > 2", "5m");
    for text in [template, histogram, rules("((((", "5m")] {
        assert!(codes(&world(&text)).is_empty(), "{text}");
    }
}

#[test]
fn a_metric_that_no_page_has_is_found_where_it_is_a_slip() {
    let page = "# TYPE loaves_baked_total counter\nloaves_baked_total{oven=\"1\"} 40\nloaves_burnt_total{oven=\"1\"} 2\noven_celsius 230\n";
    let folder = |expr: &str| {
        let mut world = world(&rules(expr, "5m"));
        let pages = world_of_page(page);
        world.series = pages.series;
        world.coverage.files.extend(pages.coverage.files);
        world
    };
    let said = audited(&folder("rate(loaves_burned_total[5m]) > 1")).remarks;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].what.contains("loaves_burnt_total"), "{}", said[0].what);
    assert!(codes(&folder("rate(loaves_burnt_total[5m]) > 1")).is_empty());
    // Another target's metric: nobody collected its page.
    assert!(codes(&folder("mill_flour_kilograms < 5")).is_empty());
}

fn world_of_page(page: &str) -> firstfault_gather::World {
    world(page)
}

#[test]
fn a_metric_that_the_server_does_not_have_is_found() {
    let with = |expr: &str| {
        let mut world = world(&rules(expr, "5m"));
        let place = firstfault_model::Place::line(&"names.json".into(), 1);
        world.metric_names = ["up", "loaves_baked_total"].into_iter().map(|n| (n.into(), place.clone())).collect();
        world
    };
    assert_eq!(codes(&with("mill_flour_kilograms < 5")), ["FF901"]);
    assert!(codes(&with("loaves_baked_total < 5")).is_empty());
    assert!(codes(&with("absent(mill_flour_kilograms)")).is_empty(), "it may be missing on purpose");
}

#[test]
fn signals_that_no_alert_watches_are_named() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: elm, uid: 5e1f}\nspec: {}\nstatus: {conditions: []}\n";
    let mut watched = world(&rules("kube_node_status_condition{condition=\"Ready\",status=\"true\"} == 0", "5m"));
    let mut blind = world(&rules("rate(loaves_total[5m]) < 3", "5m"));
    for world in [&mut watched, &mut blind] {
        world.objects.extend(super::world(node).objects);
    }
    assert!(says(&blind, "FF915"));
    assert!(!says(&watched, "FF915"));
    // Without one rule in the evidence nothing is said: they may just not have been collected.
    assert!(!says(&super::world(node), "FF915"));
    // Nothing to lose, nothing to watch.
    assert!(!says(&blind, "FF914"), "there is no claim");
}
