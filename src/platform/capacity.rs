//! What a release asks of the nodes: GPUs, CPU and memory, as the scheduler counts them.

use std::collections::BTreeSet;

use crate::k8s::{Container, Quantity, Release, Role, Workload, WorkloadKind, is_whole_device};
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
    let workloads = release.workloads().iter();
    workloads
        .filter(|workload| !workload.object.is_hook)
        .filter_map(|workload| demand(release, workload, resource))
        .collect()
}

/// How many pods of a workload there are at once. A DaemonSet has one a node, and how many nodes
/// there are nobody knows: it counts once. Of kinds that nothing is known of, only those count
/// that say how many they are.
fn pods(release: &Release<'_>, workload: &Workload<'_>) -> i64 {
    let node = workload.object.node;
    let number = |path: &[&str]| node.at(path).and_then(NodeRef::int);
    let is_true = |path: &[&str]| node.at(path).and_then(NodeRef::bool) == Some(true);
    let of_job = |parallelism: Option<i64>, completions: Option<i64>| {
        let most = parallelism.unwrap_or(1);
        completions.map_or(most, |completions| most.min(completions))
    };
    let pods = match workload.kind {
        WorkloadKind::DaemonSet | WorkloadKind::Pod => 1,
        WorkloadKind::Job if is_true(&["spec", "suspend"]) => 0,
        WorkloadKind::Job => of_job(
            number(&["spec", "parallelism"]),
            number(&["spec", "completions"]),
        ),
        WorkloadKind::CronJob if is_true(&["spec", "suspend"]) => 0,
        WorkloadKind::CronJob => of_job(
            number(&["spec", "jobTemplate", "spec", "parallelism"]),
            number(&["spec", "jobTemplate", "spec", "completions"]),
        ),
        WorkloadKind::Custom => number(&["spec", "replicas"]).unwrap_or(0),
        WorkloadKind::Rollout if workload.object.kind == "DaemonSet" => 1,
        WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::ReplicaSet
        | WorkloadKind::ReplicationController
        | WorkloadKind::Rollout => autoscaled(release, workload, workload.replicas().unwrap_or(1)),
    };
    pods.max(0)
}

/// The number of replicas that an autoscaler of the release starts from: at least its minimum,
/// unless there are none at all, which switches it off.
fn autoscaled(release: &Release<'_>, workload: &Workload<'_>, replicas: i64) -> i64 {
    let least = release
        .objects()
        .iter()
        .filter(|object| {
            let text = |path: &[&str]| object.node.at(path).and_then(NodeRef::text);
            object.kind == "HorizontalPodAutoscaler"
                && object.group() == "autoscaling"
                && object.shares_namespace(&workload.object)
                && text(&["spec", "scaleTargetRef", "kind"]) == Some(workload.object.kind)
                && text(&["spec", "scaleTargetRef", "name"]) == Some(workload.object.name)
        })
        .filter_map(|scaler| scaler.node.at(&["spec", "minReplicas"])?.int())
        .max();
    match least {
        Some(least) if replicas != 0 => replicas.max(least),
        _ => replicas,
    }
}

fn demand<'a>(
    release: &Release<'a>,
    workload: &Workload<'a>,
    resource: Resource,
) -> Option<Demand<'a>> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let lists = workload
        .containers()
        .filter_map(|container| container.node.get("resources"))
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
        pods: pods(release, workload),
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
        let quantity = node.text().and_then(Quantity::parse);
        let Some(quantity) = quantity.filter(|quantity| !quantity.is_negative()) else {
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
                let amount = |node: NodeRef<'_>| node.text().and_then(Quantity::parse);
                let node = if amount(limit) < amount(request) {
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
        self.requested(container.node.get("resources"))
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
                Role::Main => running = running.plus(self.container(&container)),
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
