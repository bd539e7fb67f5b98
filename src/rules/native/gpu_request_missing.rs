//! `gpu-request-missing`.

use crate::finding::Finding;
use crate::k8s::{Container, Quantity, Workload};
use crate::rules::{Context, images};
use crate::yaml::NodeRef;

use super::probe_missing::place;

const RULE: &str = "gpu-request-missing";

pub(super) fn check(context: &mut Context<'_, '_>) {
    let workloads: Vec<Workload<'_>> = context.release.workloads().collect();
    for workload in &workloads {
        for container in images::serving(workload, context.settings) {
            serving(context, workload, &container);
        }
        for container in workload.template.containers() {
            asked(context, workload, &container);
        }
    }
}

/// Whether an extended resource is a GPU, whoever makes it.
fn is_gpu(name: &str) -> bool {
    let Some((vendor, device)) = name.split_once('/') else {
        return false;
    };
    matches!(
        vendor,
        "nvidia.com"
            | "amd.com"
            | "gpu.intel.com"
            | "habana.ai"
            | "aws.amazon.com"
            | "google.com"
            | "intel.com"
    ) && (vendor.starts_with("gpu.")
        || ["gpu", "mig-", "xpu", "gaudi", "neuron", "tpu"]
            .iter()
            .any(|part| device.contains(part)))
        || device == "gpu"
        || device.starts_with("gpu.shared")
        || device.starts_with("vgpu")
        || device == "gpumem"
}

fn gpus<'a>(container: &Container<'a>, list: &str) -> Vec<(&'a str, NodeRef<'a>, NodeRef<'a>)> {
    container
        .node
        .at(&["resources", list])
        .into_iter()
        .flat_map(NodeRef::entries)
        .filter_map(|(key, value)| Some((key.text()?, key, value)))
        .filter(|(name, ..)| is_gpu(name))
        .collect()
}

fn amount(node: NodeRef<'_>) -> Option<Quantity> {
    node.text().and_then(Quantity::parse)
}

/// A container that serves or trains must get a GPU.
fn serving(context: &mut Context<'_, '_>, workload: &Workload<'_>, container: &Container<'_>) {
    let label = workload.object.label();
    let name = container.name();
    let limits = gpus(container, "limits");
    let requests = gpus(container, "requests");
    let claims = container.node.at(&["resources", "claims"]);
    if claims.is_some_and(|claims| claims.items().next().is_some()) {
        return;
    }
    let zero = limits
        .iter()
        .chain(&requests)
        .find(|(_, _, value)| amount(*value).is_some_and(Quantity::is_none));
    if let Some((resource, _, value)) = zero {
        let is_all = limits
            .iter()
            .chain(&requests)
            .all(|(_, _, value)| amount(*value).is_some_and(Quantity::is_none));
        if is_all {
            let message = format!(
                "container `{name}` of {label} serves or trains a model and asks for 0 {resource}"
            );
            context.report(
                Finding::new(RULE, value.span(), message)
                    .help(format!("ask for at least one: `{resource}: 1`"))
                    .object(workload.object.reference()),
            );
            return;
        }
    }
    if !limits.is_empty() || !requests.is_empty() {
        return;
    }
    let resources = container.node.entry("resources");
    let span = match resources {
        Some((key, value)) if value.span().is_empty() => key.span(),
        Some((key, value)) if is_one_line(context, key, value) => key.span().cover(value.span()),
        Some((key, _)) => key.span(),
        None => place(container),
    };
    let message =
        format!("container `{name}` of {label} serves or trains a model and requests no GPU");
    context.report(
        Finding::new(RULE, span, message)
            .help("add `nvidia.com/gpu: 1` under `resources.limits` and `resources.requests`")
            .absent(["resources", "limits", "nvidia.com/gpu"])
            .within(container.node.span())
            .object(workload.object.reference()),
    );
}

fn is_one_line(context: &Context<'_, '_>, key: NodeRef<'_>, value: NodeRef<'_>) -> bool {
    let span = key.span().cover(value.span());
    let bytes = context.bytes_of(span);
    let bytes = bytes.get(span.start()..span.end()).unwrap_or_default();
    !bytes.contains(&b'\n')
}

/// Whoever asks for a GPU must ask in a way that can be given.
fn asked(context: &mut Context<'_, '_>, workload: &Workload<'_>, container: &Container<'_>) {
    let label = workload.object.label();
    let name = container.name();
    let limits = gpus(container, "limits");
    let requests = gpus(container, "requests");
    for (resource, key, value) in &requests {
        let limit = limits.iter().find(|(name, ..)| name == resource);
        let (message, help) = match limit {
            None => (
                format!(
                    "container `{name}` of {label} requests {resource} without a limit, which the API server refuses"
                ),
                format!("add `{resource}` under `resources.limits` with the same number"),
            ),
            Some((_, _, limit)) => {
                let (Some(asked), Some(most)) = (amount(*value), amount(*limit)) else {
                    continue;
                };
                if asked == most {
                    continue;
                }
                (
                    format!(
                        "container `{name}` of {label} requests {asked} {resource}, its limit is {most}: they must be equal"
                    ),
                    "write the same number under `requests` and `limits`".to_owned(),
                )
            }
        };
        let span = match limit {
            None => key.span(),
            Some(_) => value.span(),
        };
        let mut finding = Finding::new(RULE, span, message)
            .help(help)
            .object(workload.object.reference());
        if let Some((_, _, limit)) = limit {
            finding = finding.related(limit.span(), "the limit");
        }
        context.report(finding);
    }
    let asks = limits
        .iter()
        .chain(&requests)
        .any(|(_, _, value)| amount(*value).is_some_and(|amount| !amount.is_none()));
    if asks {
        placement(context, workload);
    }
}

