//! Known messages in logs, and what they mean.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use firstfault_logs::{Digest, Hit, Signatures, Words};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log_words::{first_line, visible};

/// Known messages shown at a terminal.
const MOST_SHOWN: usize = 12;

/// The known messages of some logs.
pub(crate) struct Known<'d> {
    signatures: &'d Signatures,
    /// In order of time.
    messages: Vec<Message<'d>>,
    /// There are several logs.
    several: bool,
}

/// What one signature matched in one log.
struct Message<'d> {
    log: &'d str,
    /// Whose log it is.
    source: String,
    signature: &'d str,
    finding: &'static str,
    says: &'static str,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    example: &'d Words,
}

impl<'d> Known<'d> {
    /// Those of logs, given by name.
    pub(crate) fn of(digests: &'d [(String, Digest)], signatures: &'d Signatures) -> Self {
        let mut messages = Vec::new();
        for (log, digest) in digests {
            // Those that name several things are several hits.
            let mut of_log: BTreeMap<&str, Message<'d>> = BTreeMap::new();
            for hit in &digest.hits {
                of_log
                    .entry(&hit.signature)
                    .and_modify(|message| message.add(hit))
                    .or_insert_with(|| Message::of(log, hit));
            }
            messages.extend(of_log.into_values());
        }
        messages.sort_by_key(|m| (m.first.is_none(), m.first, m.log, m.example.line));
        Self { signatures, messages, several: digests.len() > 1 }
    }

    /// `[{"signature","finding","says","log","count","first","last","line","excerpt"}]`, in order of time.
    pub(crate) fn as_json(&self) -> Value {
        let time = |t: Option<Timestamp>| t.map(|t| t.to_string());
        let message = |m: &Message<'_>| {
            json!({
                "signature": m.signature, "finding": m.finding, "says": m.says, "log": m.log, "count": m.count,
                "first": time(m.first), "last": time(m.last), "line": m.example.line, "excerpt": m.example.text.as_str(),
            })
        };
        self.messages.iter().map(message).collect()
    }

    /// The part of the overview that says what is known; nothing where nothing is.
    pub(crate) fn as_text(&self) -> String {
        if self.messages.is_empty() {
            return String::new();
        }
        let mut out = String::from("\nKnown messages, in order of time\n");
        for message in self.messages.iter().take(MOST_SHOWN) {
            let Message { log, source, says, count, example, first, .. } = message;
            let place = if self.several { format!("{}:", visible(log)) } else { "line ".to_owned() };
            let since = first.map_or_else(String::new, |t| format!(" since {t}"));
            let _ = writeln!(out, "{count:>10}  {} {says}{since} ({place}{})", visible(source), example.line);
            let _ = writeln!(out, "{:12}{}", "", first_line(self.matching_line(message)));
        }
        if self.messages.len() > MOST_SHOWN {
            let _ = writeln!(out, "  and {} more; `--format json` has all", self.messages.len() - MOST_SHOWN);
        }
        out
    }
}

impl Known<'_> {
    /// The line of a record that is the known one, else its first.
    fn matching_line<'m>(&self, message: &'m Message<'_>) -> &'m str {
        let text = message.example.text.as_str();
        let mut lines = text.lines();
        let known = |line: &&str| self.signatures.names(line).iter().any(|(name, _)| name == message.signature);
        if lines.clone().nth(1).is_none() { text } else { lines.find(known).unwrap_or(text) }
    }
}

impl<'d> Message<'d> {
    fn of(log: &'d str, hit: &'d Hit) -> Self {
        Self {
            log,
            source: if log == "-" { "the log".to_owned() } else { firstfault_gather::log_source(Path::new(log)) },
            signature: &hit.signature,
            finding: hit.finding.id,
            says: hit.finding.says,
            count: hit.count,
            first: hit.seen.map(|s| s.0),
            last: hit.seen.map(|s| s.1),
            example: &hit.first,
        }
    }

    fn add(&mut self, hit: &'d Hit) {
        self.count += hit.count;
        self.first = [self.first, hit.seen.map(|s| s.0)].into_iter().flatten().min();
        self.last = self.last.max(hit.seen.map(|s| s.1));
        if hit.first.line < self.example.line {
            self.example = &hit.first;
        }
    }
}
