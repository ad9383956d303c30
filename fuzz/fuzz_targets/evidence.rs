#![no_main]

use std::sync::{Arc, LazyLock};

use firstfault_catalog::Catalog;
use firstfault_diagnose::Situation;
use firstfault_gather::{Options, gather_stdin};
use firstfault_logs::Signatures;
use firstfault_report::Style;
use libfuzzer_sys::fuzz_target;

/// The built-in catalogue and its log signatures.
static BUILT_IN: LazyLock<(Catalog, Arc<Signatures>)> = LazyLock::new(|| {
    let catalog = Catalog::embedded(firstfault_observe::declarations().copied()).expect("the built-in catalogue");
    let signatures = Arc::new(Signatures::compile(&catalog.signatures));
    (catalog, signatures)
});

// The whole way, from bytes to reports.
fuzz_target!(|data: &[u8]| {
    let (catalog, signatures) = &*BUILT_IN;
    let options = Options { signatures: Arc::clone(signatures), ..Options::default() };
    let world = gather_stdin(data, &options).expect("bytes in memory");
    let findings = firstfault_observe::observe(&world);
    let situation = Situation {
        incident: &world.incident,
        now: world.now,
        findings: &findings,
        relations: &world.relations,
        coverage: &world.coverage,
        health: firstfault_observe::health(&world),
        looked: firstfault_observe::looked(&world),
        losses: firstfault_observe::losses(&world),
        changes: &world.changes,
        notes: &world.notes,
        sources: &world.sources,
    };
    let case = firstfault_diagnose::diagnose(&situation, catalog);
    let _ = firstfault_report::json(&case);
    let _ = firstfault_report::markdown(&case);
    let _ = firstfault_report::html(&case);
    let _ = firstfault_report::terminal(&case, Style::Why);
});
