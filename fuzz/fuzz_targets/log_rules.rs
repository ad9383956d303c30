#![no_main]

use firstfault_logs::Joiner;
use firstfault_logs::cre::{Matcher, Rules};
use firstfault_model::Assume;
use libfuzzer_sys::fuzz_target;

// A file of rules, a line of dashes, and a log.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (rules, log) = text.split_once("\n-----\n").unwrap_or((&text, ""));
    let (rules, _) = Rules::load(&[("rules.yaml".to_owned(), rules.to_owned())]);
    let mut matcher = Matcher::new(&rules);
    let mut joiner = Joiner::new(&Assume::default(), None, log);
    log.lines().for_each(|line| joiner.line(line, |r| matcher.record(r.time, &r.text, r.line)));
    joiner.finish(|r| matcher.record(r.time, &r.text, r.line));
    let _ = matcher.finish();
});
