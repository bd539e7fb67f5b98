//! Workloads: objects that make pods.

mod controller;
mod injection;
mod kinds;
mod table;

use std::fmt::{self, Display};

use super::container::{Container, ProbeKind, Role};
use super::object::{Object, pairs};
use super::selector::Selector;
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
    /// Groups of a leader and its workers.
    LeaderWorkerSet,
    /// AIBrix' StormService and RoleSet: roles that serve together.
    Roles,
    /// A Ray cluster that stays, on its own or behind a RayService.
    RayCluster,
    /// A Ray cluster that goes with its job.
    RayJob,
    /// KServe's InferenceService.
    InferenceService,
    /// KServe's LLMInferenceService: its pods are filled up from presets of the cluster.
    LlmInferenceService,
    /// Knative's Service.
    Knative,
    /// A job of another controller: training operators, JobSet, Volcano.
    Batch,
    /// Kubeflow's Notebook: the pod of somebody who works in it.
    Notebook,
    /// What other objects make pods of (a ServingRuntime): there are none of its own.
    Blueprint,
    /// Any other custom kind with a pod template under `spec.template`.
    Custom,
}

/// Which of an object's pod templates a workload is, where it has more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part<'a> {
    /// What the API calls it; empty for an object's only template.
    role: &'static str,
    /// Its name among others of the kind, or empty.
    name: &'a str,
}

/// What a part does beside the others of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duty {
    /// Its share of the work.
    #[default]
    Work,
    /// It hands the work to other parts, which there are: a Ray head, an MPI launcher.
    Lead,
    /// What its user chose: parts go by free names.
    Free,
}

/// A workload: an object with a pod template, or one of the templates of an object with several.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// The object.
    pub object: Object<'a>,
    /// How its pods come and go.
    pub kind: WorkloadKind,
    /// Which of the object's templates it is.
    pub part: Part<'a>,
    /// What it does beside the object's others.
    pub duty: Duty,
    /// The node whose `metadata` its pods have: the pod template, or the object itself.
    pub template: NodeRef<'a>,
    /// The labels that its pods have by that: every selector asks for them.
    labels: Option<NodeRef<'a>>,
    /// The pod's `spec`.
    pub pod: NodeRef<'a>,
    /// What the part is written in: a Ray worker group, KServe's predictor.
    holder: NodeRef<'a>,
    /// A container that its controller fills up from elsewhere.
    filled: Option<Container<'a>>,
    /// The number that an autoscaler would change.
    replicas: i64,
    /// How many pods of this part one replica has.
    each: i64,
}

impl<'a> Workload<'a> {
    /// The workloads that an object is: none for other objects and for workloads without a pod
    /// spec, one for each pod template of those with several.
    #[must_use]
    pub fn read(object: Object<'a>) -> Vec<Self> {
        kinds::read(object)
    }

    /// How many replicas are written, before an autoscaler: 1 where that is the default.
    #[must_use]
    pub fn replicas(&self) -> i64 {
        self.replicas.max(0)
    }

    /// How many pods there are at this number of replicas.
    #[must_use]
    pub fn pods_at(&self, replicas: i64) -> i64 {
        replicas.max(0).saturating_mul(self.each.max(0))
    }

