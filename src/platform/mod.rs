//! platform: see `lib.rs`.
