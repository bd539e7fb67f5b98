//! Which kinds make pods: where each has its pod templates, and how many pods one stands for.

use super::table::{Form, KINDS};
use super::{Duty, Part, Workload, WorkloadKind};
use crate::k8s::container::{Container, Role};
use crate::k8s::object::Object;
use crate::yaml::NodeRef;

/// KServe's names for the container that a runtime provides: `model`, and one for each framework
/// (`v1beta1`, `PredictorSpec`).
const FRAMEWORKS: &[&str] = &[
    "model",
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
];

/// Replica types of training operators that hand out work and do none: the launcher of an MPIJob,
/// the parameter servers of a TFJob.
const LEADING_TYPES: &[&str] = &["Launcher", "PS", "Scheduler"];

/// The workloads that an object is.
pub(super) fn read(object: Object<'_>) -> Vec<Workload<'_>> {
    let group = object.group();
    let known = KINDS
        .iter()
        .find(|(of, kind, _)| *of == group && *kind == object.kind);
    let form = match known {
        Some((_, _, form)) => *form,
        None if object.is_builtin() => return Vec::new(),
        None => Form::Template(WorkloadKind::Custom),
    };
    let mut reader = Reader {
        object,
        found: Vec::new(),
    };
    // What the kind has not is no workload.
    let _ = match form {
        Form::Pod => reader.whole(WorkloadKind::Pod, object.node, object.node, (1, 1)),
        Form::Template(kind) => reader.template(kind),
        Form::CronJob => reader.cron_job(),
        Form::LeaderWorker => reader.leader_worker(),
        Form::Ray(kind, path) => reader.ray(kind, path),
        Form::InferenceService => reader.inference_service(),
        Form::LlmInferenceService => reader.llm_inference_service(),
        Form::Runtime => reader.runtime(),
        Form::ReplicaSpecs(key) => reader.replica_specs(key),
        Form::TrainJob => reader.train_job(),
        Form::JobSet(kind, path) => reader.job_set(kind, path),
        Form::Tasks => reader.tasks(),
        Form::Roles(path) => reader.roles(path),
    };
    reader.found
}

/// A whole number below a node; `default` where none is written.
fn number(node: NodeRef<'_>, path: &[&str], default: i64) -> i64 {
    optional(node, path).unwrap_or(default)
}

fn optional(node: NodeRef<'_>, path: &[&str]) -> Option<i64> {
    node.at(path).and_then(NodeRef::int)
}

fn is_true(node: NodeRef<'_>, path: &[&str]) -> bool {
    node.at(path).and_then(NodeRef::bool) == Some(true)
}

/// How many pods of a Job run at once: no more than are to complete.
fn at_once(job: NodeRef<'_>) -> i64 {
    let most = number(job, &["parallelism"], 1);
    optional(job, &["completions"]).map_or(most, |completions| most.min(completions))
}

/// Gathers the workloads of an object. Methods stop with `None` where there are no further ones.
struct Reader<'a> {
    object: Object<'a>,
    found: Vec<Workload<'a>>,
}

