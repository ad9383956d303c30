//! Says what broke first.
fn main() {}
