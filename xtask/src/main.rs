//! Test, bench, eval, generate.
fn main() {}
