#![no_main]

use firstfault_fuzz::scratch;
use firstfault_gather::{Options, gather};
use libfuzzer_sys::fuzz_target;

// The first byte chooses the name, since a tar without its magic is known by it.
fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let name = ["bundle", "bundle.tar", "logs.gz", "bundle.zip"][usize::from(*first) % 4];
    let file = scratch("archives", name, bytes);
    gather(&[file], &Options::default()).expect("a file that is there");
});
