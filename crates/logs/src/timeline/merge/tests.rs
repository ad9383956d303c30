use firstfault_model::Assume;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::timeline::select::Around;

fn selection(around: Option<&str>, id: Option<&str>, grep: Option<&str>) -> Selection {
    let around = around.map(|t| Around::parse(t, None, SignedDuration::from_secs(30)).expect("a time"));
    Selection::new(around, id, grep).expect("a selection")
}

fn merge(selection: Selection, most: usize, logs: &[(&str, &str)]) -> Merged {
    let mut timeline = Timeline::new(selection, most);
    for (file, text) in logs {
        let source = file.trim_end_matches(".log");
        let mut log = timeline.log(file, source, &Assume::default(), None);
        text.lines().for_each(|line| log.line(line));
        log.finish();
    }
    timeline.finish()
}

fn shown(merged: &Merged) -> Vec<String> {
    merged.records.iter().map(|r| format!("{} {}:{} {}", r.source, r.file, r.line, r.message)).collect()
}

const GATEWAY: &str = "\
2026-11-24T14:31:44Z INFO  start trace_id=4bf92f3577b34da6
2026-11-24T14:31:46Z ERROR upstream failed trace_id=4bf92f3577b34da6
2026-11-24T14:40:00Z INFO  idle
";
const CART: &str = "\
starting up
2026-11-24T14:31:45Z ERROR lost trace_id=4bf92f3577b34da6
java.io.IOException: gone
\tat a.B.c(B.java:1)
2026-11-24T14:31:46Z INFO  upstream failed trace_id=5cf92f3577b34da6
";

#[test]
fn records_of_all_logs_are_in_order_of_time_then_path() {
    let merged =
        merge(selection(None, None, Some("trace|starting")), 10, &[("gateway.log", GATEWAY), ("cart.log", CART)]);
    assert_eq!(
        shown(&merged),
        [
            "gateway gateway.log:1 INFO  start trace_id=4bf92f3577b34da6",
            "cart cart.log:1 starting up",
            "cart cart.log:2 ERROR lost trace_id=4bf92f3577b34da6",
            "cart cart.log:5 INFO  upstream failed trace_id=5cf92f3577b34da6",
            "gateway gateway.log:2 ERROR upstream failed trace_id=4bf92f3577b34da6",
        ]
    );
    assert!(merged.records[2].text.as_str().ends_with("\tat a.B.c(B.java:1)"));
    assert_eq!((merged.records[2].lines, merged.records[1].time), (3, None));
}

#[test]
fn a_trace_tells_its_sources_and_its_first_error() {
    let merged =
        merge(selection(None, Some("4bf92f3577b34da6"), None), 10, &[("gateway.log", GATEWAY), ("cart.log", CART)]);
    let counts: Vec<_> = merged.sources.iter().map(|(name, s)| (name.to_string(), s.records, s.errors)).collect();
    assert_eq!(counts, [("cart".to_owned(), 1, 1), ("gateway".to_owned(), 2, 1)]);
    assert_eq!(merged.first_error.map(|r| (r.file.to_string(), r.line)), Some(("cart.log".to_owned(), 2)));
}

#[test]
fn the_nearest_to_the_moment_are_kept_and_the_rest_is_counted() {
    let lines: String = (0..60).map(|i| format!("2026-11-24T14:31:{i:02}Z INFO n{i}\n")).collect();
    let near = |at: &str, most| {
        let merged = merge(selection(Some(at), None, None), most, &[("a.log", &lines)]);
        (merged.records.iter().map(|r| r.message.to_string()).collect::<Vec<_>>(), merged.omitted)
    };
    let expected: Vec<String> = (28..=32).map(|i| format!("INFO n{i}")).collect();
    assert_eq!(near("2026-11-24T14:31:30Z", 5), (expected.clone(), 55));
    assert_eq!(near("14:31:30", 5), (expected, 55));
    let first = merge(selection(None, None, Some("n")), 5, &[("a.log", &lines)]);
    assert_eq!((first.records[4].message.as_str(), first.omitted), ("INFO n4", 55));
}

