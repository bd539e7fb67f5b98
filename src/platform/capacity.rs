//! What a release asks of the nodes: GPUs, CPU and memory, as the scheduler counts them.

use std::collections::{BTreeMap, BTreeSet};

use crate::k8s::{
    Container, Object, Quantity, Release, Role, Workload, WorkloadKind, is_whole_device,
};
use crate::source::Span;
use crate::yaml::NodeRef;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Devices for models, whoever makes them, and slices of them.
    Gpu,
    /// Cores.
    Cpu,
    /// Bytes.
    Memory,
}

impl Resource {
    /// Whether a key under `requests` and `limits` asks for it.
    fn is(self, name: &str) -> bool {
        match self {
            Self::Gpu => is_whole_device(name),
            Self::Cpu => name == "cpu",
            Self::Memory => name == "memory",
        }
    }
}

/// What the pods of one workload request.
#[derive(Debug, Clone)]
pub struct Demand<'a> {
    /// The workload.
    pub workload: Workload<'a>,
    /// How many pods there are at once.
    pub pods: i64,
    /// What one pod requests.
    pub each: Quantity,
    /// The largest quantity that goes into it.
    pub span: Span,
    /// Whether a quantity is written that cannot be read, and so is not counted.
    pub is_unread: bool,
}

impl Demand<'_> {
    /// All pods together.
    #[must_use]
    pub fn total(&self) -> Quantity {
        self.each.times(self.pods)
    }
}

/// What each workload of a release requests of a resource, in order, without those that request
/// nothing. What Helm runs as a hook does not stay, and is left out.
#[must_use]
pub fn demands<'a>(release: &Release<'a>, resource: Resource) -> Vec<Demand<'a>> {
    let scalers = Autoscalers::of(release);
    let workloads = release.workloads().iter();
    workloads
        .filter(|workload| !workload.object.is_hook && workload.kind != WorkloadKind::Blueprint)
        .filter_map(|workload| demand(&scalers, workload, resource))
        .collect()
}

/// The autoscalers of a release, by the kind and name of what they scale.
pub(super) struct Autoscalers<'r, 'a>(BTreeMap<(&'a str, &'a str), Vec<&'r Object<'a>>>);

impl<'r, 'a> Autoscalers<'r, 'a> {
    pub(super) fn of(release: &'r Release<'a>) -> Self {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for object in release.objects().iter().filter(|object| is_scaler(object)) {
            let target = object.node.at(&["spec", "scaleTargetRef"]);
            let text = |key: &str| target?.get(key)?.text();
            // KEDA's reference may leave the kind out.
            let default = (object.kind == "ScaledObject").then_some("Deployment");
            if let (Some(kind), Some(name)) = (text("kind").or(default), text("name")) {
                found.entry((kind, name)).or_default().push(object);
            }
        }
        Self(found)
    }

    /// How many pods of a workload there are at once: as many as are written, or as an autoscaler
    /// keeps at least.
    pub(super) fn pods(&self, workload: &Workload<'a>) -> i64 {
        workload.pods_at(self.replicas(workload))
    }

    /// The number of replicas that an autoscaler starts from: at least its minimum. A minimum of
    /// none takes nothing from what is written, as that many are started first.
    fn replicas(&self, workload: &Workload<'a>) -> i64 {
        let replicas = workload.replicas();
        let target = (workload.object.kind, workload.object.name);
        let least = self
            .0
            .get(&target)
            .into_iter()
            .flatten()
            .filter(|scaler| scaler.shares_namespace(&workload.object))
            .filter_map(|scaler| {
                let number = |key: &str| scaler.node.at(&["spec", key])?.int();
                match scaler.kind {
                    // Without work KEDA goes down to `idleReplicaCount` where that is given, else
                    // to `minReplicaCount`, and up to it from no replicas at all
                    // (keda.sh/v1alpha1).
                    "ScaledObject" => number("idleReplicaCount").or(number("minReplicaCount")),
                    // A workload without replicas is one that this autoscaler leaves alone.
                    _ => number("minReplicas").filter(|_| replicas != 0),
                }
            })
            .max();
        replicas.max(least.unwrap_or(0))
    }
}

