//! Streams of a made-up shop, and what is found in them.

use firstfault_gather::{Log, World};
use firstfault_logs::{DigestBuilder, Signatures};
use firstfault_model::{Assume, Finding, Grade, Name, Window};
use jiff::Timestamp;

use super::detect;
use crate::sample::{Sample, entity, ids};

/// 2026-03-01T10:00:00Z.
const BEGIN: i64 = 1_772_359_200;
/// The incident begins after ten minutes and is looked at for five.
const FROM: i64 = 600;
const TO: i64 = 900;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + second).expect("in range")
}

/// A stream of `entity`, of lines with their seconds.
fn log(of: &str, lines: impl IntoIterator<Item = (i64, String)>) -> Log {
    let mut lines: Vec<(i64, String)> = lines.into_iter().collect();
    lines.sort_by_key(|(second, _)| *second);
    let signatures = Signatures::default();
    let mut builder = DigestBuilder::new(&signatures, &Assume::default(), None, 1);
    lines.iter().for_each(|(second, text)| builder.line(&format!("{} {text}", at(*second))));
    let entity = entity(of);
    let path = Name::from(format!("logs/{}.log", entity.name).as_str());
    Log { entity, container: None, previous: false, path, digest: builder.finish() }
}

/// What a service writes while all is well.
fn steady(seconds: std::ops::Range<i64>) -> Vec<(i64, String)> {
    seconds
        .flat_map(|s| [(s, format!("INFO answered a request in {} ms", s % 7)), (s, "INFO page sent".to_owned())])
        .collect()
}

fn with(mut lines: Vec<(i64, String)>, seconds: impl Iterator<Item = i64>, text: &str) -> Vec<(i64, String)> {
    lines.extend(seconds.map(|s| (s, text.to_owned())));
    lines
}

fn world(logs: Vec<Log>) -> World {
    let mut world = World::default();
    (world.logs, world.now) = (logs, Some(at(TO)));
    world.incident.window = Window { from: Some(at(FROM)), to: Some(at(TO)) };
    world
}

fn found(world: World) -> Vec<Finding> {
    Sample(world).found(detect)
}

fn found_ids(world: World) -> Vec<&'static str> {
    ids(&found(world))
}

#[test]
fn a_new_error_is_found_and_cited() {
    let lines = with(steady(0..TO), (640..TO).step_by(9), "ERROR the bank refused the payment");
    let findings = found(world(vec![log("service/shop", lines)]));
    let [error] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((error.id, error.grade), ("log.new-error", Grade::Fair));
    assert_eq!((error.field("before"), error.field("after")), ("0", "29"));
    assert_eq!(error.since, Some(at(640)));
    assert!(error.evidence[0].excerpt.as_str().contains("the bank refused"));
    // Two lines a second until then, and those of second 640.
    assert_eq!(error.evidence[0].place.lines, (1283, 1283));
}

#[test]
fn an_error_that_was_always_there_is_not_new() {
    let lines = with(steady(0..TO), (3..TO).step_by(9), "ERROR the bank refused the payment");
    assert!(found(world(vec![log("service/shop", lines)])).is_empty());
}

#[test]
fn a_single_new_error_is_a_hint_only_after_a_long_calm() {
    let error = "ERROR the bank refused the payment";
    let once = |from: i64, at: i64| {
        let mut world = world(vec![log("service/shop", with(steady(0..TO), std::iter::once(at), error))]);
        world.incident.window.from = Some(self::at(from));
        found(world)
    };
    assert!(once(FROM, 700).is_empty(), "a third of the time: chance");
    let findings = once(880, 890);
    assert_eq!((ids(&findings), findings[0].grade), (vec!["log.new-error"], Grade::Weak));
}

#[test]
fn a_burst_is_found_unless_the_traffic_grew_as_much() {
    let error = "ERROR a card was declined";
    let always = with(steady(0..TO), (3..FROM).step_by(12), error);
    let burst = with(always, FROM..TO, error);
    assert_eq!(found_ids(world(vec![log("service/shop", burst)])), ["log.error-burst"]);
    let mut grown = with(steady(0..FROM), (3..FROM).step_by(12), error);
    for _ in 0..6 {
        grown.extend(steady(FROM..TO));
        grown = with(grown, (FROM + 3..TO).step_by(12), error);
    }
    let ids = found_ids(world(vec![log("service/shop", grown)]));
    assert!(!ids.contains(&"log.error-burst"), "{ids:?}");
}

#[test]
fn who_began_is_told_with_those_that_followed() {
    let error = |of: &str, from: i64| {
        log(of, with(steady(0..TO), (from..TO).step_by(5), &format!("ERROR {} cannot go on", of.replace('/', " "))))
    };
    let shop = || vec![error("service/shop", 650), error("service/bank", 612), error("service/mail", 631)];
    let findings = found(world(shop()));
    let first = findings.iter().find(|f| f.id == "log.first-error").expect("an order");
    assert_eq!(first.entity.name, "bank");
    assert_eq!(first.field("order"), "bank at 10:10:12, mail 19 s later, shop 38 s later");
    assert_eq!(first.evidence.len(), 3);
    // A single service has no order.
    assert!(!found_ids(world(vec![error("service/bank", 612)])).contains(&"log.first-error"));
}

