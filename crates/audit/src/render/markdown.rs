use firstfault_report::markup::{code, text};
use std::fmt::Write as _;

use super::{arithmetic, counts, grouped, looked, modes, place};
use crate::report::Audit;

/// The audit as Markdown, for a ticket or a review.
#[must_use]
pub fn markdown(audit: &Audit) -> String {
    let mut out = String::from("# Audit\n\n");
    match audit.remarks.is_empty() {
        _ if audit.looked.is_nothing() => out.push_str("Nothing to audit: no object was printed in full.\n"),
        true => {
            let _ = writeln!(out, "Nothing to remark. {}.", looked(audit));
        }
        false => {
            let _ = writeln!(out, "{}. {}.", counts(audit), looked(audit));
        }
    }
    for (entity, remarks) in grouped(audit) {
        let _ = writeln!(out, "\n## {}\n", text(&entity.to_string()));
        for remark in remarks {
            let _ = writeln!(out, "### {} {} ({})\n", remark.code, text(&remark.title), remark.rank.word());
            let _ = writeln!(out, "{}. {}\n", text(&remark.what), text(&remark.why));
            let _ = writeln!(out, "- Mend: {}", code_or_text(&remark.mend));
            let _ = writeln!(out, "- Rank: {}", text(&arithmetic(remark)));
            if !remark.modes.is_empty() {
                let _ = writeln!(out, "- Lets happen or hides: {}", modes(remark));
            }
            let _ = writeln!(out, "- Seen at {}; see <{}>\n", code(&place(remark)), remark.reference);
        }
    }
    if !audit.suppressed.is_empty() {
        out.push_str("\n## Left out on purpose\n\n| code | entity | reason | until |\n|---|---|---|---|\n");
        for suppressed in &audit.suppressed {
            let remark = &suppressed.remark;
            let entity = text(&remark.entity.to_string());
            let _ =
                writeln!(out, "| {} | {entity} | {} | {} |", remark.code, text(&suppressed.reason), suppressed.until);
        }
    }
    if !audit.notes.is_empty() {
        out.push_str("\n## Notes\n\n");
    }
    for note in &audit.notes {
        let _ = writeln!(out, "- {}", text(note));
    }
    out
}

/// Commands are code, sentences are text.
fn code_or_text(mend: &str) -> String {
    if mend.starts_with("kubectl ") { code(mend) } else { text(mend) }
}
