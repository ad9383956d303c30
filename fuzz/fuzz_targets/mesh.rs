#![no_main]

use firstfault_fuzz::read_family;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| read_family("mesh", data));
