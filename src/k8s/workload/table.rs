//! The kinds that make pods, and the form that each has.

use super::WorkloadKind;

/// The form of a kind's `spec`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// The object is a pod.
    Pod,
    /// One pod template under `spec.template`.
    Template(WorkloadKind),
    /// A `batch` Job under `spec.jobTemplate`.
    CronJob,
    /// `leaderworkerset.x-k8s.io/v1`
    LeaderWorker,
    /// `ray.io/v1`: where the `RayClusterSpec` stands.
    Ray(WorkloadKind, &'static [&'static str]),
    /// `serving.kserve.io/v1beta1`
    InferenceService,
    /// `serving.kserve.io/v1alpha1`
    LlmInferenceService,
    /// `serving.kserve.io/v1alpha1`: a pod spec under `spec`, for others to use.
    Runtime,
    /// `kubeflow.org/v1`: the replica specs under this key, by the names of their types.
    ReplicaSpecs(&'static str),
    /// `trainer.kubeflow.org/v1alpha1`
    TrainJob,
    /// `jobset.x-k8s.io/v1alpha2`: where the `JobSetSpec` stands.
    JobSet(WorkloadKind, &'static [&'static str]),
    /// `batch.volcano.sh/v1alpha1`
    Tasks,
    /// `orchestration.aibrix.ai/v1alpha1`: where the `RoleSetSpec` stands.
    Roles(&'static [&'static str]),
}

/// Every kind that is known, by group and name. A kind that is not here, in a group that is not
/// Kubernetes' own, is a `Custom` one if it has a pod template under `spec.template`.
pub(super) const KINDS: &[(&str, &str, Form)] = &[
    ("", "Pod", Form::Pod),
    (
        "",
        "ReplicationController",
        Form::Template(WorkloadKind::ReplicationController),
    ),
    (
        "apps",
        "Deployment",
        Form::Template(WorkloadKind::Deployment),
    ),
    (
        "extensions",
        "Deployment",
        Form::Template(WorkloadKind::Deployment),
    ),
    (
        "apps",
        "StatefulSet",
        Form::Template(WorkloadKind::StatefulSet),
    ),
    ("apps", "DaemonSet", Form::Template(WorkloadKind::DaemonSet)),
    (
        "extensions",
        "DaemonSet",
        Form::Template(WorkloadKind::DaemonSet),
    ),
    (
        "apps",
        "ReplicaSet",
        Form::Template(WorkloadKind::ReplicaSet),
    ),
    (
        "extensions",
        "ReplicaSet",
        Form::Template(WorkloadKind::ReplicaSet),
    ),
    ("batch", "Job", Form::Template(WorkloadKind::Job)),
    ("batch", "CronJob", Form::CronJob),
    // Custom kinds that keep pods running, as a Deployment does.
    ("argoproj.io", "Rollout", ROLLOUT),
    ("apps.openshift.io", "DeploymentConfig", ROLLOUT),
    ("apps.kruise.io", "CloneSet", ROLLOUT),
    ("apps.kruise.io", "StatefulSet", ROLLOUT),
    ("apps.kruise.io", "DaemonSet", ROLLOUT),
    (
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        Form::LeaderWorker,
    ),
    (
        "ray.io",
        "RayCluster",
        Form::Ray(WorkloadKind::RayCluster, &["spec"]),
    ),
    (
        "ray.io",
        "RayService",
        Form::Ray(WorkloadKind::RayCluster, &["spec", "rayClusterConfig"]),
    ),
    (
        "ray.io",
        "RayJob",
        Form::Ray(WorkloadKind::RayJob, &["spec", "rayClusterSpec"]),
    ),
    // AIBrix' fleets are Ray clusters by the number.
    ("orchestration.aibrix.ai", "RayClusterFleet", FLEET),
    ("orchestration.aibrix.ai", "RayClusterReplicaSet", FLEET),
    (
        "orchestration.aibrix.ai",
        "StormService",
        Form::Roles(&["spec", "template", "spec"]),
    ),
    ("orchestration.aibrix.ai", "RoleSet", Form::Roles(&["spec"])),
    (
        "serving.kserve.io",
        "InferenceService",
        Form::InferenceService,
    ),
    (
        "serving.kubeflow.org",
        "InferenceService",
        Form::InferenceService,
    ),
    (
        "serving.kserve.io",
        "LLMInferenceService",
        Form::LlmInferenceService,
    ),
    ("serving.kserve.io", "ServingRuntime", Form::Runtime),
    ("serving.kserve.io", "ClusterServingRuntime", Form::Runtime),
    (
        "kubeflow.org",
        "PyTorchJob",
        Form::ReplicaSpecs("pytorchReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "TFJob",
        Form::ReplicaSpecs("tfReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "MPIJob",
        Form::ReplicaSpecs("mpiReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "XGBoostJob",
        Form::ReplicaSpecs("xgbReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "PaddleJob",
        Form::ReplicaSpecs("paddleReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "JAXJob",
        Form::ReplicaSpecs("jaxReplicaSpecs"),
    ),
    (
        "kubeflow.org",
        "Notebook",
        Form::Template(WorkloadKind::Notebook),
    ),
    ("trainer.kubeflow.org", "TrainJob", Form::TrainJob),
    ("trainer.kubeflow.org", "TrainingRuntime", TRAINING_RUNTIME),
    (
        "trainer.kubeflow.org",
        "ClusterTrainingRuntime",
        TRAINING_RUNTIME,
    ),
    (
        "jobset.x-k8s.io",
        "JobSet",
        Form::JobSet(WorkloadKind::Batch, &["spec"]),
    ),
    ("batch.volcano.sh", "Job", Form::Tasks),
    (
        "serving.knative.dev",
        "Service",
        Form::Template(WorkloadKind::Knative),
    ),
    (
        "serving.knative.dev",
        "Configuration",
        Form::Template(WorkloadKind::Knative),
    ),
];

const ROLLOUT: Form = Form::Template(WorkloadKind::Rollout);
const FLEET: Form = Form::Ray(WorkloadKind::RayCluster, &["spec", "template", "spec"]);
const TRAINING_RUNTIME: Form = Form::JobSet(WorkloadKind::Blueprint, &["spec", "template", "spec"]);
