//! What a release adds up to: storage claims, scrape targets.

mod embedded;
mod scrape;
mod storage;

pub use embedded::Embedded;
pub use scrape::{MetricsPort, Scraping, Target, metrics_ports};
pub use storage::{Claim, claims};
