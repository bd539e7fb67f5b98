//! rules: see `lib.rs`.