#[test]
fn a_clock_that_is_off_by_whole_hours_is_not_believed() {
    let mut logs: Vec<Log> =
        ["cart", "page", "till", "mail"].map(|name| log(&format!("service/{name}"), steady(0..TO))).into();
    // An hour behind: what it did at 10:40 stands there as 9:40, and it seems to have stopped.
    logs.push(log("service/bank", with(steady(-3600..TO - 3600), std::iter::empty(), "")));
    let mut world = world(logs);
    world.incident.window.from = Some(at(-3000));
    assert!(found(world).is_empty());
}

#[test]
fn a_stream_that_stops_while_others_go_on_is_silent() {
    let others = || -> Vec<Log> { ["cart", "page"].map(|name| log(&format!("service/{name}"), steady(0..TO))).into() };
    let silent = |lines: Vec<(i64, String)>, of: &str| {
        let mut logs = others();
        logs.push(log(of, lines));
        logs
    };
    let findings = found(world(silent(steady(0..650), "service/bank")));
    assert_eq!(ids(&findings), ["log.silence"]);
    assert_eq!((findings[0].entity.name.as_str(), findings[0].since), ("bank", Some(at(649))));
    // A batch job says that it is done.
    let done = with(steady(0..650), std::iter::once(650), "INFO all 1300 pages are exported");
    assert!(found(world(silent(done, "service/export"))).is_empty());
    assert!(found(world(silent(steady(0..650), "Job/shop/export"))).is_empty());
    // With one other stream the collection may have stopped.
    assert!(found(world(silent(steady(0..650), "service/bank").split_off(1))).is_empty());
    // It stopped long before the incident.
    assert!(found(world(silent(steady(0..300), "service/bank"))).is_empty());
    // Its container ended.
    let ended = r#"{"spec":{"containers":[{"name":"bank"}]},"status":{"phase":"Running","containerStatuses":[{"name":"bank","ready":true,"restartCount":1,"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}}"#;
    let pod = Sample(world(silent(steady(0..650), "Pod/shop/bank"))).api("Pod/shop/bank", ended);
    assert!(pod.found(detect).is_empty());
    let runs = ended.replace(r#","lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}"#, "");
    let pod = Sample(world(silent(steady(0..650), "Pod/shop/bank"))).api("Pod/shop/bank", &runs);
    assert_eq!(ids(&pod.found(detect)), ["log.silence"]);
    // The file was rotated, and goes on in another.
    let mut rotated = silent(steady(0..650), "service/bank");
    rotated.push(Log { path: "logs/bank-2.log".into(), ..log("service/bank", steady(650..TO)) });
    assert!(found(world(rotated)).is_empty());
}

#[test]
fn a_regular_message_that_stops_has_vanished() {
    let beat = "INFO heartbeat sent to the registry";
    let lines = |until: i64| with(steady(0..TO), (0..until).step_by(6), beat);
    let findings = found(world(vec![log("service/shop", lines(FROM))]));
    assert_eq!(ids(&findings), ["log.vanished"]);
    assert_eq!((findings[0].field("message"), findings[0].since), ("heartbeat sent to the registry", Some(at(594))));
    assert!(found(world(vec![log("service/shop", lines(TO))])).is_empty());
}

#[test]
fn a_message_at_another_rate_is_a_shift_unless_all_is() {
    let retry = "INFO asking the bank again";
    let lines = with(with(steady(0..TO), (2..FROM).step_by(10), retry), FROM..TO, retry);
    assert_eq!(found_ids(world(vec![log("service/shop", lines)])), ["log.rate-shift"]);
    let mut double = steady(0..TO);
    double.extend((0..3).flat_map(|_| steady(FROM..TO)));
    assert!(found(world(vec![log("service/shop", double)])).is_empty());
}

#[test]
fn a_value_that_now_dominates_is_named() {
    let asked = |s: i64, customer: i64| (s, format!("INFO page asked for by customer=c{customer} again"));
    let lines = |after: fn(i64) -> i64| {
        let mut lines = steady(0..TO);
        lines.extend((0..TO).map(|s| asked(s, if s < FROM { s % 5 } else { after(s) })));
        lines
    };
    let findings = found(world(vec![log("service/shop", lines(|_| 3))]));
    assert_eq!(ids(&findings), ["log.value-shift"]);
    assert_eq!(findings[0].field("value"), "customer=c3");
    assert_eq!(findings[0].field("share"), "100 % of the records, 20 % before");
    assert!(found(world(vec![log("service/shop", lines(|s| (s + 1) % 5))])).is_empty());
}

#[test]
fn too_little_says_nothing() {
    let error = "ERROR the bank refused the payment";
    let two = vec![(0, "INFO started".to_owned()), (700, error.to_owned())];
    assert!(found(world(vec![log("service/shop", two)])).is_empty());
    // The log begins with the incident.
    let late = with(steady(FROM..TO), (FROM..TO).step_by(3), error);
    assert!(found(world(vec![log("service/shop", late)])).is_empty());
}

#[test]
fn without_a_window_the_change_point_is_the_beginning() {
    let lines = with(steady(0..TO), (640..TO).step_by(5), "ERROR the bank refused the payment");
    let mut world = world(vec![log("service/shop", lines)]);
    world.incident.window = Window::default();
    assert_eq!(found_ids(world), ["log.new-error"]);
}
