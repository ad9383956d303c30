#![no_main]

use firstfault_model::{Masked, mask};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    Masked::new(&text);
    mask::is_secret_key(&text);
});
