//! schema: see `lib.rs`.
