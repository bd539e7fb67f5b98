//! Build script: nothing to embed yet.
fn main() {}
