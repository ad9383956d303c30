//! Each log signature matches its own lines, and none of its look-alikes.

use std::fs;
use std::path::Path;

use firstfault_catalog::Catalog;
use firstfault_logs::{DigestBuilder, Signatures};
use firstfault_model::Assume;
use serde_json::Value;

#[test]
fn each_signature_matches_its_lines_and_no_look_alike() {
    let catalog = Catalog::embedded([]).expect("a test of the catalogue keeps it readable");
    let specs = &catalog.signatures;
    let mut wrong = Vec::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/log-signatures"))
        .expect("the folder is there")
    {
        let path = file.expect("readable").path();
        if path.ends_with("findings.yaml") {
            continue;
        }
        let stated: Vec<Value> = serde_saphyr::from_str(&fs::read_to_string(&path).expect("readable")).expect("a list");
        for signature in &stated {
            let name = signature["name"].as_str().expect("named");
            let alone: Vec<_> = specs.iter().filter(|s| s.name == name).cloned().collect();
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
                let lines = signature[key].as_array().map(Vec::as_slice).unwrap_or_default();
                if lines.is_empty() {
                    wrong.push(format!("{name}: has no `{key}`"));
                }
                for line in lines.iter().filter_map(Value::as_str).filter(|l| hits(l) != expected) {
                    wrong.push(format!("{name}: {key}: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
