//! The text that kubectl (and oc) print: tables, descriptions, events, answers and complaints.

mod ages;
mod answers;
mod asked;
mod columns;
mod describe;
mod events;
mod guess;
mod lineage;
mod paths;
mod rows;
mod says;
mod sheet;
mod table;
mod words;

use self::asked::Asked;
pub(crate) use self::columns::Columns;
use self::sheet::Sheet;
use crate::Yield;
use crate::formats::{Chunk, Format};

/// The formats of this folder.
pub(crate) const FORMATS: &[Format] = &[
    Format { name: "kubectl describe", recognise: is_description, read: read_description },
    Format { name: "kubectl table", recognise: is_table, read: read_table },
    Format { name: "kubectl answer", recognise: is_answer, read: read_answer },
];

/// Lines that are looked at to recognise a text.
const HEAD: usize = 40;

fn asked(chunk: &Chunk) -> Option<Asked> {
    chunk.command.and_then(Asked::of)
}

fn head<'a>(chunk: &Chunk<'a>) -> Vec<&'a str> {
    chunk.text.lines().filter(|line| !line.trim().is_empty()).take(HEAD).collect()
}

fn sheet<'a>(chunk: &Chunk<'a>) -> Sheet<'a> {
    Sheet::new(chunk.path, chunk.first_line, chunk.text, chunk.command)
}

/// Whether the text is what another program said; one that only shows a file does not count.
fn is_others(chunk: &Chunk) -> bool {
    const SHOW: &[&str] = &["kubectl", "cat", "less", "more", "head", "tail", "grep", "bat", "type"];
    chunk.command.is_some_and(|command| !SHOW.contains(&command.program()) && asked(chunk).is_none())
}

/// The text of a log is never taken for kubectl's own words.
fn is_log(asked: Option<&Asked>) -> bool {
    asked.is_some_and(|asked| matches!(asked.verb.as_str(), "logs" | "exec" | "debug" | "attach" | "cp" | "proxy"))
}

fn is_description(chunk: &Chunk) -> u8 {
    let asked = asked(chunk);
    if is_log(asked.as_ref()) || is_others(chunk) {
        return 0;
    }
    let says = describe::is_description(&head(chunk));
    match asked.map(|asked| asked.verb) {
        Some(verb) if verb == "describe" => 95,
        Some(_) => 0,
        None if says => 85,
        None => 0,
    }
}

fn read_description(chunk: &Chunk, out: &mut Yield) {
    describe::read(&sheet(chunk), out);
    attach_command(chunk, out);
}

fn is_table(chunk: &Chunk) -> u8 {
    let asked = asked(chunk);
    if is_log(asked.as_ref()) || is_others(chunk) {
        return 0;
    }
    let head = head(chunk);
    match &asked {
        Some(asked) if matches!(asked.verb.as_str(), "get" | "events" | "top" | "lineage" | "tree") => {
            // JSON, YAML and templates are the objects' readers' own.
            let starts = head.first().map_or("", |line| line.trim_start());
            let other =
                starts.starts_with(['{', '[']) || starts.starts_with("apiVersion:") || starts.starts_with("---");
            if asked.prints_table() && !other || says::is_only_complaints(&head) { 95 } else { 0 }
        }
        Some(_) => 0,
        None if head.first().is_some_and(|line| table::is_header(line)) => is_known_table(chunk, &head),
        None => 0,
    }
}

/// Without a command a table must have columns that kubectl prints.
fn is_known_table(chunk: &Chunk, head: &[&str]) -> u8 {
    let Some(columns) = head.first().and_then(|line| columns::Columns::of(line)) else { return 0 };
    let known = events::is_event_table(&columns) || guess::by_columns(&columns).is_some();
    let prefixed = || head.get(1).is_some_and(|row| row.split_whitespace().take(2).any(|word| word.contains('/')));
    let rest = || columns.has("AGE") || columns.has("CREATED AT") || guess::by_path(chunk.path).is_some();
    match known {
        true => 85,
        false if prefixed() && rest() => 75,
        false if rest() => 60,
        false => 0,
    }
}

fn read_table(chunk: &Chunk, out: &mut Yield) {
    let sheet = sheet(chunk);
    let is_tree = sheet.lines.iter().take(HEAD).any(|line| line.contains("├─") || line.contains("└─"));
    if is_tree || sheet.asked.as_ref().is_some_and(|asked| matches!(asked.verb.as_str(), "lineage" | "tree")) {
        lineage::read(&sheet, out);
        says::complaints(&sheet, None, out);
    } else {
        table::read(&sheet, out);
    }
    attach_command(chunk, out);
}

fn is_answer(chunk: &Chunk) -> u8 {
    let head = head(chunk);
    match asked(chunk) {
        Some(asked) if is_log(Some(&asked)) => 90 * u8::from(says::is_only_complaints(&head)),
        Some(asked) if asked.verb == "get" && !asked.prints_table() => 90 * u8::from(says::is_only_complaints(&head)),
        // Whatever else kubectl was asked, nobody else reads it.
        Some(_) => 50,
        None if is_others(chunk) => 0,
        None => 70 * u8::from(says::is_only_complaints(&head)),
    }
}

fn read_answer(chunk: &Chunk, out: &mut Yield) {
    says::read(&sheet(chunk), chunk.command.map(|command| command.line.as_str()), out);
    attach_command(chunk, out);
}

/// Complaints carry the command that they answer.
fn attach_command(chunk: &Chunk, out: &mut Yield) {
    let Some(command) = chunk.command else { return };
    for error in &mut out.errors {
        let inside = error.evidence.place.path == *chunk.path && error.evidence.place.lines.0 >= chunk.first_line;
        if inside && error.command.is_none() {
            error.command = Some(command.line.clone());
        }
    }
}

#[cfg(test)]
mod tests;
