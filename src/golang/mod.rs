//! golang: see `lib.rs`.