#[test]
fn a_moment_without_records_tells_what_is_near() {
    let merged = merge(selection(Some("2026-11-24T14:35:00Z"), None, None), 5, &[("gateway.log", GATEWAY)]);
    assert_eq!(merged.records, []);
    assert_eq!(merged.nearest.map(|t| t.to_string()).as_deref(), Some("2026-11-24T14:31:46Z"));
    let (first, last) = merged.span.expect("times");
    assert_eq!(
        (first.to_string().as_str(), last.to_string().as_str()),
        ("2026-11-24T14:31:44Z", "2026-11-24T14:40:00Z")
    );
}

#[test]
fn a_time_of_day_may_be_on_several_days() {
    let two = "2026-11-24T14:31:44Z a\n2026-11-25T14:31:40Z b\n2026-11-26T09:00:00Z c\n";
    let merged = merge(selection(Some("14:31:45"), None, None), 5, &[("a.log", two)]);
    assert_eq!(merged.days.len(), 2);
}

#[test]
fn a_log_without_times_comes_last_and_is_near_no_moment() {
    let logs = [("a.log", "plain one\nplain two\n"), ("b.log", "2026-11-24T14:31:44Z plain three\n")];
    let merged = merge(selection(None, None, Some("plain")), 10, &logs);
    assert_eq!(merged.records.iter().map(|r| r.file.as_str()).collect::<Vec<_>>(), ["b.log", "a.log", "a.log"]);
    let merged = merge(selection(Some("14:31:44"), None, Some("plain")), 10, &logs);
    assert_eq!((merged.records.len(), merged.timeless), (1, 2));
}

#[test]
fn the_trace_of_the_first_error_is_told() {
    let merged = merge(selection(Some("14:31:45"), None, None), 10, &[("cart.log", CART), ("gateway.log", GATEWAY)]);
    assert_eq!(merged.id.as_deref(), Some("4bf92f3577b34da6"));
}

#[test]
fn secrets_are_masked_and_long_records_cut() {
    let long = format!("2026-11-24T14:31:44Z login password=hunter2hunter2 {}\n", "ü".repeat(20_000));
    let merged = merge(selection(None, None, Some("login")), 10, &[("a.log", &long)]);
    let record = &merged.records[0];
    assert!(!record.message.as_str().contains("hunter2") && !record.text.as_str().contains("hunter2"));
    assert!(record.text.as_str().len() < 9000 && record.text.as_str().ends_with('…'));
}

/// A log of made-up lines: with or without a time, with a level, a trace and a service.
fn log() -> impl Strategy<Value = String> {
    let line = (0..4u8, 0..40u8, 0..3u8, 0..4u8).prop_map(|(kind, second, level, trace)| {
        let level = ["INFO", "WARN", "ERROR"][usize::from(level)];
        match kind {
            0 => format!("{level} no time trace_id=abcdef{trace}\n"),
            1 => format!("{{\"ts\":\"2026-11-24T10:00:{second:02}Z\",\"level\":\"{level}\",\"service\":\"s{trace}\",\"msg\":\"x\"}}\n"),
            _ => format!("2026-11-24T10:00:{second:02}Z {level} trace_id=abcdef{trace}\n"),
        }
    });
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn the_order_of_the_files_changes_nothing(
        logs in prop::collection::vec(log(), 1..5),
        most in 1..20usize,
        asks in 0..3u8,
        turn in 0..5usize,
    ) {
        let names = ["a.log", "b.log", "c.log", "d.log", "e.log"];
        let mut named: Vec<(&str, &str)> = names.into_iter().zip(logs.iter().map(String::as_str)).collect();
        let selection = || match asks {
            0 => selection(Some("10:00:20"), None, None),
            1 => selection(None, Some("abcdef1"), None),
            _ => selection(Some("2026-11-24T10:00:20Z"), None, Some("INFO|ERROR")),
        };
        let one = merge(selection(), most, &named);
        named.reverse();
        let turn = turn % named.len();
        named.rotate_left(turn);
        let other = merge(selection(), most, &named);
        prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
        prop_assert!(one.records.len() <= most);
        let times: Vec<_> = one.records.iter().filter_map(|r| r.time).collect();
        prop_assert!(times.is_sorted());
    }
}
