use std::collections::BTreeSet;
use std::fmt::Write as _;

use owo_colors::OwoColorize as _;

use super::{arithmetic, counts, grouped, looked, modes, place, wrapped};
use crate::report::{Audit, AuditRemark, Rank};

/// Characters of a line after its indent.
const WIDTH: usize = 104;
/// Remarks of low rank are shown with their first line only beyond this many in all.
const FEW: usize = 40;

/// The audit for a terminal, by workload, the worst first; colours are escape codes that the caller may strip.
#[must_use]
pub fn terminal(audit: &Audit) -> String {
    let mut out = String::new();
    let headline = match audit.remarks.is_empty() {
        _ if audit.looked.is_nothing() => "NOTHING TO AUDIT: no object was printed in full".to_owned(),
        true => "NOTHING TO REMARK".to_owned(),
        false => format!("AUDIT {}", counts(audit)),
    };
    let _ = writeln!(out, "{}", headline.bold());
    if !audit.looked.is_nothing() {
        let _ = writeln!(out, "  {}", looked(audit));
    }
    let mut told = BTreeSet::new();
    for (entity, remarks) in grouped(audit) {
        let _ = writeln!(out, "\n{}", entity.to_string().bold());
        for remark in remarks {
            // What a check means is said once.
            let first = told.insert(&remark.code);
            let detail = match remark.rank {
                Rank::Low if audit.remarks.len() > FEW => Detail::Headline,
                _ if first => Detail::Whole,
                _ => Detail::Again,
            };
            one(&mut out, remark, detail);
        }
    }
    if !audit.suppressed.is_empty() {
        let _ = writeln!(out, "\n{}", "Left out on purpose".bold());
        for suppressed in &audit.suppressed {
            let remark = &suppressed.remark;
            let _ = writeln!(
                out,
                "  {} {}: {} (until {})",
                remark.code, remark.entity, suppressed.reason, suppressed.until
            );
        }
    }
    if !audit.notes.is_empty() {
        out.push('\n');
    }
    for note in &audit.notes {
        let _ = writeln!(out, "{} {note}", "note:".yellow());
    }
    out
}

/// How much is said of a remark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// What was seen.
    Headline,
    /// Also how to mend it; what it means was said before.
    Again,
    /// Everything.
    Whole,
}

fn one(out: &mut String, remark: &AuditRemark, detail: Detail) {
    let rank = match remark.rank {
        Rank::High => format!("{:<6}", "HIGH").red().bold().to_string(),
        Rank::Medium => format!("{:<6}", "medium").yellow().to_string(),
        Rank::Low => format!("{:<6}", "low").dimmed().to_string(),
    };
    let headline = format!("{} {}: {}", remark.code, remark.title, remark.what);
    for (nth, line) in wrapped(&headline, WIDTH).iter().enumerate() {
        let _ = if nth == 0 { writeln!(out, "  {rank} {line}") } else { writeln!(out, "         {line}") };
    }
    if detail == Detail::Headline {
        return;
    }
    let mut part = |label: &str, text: &str| {
        for (nth, line) in wrapped(text, WIDTH - 5).iter().enumerate() {
            let label = if nth == 0 { label } else { "" };
            let _ = writeln!(out, "         {:<5}{line}", label.dimmed());
        }
    };
    if detail == Detail::Whole {
        part("why", &remark.why);
    }
    part("mend", &remark.mend);
    if remark.rank != Rank::Low {
        let lets = if detail == Detail::Whole && !remark.modes.is_empty() {
            format!("; {}", modes(remark))
        } else {
            String::new()
        };
        part("rank", &format!("{}{lets}; {}", arithmetic(remark), place(remark)));
    }
}
