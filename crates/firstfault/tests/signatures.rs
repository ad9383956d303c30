//! Each log signature matches its own lines, and none of its look-alikes.

use std::fs;
use std::path::Path;

use firstfault_catalog::Catalog;
use firstfault_logs::{DigestBuilder, Signatures};
use firstfault_model::Assume;
use regex::Regex;
use serde_json::Value;

/// The signatures as their files state them, with their lines.
fn stated() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/log-signatures");
    let mut stated = Vec::new();
    for file in fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("readable").path();
        if path.ends_with("findings.yaml") {
            continue;
        }
        let all: Vec<Value> = serde_saphyr::from_str(&fs::read_to_string(&path).expect("readable")).expect("a list");
        stated.extend(all.into_iter().map(|s| (s["name"].as_str().expect("named").to_owned(), s)));
    }
    stated
}

fn lines<'a>(signature: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    signature[key].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn each_signature_matches_its_lines_and_no_look_alike() {
    let catalog = Catalog::embedded([]).expect("a test of the catalogue keeps it readable");
    let specs = &catalog.signatures;
    let mut wrong = Vec::new();
    for (name, signature) in &stated() {
        let alone: Vec<_> = specs.iter().filter(|s| s.name == *name).cloned().collect();
        let compiled = Signatures::compile(&alone);
        if compiled.len() != 1 {
            wrong.push(format!("{name}: does not compile, or is not the only one of its name"));
        }
        let hits = |line: &str| {
            let mut builder = DigestBuilder::new(&compiled, &Assume::default(), None, 1);
            builder.line(line);
            !builder.finish().hits.is_empty()
        };
        for (key, expected) in [("match", true), ("differ", false)] {
            if lines(signature, key).next().is_none() {
                wrong.push(format!("{name}: has no `{key}`"));
            }
            for line in lines(signature, key).filter(|l| hits(l) != expected) {
                wrong.push(format!("{name}: {key}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All literals at once, against each signature by itself: the texts are all lines of all signatures, alone and
/// as records of one text.
#[test]
fn the_prefilter_changes_nothing() {
    let catalog = Catalog::embedded([]).expect("a test of the catalogue keeps it readable");
    let compiled = Signatures::compile(&catalog.signatures);
    let patterns: Vec<Option<Regex>> = catalog
        .signatures
        .iter()
        .map(|spec| spec.pattern.as_ref().map(|p| Regex::new(&format!("(?i){p}")).expect("a pattern")))
        .collect();
    let mut matched = 0;
    for line in stated().iter().flat_map(|(_, signature)| lines(signature, "match").chain(lines(signature, "differ"))) {
        let lower = line.to_ascii_lowercase();
        let mut without: Vec<(&str, &str)> = Vec::new();
        for (spec, pattern) in catalog.signatures.iter().zip(&patterns) {
            let is_first = without.iter().all(|(_, finding)| *finding != spec.finding.id);
            let has_literal = spec.literals.iter().any(|literal| lower.contains(literal.as_str()));
            if is_first && has_literal && pattern.as_ref().is_none_or(|p| p.is_match(line)) {
                without.push((&spec.name, spec.finding.id));
            }
        }
        let with = compiled.names(line);
        let with: Vec<(&str, &str)> = with.iter().map(|(name, finding)| (name.as_str(), *finding)).collect();
        assert_eq!(with, without, "{line}");
        matched += with.len();
    }
    assert!(matched > catalog.signatures.len(), "the lines match");
    assert!(catalog.signatures.len() >= 300);
}
