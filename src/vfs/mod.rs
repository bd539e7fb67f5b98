//! vfs: see `lib.rs`.
