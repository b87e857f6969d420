//! The `wellhead` command.

fn main() {}
