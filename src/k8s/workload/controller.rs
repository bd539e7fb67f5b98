//! What controllers add to the pods that they make: labels, ports, probes.

use super::{Workload, WorkloadKind};
use crate::k8s::container::{Container, Port, ProbeKind};
use crate::yaml::NodeRef;

/// Labels that Kubernetes' own controllers put on pods; no template can show their values.
const OWN_LABELS: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "statefulset.kubernetes.io/pod-name",
    "controller-revision-hash",
    "pod-template-hash",
];

/// The ports that Ray listens at, whether its container declares them or not: GCS, dashboard,
/// client, Serve, metrics and the dashboard's agent. KubeRay declares the one for metrics where
/// nobody does.
const RAY_PORTS: &[(i64, Option<&str>)] = &[
    (6379, None),
    (8265, None),
    (10001, None),
    (8000, None),
    (8080, Some("metrics")),
    (52365, None),
];

impl<'a> Workload<'a> {
    /// Whether its pods get a label (with this value) from their controller.
    pub(super) fn is_given(&self, key: &str, value: Option<&str>) -> bool {
        let name = self.object.name;
        // Nothing was asked for, or this.
        let is = |known: &str| value.is_none_or(|value| value == known);
        match self.kind {
            _ if OWN_LABELS.contains(&key) => true,
            WorkloadKind::LeaderWorkerSet => match key {
                "leaderworkerset.sigs.k8s.io/name" => is(name),
                // The leader is the first of its group.
                "leaderworkerset.sigs.k8s.io/worker-index" => match self.part.role {
                    "leader" => is("0"),
                    "worker" => value != Some("0"),
                    _ => true,
                },
                _ => key.starts_with("leaderworkerset.sigs.k8s.io/"),
            },
            WorkloadKind::Roles => match key {
                "storm-service-name" => self.object.kind != "StormService" || is(name),
                "roleset-name" => self.object.kind != "RoleSet" || is(name),
                "role-name" => is(self.part.name),
                _ => {
                    key.starts_with("stormservice.orchestration.aibrix.ai/")
                        || matches!(
                            key,
                            "storm-service-revision" | "roleset-index" | "role-template-hash"
                        )
                }
            },
            WorkloadKind::RayCluster | WorkloadKind::RayJob => match key {
                // The name of a cluster that a service or job makes is not known.
                "ray.io/cluster" => self.object.kind != "RayCluster" || is(name),
                "ray.io/node-type" => is(if self.is_ray_head() { "head" } else { "worker" }),
                "ray.io/group" => is(if self.is_ray_head() {
                    "headgroup"
                } else {
                    self.part.name
                }),
                "app.kubernetes.io/name" => self.pod_label(key).is_none() && is("kuberay"),
                "app.kubernetes.io/created-by" => {
                    self.pod_label(key).is_none() && is("kuberay-operator")
                }
                _ => key.starts_with("ray.io/") || key.starts_with("orchestration.aibrix.ai/"),
            },
            WorkloadKind::InferenceService => match key {
                "serving.kserve.io/inferenceservice" => is(name),
                "component" => is(self.part.role),
                // `isvc.` and the component's name, or the revision's.
                "app" => true,
                _ => {
                    key.starts_with("serving.kserve.io/") || key.starts_with("serving.knative.dev/")
                }
            },
            WorkloadKind::LlmInferenceService => {
                key.starts_with("app.kubernetes.io/")
                    || key.starts_with("llm-d.ai/")
                    || key.starts_with("kserve.io/")
                    || key.starts_with("serving.kserve.io/")
                    || key.starts_with("leaderworkerset.sigs.k8s.io/")
            }
            WorkloadKind::Knative => match key {
                "serving.knative.dev/service" | "serving.knative.dev/configuration" => is(name),
                // The revision's name.
                "app" => true,
                _ => key.starts_with("serving.knative.dev/"),
            },
            WorkloadKind::Notebook => match key {
                "notebook-name" | "statefulset" => is(name),
                // Its own labels are its pod's, too.
                _ => {
                    let own = self.object.labels();
                    let mut same = own.iter().filter(|(known, _)| *known == key);
                    same.any(|(_, label)| is(label))
                }
            },
            WorkloadKind::Batch => match key {
                "training.kubeflow.org/job-name"
                | "jobset.sigs.k8s.io/jobset-name"
                | "volcano.sh/job-name" => is(name),
                "training.kubeflow.org/replica-type" => {
                    value.is_none_or(|value| value.eq_ignore_ascii_case(self.part.name))
                }
                "jobset.sigs.k8s.io/replicatedjob-name" | "volcano.sh/task-spec" => {
                    is(self.part.name)
                }
                _ => [
                    "training.kubeflow.org/",
                    "trainer.kubeflow.org/",
                    "jobset.sigs.k8s.io/",
                    "batch.kubernetes.io/",
                    "volcano.sh/",
                ]
                .iter()
                .any(|prefix| key.starts_with(prefix)),
            },
            _ => false,
        }
    }

