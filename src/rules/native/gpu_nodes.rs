//! Node selectors that only nodes without a GPU fulfil: clear contradictions, nothing else.

use crate::k8s::Workload;
use crate::yaml::NodeRef;

/// The places in a pod's node selector and required node affinity that leave no node with a GPU,
/// each with what it says.
pub(super) fn without_gpu<'a>(workload: &Workload<'a>) -> Vec<(NodeRef<'a>, String)> {
    let mut found = Vec::new();
    for (key, value) in workload
        .pod
        .get("nodeSelector")
        .into_iter()
        .flat_map(NodeRef::entries)
    {
        if let (Some(label), Some(text)) = (key.text(), value.text())
            && excludes(label, text)
        {
            found.push((value, format!("{label}: {text}")));
        }
    }
    let terms: Vec<NodeRef<'a>> = workload
        .pod
        .at(&[
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ])
        .into_iter()
        .flat_map(NodeRef::items)
        .collect();
    // Terms are alternatives: each must leave no GPU.
    let wrong: Vec<Option<(NodeRef<'a>, String)>> = terms
        .iter()
        .map(|term| {
            term.get("matchExpressions")
                .into_iter()
                .flat_map(NodeRef::items)
                .find_map(wrong_expression)
        })
        .collect();
    if !wrong.is_empty() && wrong.iter().all(Option::is_some) {
        found.extend(wrong.into_iter().flatten());
    }
    found
}

fn wrong_expression(expression: NodeRef<'_>) -> Option<(NodeRef<'_>, String)> {
    let text = |key: &str| expression.get(key).and_then(NodeRef::text);
    let (key, operator) = (text("key")?, text("operator")?);
    let values: Vec<NodeRef<'_>> = expression
        .get("values")
        .into_iter()
        .flat_map(NodeRef::items)
        .collect();
    let all = |test: &dyn Fn(&str) -> bool| {
        !values.is_empty() && values.iter().all(|value| value.text().is_some_and(test))
    };
    let is_presence = matches!(
        key,
        "nvidia.com/gpu.present"
            | "nvidia.com/gpu"
            | "amd.com/gpu"
            | "nvidia.com/gpu.product"
            | "nvidia.com/gpu.count"
            | "cloud.google.com/gke-accelerator"
    );
    let is_wrong = match operator {
        "In" => all(&|value| excludes(key, value)),
        "NotIn" => key == "nvidia.com/gpu.present" && all(&|value| value == "true"),
        "DoesNotExist" => is_presence,
        "Lt" => key == "nvidia.com/gpu.count" && all(&|value| value == "1"),
        _ => false,
    };
    let shown: Vec<&str> = values.iter().filter_map(|value| value.text()).collect();
    let node = values
        .first()
        .copied()
        .or_else(|| expression.get("operator"))
        .unwrap_or(expression);
    is_wrong.then(|| {
        (
            node,
            format!("{key} {operator} {}", shown.join(", "))
                .trim_end()
                .to_owned(),
        )
    })
}

/// Whether a node label with this value says that the node has no GPU.
fn excludes(label: &str, value: &str) -> bool {
    let label = label.to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    let name = label.rsplit('/').next().unwrap_or_default();
    let words = || value.split(|c: char| !c.is_ascii_alphanumeric());
    let says_cpu = words().any(|word| matches!(word, "cpu" | "cpuonly" | "nogpu"))
        && !words()
            .any(|word| word == "gpu" && !value.contains("no-gpu") && !value.contains("non-gpu"))
        || value.contains("no-gpu")
        || value.contains("non-gpu");
    match label.as_str() {
        "node.kubernetes.io/instance-type" | "beta.kubernetes.io/instance-type" => {
            return is_cpu_machine(&value);
        }
        "karpenter.k8s.aws/instance-category" => {
            return matches!(
                value.as_str(),
                "c" | "m" | "r" | "t" | "i" | "d" | "x" | "z"
            );
        }
        "karpenter.k8s.aws/instance-family" => return is_cpu_machine(&format!("{value}.large")),
        "cloud.google.com/machine-family" => return is_cpu_family(&value),
        "feature.node.kubernetes.io/pci-10de.present" => return value == "false",
        _ => {}
    }
    let parts = || name.split(|c: char| !c.is_ascii_alphanumeric());
    if is_about_having(parts()) {
        let is_no = matches!(
            value.as_str(),
            "false" | "no" | "none" | "off" | "0" | "disabled"
        );
        return is_no || says_cpu;
    }
    let is_about_nodes = parts().any(|part| {
        matches!(
            part,
            "node"
                | "nodetype"
                | "pool"
                | "nodepool"
                | "agentpool"
                | "nodegroup"
                | "group"
                | "type"
                | "workload"
                | "hardware"
                | "role"
                | "class"
                | "compute"
        )
    });
    is_about_nodes && says_cpu
}

/// Whether the words of a label's name are about a GPU and nothing that a node with one has:
/// `gpu.sharing-strategy: none` says how its GPU is shared, and `gpu.deploy.driver: "false"` what
/// is not to be installed for it.
fn is_about_having<'l>(words: impl Iterator<Item = &'l str>) -> bool {
    let mut behind =
        words.skip_while(|word| !matches!(*word, "gpu" | "gpus" | "accelerator" | "nvidia"));
    behind.next().is_some()
        && behind.all(|word| {
            matches!(
                word,
                "" | "accelerator"
                    | "available"
                    | "class"
                    | "count"
                    | "enabled"
                    | "family"
                    | "gpu"
                    | "gpus"
                    | "kind"
                    | "model"
                    | "name"
                    | "node"
                    | "nodes"
                    | "pool"
                    | "present"
                    | "product"
                    | "type"
                    | "vendor"
            )
        })
}