fn is_scaler(object: &Object<'_>) -> bool {
    matches!(
        (object.group(), object.kind),
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject")
    )
}

/// A quantity under `requests` or `limits` that the API server refuses.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The workload.
    pub workload: Workload<'a>,
    /// The quantity.
    pub node: NodeRef<'a>,
}

/// The quantities of a resource that the API server refuses, each place once. A workload with one
/// of them is not installed, so what it would request is not known.
#[must_use]
pub fn refused<'a>(release: &Release<'a>, resource: Resource) -> Vec<Refused<'a>> {
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let mut found = Vec::new();
    let workloads = release.workloads().iter();
    for workload in workloads.filter(|workload| !workload.object.is_hook) {
        let containers = workload.containers();
        let lists = containers
            .filter_map(|container| container.resources())
            .chain(workload.pod.get("resources"))
            .flat_map(|resources| [resources.get("requests"), resources.get("limits")])
            .flatten()
            .chain(workload.pod.get("overhead"));
        for (key, node) in lists.flat_map(NodeRef::entries) {
            let is_asked = key.text().is_some_and(|name| resource.is(name));
            if is_asked && is_refused(node) && seen.insert(node.span()) {
                let workload = *workload;
                found.push(Refused { workload, node });
            }
        }
    }
    found
}

/// Whether the API server refuses what is written for a quantity. Nothing is no quantity.
#[must_use]
pub fn is_refused(node: NodeRef<'_>) -> bool {
    !node.is_null() && Quantity::of(node).is_none_or(Quantity::is_negative)
}

fn demand<'a>(
    scalers: &Autoscalers<'_, 'a>,
    workload: &Workload<'a>,
    resource: Resource,
) -> Option<Demand<'a>> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let lists = workload
        .containers()
        .filter_map(|container| container.resources())
        .chain(workload.pod.get("resources"));
    for list in lists.flat_map(|resources| [resources.get("requests"), resources.get("limits")]) {
        let keys = list.into_iter().flat_map(NodeRef::entries);
        names.extend(
            keys.filter_map(|(key, _)| key.text())
                .filter(|name| resource.is(name)),
        );
    }
    let overhead = workload.pod.get("overhead");
    let mut demand = Demand {
        workload: *workload,
        pods: scalers.pods(workload),
        each: Quantity::ZERO,
        span: workload.pod.span(),
        is_unread: false,
    };
    let mut largest = None;
    for name in names {
        let mut tally = Tally {
            name,
            largest: None,
            is_unread: false,
        };
        let pod = tally.pod(workload);
        let more = tally.amount(overhead.and_then(|overhead| overhead.get(name)));
        demand.each = demand.each.plus(pod.plus(more));
        demand.is_unread |= tally.is_unread;
        largest = largest.max(tally.largest);
    }
    if let Some((_, Shown(span))) = largest {
        demand.span = span;
    }
    (demand.is_unread || demand.each > Quantity::ZERO).then_some(demand)
}

/// A place beside a quantity; of equal quantities the first place counts as the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown(Span);

impl PartialOrd for Shown {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shown {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |shown: &Self| (shown.0.file(), shown.0.start(), shown.0.end());
        key(other).cmp(&key(self))
    }
}

/// Adds up one key of one pod.
struct Tally<'n> {
    name: &'n str,
    largest: Option<(Quantity, Shown)>,
    is_unread: bool,
}

