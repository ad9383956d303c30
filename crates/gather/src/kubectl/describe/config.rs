//! ConfigMaps with their data, Secrets with the names and sizes of theirs.

use firstfault_model::{Map, Name, Value};

use super::Description;
use crate::kubectl::words;

/// A ConfigMap: `key:`, `----`, the text.
pub(super) fn config_map(description: &Description, body: &mut Value) {
    let lines = &description.sheet.lines[description.range.clone()];
    let mut data = Map::default();
    let mut binary = Map::default();
    let mut section = "";
    let mut key: Option<&str> = None;
    let mut text: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let next = lines.get(at + 1).copied().unwrap_or("");
        if next == "====" && matches!(line, "Data" | "BinaryData") {
            finish(&mut data, key.take(), &mut text);
            section = line;
            at += 2;
            continue;
        }
        if section == "Data" && next == "----" && line.ends_with(':') {
            finish(&mut data, key.take(), &mut text);
            key = Some(line.trim_end_matches(':'));
            at += 2;
            continue;
        }
        match section {
            "Data" if key.is_some() => text.push(line),
            "BinaryData" => {
                if let Some((name, size)) = line.split_once(": ") {
                    *binary.entry(name) = Value::str(size.trim());
                }
            }
            _ => {}
        }
        at += 1;
    }
    finish(&mut data, key, &mut text);
    if lines.contains(&"====") {
        body.set("data", Value::Map(data));
    }
    if !binary.is_empty() {
        body.set("binaryData", Value::Map(binary));
    }
}

fn finish(data: &mut Map, key: Option<&str>, text: &mut Vec<&str>) {
    // An empty line stands behind every text.
    while text.last().is_some_and(|line| line.is_empty()) {
        text.pop();
    }
    let value = text.join("\n");
    text.clear();
    if let Some(key) = key {
        data.0.push((Name::from(key), Value::str(&value)));
    }
}

/// A Secret: the keys, each with its size in place of the content.
pub(super) fn secret(description: &Description, body: &mut Value) {
    words::set_known(body, "type", description.value("Type"));
    let mut keys = Map::default();
    let lines = description.lines().skip_while(|(_, line)| *line != "====").skip(1);
    for (_, line) in lines {
        if let Some((key, size)) = line.rsplit_once(':') {
            *keys.entry(key) = Value::str(size.trim());
        }
    }
    body.set("data", Value::Map(Map::default()));
    for (key, size) in keys.iter() {
        // The content is not printed: known to be there, unknown in itself.
        *body.entry("data").entry(key) = Value::Null;
        *body.entry("status").entry("printedSizes").entry(key) = size.clone();
    }
}
