//! Kubernetes objects as rules see them: kinds, quantities, selectors, workloads with their pods
//! and containers, Services, and the release as a cross-referenced set.
//!
//! Everything is a view of the YAML nodes: nothing is copied out of them but names, and each view
//! hands back the node that a finding would point at.

mod container;
mod device;
mod object;
mod quantity;
mod release;
mod selector;
mod service;
mod workload;

pub use container::{Container, ContainerPort, EnvVar, Port, Probe, ProbeKind, Role};
pub use device::{is_device, is_whole_device, misspelt_device};
pub use object::Object;
pub use quantity::{Format, Quantity, human_bytes, human_count};
pub use release::{Release, ReleaseDocument};
pub use selector::Selector;
pub use service::{Service, ServicePort};
pub use workload::{Duty, Part, Workload, WorkloadKind};
