//! Prints what was read from some evidence: `cargo run -p firstfault-gather --example look -- PATH…`.

use std::collections::BTreeMap;

/// What a World holds besides objects, in a line each; `LOOK=relations,logs,owners,notes` asks for more.
fn more(world: &firstfault_gather::World, wanted: &str) {
    let wants = |what: &str| wanted.split(',').any(|w| w == what);
    if wants("relations") {
        for (subject, relation, object, evidence) in &world.relations {
            println!(
                "  {subject} {} {object}  ({}: {})",
                relation.word(),
                evidence.place.path,
                evidence.excerpt.as_str()
            );
        }
    }
    if wants("logs") {
        for log in &world.logs {
            println!("  {} is the log of {} {:?}, {} hits", log.path, log.entity, log.container, log.digest.hits.len());
        }
    }
    if wants("owners") {
        for pod in world.kind("Pod") {
            println!("  {} belongs to {}", pod.entity(), world.carrier(pod));
        }
    }
    if wants("events") {
        for event in &world.events {
            println!(
                "  {:?} {} {} {}x {}",
                event.last,
                event.about,
                event.reason,
                event.count,
                world.carrier_of(&event.about)
            );
        }
    }
    for note in &world.notes {
        println!("  note: {note}");
    }
}

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
        world.now,
        world.events.len(),
        world.logs.len(),
        world.series.len(),
        world.relations.len(),
        world.units.len(),
        world.reaches.len(),
        world.alerts.len(),
        world.spans.len(),
        world.changes.len(),
        world.errors.len()
    );
    more(&world, &std::env::var("LOOK").unwrap_or_default());
    Ok(())
}
