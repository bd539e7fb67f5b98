//! What a release adds up to: storage claims, requests, scrape targets, metrics ports.

mod address;
mod capacity;
mod embedded;
mod metrics;
mod monitor;
mod relabel;
mod scrape;
mod storage;

pub use address::{Address, Place, Surplus, declared_ports, resolve};
pub use capacity::{Demand, Refused, Resource, demands, is_refused, refused};
pub use embedded::{EmbeddedText, decode_base64};
pub use metrics::{Exposure, asks_an_agent, exposures, is_annotated, is_metrics_name};
pub use monitor::{Endpoint, Monitor, MonitorKind};
pub use relabel::{Labels, Relabel, Relabeling};
pub use scrape::{Discovery, Job, Scraping, Target, Unreadable};
pub use storage::{Claim, claims};
