//! `gpu-request-missing`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::k8s::{Container, Duty, Quantity, Workload, is_device, misspelt_device};
use crate::rules::{Context, Serving, images};
use crate::source::Span;
use crate::yaml::NodeRef;

use super::gpu_nodes::without_gpu;
use super::probe_missing::{pair, place};

const RULE: &str = "gpu-request-missing";

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    // Objects whose parts go by free names, and one of them asks: which do the work is theirs to
    // say.
    let shared: BTreeSet<Span> = release
        .workloads()
        .iter()
        .filter(|workload| workload.duty == Duty::Free && asks_for_some(workload))
        .map(|workload| workload.object.node.span())
        .collect();
    for (workload, serving) in release.workloads().iter().zip(&*context.serving()) {
        let shares = is_shared(workload)
            || match workload.duty {
                // A Ray head runs from the image of its workers, and best without their GPUs.
                Duty::Lead => true,
                Duty::Free => shared.contains(&workload.object.node.span()),
                Duty::Work => false,
            };
        for one in serving {
            // A device is given to the container that asks. Only where it is not certain which
            // container needs one, any that has one will do.
            let is_satisfied = shares
                || has_device(&one.container)
                || (!one.is_certain && asks_for_some(workload))
                || is_filled_with_some(one);
            if !is_satisfied && let Some(finding) = useless(workload, one) {
                context.report(finding);
            }
        }
        // Whoever asks for a GPU must ask in a way that can be given.
        let mut asks = false;
        for container in workload.containers() {
            let is_serving = serving
                .iter()
                .any(|one| one.container.node.id() == container.node.id());
            for device in devices(&container) {
                asks |= device.is_some();
                if let Some(finding) = invalid(workload, &container, &device, is_serving) {
                    context.report(finding);
                }
            }
        }
        if asks {
            for (node, shown) in without_gpu(workload) {
                let message = format!(
                    "{} asks for a GPU and is pinned to nodes that have none (`{shown}`)",
                    workload.label()
                );
                context.report(
                    Finding::new(RULE, node.span(), message)
                        .help("select nodes with a GPU, or drop the selector")
                        .object(workload.object.reference()),
                );
            }
        }
    }
}

/// Whether a container of a pod has devices.
fn asks_for_some(workload: &Workload<'_>) -> bool {
    is_shared(workload) || workload.running_containers().any(|one| has_device(&one))
}

/// One device resource of a container, as requested and as limited.
struct Device<'a> {
    name: &'a str,
    request: Option<NodeRef<'a>>,
    limit: Option<NodeRef<'a>>,
}

impl Device<'_> {
    /// Whether it asks for at least one, as far as can be read.
    fn is_some(&self) -> bool {
        [self.request, self.limit]
            .into_iter()
            .flatten()
            .any(|node| amount(node).is_none_or(|amount| amount > Quantity::ZERO))
    }
}

/// The number that is written; `None` where it is no quantity. Null counts as nothing.
fn amount(node: NodeRef<'_>) -> Option<Quantity> {
    if node.is_null() {
        return Some(Quantity::ZERO);
    }
    Quantity::parse(node.text()?)
}

fn list<'a>(container: &Container<'a>, list: &str) -> Vec<(NodeRef<'a>, &'a str, NodeRef<'a>)> {
    container
        .resources()
        .and_then(|resources| resources.get(list))
        .into_iter()
        .flat_map(NodeRef::entries)
        .filter_map(|(key, value)| Some((key, key.text()?, value)))
        .collect()
}

fn devices<'a>(container: &Container<'a>) -> Vec<Device<'a>> {
    let mut found: Vec<Device<'a>> = Vec::new();
    for (_, name, limit) in list(container, "limits") {
        if is_device(name) {
            found.retain(|device| device.name != name);
            found.push(Device {
                name,
                request: None,
                limit: Some(limit),
            });
        }
    }
    for (_, name, request) in list(container, "requests") {
        if !is_device(name) {
            continue;
        }
        match found.iter_mut().find(|device| device.name == name) {
            Some(device) => device.request = Some(request),
            None => found.push(Device {
                name,
                request: Some(request),
                limit: None,
            }),
        }
    }
    found
}

/// Whether a container asks for a device, or uses a claim of dynamic resource allocation.
fn has_device(container: &Container<'_>) -> bool {
    devices(container).iter().any(Device::is_some) || container.resources().is_some_and(has_claims)
}

fn has_claims(resources: NodeRef<'_>) -> bool {
    let claims = resources.get("claims");
    claims.is_some_and(|list| list.items().next().is_some())
}

/// Whether an annotation gives the pod a share of a GPU.
fn is_shared(workload: &Workload<'_>) -> bool {
    ["gpu-fraction", "gpu-memory", "kai.scheduler/gpu-fraction"]
        .iter()
        .any(|key| workload.pod_annotation(key).is_some())
}

