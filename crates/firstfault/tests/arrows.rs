//! The crates' arrows point one way, and only the reading crates touch files.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

/// Crate, and what it may use of ours.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("logs", &["model"]),
    ("metrics", &["model"]),
    ("traces", &["model"]),
    ("gather", &["model", "logs", "metrics", "traces"]),
    ("observe", &["model", "gather", "logs", "metrics", "traces"]),
    ("catalog", &["model"]),
    ("diagnose", &["model", "catalog"]),
    ("report", &["model"]),
    ("act", &["model", "catalog", "report"]),
    ("audit", &["model", "gather", "metrics", "observe", "catalog", "report"]),
    // A runbook mends as the plan does: commands are composed from evidence, quoted and filled in, in one place.
    ("learn", &["model", "catalog", "gather", "metrics", "act", "report"]),
];

#[test]
fn crates_use_only_what_the_architecture_allows() {
    for (name, allowed) in MAY_USE {
        let manifest =
            fs::read_to_string(support::root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
        let used = manifest.split("[dev-dependencies]").next().unwrap_or_default().lines().filter_map(|line| {
            let line = line.strip_prefix("firstfault-")?;
            line.split(['.', ' ', '=']).next()
        });
        for other in used {
            assert!(allowed.contains(&other), "{name} must not use {other}");
        }
    }
}

/// The memory of cases is a file of SQLite that only it may touch, and what is damaged in it is read without SQLite.
const MEMORY: &str = "learn/src/history/";

#[test]
fn the_engine_opens_no_file_and_no_connection() {
    for name in ["model", "logs", "metrics", "traces", "observe", "diagnose", "report", "act", "audit", "learn"] {
        for file in sources(&support::root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&file).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let memory = file.display().to_string().replace('\\', "/").contains(MEMORY);
            for forbidden in [
                "std::fs",
                "rusqlite",
                "TcpStream",
                "UdpSocket",
                "std::process",
                "std::env",
                "SystemTime::",
                "Timestamp::now",
                "Zoned::now",
                "Instant::now",
            ] {
                let allowed = memory && ["std::fs", "rusqlite"].contains(&forbidden);
                assert!(allowed || !code.contains(forbidden), "{}: {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn nothing_connects_or_executes() {
    for name in ["gather", "catalog", "firstfault"] {
        for file in sources(&support::root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&file).expect("a source file");
            for forbidden in ["std::net::Tcp", "std::net::Udp", "process::Command", "ToSocketAddrs"] {
                assert!(!text.contains(forbidden), "{}: {forbidden}", file.display());
            }
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
