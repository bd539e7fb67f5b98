//! Workloads: objects that make pods.

use super::container::{Container, Role};
use super::object::{Object, pairs};
use crate::yaml::NodeRef;

/// How a workload's pods come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadKind {
    /// A pod on its own.
    Pod,
    /// `apps` Deployment.
    Deployment,
    /// `apps` StatefulSet.
    StatefulSet,
    /// `apps` DaemonSet.
    DaemonSet,
    /// `apps` ReplicaSet.
    ReplicaSet,
    /// Core ReplicationController.
    ReplicationController,
    /// `batch` Job.
    Job,
    /// `batch` CronJob.
    CronJob,
    /// A custom kind that stands for a Deployment or StatefulSet (Argo's Rollout).
    Rollout,
    /// Any other custom kind with a pod template under `spec.template`.
    Custom,
}

/// Custom kinds that keep pods running, as a Deployment does.
const ROLLOUTS: &[(&str, &str)] = &[
    ("argoproj.io", "Rollout"),
    ("apps.openshift.io", "DeploymentConfig"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.kruise.io", "StatefulSet"),
    ("apps.kruise.io", "DaemonSet"),
];

/// A workload: an object with a pod template.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// The object.
    pub object: Object<'a>,
    /// How its pods come and go.
    pub kind: WorkloadKind,
    /// The pod template: a mapping with `metadata` and `spec` (the object itself for a pod).
    pub template: NodeRef<'a>,
    /// The pod's `spec`.
    pub pod: NodeRef<'a>,
}

impl<'a> Workload<'a> {
    /// The workload that an object is; `None` for other objects and for workloads without a pod
    /// spec.
    #[must_use]
    pub fn read(object: Object<'a>) -> Option<Self> {
        let kind = match (object.group(), object.kind) {
            ("", "Pod") => WorkloadKind::Pod,
            ("", "ReplicationController") => WorkloadKind::ReplicationController,
            ("apps" | "extensions", "Deployment") => WorkloadKind::Deployment,
            ("apps", "StatefulSet") => WorkloadKind::StatefulSet,
            ("apps" | "extensions", "DaemonSet") => WorkloadKind::DaemonSet,
            ("apps" | "extensions", "ReplicaSet") => WorkloadKind::ReplicaSet,
            ("batch", "Job") => WorkloadKind::Job,
            ("batch", "CronJob") => WorkloadKind::CronJob,
            pair if ROLLOUTS.contains(&pair) => WorkloadKind::Rollout,
            _ if object.is_builtin() => return None,
            _ => WorkloadKind::Custom,
        };
        let template = match kind {
            WorkloadKind::Pod => object.node,
            WorkloadKind::CronJob => {
                object
                    .node
                    .at(&["spec", "jobTemplate", "spec", "template"])?
            }
            _ => object.node.at(&["spec", "template"])?,
        };
        let pod = template.get("spec")?;
        pod.get("containers")?;
        Some(Self {
            object,
            kind,
            template,
            pod,
        })
    }

    /// How many pods: `spec.replicas`, 1 where it is not given. Autoscalers are not looked at.
    /// `None` for kinds whose number depends on the cluster.
    #[must_use]
    pub fn replicas(&self) -> Option<i64> {
        match self.kind {
            WorkloadKind::DaemonSet => None,
            WorkloadKind::Pod | WorkloadKind::Job | WorkloadKind::CronJob => Some(1),
            _ => match self.object.node.at(&["spec", "replicas"]) {
                Some(node) if !node.is_null() => node.int(),
                _ => Some(1),
            },
        }
    }

    /// The labels of its pods.
    #[must_use]
    pub fn pod_labels(&self) -> Vec<(&'a str, &'a str)> {
        pairs(self.template.at(&["metadata", "labels"]))
    }

    /// An annotation of its pods.
    #[must_use]
    pub fn pod_annotation(&self, key: &str) -> Option<NodeRef<'a>> {
        self.template.at(&["metadata", "annotations"])?.get(key)
    }

    /// Whether its pods are meant to run until they are replaced. Hooks, Jobs and custom kinds
    /// that nothing is known of are not.
    #[must_use]
    pub fn runs_forever(&self) -> bool {
        if self.object.is_hook {
            return false;
        }
        match self.kind {
            WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet
            | WorkloadKind::ReplicationController
            | WorkloadKind::Rollout => true,
            WorkloadKind::Pod => !matches!(
                self.pod.get("restartPolicy").and_then(NodeRef::text),
                Some("Never" | "OnFailure")
            ),
            WorkloadKind::Job | WorkloadKind::CronJob | WorkloadKind::Custom => false,
        }
    }

    /// All containers: the main ones first.
    pub fn containers(&self) -> impl Iterator<Item = Container<'a>> {
        let list = |key: &str| self.pod.get(key).into_iter().flat_map(NodeRef::items);
        let main = list("containers").map(|node| Container {
            node,
            role: Role::Main,
        });
        let init = list("initContainers").map(|node| {
            let always = node.get("restartPolicy").and_then(NodeRef::text) == Some("Always");
            Container {
                node,
                role: if always { Role::Sidecar } else { Role::Init },
            }
        });
        let ephemeral = list("ephemeralContainers").map(|node| Container {
            node,
            role: Role::Ephemeral,
        });
        main.chain(init)
            .chain(ephemeral)
            .filter(|container| container.node.is_mapping())
    }

    /// The containers under `containers`.
    pub fn main_containers(&self) -> impl Iterator<Item = Container<'a>> {
        self.containers()
            .filter(|container| container.role == Role::Main)
    }

    /// The containers that run as long as the pod does.
    pub fn running_containers(&self) -> impl Iterator<Item = Container<'a>> {
        self.containers()
            .filter(|container| matches!(container.role, Role::Main | Role::Sidecar))
    }

    /// Whether the pod uses the host's network: its container ports are the host's.
    #[must_use]
    pub fn host_network(&self) -> bool {
        self.pod.get("hostNetwork").and_then(NodeRef::bool) == Some(true)
    }
}
