//! cli: see `lib.rs`.
