//! Lines to records: what begins one, and what belongs to the one before.

use firstfault_model::Assume;
use jiff::Timestamp;

use crate::format::{Reader, each};
use crate::pending::Pending;

/// A record that grows past this is cut; its lines are still counted to it.
const LONGEST: usize = 256 << 10;

/// A record of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its time, where its first line has one.
    pub time: Option<Timestamp>,
    /// All its lines behind one another, without what a container runtime put before them.
    pub text: String,
    /// The number of its first line, from 1.
    pub line: u32,
}

/// Joins the lines of one stream.
pub struct Joiner {
    reader: Reader,
    pending: Pending<Record>,
    line: u32,
}

impl Joiner {
    /// For a stream that begins with `head`, some first lines of it: they tell whether its records have times.
    #[must_use]
    pub fn new(assume: &Assume, modified: Option<Timestamp>, head: &str) -> Self {
        let mut reader = Reader::of_times(assume, modified);
        reader.learn(head.lines().take(200));
        Self { reader, pending: Pending::default(), line: 0 }
    }

    /// Takes the next line, without its line feed; gives the records that end before it.
    pub fn line(&mut self, raw: &str, mut ended: impl FnMut(&Record)) {
        self.line += 1;
        each(raw, &mut |text| self.part(text, &mut ended));
    }

    /// Takes a line, or one of the records that a line holds.
    fn part(&mut self, text: &str, ended: &mut dyn FnMut(&Record)) {
        let line = self.reader.read(text);
        if line.nothing || line.shown.is_empty() {
            return;
        }
        if !line.begins
            && let Some(open) = self.pending.of(line.source)
        {
            if open.text.len() + line.shown.len() <= LONGEST {
                open.text.push_str(line.shown);
            }
            open.time = open.time.or(line.time);
            return;
        }
        let next = self.pending.begin(line.source, |record| ended(record));
        next.time = line.time;
        next.line = self.line;
        next.text.clear();
        next.text.push_str(line.shown);
    }

    /// Gives the last records.
    pub fn finish(mut self, mut ended: impl FnMut(&Record)) {
        self.pending.finish(|record| ended(record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<(String, u32, bool)> {
        let mut joiner = Joiner::new(&Assume { year: Some(2026), ..Assume::default() }, None, text);
        let mut records = Vec::new();
        for line in text.lines() {
            joiner.line(line, |r| records.push((r.text.clone(), r.line, r.time.is_some())));
        }
        joiner.finish(|r| records.push((r.text.clone(), r.line, r.time.is_some())));
        records
    }

    #[test]
    fn what_has_no_time_belongs_to_the_record_before() {
        let records = joined("2026-11-24T10:00:00Z panic: a\n\tat b.C\nCaused by: d\n\n2026-11-24T10:00:01Z next\n");
        assert_eq!(
            records,
            [
                ("2026-11-24T10:00:00Z panic: a\tat b.CCaused by: d".to_owned(), 1, true),
                ("2026-11-24T10:00:01Z next".to_owned(), 5, true)
            ]
        );
    }

    #[test]
    fn the_payload_of_a_container_is_the_record() {
        let records = joined("2026-11-24T10:00:00.5Z stdout F ready\n2026-11-24T10:00:01.5Z stderr F lost\n");
        assert_eq!(records.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), ["ready", "lost"]);
        assert!(records.iter().all(|r| r.2));
    }

    #[test]
    fn a_log_without_times_is_line_by_line() {
        assert_eq!(joined("one\ntwo\n").len(), 2);
    }

    #[test]
    fn a_json_object_is_always_its_own_record() {
        let records = joined("2026-11-24T10:00:00Z text\n{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(records.len(), 3);
    }

    #[test]
    fn a_line_may_hold_many_records() {
        let log = "{\"Records\":[{\"eventTime\":\"2026-11-24T10:00:01Z\"},{\"eventTime\":\"2026-11-24T10:00:02Z\"}]}\n";
        assert_eq!(joined(log).iter().map(|r| (r.1, r.2)).collect::<Vec<_>>(), [(1, true), (1, true)]);
    }

    #[test]
    fn a_line_belongs_to_the_record_of_its_own_source() {
        let texts = |log: &str| joined(log).into_iter().map(|r| r.0).collect::<Vec<_>>();
        let trace = ["java.lang.E: no", "\tat a.B.c(B.java:1)", "Caused by: d.E: x"];
        // Two pods of `kubectl logs --prefix`, one of which writes no times.
        let log = format!(
            "[pod/a-0/app] 2026-11-24T10:00:00Z {}\n[pod/b-0/app] up\n[pod/a-0/app] {}\n[pod/b-0/app] down\n[pod/a-0/app] {}\n",
            trace[0], trace[1], trace[2]
        );
        assert_eq!(texts(&log), [format!("2026-11-24T10:00:00Z {}", trace.concat()), "up".into(), "down".into()]);
        // Compose, both with times.
        let log = "a-1  | 2026-11-24 10:00:00 one\nb-1  | 2026-11-24 10:00:00 two\na-1  |  of a\nb-1  |  of b\n";
        assert_eq!(texts(log), ["2026-11-24 10:00:00 one of a", "2026-11-24 10:00:00 two of b"]);
        // stern.
        let log = "api-7c9d8f-x2k4q app panic: a\napi-7c9d8f-8ljnv app panic: b\napi-7c9d8f-x2k4q app \tmain.go:1\n";
        assert_eq!(texts(log), ["panic: a\tmain.go:1", "panic: b"]);
        // Two programs in one syslog, each line with a time.
        let syslog = |tag: &str, text: &str| format!("Nov 24 10:00:01 node-1 {tag}: {text}\n");
        let log =
            [syslog("api[7]", trace[0]), syslog("cart[9]", "up"), syslog("api[7]", trace[1]), syslog("api[7]", "next")];
        let one = format!("{}{}", log[0].trim_end(), log[2].trim_end());
        assert_eq!(texts(&log.concat()), [one.as_str(), log[1].trim_end(), log[3].trim_end()]);
        // Standard output between the lines of a trace on standard error, as CRI and Docker write them.
        let cri = |stream: &str, text: &str| format!("2026-11-24T10:00:00.1Z {stream} F {text}\n");
        let log = [cri("stderr", trace[0]), cri("stdout", "GET /"), cri("stderr", trace[1])].concat();
        assert_eq!(texts(&log), [trace[..2].concat(), "GET /".into()]);
        let docker = |stream: &str, text: &str| {
            let text = text.replace('\t', "\\t");
            format!("{{\"log\":\"{text}\\n\",\"stream\":\"{stream}\",\"time\":\"2026-11-24T10:00:00.1Z\"}}\n")
        };
        let log = [docker("stderr", trace[0]), docker("stdout", "GET /"), docker("stderr", trace[1])].concat();
        assert_eq!(texts(&log), [trace[..2].concat(), "GET /".into()]);
    }

    #[test]
    fn what_a_runtime_cut_is_joined_by_stream() {
        let log = "2026-11-24T10:00:00.1Z stdout P ha\n2026-11-24T10:00:00.2Z stderr F no\n2026-11-24T10:00:00.3Z stdout F lf\n2026-11-24T10:00:00.4Z stdout F next\n";
        assert_eq!(
            joined(log).into_iter().map(|r| (r.0, r.1)).collect::<Vec<_>>(),
            [("half".into(), 1), ("no".into(), 2), ("next".into(), 4)]
        );
    }
}
