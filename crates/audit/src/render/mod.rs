//! The answer for people and for tools. Pure: an audit goes in, text comes out.

mod list;
mod markdown;
mod sarif;
mod terminal;

use std::collections::BTreeMap;

pub use list::check_list;
pub use markdown::markdown;
pub use sarif::sarif;
pub use terminal::terminal;

use crate::report::{Audit, AuditEntity, AuditRemark, Rank};

/// The audit as `firstfault.audit/v1`, indented, with a line feed at the end.
#[must_use]
pub fn json(audit: &Audit) -> String {
    let mut text = serde_json::to_string_pretty(audit).unwrap_or_default();
    text.push('\n');
    text
}

/// Remarks by what they are about; what has the worst remark first.
fn grouped(audit: &Audit) -> Vec<(&AuditEntity, Vec<&AuditRemark>)> {
    let mut groups: BTreeMap<&AuditEntity, Vec<&AuditRemark>> = BTreeMap::new();
    for remark in &audit.remarks {
        groups.entry(&remark.entity).or_default().push(remark);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // The remarks come in order, so that the first of a group is its worst.
    groups.sort_by(|(_, a), (_, b)| {
        let (a, b) = (&a[0], &b[0]);
        a.rank.cmp(&b.rank).then(b.score.value.total_cmp(&a.score.value))
    });
    groups
}

/// `2 high, 1 medium, 4 low`
fn counts(audit: &Audit) -> String {
    let counts = [Rank::High, Rank::Medium, Rank::Low].map(|rank| (audit.count(rank), rank.word()));
    let parts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    parts.join(", ")
}

/// `12 workloads, 3 alerts and 40 other objects, 51 checks`
fn looked(audit: &Audit) -> String {
    let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let looked = &audit.looked;
    let mut parts = vec![count(looked.workloads, "workload")];
    if looked.alerts > 0 {
        parts.push(count(looked.alerts, "alert"));
    }
    if looked.others > 0 {
        parts.push(count(looked.others, "other thing"));
    }
    format!("{} looked at with {}", parts.join(", "), count(looked.checks, "check"))
}

/// `pods.txt:12-14`, `pods.txt:12` or `pods.txt`.
fn place(remark: &AuditRemark) -> String {
    let path = &remark.evidence.path;
    match remark.evidence.lines {
        (0, _) => path.clone(),
        (a, b) if a == b => format!("{path}:{a}"),
        (a, b) => format!("{path}:{a}-{b}"),
    }
}

/// `3.3 = prior 4.1 × 0.4 × reach 2.0 (customers, 1 dependent)`
fn arithmetic(remark: &AuditRemark) -> String {
    let score = &remark.score;
    let reach = &score.reach;
    let mut whom = Vec::new();
    if reach.cluster_wide {
        whom.push("whole cluster".to_owned());
    }
    if reach.customer_facing {
        whom.push("customers".to_owned());
    }
    if reach.dependents > 0 {
        whom.push(format!("{} depend on it", reach.dependents));
    }
    if reach.lost < 1.0 {
        whom.push(format!("{:.0} % of it at a time", reach.lost * 100.0));
    }
    let urgency = if score.urgency > 1.0 { format!(" × urgency {}", score.urgency) } else { String::new() };
    let whom = if whom.is_empty() { String::new() } else { format!(" ({})", whom.join(", ")) };
    format!("{:.1} = prior {:.1} × {}{urgency} × reach {:.1}{whom}", score.value, score.prior, score.share, reach.value)
}

/// The ids of failure modes, or what stands for none.
fn modes(remark: &AuditRemark) -> String {
    let ids: Vec<&str> = remark.modes.iter().map(|m| m.id.as_str()).collect();
    ids.join(", ")
}

/// Wraps at spaces so that no line is longer than `width` characters; longer words stay whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
