use super::*;
use crate::history::record::{Facts, Remarks};

fn at(text: &str) -> Timestamp {
    format!("2026-03-{text}Z").parse().expect("a time")
}

/// A case of a mode on an entity: began, detected, mended.
fn case(id: i64, mode: &str, name: &str, times: [Option<&str>; 3]) -> Outline {
    let [began, detected, mended] = times.map(|t| t.map(at));
    Outline {
        id,
        revision: 1,
        added_at: at("31T00:00:00"),
        facts: Facts {
            status: Status::Incident,
            severity: Some(2),
            failure_mode: Some(mode.to_owned()),
            area: mode.split('.').next().map(str::to_owned),
            title: None,
            entity: Some(CaseEntity { kind: "Deployment".to_owned(), namespace: None, name: name.to_owned() }),
            probability: Some(0.9),
            began,
            felt: began,
            seen_until: began,
            ended: None,
        },
        remarks: Remarks { detected, mended, ..Remarks::default() },
    }
}

#[test]
fn times_are_medians_and_nearest_ranks() {
    let minutes = |n: i64, detect: i64, mend: i64| {
        let mut case = case(n, "storage.volume-full", &format!("db-{n}"), [Some("01T10:00:00"), None, None]);
        let began = case.facts.began.expect("set");
        case.remarks.detected = Some(began + jiff::SignedDuration::from_mins(detect));
        case.remarks.mended = Some(began + jiff::SignedDuration::from_mins(detect + mend));
        case
    };
    let cases: Vec<Outline> = (1..=4).map(|n| minutes(n, n, 10 * n)).collect();
    let found = statistics(&cases, 30.0, None);
    assert_eq!(found.to_detect, Some(Spread { known: 4, median: 150.0, p90: 240.0 }));
    assert_eq!(found.to_mend, Some(Spread { known: 4, median: 1500.0, p90: 2400.0 }));
    assert_eq!(found.to_diagnose, None);
    assert_eq!(Spread::of((1..=10).map(f64::from).collect()).map(|s| (s.median, s.p90)), Some((5.5, 9.0)));
    assert_eq!(Spread::of((1..=11).map(f64::from).collect()).map(|s| (s.median, s.p90)), Some((6.0, 10.0)));
}

#[test]
fn what_cannot_be_is_left_out_and_said() {
    let cases = [case(7, "dns.server-silent", "dns", [Some("02T10:00:00"), Some("02T09:00:00"), None])];
    let found = statistics(&cases, 30.0, None);
    assert_eq!(found.to_detect, None);
    assert_eq!(found.left_out, ["case 7: noticed before it began"]);
}

#[test]
fn the_same_again_is_a_recurrence_only_after_it_was_over_and_within_the_days() {
    let cases = [
        case(1, "storage.volume-full", "db", [Some("01T10:00:00"), None, Some("01T12:00:00")]),
        // Evidence of the same failure, taken again while it went on.
        case(2, "storage.volume-full", "db", [Some("01T11:00:00"), None, None]),
        case(3, "storage.volume-full", "db", [Some("08T12:00:00"), None, None]),
        case(4, "storage.volume-full", "queue", [Some("09T12:00:00"), None, None]),
        case(5, "storage.volume-full", "db", [Some("28T12:00:00"), None, None]),
    ];
    let found = statistics(&cases, 10.0, None);
    assert_eq!((found.cases, found.incidents), (5, 4));
    assert_eq!(found.by_mode, [Frequency { of: "storage.volume-full".to_owned(), incidents: 4 }]);
    let again: Vec<_> = found.recurrences.iter().map(|r| (r.before, r.again, r.days)).collect();
    assert_eq!(again, [(2, 3, 7.0)]);
    assert_eq!(statistics(&cases, 30.0, None).recurrences.len(), 2);
}

#[test]
fn minutes_that_two_incidents_share_are_taken_from_the_budget_once() {
    let cases = [
        case(1, "storage.volume-full", "db", [Some("10T10:00:00"), None, Some("10T10:20:00")]),
        case(2, "dns.server-silent", "dns", [Some("10T10:10:00"), None, Some("10T10:30:00")]),
        case(3, "tls.wrong-name", "web", [Some("20T10:00:00"), None, None]),
        case(4, "tls.wrong-name", "api", [Some("01T10:00:00"), None, Some("01T11:00:00")]),
    ];
    let slo = Slo { percent: 99.9, days: 10.0, until: Some(at("20T12:00:00")) };
    let budget = statistics(&cases, 30.0, Some(slo)).budget.expect("times are known");
    // Ten days are 14 400 minutes, a thousandth of them 14.4; 30 minutes were lost, once each. The period begins on
    // the 10th at 12:00, so with twelve days it holds them and with ten it does not.
    assert_eq!((budget.allowed_minutes, budget.consumed_minutes, budget.counted, budget.unknown), (14.4, 0.0, 0, 1));
    let budget = statistics(&cases, 30.0, Some(Slo { days: 12.0, ..slo })).budget.expect("times are known");
    assert_eq!((budget.allowed_minutes, budget.consumed_minutes, budget.counted), (17.28, 30.0, 2));
    assert_eq!(budget.consumed_share, 1.736);
}
