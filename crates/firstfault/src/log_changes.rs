//! `firstfault logs --from T --to T`: what changed in logs, in the window or from the change point on.

use std::fmt::Write as _;

use firstfault_logs::Digest;
use firstfault_logs::change::{Change, Comparison, LEVEL, What, changes};
use firstfault_model::{Masked, Window};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log_overview::level_name;

/// Changes shown at a terminal.
const MOST_SHOWN: usize = 20;
/// Characters shown of a message.
const LONGEST: usize = 160;

/// The changes of some logs.
pub(crate) struct Changes<'d> {
    /// The name of each log that could be compared, and where its window begins.
    logs: Vec<(&'d str, Timestamp)>,
    found: Vec<Change<'d>>,
    window: Window,
    all: usize,
}

impl<'d> Changes<'d> {
    /// Compares logs, given by name.
    pub(crate) fn of(digests: &'d [(String, Digest)], window: Window) -> Self {
        let (mut logs, mut compared) = (Vec::new(), Vec::new());
        for (name, digest) in digests {
            if let Some(comparison) = Comparison::new(digest, window) {
                logs.push((name.as_str(), comparison.from));
                compared.push(comparison);
            }
        }
        let mut found = changes(&compared);
        // The worst first, and what is sure before what may be chance.
        found.sort_by(|a, b| {
            (b.is_sure(), b.shape.level).cmp(&(a.is_sure(), a.shape.level)).then(a.chance.total_cmp(&b.chance))
        });
        Self { logs, found, window, all: digests.len() }
    }

    /// `{"from","found","level","messages":[…]}`: with the chance of each, and null where nothing can be compared.
    pub(crate) fn as_json(&self) -> Value {
        let logs: Vec<Value> =
            self.logs.iter().map(|(log, from)| json!({"log": log, "from": from.to_string()})).collect();
        let messages: Vec<Value> = self.found.iter().map(|change| self.message(change)).collect();
        let by = if self.window.from.is_some() { "window" } else { "change point" };
        json!({"by": by, "compared": logs, "level": LEVEL, "messages": messages})
    }

    fn message(&self, change: &Change<'_>) -> Value {
        let shape = change.shape;
        let mut message = json!({
            "what": word(change), "log": self.logs[change.stream].0, "line": shape.example.line,
            "template": masked(&shape.template), "level": shape.level.map(level_name), "before": change.before,
            "after": change.after, "times": change.times.is_finite().then_some(change.times), "chance": change.chance,
            "sure": change.is_sure(), "since": change.since.map(|t| t.to_string()),
        });
        if let What::Value { place, value, share_before, share_after } = change.what {
            message["value"] = json!(named_value(change, place, value));
            message["share_before"] = json!(share_before);
            message["share_after"] = json!(share_after);
        }
        message
    }

    /// The part of the overview that says what changed.
    pub(crate) fn as_text(&self) -> String {
        let mut out = String::from("\nWhat changed\n");
        match (self.window.from, self.logs.as_slice()) {
            (Some(from), []) => {
                let _ = writeln!(
                    out,
                    "  nothing can be said: no log has records with times well before {from}, and after it"
                );
                return out;
            }
            (None, []) => {
                out.push_str("  no point at which more changes than by chance; `--from` and `--to` give the time of an incident\n");
                return out;
            }
            (Some(from), _) => {
                let to = self.window.to.map_or("the end".to_owned(), |to| to.to_string());
                let _ = writeln!(out, "  from {from} to {to}, against the time before");
            }
            (None, [(_, from)]) => {
                let _ = writeln!(
                    out,
                    "  from {from} on, where most changes at once; `--from` and `--to` give another time"
                );
            }
            (None, _) => {
                out.push_str("  from where most changes at once in each log; `--from` and `--to` give the time\n");
            }
        }
        if self.found.is_empty() {
            out.push_str("  nothing changes by more than chance\n");
        }
        for change in self.found.iter().take(MOST_SHOWN) {
            let _ = writeln!(out, "  {}", self.line(change));
        }
        if self.found.len() > MOST_SHOWN {
            let _ = writeln!(out, "  and {} more; `--format json` has all", self.found.len() - MOST_SHOWN);
        }
        out
    }

    fn line(&self, change: &Change<'_>) -> String {
        let shape = change.shape;
        let log = if self.all > 1 { format!("{}:", self.logs[change.stream].0) } else { "line ".to_owned() };
        let since = change.since.map_or_else(String::new, |t| t.to_string());
        let said = match change.what {
            What::New if change.is_sure() => format!("new since {since}, {} records", change.after),
            What::New => format!("new since {since}, {} records (may be chance)", change.after),
            What::Vanished => format!("no more since {since}, {} records before", change.before),
            What::More | What::Fewer | What::Same => {
                format!(
                    "{:.2} times as often since {since}, {} records before, {} after",
                    change.times, change.before, change.after
                )
            }
            What::Value { place, value, share_before, share_after } => format!(
                "{} in {:.0} % of the records since {since}, in {:.0} % before",
                named_value(change, place, value),
                share_after * 100.0,
                share_before * 100.0
            ),
        };
        let level = shape.level.map_or("", level_name);
        format!("{said}: {level} {} ({log}{})", short(&masked(&shape.template)), shape.example.line)
    }
}

/// `customer=c3`.
fn named_value(change: &Change<'_>, place: usize, value: &str) -> String {
    let before = change.shape.varying.get(place).map_or("", |varying| varying.before.as_str());
    masked(&format!("{before}{value}"))
}

/// A message as far as a terminal has room for it.
fn short(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

fn masked(text: &str) -> String {
    Masked::new(text).to_string()
}

fn word(change: &Change<'_>) -> &'static str {
    match change.what {
        What::New => "new",
        What::Vanished => "vanished",
        What::More => "more",
        What::Fewer => "fewer",
        What::Value { .. } => "value",
        What::Same => "same",
    }
}