impl Tally<'_> {
    /// The quantity of a node; nothing where there is none or it cannot be read.
    fn amount(&mut self, node: Option<NodeRef<'_>>) -> Quantity {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return Quantity::ZERO;
        };
        let Some(quantity) = Quantity::of(node).filter(|quantity| !quantity.is_negative()) else {
            self.is_unread = true;
            return Quantity::ZERO;
        };
        self.largest = self.largest.max(Some((quantity, Shown(node.span()))));
        quantity
    }

    /// What `resources` request: where only a limit is written, it is the request too. Of a device
    /// both must be equal, and where they are not the smaller is certain.
    fn requested(&mut self, resources: Option<NodeRef<'_>>) -> Option<Quantity> {
        let resources = resources?;
        let given = |list: &str| {
            resources
                .at(&[list, self.name])
                .filter(|node| !node.is_null())
        };
        let (request, limit) = (given("requests"), given("limits"));
        match (request, limit) {
            (Some(request), Some(limit)) if is_whole_device(self.name) => {
                let node = if Quantity::of(limit) < Quantity::of(request) {
                    limit
                } else {
                    request
                };
                Some(self.amount(Some(node)))
            }
            _ => Some(self.amount(Some(request.or(limit)?))),
        }
    }

    fn container(&mut self, container: &Container<'_>) -> Quantity {
        self.requested(container.resources())
            .unwrap_or(Quantity::ZERO)
    }

    /// What the scheduler needs to place one pod: what its containers request that run side by
    /// side, or, where that is more, an init container together with the sidecars before it. What
    /// the pod itself requests goes before that.
    fn pod(&mut self, workload: &Workload<'_>) -> Quantity {
        let mut running = Quantity::ZERO;
        let mut sidecars = Quantity::ZERO;
        let mut starting = Quantity::ZERO;
        for container in workload.containers() {
            match container.role {
                Role::Main | Role::Filled(_) => running = running.plus(self.container(&container)),
                Role::Sidecar => {
                    sidecars = sidecars.plus(self.container(&container));
                    starting = starting.max(sidecars);
                }
                Role::Init => {
                    starting = starting.max(sidecars.plus(self.container(&container)));
                }
                Role::Ephemeral => {}
            }
        }
        let total = running.plus(sidecars).max(starting);
        let resources = workload.pod.get("resources");
        let own = resources.and_then(|resources| resources.at(&["requests", self.name]));
        if own.is_some() || total.is_zero() {
            return self.requested(resources).unwrap_or(total);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::ReleaseDocument;
    use crate::source::FileId;
    use crate::yaml::read;

    /// What each workload of the fixture requests, exactly.
    #[test]
    fn counts_what_each_kind_makes() {
        let text = include_str!("../../fixtures/rules/requests-over-budget/good-counts.yaml");
        let (documents, errors) = read(FileId::DETACHED, text);
        assert!(errors.is_empty(), "{errors:?}");
        let documents: Vec<ReleaseDocument<'_>> = documents
            .iter()
            .map(|document| ReleaseDocument {
                document,
                namespace: "default",
                is_namespace_given: true,
                is_hook: false,
            })
            .collect();
        let release = Release::new(&documents, false);
        let demands = demands(&release, Resource::Gpu);
        let got: Vec<String> = demands
            .iter()
            .map(|demand| format!("{} {}", demand.workload.label(), demand.total()))
            .collect();
        let wanted = [
            "LeaderWorkerSet/llama 6",
            "RayCluster/ray worker group `least` 4",
            "RayCluster/ray worker group `none` 0",
            "RayCluster/ray worker group `most` 3",
            "RayCluster/ray worker group `asleep` 0",
            "RayService/serve head 1",
            "RayService/serve worker group `g` 1",
            "RayJob/batch worker group `g` 2",
            "InferenceService/custom predictor 4",
            "InferenceService/custom transformer 1",
            "InferenceService/model predictor 3",
            "InferenceService/several predictor 2",
            "InferenceService/several predictor worker 6",
            "InferenceService/asleep predictor 0",
            "LLMInferenceService/llm 2",
            "LLMInferenceService/llm worker 6",
            "LLMInferenceService/llm prefill 1",
            "TrainJob/train 8",
            "PyTorchJob/pt replicas `Master` 1",
            "PyTorchJob/pt replicas `Worker` 3",
            "MPIJob/mpi replicas `Worker` 2",
            "TFJob/asleep replicas `Worker` 0",
            "JobSet/set job `workers` 6",
            "Job/volcano task `master` 1",
            "Job/volcano task `worker` 2",
            "Service/function 3",
            "CloneSet/clones 2",
            "StormService/apart role `prefill` 2",
            "StormService/apart role `decode` 12",
        ];
        assert_eq!(got, wanted);
    }
}
