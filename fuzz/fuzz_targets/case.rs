#![no_main]

use firstfault_model::case::Case;
use firstfault_report::Style;
use libfuzzer_sys::fuzz_target;

// A saved case is opened again and reported.
fuzz_target!(|data: &[u8]| {
    let Ok(case) = serde_json::from_slice::<Case>(data) else { return };
    firstfault_report::json(&case);
    firstfault_report::markdown(&case);
    firstfault_report::html(&case);
    firstfault_report::terminal(&case, Style::Why);
    firstfault_report::coverage(&case);
});
