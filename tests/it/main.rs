//! Whole runs: charts in, findings out.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop wherever what it needs is missing"
)]

mod absent;
mod broken;
mod chart;
mod cli;
mod errors;
mod files;
mod flags;
mod fuzz;
mod goldens;
mod layers;
mod many;
mod origins;
mod parts;
mod places;
mod rule_charts;
mod strangers;
mod unused;
mod variants;