/// Whether what fills a container up asks for a device, of which the container itself does not ask
/// for nothing: what an InferenceService says of a resource goes before what its runtime does.
fn is_filled_with_some(one: &Serving<'_>) -> bool {
    let Some(runtime) = &one.runtime else {
        return false;
    };
    let own = devices(&one.container);
    let is_left = |device: &Device<'_>| !own.iter().any(|own| own.name == device.name);
    let filled = devices(&runtime.container);
    let mut beside = runtime.workload.running_containers();
    let has_beside = beside.any(|container| {
        container.node.id() != runtime.container.node.id() && has_device(&container)
    });
    filled
        .iter()
        .any(|device| device.is_some() && is_left(device))
        || runtime.container.resources().is_some_and(has_claims)
        || has_beside
        || is_shared(&runtime.workload)
}

/// A container that serves or trains models must get a GPU.
fn useless(workload: &Workload<'_>, serving: &Serving<'_>) -> Option<Finding> {
    let container = &serving.container;
    let what = format!("container `{}` of {}", container.name(), workload.label());
    let wanted = images::resource_of(serving.image());
    let finding = |span, message: String| {
        Finding::new(RULE, span, message).object(workload.object.reference())
    };
    // Asked for, but nothing of it: the quantity is what is wrong. Other faults of it are told
    // by `invalid`.
    let asked = devices(container);
    if !asked.is_empty() {
        let zero = asked
            .iter()
            .find_map(|device| device.limit.or(device.request).map(|node| (device, node)))?;
        let (device, node) = zero;
        let shown = node
            .text()
            .filter(|text| !text.is_empty())
            .unwrap_or("null");
        return Some(
            finding(
                node.span(),
                format!(
                    "{what} serves or trains a model and asks for {shown} of `{}`",
                    device.name
                ),
            )
            .help(format!("ask for at least one: `{}: 1`", device.name)),
        );
    }
    let slip = ["limits", "requests"]
        .iter()
        .flat_map(|key| list(container, key))
        .find_map(|(key, name, _)| Some((key, name, misspelt_device(name)?)));
    if let Some((key, name, right)) = slip {
        return Some(
            finding(
                key.span(),
                format!("{what} serves or trains a model, and `{name}` is no GPU to Kubernetes"),
            )
            .help(format!("write `{right}`")),
        );
    }
    let span = match container.node.entry("resources") {
        Some((key, value)) => pair(key, value),
        None => place(container),
    };
    let add = format!("add `{wanted}: 1` under `resources.limits` and `resources.requests`");
    let mut missing = finding(
        span,
        format!("{what} serves or trains a model and requests no GPU"),
    )
    .absent(["resources", "limits", wanted])
    .within(container.node.span());
    if let Some(runtime) = &serving.runtime {
        let place = runtime.container.node.get("image");
        missing = missing.related(
            place.unwrap_or(runtime.container.node).span(),
            format!("what {} runs", runtime.workload.object.label()),
        );
    }
    // What the pod has does not reach this container.
    let claims = workload.pod.get("resourceClaims");
    let claims = claims.filter(|list| list.items().next().is_some());
    let other = workload
        .running_containers()
        .flat_map(|other| devices(&other))
        .filter(Device::is_some)
        .find_map(|device| device.limit.or(device.request));
    Some(match (claims, other) {
        (Some(claims), _) => missing
            .help(format!(
                "{add}, or name a claim for one under `resources.claims`"
            ))
            .related(
                claims.span(),
                "claimed for the pod, and not for this container",
            ),
        (None, Some(other)) => missing
            .help(add)
            .related(other.span(), "what another container asks for is its own"),
        (None, None) => missing.help(add),
    })
}

/// What the API server refuses: devices come whole, and requests equal limits.
fn invalid(
    workload: &Workload<'_>,
    container: &Container<'_>,
    device: &Device<'_>,
    is_serving: bool,
) -> Option<Finding> {
    let what = format!("container `{}` of {}", container.name(), workload.label());
    let name = device.name;
    let finding = |node: NodeRef<'_>, message: String, help: String| {
        Finding::new(RULE, node.span(), message)
            .help(help)
            .object(workload.object.reference())
    };
    for node in [device.limit, device.request].into_iter().flatten() {
        let is_count =
            amount(node).is_some_and(|amount| !amount.is_negative() && amount.whole().is_some());
        if !is_count {
            let shown = node.text().unwrap_or("…");
            let message = format!(
                "{what} asks for `{shown}` of {name}: devices are counted in whole numbers"
            );
            return Some(finding(
                node,
                message,
                format!("write a whole number: `{name}: 1`"),
            ));
        }
    }
    let request = device.request?;
    let asked = amount(request)?;
    let Some(limit) = device.limit else {
        let is_nothing = asked.is_zero();
        let message =
            format!("{what} requests {name} without a limit, which the API server refuses");
        let help = format!("add `{name}: {asked}` under `resources.limits`");
        return (!is_nothing).then(|| finding(request, message, help));
    };
    let most = amount(limit)?;
    if asked == most {
        return None;
    }
    // Where one of them is nothing and the container needs a GPU, the nothing is wrong.
    let node = if is_serving && most.is_zero() {
        limit
    } else {
        request
    };
    let other = if node.id() == limit.id() {
        request
    } else {
        limit
    };
    let message =
        format!("{what} requests {asked} of {name} and its limit is {most}: they must be equal");
    let help = "write the same number under `requests` and `limits`".to_owned();
    let label = if node.id() == limit.id() {
        "the request"
    } else {
        "the limit"
    };
    Some(finding(node, message, help).related(other.span(), label))
}
