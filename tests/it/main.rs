//! Whole runs: charts in, findings out.

mod broken;
mod chart;
mod cli;
mod files;
mod goldens;
mod layers;
mod variants;
