//! The `arc-trainer` command.
fn main() {}