    /// `RayCluster/x worker group `gpu``, for messages.
    #[must_use]
    pub fn label(&self) -> impl Display + use<'a> {
        let (object, part) = (self.object.label(), self.part);
        fmt::from_fn(move |f| write!(f, "{object}{part}"))
    }

    /// The claims that are made for each of its pods.
    pub fn claim_templates(&self) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
        let holder = match self.kind {
            // Whoever makes a StatefulSet of its own has it do what Kubernetes' does.
            WorkloadKind::Custom if self.object.kind != "StatefulSet" => None,
            WorkloadKind::StatefulSet
            | WorkloadKind::Rollout
            | WorkloadKind::LeaderWorkerSet
            | WorkloadKind::Custom => Some(self.holder),
            _ => None,
        };
        let list = holder.and_then(|holder| holder.get("volumeClaimTemplates"));
        list.into_iter().flat_map(NodeRef::items)
    }

    /// A label of its pods, where a template shows it.
    #[must_use]
    pub fn pod_label(&self, key: &str) -> Option<&'a str> {
        let of = |labels: NodeRef<'a>| labels.get(key)?.text();
        self.labels.and_then(of).or_else(|| {
            // KServe's components have labels of their own beside those of the object.
            self.has_component_metadata()
                .then(|| self.holder.get("labels").and_then(of))
                .flatten()
        })
    }

    /// The labels of its pods, as far as templates show them.
    #[must_use]
    pub fn pod_labels(&self) -> Vec<(&'a str, &'a str)> {
        let mut labels = pairs(self.labels);
        if self.has_component_metadata() {
            labels.extend(pairs(self.holder.get("labels")));
        }
        labels
    }

    /// Whether its pods carry a label, which a template or their controller gives them. What a
    /// controller gives and nobody can foresee (a hash, an index) counts as what is looked for.
    #[must_use]
    pub fn carries(&self, key: &str, value: &str) -> bool {
        self.kind != WorkloadKind::Blueprint
            && (self.pod_label(key) == Some(value) || self.is_given(key, Some(value)))
    }

    /// Whether a selector selects its pods.
    #[must_use]
    pub fn is_selected_by(&self, selector: Selector<'_>) -> bool {
        self.kind != WorkloadKind::Blueprint
            && selector.holds(
                |key, value| self.carries(key, value),
                |key| self.pod_label(key).is_some() || self.is_given(key, None),
            )
    }

    /// An annotation of its pods.
    #[must_use]
    pub fn pod_annotation(&self, key: &str) -> Option<NodeRef<'a>> {
        let of = |node: NodeRef<'a>, path: &[&str]| node.at(path)?.get(key);
        let own = self
            .has_component_metadata()
            .then(|| of(self.holder, &["annotations"]))
            .flatten();
        own.or_else(|| of(self.template, &["metadata", "annotations"]))
    }

    /// The annotations of its pods.
    pub fn pod_annotations(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let own = self.has_component_metadata();
        let own = own.then(|| self.holder.get("annotations")).flatten();
        let all = pairs(self.template.at(&["metadata", "annotations"]));
        pairs(own).into_iter().chain(all)
    }

    /// Whether the node that the part is written in has `labels` and `annotations` for its pods.
    fn has_component_metadata(&self) -> bool {
        matches!(
            self.kind,
            WorkloadKind::InferenceService
                | WorkloadKind::LlmInferenceService
                | WorkloadKind::Blueprint
        )
    }

    /// Whether its pods are meant to run until they are replaced. Hooks, jobs and custom kinds
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
            | WorkloadKind::Rollout
            | WorkloadKind::LeaderWorkerSet
            | WorkloadKind::Roles
            | WorkloadKind::RayCluster
            | WorkloadKind::InferenceService
            | WorkloadKind::LlmInferenceService
            | WorkloadKind::Knative => true,
            WorkloadKind::Pod => !matches!(
                self.pod.get("restartPolicy").and_then(NodeRef::text),
                Some("Never" | "OnFailure")
            ),
            WorkloadKind::Job
            | WorkloadKind::CronJob
            | WorkloadKind::RayJob
            | WorkloadKind::Batch
            | WorkloadKind::Notebook
            | WorkloadKind::Blueprint
            | WorkloadKind::Custom => false,
        }
    }

    /// Whether a container is to have a probe of its own: it runs until it is replaced, all of it
    /// is there, and its controller neither gives it one nor watches over it in another way.
    #[must_use]
    pub fn wants_probe(&self, container: &Container<'a>, kind: ProbeKind) -> bool {
        self.runs_forever()
            && matches!(container.role, Role::Main | Role::Sidecar)
            && !container.is_patch()
            && !self.is_watched_over(container, kind)
    }

    fn list(&self, key: &str) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
        self.pod.get(key).into_iter().flat_map(NodeRef::items)
    }

    /// All containers: the main ones first.
    pub fn containers(&self) -> impl Iterator<Item = Container<'a>> {
        let main = self.main_containers();
        let init = self.list("initContainers").map(|node| {
            let always = node.get("restartPolicy").and_then(NodeRef::text) == Some("Always");
            Container {
                node,
                role: if always { Role::Sidecar } else { Role::Init },
            }
        });
        let ephemeral = self.list("ephemeralContainers").map(|node| Container {
            node,
            role: Role::Ephemeral,
        });
        main.chain(self.filled)
            .chain(init)
            .chain(ephemeral)
            .filter(|container| container.node.is_mapping())
    }

    /// The containers under `containers`.
    pub fn main_containers(&self) -> impl Iterator<Item = Container<'a>> {
        self.list("containers")
            .map(|node| Container {
                node,
                role: Role::Main,
            })
            .filter(|container| container.node.is_mapping())
    }

    /// The containers that run as long as the pod does.
    pub fn running_containers(&self) -> impl Iterator<Item = Container<'a>> {
        self.containers().filter(|container| {
            matches!(container.role, Role::Main | Role::Sidecar | Role::Filled(_))
        })
    }

    /// Whether the pod uses the host's network: its container ports are the host's.
    #[must_use]
    pub fn host_network(&self) -> bool {
        self.pod.get("hostNetwork").and_then(NodeRef::bool) == Some(true)
    }
}

impl Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.name) {
            ("", _) => Ok(()),
            (role, "") => write!(f, " {role}"),
            (role, name) => write!(f, " {role} `{name}`"),
        }
    }
}
