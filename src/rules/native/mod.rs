//! The checks that are code, one rule a file.

mod default_secret;
mod gpu_nodes;
mod gpu_request_missing;
mod listening;
mod probe_missing;
mod probe_port_unknown;
mod requests_over_budget;
mod scrape_target_missing;
mod scrape_target_unknown;
mod storage_over_budget;
mod undefined_value;
mod unused_value;
mod words;

pub use words::nearest;

use super::Context;

/// A check.
pub(super) type Check = fn(&mut Context<'_, '_>);

/// Every native check by the name of its rule.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("default-secret", default_secret::check),
    ("gpu-request-missing", gpu_request_missing::check),
    ("liveness-probe-missing", probe_missing::liveness),
    ("probe-port-unknown", probe_port_unknown::check),
    ("readiness-probe-missing", probe_missing::readiness),
    ("requests-over-budget", requests_over_budget::check),
    ("scrape-target-missing", scrape_target_missing::check),
    ("scrape-target-unknown", scrape_target_unknown::check),
    ("startup-probe-missing", probe_missing::startup),
    ("storage-over-budget", storage_over_budget::check),
    ("undefined-value", undefined_value::check),
    ("unused-value", unused_value::check),
];
