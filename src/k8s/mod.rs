//! Kubernetes objects as rules see them.

mod object;
mod quantity;
mod release;
mod workload;

pub use object::Object;
pub use quantity::Quantity;
pub use release::{Release, ReleaseDocument};
pub use workload::{Container, ContainerPort, Handler, PodTemplate, ProbePort, Workload};
