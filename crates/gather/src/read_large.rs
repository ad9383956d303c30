//! Files that are too large to hold: streamed as a log, read item by item or command by command,
//! or read as far as can be held.

use std::hash::Hasher as _;
use std::io::{BufRead, BufReader, SeekFrom};

use firstfault_model::Name;

use crate::formats::{Chunk, Context, Format};
use crate::input::clean;
use crate::large::{Bytes, Large};
use crate::read::{BINARY, LARGEST_TEXT, Read, is_log_path, read_sections, read_text, surest};
use crate::world::Yield;
use crate::{command_line, log_reader, objects, transcript};

/// So much tells what a file is.
const HEAD: usize = 64 << 10;
/// A transcript is read when so much of it is there and a prompt follows.
const SESSION: usize = 8 << 20;

/// Reads a file of `size` bytes.
pub(crate) fn read(path: &Name, bytes: &mut dyn Bytes, size: u64, context: &Context) -> Read {
    let command = if is_log_path(path) { None } else { command_line::command_of_name(path) };
    let mut large = Large { path, command: command.as_ref(), context, size, bytes };
    let head = large.read(0, HEAD);
    let mut yields = Yield::default();
    let Some(text) = clean(&head) else {
        yields.read_as = BINARY.to_owned();
        return Read { path: path.clone(), bytes: size, hash: size, yields };
    };
    let chunk = Chunk { path, first_line: 1, command: command.as_ref(), text: &text, context };
    let format = surest(&chunk);
    // Two bytes a letter: a reader of lines would see none.
    if head.contains(&0) {
        read_head(&mut large, &mut yields);
    } else if let Some(console) = transcript::console(&text).filter(|_| !is_log_path(path)) {
        read_transcript(&mut large, console, &mut yields);
    } else if let Some(read) = format.and_then(objects::of_large) {
        read(&mut large, &mut yields);
    } else if format.is_none_or(reads_log) {
        let hash = hash(&mut large);
        let _ = large.bytes.seek(SeekFrom::Start(0));
        let read = stream(path, &mut BufReader::with_capacity(1 << 20, large.bytes), context);
        return Read { bytes: size, hash, ..read };
    } else {
        read_head(&mut large, &mut yields);
    }
    Read { path: path.clone(), bytes: size, hash: hash(&mut large), yields }
}

/// Whether what begins so is read as a log, line by line.
pub(crate) fn is_log(path: &Name, head: &[u8], context: &Context) -> bool {
    let Some(text) = clean(&head[..head.len().min(HEAD)]) else { return false };
    let chunk = Chunk { path, first_line: 1, command: None, text: &text, context };
    transcript::console(&text).is_none() && surest(&chunk).is_none_or(reads_log)
}

pub(crate) fn reads_log(format: &Format) -> bool {
    log_reader::FORMATS.iter().any(|known| known.name == format.name)
}

/// Reads a log line by line.
pub(crate) fn stream(path: &Name, input: &mut dyn BufRead, context: &Context) -> Read {
    let mut yields = Yield::default();
    log_reader::read_stream(path, input, context, &mut yields);
    Read { path: path.clone(), bytes: 0, hash: 0, yields }
}

/// The hash of all bytes.
fn hash(large: &mut Large<'_>) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    let _ = large.bytes.seek(SeekFrom::Start(0));
    let mut input = BufReader::with_capacity(1 << 20, &mut *large.bytes);
    while let Ok(block) = input.fill_buf() {
        if block.is_empty() {
            break;
        }
        hasher.write(block);
        let length = block.len();
        input.consume(length);
    }
    hasher.finish()
}

/// Reads what can be held: whole lines from the beginning.
fn read_head(large: &mut Large<'_>, yields: &mut Yield) {
    let mut bytes = large.read(0, LARGEST_TEXT as usize);
    if let Some(end) = memchr::memrchr(b'\n', &bytes) {
        bytes.truncate(end + 1);
    }
    let text = clean(&bytes).unwrap_or_default();
    read_text(large.path, &text, large.context, yields);
    let line = text.lines().count() as u32;
    let (read, all) = (bytes.len() >> 20, large.size >> 20);
    large.problem(line, format!("too large to hold: the first {read} of {all} MB were read"), yields);
}

