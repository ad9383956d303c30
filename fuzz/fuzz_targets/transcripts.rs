#![no_main]

use firstfault_gather::{Options, gather_stdin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    gather_stdin(data, &Options::default()).expect("bytes in memory");
});
