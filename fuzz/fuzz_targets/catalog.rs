#![no_main]

use firstfault_catalog::{Catalog, check};
use firstfault_fuzz::scratch;
use libfuzzer_sys::fuzz_target;

// `--catalog FOLDER` reads what somebody else wrote.
fuzz_target!(|data: &[u8]| {
    let file = scratch("catalog", "mode.yaml", data);
    let mut catalog = Catalog::default();
    if catalog.add_folder(file.parent().expect("a folder")).is_ok() {
        let _ = check(&catalog);
    }
});
