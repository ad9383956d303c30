#![no_main]

use firstfault_fuzz::SIGNATURES;
use firstfault_logs::{DigestBuilder, Ingested, Joiner, Miner, ids};
use firstfault_model::Assume;
use libfuzzer_sys::fuzz_target;

// One log through everything that reads lines: none may panic, and what they count must agree.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let assume = Assume::default();
    let lines = text.lines().count();
    let mut digest = DigestBuilder::new(&SIGNATURES, &assume, None, 1).with_totals();
    let (mut first, mut second) = (Miner::with_lines(), Miner::with_lines());
    for (n, line) in text.lines().enumerate() {
        digest.line(line);
        if n * 2 < lines { first.line(line) } else { second.line(line) }
        let _ = ids(line);
    }
    first.absorb(second);
    assert_eq!(first.finish().lines.len(), lines);
    let Ingested { digest, totals, .. } = digest.ingested();
    assert_eq!((digest.lines, totals.lines), (lines as u64, lines as u64));
    let mut joiner = Joiner::new(&assume, None, &text);
    let mut last = 0;
    let mut in_order = |line: u32| {
        assert!(line >= last);
        last = line;
    };
    text.lines().for_each(|line| joiner.line(line, |r| in_order(r.line)));
    joiner.finish(|r| in_order(r.line));
});
