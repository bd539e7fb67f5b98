//! aiplat, the linter for AI platforms on Kubernetes, as a library.
//!
//! The modules below stand in the order of their layers: a module uses itself and the modules
//! above it in this list, never one below. `tests/it/layers.rs` reads this file and holds it.

/// Go's standard library as templates see it: number formats, quoting, regexp, paths, globs,
/// versions, time.
pub mod golang;

/// Files, byte spans, line indices, and origins: where a byte of rendered text came from.
pub mod source;

/// What any layer may report, in the words of the text that its layer saw.
pub mod finding;

/// The only user of the file system.
pub mod vfs;

/// YAML as Helm reads and writes it, with spans.
pub mod yaml;

/// Go templates: lexer, parser, values, evaluation with origins, functions by family.
pub mod template;

/// Charts: loading, dependencies, values, rendering into manifests.
pub mod chart;

/// Kubernetes objects as rules see them: workloads, pods, containers, selectors, quantities.
pub mod k8s;

/// What a release adds up to: storage, capacity, scrape targets.
pub mod platform;

/// JSON schemas against nodes: `values.schema.json`.
pub mod schema;

/// The catalogue of rules: metadata from `rules/`, native checks.
pub mod rules;

/// `aiplat.yaml`.
pub mod config;

/// Inputs and configuration in, located diagnostics out.
pub mod engine;

/// One file per output format.
pub mod report;

/// Arguments and commands; the only printer.
pub mod cli;