/// Families of Google's machines that take no GPU; GPUs can be attached to N1.
fn is_cpu_family(family: &str) -> bool {
    matches!(
        family,
        "e2" | "n2"
            | "n2d"
            | "n4"
            | "c2"
            | "c2d"
            | "c3"
            | "c3d"
            | "c4"
            | "c4a"
            | "c4d"
            | "m1"
            | "m2"
            | "m3"
            | "m4"
            | "t2d"
            | "t2a"
            | "h3"
            | "z3"
    )
}

/// Instance types of the large clouds that come without a GPU.
fn is_cpu_machine(value: &str) -> bool {
    let family = value.split(['.', '-']).next().unwrap_or_default();
    let letters: String = family
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let has_generation = family.len() > letters.len();
    let is_aws = value.contains('.')
        && has_generation
        && matches!(
            letters.as_str(),
            "t" | "m" | "c" | "r" | "x" | "i" | "d" | "h" | "z" | "a" | "im" | "is" | "hpc"
        );
    let is_google = value.contains('-') && is_cpu_family(family);
    let is_azure = value.strip_prefix("standard_").is_some_and(|size| {
        let series: String = size.chars().take_while(char::is_ascii_alphabetic).collect();
        matches!(
            series.as_str(),
            "a" | "b" | "d" | "dc" | "ds" | "e" | "ec" | "f" | "fx" | "l" | "m"
        )
    });
    is_aws || is_google || is_azure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_nodes_without_gpu() {
        for (label, value) in [
            ("nvidia.com/gpu.present", "false"),
            ("accelerator", "none"),
            ("node-type", "cpu"),
            ("workload-type", "cpu-large"),
            ("cloud.google.com/gke-nodepool", "cpu-pool"),
            ("gpu", "false"),
            ("has-gpu", "no"),
            ("gpu-node", "false"),
            ("example.com/accelerator-type", "none"),
            ("node.kubernetes.io/instance-type", "m5.xlarge"),
            ("node.kubernetes.io/instance-type", "n2-standard-8"),
            ("node.kubernetes.io/instance-type", "Standard_D8s_v5"),
            ("karpenter.k8s.aws/instance-category", "c"),
        ] {
            assert!(excludes(label, value), "{label}: {value}");
        }
        for (label, value) in [
            ("nvidia.com/gpu.present", "true"),
            ("node-type", "gpu"),
            ("node-type", "cpu-gpu"),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/os", "linux"),
            ("accelerator", "nvidia-l4"),
            ("node.kubernetes.io/instance-type", "g5.xlarge"),
            ("node.kubernetes.io/instance-type", "p4d.24xlarge"),
            ("node.kubernetes.io/instance-type", "n1-standard-8"),
            ("node.kubernetes.io/instance-type", "a2-highgpu-1g"),
            (
                "node.kubernetes.io/instance-type",
                "Standard_NC24ads_A100_v4",
            ),
            ("topology.kubernetes.io/zone", "cpu-1"),
            ("nvidia.com/gpu.sharing-strategy", "none"),
            ("nvidia.com/gpu.deploy.driver", "false"),
            ("cloud.google.com/gke-gpu-driver-version", "disabled"),
        ] {
            assert!(!excludes(label, value), "{label}: {value}");
        }
    }
}
