//! `istioctl analyze`, as text and with `-o json`.

use std::sync::OnceLock;

use firstfault_model::Entity;
use regex::Regex;
use serde_json::Value;

use super::{Complaint, Level};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host::{cite, head};

pub(super) const TEXT: Format = Format { name: "istioctl analyze", recognise: is_text, read: read_text };
pub(super) const JSON: Format = Format { name: "istioctl analyze (JSON)", recognise: is_json, read: read_json };

/// `Error [IST0101] (VirtualService shop/api routes.yaml:1) Referenced host not found: "x"`; before
/// Istio 1.5 the object was `VirtualService api.shop`.
fn line() -> &'static Regex {
    static LINE: OnceLock<Regex> = OnceLock::new();
    LINE.get_or_init(|| {
        Regex::new(
            r"^(?P<level>Error|Warn(?:ing)?|Info) \[(?P<code>IST\d{4})\] \((?P<kind>[A-Za-z]+) (?P<name>[^ )]+)(?: (?P<file>[^)]+))?\) (?P<message>.+)$",
        )
        .expect("a fixed pattern")
    })
}

fn is_text(chunk: &Chunk<'_>) -> u8 {
    let shown = chunk.text.trim_start();
    if is_analysis(chunk) {
        return if shown.starts_with(['[', '{']) { 0 } else { 95 };
    }
    if chunk.command.is_none() && head(chunk).take(5).any(|text| line().is_match(text.trim())) { 90 } else { 0 }
}

fn is_analysis(chunk: &Chunk<'_>) -> bool {
    chunk.command.is_some_and(|c| c.program() == "istioctl" && c.has(&["analyze", "analyse"]))
}

fn read_text(chunk: &Chunk<'_>, out: &mut Yield) {
    for (index, text) in chunk.text.lines().enumerate() {
        let Some(found) = line().captures(text.trim()) else { continue };
        let part = |name: &str| found.name(name).map_or("", |m| m.as_str());
        out.mesh.complaints.push(Complaint {
            code: part("code").to_owned(),
            level: level(part("level")),
            about: about(part("kind"), part("name")),
            message: part("message").to_owned(),
            of_file: found.name("file").is_some(),
            evidence: cite(chunk, index, text),
        });
    }
}

fn is_json(chunk: &Chunk<'_>) -> u8 {
    let shown = chunk.text.trim_start();
    if !shown.starts_with('[') {
        return 0;
    }
    let found = head(chunk).take(12).any(|text| text.contains("\"code\": \"IST") || text.contains("\"code\":\"IST"));
    match (is_analysis(chunk), found) {
        (true, _) => 95,
        (false, true) if chunk.command.is_none() => 91,
        _ => 0,
    }
}

fn read_json(chunk: &Chunk<'_>, out: &mut Yield) {
    // What the tool says besides follows the list.
    let mut documents = serde_json::Deserializer::from_str(chunk.text).into_iter::<Value>();
    let Some(Ok(Value::Array(list))) = documents.next() else {
        let place = cite(chunk, 0, "").place;
        out.problems.push(firstfault_model::Problem { place, what: "no whole JSON document".to_owned() });
        return;
    };
    let mut from = 0;
    for item in &list {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let Some((kind, name)) = text("origin").split_once(' ') else { continue };
        // Complaints stand in order, so that each is looked for behind the one before.
        let at = chunk.text[from..].find(text("origin")).map_or(from, |at| from + at);
        from = at;
        let line = chunk.text[..at].matches('\n').count();
        out.mesh.complaints.push(Complaint {
            code: text("code").to_owned(),
            level: level(text("level")),
            about: about(kind, name),
            message: text("message").to_owned(),
            of_file: !text("reference").is_empty(),
            evidence: cite(chunk, line, &format!("{} [{}] {}", text("level"), text("code"), text("message"))),
        });
        from += 1;
    }
}

fn level(word: &str) -> Level {
    match word.to_ascii_lowercase().as_str() {
        "error" => Level::Error,
        "info" => Level::Info,
        _ => Level::Warning,
    }
}

/// `shop/api`, `api.shop`, or a name alone for what has no namespace.
fn about(kind: &str, name: &str) -> Entity {
    match name.split_once('/').or_else(|| name.rsplit_once('.').map(|(name, namespace)| (namespace, name))) {
        Some((namespace, name)) => Entity::namespaced(kind, namespace, name),
        None => Entity::new(kind, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_one_text;

    const TEXT: &str = "Error [IST0101] (VirtualService shop/routes) Referenced host not found: \"pay\"\nWarning [IST0103] (Pod shop/api-0) The pod is missing the Istio proxy.\nInfo [IST0102] (Namespace shop) The namespace is not enabled for Istio injection.\nError [IST0101] (VirtualService old.shop) Referenced gateway not found: \"gw\"\nError [IST0106] (Gateway shop/gw new.yaml:3) Schema validation error: no port\nError: Analyzers found issues when analyzing namespace: shop.\nSee https://istio.io/v1.22/docs/reference/config/analysis for more information about causes and resolutions.\n";

    fn told(out: &Yield) -> Vec<String> {
        let tell =
            |c: &Complaint| format!("{:?} {} {} {} {}", c.level, c.code, c.about, c.of_file, c.evidence.place.lines.0);
        out.mesh.complaints.iter().map(tell).collect()
    }

    #[test]
    fn each_line_is_a_complaint() {
        for (path, command) in [("a.txt", Some("istioctl analyze -n shop")), ("analysis.txt", None)] {
            let out = read_one_text(path, command, TEXT);
            assert_eq!(out.read_as, "istioctl analyze");
            assert_eq!(
                told(&out),
                [
                    "Error IST0101 VirtualService/shop/routes false 1",
                    "Warning IST0103 Pod/shop/api-0 false 2",
                    "Info IST0102 Namespace/shop false 3",
                    "Error IST0101 VirtualService/shop/old false 4",
                    "Error IST0106 Gateway/shop/gw true 5",
                ]
            );
        }
        assert!(read_one_text("logs/api.log", None, TEXT).mesh.is_empty(), "a log speaks for its application only");
        let well = read_one_text(
            "a.txt",
            Some("istioctl analyze"),
            "✔ No validation issues found when analyzing namespace: shop.\n",
        );
        assert_eq!((well.read_as.as_str(), well.mesh.len()), ("istioctl analyze", 0));
    }

    #[test]
    fn the_list_says_the_same() {
        let text = "[\n\t{\n\t\t\"code\": \"IST0101\",\n\t\t\"documentationUrl\": \"https://istio.io/v1.22/docs/reference/config/analysis/ist0101/\",\n\t\t\"level\": \"Error\",\n\t\t\"message\": \"Referenced host not found: \\\"pay\\\"\",\n\t\t\"origin\": \"VirtualService shop/routes\"\n\t}\n]\nError: Analyzers found issues when analyzing namespace: shop.\n";
        for (path, command) in [("a.txt", Some("istioctl analyze -o json")), ("analysis.json", None)] {
            let out = read_one_text(path, command, text);
            assert_eq!(told(&out), ["Error IST0101 VirtualService/shop/routes false 7"], "{}", out.read_as);
        }
        assert_eq!(read_one_text("a.txt", Some("istioctl analyze -o json"), &text[..200]).problems.len(), 1);
    }
}