/// Reads a transcript some commands at a time.
fn read_transcript(large: &mut Large<'_>, console: transcript::Style, yields: &mut Yield) {
    let (path, context) = (large.path, large.context);
    let (mut names, mut too_long) = (Vec::new(), Vec::new());
    let (mut session, mut first_line, mut skips) = (String::new(), 1, false);
    let (mut line, mut lines) = (String::new(), large.lines());
    while let Some(number) = lines.next(&mut line) {
        let shown = clean(line.as_bytes()).unwrap_or_default();
        let is_prompt = transcript::is_prompt(&shown, console);
        let is_full = session.len() + shown.len() > LARGEST_TEXT as usize;
        if is_full || is_prompt && session.len() > SESSION {
            read_sections(path, first_line, &transcript::sections(&session), context, (yields, &mut names));
            session.clear();
            first_line = number;
            if is_full && !is_prompt {
                too_long.push(number);
            }
            skips = !is_prompt;
        }
        if skips && is_prompt {
            (skips, first_line) = (false, number);
        }
        if !skips {
            session.push_str(&shown);
        }
    }
    read_sections(path, first_line, &transcript::sections(&session), context, (yields, &mut names));
    for line in too_long.into_iter().take(20) {
        large.problem(line, "too large to hold: the rest of this command's output was left out".to_owned(), yields);
    }
    yields.read_as = format!("transcript: {}", names.join(", "));
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// What a text gives when it is read as if it were too large to hold.
    fn large(path: &str, text: &str) -> Yield {
        read(&Name::from(path), &mut Cursor::new(text), text.len() as u64, &Context::default()).yields
    }

    fn held(path: &str, text: &str) -> Yield {
        let mut yields = Yield::default();
        read_text(&Name::from(path), text, &Context::default(), &mut yields);
        yields
    }

    /// Everything that both ways of reading give.
    fn shown(yields: &Yield) -> String {
        let Yield { read_as, objects, listed, events, problems, .. } = yields;
        let objects: Vec<String> = objects.iter().map(|object| format!("{object:?}")).collect();
        format!("{read_as}\n{}\n{listed:?}\n{events:?}\n{problems:?}", objects.join("\n"))
    }

    /// Fails with the first line that differs.
    fn assert_same(path: &str, text: &str, otherwise: &str) {
        let (large, held) = (shown(&large(path, text)), shown(&held(path, otherwise)));
        let differs = large.lines().zip(held.lines()).find(|(large, held)| large != held);
        assert_eq!(differs, None, "{}", &text[..60]);
        assert_eq!(large.lines().count(), held.lines().count());
    }

    fn pod(i: usize) -> String {
        let (name, phase) = (format!("saw-{i}"), if i.is_multiple_of(3) { "Pending" } else { "Running" });
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod",
"metadata":{{"name":"{name}","namespace":"mill","uid":"u{i}"}},"status":{{"phase":"{phase}"}}}}"#
        )
    }

    fn pods_as_yaml(count: usize, indent: &str) -> String {
        let item = |i| {
            format!(
                "{indent}- apiVersion: v1\n{indent}  kind: Pod\n{indent}  metadata:\n{indent}    name: saw-{i}\n{indent}    namespace: mill\n\
                 {indent}    uid: u{i}\n{indent}  status:\n{indent}    phase: Running\n"
            )
        };
        let items: String = (0..count).map(item).collect();
        format!("apiVersion: v1\nitems:\n{items}kind: List\nmetadata:\n  resourceVersion: \"\"\n")
    }

    #[test]
    fn json_gives_the_same_piece_by_piece() {
        let pods: Vec<String> = (0..40).map(pod).collect();
        let list = format!(
            "{{\"apiVersion\":\"v1\",\"items\":[{}],\n\"kind\":\"List\",\"metadata\":{{}}}}\n",
            pods.join(",\n ")
        );
        let typed = list.replace("\"List\"", "\"PodList\"");
        let stream = format!("{}\n{}\n{list}", pod(100), pod(101));
        let cut = list[..list.len() * 2 / 3].to_owned();
        for text in [list, typed, stream, format!("[{}]", pods.join(",")), cut] {
            assert_same("pods.json", &text, &text);
        }
    }

    #[test]
    fn yaml_gives_the_same_piece_by_piece() {
        let list = pods_as_yaml(40, "");
        assert_eq!(held("pods.yaml", &list).objects.len(), 40);
        let documents = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n".repeat(3);
        let cut = list[..list.len() * 2 / 3].to_owned();
        for text in [list.clone(), pods_as_yaml(5, "  "), list.replace("List", "PodList"), documents, cut] {
            assert_same("pods.yaml", &text, &text);
        }
    }

    #[test]
    fn batches_of_yaml_lose_no_item() {
        let large = large("pods.yaml", &pods_as_yaml(20_000, ""));
        assert_eq!(large.objects.len(), 20_000);
        assert_eq!(large.listed.len(), 1);
        let last = &large.objects[19_999];
        assert_eq!((last.name.as_str(), last.origins[0].place.lines), ("saw-19999", (159_995, 160_002)));
    }

    /// Items that do not say their kind take it from the list, which says it after them.
    #[test]
    fn a_list_of_another_kind_than_the_last_is_not_taken_for_it() {
        let list = |kind: &str, name: &str| {
            format!(
                "---\napiVersion: v1\nitems:\n- metadata:\n    name: {name}\n    namespace: mill\nkind: {kind}\nmetadata: {{}}\n"
            )
        };
        let one = large("x.yaml", &list("PodList", "saw"));
        assert_eq!(one.objects[0].kind, "Pod");
        let two = large("x.yaml", &(list("ServiceList", "saw") + &list("PodList", "lathe")));
        let names: Vec<&str> = two.objects.iter().map(|object| object.name.as_str()).collect();
        assert_eq!((names, two.problems.len()), (vec!["lathe"], 1));
    }

    #[test]
    fn transcripts_give_the_same_piece_by_piece() {
        let table = "NAME    READY   STATUS    RESTARTS   AGE\nsaw-1   1/1     Running   0          3d\n";
        let text = format!("$ kubectl get pods -n mill\r\n{table}\n$ kubectl get pods -n yard\n{table}$ date\nTue\n");
        assert_same("session.txt", &text, &text.replace('\r', ""));
    }

    #[test]
    fn an_item_too_large_to_hold_leaves_the_others() {
        let big = format!(r#"{{"kind":"Blob","metadata":{{"name":"{}"}}}}"#, "x".repeat(9 << 20));
        let text = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{},{big},{}]}}"#, pod(1), pod(2));
        let large = large("pods.json", &text);
        let names: Vec<&str> = large.objects.iter().map(|object| object.name.as_str()).collect();
        assert_eq!(names, ["saw-1", "saw-2"]);
        assert!(large.problems[0].what.starts_with("too large to hold"), "{:?}", large.problems);
    }
}
