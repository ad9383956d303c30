//! Prints what the detectors find in an evidence folder: `cargo run --example findings -- PATH…`

use std::io::Write;
use std::path::PathBuf;

use firstfault_gather::{Options, gather};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let world = gather(&paths, &Options::default())?;
    let mut out = std::io::stdout().lock();
    for finding in firstfault_observe::observe(&world) {
        let fields: Vec<_> = finding.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let about = finding.other.as_ref().map(|other| format!(" -> {other}")).unwrap_or_default();
        writeln!(
            out,
            "{:?}/{:?} {} {}{about} {}",
            finding.state,
            finding.grade,
            finding.id,
            finding.entity,
            fields.join(" | ")
        )?;
        if std::env::var_os("PLACES").is_some() {
            for evidence in &finding.evidence {
                writeln!(out, "    {}:{} {}", evidence.place.path, evidence.place.lines.0, evidence.excerpt)?;
            }
        }
    }
    Ok(())
}
