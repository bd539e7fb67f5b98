//! report: see `lib.rs`.
