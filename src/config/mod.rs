//! config: see `lib.rs`.