    fn is_ray(&self) -> bool {
        matches!(self.kind, WorkloadKind::RayCluster | WorkloadKind::RayJob)
    }

    fn is_ray_head(&self) -> bool {
        self.is_ray() && self.part.role == "head"
    }

    /// The first container of a Ray pod, which KubeRay takes for Ray's.
    fn is_ray_container(&self, container: &Container<'a>) -> bool {
        let first = self.main_containers().next();
        self.is_ray() && first.is_some_and(|first| first.node.id() == container.node.id())
    }

    /// Whether the controller gives a container a probe, or does not need it to have one.
    ///
    /// KubeRay gives Ray's container liveness and readiness probes that ask the raylet and wait
    /// for minutes. KServe and Knative give a default readiness probe, and their containers get no
    /// requests before it answers. What an LLMInferenceService does not say its presets do. Workers
    /// of a LeaderWorkerSet get no requests, and go with the leader that watches over them, as all
    /// of the group are recreated together (`RecreateGroupOnPodRestart`); where one template is for
    /// both, a probe of the leader's port would fail with the workers.
    pub(super) fn is_watched_over(&self, container: &Container<'a>, kind: ProbeKind) -> bool {
        match self.kind {
            WorkloadKind::RayCluster => {
                kind == ProbeKind::Startup || self.is_ray_container(container)
            }
            WorkloadKind::InferenceService | WorkloadKind::Knative => {
                kind != ProbeKind::Liveness || self.part.role == "predictor worker"
            }
            WorkloadKind::LlmInferenceService => true,
            WorkloadKind::LeaderWorkerSet => match self.part.role {
                "leader" => false,
                "worker" => true,
                _ => self.each > 1,
            },
            _ => false,
        }
    }

    /// Whether a probe need not name its port: Knative takes the container's.
    #[must_use]
    pub fn fills_in_probe_ports(&self) -> bool {
        matches!(
            self.kind,
            WorkloadKind::InferenceService | WorkloadKind::Knative
        )
    }

    /// Ports that a container has without declaring them.
    pub fn undeclared_ports(
        &self,
        container: &Container<'a>,
    ) -> impl Iterator<Item = (i64, Option<&'a str>)> + use<'a> {
        let known = if self.is_ray_container(container) {
            RAY_PORTS
        } else {
            &[]
        };
        // Where the container says which port is for metrics, no other one is called so.
        let named = container.port(Port::Name("metrics")).is_some();
        let known = known.iter().copied();
        known.map(move |(number, name)| (number, name.filter(|_| !named)))
    }

    /// Whether a container is told to listen at a port by what its controller starts it with
    /// (`rayStartParams`).
    #[must_use]
    pub fn is_started_with(&self, container: &Container<'a>, port: i64) -> bool {
        let parameters = self.holder.get("rayStartParams");
        self.is_ray_container(container)
            && parameters
                .into_iter()
                .flat_map(NodeRef::entries)
                .any(|(_, value)| value.text().and_then(|text| text.parse().ok()) == Some(port))
    }

    /// Whether its pods have further containers and ports that no manifest shows, or what is
    /// written is filled up from elsewhere.
    #[must_use]
    pub fn has_unseen_ports(&self) -> bool {
        matches!(
            self.kind,
            WorkloadKind::InferenceService
                | WorkloadKind::LlmInferenceService
                | WorkloadKind::Knative
                | WorkloadKind::Blueprint
        )
    }

    /// Whether its controller makes Services for it.
    #[must_use]
    pub fn has_unseen_services(&self) -> bool {
        self.has_unseen_ports()
            || self.is_ray()
            || matches!(
                self.kind,
                WorkloadKind::LeaderWorkerSet | WorkloadKind::Roles
            )
    }
}
