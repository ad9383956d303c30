//! Same evidence, same bytes: from another folder, from an archive, in another time zone, on one thread.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{parallel, scenarios};

fn answer(evidence: &Path, zone: &str) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .args(["investigate", evidence.to_str().expect("a plain path"), "--format", "json"])
        .env("TZ", zone)
        .env("LANG", if zone == "UTC" { "C" } else { "de_DE.UTF-8" })
        .output()
        .expect("the tool runs");
    output.stdout
}

#[test]
fn twice_is_the_same_in_any_zone() {
    let folders = scenarios();
    let differ: Vec<String> = parallel(&folders, |folder| {
        let evidence = folder.join("evidence");
        (answer(&evidence, "UTC") != answer(&evidence, "Asia/Tokyo")).then(|| folder.display().to_string())
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(differ.is_empty(), "differ:\n{}", differ.join("\n"));
}

#[test]
fn a_copy_elsewhere_gives_the_same_bytes_and_an_archive_the_same_answer() {
    let folders: Vec<_> = scenarios().into_iter().step_by(7).collect();
    let differ: Vec<String> = parallel(&folders, |folder| {
        let evidence = folder.join("evidence");
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let copy = scratch.path().join("elsewhere/deep/x");
        copy_folder(&evidence, &copy);
        let archive = scratch.path().join("bundle.tar");
        let mut builder = tar::Builder::new(fs::File::create(&archive).expect("writable"));
        builder.append_dir_all(".", &evidence).expect("readable");
        builder.finish().expect("writable");
        let original = answer(&evidence, "UTC");
        let moved = answer(&copy, "UTC");
        let packed: serde_json::Value = serde_json::from_slice(&answer(&archive, "UTC")).expect("JSON");
        let plain: serde_json::Value = serde_json::from_slice(&original).expect("JSON");
        let same = original == moved
            && support::first(&plain) == support::first(&packed)
            && plain["status"] == packed["status"];
        (!same).then(|| folder.display().to_string())
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(differ.is_empty(), "differ:\n{}", differ.join("\n"));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("readable").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
