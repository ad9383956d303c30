//! Prints what was read from some evidence: `cargo run -p firstfault-gather --example look -- PATH…`.

use std::collections::BTreeMap;

fn main() -> Result<(), firstfault_gather::GatherError> {
    let paths: Vec<_> = std::env::args_os().skip(1).map(Into::into).collect();
    let world = firstfault_gather::gather(&paths, &firstfault_gather::Options::default())?;
    for file in &world.coverage.files {
        println!("{:>6}  {}  [{}]", file.items, file.path, file.read_as);
        for problem in file.problems.iter().take(5) {
            println!("        ! {}:{} {}", problem.place.path, problem.place.lines.0, problem.what);
        }
    }
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for object in world.objects.values() {
        *kinds.entry((&object.kind, object.namespace.as_deref().unwrap_or("-"))).or_default() += 1;
    }
    for ((kind, namespace), count) in kinds {
        println!("{count:>6}  {kind} in {namespace} {:?}", world.coverage.of(kind, Some(namespace)));
    }
    println!(
        "now {:?}; {} events, {} logs, {} series, {} relations, {} units, {} reaches, {} alerts, {} spans, {} changes, {} errors",
        world.now, world.events.len(), world.logs.len(), world.series.len(), world.relations.len(), world.units.len(),
        world.reaches.len(), world.alerts.len(), world.spans.len(), world.changes.len(), world.errors.len()
    );
    Ok(())
}
