//! From yields to the World: merging, owners, relations, now.

mod changes;
mod clocks;
mod hosts;
mod merge;
mod names;
pub(crate) mod owners;
mod relations;
mod shift;
mod time;

use firstfault_model::{Coverage, FileCoverage, Incident, Looked};

use crate::read::Read;
use crate::world::World;

/// Joins what the files gave, in order of path.
pub(crate) fn world(incident: Incident, reads: Vec<Read>, passed: Vec<FileCoverage>) -> World {
    let mut world = World { incident, ..World::default() };
    let mut objects = Vec::new();
    let mut coverage = Coverage { files: passed, ..Coverage::default() };
    let mut collected = Vec::new();
    let mut calls = Vec::new();
    for read in reads {
        let Read { path, bytes, hash, yields } = read;
        let items = yields.objects.len()
            + yields.events.len()
            + yields.logs.len()
            + yields.series.len()
            + yields.units.len()
            + yields.alerts.len()
            + yields.reaches.len()
            + yields.spans.len()
            + yields.calls.len()
            + yields.disks.len()
            + yields.host.len()
            + yields.mesh.len()
            + yields.changes.len()
            + yields.errors.len()
            + yields.can_i.len()
            + yields.profiles.len()
            + yields.metric_names.len();
        world.sources.push((path.clone(), bytes, hash));
        coverage.files.push(FileCoverage { path, read_as: yields.read_as, items, problems: yields.problems });
        for (kind, namespace) in yields.listed {
            coverage.saw(&kind, namespace.as_deref(), Looked::Completely);
        }
        objects.extend(yields.objects);
        world.events.extend(yields.events);
        world.logs.extend(yields.logs);
        world.series.extend(yields.series);
        calls.extend(yields.calls);
        world.units.extend(yields.units);
        world.disks.extend(yields.disks);
        world.host.append(yields.host);
        world.mesh.append(yields.mesh);
        world.reaches.extend(yields.reaches);
        world.alerts.extend(yields.alerts);
        world.changes.extend(yields.changes);
        world.errors.extend(yields.errors);
        world.can_i.extend(yields.can_i);
        world.spans.extend(yields.spans);
        world.profiles.extend(yields.profiles);
        world.metric_names.extend(yields.metric_names);
        collected.extend(yields.collected_at);
    }
    coverage.files.sort_by(|a, b| a.path.cmp(&b.path));
    for object in &objects {
        coverage.saw(&object.kind, object.namespace.as_deref(), Looked::Partly);
    }
    if !world.events.is_empty() {
        coverage.saw("Event", None, Looked::Partly);
    }
    world.coverage = coverage;
    world.objects = merge::objects(objects);
    time::set_now(&mut world, &collected);
    merge::name_events(&mut world);
    merge::adopt_events(&mut world);
    merge::events(&mut world);
    world.not_found = names::not_found(&world.errors);
    owners::set(&mut world);
    hosts::resolve(&mut world);
    names::resolve(&mut world);
    owners::add_mentioned(&mut world);
    owners::index_pods(&mut world);
    owners::index_events(&mut world);
    changes::set(&mut world);
    let told_at = world.now;
    if shift::align(&mut world) {
        time::set_now(&mut world, &collected);
        shift::tell_ages_again(&mut world, told_at);
    }
    relations::set(&mut world, calls);
    clocks::note(&mut world);
    world
}