impl<'a> Reader<'a> {
    /// A workload as most are: `template` has `metadata` and `spec`.
    fn workload(
        &self,
        kind: WorkloadKind,
        template: NodeRef<'a>,
        holder: NodeRef<'a>,
        (replicas, each): (i64, i64),
    ) -> Option<Workload<'a>> {
        let pod = template.get("spec")?;
        pod.get("containers")?;
        Some(Workload {
            object: self.object,
            kind,
            part: Part::default(),
            duty: Duty::Work,
            template,
            labels: template.at(&["metadata", "labels"]),
            pod,
            holder,
            filled: None,
            replicas,
            each,
        })
    }

    /// The only one of its object.
    fn whole(
        &mut self,
        kind: WorkloadKind,
        template: NodeRef<'a>,
        holder: NodeRef<'a>,
        count: (i64, i64),
    ) -> Option<()> {
        let workload = self.workload(kind, template, holder, count)?;
        self.found.push(workload);
        Some(())
    }

    /// One of several.
    fn part(
        &mut self,
        kind: WorkloadKind,
        (role, name): (&'static str, Option<NodeRef<'a>>),
        template: Option<NodeRef<'a>>,
        holder: NodeRef<'a>,
        count: (i64, i64),
    ) -> Option<&mut Workload<'a>> {
        let mut workload = self.workload(kind, template?, holder, count)?;
        workload.part = Part {
            role,
            name: name.and_then(NodeRef::text).unwrap_or_default(),
        };
        self.found.push(workload);
        self.found.last_mut()
    }

    /// One whose pod spec stands bare; its pods have the object's own metadata.
    fn bare(
        &mut self,
        kind: WorkloadKind,
        role: &'static str,
        (pod, filled): (NodeRef<'a>, Option<Container<'a>>),
        holder: NodeRef<'a>,
        count: (i64, i64),
    ) {
        if pod.get("containers").is_none() && filled.is_none() {
            return;
        }
        self.found.push(Workload {
            object: self.object,
            kind,
            part: Part { role, name: "" },
            duty: Duty::Work,
            template: self.object.node,
            labels: self.object.node.at(&["metadata", "labels"]),
            pod,
            holder,
            filled,
            replicas: count.0,
            each: count.1,
        });
    }

    fn template(&mut self, kind: WorkloadKind) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let template = spec.get("template")?;
        let replicas = match kind {
            // One a node, and how many nodes there are nobody knows: it counts once.
            WorkloadKind::DaemonSet => 1,
            WorkloadKind::Rollout if self.object.kind == "DaemonSet" => 1,
            WorkloadKind::Job if is_true(spec, &["suspend"]) => 0,
            WorkloadKind::Job => at_once(spec),
            WorkloadKind::Knative => knative_pods(template),
            // Its controller makes a StatefulSet of one, or of none while this annotation is there.
            WorkloadKind::Notebook => {
                let stopped = self.object.annotation("kubeflow-resource-stopped");
                i64::from(stopped.is_none())
            }
            // Of kinds that nothing is known of only those count that say how many they are.
            WorkloadKind::Custom => number(spec, &["replicas"], 0),
            _ => number(spec, &["replicas"], 1),
        };
        self.whole(kind, template, spec, (replicas, 1))
    }

    fn cron_job(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let job = spec.at(&["jobTemplate", "spec"])?;
        let pods = match is_true(spec, &["suspend"]) {
            true => 0,
            false => at_once(job),
        };
        self.whole(WorkloadKind::CronJob, job.get("template")?, job, (pods, 1))
    }

    /// A replica is a group of `size` pods: one leader, and workers for the rest. Leaders without
    /// a template of their own are made from the workers' (`LeaderWorkerTemplate`).
    fn leader_worker(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let holder = spec.get("leaderWorkerTemplate")?;
        let replicas = number(spec, &["replicas"], 1);
        let size = number(holder, &["size"], 1);
        let leader = holder
            .get("leaderTemplate")
            .filter(|template| !template.is_null());
        let worker = holder.get("workerTemplate");
        let kind = WorkloadKind::LeaderWorkerSet;
        if leader.is_none() {
            return self.whole(kind, worker?, holder, (replicas, size));
        }
        self.part(kind, ("leader", None), leader, holder, (replicas, 1));
        let workers = (replicas, size.saturating_sub(1));
        self.part(kind, ("worker", None), worker, holder, workers);
        Some(())
    }

    /// KubeRay makes one head, and of each worker group the replicas, held between `minReplicas`
    /// and `maxReplicas`, of `numOfHosts` pods each (`GetWorkerGroupDesiredReplicas`).
    fn ray(&mut self, kind: WorkloadKind, path: &[&str]) -> Option<()> {
        let object = self.object.node;
        let is_off = is_true(object, &["spec", "suspend"]);
        let fleet = match path {
            ["spec", "template", ..] => number(object, &["spec", "replicas"], 1),
            _ => 1,
        };
        let clusters = if is_off { 0 } else { fleet };
        if let Some(template) = object.at(&["spec", "submitterPodTemplate"]) {
            let role = ("submitter", None);
            self.part(
                WorkloadKind::Batch,
                role,
                Some(template),
                template,
                (clusters, 1),
            );
        }
        let cluster = object.at(path)?;
        let groups = cluster.get("workerGroupSpecs");
        let groups = || groups.into_iter().flat_map(NodeRef::items);
        if let Some(head) = cluster.get("headGroupSpec") {
            let template = head.get("template");
            let part = self.part(kind, ("head", None), template, head, (clusters, 1));
            if let Some(part) = part
                && groups().next().is_some()
            {
                part.duty = Duty::Lead;
            }
        }
        for group in groups() {
            let replicas = if is_true(group, &["suspend"]) {
                0
            } else {
                number(group, &["replicas"], 0)
                    .max(number(group, &["minReplicas"], 0))
                    .min(number(group, &["maxReplicas"], i64::MAX))
            };
            let hosts = number(group, &["numOfHosts"], 1);
            let count = (clusters, replicas.max(0).saturating_mul(hosts));
            let role = ("worker group", group.get("groupName"));
            self.part(kind, role, group.get("template"), group, count);
        }
        Some(())
    }

    /// Each component is a pod spec with `minReplicas`, 1 where none are given and none where it
    /// may go down to zero. The container of a predictor stands in the pod spec, or is named by
    /// its framework and made by a runtime.
    fn inference_service(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let kind = WorkloadKind::InferenceService;
        for role in ["predictor", "transformer", "explainer"] {
            let Some(component) = spec.get(role) else {
                continue;
            };
            let filled = FRAMEWORKS
                .iter()
                .filter(|_| role == "predictor")
                .find_map(|key| component.get(key))
                .filter(|node| node.is_mapping())
                .map(|node| Container {
                    node,
                    role: Role::Filled("kserve-container"),
                });
            let replicas = number(component, &["minReplicas"], 1);
            self.bare(kind, role, (component, filled), component, (replicas, 1));
            // `pipelineParallelSize` pods are one predictor; the first of them is the predictor's
            // own.
            if let Some(worker) = component.get("workerSpec") {
                let more = number(worker, &["pipelineParallelSize"], 2).saturating_sub(1);
                let count = (replicas, more);
                self.bare(kind, "predictor worker", (worker, None), component, count);
            }
        }
        Some(())
    }

    /// Pod specs stand bare under `template` and `worker`, of the service and of `prefill`. With
    /// workers a replica has as many pods as `parallelism` says: `data` by `dataLocal`, or
    /// `pipeline`.
    fn llm_inference_service(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let kind = WorkloadKind::LlmInferenceService;
        let workloads = [
            (Some(spec), "", "worker"),
            (spec.get("prefill"), "prefill", "prefill worker"),
        ];
        for (holder, head, worker) in workloads {
            let Some(holder) = holder else { continue };
            let scaled = optional(holder, &["scaling", "minReplicas"]).unwrap_or(1);
            let replicas = number(holder, &["replicas"], scaled);
            if let Some(pod) = holder.get("template") {
                self.bare(kind, head, (pod, None), holder, (replicas, 1));
            }
            if let Some(pod) = holder.get("worker") {
                let size = match optional(holder, &["parallelism", "data"]) {
                    Some(data) => {
                        let local = number(holder, &["parallelism", "dataLocal"], data);
                        data.checked_div(local).unwrap_or(1)
                    }
                    None => number(holder, &["parallelism", "pipeline"], 1),
                };
                let count = (replicas, size.saturating_sub(1));
                self.bare(kind, worker, (pod, None), holder, count);
            }
        }
        Some(())
    }

    fn runtime(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        self.bare(WorkloadKind::Blueprint, "", (spec, None), spec, (0, 1));
        Some(())
    }

    fn replica_specs(&mut self, key: &str) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let is_off = is_true(spec, &["runPolicy", "suspend"]);
        let specs = spec.get(key)?;
        let is_several = specs.entries().nth(1).is_some();
        for (name, replica) in specs.entries() {
            let replicas = match is_off {
                true => 0,
                false => number(replica, &["replicas"], 1),
            };
            let template = replica.get("template");
            let role = ("replicas", Some(name));
            let part = self.part(WorkloadKind::Batch, role, template, replica, (replicas, 1));
            if let Some(part) = part
                && is_several
                && LEADING_TYPES.contains(&part.part.name)
            {
                part.duty = Duty::Lead;
            }
        }
        Some(())
    }

    /// `trainer` is a container that a TrainingRuntime fills up, on `numNodes` nodes.
    fn train_job(&mut self) -> Option<()> {
        let spec = self.object.node.get("spec")?;
        let trainer = spec.get("trainer").filter(|node| node.is_mapping())?;
        let nodes = match is_true(spec, &["suspend"]) {
            true => 0,
            false => number(trainer, &["numNodes"], 1),
        };
        let filled = Some(Container {
            node: trainer,
            role: Role::Filled("node"),
        });
        self.bare(WorkloadKind::Batch, "", (trainer, filled), spec, (nodes, 1));
        Some(())
    }

    fn job_set(&mut self, kind: WorkloadKind, path: &[&str]) -> Option<()> {
        let spec = self.object.node.at(path)?;
        let is_off = is_true(spec, &["suspend"]) || kind == WorkloadKind::Blueprint;
        for job in spec.get("replicatedJobs")?.items() {
            let of_one = job.at(&["template", "spec"]).map_or(1, at_once);
            let replicas = match is_off {
                true => 0,
                false => number(job, &["replicas"], 1),
            };
            let template = job.at(&["template", "spec", "template"]);
            let role = ("job", job.get("name"));
            if let Some(part) = self.part(kind, role, template, job, (replicas, of_one)) {
                part.duty = Duty::Free;
            }
        }
        Some(())
    }

    fn tasks(&mut self) -> Option<()> {
        for task in self.object.node.at(&["spec", "tasks"])?.items() {
            let replicas = number(task, &["replicas"], 1);
            let (role, template) = (("task", task.get("name")), task.get("template"));
            let count = (replicas, 1);
            if let Some(part) = self.part(WorkloadKind::Batch, role, template, task, count) {
                part.duty = Duty::Free;
            }
        }
        Some(())
    }

    /// Each replica of a StormService is a RoleSet, with all of its roles.
    fn roles(&mut self, path: &[&str]) -> Option<()> {
        let replicas = number(self.object.node, &["spec", "replicas"], 1);
        for role in self.object.node.at(path)?.get("roles")?.items() {
            let each = number(role, &["replicas"], 1);
            let each = each.saturating_mul(number(role, &["podGroupSize"], 1));
            let (part, template) = (("role", role.get("name")), role.get("template"));
            let count = (replicas, each);
            if let Some(part) = self.part(WorkloadKind::Roles, part, template, role, count) {
                part.duty = Duty::Free;
            }
        }
        Some(())
    }
}

/// A revision starts with `initial-scale` pods, 1 unless it says otherwise, and keeps at least
/// `min-scale` (Knative's autoscaling annotations, of its pod template).
fn knative_pods(template: NodeRef<'_>) -> i64 {
    let annotations = template.at(&["metadata", "annotations"]);
    let scale = |keys: [&str; 2]| {
        let found = keys.iter().find_map(|key| annotations?.get(key)?.text());
        found.and_then(|text| text.parse::<i64>().ok())
    };
    let least = scale([
        "autoscaling.knative.dev/min-scale",
        "autoscaling.knative.dev/minScale",
    ]);
    let first = scale([
        "autoscaling.knative.dev/initial-scale",
        "autoscaling.knative.dev/initialScale",
    ]);
    first.unwrap_or(1).max(least.unwrap_or(0))
}