/// A nodeSelector or required affinity that only nodes without a GPU fulfil.
fn placement(context: &mut Context<'_, '_>, workload: &Workload<'_>) {
    let spec = workload.template.spec;
    let mut wrong: Vec<(NodeRef<'_>, String)> = Vec::new();
    for (key, value) in spec
        .get("nodeSelector")
        .into_iter()
        .flat_map(NodeRef::entries)
    {
        let (Some(name), Some(text)) = (key.text(), value.text()) else {
            continue;
        };
        if excludes_gpu(name, text) {
            wrong.push((value, format!("{name}: {text}")));
        }
    }
    let required = spec.at(&[
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    ]);
    let terms: Vec<NodeRef<'_>> = required.into_iter().flat_map(NodeRef::items).collect();
    // Terms are alternatives: only a single one is sure to apply.
    if let [term] = terms.as_slice() {
        for rule in term
            .get("matchExpressions")
            .into_iter()
            .flat_map(NodeRef::items)
        {
            let text = |key: &str| rule.get(key).and_then(NodeRef::text).unwrap_or_default();
            let values: Vec<NodeRef<'_>> = rule
                .get("values")
                .into_iter()
                .flat_map(NodeRef::items)
                .collect();
            let (key, operator) = (text("key"), text("operator"));
            let is_none_left = match operator {
                "In" => {
                    !values.is_empty()
                        && values
                            .iter()
                            .all(|value| excludes_gpu(key, value.text().unwrap_or_default()))
                }
                "DoesNotExist" => key == "nvidia.com/gpu.present" || key == "nvidia.com/gpu",
                _ => false,
            };
            if is_none_left {
                let at = values.first().copied().unwrap_or(rule);
                wrong.push((
                    at,
                    format!("{key} {operator} {}", at.text().unwrap_or_default()),
                ));
            }
        }
    }
    for (node, shown) in wrong {
        let message = format!(
            "{} asks for a GPU and is pinned to nodes that have none (`{}`)",
            workload.object.label(),
            shown.trim()
        );
        context.report(
            Finding::new(RULE, node.span(), message)
                .help("select nodes with a GPU, or drop the selector")
                .object(workload.object.reference()),
        );
    }
}

/// Whether a node label with this value says that the node has no GPU.
fn excludes_gpu(label: &str, value: &str) -> bool {
    let label = label.to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    let name = label.rsplit('/').next().unwrap_or(&label);
    let is_no = matches!(value.as_str(), "false" | "no" | "none" | "off" | "0");
    let words = || value.split(|c: char| !c.is_ascii_alphanumeric());
    if label == "node.kubernetes.io/instance-type" || label == "beta.kubernetes.io/instance-type" {
        return is_cpu_instance(&value);
    }
    let about_gpu = name.contains("gpu") || name.contains("accelerator");
    if about_gpu {
        return is_no || words().any(|word| word == "cpu");
    }
    let about_kind = [
        "node-type",
        "nodetype",
        "node-pool",
        "nodepool",
        "pool",
        "workload",
        "node-role",
        "type",
        "node-group",
        "nodegroup",
        "agentpool",
        "node_pool",
        "hardware",
    ]
    .iter()
    .any(|part| name == *part || name.ends_with(&format!("-{part}")));
    about_kind && words().any(|word| word == "cpu") && !words().any(|word| word == "gpu")
}

/// Instance types of the large clouds that come without a GPU.
fn is_cpu_instance(value: &str) -> bool {
    let family = value.split(['.', '-']).next().unwrap_or_default();
    let is_aws = value.contains('.') && {
        let letters: String = family
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        matches!(
            letters.as_str(),
            "t" | "m" | "c" | "r" | "x" | "i" | "d" | "h" | "z"
        )
    };
    let is_gcp = value.contains('-')
        && matches!(family, "e2" | "n1" | "n2" | "n2d" | "n4" | "c2" | "c2d" | "c3" | "c3d" | "c4" | "m1" | "m2" | "m3" | "t2d" | "t2a")
        // GPUs can be attached to n1 machines.
        && family != "n1";
    is_aws || is_gcp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_devices_and_nodes_without_them() {
        assert!(
            is_gpu("nvidia.com/gpu") && is_gpu("nvidia.com/mig-1g.5gb") && is_gpu("amd.com/gpu")
        );
        assert!(is_gpu("gpu.intel.com/i915") && is_gpu("aws.amazon.com/neuron"));
        assert!(!is_gpu("memory") && !is_gpu("smarter-devices/fuse") && !is_gpu("rdma/hca"));
        assert!(excludes_gpu("nvidia.com/gpu.present", "false"));
        assert!(excludes_gpu("accelerator", "none") && excludes_gpu("node-type", "cpu-large"));
        assert!(excludes_gpu(
            "node.kubernetes.io/instance-type",
            "m5.xlarge"
        ));
        assert!(!excludes_gpu(
            "node.kubernetes.io/instance-type",
            "g5.xlarge"
        ));
        assert!(!excludes_gpu("nvidia.com/gpu.present", "true"));
        assert!(!excludes_gpu("kubernetes.io/arch", "amd64") && !excludes_gpu("node-type", "gpu"));
    }
}
