//! Embeds the catalogue: every YAML file below `catalog/` becomes one JSON document of
//! `[path, contents]` pairs, since reading JSON at start-up is ten times faster than YAML.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new("../../catalog");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(root, &mut files);
    files.sort();
    let mut entries: Vec<(String, serde_json::Value)> = Vec::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file).expect("a catalogue file is readable");
        let path = file.strip_prefix(root).expect("found below it").display().to_string();
        match serde_saphyr::from_str(&text) {
            Ok(mut value) => {
                if path.starts_with("log-signatures/") {
                    without_examples(&mut value);
                }
                entries.push((path, value));
            }
            Err(error) => println!("cargo::error=catalog/{path}: {error}"),
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("catalog.json");
    fs::write(out, serde_json::to_string(&entries).expect("plain data")).expect("OUT_DIR is writable");
}

/// The lines that a signature must match, and must not, are for tests: half of the catalogue's text.
fn without_examples(signatures: &mut serde_json::Value) {
    for signature in signatures.as_array_mut().into_iter().flatten().filter_map(|s| s.as_object_mut()) {
        signature.remove("match");
        signature.remove("differ");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(path);
        }
    }
}
