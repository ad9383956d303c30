//! Events: the table of `kubectl get events`, that of `kubectl events`, and the foot of `describe`.

use firstfault_model::{Entity, Name};

use super::ages::{self, Seen};
use super::columns::Columns;
use super::sheet::{self, Sheet};
use super::table::Row;
use super::words;
use crate::kinds;
use crate::{Event, Yield};

/// A message longer than this is cut; nobody reads so far.
const LONGEST_MESSAGE: usize = 16_384;

/// Whether these are the columns of events.
pub(super) fn is_event_table(columns: &Columns) -> bool {
    columns.has("REASON")
        && columns.has("MESSAGE")
        && (columns.has("OBJECT") || columns.has("NAME"))
        && (columns.has("TYPE") || columns.has("LAST SEEN") || columns.has("LASTSEEN"))
}

/// A row of a table of events; one that is none continues the message before it.
pub(super) fn row(sheet: &Sheet, line: usize, row: &Row, out: &mut Yield) {
    let kind = row.cell("TYPE");
    let object = row.known("OBJECT").or_else(|| row.known("KIND"));
    let (Some(object), true) = (object, matches!(kind, "Normal" | "Warning" | "")) else {
        return continues(sheet, line, out);
    };
    let named = object.split_once('/').or_else(|| row.known("NAME").map(|name| (object, name)));
    let (about, name) = match named {
        Some((kind_word, name)) => match kinds::kind_of(kind_word) {
            Some(about) => (about, name),
            None => return continues(sheet, line, out),
        },
        // `custom-columns` with `.involvedObject.name` alone: the kind is looked up once all objects are known.
        None if is_bare(object) && !kind.is_empty() && row.known("REASON").is_some() => (Name::default(), object),
        None => return continues(sheet, line, out),
    };
    let namespace = row.known("NAMESPACE").map(Name::from).or_else(|| sheet.namespace());
    let mut event = sheet::event(&about, namespace.as_deref(), name, sheet.place(line, line));
    event.warning = kind == "Warning";
    event.reason = row.cell("REASON").into();
    event.message = row.cell("MESSAGE").to_owned();
    event.from = source(row.known("SOURCE").or(row.known("FROM")).unwrap_or(""));
    when(row, &mut event);
    out.events.push(event);
}

/// A name as Kubernetes takes it, and nothing else.
fn is_bare(object: &str) -> bool {
    object.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// `kubelet, worker-1`: the component.
fn source(text: &str) -> Name {
    text.split(',').next().unwrap_or("").trim().into()
}

fn when(row: &Row, event: &mut Event) {
    // Custom columns have titles of their own; these are the usual ones.
    let of = |titles: &[&str]| titles.iter().find_map(|title| row.known(title)).unwrap_or("");
    let last = of(&["LAST SEEN", "LASTSEEN", "AGE", "LAST", "TIME", "LASTTIMESTAMP"]);
    let first = of(&["FIRST SEEN", "FIRSTSEEN", "FIRST", "FIRSTTIMESTAMP"]);
    let seen = Seen::parse(last);
    event.count = row.cell("COUNT").parse().unwrap_or(seen.count);
    event.ago = seen.ago;
    if let (Some(first), Some((_, last))) = (ages::seconds(first), seen.ago) {
        event.ago = Some((jiff::SignedDuration::from_secs(first).max(last), last));
    }
    // Custom columns print times instead of ages.
    event.last = ages::time(last);
    event.first = ages::time(first).or(event.last);
}

fn continues(sheet: &Sheet, line: usize, out: &mut Yield) {
    match out.events.last_mut() {
        Some(event) => append(&mut event.message, sheet.lines[line].trim()),
        None => out.problems.push(sheet.problem(line, "the row names no object")),
    }
}

/// Adds a further line to a message.
pub(super) fn append(message: &mut String, line: &str) {
    if message.len() + line.len() < LONGEST_MESSAGE {
        message.push('\n');
        message.push_str(line);
    }
}

/// The events at the foot of a description: `lines` are those after `Events:`.
pub(super) fn foot(sheet: &Sheet, lines: std::ops::Range<usize>, about: &Entity, out: &mut Yield) {
    let mut columns: Option<Columns> = None;
    let mut last_is_mine = false;
    for line in lines {
        let text = sheet.lines[line];
        let first = text.split_whitespace().next().unwrap_or("");
        match &columns {
            _ if first.is_empty() || first.starts_with("----") => {}
            None if matches!(first, "Type" | "FirstSeen" | "LastSeen" | "First") => columns = Columns::of(text),
            Some(known) if is_event_row(known, text, first) => {
                if let Some(cells) = known.cells(text) {
                    out.events.push(described(sheet, line, &Row { columns: known, cells: &cells }, about));
                    last_is_mine = true;
                }
            }
            _ if last_is_mine => {
                if let Some(event) = out.events.last_mut() {
                    append(&mut event.message, text.trim());
                }
            }
            _ => {}
        }
    }
}

/// A row is indented like its header and begins with the type, or (in old kubectl) an age.
fn is_event_row(columns: &Columns, text: &str, first: &str) -> bool {
    let indented = text.starts_with([' ', '\t']);
    let begins = matches!(first, "Normal" | "Warning") || (columns.has("FirstSeen") && ages::seconds(first).is_some());
    indented && begins && columns.is_reached_by(text)
}

fn described(sheet: &Sheet, line: usize, row: &Row, about: &Entity) -> Event {
    let mut event = sheet::event(&about.kind, about.namespace.as_deref(), &about.name, sheet.place(line, line));
    event.warning = row.cell("Type") == "Warning";
    event.reason = row.cell("Reason").into();
    event.message = row.cell("Message").to_owned();
    event.from = source(row.cell("From"));
    let seen = Seen::parse(row.known("Age").or(row.known("LastSeen")).unwrap_or(""));
    event.count = words::number(row.cell("Count"))
        .and_then(|count| count.as_int())
        .map_or(seen.count, |count| u32::try_from(count).unwrap_or(u32::MAX));
    event.ago = seen.ago;
    if let (Some(first), Some((_, last))) = (ages::seconds(row.cell("FirstSeen")), seen.ago) {
        event.ago = Some((jiff::SignedDuration::from_secs(first).max(last), last));
    }
    event
}
