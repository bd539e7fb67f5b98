//! engine: see `lib.rs`.
