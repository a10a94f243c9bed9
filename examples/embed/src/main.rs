//! A small host built on the runner library.
fn main() {}
