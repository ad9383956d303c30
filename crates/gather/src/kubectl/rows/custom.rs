//! Rows of any other kind: what the columns' titles say by convention.

use firstfault_model::Value;

use crate::kubectl::table::Row;
use crate::kubectl::words;

/// Columns that say nothing about the state.
const PLAIN: &[&str] = &["NAME", "NAMESPACE", "AGE", "LABELS", "CREATED AT"];

/// All cells under `status.printed`; truth values also as conditions, a word under STATUS as the phase.
pub(super) fn any(row: &Row, body: &mut Value) {
    for (title, cell) in row.columns.names().iter().zip(row.cells) {
        let Some(text) = words::known(cell) else { continue };
        if PLAIN.contains(&title.as_str()) {
            continue;
        }
        *body.entry("status").entry("printed").entry(title) = Value::str(text);
        match title.as_str() {
            "HEALTH STATUS" | "HEALTH" => body.set("status.health.status", Value::str(text)),
            "SYNC STATUS" => body.set("status.sync.status", Value::str(text)),
            "STATUS" | "PHASE" | "STATE" if is_word(text) && !is_truth(text) => {
                body.set("status.phase", Value::str(text));
                if text == "Terminating" {
                    body.set("metadata.deletionTimestamp", Value::Bool(true));
                }
            }
            _ if is_truth(text) => {
                let message = message(row, title);
                let condition =
                    words::condition(&condition_name(title), text, row.known("REASON").unwrap_or(""), message);
                words::push(body, "status.conditions", condition);
            }
            _ => {}
        }
    }
}

/// The text beside READY that explains it.
fn message<'r>(row: &'r Row, title: &str) -> &'r str {
    if title != "READY" {
        return row.known("MESSAGE").unwrap_or("");
    }
    row.known("MESSAGE").or_else(|| row.known("STATUS").filter(|text| !is_word(text))).unwrap_or("")
}

fn is_truth(text: &str) -> bool {
    matches!(text, "True" | "False")
}

fn is_word(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

/// `READY` → `Ready`, `UP-TO-DATE` → `UpToDate`.
fn condition_name(title: &str) -> String {
    title
        .split(['-', ' ', '_'])
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
            first.chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
        })
        .collect()
}
