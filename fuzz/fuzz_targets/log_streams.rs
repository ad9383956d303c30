#![no_main]

use firstfault_fuzz::SIGNATURES;
use firstfault_logs::live::Live;
use firstfault_logs::{Mining, Selection, Timeline};
use firstfault_model::Assume;
use libfuzzer_sys::fuzz_target;

// One log as a stream that is watched, as two logs of one timeline, and as blocks for two miners.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let assume = Assume::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut live = Live::new(&SIGNATURES, &assume, None);
    for (number, line) in lines.iter().enumerate() {
        live.line(line, &mut |_| {});
        if number == lines.len() / 2 {
            live.learned(&mut |_| {});
        }
    }
    live.pause(&mut |_| {});
    assert_eq!(live.picture(5).lines, lines.len() as u64);

    let selection = Selection::new(None, None, None).expect("nothing is asked for");
    let mut timeline = Timeline::new(selection, 50);
    let (first, second) = lines.split_at(lines.len() / 2);
    for (file, lines) in [("a.log", first), ("b.log", second)] {
        let mut log = timeline.log(file, file, &assume, None);
        lines.iter().for_each(|line| log.line(line));
        log.finish();
    }
    let merged = timeline.finish();
    assert!(merged.records.len() <= 50);

    std::thread::scope(|scope| {
        let mut mining = Mining::new(scope, true);
        mining.block(&text);
        let (miner, count) = mining.finish();
        assert_eq!(miner.finish().lines.len(), count);
    });
});
