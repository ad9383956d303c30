//! Memory and swap of machines.

use std::collections::BTreeMap;

use firstfault_gather::{Memory, Process, World};
use firstfault_model::{Entity, Finding, Grade};

use super::{MEMORY_EXHAUSTED, SWAPPING, machine};
use crate::merge::Merged;

/// Below this share the kernel spends its time looking for pages.
const EXHAUSTED_PERCENT: u64 = 3;
/// KiB a second through swap that make everything slow.
const STORM: u64 = 4000;

pub(super) fn detect(world: &World, merged: &mut Merged) {
    let largest = largest(world);
    for memory in &world.host.memory {
        let Some(on) = machine(world, &memory.on) else { continue };
        let biggest = largest.get(&memory.on).copied();
        if let Some(percent) = available(memory).filter(|p| *p < EXHAUSTED_PERCENT) {
            let finding = Finding::new(&MEMORY_EXHAUSTED, on.clone(), memory.evidence.clone()).graded(Grade::Certain);
            merged.add(with_process(finding, biggest).with("available", format!("{percent} %")));
        }
        if let Some(grade) = swaps(memory) {
            let finding = Finding::new(&SWAPPING, on, memory.evidence.clone()).graded(grade);
            merged.add(with_process(finding, biggest));
        }
    }
}

fn available(memory: &Memory) -> Option<u64> {
    let total = memory.total.filter(|t| *t > 0)?;
    Some(memory.available?.saturating_mul(100) / total)
}

/// How sure it is that a machine swaps all the time.
fn swaps(memory: &Memory) -> Option<Grade> {
    if memory.paging.is_some_and(|rate| rate >= STORM) {
        return Some(Grade::Strong);
    }
    let nearly_all =
        memory.swap_total > 0 && memory.swap_used.saturating_mul(10) >= memory.swap_total.saturating_mul(9);
    (nearly_all && available(memory).is_some_and(|p| p < 5)).then_some(Grade::Fair)
}

/// The largest process of each machine.
fn largest(world: &World) -> BTreeMap<&Entity, &Process> {
    let mut largest: BTreeMap<&Entity, &Process> = BTreeMap::new();
    for process in world.host.processes.iter().filter(|p| p.resident.is_some()) {
        let known = largest.entry(&process.on).or_insert(process);
        if process.resident > known.resident {
            *known = process;
        }
    }
    largest
}

fn with_process(finding: Finding, process: Option<&Process>) -> Finding {
    let Some(process) = process else { return finding };
    let name = process.command.split_whitespace().next().unwrap_or("");
    let gib = process.resident.unwrap_or(0) as f64 / (1024.0 * 1024.0);
    finding.with("process", name).with("resident", format!("{gib:.1} GiB")).citing([process.evidence.clone()])
}
