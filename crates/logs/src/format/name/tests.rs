use firstfault_model::Assume;

use super::*;
use crate::Level;
use crate::format::Reader;

/// Samples that are no error: these name no level, or another one.
const QUIET: &[(&str, Option<Level>)] = &[
    ("ansible", Some(Level::Fatal)),
    ("gc", Some(Level::Info)),
    ("redis", Some(Level::Warn)),
    ("traefik-json", Some(Level::Info)),
];
/// Writers that have no level, or tell it by other things than a word: the status of an answer, the result of a call.
const WITHOUT_LEVEL: &[&str] = &[
    "kubernetes-audit",
    "cloudtrail",
    "envoy-json",
    "zeek",
    "w3c",
    "envoy-access",
    "haproxy",
    "traefik",
    "aws-s3",
    "aws-alb",
    "aws-elb",
    "access-log",
    "vpc-flow",
    "squid",
    "mysql-slow",
    "go-log",
    "jenkins",
    "strace",
    "auditd",
    "dmesg",
    "timestamped",
];
/// Writers that have no time, or count it from the start of the machine or of the day.
const WITHOUT_TIME: &[&str] = &["ansible", "dmesg", "dotnet-console", "strace", "terraform"];

#[test]
fn each_sample_has_the_name_of_its_format_and_tells_its_time_and_level() {
    let mut wrong = Vec::new();
    for format in formats() {
        let lines: Vec<String> = format.sample.lines().map(str::to_owned).collect();
        if of(&lines) != format.name {
            wrong.push(format!("{}: taken for {}", format.name, of(&lines)));
        }
        let assume = Assume { year: Some(2026), ..Assume::default() };
        let mut reader = Reader::new(&assume, None);
        reader.learn(lines.iter().map(String::as_str));
        let (mut first, mut loudest) = (None, None);
        for line in &lines {
            let line = reader.read(line);
            first = first.or(line.time);
            loudest = loudest.max(line.level);
        }
        let level = match QUIET.iter().find(|(name, _)| *name == format.name) {
            Some((_, level)) => *level,
            None => (!WITHOUT_LEVEL.contains(&format.name)).then_some(Level::Error),
        };
        let at_one = jiff::Timestamp::from_second(1_795_514_401).expect("in range");
        let expected = (!WITHOUT_TIME.contains(&format.name)).then_some(at_one);
        let whole = |t: jiff::Timestamp| jiff::Timestamp::from_second(t.as_second()).expect("in range");
        if (first.map(whole), loudest) != (expected, level) {
            wrong.push(format!("{}: {first:?} {loudest:?}", format.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(of(&["plain words".to_owned()]), "text");
}

#[test]
fn names_are_told_once() {
    let mut names: Vec<_> = formats().map(|f| f.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_sample_cut_anywhere_keeps_the_records_before_the_cut() {
    let records = |text: &str| crate::totals::of(text).records;
    for format in formats() {
        let all = records(format.sample);
        assert!(all > 0, "{}", format.name);
        for (end, _) in format.sample.char_indices() {
            assert!(records(&format.sample[..end]) <= all + 1, "{} cut at {end}", format.name);
        }
    }
}

#[test]
fn a_sample_with_long_letters_anywhere_does_no_harm() {
    for format in formats() {
        let sample = format.sample.lines().next().unwrap_or_default();
        for (at, letter) in sample.char_indices() {
            let (before, after) = (&sample[..at], &sample[at + letter.len_utf8()..]);
            let _ = of(&[format!("{before}\u{fffd}{after}"), format!("{before}\u{fffd}")]);
        }
    }
}
