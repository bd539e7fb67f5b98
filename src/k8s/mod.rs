//! k8s: see `lib.rs`.
